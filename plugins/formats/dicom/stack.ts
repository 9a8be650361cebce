/**
 * From slices to a volume: which of them make one up, in which order, and whether their places do. The tolerances are named here;
 * what exceeds them is a problem that the policy of whoever reads decides about.
 */
import {
  type Affine,
  type Geometry,
  geometryOfAffine,
  geometryOfSpacing,
  unknownGeometry,
} from "../../../engine/pipeline/mod.ts";
import { cross, dot, type Slice, type Vector, VOLUME_KEYS, type VolumeKey } from "./slice.ts";

/** How far slices may be from an even stack of equal ones. */
export const TOLERANCES = {
  /** Nearer than this along the normal is the same place, in mm. */
  samePlaceMm: 0.01,
  /** Steps may differ from the median step by this share of it ... */
  unevenShare: 0.02,
  /** ... or by this many mm, which positions of two decimals can't do without. */
  unevenMm: 0.011,
  /** Directions of rows and columns may differ by this much in each cosine. */
  orientation: 1e-3,
  /** The stack may lean from the normal by this angle. */
  tiltDegrees: 0.5,
  /** A slice may lie beside the line from the first to the last by this many mm. */
  besideMm: 0.5,
  /** Spacing in the plane may differ by this share. */
  spacingShare: 1e-3,
} as const;

/** What is wrong with a stack. */
export interface Problem {
  readonly kind: "missing" | "duplicate" | "uneven" | "tilt" | "shifted" | "orientations" | "sizes" | "no place";
  /** One sentence without its dot: "slice 37 is missing: a gap of 3.2 mm instead of 1.6". */
  readonly text: string;
}

/** Slices in order, where they lie, and what is wrong with that. */
export interface Stack {
  /** In the order of the volume. */
  readonly slices: readonly Slice[];
  readonly geometry: Geometry;
  /** Angle between the stack and the normal of its slices. */
  readonly tiltDegrees: number;
  /** Places along the normal in mm, where all slices have one. */
  readonly heights?: readonly number[];
  readonly problems: readonly Problem[];
}

/**
 * The volumes of a series: slices at the same place belong to different ones and are told apart by the first of `VOLUME_KEYS` that
 * does; where none does, by their order, if each place has as many.
 */
export function volumesOf(slices: readonly Slice[]): Slice[][] {
  return split(slices, VOLUME_KEYS);
}

function split(slices: readonly Slice[], keys: readonly VolumeKey[]): Slice[][] {
  const repeated = repetitions(slices);
  if (repeated === 0) return [[...slices]];
  const [key, ...others] = keys;
  if (key === undefined) return byOrder(slices) ?? [[...slices]];
  const parts = [...Map.groupBy(slices, (slice) => slice.keys[key]).values()];
  const isBetter = parts.length > 1 && parts.reduce((sum, part) => sum + repetitions(part), 0) < repeated;
  return isBetter ? parts.flatMap((part) => split(part, others)) : split(slices, others);
}

/** How many slices lie where another one does; the same instance given twice doesn't count. */
function repetitions(slices: readonly Slice[]): number {
  const places = new Set<string>();
  const instances = new Set<string>();
  for (const slice of slices) {
    instances.add(slice.uid === "" ? `${slice.source} ${slice.frame}` : `${slice.uid} ${slice.frame}`);
    places.add(placeOf(slice));
  }
  return instances.size - places.size;
}

function placeOf({ position, axes, source, frame }: Slice): string {
  if (position === undefined) return `${source} ${frame}`;
  const direction = axes === undefined ? "" : [...axes.row, ...axes.column].map((value) => value.toFixed(2)).join();
  return `${position.map((mm) => mm.toFixed(2)).join()} ${direction}`;
}

/** Where each place has equally many slices, with numbers of their own: the first of each, the second of each and so on. */
function byOrder(slices: readonly Slice[]): Slice[][] | undefined {
  const places = [...Map.groupBy(slices, placeOf).values()];
  const count = places[0].length;
  const numbers = new Set(slices.map(({ instance, frame }) => `${instance} ${frame}`));
  if (count < 2 || places.some((place) => place.length !== count) || numbers.size < slices.length) return undefined;
  const sorted = places.map((place) => place.toSorted((a, b) => a.instance - b.instance || a.frame - b.frame));
  return Array.from({ length: count }, (_, at) => sorted.map((place) => place[at]));
}

