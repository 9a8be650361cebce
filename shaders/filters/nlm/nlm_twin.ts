import type { HostTensor } from "../../contract.ts";
import { sizeOf } from "../../shape.ts";
import { borderIndex } from "../border.ts";
import type { Axis } from "../extents.ts";
import { noiseLevelTwin } from "../noise_level.ts";
import type { NlmOptions } from "./nlm.ts";
import { nlmWindows } from "./nlm_windows.ts";

/** Offsets from -radius to radius. */
const around = (radius: number): number[] => Array.from({ length: 2 * radius + 1 }, (_, index) => index - radius);

/** {@linkcode nlm} in f64: every search position of every pixel, every pixel of its patch. */
export function nlmTwin(inputs: readonly HostTensor[], options: NlmOptions): HostTensor[] {
  const [image] = inputs;
  const { extents, patch, search, weights, sum, h, strength } = nlmWindows(image, options);
  const { depth, height, width } = extents;
  if (sizeOf(image.shape) === 0) return [image];
  const sigmas = noiseLevelTwin(inputs, options.sigma, options.rician ? "rician" : "gaussian");
  const { data } = image;
  const count = { z: depth, y: height, x: width };
  const mirrored = (axis: Axis) => {
    const reach = patch[axis] + search[axis];
    const sources = Array.from(
      { length: count[axis] + 2 * reach },
      (_, index) => borderIndex(index - reach, count[axis], "mirror") ?? 0,
    );
    return (place: number) => sources[place + reach];
  };
  const [atZ, atY, atX] = [mirrored("z"), mirrored("y"), mirrored("x")];
  const plane = height * width;
  const result = new Float64Array(data.length);
  for (let pixel = 0; pixel < data.length; pixel++) {
    const channel = Math.floor(pixel / (depth * plane));
    const start = channel * depth * plane;
    const [z, y, x] = [Math.floor((pixel - start) / plane), Math.floor(pixel / width) % height, pixel % width];
    const value = (dz: number, dy: number, dx: number) =>
      data[start + (atZ(z + dz) * height + atY(y + dy)) * width + atX(x + dx)];
    const sigma = sigmas[channel];
    const scale = Math.fround(h) + Math.fround(strength) * sigma;
    let total = 0;
    let mean = 0;
    for (const dz of around(search.z)) {
      for (const dy of around(search.y)) {
        for (const dx of around(search.x)) {
          const inside = z + dz >= 0 && z + dz < depth && y + dy >= 0 && y + dy < height && x + dx >= 0 &&
            x + dx < width;
          if (options.searchWindow === "clipped" && !inside) continue;
          let distance = 0;
          for (let kz = -patch.z; kz <= patch.z; kz++) {
            for (let ky = -patch.y; ky <= patch.y; ky++) {
              for (let kx = -patch.x; kx <= patch.x; kx++) {
                const weight = weights.z[Math.abs(kz)] * weights.y[Math.abs(ky)] * weights.x[Math.abs(kx)] / sum;
                distance += weight * (value(kz, ky, kx) - value(dz + kz, dy + ky, dx + kx)) ** 2;
              }
            }
          }
          const beyond = distance - 2 * sigma ** 2;
          const weight = beyond <= 0 ? 1 : Math.exp(-beyond / scale ** 2);
          total += weight;
          mean += weight * value(dz, dy, dx) ** (options.rician ? 2 : 1);
        }
      }
    }
    mean /= total;
    result[pixel] = options.rician ? Math.sqrt(Math.max(0, mean - 2 * sigma ** 2)) : mean;
  }
  return [{ dtype: "f32", shape: image.shape, data: result }];
}
