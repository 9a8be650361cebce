import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { inspect } from "../../../engine/commands/inspect.ts";
import { UsageError } from "../../../engine/errors.ts";
import { buildModel, floats, type ModelText } from "../../onnx_builder.ts";

async function inspected(text: ModelText, ...args: string[]): Promise<string[]> {
  const file = await Deno.makeTempFile({ suffix: ".onnx" });
  try {
    await Deno.writeFile(file, buildModel(text));
    const lines: string[] = [];
    const noInput = () => Promise.reject(new Error("it is a model"));
    assertEquals(await inspect([file, ...args], noInput, (line) => lines.push(line)), 0);
    return lines;
  } finally {
    await Deno.remove(file);
  }
}

const text: ModelText = {
  inputs: { x: [1, 2, "h", "w"] },
  outputs: ["y", "z"],
  constants: { w: floats([4, 2, 3, 3], new Float32Array(72)) },
  nodes: [["Conv", ["x", "w"], ["c"], { pads: [1, 1, 1, 1] }], ["Relu", ["c"], ["y"]], ["NonZero", ["c"], ["z"]]],
  types: { z: "i64" },
};

Deno.test("inspect tells operators, parameters, and for known shapes work, memory and readbacks", async () => {
  const open = await inspected(text);
  assertStringIncludes(
    open.join("\n"),
    "operators   Conv 1, NonZero 1, Relu 1\nparameters  72\nopen        open dimensions of x",
  );
  const lines = await inspected(text, "--shape", "x=1,2,8,8");
  assertEquals(lines.slice(6), [
    "operations  convolution 1, nonZero 1, unary 1 (up to the first readback)",
    "MACs        4,608 (up to the first readback)",
    "memory      0.0 MiB of weights, 0.0 MiB of results alive at once (up to the first readback)",
    "readbacks   at least 1; shapes go on from what is read for NonZero_z",
  ]);
  const [json] = await inspected(text, "--shape", "x=1,2,8,8", "--json");
  const { begin } = JSON.parse(json);
  // The convolution's 256 words stay while unary's 256 and nonZero's 4 * 256 + 1 are made.
  assertEquals([begin.constantBytes, begin.liveBytes], [4 * 72, 4 * (256 + 256 + 1025)]);
});

Deno.test("inspect lists what is not supported, and refuses shapes of no input", async () => {
  const lines = await inspected({ ...text, nodes: [["Foo", ["x"], ["y"]], ["Bar", ["y"], ["z"]]] });
  assertStringIncludes(lines.join("\n"), "1 x Foo (the operator is not supported)");
  const error = await assertRejects(() => inspected(text, "--shape", "q=1"), UsageError);
  assertStringIncludes(error.message, "--shape names q, but");
});
