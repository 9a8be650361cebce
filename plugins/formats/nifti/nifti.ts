/**
 * NIfTI-1 and NIfTI-2 in one file (`.nii`, also inside gzip), either byte order. Voxels become [C, D, H, W] with i, j, k
 * as x, y, z; volumes of a 4-D or vector file become channels. `scl_slope` and `scl_inter` are applied (a slope of 0 means none).
 */
import { readHeader } from "nifti-reader-js";
import { cannotOpen, type Channels, count, type Decoded, FETCH_AGAIN, shapeOf, thrownReason } from "../decoded.ts";
import { geometryOf, type NiftiHeader } from "./space.ts";

interface Voxel {
  readonly bytes: number;
  readonly read: (view: DataView, at: number, little: boolean) => number;
}

/** Readers by `datatype`. */
const VOXELS: Readonly<Record<number, Voxel>> = {
  2: { bytes: 1, read: (view, at) => view.getUint8(at) },
  4: { bytes: 2, read: (view, at, little) => view.getInt16(at, little) },
  8: { bytes: 4, read: (view, at, little) => view.getInt32(at, little) },
  16: { bytes: 4, read: (view, at, little) => view.getFloat32(at, little) },
  64: { bytes: 8, read: (view, at, little) => view.getFloat64(at, little) },
  256: { bytes: 1, read: (view, at) => view.getInt8(at) },
  512: { bytes: 2, read: (view, at, little) => view.getUint16(at, little) },
  768: { bytes: 4, read: (view, at, little) => view.getUint32(at, little) },
  1024: { bytes: 8, read: (view, at, little) => Number(view.getBigInt64(at, little)) },
  1280: { bytes: 8, read: (view, at, little) => Number(view.getBigUint64(at, little)) },
};

/** Datatypes that keep 3 or 4 bytes of color together in a voxel. */
const COLORS: Readonly<Record<number, Channels>> = { 128: "rgb", 2304: "rgba" };

/** Reads a NIfTI file that is not compressed. Throws an `InputError`. */
export function decodeNifti(bytes: Uint8Array<ArrayBuffer>, name: string): Decoded {
  const nifti = parse(bytes, name);
  const { header, view } = nifti;
  const [width, height, depth, ...more] = header.dims.slice(1, 8).map((size, at) => at < header.dims[0] ? size : 1);
  const volumes = more.reduce((product, size) => product * size, 1);
  const voxels = width * height * depth * volumes;
  if (!(voxels > 0)) {
    throw cannotOpen(name, `its dimensions are ${header.dims.slice(1, 1 + header.dims[0]).join(" x ")}`, FETCH_AGAIN);
  }
  const color = COLORS[header.datatypeCode];
  const samples = color === undefined ? 1 : color === "rgb" ? 3 : 4;
  const voxel = VOXELS[color === undefined ? header.datatypeCode : 2];
  if (voxel === undefined) {
    throw cannotOpen(
      name,
      `its voxels are of NIfTI datatype ${header.datatypeCode}`,
      "convert them to float32 (datatype 16)",
    );
  }
  const start = Math.trunc(header.vox_offset);
  const wanted = voxels * samples * voxel.bytes;
  if (start + wanted > bytes.length) {
    const there = Math.max(0, bytes.length - start);
    throw cannotOpen(name, `its voxel data ends after ${count(there)} of ${count(wanted)} bytes`, FETCH_AGAIN);
  }
  const [slope, intercept] = scalingOf(header.scl_slope, header.scl_inter);
  const pixels = new Float32Array(voxels * samples);
  for (let at = 0; at < voxels; at++) {
    for (let sample = 0; sample < samples; sample++) {
      const value = voxel.read(view, start + (at * samples + sample) * voxel.bytes, header.littleEndian);
      pixels[sample * voxels + at] = color === undefined ? value * slope + intercept : value;
    }
  }
  const shape = shapeOf(volumes * samples, depth, height, width);
  const { geometry, warnings } = geometryOf(nifti, shape.length - 1);
  if (volumes > 1) warnings.push(`The ${volumes} volumes of the file are the channels of one image.`);
  return { pixels, shape, geometry, channels: color ?? "values", warnings };
}

function parse(bytes: Uint8Array<ArrayBuffer>, name: string): NiftiHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getInt32(0, true) === 540 || view.getInt32(0) === 540 ? 2 : 1;
  const size = version === 1 ? 348 : 540;
  if (bytes.length < size) {
    throw cannotOpen(name, `its NIfTI header ends after ${count(bytes.length)} of ${size} bytes`, FETCH_AGAIN);
  }
  const magic = String.fromCharCode(...bytes.subarray(version === 1 ? 344 : 4).subarray(0, 3));
  if (magic.startsWith("ni")) {
    const reason = "it is the header of a pair of files (.hdr and .img)";
    throw cannotOpen(name, reason, "convert the pair to one .nii file");
  }
  try {
    // The reader wants the header as a buffer of its own.
    const header = readHeader(bytes.slice(0, Math.min(bytes.length, size + 4)).buffer);
    if (header === null) throw new Error("not a NIfTI header");
    return { header, view, version };
  } catch (error) {
    throw cannotOpen(name, `its NIfTI header is damaged (${thrownReason(error)})`, FETCH_AGAIN);
  }
}

function scalingOf(slope: number, intercept: number): [number, number] {
  if (slope === 0 || !Number.isFinite(slope)) return [1, 0];
  return [slope, Number.isFinite(intercept) ? intercept : 0];
}
