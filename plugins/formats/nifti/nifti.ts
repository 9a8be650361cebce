/**
 * NIfTI-1 and NIfTI-2, either byte order, in one file (`.nii`) or as a pair (`.hdr` and `.img`), also inside gzip. Voxels become
 * [C, D, H, W] with i, j, k as x, y, z; volumes of a 4-D or vector file become channels. `scl_slope` and `scl_inter` are applied (a
 * slope of 0 means none).
 */
import { readHeader } from "npm:nifti-reader-js@0.8.0";
import {
  cannotOpen,
  type Channels,
  count,
  type Decoded,
  FETCH_AGAIN,
  planesOf,
  shapeOf,
  thrownReason,
} from "../decoded.ts";
import { bytesOf, elementsAt, type ElementType, floatsOf } from "../elements.ts";
import { inflate, isGzip } from "../inflate.ts";
import { checkBytes, declaredVoxels, type Origin } from "../limits.ts";
import { geometryOf, type NiftiHeader } from "./space.ts";

/** Types by `datatype`. */
const TYPES: Readonly<Record<number, ElementType>> = {
  2: "u8",
  4: "i16",
  8: "i32",
  16: "f32",
  64: "f64",
  256: "i8",
  512: "u16",
  768: "u32",
  1024: "i64",
  1280: "u64",
};

/** Datatypes that keep 3 or 4 bytes of color together in a voxel. */
const COLORS: Readonly<Record<number, Channels>> = { 128: "rgb", 2304: "rgba" };

/** Reads a NIfTI file that is not compressed; the voxels of a pair are its sibling's. Throws an `InputError`. */
export async function decodeNifti(bytes: Uint8Array<ArrayBuffer>, origin: Origin): Promise<Decoded> {
  const nifti = parse(bytes, origin.name);
  const layout = layoutOf(nifti, origin);
  const { voxels, samples, type, start, bytes: wanted } = layout;
  const { header } = nifti;
  const content = layout.isPair ? await voxelsOfPair(start + wanted, origin) : bytes;
  checkBytes(content.length - start, wanted, "voxel data", origin.name);
  const [slope, intercept] = layout.color === undefined ? scalingOf(header.scl_slope, header.scl_inter) : [1, 0];
  const elements = elementsAt(content, start, voxels * samples, type, header.littleEndian);
  const { pixels: together, warnings: rounded } = floatsOf(elements, slope, intercept);
  const pixels = samples === 1 ? together : planesOf(together, samples);
  const [width, height, depth] = layout.sizes;
  const volumes = voxels / (width * height * depth);
  const shape = shapeOf(volumes * samples, depth, height, width);
  const { geometry, warnings } = geometryOf(nifti, shape.length - 1);
  const notes = volumes > 1 ? [`The ${volumes} volumes of the file are the channels of one image.`] : [];
  const channels = layout.color ?? "values";
  return { pixels, shape, geometry, channels, warnings: [...warnings, ...rounded, ...layout.warnings, ...notes] };
}

/** How many bytes of a file count, by its beginning. Throws an `InputError` where that is more than allowed. */
export function niftiBytes(head: Uint8Array<ArrayBuffer>, origin: Origin): number {
  const layout = layoutOf(parse(head, origin.name), origin);
  return layout.isPair ? 352 : layout.start + layout.bytes;
}

interface VoxelLayout {
  /** Sizes along i, j and k. */
  readonly sizes: readonly number[];
  /** Voxels of all volumes. */
  readonly voxels: number;
  /** Numbers per voxel. */
  readonly samples: number;
  readonly color?: Channels;
  readonly type: ElementType;
  /** Where the voxels begin. */
  readonly start: number;
  /** Bytes that they take. */
  readonly bytes: number;
  /** Whether they lie in a file of their own. */
  readonly isPair: boolean;
  readonly warnings: readonly string[];
}

/** What the header says of the voxels, each number of it checked. */
function layoutOf({ header, version, view }: NiftiHeader, origin: Origin): VoxelLayout {
  const refuse = (reason: string): never => {
    throw cannotOpen(origin.name, reason, FETCH_AGAIN);
  };
  const rank = header.dims[0];
  if (!Number.isInteger(rank) || rank < 1 || rank > 7) refuse(`its header counts ${rank} dimensions, not 1 to 7`);
  const dims = header.dims.slice(1, 8).map((size, at) => at < rank ? size : 1);
  if (!dims.every((size) => Number.isSafeInteger(size) && size > 0)) {
    refuse(`its dimensions are ${header.dims.slice(1, 1 + rank).join(" x ")}`);
  }
  const color = COLORS[header.datatypeCode];
  const samples = color === undefined ? 1 : color === "rgb" ? 3 : 4;
  const type = TYPES[color === undefined ? header.datatypeCode : 2];
  if (type === undefined) {
    const reason = `its voxels are of NIfTI datatype ${header.datatypeCode}`;
    throw cannotOpen(origin.name, reason, "convert them to float32 (datatype 16)");
  }
  const voxels = declaredVoxels([...dims, samples], origin) / samples;
  const isPair = isPairHeader(new Uint8Array(view.buffer, view.byteOffset, view.byteLength), version);
  const least = isPair ? 0 : version === 1 ? 348 : 540;
  const offset = header.vox_offset;
  if (!Number.isFinite(offset) || offset < 0 || (offset > 0 && offset < least)) {
    refuse(`its voxels begin at byte ${offset}, within the header of ${least} bytes`);
  }
  const start = offset === 0 && !isPair ? least + 4 : Math.trunc(offset);
  const bits = 8 * bytesOf(type) * samples;
  const warnings = header.numBitsPerVoxel === bits
    ? []
    : [`The header says ${header.numBitsPerVoxel} bits per voxel, its type has ${bits}: the type counts.`];
  const sizes = dims.slice(0, 3);
  return { sizes, voxels, samples, color, type, start, bytes: voxels * samples * bytesOf(type), isPair, warnings };
}

/** The file with the voxels that lies beside the header of a pair. */
async function voxelsOfPair(wanted: number, origin: Origin): Promise<Uint8Array<ArrayBuffer>> {
  const stem = origin.name.split(/[/\\]/).at(-1)!.replace(/\.hdr(\.gz)?$/i, "");
  for (const name of [`${stem}.img`, `${stem}.img.gz`, `${stem}.IMG`]) {
    const content = await origin.sibling?.(name);
    if (content === undefined) continue;
    return isGzip(content)
      ? inflate(content, "gzip", origin, { most: wanted, what: `the gzip data of ${name}` })
      : content;
  }
  const reason = `it is the header of a pair, whose ${stem}.img isn't beside it`;
  throw cannotOpen(origin.name, reason, "put it there or convert the pair to one .nii file");
}

function isPairHeader(bytes: Uint8Array, version: 1 | 2): boolean {
  const at = version === 1 ? 344 : 4;
  return bytes[at] === 0x6e && bytes[at + 1] === 0x69;
}

function parse(bytes: Uint8Array<ArrayBuffer>, name: string): NiftiHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getInt32(0, true) === 540 || view.getInt32(0) === 540 ? 2 : 1;
  const size = version === 1 ? 348 : 540;
  if (bytes.length < size) {
    throw cannotOpen(name, `its NIfTI header ends after ${count(bytes.length)} of ${size} bytes`, FETCH_AGAIN);
  }
  try {
    // The reader wants the header as a buffer of its own, with the four bytes that announce extensions, of which there are none for us.
    const own = new Uint8Array(size + 4);
    own.set(bytes.subarray(0, size));
    const header = readHeader(own.buffer, true);
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
