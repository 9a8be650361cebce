/** The normalization of elements by moments that are known. */

import {
  type Binding,
  definePage,
  type Layout,
  type Lib,
  type Page,
  type Recorder,
  type Value,
} from "../../contract.ts";
import { epilogue as epilogueLib, functions, grid } from "../../lib/mod.ts";
import { channelAxes, sizeOf } from "../../shape.ts";
import { type Epilogue, epilogueOverrides } from "../epilogue.ts";
import { texelGrid } from "../texels.ts";
import normalizeText from "./normalize.wgsl" with { type: "text" };
import normalizeChannels4Text from "./normalize_channels4.wgsl" with { type: "text" };

const page = (name: string, text: string, layout: Layout, moments: Layout, libs: readonly Lib[]): Page => {
  const read = (name: string, layout: Layout): Binding => ({ name, access: "read", layout });
  return definePage({
    name,
    file: import.meta.resolve(`./${name}.wgsl`),
    text,
    libs,
    bindings: [read("x", layout), read("moments", moments), read("added", layout), {
      name: "y",
      access: "write",
      layout,
    }],
  });
};

const normalize = page("normalize", normalizeText, "linear", "linear", [grid, functions, epilogueLib]);
const normalizeChannels4 = page("normalize_channels4", normalizeChannels4Text, "channels4", "rows4", [
  functions,
  epilogueLib,
]);

/** Records `(x - mean) * factor + bias` with the moments that {@linkcode instanceMoments} gives, and the epilogue. */
export function recordNormalized(
  r: Recorder,
  [x, moments, added]: readonly [Value, Value, Value?],
  epilogue: Epilogue,
  texels: boolean,
): Value {
  const y = r.temporary(x);
  const bind = { x, moments, added: added ?? null, y };
  const overrides = { ...epilogueOverrides(epilogue), HAS_ADDED: added ? 1 : 0 };
  const { width, depth, channels } = channelAxes(x.shape);
  if (texels) {
    const grid = texelGrid(x.shape, ["moments"], 4);
    r.dispatch(normalizeChannels4, { bind, params: { width, depth, channels }, overrides, ...grid, iterations: 0 });
  } else {
    const length = sizeOf(x.shape.slice(2));
    const groups = Math.ceil(sizeOf(x.shape) / 64);
    r.dispatch(normalize, { bind, params: { length, channels }, overrides, groups, iterations: 0 });
  }
  return y;
}
