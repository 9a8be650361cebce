import { tensorOf } from "../../cases.ts";
import type { Case, HostTensor } from "../../contract.ts";
import { sizeOf } from "../../shape.ts";
import { hardImages, images } from "../image_cases.ts";
import type { RichardsonLucyOptions } from "./richardson_lucy.ts";

/** A lopsided bell of sum 1 over all of `shape`. */
function bell(shape: readonly number[]): HostTensor {
  const size = sizeOf(shape);
  const at = (index: number) => {
    let sum = 0;
    for (let axis = shape.length - 1, rest = index; axis >= 0; axis--) {
      sum += (rest % shape[axis] - Math.floor(shape[axis] / 2) + 0.2) ** 2;
      rest = Math.floor(rest / shape[axis]);
    }
    return Math.exp(-sum / 4);
  };
  const total = Array.from({ length: size }, (_, index) => at(index)).reduce((sum, value) => sum + value, 0);
  return tensorOf(shape, (index) => at(index) / total);
}

const { row, column, pixel, small, slice, ragged, volume, empty, emptyVolume } = images;
const { constant, impulse, ties } = hardImages;
const usual = { row, column, pixel, small, slice, ragged, volume, empty, emptyVolume, constant, impulse, ties };

/** Cases of {@linkcode richardsonLucy}: images that aren't negative. */
export const richardsonLucyCases: readonly Case<RichardsonLucyOptions>[] = [
  ...Object.entries(usual).map(([name, inputs]) => ({
    name,
    inputs: () => [inputs(), bell(inputs().shape.length === 4 ? [3, 3, 3] : [5, 5])],
    options: { iterations: 3, clip: false },
  })),
  { name: "ten iterations", inputs: () => [ragged(), bell([5, 5])], options: { iterations: 10 } },
  { name: "one iteration", inputs: () => [ragged(), bell([5, 5])], options: { iterations: 1 } },
  { name: "clipped", inputs: () => [ties(), bell([3, 5])], options: { iterations: 2, clip: true } },
  { name: "an even size", inputs: () => [ragged(), bell([4, 6])], options: { iterations: 5 } },
  { name: "one element", inputs: () => [ragged(), tensorOf([1, 1], () => 1)], options: { iterations: 2 } },
  {
    name: "slice by slice",
    inputs: () => [volume(), bell([5, 5])],
    options: { iterations: 3, slicewise: true },
  },
];
