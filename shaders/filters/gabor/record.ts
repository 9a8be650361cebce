import { definePage, type Page, type Recorder, type Value } from "../../contract.ts";
import {
  border as borderLib,
  loops as loopsLib,
  steppedLines as steppedLinesLib,
  tiles as tilesLib,
} from "../../lib/mod.ts";
import { borderFill, borderRule } from "../border.ts";
import { type KernelSize, packKernels, recordConvolution, type Target } from "../convolve/record.ts";
import { type Axis, countAlong, type Extents } from "../extents.ts";
import { dispatchSteppedLines } from "../passes/stepped_lines.ts";
import type { GaborOptions } from "./gabor.ts";
import { gaborKernelOf, type GaborShape } from "./gabor_kernel.ts";
import text from "./gabor_lines.wgsl" with { type: "text" };

/** Sums with complex weights along y or z. */
export const gaborLinesPage: Page = definePage({
  name: "gabor_lines",
  file: import.meta.resolve("./gabor_lines.wgsl"),
  text,
  libs: [borderLib, loopsLib, tilesLib, steppedLinesLib],
  bindings: [
    { name: "image", access: "read", layout: "rows4" },
    { name: "weights", access: "read", layout: "rows4" },
    { name: "result", access: "write", layout: "rows4" },
  ],
});

/** A filter and the layers that it writes. */
export interface GaborPass {
  readonly shape: GaborShape;
  readonly target: Target;
}

/** Whether the kernel is a product of kernels along the axes, to what f32 can tell. */
export function isSeparable({ radii, form }: GaborShape): boolean {
  return radii.every((a, i) => radii.every((b, j) => i === j || Math.abs(form[i][j]) * a * b < 1e-8));
}

/** The size of a filter's kernel. */
export function kernelSize(radii: readonly number[]): KernelSize {
  const size = radii.map((radius) => 2 * radius + 1);
  return size.length === 2 ? [1, size[0], size[1]] : [size[0], size[1], size[2]];
}

/** Records filters as sums over their whole kernels. */
export function recordDense(
  r: Recorder,
  image: Value,
  extents: Extents,
  options: GaborOptions,
  passes: readonly GaborPass[],
): void {
  for (const { shape, target } of passes) {
    const { real, imaginary } = gaborKernelOf(shape);
    const parts = options.part === "real" ? [real] : options.part === "imaginary" ? [imaginary] : [real, imaginary];
    const data = Float32Array.from(parts.flatMap((part) => [...part]));
    const table = packKernels(r, r.constant(data, [parts.length, ...kernelSize(shape.radii)]), true);
    const finish = options.part === "magnitude" ? { kind: "magnitude" } as const : undefined;
    recordConvolution(r, image, table, extents, options, target, finish);
  }
}

/** A complex number. */
type Complex = readonly [number, number];

/**
 * Records filters whose kernels are products: along x first, then y, then z. What follows x depends on the size of the wave
 * along x and not on its sign, which only turns the sign of the imaginary part: filters that differ in it share the pass.
 */
export function recordSeparable(
  r: Recorder,
  image: Value,
  extents: Extents,
  options: GaborOptions,
  passes: readonly GaborPass[],
): void {
  const { channels, depth, height, width, axes } = extents;
  const [x, ...others] = axes.map((axis, index) => ({ axis, index })).reverse();
  const pairs = () => r.temporary({ dtype: "f32", shape: [2 * channels * depth, height, width] });
  const pairTarget = (result: Value): Target => ({ result, first: 0, channel: 2 * depth, slice: 2, kernel: 1 });
  // One group after the other, so that the results along x needn't be kept for long.
  const groups = Map.groupBy(
    passes,
    ({ shape: { wave, form, radii } }) => keyOf(Math.abs(wave[x.index]), form[x.index][x.index], radii[x.index]),
  );
  for (const group of groups.values()) {
    const wave = Math.abs(group[0].shape.wave[x.index]);
    const [cosine, sine] = gaborFactor(group[0].shape, x.index, wave);
    const kernels = r.constant(Float32Array.from([...cosine, ...sine]), [2, 1, 1, cosine.length]);
    const alongX = pairTarget(pairs());
    recordConvolution(r, image, packKernels(r, kernels, false), extents, options, alongX);
    for (
      const { shape, target, opposite } of pairedUp(group, x.index, others.length === 1 && options.part !== "magnitude")
    ) {
      let from = alongX.result;
      // What stands for the constant beyond the border grows by the sum of each factor; the sines have sum 0.
      let cval = options.cval * sum(cosine);
      const sign = shape.wave[x.index] < 0 ? -1 : 1;
      others.forEach(({ axis, index }, step) => {
        const last = step === others.length - 1;
        const [even, odd] = gaborFactor(shape, index, shape.wave[index]);
        const turned = last ? finalTurn(shape, options.part) : [1, 0] as const;
        const weights = even.map((c, tap) => times([c, odd[tap]], turned)).map(([c, s]) => [c, sign * s]);
        const to = last ? target : pairTarget(pairs());
        const kind = !last ? "pair" : options.part === "magnitude" ? "magnitude" : opposite ? "opposites" : "single";
        const isReal = kind === "single" && (isNothing(sine) && step === 0 || isNothing(weights.map(([, s]) => s)));
        recordLines(r, from, extents, options, { axis, weights, cval, target: to, kind, opposite, isReal });
        from = to.result;
        cval *= sum(even);
      });
    }
  }
}

