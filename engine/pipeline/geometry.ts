/**
 * Where the pixels of an image or volume lie in the patient, and the arithmetic of it.
 *
 * Patient space is LPS+: x grows to the patient's left, y to the back, z to the head, in mm (DICOM PS3.3 C.7.6.2.1.1).
 * Voxel coordinates are (x, y, z) = (column, row, slice): the tensor's axes from the last to the first, whole numbers
 * at the centers of the voxels.
 */

/** A 4x4 matrix, row by row: 16 numbers, the last four of them 0, 0, 0, 1. */
export type Affine = readonly number[];

/** A point in mm or in voxels: x, y, z. */
export type Point = readonly [number, number, number];

/** The range of values that a viewer shows, in the image's units: center - width / 2 to center + width / 2. */
export interface DisplayWindow {
  /** The value in the middle. */
  readonly center: number;
  /** Above 0. */
  readonly width: number;
}

/** Size and place of the pixels of one image or volume. */
export interface Geometry {
  /** Distance between neighboring centers in mm, in the order of the tensor's spatial axes: [y, x] or [z, y, x]. */
  readonly spacing: readonly number[];
  /** From voxel coordinates to LPS+ in mm. Of an image, the third column is the normal times the slice's thickness. */
  readonly affine: Affine;
  /** What the file suggests to show, if it does. */
  readonly window?: DisplayWindow;
  /** Whether small values are shown bright, as MONOCHROME1 of DICOM has it; values stay what they are. */
  readonly inverted?: true;
  /** False where the file says nothing of mm; `spacing` is then 1 along each axis. */
  readonly spacingKnown: boolean;
}

/** A geometry of which only the spacing in mm, [y, x] or [z, y, x], is known: the axes are the patient's. */
export function geometryOfSpacing(spacing: readonly number[]): Geometry {
  checkSpacing(spacing);
  const [x, y, z = 1] = spacing.toReversed();
  return { spacing: [...spacing], affine: [x, 0, 0, 0, 0, y, 0, 0, 0, 0, z, 0, 0, 0, 0, 1], spacingKnown: true };
}

/** The geometry of a picture without a known size in mm; `rank` counts the spatial axes (2 or 3). */
export function unknownGeometry(rank: number): Geometry {
  return { ...geometryOfSpacing(new Array<number>(rank).fill(1)), spacingKnown: false };
}

/** A geometry from its affine; the spacing is the length of the affine's columns. `rank` is 2 or 3. */
export function geometryOfAffine(affine: Affine, rank: number): Geometry {
  const lengths = [0, 1, 2].map((column) => Math.hypot(affine[column], affine[4 + column], affine[8 + column]));
  const spacing = lengths.slice(0, rank).reverse();
  checkSpacing(spacing);
  return { spacing, affine: [...affine], spacingKnown: true };
}

/** The same geometry, shown as a file suggests. */
export function withDisplay(
  { window: _, inverted: __, ...rest }: Geometry,
  { window, inverted }: { readonly window?: DisplayWindow; readonly inverted?: boolean },
): Geometry {
  return { ...rest, ...(window === undefined ? {} : { window }), ...(inverted ? { inverted } : {}) };
}

/** The geometry after resampling `size` pixels to `newSize`, the outer edges staying in place; both in the order of the axes. */
export function resampledGeometry(
  geometry: Geometry,
  size: readonly number[],
  newSize: readonly number[],
): Geometry {
  const step = size.map((pixels, axis) => pixels / newSize[axis]);
  return onGrid(geometry, step.map((pixels) => (pixels - 1) / 2), step);
}

/** The geometry after cutting or padding: pixel 0 is what was pixel `start`, in the order of the axes. */
export function shiftedGeometry(geometry: Geometry, start: readonly number[]): Geometry {
  return onGrid(geometry, start, start.map(() => 1));
}

/** The geometry of one slice `[H, W]` of a volume. */
export function geometryOfSlice(geometry: Geometry, slice: number): Geometry {
  const { spacing, ...rest } = shiftedGeometry(geometry, [slice, 0, 0]);
  return { ...rest, spacing: spacing.slice(1) };
}

