/** MGH of FreeSurfer, version 1, also inside gzip (`.mgz`): big endian; RAS+ directions and the center of the volume. */
import { cannotOpen, type Decoded, FETCH_AGAIN } from "../decoded.ts";
import type { ElementType } from "../elements.ts";
import { checkBytes, type Origin } from "../limits.ts";
import { geometryOfPlace } from "../patient_space.ts";
import { rawBytes, type RawVolume, readRaw } from "../raw_volume.ts";

/** Types by their numbers in the header. */
const TYPES: Readonly<Record<number, ElementType>> = { 0: "u8", 1: "i32", 3: "f32", 4: "i16", 10: "u16" };

const HEADER_BYTES = 284;

/** Whether a file begins as MGH: version 1, sizes above 0 and a known type. */
export function isMgh(bytes: Uint8Array<ArrayBuffer>): boolean {
  if (bytes.length < HEADER_BYTES) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sizes = [4, 8, 12, 16].map((at) => view.getInt32(at));
  return view.getInt32(0) === 1 && sizes.every((size) => size > 0 && size < 1 << 20) && view.getInt32(20) in TYPES &&
    view.getInt16(28) <= 1;
}

/** Reads an MGH file that is not compressed. Throws an `InputError`. */
export function decodeMgh(bytes: Uint8Array<ArrayBuffer>, origin: Origin): Decoded {
  const { volume, view } = layoutOf(bytes, origin);
  const read = readRaw(bytes.subarray(HEADER_BYTES), volume, origin);
  const { geometry, warnings } = geometryOfPlace(placeOf(view, volume.size), read.shape.length - 1);
  return { ...read, geometry, warnings: [...read.warnings, ...warnings] };
}

/** How many bytes of a file count, by its beginning. Throws an `InputError` where that is more than allowed. */
export function mghBytes(head: Uint8Array<ArrayBuffer>, origin: Origin): number {
  return HEADER_BYTES + rawBytes(layoutOf(head, origin).volume, origin);
}

function layoutOf(bytes: Uint8Array<ArrayBuffer>, origin: Origin): { volume: RawVolume; view: DataView } {
  checkBytes(bytes.length, HEADER_BYTES, "MGH header", origin.name);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height, depth, frames] = [4, 8, 12, 16].map((at) => view.getInt32(at));
  const type = TYPES[view.getInt32(20)];
  if (type === undefined) throw cannotOpen(origin.name, `its voxels are of MGH type ${view.getInt32(20)}`, FETCH_AGAIN);
  return {
    volume: { size: [width, height, depth], channels: frames, together: false, type, littleEndian: false },
    view,
  };
}

/** Steps and first voxel in LPS+: the header has the center, at half the sizes. */
function placeOf(view: DataView, size: readonly number[]): Parameters<typeof geometryOfPlace>[0] {
  if (view.getInt16(28) !== 1) return {};
  const number = (index: number): number => view.getFloat32(30 + 4 * index);
  const lps = [-1, -1, 1];
  const steps = [0, 1, 2].map((axis) => [0, 1, 2].map((at) => lps[at] * number(axis) * number(3 + 3 * axis + at)));
  const center = [0, 1, 2].map((at) => lps[at] * number(12 + at));
  const origin = center.map((mm, at) => mm - steps.reduce((sum, step, axis) => sum + step[at] * size[axis] / 2, 0));
  return { steps, origin };
}
