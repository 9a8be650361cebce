import { assert, assertEquals } from "@std/assert";
import { filters } from "../../../shaders/mod.ts";
import golden from "../../golden/gabor.json" with { type: "json" };
import { testGolden } from "../../golden.ts";

/** The golden values, at most 30, have 9 digits. */
testGolden(golden, [filters.convolve, filters.gabor], 1e-7);

Deno.test("Gabor kernels agree with scikit-image's", () => {
  const cases = golden.cases.filter(({ operation }) => operation === "gaborKernel");
  assert(cases.length > 0, "there are golden values");
  for (const { options, expected } of cases) {
    const kernel = filters.gaborKernel(options as filters.GaborKernelOptions);
    [kernel.real, kernel.imaginary].forEach((part, index) => {
      assertEquals(part.length, expected[index].length, JSON.stringify(options));
      const error = Math.max(...part.map((value, at) => Math.abs(value - expected[index][at])));
      assert(error <= 1e-9, `${JSON.stringify(options)}: ${error}`);
    });
  }
});
