/**
 * NRRD (teem), versions 1 to 5, attached or detached: encodings raw and gzip, all number types of up to 64 bits. Spaces of right or left,
 * anterior or posterior, superior become LPS+. Axes whose kind is not spatial are channels.
 */
import { cannotOpen, type Decoded, FETCH_AGAIN, printable } from "../decoded.ts";
import type { ElementType } from "../elements.ts";
import type { Origin } from "../limits.ts";
import { geometryOfPlace } from "../patient_space.ts";
import { type RawVolume, readRaw } from "../raw_volume.ts";

const TYPES: readonly (readonly [ElementType, readonly string[]])[] = [
  ["i8", ["signed char", "int8", "int8_t"]],
  ["u8", ["uchar", "unsigned char", "uint8", "uint8_t"]],
  ["i16", ["short", "short int", "signed short", "signed short int", "int16", "int16_t"]],
  ["u16", ["ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"]],
  ["i32", ["int", "signed int", "int32", "int32_t"]],
  ["u32", ["uint", "unsigned int", "uint32", "uint32_t"]],
  ["i64", ["longlong", "long long", "long long int", "signed long long", "int64", "int64_t"]],
  ["u64", ["ulonglong", "unsigned long long", "unsigned long long int", "uint64", "uint64_t"]],
  ["f32", ["float"]],
  ["f64", ["double"]],
];

/** Signs of the first two axes that lead to LPS+, by the beginning of the space's name. */
const SPACES: readonly (readonly [RegExp, readonly number[]])[] = [
  [/^(right-anterior-superior|ras)/, [-1, -1, 1]],
  [/^(left-anterior-superior|las)/, [1, -1, 1]],
  [/^(left-posterior-superior|lps)/, [1, 1, 1]],
];

/** Reads an NRRD file, or the header of a detached one, whose data is its sibling's. Throws an `InputError`. */
export async function decodeNrrd(bytes: Uint8Array<ArrayBuffer>, origin: Origin): Promise<Decoded> {
  const { fields, end } = headerOf(bytes, origin.name);
  const { volume, axes } = volumeOf(fields, origin.name);
  const file = fields.get("data file") ?? fields.get("datafile");
  const block = file === undefined ? bytes.subarray(end) : await detached(file, origin);
  const read = readRaw(skipped(block, fields, volume, origin), volume, origin);
  const { geometry, warnings } = geometryOfPlace(placeOf(fields, axes), read.shape.length - 1);
  return { ...read, geometry, warnings: [...read.warnings, ...warnings] };
}

interface Header {
  readonly fields: ReadonlyMap<string, string>;
  /** Where the data begins. */
  readonly end: number;
}

function headerOf(bytes: Uint8Array<ArrayBuffer>, name: string): Header {
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, 1 << 20));
  const blank = /\r?\n\r?\n/.exec(head);
  const end = blank === null ? bytes.length : blank.index + blank[0].length;
  const fields = new Map<string, string>();
  for (const line of head.slice(0, blank?.index).split(/\r?\n/).slice(1)) {
    const [, key, value] = /^([^:#]+):=?\s*(.*)$/.exec(line) ?? [];
    if (key !== undefined) fields.set(key.trim().toLowerCase(), value.trim());
  }
  if (blank === null && !fields.has("data file") && !fields.has("datafile")) {
    throw cannotOpen(name, "its NRRD header has no end", FETCH_AGAIN);
  }
  return { fields, end };
}

/** What the header says of the voxels, and which of its axes are spatial. */
function volumeOf(fields: Header["fields"], name: string): { volume: RawVolume; axes: readonly number[] } {
  const given = (key: string): string => fields.get(key) ?? "";
  const type = TYPES.find(([, names]) => names.includes(given("type").toLowerCase()))?.[0];
  if (type === undefined) {
    throw cannotOpen(name, `its voxels are of type "${printable(given("type"))}"`, "save them as float");
  }
  const sizes = given("sizes").split(/\s+/).map((size) => /^\d{1,15}$/.test(size) ? Number(size) : NaN);
  const dimension = Number(given("dimension"));
  if (sizes.length !== dimension || sizes.some(Number.isNaN)) {
    const reason = `its dimension is "${printable(given("dimension"))}" and its sizes are "${
      printable(given("sizes"))
    }"`;
    throw cannotOpen(name, reason, FETCH_AGAIN);
  }
  const axes = spatialAxes(fields, dimension);
  if (axes.length < 2 || axes.length > 3 || dimension - axes.length > 1) {
    throw cannotOpen(
      name,
      `it has ${dimension} axes, ${axes.length} of them spatial`,
      "save 2 or 3 spatial axes and one of channels",
    );
  }
  const channelAxis = sizes.findIndex((_, axis) => !axes.includes(axis));
  if (channelAxis > 0 && channelAxis < dimension - 1) {
    throw cannotOpen(name, "its channels lie between its spatial axes", "save them as the first axis or the last");
  }
  const encoding = given("encoding").toLowerCase();
  if (!["raw", "gzip", "gz"].includes(encoding)) {
    throw cannotOpen(name, `its encoding is "${printable(encoding)}"`, "save it raw or with gzip");
  }
  const volume: RawVolume = {
    size: axes.map((axis) => sizes[axis]),
    channels: channelAxis < 0 ? 1 : sizes[channelAxis],
    together: channelAxis === 0,
    type,
    littleEndian: given("endian").toLowerCase() !== "big",
    ...(encoding === "raw" ? {} : { deflated: "gzip" as const }),
  };
  return { volume, axes };
}

/** Axes with a direction; without directions those whose kind is spatial, and without kinds the first three. */
function spatialAxes(fields: Header["fields"], dimension: number): number[] {
  const all = Array.from({ length: dimension }, (_, axis) => axis);
  const directions = vectorsOf(fields.get("space directions"));
  if (directions.length === dimension) return all.filter((axis) => directions[axis] !== undefined);
  const kinds = fields.get("kinds")?.toLowerCase().split(/\s+/);
  if (kinds?.length === dimension) {
    const spatial = all.filter((axis) => ["domain", "space"].includes(kinds[axis]));
    if (spatial.length > 0) return spatial;
  }
  return all.slice(0, 3);
}

/** Vectors as the header writes them, `(1,0,0) none`; nothing in place of `none`. */
function vectorsOf(text = ""): (number[] | undefined)[] {
  return [...text.matchAll(/\(([^)]*)\)|none/g)].map(([, numbers]) => numbers?.split(",").map(Number));
}

