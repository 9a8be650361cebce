import type { HostTensor } from "../../contract.ts";
import { type ComponentsOptions, rounds } from "./components.ts";

/** Flood fill, which needs no rounds, from each unlabeled pixel, in the order of the indices. */
export function componentsTwin([mask]: readonly HostTensor[], { connectivity }: ComponentsOptions): HostTensor[] {
  const [width, height, depth = 1] = mask.shape.toReversed();
  const reach = connectivity ?? mask.shape.length;
  const steps = [-1, 0, 1];
  const neighbors = steps.flatMap((z) => steps.flatMap((y) => steps.map((x) => [z, y, x])))
    .filter(([z, y, x]) => z * z + y * y + x * x > 0 && z * z + y * y + x * x <= reach);
  const data = new Float64Array(mask.data.length);
  for (let start = 0; start < data.length; start++) {
    if (mask.data[start] <= 0.5 || data[start] !== 0) continue;
    const open = [start];
    data[start] = start + 1;
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const [x, y, z] = [at % width, Math.floor(at / width) % height, Math.floor(at / (width * height))];
      for (const [dz, dy, dx] of neighbors) {
        const [px, py, pz] = [x + dx, y + dy, z + dz];
        if (px < 0 || py < 0 || pz < 0 || px >= width || py >= height || pz >= depth) continue;
        const index = (pz * height + py) * width + px;
        if (mask.data[index] <= 0.5 || data[index] !== 0) continue;
        data[index] = start + 1;
        open.push(index);
      }
    }
  }
  const unfinished = { dtype: "u32" as const, shape: [rounds], data: new Float64Array(rounds) };
  return [{ dtype: "i32", shape: mask.shape, data }, unfinished];
}
