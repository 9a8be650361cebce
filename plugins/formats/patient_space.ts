/** From directions and an origin to a geometry, for formats that keep these apart. */
import {
  type Geometry,
  geometryOfAffine,
  geometryOfSpacing,
  invertedAffine,
  unknownGeometry,
} from "../../engine/pipeline/mod.ts";

/** What a header says of the place of its voxels, in LPS+. */
export interface Place {
  /** Steps along x, y and z in mm, each a vector. */
  readonly steps?: readonly (readonly number[])[];
  /** Center of the first voxel. */
  readonly origin?: readonly number[];
  /** Distances in mm along x, y and z where there are no directions. */
  readonly spacing?: readonly number[];
}

/** The geometry of a place, and what to warn of. `rank` counts the spatial axes of the tensor. */
export function geometryOfPlace(
  { steps, origin = [0, 0, 0], spacing }: Place,
  rank: number,
): { geometry: Geometry; warnings: string[] } {
  const lengths = spacing ?? steps?.map((step) => Math.hypot(...step));
  const isKnown = lengths?.slice(0, rank).every((mm) => mm > 0 && Number.isFinite(mm)) ?? false;
  if (steps !== undefined && isKnown) {
    const columns = [0, 1, 2].map((axis) => steps[axis] ?? normalOf(steps));
    const affine = [
      ...[0, 1, 2].flatMap((at) => [...columns.map((column) => column[at]), origin[at] ?? 0]),
      0,
      0,
      0,
      1,
    ];
    if (affine.every(Number.isFinite) && spansSpace(affine)) {
      return { geometry: geometryOfAffine(affine, rank), warnings: [] };
    }
    return {
      geometry: geometryOfSpacing(lengths!.slice(0, rank).toReversed()),
      warnings: ["The directions span no space: only the voxel size is known, not the place in the patient."],
    };
  }
  if (isKnown) {
    const warning = "The header has no directions: only the voxel size is known, not the place in the patient.";
    return { geometry: geometryOfSpacing(lengths!.slice(0, rank).toReversed()), warnings: [warning] };
  }
  return { geometry: unknownGeometry(rank), warnings: ["The header gives no voxel size: its spacing is unknown."] };
}

function normalOf([a, b]: readonly (readonly number[])[]): number[] {
  const normal = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
  const length = Math.hypot(...normal);
  return normal.map((value) => value / length);
}

/** Whether the columns of an affine don't lie in a plane. */
export function spansSpace(affine: readonly number[]): boolean {
  try {
    invertedAffine(affine);
    return true;
  } catch {
    return false;
  }
}
