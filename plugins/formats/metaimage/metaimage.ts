/**
 * MetaImage (ITK), `.mha` in one file or `.mhd` with its data beside it: plain or zlib, all number types of up to 64 bits. Its space is
 * LPS+; `TransformMatrix` has the directions of the axes one after the other.
 */
import { cannotOpen, type Decoded, FETCH_AGAIN, printable } from "../decoded.ts";
import type { ElementType } from "../elements.ts";
import type { Origin } from "../limits.ts";
import { geometryOfPlace } from "../patient_space.ts";
import { rawBytes, type RawVolume, readRaw } from "../raw_volume.ts";

const TYPES: Readonly<Record<string, ElementType>> = {
  MET_CHAR: "i8",
  MET_UCHAR: "u8",
  MET_SHORT: "i16",
  MET_USHORT: "u16",
  MET_INT: "i32",
  MET_UINT: "u32",
  MET_LONG: "i32",
  MET_ULONG: "u32",
  MET_LONG_LONG: "i64",
  MET_ULONG_LONG: "u64",
  MET_FLOAT: "f32",
  MET_DOUBLE: "f64",
};

/** Reads a MetaImage. Throws an `InputError`. */
export async function decodeMetaImage(bytes: Uint8Array<ArrayBuffer>, origin: Origin): Promise<Decoded> {
  const { fields, end, file } = headerOf(bytes, origin.name);
  const numbers = (key: string): number[] | undefined => fields.get(key)?.split(/\s+/).map(Number);
  const volume = volumeOf(fields, numbers, origin.name);
  const block = file === "LOCAL" ? bytes.subarray(end) : await detached(file, origin);
  const read = readRaw(positioned(block, numbers("HeaderSize")?.[0] ?? 0, volume, origin), volume, origin);
  const { geometry, warnings } = geometryOfPlace(placeOf(numbers, volume.size.length), read.shape.length - 1);
  return { ...read, geometry, warnings: [...read.warnings, ...warnings] };
}

function headerOf(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
): { fields: Map<string, string>; end: number; file: string } {
  const text = new TextDecoder("latin1").decode(bytes.subarray(0, 1 << 16));
  const fields = new Map<string, string>();
  for (const match of text.matchAll(/([^=\n]+)=([^\n]*)(\n|$)/g)) {
    const [key, value] = [match[1].trim(), match[2].trim()];
    fields.set(key, value);
    // The data begins right behind this line.
    if (key === "ElementDataFile") return { fields, end: match.index + match[0].length, file: value };
  }
  throw cannotOpen(name, "its MetaImage header has no ElementDataFile", FETCH_AGAIN);
}

function volumeOf(
  fields: ReadonlyMap<string, string>,
  numbers: (key: string) => number[] | undefined,
  name: string,
): RawVolume {
  const size = numbers("DimSize") ?? [];
  const rank = Number(fields.get("NDims"));
  if (size.length !== rank || rank < 2 || rank > 3) {
    const reason = `NDims is "${printable(fields.get("NDims") ?? "")}" and DimSize "${
      printable(fields.get("DimSize") ?? "")
    }"`;
    throw cannotOpen(name, reason, "save 2 or 3 dimensions");
  }
  const type = TYPES[fields.get("ElementType") ?? ""];
  if (type === undefined) {
    throw cannotOpen(
      name,
      `its voxels are of type "${printable(fields.get("ElementType") ?? "")}"`,
      "save them as MET_FLOAT",
    );
  }
  const isTrue = (key: string): boolean => /^(true|1)$/i.test(fields.get(key) ?? "");
  return {
    size,
    channels: numbers("ElementNumberOfChannels")?.[0] ?? 1,
    together: true,
    type,
    littleEndian: !isTrue("BinaryDataByteOrderMSB") && !isTrue("ElementByteOrderMSB"),
    ...(isTrue("CompressedData") ? { deflated: "zlib" as const } : {}),
  };
}

function placeOf(numbers: (key: string) => number[] | undefined, rank: number): Parameters<typeof geometryOfPlace>[0] {
  const spacing = numbers("ElementSpacing") ?? numbers("ElementSize");
  const matrix = numbers("TransformMatrix") ?? numbers("Orientation") ?? numbers("Rotation");
  if (spacing === undefined || matrix?.length !== rank * rank || rank < 3) return { spacing };
  const steps = [0, 1, 2].map((axis) => matrix.slice(3 * axis, 3 * axis + 3).map((value) => value * spacing[axis]));
  return { steps, origin: numbers("Offset") ?? numbers("Position") ?? numbers("Origin") };
}

/** The block behind its own header; -1 means that it ends with the file. */
function positioned(
  block: Uint8Array<ArrayBuffer>,
  size: number,
  volume: RawVolume,
  origin: Origin,
): Uint8Array<ArrayBuffer> {
  if (size === -1) return block.subarray(Math.max(0, block.length - rawBytes(volume, origin)));
  if (!Number.isSafeInteger(size) || size < 0) throw cannotOpen(origin.name, "its HeaderSize is no size", FETCH_AGAIN);
  return block.subarray(Math.min(size, block.length));
}

async function detached(file: string, origin: Origin): Promise<Uint8Array<ArrayBuffer>> {
  const data = /^LIST\b|%/.test(file) ? undefined : await origin.sibling?.(file);
  if (data !== undefined) return data;
  throw cannotOpen(origin.name, `its data file ${printable(file)} isn't beside it`, "put it there, or save one .mha");
}
