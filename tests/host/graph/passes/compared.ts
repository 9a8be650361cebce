/** Networks with some passes beside the same without, by twins. */
import { assert, assertEquals } from "@std/assert";
import { type HostValue, hostValue, isFloat, numbersOf } from "../../../../engine/graph/host_value.ts";
import { prepareModel } from "../../../../engine/graph/passes/mod.ts";
import type { Program } from "../../../../engine/graph/program.ts";
import { readModel } from "../../../../engine/graph/reader.ts";
import { runByTwins } from "../../../../engine/graph/twins.ts";
import { randomTensor } from "../../../../shaders/cases.ts";
import { buildModel, type ModelText } from "../../../onnx_builder.ts";
import { programOf } from "../../../program_of.ts";

/** The operations that are left by passes, after the results were compared with those without: exactly, or to `bound`. */
export function namesAfter(
  passes: readonly ((program: Program) => Program)[],
  text: ModelText,
  bound = 0,
): string[] {
  const model = prepareModel(readModel(buildModel(text), "m.onnx"), { model: [], program: [] });
  const feeds: Record<string, HostValue> = {};
  for (const [name, shape] of Object.entries(text.inputs) as [string, number[]][]) {
    feeds[name] = hostValue("f32", shape, randomTensor(shape, { seed: 3, min: -1 }).data);
  }
  const plain = programOf(model, feeds as Parameters<typeof programOf>[1], { model: [], program: [] });
  const found = passes.reduce((program, pass) => pass(program), plain);
  const wanted = runByTwins(plain, feeds);
  for (const [name, value] of runByTwins(found, feeds)) {
    const own = wanted.get(name)!;
    assertEquals([value.dtype, value.shape], [own.dtype, own.shape]);
    if (bound === 0 || !isFloat(own.dtype)) {
      assertEquals(value.data, own.data);
      continue;
    }
    const [ours, theirs] = [numbersOf(value), numbersOf(own)];
    const error = Math.max(...ours.map((each, i) => Math.abs(each - theirs[i])));
    assert(error <= bound, `${name} is off by ${error}`);
  }
  return found.steps.map((step) => step.kind === "reshape" ? "reshape" : step.operation.name);
}
