/**
 * The form `tiles`: each invocation makes a rectangle of pixels, whose windows overlap so that a texel is loaded once
 * for many.
 */

import { definePage, type Facts, type Page, type Recorder, type Tune } from "../../contract.ts";
import { epilogue, functions, grid, loops } from "../../lib/mod.ts";
import { sizeOf, xyz } from "../../shape.ts";
import { iterationLimit, nestedIterations } from "../loops.ts";
import tilesText from "./convolution_tiles.wgsl" with { type: "text" };
import type { Geometry } from "./geometry.ts";
import { bias, texelBindings } from "./pages.ts";
import { bindings, blocksOf, packed, shared, size, type Work, workgroupOf } from "./record.ts";

/** Few products a texel. */
const page: Page = definePage({
  name: "convolution_tiles",
  file: import.meta.resolve("./convolution_tiles.wgsl"),
  text: tilesText,
  libs: [grid, loops, functions, epilogue, bias],
  bindings: texelBindings,
});

const isDepthwise = ({ groups, inChannels, outChannels }: Geometry): boolean =>
  groups === inChannels && groups === outChannels && groups > 1;

/** Most taps along x, and most of a kernel's plane that one step expands. */
const mostTaps = 7, mostExpanded = 9;

/** Pixels, texels and rows of taps that an invocation takes at once. */
function shapeOf(geometry: Geometry, adapter?: Facts["adapter"]) {
  const { kernel, strides, inChannels, outChannels } = geometry;
  const [taps, rows] = kernel.toReversed();
  const depthwise = isDepthwise(geometry);
  const isSmall = taps * rows <= mostExpanded;
  // A channel by itself has one texel of weights a tap: whole kernels fit.
  if (depthwise) {
    return { PX: 4, PY: taps * rows > 25 ? 2 : 4, TEXELS: 1, ROWS: rows, TAPS: taps, DEPTHWISE: 1, LANES: 1 };
  }
  const LANES = Math.min(4, inChannels);
  // Two texels share the pixels that they load; SwiftShader compiles twice as long for them.
  const TEXELS = inChannels > 4 || adapter === "swiftshader" ? 1 : Math.min(2, blocksOf(outChannels));
  const PY = isSmall && strides.at(-1) === 1 ? 4 : isSmall ? 2 : 1;
  return { PX: PY === 1 ? 8 : 4, PY, TEXELS, ROWS: isSmall ? rows : 1, TAPS: taps, DEPTHWISE: 0, LANES };
}

/** Pixels and texels that an invocation may take. */
export function tilesTunes(geometry: Geometry, { adapter }: Facts): Tune[] {
  const { PX, PY, TEXELS, DEPTHWISE } = shapeOf(geometry, adapter);
  const others = [{ PX, PY: Math.ceil(PY / 2), TEXELS }, { PX: PX / 2, PY, TEXELS }];
  const texels = 3 - TEXELS;
  if (DEPTHWISE === 0 && texels <= blocksOf(geometry.outChannels)) others.push({ PX, PY, TEXELS: texels });
  return [{ PX, PY, TEXELS }, ...others.filter((tune) => tune.PX !== PX || tune.PY !== PY || tune.TEXELS !== TEXELS)];
}

/** What its loop goes through: steps of a layer of taps, of a block of input channels and of all blocks. */
function stepsOf(geometry: Geometry) {
  const [, rows, layers] = xyz(geometry.kernel, 1);
  const stepsY = rows / shapeOf(geometry).ROWS;
  const stepsBlock = stepsY * layers;
  return { stepsY, stepsBlock, steps: stepsBlock * (isDepthwise(geometry) ? 1 : blocksOf(geometry.inChannels)) };
}

const iterationsOf = (geometry: Geometry): number => nestedIterations([stepsOf(geometry).steps]);

/** Whether the form can compute a convolution: 3x3 of stride 1, any small kernel of few channels or of each by itself. */
export function servesTiles(geometry: Geometry): boolean {
  const { kernel, strides, dilations, groups, inChannels, input } = geometry;
  if (kernel.length < 2 || sizeOf(input) * inChannels === 0 || dilations.some((step) => step > 1)) return false;
  const [stride, strideY] = strides.toReversed();
  const isPlain = groups === 1 && stride === 1 && kernel.slice(-2).every((taps) => taps === 3);
  const isFew = groups === 1 && inChannels <= 4 || isDepthwise(geometry);
  return (isPlain || isFew) && stride === strideY && stride <= 2 && kernel.at(-1)! <= mostTaps &&
    kernel.at(-2)! <= mostTaps && iterationsOf(geometry) <= iterationLimit;
}

/** Records the form `tiles`. */
export function recordTiles(r: Recorder, work: Work, tune: Tune): void {
  const { geometry } = work;
  const workgroup = workgroupOf(r.facts, false);
  const shape = { ...shapeOf(geometry, r.facts.adapter), ...tune };
  const [width, height, depth] = xyz(geometry.output, 1);
  const across = Math.ceil(width / shape.PX), down = Math.ceil(height / shape.PY);
  const tiles = across * down * depth * geometry.batch;
  const runs = Math.ceil(tiles / workgroup);
  const blocks = blocksOf(geometry.outChannels);
  const { stepsY, stepsBlock, steps } = stepsOf(geometry);
  const strides = xyz(geometry.strides, 1);
  r.dispatch(page, {
    bind: bindings(work, packed(r, work)),
    params: {
      input: size(geometry.input, blocksOf(geometry.inChannels)),
      output: size(geometry.output, blocks),
      pads: [...xyz(geometry.padsBegin, 0), 0],
      tiles: [across, down, tiles, 0],
      steps_y: stepsY,
      steps_block: stepsBlock,
      steps,
      stride_z: strides[2],
      channels: geometry.outChannels,
      runs,
    },
    overrides: shared(work),
    tune: {
      WORKGROUP: workgroup,
      STRIDE: strides[0],
      ONE_STEP: Number(steps === 1),
      ...shape,
    },
    groups: runs * Math.ceil(blocks / shape.TEXELS),
    iterations: iterationsOf(geometry),
  });
}
