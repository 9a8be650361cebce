import { assert } from "@std/assert";
import { filters, type Operation } from "../../shaders/mod.ts";
import { hostTensor } from "../../shaders/cases.ts";
import golden from "../golden/filters.json" with { type: "json" };

/** The golden values, at most 2 and in derivatives 4, have 9 digits. */
const tolerance = 1.5e-8;

const operations: Readonly<Record<string, Operation<unknown>>> = {
  mean: filters.mean as Operation<unknown>,
  gaussian: filters.gaussian as Operation<unknown>,
  median: filters.median as Operation<unknown>,
};
const inputs: Readonly<Record<string, { shape: number[]; data: number[] }>> = golden.inputs;

for (const [name, operation] of Object.entries(operations)) {
  Deno.test(`the twin of ${name} agrees with scipy ${golden.versions.scipy}`, () => {
    for (const { input, options, expected } of golden.cases.filter(({ filter }) => filter === name)) {
      const { shape, data } = inputs[input];
      const [result] = operation.twin([hostTensor(data, [1, ...shape])], operation.options.parse(options));
      const error = expected.reduce((most, value, at) => Math.max(most, Math.abs(value - result.data[at])), 0);
      assert(error <= tolerance, `${input}, ${JSON.stringify(options)}: ${error}`);
    }
  });
}