function placeOf(fields: Header["fields"], axes: readonly number[]): Parameters<typeof geometryOfPlace>[0] {
  const signs = SPACES.find(([name]) => name.test(fields.get("space")?.toLowerCase() ?? ""))?.[1];
  const directions = vectorsOf(fields.get("space directions"));
  const lps = (vector: readonly number[]): number[] => vector.map((value, at) => value * (signs?.[at] ?? 1));
  const steps = axes.map((axis) => directions[axis]);
  if (steps.every((step) => step !== undefined && step.length === 3)) {
    const all = steps.map((step) => signs === undefined ? step! : lps(step!));
    if (signs === undefined) return { spacing: all.map((step) => Math.hypot(...step)) };
    const origin = vectorsOf(fields.get("space origin"))[0];
    return { steps: all, origin: origin === undefined ? undefined : lps(origin) };
  }
  const spacings = fields.get("spacings")?.split(/\s+/).map(Number);
  return { spacing: spacings === undefined ? undefined : axes.map((axis) => spacings[axis]) };
}

async function detached(file: string, origin: Origin): Promise<Uint8Array<ArrayBuffer>> {
  const data = /^LIST\b|%/.test(file) ? undefined : await origin.sibling?.(file.replace(/^\.\//, ""));
  if (data !== undefined) return data;
  throw cannotOpen(origin.name, `its data file ${printable(file)} isn't beside it`, "put it there, or attach the data");
}

/** The block behind the lines and bytes that the header has skipped; -1 counts from the end. */
function skipped(
  block: Uint8Array<ArrayBuffer>,
  fields: Header["fields"],
  volume: RawVolume,
  origin: Origin,
): Uint8Array<ArrayBuffer> {
  const [lines, bytes] = ["line skip", "byte skip"].map((key) =>
    Number(fields.get(key) ?? fields.get(key.replace(" ", "")) ?? 0)
  );
  if (!Number.isSafeInteger(lines) || !Number.isSafeInteger(bytes) || lines < 0 || bytes < -1) {
    throw cannotOpen(origin.name, "it skips no whole number of lines or bytes", FETCH_AGAIN);
  }
  let start = 0;
  for (let line = 0; line < lines && start < block.length; line++) {
    const end = block.indexOf(0x0a, start);
    start = end < 0 ? block.length : end + 1;
  }
  if (bytes >= 0) return block.subarray(Math.min(block.length, start + bytes));
  if (volume.deflated !== undefined) {
    throw cannotOpen(origin.name, "it counts compressed data from its end", "save it raw");
  }
  const wanted = volume.size.reduce((product, size) => product * size, volume.channels);
  return block.subarray(Math.max(0, block.length - wanted * elementBytes(volume)));
}

function elementBytes({ type }: RawVolume): number {
  return Number(type.slice(1)) / 8;
}
