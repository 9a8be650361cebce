import type { HostTensor } from "../../contract.ts";
import type { BlendWindowsOptions } from "./blend_windows.ts";

/** At each voxel the mean of the windows there, weighted by a Gaussian of the distance from their middles. */
export function blendWindowsTwin(
  windows: readonly HostTensor[],
  { size: [depth, height, width], starts }: BlendWindowsOptions,
): HostTensor[] {
  const [, channels, d, h, w] = windows[0].shape;
  const voxels = depth * height * width;
  const [sums, totals] = [new Float64Array(channels * voxels), new Float64Array(voxels)];
  const bell = (at: number, side: number) => Math.exp(-0.5 * ((at - (side - 1) / 2) / (side / 8)) ** 2);
  const places = starts[0].flatMap((z) => starts[1].flatMap((y) => starts[2].map((x) => [z, y, x])));
  for (const [n, [z0, y0, x0]] of places.entries()) {
    for (let z = 0; z < d; z++) {
      for (let y = 0; y < h; y++) {
        for (let x = 0; x < w; x++) {
          const weight = bell(z, d) * bell(y, h) * bell(x, w);
          const to = ((z0 + z) * height + y0 + y) * width + x0 + x;
          totals[to] += weight;
          for (let c = 0; c < channels; c++) {
            sums[c * voxels + to] += weight * windows[n].data[((c * d + z) * h + y) * w + x];
          }
        }
      }
    }
  }
  return [{
    dtype: "f32",
    shape: [1, channels, depth, height, width],
    data: sums.map((sum, at) => sum / totals[at % voxels]),
  }];
}
