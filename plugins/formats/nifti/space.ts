import type { NIFTI1, NIFTI2 } from "npm:nifti-reader-js@0.8.0";
import {
  type Affine,
  flippedRasLps,
  type Geometry,
  geometryOfAffine,
  invertedAffine,
  patientToVoxel,
  type Point,
  unknownGeometry,
  voxelToPatient,
} from "../../../engine/pipeline/mod.ts";

/** The header of a NIfTI file with its bytes. */
export interface NiftiHeader {
  /** The fields, as the reader gives them. */
  readonly header: NIFTI1 | NIFTI2;
  /** The bytes of the file. */
  readonly view: DataView;
  /** 1 has a header of 348 bytes, 2 one of 540. */
  readonly version: 1 | 2;
}

/** Millimeters in the units of `xyzt_units`; a file that doesn't say means millimeters. */
const MM_PER_UNIT: Readonly<Record<number, number>> = { 1: 1000, 2: 1, 3: 1e-3 };

/** How far two affines may put the same voxel apart, in voxels, before they contradict each other. */
const TOLERANCE_VOXELS = 0.1;

/**
 * Where the voxels lie: the sform where its code is above 0, else the qform, else the voxel size alone (nifti1.h, methods 3, 2
 * and 1, as nibabel has it). One that spans no space is passed over, and said. NIfTI's RAS+ becomes LPS+. `rank` counts the
 * spatial axes of the tensor.
 */
export function geometryOf(nifti: NiftiHeader, rank: number): { geometry: Geometry; warnings: string[] } {
  const { header } = nifti;
  const warnings: string[] = [];
  const mm = MM_PER_UNIT[header.xyzt_units & 7] ?? 1;
  const sizes = [1, 2, 3].map((axis) => Math.abs(header.pixDims[axis]) * mm);
  const isKnown = sizes.slice(0, rank).every((size) => size > 0 && Number.isFinite(size));
  const sform = header.sform_code > 0 ? usable("sform", sformOf(nifti, mm), warnings) : undefined;
  const qform = header.qform_code > 0 && isKnown ? usable("qform", qformOf(header, sizes, mm), warnings) : undefined;
  if (sform !== undefined && qform !== undefined && apart(sform, qform, header.dims) > TOLERANCE_VOXELS) {
    warnings.push("The sform and the qform put the image in different places: the sform counts.");
  } else if (sform !== undefined && isKnown && lengthsDiffer(sform, sizes, rank)) {
    warnings.push("The sform and the header's voxel sizes differ: the sform counts.");
  }
  const ras = sform ?? qform;
  if (ras !== undefined) {
    const geometry = geometryOfAffine(flippedRasLps(ras), rank);
    if (isSheared(ras)) {
      warnings.push("The axes of the image are not at right angles: distances along them only are right.");
    }
    return { geometry, warnings };
  }
  if (!isKnown) {
    warnings.push("The header gives no voxel size: its spacing is unknown.");
    return { geometry: unknownGeometry(rank), warnings };
  }
  const [x, y, z] = sizes.map((size) => size > 0 && Number.isFinite(size) ? size : 1);
  const none = warnings.length > 0 ? "no usable sform or qform" : "no sform and no qform";
  warnings.push(`The header has ${none}: only the voxel size is known, not the place in the patient.`);
  return { geometry: geometryOfAffine([x, 0, 0, 0, 0, y, 0, 0, 0, 0, z, 0, 0, 0, 0, 1], rank), warnings };
}

/** The affine, or a warning and nothing where it spans no space. */
function usable(name: string, affine: number[], warnings: string[]): number[] | undefined {
  if (affine.every(Number.isFinite) && spansSpace(affine)) return affine;
  warnings.push(`The ${name} spans no space (its numbers are not finite or its axes lie in a plane): it is left out.`);
  return undefined;
}

/** How far two affines put the last voxel, and the first, from each other, in the voxels of the first. */
function apart(a: Affine, b: Affine, dims: readonly number[]): number {
  const last = [1, 2, 3].map((axis) => Math.max(0, (axis <= dims[0] ? dims[axis] : 1) - 1)) as unknown as Point;
  return Math.max(...([[0, 0, 0], last] as Point[]).map((voxel) => {
    const there = patientToVoxel(a, voxelToPatient(b, voxel));
    return Math.hypot(...there.map((value, at) => value - voxel[at]));
  }));
}

function lengthsDiffer(affine: Affine, sizes: readonly number[], rank: number): boolean {
  return sizes.slice(0, rank).some((size, axis) => Math.abs(columnLength(affine, axis) - size) > 0.01 * size);
}

function isSheared(affine: Affine): boolean {
  return [[0, 1], [0, 2], [1, 2]].some(([a, b]) => {
    const dot = affine[a] * affine[b] + affine[4 + a] * affine[4 + b] + affine[8 + a] * affine[8 + b];
    return Math.abs(dot) > 1e-3 * columnLength(affine, a) * columnLength(affine, b);
  });
}

function spansSpace(affine: Affine): boolean {
  try {
    invertedAffine(affine);
    return true;
  } catch {
    return false;
  }
}

function columnLength(affine: Affine, axis: number): number {
  return Math.hypot(affine[axis], affine[4 + axis], affine[8 + axis]);
}

function sformOf({ view, version, header }: NiftiHeader, mm: number): number[] {
  const rows = Array.from({ length: 12 }, (_, at) => {
    const value = version === 1
      ? view.getFloat32(280 + 4 * at, header.littleEndian)
      : view.getFloat64(400 + 8 * at, header.littleEndian);
    return value * mm;
  });
  return [...rows, 0, 0, 0, 1];
}

function qformOf(header: NIFTI1 | NIFTI2, [sx, sy, sz]: readonly number[], mm: number): number[] {
  let [b, c, d] = [header.quatern_b, header.quatern_c, header.quatern_d];
  const rest = 1 - (b * b + c * c + d * d);
  // No rotation has such a quaternion: what rounding leaves over is less.
  if (rest < -1e-3) return new Array<number>(16).fill(NaN);
  const a = Math.sqrt(Math.max(0, rest));
  if (rest < 1e-7) {
    // A half turn: what rounding left over goes into the axis.
    const length = Math.hypot(b, c, d);
    [b, c, d] = [b / length, c / length, d / length];
  }
  const z = header.pixDims[0] < 0 ? -sz : sz;
  return [
    (a * a + b * b - c * c - d * d) * sx,
    2 * (b * c - a * d) * sy,
    2 * (b * d + a * c) * z,
    header.qoffset_x * mm,
    2 * (b * c + a * d) * sx,
    (a * a + c * c - b * b - d * d) * sy,
    2 * (c * d - a * b) * z,
    header.qoffset_y * mm,
    2 * (b * d - a * c) * sx,
    2 * (c * d + a * b) * sy,
    (a * a + d * d - c * c - b * b) * z,
    header.qoffset_z * mm,
    0,
    0,
    0,
    1,
  ];
}
