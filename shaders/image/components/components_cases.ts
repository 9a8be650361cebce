import type { Case, HostTensor } from "../../contract.ts";
import { filledTensor, randomTensor, tensorOf } from "../../cases.ts";
import type { ComponentsOptions } from "./components.ts";

/** A square spiral of lines one pixel wide: the longest component that an image can have. */
export function spiral(size: number): HostTensor {
  const grid = new Float64Array(size * size);
  let [x, y, dx, dy] = [0, 0, 1, 0];
  const free = (px: number, py: number): boolean =>
    px >= 0 && py >= 0 && px < size && py < size && grid[py * size + px] === 0;
  grid[0] = 1;
  for (let turns = 0; turns < 2;) {
    const next = free(x + dx, y + dy);
    const beyond = x + 2 * dx < 0 || x + 2 * dx >= size || y + 2 * dy < 0 || y + 2 * dy >= size ||
      free(x + 2 * dx, y + 2 * dy);
    if (next && beyond) {
      [x, y, turns] = [x + dx, y + dy, 0];
      grid[y * size + x] = 1;
    } else {
      [dx, dy, turns] = [-dy, dx, turns + 1];
    }
  }
  return tensorOf([size, size], (index) => grid[index]);
}

/** Teeth that only the last row joins. */
const comb = (height: number, width: number): HostTensor =>
  tensorOf([height, width], (index) => index % width % 2 === 0 || index >= (height - 1) * width ? 1 : 0);

/** Pixels set at random. */
export const sprinkled = (shape: number[], share: number, seed: number): HostTensor => {
  const random = randomTensor(shape, { seed });
  return tensorOf(shape, (index) => random.data[index] < share ? 1 : 0);
};

/** Cases of `components`. */
export const componentsCases: readonly Case<ComponentsOptions>[] = [
  { name: "diagonals count", inputs: () => [sprinkled([37, 53], 0.4, 33)], options: {} },
  { name: "diagonals don't count", inputs: () => [sprinkled([37, 53], 0.6, 34)], options: { connectivity: 1 } },
  { name: "a checkerboard of one component", inputs: () => [tensorOf([20, 21], (i) => i % 2)], options: {} },
  {
    name: "a checkerboard of single pixels",
    inputs: () => [tensorOf([20, 21], (i) => i % 2)],
    options: { connectivity: 1 },
  },
  { name: "a spiral", inputs: () => [spiral(129)], options: { connectivity: 1 } },
  { name: "a comb", inputs: () => [comb(100, 131)], options: {} },
  { name: "all set", inputs: () => [filledTensor([70, 71], 1)], options: {} },
  { name: "nothing set", inputs: () => [filledTensor([9, 7], 0)], options: {} },
  { name: "a volume, 6 neighbors", inputs: () => [sprinkled([9, 14, 11], 0.4, 35)], options: { connectivity: 1 } },
  { name: "a volume, 18 neighbors", inputs: () => [sprinkled([9, 14, 11], 0.15, 36)], options: { connectivity: 2 } },
  { name: "a volume, 26 neighbors", inputs: () => [sprinkled([9, 14, 11], 0.1, 37)], options: {} },
  { name: "one pixel", inputs: () => [filledTensor([1, 1], 1)], options: {} },
  { name: "no pixels", inputs: () => [filledTensor([0, 3], 1)], options: {} },
];
