import { definePage, type Facts, type Page, type Recorder, type Tune, type Value } from "../../../contract.ts";
import { border as borderLib, rowPixels, tiles as tilesLib } from "../../../lib/mod.ts";
import { borderFill, type BorderOptions, borderRule } from "../../border.ts";
import type { Axis, Extents } from "../../extents.ts";
import { allTiles, noTiles, overLayers, rangeParam, splitTiles } from "../../tiles.ts";
import { convolveAxis, type Kernel } from "./separable.ts";
import planeText from "./separable_plane.wgsl" with { type: "text" };

const planePage: Page = definePage({
  name: "separable_plane",
  file: import.meta.resolve("./separable_plane.wgsl"),
  text: planeText,
  libs: [borderLib, tilesLib, rowPixels],
  bindings: [
    { name: "image", access: "read", layout: "rows4" },
    { name: "result", access: "write", layout: "rows4" },
  ],
  subgroups: true,
});

/** Lanes of a subgroup. */
const lanes = 8;
/** Columns of texels that each lane makes, and rows. */
export const planeTunes = (): Tune[] => [
  { COLUMNS: 3, ROWS: 8 },
  { COLUMNS: 3, ROWS: 16 },
  { COLUMNS: 2, ROWS: 8 },
];
/** Farthest tap, and numbers that the page has for weights. */
const mostReach = 12, weightSlots = 20;
/** The rule by which indices within 2^20 come from themselves. */
const noRule = borderRule("wrap", 1 << 20);

/** A kernel along an axis. */
export interface Pass {
  readonly axis: Axis;
  readonly kernel: Kernel;
}

/** Whether a device's lanes can hand sums to their neighbors. */
export const hasLanes = ({ subgroupSize }: Facts): boolean => subgroupSize >= lanes;

/** The kernels along x and y, where {@linkcode convolvePlane} can take both in one pass. */
function planeKernels(passes: readonly Pass[], { width, height }: Extents): { x: Kernel; y: Kernel } | undefined {
  const [y, x] = passes.slice(-2);
  if (x?.axis !== "x" || y?.axis !== "y") return undefined;
  const serves = ({ weights, first }: Kernel, count: number) => {
    const reach = (weights.length - 1) / 2;
    return first === -reach && reach > 0 && reach <= mostReach && reach < count &&
      weights.every((weight, index) => weight === weights[weights.length - 1 - index]);
  };
  return serves(x.kernel, width) && serves(y.kernel, height) ? { x: x.kernel, y: y.kernel } : undefined;
}

/** Whether {@linkcode convolvePasses} gains by lanes: kernels along y and x are the same from both ends, and short. */
export const servesPlane = (passes: readonly Pass[], extents: Extents): boolean =>
  planeKernels(passes, extents) !== undefined;

/** Records weighted sums along each axis of the passes in turn; with a tile of `plane` y and x in one where they can be. */
export function convolvePasses(
  r: Recorder,
  image: Value,
  extents: Extents,
  passes: readonly Pass[],
  options: BorderOptions,
  plane: Tune | undefined,
): Value {
  const kernels = plane === undefined ? undefined : planeKernels(passes, extents);
  const single = kernels === undefined ? passes : passes.slice(0, -2);
  const value = single.reduce(
    (value, { axis, kernel }) => convolveAxis(r, value, extents, axis, kernel, options),
    image,
  );
  return kernels === undefined ? value : convolvePlane(r, value, extents, kernels, options, plane!);
}

const hasEqualWeights = ({ weights }: Kernel): boolean => weights.every((weight) => weight === weights[0]);

/**
 * Records the sums of an image weighted along y and then along x, in one pass; f32, relative rounding error of about 2e-7.
 * For kernels of {@linkcode planeKernels} and devices that {@linkcode hasLanes}.
 */
function convolvePlane(
  r: Recorder,
  image: Value,
  { channels, depth, height, width }: Extents,
  kernels: { readonly x: Kernel; readonly y: Kernel },
  { border, cval }: BorderOptions,
  { COLUMNS, ROWS }: Tune,
): Value {
  const result = r.temporary({ dtype: "f32", shape: image.shape });
  const [reachX, reachY] = [kernels.x, kernels.y].map(({ first }) => -first);
  const halo = Math.ceil(reachX / 4);
  const made = lanes * COLUMNS - 2 * halo;
  const texels = Math.ceil(width / 4);
  const tiles = Math.ceil(texels / made);
  // Most borders turn whole texels of rows that end with one; else what reaches beyond a row's ends goes pixel by pixel.
  const isTurned = width % 4 === 0 && border !== "mirror" && halo <= texels;
  const { inside, outside } = isTurned
    ? { inside: allTiles(tiles), outside: noTiles }
    : splitTiles(tiles, made, halo, made + halo - 1, Math.floor(width / 4));
  const turn = !isTurned ? 0 : border === "reflect" ? 1 : border === "nearest" ? 2 : 0;
  const outwards = ({ weights }: Kernel, reach: number) =>
    Array.from({ length: weightSlots }, (_, k) => k <= reach ? weights[reach + k] : 0);
  const isEqual = Math.min(reachX, reachY) >= 2 && [kernels.x, kernels.y].every(hasEqualWeights);
  [inside, outside].forEach((range, edge) => {
    if (range.count === 0) return;
    r.dispatch(planePage, {
      bind: { image, result },
      params: {
        weights_x: outwards(kernels.x, reachX),
        weights_y: outwards(kernels.y, reachY),
        border_x: borderRule(border, width),
        border_y: borderRule(border, height),
        border_texels: isTurned ? borderRule(border, texels) : noRule,
        columns: rangeParam(range),
        width,
        height,
        fill: borderFill(border),
        cval,
      },
      overrides: { EDGE: edge, FILL: borderFill(border), TURN: turn },
      tune: { REACH_X: reachX, REACH_Y: reachY, HALO: halo, COLUMNS, ROWS, EQUAL: Number(isEqual) },
      iterations: 0,
      ...overLayers([range.count, Math.ceil(height / ROWS)], channels * depth),
    });
  });
  return result;
}
