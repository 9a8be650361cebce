import { z } from "npm:zod@4.6.7";
import { definePage, type HostTensor, type Layout, type Lib, type Operation, type Page } from "../../contract.ts";
import { epilogue, functions, grid } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { channelAxes, showShape, sizeOf } from "../../shape.ts";
import { costOf } from "../cost.ts";
import { prefersTexels, texelGrid } from "../texels.ts";
import { checkAdded, type Epilogue, epilogueOverrides, epilogueSchema, epilogueTwin, splitAdded } from "../epilogue.ts";
import linearText from "./channel_affine.wgsl" with { type: "text" };
import { channelAffineCases } from "./channel_affine_cases.ts";
import channels4Text from "./channel_affine_channels4.wgsl" with { type: "text" };

/** Options of a channel-wise `x * scale + shift`. */
export interface ChannelAffineOptions {
  /** What happens to the result before it is stored. */
  readonly epilogue: Epilogue;
}

const page = (name: string, text: string, layout: Layout, libs: readonly Lib[]): Page =>
  definePage({
    name,
    file: import.meta.resolve(`./${name}.wgsl`),
    text,
    libs,
    bindings: [
      { name: "x", access: "read", layout },
      { name: "scale", access: "read", layout: "linear" },
      { name: "shift", access: "read", layout: "linear" },
      { name: "added", access: "read", layout },
      { name: "y", access: "write", layout },
    ],
  });

const linear = page("channel_affine", linearText, "linear", [grid, functions, epilogue]);
const texels = page("channel_affine_channels4", channels4Text, "channels4", [functions, epilogue]);

/**
 * `x * scale + shift` of `[N, C, ...]` with `scale` and `shift` `[C]`: a batch normalization at inference whose
 * statistics are folded. O(elements).
 *
 * Inputs: x, scale, shift, added? (where `epilogue` has the step `add`).
 *
 * Forms: `channels4` (3 to 5 axes), `linear`.
 */
export const channelAffine: Operation<ChannelAffineOptions> = {
  name: "channelAffine",
  options: optionsOf<ChannelAffineOptions>(z.strictObject({ epilogue: epilogueSchema })),
  outputs: (inputs, { epilogue }) => {
    const { own: [x, scale, shift], added } = splitAdded(inputs, epilogue);
    const channels = x.shape[1] ?? 1;
    for (const [name, vector] of Object.entries({ scale, shift })) {
      if (vector.shape.length === 1 && vector.shape[0] === channels) continue;
      throw new RangeError(
        `channelAffine: ${name} has shape ${
          showShape(vector.shape)
        }, but must be [${channels}]: one number per channel of ${showShape(x.shape)}`,
      );
    }
    checkAdded("channelAffine", added, x.shape);
    return [{ dtype: x.dtype, shape: x.shape }];
  },
  cost: (inputs, options) => costOf(inputs, channelAffine.outputs(inputs, options), 2 * sizeOf(inputs[0].shape)),
  forms: { channels4: {}, linear: {} },
  choose: ([x]) => prefersTexels(x) ? "channels4" : "linear",
  record: (r, inputs, { epilogue }, form) => {
    const { own: [x, scale, shift], added } = splitAdded(inputs, epilogue);
    const y = r.temporary(x);
    if (sizeOf(y.shape) === 0) return [y];
    const bind = { x, scale, shift, added: added ?? null, y };
    const overrides = { ...epilogueOverrides(epilogue), HAS_ADDED: added ? 1 : 0 };
    if (form === "channels4" && x.shape.length <= 5) {
      const grid = texelGrid(x.shape, ["scale", "shift"], 4);
      const { depth, channels } = channelAxes(x.shape);
      r.dispatch(texels, { bind, overrides, params: { depth, channels }, ...grid, iterations: 0 });
    } else {
      const params = { channels: x.shape[1] ?? 1, pixels: sizeOf(x.shape.slice(2)) };
      r.dispatch(linear, { bind, overrides, params, groups: Math.ceil(sizeOf(x.shape) / 64), iterations: 0 });
    }
    return [y];
  },
  twin: (inputs: readonly HostTensor[], { epilogue }) => {
    const { own: [x, scale, shift], added } = splitAdded(inputs, epilogue);
    const pixels = sizeOf(x.shape.slice(2));
    const data = x.data.map((value, index) => {
      const c = Math.floor(index / pixels) % (x.shape[1] ?? 1);
      return epilogueTwin(value * scale.data[c] + shift.data[c], added?.data[index] ?? 0, epilogue);
    });
    return [{ dtype: x.dtype, shape: x.shape, data }];
  },
  // A product and a sum, each rounded once, and the steps. Reached: 7e-8.
  bound: 3e-7,
  cases: channelAffineCases,
};
