/** Writes NIfTI-1 in one file inside gzip (`.nii.gz`): f32 or u8, with qform and sform of the geometry. */
import { gzipSync } from "node:zlib";
import { type Affine, flippedRasLps, type Geometry } from "../../../engine/pipeline/mod.ts";

/** Elements of a written volume. */
export type NiftiElements = Float32Array | Uint8Array;

const HEADER_BYTES = 352;

/**
 * Writes `[C, H, W]` or `[C, D, H, W]`; channels are volumes. Without known spacing both codes are 0, so that no reader takes the
 * affine for a place; else the sform has the affine, and the qform too where its axes are at right angles.
 */
export function encodeNifti(
  data: NiftiElements,
  shape: readonly number[],
  geometry: Geometry,
): Uint8Array<ArrayBuffer> {
  const [channels, ...axes] = shape;
  const [width, height, depth = 1] = axes.toReversed();
  const view = new DataView(new ArrayBuffer(HEADER_BYTES + data.byteLength));
  const short = (at: number, value: number): void => view.setInt16(at, value, true);
  const float = (at: number, value: number): void => view.setFloat32(at, value, true);
  view.setInt32(0, 348, true);
  [channels > 1 ? 4 : 3, width, height, depth, channels, 1, 1, 1].forEach((size, at) => short(40 + 2 * at, size));
  const isFloat = data instanceof Float32Array;
  short(70, isFloat ? 16 : 2);
  short(72, isFloat ? 32 : 8);
  const ras = flippedRasLps(geometry.affine);
  const [quaternion, qfac] = quaternionOf(ras);
  const lengths = [0, 1, 2].map((axis) => columnLength(ras, axis));
  [qfac, ...lengths, 1, 1, 1, 1].forEach((size, at) => float(76 + 4 * at, size));
  float(108, HEADER_BYTES);
  float(112, 1);
  view.setUint8(123, 2);
  if (geometry.spacingKnown) {
    short(252, quaternion === undefined ? 0 : 1);
    short(254, 1);
    [...quaternion ?? [0, 0, 0], ras[3], ras[7], ras[11]].forEach((value, at) => float(256 + 4 * at, value));
    ras.slice(0, 12).forEach((value, at) => float(280 + 4 * at, value));
  }
  view.setUint32(344, 0x6e2b3100);
  new Uint8Array(view.buffer).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), HEADER_BYTES);
  return new Uint8Array(gzipSync(new Uint8Array(view.buffer)));
}

/** b, c and d of the affine's rotation, and -1 where it mirrors (nifti1.h, nifti_mat44_to_quatern); nothing where it is sheared. */
function quaternionOf(affine: Affine): [number[] | undefined, 1 | -1] {
  const columns = [0, 1, 2].map((axis) => [0, 4, 8].map((row) => affine[row + axis] / columnLength(affine, axis)));
  const [x, y, z] = columns;
  const dot = (a: number[], b: number[]): number => a.reduce((sum, value, at) => sum + value * b[at], 0);
  const determinant = x[0] * (y[1] * z[2] - y[2] * z[1]) + x[1] * (y[2] * z[0] - y[0] * z[2]) +
    x[2] * (y[0] * z[1] - y[1] * z[0]);
  const qfac = determinant < 0 ? -1 : 1;
  if (Math.max(Math.abs(dot(x, y)), Math.abs(dot(x, z)), Math.abs(dot(y, z))) > 1e-4) return [undefined, qfac];
  const [m, n, o] = [x, y, z.map((value) => value * qfac)];
  const trace = 1 + m[0] + n[1] + o[2];
  if (trace > 0.5) {
    const a = Math.sqrt(trace) / 2;
    return [[(n[2] - o[1]) / (4 * a), (o[0] - m[2]) / (4 * a), (m[1] - n[0]) / (4 * a)], qfac];
  }
  const squares = [1 + m[0] - n[1] - o[2], 1 + n[1] - m[0] - o[2], 1 + o[2] - m[0] - n[1]];
  const most = squares.indexOf(Math.max(...squares));
  const root = Math.sqrt(squares[most]) / 2;
  const [bc, bd, cd] = [m[1] + n[0], m[2] + o[0], n[2] + o[1]].map((sum) => sum / (4 * root));
  const found = [[root, bc, bd], [bc, root, cd], [bd, cd, root]][most];
  const a = [n[2] - o[1], o[0] - m[2], m[1] - n[0]][most] / (4 * root);
  return [a < 0 ? found.map((value) => -value) : found, qfac];
}

function columnLength(affine: Affine, axis: number): number {
  return Math.hypot(affine[axis], affine[4 + axis], affine[8 + axis]);
}
