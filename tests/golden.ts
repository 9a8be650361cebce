/** Compares twins with the results of independent programs that `tests/golden/NAME.py` wrote into `NAME.json`. */
import { assert } from "@std/assert";
import type { Operation } from "../shaders/mod.ts";
import { hostTensor } from "../shaders/cases.ts";

/** What a generator of golden values writes. */
export interface Golden {
  readonly versions: Readonly<Record<string, string>>;
  readonly inputs: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: readonly number[] }>>;
  readonly cases: readonly {
    readonly operation: string;
    /** Names of the inputs, in their order. */
    readonly inputs: readonly string[];
    readonly options: unknown;
    /** The elements of each output. */
    readonly expected: readonly (readonly number[])[];
  }[];
}

/** Declares a test for each operation: its twin agrees with the golden values to `tolerance`, which is absolute. */
// deno-lint-ignore no-explicit-any -- operations differ in their options
export function testGolden(golden: Golden, operations: readonly Operation<any>[], tolerance: number): void {
  const versions = Object.entries(golden.versions).map((entry) => entry.join(" ")).join(", ");
  for (const operation of operations) {
    const cases = golden.cases.filter((entry) => entry.operation === operation.name);
    Deno.test(`the twin of ${operation.name} agrees with ${versions}`, () => {
      assert(cases.length > 0, "there are golden values");
      for (const { inputs, options, expected } of cases) {
        const tensors = inputs.map((name) => hostTensor(golden.inputs[name].data, golden.inputs[name].shape));
        const results = operation.twin(tensors, operation.options.parse(options));
        expected.forEach((values, output) => {
          const label = `${inputs}, ${JSON.stringify(options)}, output ${output}`;
          const { data } = results[output];
          assert(data.length === values.length, `${label}: ${data.length} elements instead of ${values.length}`);
          const error = values.reduce((most, value, at) => Math.max(most, Math.abs(value - data[at])), 0);
          assert(error <= tolerance, `${label}: ${error}`);
        });
      }
    });
  }
}
