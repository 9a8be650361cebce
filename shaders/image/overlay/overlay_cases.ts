import type { Case, HostTensor } from "../../contract.ts";
import { filledTensor, randomTensor, tensorOf } from "../../cases.ts";
import type { OverlayOptions } from "./overlay.ts";

const image = (shape: number[]): HostTensor => randomTensor(shape, { seed: 31, min: -0.2, max: 1.2 });
const disk = (h: number, w: number): HostTensor =>
  tensorOf([h, w], (index) => Math.hypot(index % w - 0.6 * w, Math.floor(index / w) - 0.4 * h) < 0.3 * w ? 1 : 0);

/** Cases of `overlay`. */
export const overlayCases: readonly Case<OverlayOptions>[] = [
  { name: "by default", inputs: () => [image([1, 37, 53]), disk(37, 53)], options: {} },
  { name: "no outline", inputs: () => [image([1, 20, 21]), disk(20, 21)], options: { outline: 0, alpha: 1 } },
  {
    name: "a wide outline up to the edge",
    inputs: () => [image([1, 20, 21]), filledTensor([20, 21], 1)],
    options: { outline: 4, alpha: 0, color: [0, 0.5, 1] },
  },
  {
    name: "a volume",
    inputs: () => [image([1, 3, 9, 10]), randomTensor([3, 9, 10], { seed: 32 })],
    options: { alpha: 0.25 },
  },
  { name: "one pixel", inputs: () => [image([1, 1, 1]), filledTensor([1, 1], 1)], options: {} },
  { name: "no pixels", inputs: () => [image([1, 0, 4]), filledTensor([0, 4], 1)], options: {} },
];
