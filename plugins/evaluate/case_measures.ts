import {
  type Boxes,
  type Classes,
  type Geometry,
  type HostCopy,
  InputError,
  isSameGrid,
  type Labeled,
  type Placed,
  type Truth,
  voxelToPatient,
} from "../../engine/pipeline/mod.ts";
import type { CaseMeasures } from "../formats/measures/measures.ts";
import { hausdorff95 } from "./distance.ts";
import { countsOf, measuresOf } from "./measures.ts";

/** How much was found, in pixels and, where their size is known, in mm. */
export function regionOf({ tensor, geometry }: Placed<HostCopy>): CaseMeasures["region"] {
  let pixels = 0;
  for (const value of tensor.data) if (value > 0.5) pixels++;
  return extentOf(pixels, geometry);
}

/**
 * Extent of each label of a mask, and mean, population standard deviation, least and greatest value of an image of the
 * same grid there. Nothing for a mask of one label.
 */
export function labelsOf(
  { tensor: mask, geometry, labels = [], colors }: Labeled<HostCopy>,
  image: Placed<HostCopy> | undefined,
): CaseMeasures["labels"] {
  if (labels.length < 2) return undefined;
  const values = image?.tensor.data.length === mask.data.length ? image.tensor.data : undefined;
  const each = labels.map(() => ({ pixels: 0, sum: 0, least: Infinity, greatest: -Infinity, squares: 0 }));
  const visit = (action: (one: typeof each[number], value: number) => void) => {
    for (let at = 0; at < mask.data.length; at++) {
      const label = Number(mask.data[at]);
      if (label > 0) action(each[label - 1], values === undefined ? 0 : Number(values[at]));
    }
  };
  visit((one, value) => {
    one.pixels++;
    one.sum += value;
    one.least = Math.min(one.least, value);
    one.greatest = Math.max(one.greatest, value);
  });
  visit((one, value) => one.squares += (value - one.sum / one.pixels) ** 2);
  return Object.fromEntries(labels.map((name, at) => {
    const { pixels, sum, squares, least, greatest } = each[at];
    const color = colors?.[at];
    const extent = { ...extentOf(pixels, geometry), ...color === undefined ? {} : { color } };
    if (values === undefined || pixels === 0) return [name, extent];
    const deviation = Math.sqrt(squares / pixels);
    return [name, {
      ...extent,
      mean: rounded(sum / pixels),
      deviation: rounded(deviation),
      least: rounded(least),
      greatest: rounded(greatest),
    }];
  }));
}

function extentOf(pixels: number, { spacing, spacingKnown }: Geometry): NonNullable<CaseMeasures["region"]> {
  if (!spacingKnown) return { pixels };
  const size = rounded(pixels * spacing.reduce((product, mm) => product * mm, 1));
  return spacing.length === 2 ? { pixels, areaMm2: size } : { pixels, volumeMm3: size };
}

/**
 * The first box that holds anything, in pixels and, where their size is known, in the patient; in a volume with its slice,
 * from 0. Nothing where none does.
 */
export function boxIn({ tensor: { data, shape }, geometry, slices }: Boxes<HostCopy>): CaseMeasures["box"] {
  const rows = Array.from({ length: shape[0] }, (_, n) => Array.from(data.slice(4 * n, 4 * n + 4), Number));
  const found = rows.findIndex(([x0, y0, x1, y1]) => x1 > x0 && y1 > y0);
  if (found < 0 || (geometry.spacing.length !== 2 && slices === undefined)) return undefined;
  const pixels = rows[found].map(rounded);
  const slice = slices === undefined ? {} : { slice: Number(slices.data[found]) };
  if (!geometry.spacingKnown) return { pixels, ...slice };
  // Bounds are edges of pixels, whose centers are whole numbers in voxel coordinates.
  const [x0, y0, x1, y1] = pixels.map((edge) => edge - 0.5);
  const z = slice.slice ?? 0;
  const corners = [[x0, y0], [x1, y1]].map(([x, y]) => voxelToPatient(geometry.affine, [x, y, z]).map(rounded));
  return { pixels, ...slice, cornersMm: corners };
}

/**
 * The class of a case: that of the box which is the least `none`, so that one tumor among other findings counts. Without
 * boxes it is `none`.
 */
export function classOf({ labels, probabilities }: Classes<HostCopy>): CaseMeasures["class"] {
  const values = Array.from(probabilities.data, Number);
  const rows = Array.from(
    { length: probabilities.shape[0] },
    (_, row) => values.slice(row * labels.length, (row + 1) * labels.length),
  );
  const none = labels.indexOf("none");
  const row = rows.toSorted((a, b) => (a[none] ?? 0) - (b[none] ?? 0))[0] ??
    labels.map((label) => label === "none" ? 1 : 0);
  const label = rows.length === 0 ? "none" : labels[row.indexOf(Math.max(...row))];
  return { label, probabilities: Object.fromEntries(labels.map((name, k) => [name, rounded(row[k])])) };
}

/**
 * The mask against the true one; nothing where the truth has none. The truth of class `none` needs no mask: it is empty.
 * Against an empty truth Dice and IoU are not defined, and the Hausdorff distance isn't where either mask is empty.
 */
export function segmentationOf(
  { tensor: mask, geometry }: Placed<HostCopy>,
  truth: Truth,
  source: string,
): CaseMeasures["segmentation"] {
  const expected = truth.mask?.tensor.data ?? (truth.class === "none" ? new Uint8Array(mask.data.length) : undefined);
  if (!expected) return undefined;
  if (truth.mask && truth.mask.tensor.shape.join() !== mask.shape.join()) {
    throw new InputError(
      `Cannot evaluate ${source} as its true mask is of [${truth.mask.tensor.shape}] and the one found of [${mask.shape}] ` +
        "pixels: give a mask of the image's size, or leave out the stage that resamples",
    );
  }
  if (truth.mask && !isSameGrid(truth.mask.geometry, geometry, mask.shape)) {
    throw new InputError(
      `Cannot evaluate ${source} as its true mask lies elsewhere than the one found: leave out the stage that moves it`,
    );
  }
  const counts = countsOf(mask.data, expected);
  const measured = measuresOf(counts);
  const isEmpty = counts.tp + counts.fn === 0;
  return {
    ...counts,
    ...measured,
    ...isEmpty ? { dice: null, iou: null } : {},
    ...distanceOf(mask, expected, geometry),
    ...truth.class === undefined ? {} : { truthClass: truth.class },
  };
}

function distanceOf(
  mask: HostCopy,
  expected: ArrayLike<number | bigint>,
  { spacing, spacingKnown }: Geometry,
): { hd95Mm?: number | null; hd95Px?: number | null } {
  const distance = hausdorff95(mask.data, expected, mask.shape, spacingKnown ? spacing : spacing.map(() => 1));
  const value = distance === null ? null : rounded(distance);
  return spacingKnown ? { hd95Mm: value } : { hd95Px: value };
}

/** Seven significant digits: what an f32 holds. */
function rounded(value: number): number {
  return Number(value.toPrecision(7));
}