/** Numbers that differ in rounding only are one key: sines and cosines of angles that mirror each other do. */
const keyOf = (...numbers: readonly number[]): string => numbers.map((number) => Math.round(number * 1e12)).join();

/** Whether factors add less than f32 tells: those of a wave that has no part along an axis. */
const isNothing = (factors: readonly number[]): boolean => factors.every((factor) => Math.abs(factor) < 1e-12);

/** A filter, with what has the opposite wave along x and is the same in all else, where there is such a one. */
interface PairedPass extends GaborPass {
  readonly opposite?: Target;
}

/** Joins filters with their opposites where `joins` says so: what remains of each pair is the one with the positive wave. */
function pairedUp(group: readonly GaborPass[], x: number, joins: boolean): PairedPass[] {
  if (!joins) return [...group];
  const open = new Map<string, GaborPass[]>();
  const key = ({ wave, radii, form, scale, offset }: GaborShape) =>
    keyOf(...wave.map((along, axis) => axis === x ? 0 : along), ...radii, ...form.flat(), scale, offset);
  const [negative, positive] = [
    group.filter(({ shape }) => shape.wave[x] < 0),
    group.filter(({ shape }) => shape.wave[x] >= 0),
  ];
  for (const pass of negative) open.set(key(pass.shape), [...open.get(key(pass.shape)) ?? [], pass]);
  const paired = positive.map((pass) => ({ ...pass, opposite: open.get(key(pass.shape))?.pop()?.target }));
  return [...paired, ...[...open.values()].flat()];
}

/** The factor of a kernel along an axis as it meets the pixels from -radius to radius: the convolution turns the wave. */
function gaborFactor({ radii, form }: GaborShape, axis: number, wave: number): [number[], number[]] {
  const places = Array.from({ length: 2 * radii[axis] + 1 }, (_, index) => index - radii[axis]);
  const height = (p: number) => Math.exp(-0.5 * form[axis][axis] * p * p);
  return [places.map((p) => height(p) * Math.cos(wave * p)), places.map((p) => -height(p) * Math.sin(wave * p))];
}

/** What the last factor is multiplied with: scale and phase, and for the imaginary part -i, which makes it the real one. */
function finalTurn({ scale, offset }: GaborShape, part: GaborOptions["part"]): Complex {
  const turn: Complex = [scale * Math.cos(offset), scale * Math.sin(offset)];
  return part === "imaginary" ? times(turn, [0, -1]) : turn;
}

const times = ([a, b]: Complex, [c, d]: Complex): Complex => [a * c - b * d, a * d + b * c];
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Kinds of result of the page, by their numbers. */
const kinds = ["magnitude", "pair", "single", "opposites"] as const;

/** Rows (or layers) an invocation makes: TILE of the page. */
const tile = 8;
/** Taps of a chunk, an even number up to this; few enough of them go in one. */
const mostTaps = 24;
const mostTapsOfOneChunk = 40;

interface Lines {
  readonly axis: Axis;
  /** Cosine and sine of each tap. */
  readonly weights: readonly (readonly number[])[];
  readonly cval: number;
  readonly target: Target;
  readonly kind: typeof kinds[number];
  /** Where the other one of "opposites" goes, within the same tensor. */
  readonly opposite: Target | undefined;
  /** Whether imaginary parts add nothing. */
  readonly isReal: boolean;
}

function recordLines(
  r: Recorder,
  image: Value,
  extents: Extents,
  { border }: GaborOptions,
  { axis, weights, cval, target, kind, opposite, isReal }: Lines,
): void {
  const chunks = weights.length <= mostTapsOfOneChunk ? 1 : Math.ceil(weights.length / mostTaps);
  const taps = 2 * Math.ceil(weights.length / chunks / 2);
  const data = new Float32Array(2 * chunks * taps);
  weights.forEach((weight, tap) => data.set(weight, 2 * tap));
  const table = r.constant(data, [1, data.length]);
  const first = -(weights.length - 1) / 2;
  const last = first + chunks * taps - 1;
  // The results of slices may lie apart, as those of other filters stand between.
  const cuts = extents.depth === 1 || target.channel === extents.depth * target.slice;
  dispatchSteppedLines(r, gaborLinesPage, extents, axis, { tile, first, last, cuts }, {
    bind: { image, weights: table, result: target.result },
    params: {
      border: borderRule(border, countAlong(extents, axis)),
      layers: [target.first, target.channel, target.slice],
      depth: extents.depth,
      opposite: opposite ? opposite.first - target.first : 0,
      cval: [cval, 0],
      first,
      chunks,
      fill: borderFill(border),
    },
    overrides: { ONE_CHUNK: Number(chunks === 1), RESULT: kinds.indexOf(kind) },
    tune: { TAPS: taps, PARTS: isReal ? 0 : kind === "magnitude" || kind === "pair" ? 2 : 1 },
    iterations: chunks,
  });
}
