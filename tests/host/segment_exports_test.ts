import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { contract } from "../../engine/commands/contract.ts";
import { readModelFile } from "../../engine/pipeline/model_file.ts";
import { ModelError, UsageError } from "../../engine/pipeline/mod.ts";
import { segmentationContract } from "../../plugins/segment/contract.ts";
import { contractOf } from "../../plugins/segment/exports/mod.ts";
import { monaiContract } from "../../plugins/segment/exports/monai.ts";
import { nnunetContract } from "../../plugins/segment/exports/nnunet.ts";
import { dataset, inference, metadata, plans } from "../exports.ts";
import { buildModel, floats } from "../onnx_builder.ts";

Deno.test("nnU-Net's plans become a contract: spacing, window, CT clipping, transposed axes, labels in order", () => {
  const { contract } = nnunetContract(plans, dataset, "3d_fullres");
  assertEquals(contract, {
    name: "Dataset999_Liver",
    task: "segmentation",
    madeFor: { modality: "CT", sequence: "CT" },
    input: { size: [16, 32, 32], spacingMm: [2.5, 0.8, 0.8], resampling: "spline", order: [1, 0, 2], overlap: 0.5 },
    normalization: { kind: "fixed", low: -17, high: 201, mean: 99.5, deviation: 37.25 },
    output: { choice: "greatest", largest: false },
    classes: ["background", "liver", "tumor"],
  });
});

Deno.test("nnU-Net's normalization of MR, and its regions", () => {
  const mr = structuredClone(plans);
  Object.assign(mr.configurations["3d_lowres"], {
    normalization_schemes: ["ZScoreNormalization"],
    use_mask_for_norm: [true],
  });
  const regions = {
    channel_names: { "0": "T1" },
    labels: { background: 0, whole: [1, 2], core: [2] },
    regions_class_order: [1, 2],
  };
  const { contract, notes } = nnunetContract(mr, regions, "3d_lowres");
  assertEquals(contract.normalization, { kind: "standardize", over: "input", foreground: 0, outside: 0 });
  assertEquals([contract.output, contract.classes], [
    { choice: "threshold", threshold: 0, largest: false },
    ["whole", "core"],
  ]);
  assertEquals(contract.madeFor, { modality: "MR", sequence: "T1" });
  assert(notes.some((note) => note.includes("above 0")), notes.join());
});

Deno.test("what of an nnU-Net export can't be taken is said", () => {
  const two = { ...dataset, channel_names: { "0": "T1", "1": "T2" } };
  for (
    const [given, configuration, says] of [
      [two, "3d_fullres", "takes 2 channels (T1, T2)"],
      [dataset, "3d", "no configuration 3d: it has 2d, 3d_lowres"],
      [dataset, "2d", "transposes the axes by [1,0,2]"],
      [dataset, "3d_cascade_fullres", "goes on from 3d_lowres"],
      [dataset, "endless", "inherits from itself"],
      [{}, "3d_fullres", "channel_names of dataset.json"],
    ] as const
  ) {
    const error = assertThrows(() => nnunetContract(plans, given, configuration), ModelError);
    assert(error.message.includes(says), error.message);
  }
});

Deno.test("a MONAI bundle becomes a contract", () => {
  const { contract, notes } = monaiContract(metadata, inference);
  assertEquals(contract, {
    name: "Spleen CT",
    task: "segmentation",
    madeFor: { modality: "CT", sequence: "CT" },
    input: { size: [32, 32, 16], spacingMm: [1.5, 1.5, 2], axes: "RAS", overlap: 0.25 },
    normalization: { kind: "fixed", low: -57, high: 164, mean: -57, deviation: 221 },
    output: { choice: "greatest", largest: false },
    classes: ["background", "spleen"],
  });
  assertEquals(notes, ["Left out: CropForegroundd."]);
  const alone = monaiContract(metadata, undefined);
  assertEquals(alone.contract.input, { size: [96, 96, 96] });
  assert(alone.notes[0].includes("by hand"));
  assertThrows(() => monaiContract({}, undefined), ModelError, "network_data_format of metadata.json");
});

Deno.test("the command writes a folder that segment takes, and replaces none", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/plans.json`, JSON.stringify(plans));
    await Deno.writeTextFile(`${folder}/dataset.json`, JSON.stringify(dataset));
    const bytes = buildModel({
      inputs: { x: [1, 1, 16, 32, 32] },
      outputs: ["y"],
      constants: { kernel: floats([3, 1, 1, 1, 1], [1, 2, 3]) },
      nodes: [["Conv", ["x", "kernel"], ["y"]]],
    });
    await Deno.writeFile(`${folder}/fold_0.onnx`, bytes);
    const lines: string[] = [];
    const args = [folder, "--onnx", `${folder}/fold_0.onnx`, "--mirror", "0,2", "--output", `${folder}/liver`];
    assertEquals(await contract(args, contractOf, (line) => lines.push(line)), 0);
    const written = JSON.parse(await Deno.readTextFile(`${folder}/liver/model.json`));
    const read = segmentationContract.parse(written);
    assertEquals([read.input.name, read.input.order, read.input.mirrorAxes, read.output.name], [
      "x",
      [1, 0, 2],
      [0, 2],
      "y",
    ]);
    assertEquals(await Deno.readFile(`${folder}/liver/model.onnx`), bytes);
    assert(lines.at(-1)?.includes("--set segment.model="));
    await assertRejects(() => contract(args, contractOf, () => {}), UsageError, "holds a model");
    await Deno.writeFile(`${folder}/fold_1.onnx`, bytes);
    const folds = [...args.slice(0, 3), "--onnx", `${folder}/fold_1.onnx`, "--output", `${folder}/folds`];
    assertEquals(await contract(folds, contractOf, () => {}), 0);
    const { folds: others, sha256 } = JSON.parse(await Deno.readTextFile(`${folder}/folds/model.json`));
    assertEquals(others, [{ file: "model_1.onnx", sha256 }]);
    const found = await readModelFile(`${folder}/folds`, [`${folder}/folds`]);
    assertEquals(found.folds.map(({ path }) => path), [`${folder}/folds/model_1.onnx`]);
    await assertRejects(() => contract([`${folder}/liver`, ...args.slice(1)], contractOf), UsageError, "plans.json");
    await assertRejects(() => contract([folder], contractOf), UsageError, "--onnx");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