/** Puts the slices of one volume in order and says what is wrong with their places. */
export function stackOf(given: readonly Slice[]): Stack {
  const problems: Problem[] = [];
  const kept = withoutRepeated(sameDirection(sameSize(given, problems), problems), problems);
  if (kept.length === 1) return { slices: kept, geometry: imageGeometry(kept[0]), tiltDegrees: 0, problems };
  const { axes, spacing } = kept[0];
  const positions = kept.flatMap(({ position }) => position ?? []);
  if (axes === undefined || positions.length < 3 * kept.length) return withoutPlaces(kept, problems);
  const normal = cross(axes.row, axes.column);
  const heightOf = (slice: Slice): number => dot(slice.position!, normal);
  const slices = kept.toSorted((a, b) => heightOf(a) - heightOf(b) || a.instance - b.instance);
  const heights = slices.map(heightOf);
  judgeSteps(heights, problems);
  const [first, last] = [slices[0].position!, slices.at(-1)!.position!];
  const across = first.map((from, at) => last[at] - from) as unknown as Vector;
  const length = Math.hypot(...across);
  const tiltDegrees = length === 0 ? 0 : Math.acos(Math.min(1, dot(across, normal) / length)) * 180 / Math.PI;
  if (tiltDegrees > TOLERANCES.tiltDegrees) {
    problems.push({ kind: "tilt", text: `the slices lean by ${tiltDegrees.toFixed(1)} degrees (gantry tilt)` });
  }
  judgeLine(slices, first, across, length, problems);
  const step = across.map((mm) => mm / (slices.length - 1)) as unknown as Vector;
  if (spacing === undefined || length === 0) {
    if (spacing === undefined) problems.push({ kind: "no place", text: "the pixels have no spacing" });
    return { slices, geometry: unknownGeometry(3), tiltDegrees, heights, problems };
  }
  const geometry = geometryOfAffine(affineOf(axes, spacing, step, first), 3);
  return { slices, geometry, tiltDegrees, heights, problems };
}

/** Slices of the most frequent size and spacing; others are a problem. */
function sameSize(slices: readonly Slice[], problems: Problem[]): readonly Slice[] {
  const near = (value: number): number => Math.round(Math.log(value) / TOLERANCES.spacingShare / 2);
  const keyOf = ({ rows, columns, spacing }: Slice) => [rows, columns, ...(spacing ?? []).map(near)].join();
  return mostFrequent(slices, keyOf, (others, count) => {
    const sizes = new Set(slices.map(({ rows, columns }) => `${columns} x ${rows}`));
    const text = sizes.size > 1
      ? `slices have ${sizes.size} sizes (${[...sizes].join(", ")})`
      : `${others} of ${count} slices ${others === 1 ? "has" : "have"} another spacing`;
    problems.push({ kind: "sizes", text });
  });
}

/** Slices of the most frequent direction; others are a problem. */
function sameDirection(slices: readonly Slice[], problems: Problem[]): readonly Slice[] {
  const kinds: Slice[] = [];
  const keyOf = (slice: Slice): string => {
    const found = kinds.findIndex((kind) => isParallel(kind, slice));
    return String(found >= 0 ? found : kinds.push(slice) - 1);
  };
  return mostFrequent(slices, keyOf, () => {
    problems.push({ kind: "orientations", text: `slices lie in ${kinds.length} directions` });
  });
}

function isParallel({ axes: a }: Slice, { axes: b }: Slice): boolean {
  if (a === undefined || b === undefined) return a === b;
  return [0, 1, 2].every((at) =>
    Math.abs(a.row[at] - b.row[at]) <= TOLERANCES.orientation &&
    Math.abs(a.column[at] - b.column[at]) <= TOLERANCES.orientation
  );
}

function mostFrequent(
  slices: readonly Slice[],
  keyOf: (slice: Slice) => string,
  found: (others: number, count: number) => void,
): readonly Slice[] {
  const groups = [...Map.groupBy(slices, keyOf).values()];
  if (groups.length === 1) return slices;
  const largest = groups.reduce((most, group) => group.length > most.length ? group : most);
  found(slices.length - largest.length, slices.length);
  return largest;
}

