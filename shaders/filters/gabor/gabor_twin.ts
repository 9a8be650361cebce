import type { HostTensor } from "../../contract.ts";
import { convolveAll } from "../convolve/convolve_twin.ts";
import { extentsOf } from "../extents.ts";
import { type GaborFilter, gaborFilters, type GaborOptions } from "./gabor.ts";

/** {@linkcode gabor} in f64: each pixel's sums with the real and the imaginary part of each filter's kernel. */
export function gaborTwin([image]: readonly HostTensor[], options: GaborOptions): HostTensor[] {
  const extents = extentsOf("gabor", image, options.slicewise);
  const filters = gaborFilters(image, options);
  const shape = [image.shape[0] * filters.length, ...image.shape.slice(1)];
  const pixels = image.data.length / (image.shape[0] || 1);
  const data = new Float64Array(image.data.length * filters.length);
  filters.forEach((filter, index) => {
    const { size, real, imaginary } = extents.axes.length === 2 ? kernel2d(filter) : kernel3d(filter);
    const sums = (weights: Float64Array) => convolveAll(image, extents, { size, weights, flip: true }, options).data;
    const parts = {
      real: () => sums(real),
      imaginary: () => sums(imaginary),
      magnitude: () => {
        const others = sums(imaginary);
        return sums(real).map((value, at) => Math.hypot(value, others[at]));
      },
    };
    const response = parts[options.part]();
    for (let channel = 0; channel < image.shape[0]; channel++) {
      const values = response.subarray(channel * pixels, (channel + 1) * pixels);
      data.set(values, (channel * filters.length + index) * pixels);
    }
  });
  return [{ dtype: "f32", shape, data }];
}

function sigmas({ frequency, bandwidth, sigmaPx }: GaborFilter): readonly number[] {
  if (sigmaPx !== undefined) return typeof sigmaPx === "number" ? [sigmaPx, sigmaPx] : sigmaPx;
  const octaves = 2 ** bandwidth;
  const sigma = Math.sqrt(Math.log(2) / 2) * (octaves + 1) / (octaves - 1) / (Math.PI * frequency);
  return [sigma, sigma];
}

/** scikit-image's `gabor_kernel`. */
function kernel2d(filter: GaborFilter) {
  const { frequency, theta = 0, nStds, offset } = filter;
  const [sx, sy] = sigmas(filter);
  const [cosine, sine] = [Math.cos(theta), Math.sin(theta)];
  const x0 = Math.ceil(Math.max(Math.abs(nStds * sx * cosine), Math.abs(nStds * sy * sine), 1));
  const y0 = Math.ceil(Math.max(Math.abs(nStds * sy * cosine), Math.abs(nStds * sx * sine), 1));
  const real: number[] = [];
  const imaginary: number[] = [];
  for (let y = -y0; y <= y0; y++) {
    for (let x = -x0; x <= x0; x++) {
      const rotatedX = x * cosine + y * sine;
      const rotatedY = -x * sine + y * cosine;
      const envelope = Math.exp(-0.5 * (rotatedX ** 2 / sx ** 2 + rotatedY ** 2 / sy ** 2)) / (2 * Math.PI * sx * sy);
      real.push(envelope * Math.cos(2 * Math.PI * frequency * rotatedX + offset));
      imaginary.push(envelope * Math.sin(2 * Math.PI * frequency * rotatedX + offset));
    }
  }
  return { size: [2 * y0 + 1, 2 * x0 + 1], real: Float64Array.from(real), imaginary: Float64Array.from(imaginary) };
}

/** The same about an axis in space. */
function kernel3d(filter: GaborFilter) {
  const { frequency, direction = [0, 0, 1], nStds, offset } = filter;
  const [along, across] = sigmas(filter);
  const unit = direction.map((part) => part / Math.hypot(...direction));
  const [z0, y0, x0] = unit.map((part) =>
    Math.ceil(Math.max(nStds * along * Math.abs(part), nStds * across * Math.sqrt(Math.max(0, 1 - part ** 2)), 1))
  );
  const real: number[] = [];
  const imaginary: number[] = [];
  for (let z = -z0; z <= z0; z++) {
    for (let y = -y0; y <= y0; y++) {
      for (let x = -x0; x <= x0; x++) {
        const u = z * unit[0] + y * unit[1] + x * unit[2];
        const square = u ** 2 / along ** 2 + (z ** 2 + y ** 2 + x ** 2 - u ** 2) / across ** 2;
        const envelope = Math.exp(-0.5 * square) / ((2 * Math.PI) ** 1.5 * along * across ** 2);
        real.push(envelope * Math.cos(2 * Math.PI * frequency * u + offset));
        imaginary.push(envelope * Math.sin(2 * Math.PI * frequency * u + offset));
      }
    }
  }
  const size = [2 * z0 + 1, 2 * y0 + 1, 2 * x0 + 1];
  return { size, real: Float64Array.from(real), imaginary: Float64Array.from(imaginary) };
}
