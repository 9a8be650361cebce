import type { NIFTI1, NIFTI2 } from "nifti-reader-js";
import { type Affine, flippedRasLps, geometryOfAffine, unknownGeometry } from "../../../engine/pipeline/mod.ts";
import type { Geometry } from "../../../engine/pipeline/mod.ts";

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

/**
 * Where the voxels lie: the sform where its code is above 0, else the qform, else the voxel size alone (nifti1.h, methods 3, 2
 * and 1). NIfTI's RAS+ becomes LPS+. `rank` counts the spatial axes of the tensor.
 */
export function geometryOf(nifti: NiftiHeader, rank: number): { geometry: Geometry; warnings: string[] } {
  const { header } = nifti;
  const mm = MM_PER_UNIT[header.xyzt_units & 7] ?? 1;
  const sizes = [1, 2, 3].map((axis) => Math.abs(header.pixDims[axis]) * mm);
  const isKnown = sizes.slice(0, rank).every((size) => size > 0 && Number.isFinite(size));
  const ras = header.sform_code > 0
    ? sformOf(nifti, mm)
    : header.qform_code > 0 && isKnown
    ? qformOf(header, sizes, mm)
    : undefined;
  if (ras !== undefined && ras.every(Number.isFinite) && hasExtent(ras, rank)) {
    return { geometry: geometryOfAffine(flippedRasLps(ras), rank), warnings: [] };
  }
  if (!isKnown) {
    return { geometry: unknownGeometry(rank), warnings: ["The header gives no voxel size: its spacing is unknown."] };
  }
  const [x, y, z] = sizes.map((size) => size > 0 && Number.isFinite(size) ? size : 1);
  return {
    geometry: geometryOfAffine([x, 0, 0, 0, 0, y, 0, 0, 0, 0, z, 0, 0, 0, 0, 1], rank),
    warnings: ["The header has no sform and no qform: only the voxel size is known, not the place in the patient."],
  };
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

function hasExtent(affine: Affine, rank: number): boolean {
  return [0, 1, 2].slice(0, rank).every((at) => Math.hypot(affine[at], affine[4 + at], affine[8 + at]) > 0);
}