/** The first slice of each instance and place; others are a problem. */
function withoutRepeated(slices: readonly Slice[], problems: Problem[]): readonly Slice[] {
  const seen = new Set<string>();
  const kept = slices.filter((slice) => {
    const key = slice.position === undefined ? `${slice.uid || slice.source} ${slice.frame}` : placeOf(slice);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  const others = slices.length - kept.length;
  if (others === 0) return slices;
  problems.push({
    kind: "duplicate",
    text: `${others} of ${slices.length} slices ${others === 1 ? "lies" : "lie"} where another one does`,
  });
  return kept;
}

function judgeSteps(heights: readonly number[], problems: Problem[]): void {
  const steps = heights.slice(1).map((height, at) => height - heights[at]);
  const median = steps.toSorted((a, b) => a - b)[Math.floor((steps.length - 1) / 2)];
  const allowed = Math.max(TOLERANCES.unevenShare * median, TOLERANCES.unevenMm);
  let number = 1;
  let isUneven = false;
  for (const step of steps) {
    const count = Math.max(1, Math.round(step / median));
    if (Math.abs(step - count * median) > count * allowed) {
      isUneven = true;
    } else if (count > 1) {
      const which = count === 2
        ? `slice ${number + 1} is missing`
        : `slices ${number + 1} to ${number + count - 1} are missing`;
      problems.push({ kind: "missing", text: `${which}: a gap of ${mm(step)} mm instead of ${mm(median)}` });
    }
    number += count;
  }
  if (!isUneven) return;
  const [least, most] = [Math.min(...steps), Math.max(...steps)];
  problems.push({ kind: "uneven", text: `the slices lie ${mm(least)} to ${mm(most)} mm apart` });
}

function judgeLine(slices: readonly Slice[], first: Vector, across: Vector, length: number, problems: Problem[]): void {
  if (length === 0) return;
  const beside = slices.map(({ position }) => {
    const from = position!.map((value, at) => value - first[at]) as unknown as Vector;
    const along = dot(from, across) / length;
    return Math.sqrt(Math.max(0, dot(from, from) - along * along));
  });
  const most = Math.max(...beside);
  if (most <= TOLERANCES.besideMm) return;
  const number = beside.indexOf(most) + 1;
  problems.push({ kind: "shifted", text: `slice ${number} lies ${mm(most)} mm beside the line of the others` });
}

/** A distance as people write it. */
export function mm(value: number): string {
  return String(Number(value.toFixed(2)));
}

/** A stack whose slices have no places: their distance, if the files say one. */
function withoutPlaces(slices: readonly Slice[], problems: Problem[]): Stack {
  const { axes, spacing, between, thickness, position } = slices[0];
  const ordered = slices.toSorted((a, b) => a.instance - b.instance || a.frame - b.frame);
  const distance = between ?? thickness;
  if (spacing === undefined || distance === undefined) {
    problems.push({ kind: "no place", text: "the slices have no positions and no distance" });
    return { slices: ordered, geometry: unknownGeometry(3), tiltDegrees: 0, problems };
  }
  if (axes === undefined || position === undefined) {
    return { slices: ordered, geometry: geometryOfSpacing([distance, ...spacing]), tiltDegrees: 0, problems };
  }
  const step = cross(axes.row, axes.column).map((value) => value * distance) as unknown as Vector;
  return {
    slices: ordered,
    geometry: geometryOfAffine(affineOf(axes, spacing, step, position), 3),
    tiltDegrees: 0,
    problems,
  };
}

/** Where a single slice lies; its third axis is as long as the slice is thick. */
export function imageGeometry({ axes, spacing, position, thickness }: Slice): Geometry {
  if (spacing === undefined) return unknownGeometry(2);
  if (axes === undefined) return geometryOfSpacing(spacing);
  const step = cross(axes.row, axes.column).map((value) => value * (thickness ?? 1)) as unknown as Vector;
  return geometryOfAffine(affineOf(axes, spacing, step, position ?? [0, 0, 0]), 2);
}

function affineOf(
  { row, column }: NonNullable<Slice["axes"]>,
  [dy, dx]: readonly [number, number],
  step: Vector,
  origin: Vector,
): Affine {
  return [...[0, 1, 2].flatMap((at) => [row[at] * dx, column[at] * dy, step[at], origin[at]]), 0, 0, 0, 1];
}
