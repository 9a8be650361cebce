/** The planes in which slices of a volume are looked at, and how its axes lie in them. */
import type { Geometry } from "./geometry.ts";

/** A plane of the patient. */
export type Plane = "axial" | "coronal" | "sagittal";

/** All planes, in the order in which a report shows them. */
export const planes: readonly Plane[] = ["axial", "coronal", "sagittal"];

/** How slices in a plane are cut from a volume `[.., D, H, W]`, and turned as clinicians look at them. */
export interface Slicing {
  /** The plane of the slices, as near as the volume's axes come to it. */
  readonly plane: Plane;
  /** Which spatial axis of the volume (0 D, 1 H, 2 W) goes along slices, rows and columns. */
  readonly axes: readonly [slice: number, row: number, column: number];
  /** Whether the rows, and the columns, run the other way. */
  readonly flipped: readonly [rows: boolean, columns: boolean];
}

/** For each plane the patient's axes (0 left, 1 back, 2 head) of its normal, downward along rows, and along columns. */
const views: Readonly<Record<Plane, { readonly axes: readonly number[]; readonly signs: readonly number[] }>> = {
  axial: { axes: [2, 1, 0], signs: [1, 1, 1] },
  coronal: { axes: [1, 2, 0], signs: [1, -1, 1] },
  sagittal: { axes: [0, 2, 1], signs: [1, -1, 1] },
};

const orders: readonly (readonly number[])[] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

/** For each spatial axis of a volume, D first, the patient's axis that it goes along, and whether toward its upper end. */
function directionsOf({ affine }: Geometry): { readonly axis: number; readonly sign: number }[] {
  const columns = [2, 1, 0].map((at) => [affine[at], affine[4 + at], affine[8 + at]]);
  const units = columns.map((column) => column.map((mm) => mm / (Math.hypot(...column) || 1)));
  const score = (order: readonly number[]) => units.reduce((sum, unit, at) => sum + Math.abs(unit[order[at]]), 0);
  const best = orders.reduce((a, b) => score(b) > score(a) + 1e-9 ? b : a, orders[5]);
  return best.map((axis, at) => ({ axis, sign: units[at][axis] < 0 ? -1 : 1 }));
}

/**
 * How to cut a volume into slices of a plane, turned as radiologists look at them: the patient's left on the right side,
 * the head, or in axial slices the front, above. Without a plane it is that of the volume's own slices `[H, W]`. Axes
 * that lean are taken for those that they are the nearest to.
 */
export function slicingOf(geometry: Geometry, plane?: Plane): Slicing {
  const directions = directionsOf(geometry);
  const chosen = plane ?? planes.find((one) => views[one].axes[0] === directions[0].axis)!;
  const view = views[chosen];
  const axes = view.axes.map((wanted) => directions.findIndex(({ axis }) => axis === wanted));
  const isFlipped = (part: number) => directions[axes[part]].sign !== view.signs[part];
  return { plane: chosen, axes: axes as [number, number, number], flipped: [isFlipped(1), isFlipped(2)] };
}
