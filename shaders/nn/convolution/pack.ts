/**
 * What the pages that pack weights of convolutions do, on the host, where weights lie until they are packed. Measured on
 * lavapipe, it takes a fifth of the processor time: a software device loads word by word, and Winograd's page computes each
 * point anew.
 */
import { blocksOf } from "./record.ts";

/** Weights `[M, C, taps]` or `[C, M, taps]`, with the distances between neighboring channels; taps are neighbors. */
export interface WeightOrder {
  readonly outChannels: number;
  readonly inChannels: number;
  readonly taps: number;
  readonly outStride: number;
  readonly inStride: number;
}

/** What `pack_weights.wgsl` gives: `[out blocks, in blocks rounded up to 2, taps * 16]`. */
export function pack(weights: Float32Array, order: WeightOrder): Float32Array<ArrayBuffer> {
  const { outChannels, inChannels, taps, outStride, inStride } = order;
  const row = taps * 16;
  const rows = Math.ceil(blocksOf(inChannels) / 2) * 2;
  const packed = new Float32Array(blocksOf(outChannels) * rows * row);
  for (let out = 0; out < outChannels; out++) {
    const layer = (out >> 2) * rows * row + (out & 3);
    for (let channel = 0; channel < inChannels; channel++) {
      const from = out * outStride + channel * inStride;
      const to = layer + (channel >> 2) * row + (channel & 3) * 4;
      for (let tap = 0; tap < taps; tap++) packed[to + 16 * tap] = weights[from + tap];
    }
  }
  return packed;
}

/** What `pack_weights_lanes.wgsl` gives: `[out blocks / texels, taps, in channels rounded up to 8 * 4 * texels]`. */
export function packForLanes(
  weights: Float32Array,
  { texels, ...order }: WeightOrder & { readonly texels: number },
): Float32Array<ArrayBuffer> {
  const { outChannels, inChannels, taps, outStride, inStride } = order;
  const last = blocksOf(outChannels) - 1;
  const layers = Math.ceil((last + 1) / texels);
  const chunks = Math.ceil(inChannels / 8);
  const packed = new Float32Array(layers * taps * chunks * 32 * texels);
  // The index of what is packed goes up: these are its axes.
  let to = 0;
  for (let layer = 0; layer < layers; layer++) {
    for (let tap = 0; tap < taps; tap++) {
      for (let chunk = 0; chunk < chunks; chunk++) {
        for (let texel = 0; texel < texels; texel++, to += 32) {
          // Blocks beyond the last repeat it.
          const out = 4 * Math.min(layer * texels + texel, last);
          const count = Math.min(8, inChannels - 8 * chunk);
          const from = out * outStride + 8 * chunk * inStride + tap;
          fillTexels(packed, to, weights, from, count, inStride, Math.min(4, outChannels - out), outStride);
        }
      }
    }
  }
  return packed;
}

/** Fills texels, one an input channel, with a lane for each output channel. */
function fillTexels(
  packed: Float32Array,
  to: number,
  weights: Float32Array,
  from: number,
  channels: number,
  inStride: number,
  lanes: number,
  outStride: number,
): void {
  for (let channel = 0; channel < channels; channel++, to += 4, from += inStride) {
    for (let lane = 0; lane < lanes; lane++) packed[to + lane] = weights[from + lane * outStride];
  }
}

/** Points along an axis of a tile. */
const along = 6;

/**
 * What `winograd_weights.wgsl` gives, `G g G'` of slices of 3x3 taps: `[36, out blocks / 4, slices * in channels rounded up to 8
 * * 16]`. `taps` counts slices; `doubled` is the range of input channels whose maps have 16 points.
 */
export function packForWinograd(
  weights: Float32Array,
  order: WeightOrder & { readonly doubled: readonly [number, number]; readonly few: number },
): Float32Array<ArrayBuffer> {
  const { outChannels, inChannels, taps, outStride, inStride } = order;
  const { few } = order;
  const chunks = taps * Math.ceil(inChannels / 8);
  /** Output channels side by side, and the numbers of a chunk of them. */
  const across = few > 0 ? 32 * few : 16;
  const row = chunks * 8 * across;
  const layer = Math.ceil(outChannels / across) * row;
  const packed = new Float32Array(along * along * layer);
  const down = new Float64Array(3 * along);
  const { doubled } = order;
  // Numbers that lie side by side are written one after the other, at each of 36 places at once.
  for (let group = 0; group < outChannels; group += across) {
    for (let channel = 0; channel < inChannels; channel++) {
      const factors = channel >= doubled[0] && channel < doubled[1] ? [3, -1] as const : [1, 1] as const;
      for (let tap = 0; tap < taps; tap++) {
        const chunk = group / across * row + ((channel >> 3) * taps + tap) * 8 * across;
        for (let out = group; out < Math.min(group + across, outChannels); out++) {
          const from = out * outStride + channel * inStride + tap * 9;
          for (let x = 0; x < 3; x++) {
            spread(down, x, 3, factors, weights[from + x], weights[from + 3 + x], weights[from + 6 + x]);
          }
          let to = chunk +
            (few > 0 ? (channel & 7) * across + out % across : (out >> 2 & 3) * 32 + (channel & 7) * 4 + (out & 3));
          for (let y = 0; y < down.length; y += 3, to += along * layer) {
            spread(packed, to, layer, factors, down[y], down[y + 1], down[y + 2]);
          }
        }
      }
    }
  }
  return packed;
}

/** The six rows of G times three taps, `step` apart, the fourth and the fifth times a factor. */
function spread(
  points: Float32Array | Float64Array,
  to: number,
  step: number,
  [fourth, fifth]: readonly [number, number],
  a: number,
  b: number,
  c: number,
): void {
  const outer = (a + c) / 6, even = a / 24 + c / 6;
  points[to] = a / 4;
  points[to + step] = -outer - b / 6;
  points[to + 2 * step] = b / 6 - outer;
  points[to + 3 * step] = fourth * (even + b / 12);
  points[to + 4 * step] = fifth * (even - b / 12);
  points[to + 5 * step] = c;
}
