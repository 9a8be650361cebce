/** What is fuzzed: files, studies, archives, models and exports of trainings, each with its seeds, its way in and the error that it may end with. */
import { InputError, ModelError, UsageError } from "../../engine/errors.ts";
import { prepareModel } from "../../engine/graph/passes/mod.ts";
import { Lowerer } from "../../engine/graph/lower.ts";
import { readModel } from "../../engine/graph/reader.ts";
import { archiveEntries } from "../../plugins/formats/archive/archive.ts";
import { decode } from "../../plugins/formats/detect.ts";
import { seriesFileOf } from "../../plugins/formats/dicom/series.ts";
import { volumesOf } from "../../plugins/formats/dicom/stack.ts";
import { readVolume } from "../../plugins/formats/dicom/volume.ts";
import { DEFAULT_LIMITS, originOf } from "../../plugins/formats/limits.ts";
import { contractOf } from "../../plugins/segment/exports/mod.ts";
import { dataset, inference, metadata, plans } from "../exports.ts";
import { buildModel, floats, ints } from "../onnx_builder.ts";
import { jsonMutant } from "./mutate.ts";
import { archiveSeeds, fileSeeds, seriesSeed } from "./seeds.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** One kind of thing that may be hostile. */
export interface Subject {
  readonly name: string;
  readonly seeds: readonly (readonly [name: string, bytes: Bytes])[];
  /** Takes it in. Throws a typed error, or gives a right result. */
  readonly run: (bytes: Bytes, name: string) => Promise<void>;
  /** How seeds are changed, where not byte by byte. */
  readonly mutant?: (bytes: Bytes, seed: number) => Bytes;
  /** Whether an error is one of those that it may end with. */
  readonly isTyped: (error: unknown) => boolean;
}

/** All subjects; files come up most often as they have most seeds. */
export async function subjects(): Promise<Subject[]> {
  return [
    { name: "file", seeds: await fileSeeds(), run: takeFile, isTyped: isInput },
    { name: "archive", seeds: archiveSeeds(), run: takeArchive, isTyped: isInput },
    {
      name: "study",
      seeds: seriesSeed().map((bytes, at) => [`slice${at}`, bytes] as const),
      run: takeStudy,
      isTyped: isInput,
    },
    { name: "model", seeds: modelSeeds(), run: takeModel, isTyped: (error) => error instanceof ModelError },
    { name: "export", seeds: exportSeeds(), run: takeExport, mutant: jsonMutant, isTyped: isExport },
  ];
}

/** An error of an input is one line that names the file. */
function isInput(error: unknown): boolean {
  return error instanceof InputError && error.message.startsWith("Cannot open ") &&
    ![...error.message].some((character) => character < " ");
}

/** A result is right where shape and pixels agree and the geometry is finite. */
export async function takeFile(bytes: Bytes, name: string): Promise<void> {
  const { pixels, shape, geometry } = await decode(bytes, name);
  const count = shape.reduce((product, size) => product * size, 1);
  if (count !== pixels.length) throw new Error(`${pixels.length} pixels for the shape [${shape}]`);
  if (!geometry.affine.every(Number.isFinite)) throw new Error(`the affine is [${geometry.affine}]`);
  if (geometry.spacing.length !== shape.length - 1) {
    throw new Error(`the spacing is [${geometry.spacing}] for [${shape}]`);
  }
}

async function takeArchive(bytes: Bytes, name: string): Promise<void> {
  for (const entry of archiveEntries(bytes, originOf(name))) {
    const content = entry.read();
    if (content.length > 0) {
      await takeFile(content, "entry").catch((error) => {
        if (!isInput(error)) throw error;
      });
    }
  }
}

/** The mutant takes the place of its slice. */
async function takeStudy(bytes: Bytes, name: string): Promise<void> {
  const files = new Map(seriesSeed().map((seed, at) => [`slice${at}`, seed]));
  files.set(name, bytes);
  const slices = [...files].flatMap(([source, file]) => seriesFileOf(file, originOf(source))?.slices ?? []);
  for (const volume of slices.length === 0 ? [] : volumesOf(slices)) {
    const read = (path: string) => Promise.resolve(files.get(path)!);
    for (const policy of ["warn", "repair", "block"] as const) {
      try {
        const { pixels, shape } = await readVolume(volume, { limits: DEFAULT_LIMITS, policy, read, name: "study" });
        if (shape.reduce((product, size) => product * size, 1) !== pixels.length) {
          throw new Error(`the shape is [${shape}]`);
        }
      } catch (error) {
        if (!isInput(error)) throw error;
      }
    }
  }
}

function modelSeeds(): [string, Bytes][] {
  const weights = floats([2, 1, 3, 3], Array.from({ length: 18 }, (_, at) => at / 9));
  const network = buildModel({
    inputs: { x: [1, 1, 8, 8] },
    outputs: ["y"],
    constants: { w: weights, shape: ints([1, -1]) },
    nodes: [
      ["Conv", ["x", "w"], ["c"], { pads: [1, 1, 1, 1], kernel_shape: [3, 3] }],
      ["Relu", ["c"], ["r"]],
      ["MaxPool", ["r"], ["p"], { kernel_shape: [2, 2], strides: [2, 2] }],
      ["Reshape", ["p", "shape"], ["y"]],
    ],
  });
  const shapes = buildModel({
    inputs: { x: ["n", 4] },
    outputs: ["y"],
    constants: { one: ints([1]) },
    nodes: [["Shape", ["x"], ["s"]], ["ConstantOfShape", ["s"], ["f"]], ["Add", ["x", "f"], ["a"]], ["Unsqueeze", [
      "a",
      "one",
    ], ["y"]]],
  });
  return [["network.onnx", new Uint8Array(network)], ["shapes.onnx", new Uint8Array(shapes)]];
}

/** Reads a model and lowers it, which decides all that a device would be asked for. */
function takeModel(bytes: Bytes, name: string): Promise<void> {
  const model = prepareModel(readModel(bytes, name));
  const feeds = Object.fromEntries(model.inputs.map(({ name: input, shape }) => [input, {
    dtype: "f32" as const,
    shape: (shape ?? [1]).map((size) => typeof size === "number" && size >= 0 && size < 64 ? size : 2),
  }]));
  Lowerer.begin(model, feeds).advance();
  return Promise.resolve();
}

/** Files of exports by their names, each with the others that go with it. */
const exportFiles: Readonly<Record<string, readonly (readonly [name: string, content: unknown])[]>> = {
  "plans.json": [["dataset.json", dataset]],
  "dataset.json": [["plans.json", plans]],
  "metadata.json": [["inference.json", inference]],
  "inference.json": [["metadata.json", metadata]],
};

function exportSeeds(): [string, Bytes][] {
  return Object.entries({
    "plans.json": plans,
    "dataset.json": dataset,
    "metadata.json": metadata,
    "inference.json": inference,
  })
    .map(([name, content]) => [name, new TextEncoder().encode(JSON.stringify(content))]);
}

/** An error of an export is one line. */
function isExport(error: unknown): boolean {
  return (error instanceof ModelError || error instanceof UsageError) && !error.message.includes("\n");
}

async function takeExport(bytes: Bytes, name: string): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeFile(`${folder}/${name}`, bytes);
    for (const [other, content] of exportFiles[name]) {
      await Deno.writeTextFile(`${folder}/${other}`, JSON.stringify(content));
    }
    await contractOf(folder, "3d_fullres");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
