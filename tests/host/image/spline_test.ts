import { assertAlmostEquals } from "@std/assert";
import { hostTensor } from "../../../shaders/cases.ts";
import { image } from "../../../shaders/mod.ts";

Deno.test("the twin of resampling by splines is scikit-image's resize of order 3", () => {
  const input = hostTensor([3, -1, 4, 1, -5, 9, 2, 6, -5, 3, 5, 8, -9, 7, 9, 3, 2, 3, -8, 4], [4, 5]);
  const [{ data }] = image.resample.twin([input], { size: [6, 3], method: "spline" });
  // skimage.transform.resize(input, (6, 3), 3, mode="edge", anti_aliasing=False, clip=False), version 0.19.3
  const expected = [
    [1.05841453, 3.46805275, -3.46935789],
    [3.60000615, 6.83029967, -3.23515148],
    [7.0197905, 3.75094773, 1.60229814],
    [7.85686971, -7.8674027, 9.43588114],
    [4.87619037, -4.56106178, 5.64120095],
    [1.95683321, 4.24953127, -1.48962447],
  ].flat();
  // scikit-image begins its recursion 12 pixels beyond the border.
  expected.forEach((value, at) => assertAlmostEquals(data[at], value, 1e-6));
});
