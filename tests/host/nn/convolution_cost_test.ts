/** What Winograd's form executes: less than the definition's operations, and the very products that its pages count. */
import { assert, assertEquals } from "@std/assert";
import { assemble } from "../../../engine/kernel/page.ts";
import { type DispatchStep, Recording } from "../../../engine/kernel/recording.ts";
import { nn, type Operation, type Spec } from "../../../shaders/mod.ts";
import { facts } from "../facts.ts";

const f32 = (...shape: number[]): Spec => ({ dtype: "f32", shape });
const pads = { padsBegin: [1, 1], padsEnd: [1, 1] };

Deno.test("Winograd's form costs what it executes, not what the definition would", () => {
  const options = nn.convolution.options.parse(pads);
  const inputs = [f32(1, 64, 128, 128), f32(64, 64, 3, 3)];
  const direct = nn.convolution.cost(inputs, options).flops;
  const executed = nn.convolution.forms!.winograd.cost!(inputs, options).flops;
  assertEquals(direct, 2 * 9 * 64 * 64 * 128 * 128);
  // 36 products for 16 outputs instead of 144, and the transforms.
  assert(executed > direct / 4 && executed < direct / 3, `${executed} of ${direct}`);
});

/** How often an assembled page has a text, behind another one where it has that. */
function countOf({ page, call }: DispatchStep, text: string, behind: string): number {
  const homes = Object.fromEntries(page.bindings.map(({ name }) => [name, "texture" as const]));
  const variant = { homes, textureAccess: "sampled" as const, tune: call.tune ?? {}, unroll: true };
  return assemble(page, variant, call.overrides).text.split(behind).at(-1)!.split(text).length - 1;
}

const groupsOf = ({ call }: DispatchStep) => [call.groups].flat().reduce((all, count) => all * count, 1);

/** Operations of what is recorded: products by their pages' texts, transforms by the points that pages store. */
function executedBy<O>(operation: Operation<O>, inputs: readonly Spec[], options: Partial<O>): number {
  const recording = new Recording(facts, { [operation.name]: "winograd" });
  const values = inputs.map((spec, at) => recording.input(at, { ...spec, layout: "linear" }));
  recording.apply(operation, values, options);
  let flops = 0;
  for (const step of recording.steps.filter((step) => step.kind === "dispatch")) {
    const { page: { name }, call } = step;
    const invocations = (lanes: number) => lanes * groupsOf(step);
    const lanes = 8 * (call.tune?.EIGHTHS ?? 0);
    if (name.startsWith("winograd_products")) {
      const { steps, doubled } = call.params as { steps: number; doubled: number[] };
      // Third points of doubled maps are zero along either axis: 25 of 36 workgroups multiply them.
      const turns = steps + doubled[1] * 25 / 36;
      // Vectors of four are multiplied and added.
      flops += 8 * countOf(step, "* weights[", "for (var step") * turns * invocations(8);
    } else if (name.startsWith("winograd_input")) {
      // Rows and columns of six points take 19 operations, of four that stand for six 12; each for vectors of four.
      const [side, each] = name.includes("doubled") ? [4, 12] : [6, 19];
      flops += 8 * each / side * countOf(step, "  store_points(", "fn main(") * invocations(lanes);
    } else if (name.startsWith("winograd_output")) {
      flops += 4 * 10 * 13 * invocations(lanes);
    }
  }
  return flops;
}

const executions: readonly [string, readonly Spec[], Partial<nn.JoinedConvolutionOptions>][] = [
  ["a map", [f32(1, 64, 48, 32), f32(40, 64, 3, 3)], { maps: [{ doublings: 0, normalized: false }] }],
  ["a doubled map", [f32(1, 64, 24, 16), f32(40, 64, 3, 3)], { maps: [{ doublings: 1, normalized: false }] }],
  ["a doubled map and another", [f32(1, 64, 24, 16), f32(1, 24, 48, 32), f32(32, 88, 3, 3)], {
    maps: [{ doublings: 1, normalized: false }, { doublings: 0, normalized: false }],
  }],
  ["few tiles", [f32(1, 256, 4, 4), f32(1, 8, 8, 8), f32(512, 264, 3, 3)], {
    maps: [{ doublings: 1, normalized: false }, { doublings: 0, normalized: false }],
  }],
];

for (const [name, inputs, options] of executions) {
  Deno.test(`the cost of Winograd's form counts what its pages execute: ${name}`, () => {
    const { joinedConvolution } = nn;
    const all = { ...pads, ...options };
    const { flops } = joinedConvolution.forms!.winograd.cost!(inputs, joinedConvolution.options.parse(all));
    assertEquals(flops, executedBy(joinedConvolution, inputs, all));
  });
}

Deno.test("so does it with taps along z", () => {
  const inputs = [f32(1, 16, 6, 20, 36), f32(24, 16, 3, 3, 3)];
  const options = { padsBegin: [1, 1, 1], padsEnd: [1, 1, 1] };
  const { flops } = nn.convolution.forms!.winograd.cost!(inputs, nn.convolution.options.parse(options));
  assertEquals(flops, executedBy(nn.convolution, inputs, options));
});
