/** Resizing along one axis as weighted sums of slices: the kernels that reach further than two neighbors, and crops. */
import { nn } from "../../../shaders/mod.ts";

/** How positions and weights are found; names as ONNX has them. */
export interface TapRules {
  readonly mode: "nearest" | "linear" | "cubic";
  readonly coordinates: nn.ResizeCoordinates | "tf_crop_and_resize";
  readonly nearestMode: nn.ResizeOptions["nearestMode"];
  readonly antialias: boolean;
  readonly excludeOutside: boolean;
  readonly cubicCoefficient: number;
}

/** One axis: sizes, factor, and the part of it that is resized, from 0 to 1. */
export interface TappedAxis {
  readonly input: number;
  readonly output: number;
  readonly scale: number;
  readonly begin: number;
  readonly end: number;
}

/** Indices and weights of each position of the result, and whether it lies inside of the input. */
export interface Taps {
  readonly count: number;
  readonly indices: readonly number[];
  readonly weights: readonly number[];
  readonly inside: readonly boolean[];
}

function placeOf(position: number, axis: TappedAxis, { coordinates }: TapRules): number {
  if (coordinates !== "tf_crop_and_resize") return nn.resizeSource(position, axis, { coordinates });
  const { input, output, begin, end } = axis;
  if (output <= 1) return 0.5 * (begin + end) * (input - 1);
  return begin * (input - 1) + position * (end - begin) * (input - 1) / (output - 1);
}

/** Keys' cubic kernel. */
function cubic(distance: number, a: number): number {
  const d = Math.abs(distance);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

/** Taps around a place: `first` is the leftmost; the kernel is widened where the axis shrinks and antialias is asked for. */
function kernelAt(place: number, scale: number, rules: TapRules): { first: number; weights: number[] } {
  const shrink = rules.antialias ? Math.min(scale, 1) : 1;
  const reach = rules.mode === "linear" ? 1 : 2;
  // A place on an element counts as just behind the one before.
  const base = Math.ceil(place) - 1;
  const start = Math.floor(-reach / shrink) + 1;
  const weights = Array.from({ length: 2 - 2 * start }, (_, i) => {
    const distance = (base + start + i - place) * shrink;
    return reach === 1 ? Math.max(0, 1 - Math.abs(distance)) : cubic(distance, rules.cubicCoefficient);
  });
  return { first: base + start, weights };
}

/** The taps of all positions of an axis. */
export function tapsOf(axis: TappedAxis, rules: TapRules): Taps {
  const rows = Array.from({ length: axis.output }, (_, position) => {
    const place = placeOf(position, axis, rules);
    const inside = rules.coordinates !== "tf_crop_and_resize" || (place >= 0 && place <= axis.input - 1);
    if (rules.mode === "nearest") return { inside, first: nn.resizeNearest(place, rules.nearestMode), weights: [1] };
    const { first, weights } = kernelAt(place, axis.scale, rules);
    const counted = weights.map((weight, i) => {
      const outside = first + i < 0 || first + i >= axis.input;
      return rules.excludeOutside && outside ? 0 : weight;
    });
    const total = rules.antialias || rules.excludeOutside ? counted.reduce((sum, weight) => sum + weight, 0) : 1;
    return { inside, first, weights: counted.map((weight) => weight / total) };
  });
  const count = rows[0]?.weights.length ?? 0;
  return {
    count,
    indices: rows.flatMap(({ first, weights }) => {
      return weights.map((_, i) => Math.min(Math.max(first + i, 0), Math.max(0, axis.input - 1)));
    }),
    weights: rows.flatMap(({ weights }) => weights),
    inside: rows.map(({ inside }) => inside),
  };
}