/** The geometry of what a box x0, y0, x1, y1 holds of an image, as `size` [h, w] pixels. */
export function geometryOfBox(
  geometry: Geometry,
  [x0, y0, x1, y1]: readonly number[],
  [height, width]: readonly number[],
): Geometry {
  const step = [(y1 - y0) / height, (x1 - x0) / width];
  return onGrid(geometry, [y0 + (step[0] - 1) / 2, x0 + (step[1] - 1) / 2], step);
}

/** Whether two geometries put all pixels of a size at the same place, to a hundredth of a pixel. */
export function isSameGrid(one: Geometry, other: Geometry, size: readonly number[]): boolean {
  const last = size.map((pixels) => pixels - 1).reverse();
  const least = Math.min(...one.spacing);
  return Array.from({ length: 2 ** size.length }, (_, corner) => {
    const [x, y, z = 0] = last.map((pixels, axis) => (corner >> axis) & 1 ? pixels : 0);
    const [here, there] = [one, other].map(({ affine }) => voxelToPatient(affine, [x, y, z]));
    return Math.hypot(...here.map((mm, axis) => mm - there[axis])) <= 0.01 * least;
  }).every((isNear) => isNear);
}

/** Pixel 0 at `start` of the old grid and `step` old pixels from each to the next, in the order of the axes. */
function onGrid(geometry: Geometry, start: readonly number[], step: readonly number[]): Geometry {
  const rank = step.length;
  const [sx, sy, sz = 1] = step.toReversed();
  const [x, y, z = 0] = start.toReversed();
  const scale = [sx, sy, sz, 1];
  const origin = voxelToPatient(geometry.affine, [x, y, z]);
  const affine = geometry.affine.map((value, at) => at % 4 === 3 && at < 12 ? origin[at >> 2] : value * scale[at % 4]);
  const spacing = geometry.spacing.map((mm, axis) => axis < rank ? mm * step[axis] : mm);
  return { ...geometry, spacing, affine };
}

/** The point in mm, LPS+, of voxel coordinates (x, y, z). */
export function voxelToPatient(affine: Affine, [x, y, z]: Point): [number, number, number] {
  const row = (i: number): number => affine[i] * x + affine[i + 1] * y + affine[i + 2] * z + affine[i + 3];
  return [row(0), row(4), row(8)];
}

/** Voxel coordinates (x, y, z) of a point in mm, LPS+. */
export function patientToVoxel(affine: Affine, point: Point): [number, number, number] {
  return voxelToPatient(invertedAffine(affine), point);
}

/** The inverse of an affine. Throws a `RangeError` where the three columns lie in a plane. */
export function invertedAffine(affine: Affine): number[] {
  const [a, b, c, tx, d, e, f, ty, g, h, i, tz] = affine;
  const minors = [e * i - f * h, c * h - b * i, b * f - c * e];
  const determinant = a * minors[0] + d * minors[1] + g * minors[2];
  const size = Math.hypot(a, d, g) * Math.hypot(b, e, h) * Math.hypot(c, f, i);
  if (!(Math.abs(determinant) > 1e-9 * size)) {
    throw new RangeError(`The affine [${affine.join(", ")}] has no inverse: its three columns must span the space`);
  }
  const [m0, m1, m2, m3, m4, m5, m6, m7, m8] = [
    ...minors,
    f * g - d * i,
    a * i - c * g,
    c * d - a * f,
    d * h - e * g,
    b * g - a * h,
    a * e - b * d,
  ].map((value) => value / determinant);
  const shift = (p: number, q: number, r: number): number => -(p * tx + q * ty + r * tz);
  return [m0, m1, m2, shift(m0, m1, m2), m3, m4, m5, shift(m3, m4, m5), m6, m7, m8, shift(m6, m7, m8), 0, 0, 0, 1];
}

/** Turns an affine to RAS+ (NIfTI) into one to LPS+, and back: x and y change their sign. */
export function flippedRasLps(affine: Affine): number[] {
  return affine.map((value, at) => at < 8 ? 0 - value : value);
}

function checkSpacing(spacing: readonly number[]): void {
  if (spacing.length < 2 || spacing.length > 3 || !spacing.every((mm) => mm > 0 && Number.isFinite(mm))) {
    throw new RangeError(`The spacing is [${spacing.join(", ")}] mm: it must be 2 or 3 numbers above 0`);
  }
}
