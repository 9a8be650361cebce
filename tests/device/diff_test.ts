/** The command `diff`, and that it finds a node which is wrong. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { diff } from "../../engine/commands/diff.ts";
import { ModelError, UsageError } from "../../engine/errors.ts";
import { differencesOf, type HostValue, runHere, seededValue, writeReproduction } from "../../engine/graph/mod.ts";
import { hostValue } from "../../engine/graph/host_value.ts";
import { openEngine } from "../../engine/mod.ts";
import { buildModel, floats, ints, type ModelText } from "../onnx_builder.ts";

const ramp = (count: number) => Array.from({ length: count }, (_, i) => (i % 7 - 3) / 4);
const text: ModelText = {
  inputs: { x: [1, 3, 8, "w"] },
  outputs: ["y"],
  constants: { w: floats([4, 3, 3, 3], ramp(108)), scale: floats([4, 1, 1], ramp(4)), one: ints([1]) },
  nodes: [
    ["Conv", ["x", "w"], ["c"], { pads: [1, 1, 1, 1] }],
    ["Relu", ["c"], ["r"]],
    ["Shape", ["r"], ["s"]],
    ["Gather", ["s", "one"], ["n"]],
    ["Mul", ["r", "scale"], ["m"]],
    ["NonZero", ["m"], ["z"]],
    ["SequenceConstruct", ["m"], ["q"]],
    ["ConcatFromSequence", ["q"], ["y"], { axis: 1 }],
  ],
};
const noFile = () => Promise.reject(new Error("nothing is read"));

async function run(model: Uint8Array, ...args: string[]): Promise<{ status: number; lines: string[] }> {
  const file = await Deno.makeTempFile({ suffix: ".onnx" });
  try {
    await Deno.writeFile(file, model);
    const lines: string[] = [];
    const read = (path: string): Promise<HostValue> =>
      Promise.resolve(hostValue("f32", [Number(path)], ramp(Number(path))));
    const status = await diff([file, ...args], read, (line) => lines.push(line));
    return { status, lines };
  } finally {
    await Deno.remove(file);
  }
}

Deno.test("diff compares a network as a whole and each of its nodes", async () => {
  const { status, lines } = await run(buildModel(text), "72", "--shape", "x=1,3,8,3", "--twin");
  assertEquals(status, 0, lines.join("\n"));
  assertStringIncludes(lines.join("\n"), "8 nodes compared, each within 1.0e-4");
  assertStringIncludes(lines.join("\n"), "not compared: SequenceConstruct_q: q is no tensor");
  assertStringIncludes(lines.join("\n"), "against f64 ours");
  const { lines: [json] } = await run(buildModel(text), "--shape", "x=1,3,8,3", "--json");
  const { outputs, nodes, reproduction } = JSON.parse(json);
  assert(outputs.y < 1e-5);
  assertEquals([nodes.length, reproduction], [8, null]);
});

Deno.test("a node that is wrong is the first beyond its bound, and its reproduction shows it again", async () => {
  await using engine = await openEngine();
  const wrong: typeof runHere = async (core, model, name, feeds) => {
    const results = await runHere(core, model, name, feeds);
    if (name.startsWith("Mul")) results.forEach(({ data }) => data[5] = Number(data[5]) + 0.01);
    return results;
  };
  const feeds = new Map([["x", seededValue("f32", [1, 3, 8, 3])]]);
  const beyond: string[] = [];
  const folder = await Deno.makeTempDir();
  try {
    for (const twin of [false, true]) {
      for await (const node of differencesOf(engine, buildModel(text), feeds, { bound: 1e-4, twin, run: wrong })) {
        if (!node.isBeyond) continue;
        beyond.push(node.name);
        if (twin) assert(node.twin!.ours > 1e-3 && node.twin!.onnxruntime < 1e-6);
        await writeReproduction(`${folder}/test_mul`, node, node.reproduction!);
      }
    }
    assertEquals(beyond, ["Mul_m", "Mul_m"]);
    const model = await Deno.readFile(`${folder}/test_mul/model.onnx`);
    assert(model.length > 0);
    assertEquals((await Array.fromAsync(Deno.readDir(`${folder}/test_mul/test_data_set_0`))).length, 2);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("diff says what is wrong with its arguments", async () => {
  for (
    const [args, message] of [
      [[], "diff needs a model"],
      [["m.onnx", "--bound", "x"], "--bound is x, it must be a number above 0"],
      [["m.onnx", "--strange"], "diff has no such option"],
    ] as const
  ) {
    const error = await assertRejects(() => diff(args, noFile), UsageError);
    assertStringIncludes(error.message, message);
  }
  await assertRejects(() => diff(["/nowhere/m.onnx"], noFile), ModelError, "does not exist");
  await assertRejects(() => run(buildModel(text)), UsageError, "give --shape x=");
  await assertRejects(() => run(buildModel(text), "q=3"), UsageError, "has no input q: it has x");
  await assertRejects(
    () => run(buildModel(text), "71", "--shape", "x=1,3,8,3"),
    UsageError,
    "the file has 71 elements",
  );
});
