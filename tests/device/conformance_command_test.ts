/** The command `conformance` on small trees of ONNX tests: what passes, fails and is skipped, and the exit status. */
import { toBinary } from "@bufbuild/protobuf";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { conformance } from "../conformance/command.ts";
import type { ConformanceResult } from "../conformance/result.ts";
import { UsageError } from "../../engine/errors.ts";
import { type TensorProto, TensorProtoSchema } from "../../engine/graph/onnx_pb.ts";
import { buildModel, floats } from "../onnx_builder.ts";

/** Writes one test: an operator of one input. */
async function writeCase(folder: string, operator: string, input: TensorProto, output: TensorProto): Promise<void> {
  const set = `${folder}/test_data_set_0`;
  await Deno.mkdir(set, { recursive: true });
  const model = buildModel({ inputs: { x: [3] }, outputs: ["y"], nodes: [[operator, ["x"], ["y"]]] });
  await Deno.writeFile(`${folder}/model.onnx`, model);
  await Deno.writeFile(`${set}/input_0.pb`, toBinary(TensorProtoSchema, input));
  await Deno.writeFile(`${set}/output_0.pb`, toBinary(TensorProtoSchema, output));
}

Deno.test("conformance counts what passes, fails and is skipped", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const x = floats([3], [-1, 0, 2]);
    await writeCase(`${folder}/node/test_relu`, "Relu", x, floats([3], [0, 0, 2]));
    await writeCase(`${folder}/node/test_bernoulli`, "Bernoulli", x, x);
    const lines: string[] = [];
    assertEquals(await conformance([folder], (line) => lines.push(line)), 0);
    assertEquals(lines.at(-1), "1 passed, 0 failed, 1 skipped");
    assertStringIncludes(lines.join("\n"), "skipped: 1 x Bernoulli: its results are random");

    await writeCase(`${folder}/node/test_foo`, "Foo", x, x);
    await writeCase(`${folder}/node/test_abs`, "Abs", x, floats([3], [1, 0, 2.01]));
    await writeCase(`${folder}/node/test_neg`, "Neg", x, floats([1, 3], [1, 0, -2]));
    const json = `${folder}/results.json`;
    assertEquals(await conformance([`${folder}/node`, "--json", json], (line) => lines.push(line)), 1);
    assertEquals(lines.at(-1), "1 passed, 3 failed, 1 skipped");
    assertStringIncludes(lines.join("\n"), "1 x Foo (the operator is not supported)");
    assertStringIncludes(lines.join("\n"), "failed: Abs: test_abs: the error is 0.00497, at most 0.001 is allowed");
    assertStringIncludes(lines.join("\n"), "the output is f32 [3], it must be f32 [1,3]");
    const results: ConformanceResult[] = JSON.parse(await Deno.readTextFile(json));
    assertEquals(results.map(({ name, status }) => `${name} ${status}`), [
      "test_abs failed",
      "test_bernoulli skipped",
      "test_foo failed",
      "test_neg failed",
      "test_relu passed",
    ]);
    assertEquals(results[4].error, 0);
    assertEquals(results[4].tolerance, 1e-3);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("conformance refuses paths without cases and unknown options", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/notes.txt`, "");
    for (
      const args of [
        ...[[], [folder], [`${folder}/none`], [`${folder}/notes.txt`], [folder, "--fast"], [folder, folder]],
        ...["gemm", "gemm=fast", "blur=tiles", "constructor=name", ""].map((form) => [folder, "--form", form]),
      ]
    ) {
      await assertRejects(() => conformance(args, () => {}), UsageError);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
