/** Zip and tar archives, also tar inside gzip: their files as bytes. Nothing is ever written under their names. */
import { type UnzipFileInfo, unzipSync } from "npm:fflate@0.8.3";
import { cannotOpen, FETCH_AGAIN, thrownReason } from "../decoded.ts";
import { inflate, isGzip } from "../inflate.ts";
import { type Origin, tooManyBytes } from "../limits.ts";

/** A file of an archive. */
export interface ArchiveEntry {
  /** Its path within. */
  readonly name: string;
  /** Its content. Throws an `InputError` where it is damaged. */
  read(): Uint8Array<ArrayBuffer>;
}

/** More entries than any study has. */
const MOST_ENTRIES = 200_000;

/** Whether bytes begin as an archive that we read. */
export function isArchive(head: Uint8Array): boolean {
  return isZip(head) || isTar(head);
}

function isZip(bytes: Uint8Array): boolean {
  return [0x50, 0x4b, 0x03, 0x04].every((byte, at) => bytes[at] === byte);
}

/** The mark of POSIX tar behind the first header's checksum. */
function isTar(bytes: Uint8Array): boolean {
  return bytes.length > 262 && String.fromCharCode(...bytes.subarray(257, 262)) === "ustar";
}

/** The files of an archive, in its order. Throws an `InputError` where it is damaged or asks for too much. */
export function archiveEntries(bytes: Uint8Array<ArrayBuffer>, origin: Origin): ArchiveEntry[] {
  if (isZip(bytes)) return zipEntries(bytes, origin);
  return tarEntries(isGzip(bytes) ? inflate(bytes, "gzip", origin) : bytes, origin);
}

function zipEntries(bytes: Uint8Array<ArrayBuffer>, origin: Origin): ArchiveEntry[] {
  const { name, limits } = origin;
  const found: UnzipFileInfo[] = [];
  const unzip = (wanted: (file: UnzipFileInfo) => boolean): Record<string, Uint8Array> => {
    try {
      return unzipSync(bytes, { filter: wanted });
    } catch (error) {
      throw cannotOpen(name, `its zip data is damaged (${thrownReason(error)})`, FETCH_AGAIN);
    }
  };
  unzip((file) => {
    if (found.length < MOST_ENTRIES && !file.name.endsWith("/")) found.push(file);
    return false;
  });
  return found.map((entry) => ({
    name: entry.name,
    read: () => {
      if (entry.originalSize > limits.inflatedBytes) throw tooManyBytes(name, `${entry.originalSize} bytes`, limits);
      return unzip((file) => file.name === entry.name)[entry.name].slice();
    },
  }));
}

function tarEntries(bytes: Uint8Array<ArrayBuffer>, { name }: Origin): ArchiveEntry[] {
  const entries: ArchiveEntry[] = [];
  let longName: string | undefined;
  for (let at = 0; at + 512 <= bytes.length && bytes[at] !== 0 && entries.length < MOST_ENTRIES;) {
    const header = bytes.subarray(at, at + 512);
    const size = Number.parseInt(textOf(header, 124, 12).trim() || "0", 8);
    const start = at + 512;
    if (!(size >= 0) || start + size > bytes.length) {
      throw cannotOpen(name, `its tar data ends within its entry number ${entries.length + 1}`, FETCH_AGAIN);
    }
    const kind = String.fromCharCode(header[156]);
    const content = bytes.subarray(start, start + size);
    if (kind === "L") longName = textOf(content, 0, content.length);
    else if (kind === "x") longName = /\d+ path=([^\n]*)\n/.exec(new TextDecoder().decode(content))?.[1] ?? longName;
    else {
      if (kind === "0" || kind === "\0") {
        const prefix = textOf(header, 345, 155);
        const own = textOf(header, 0, 100);
        entries.push({ name: longName ?? (prefix === "" ? own : `${prefix}/${own}`), read: () => content.slice() });
      }
      longName = undefined;
    }
    at = start + Math.ceil(size / 512) * 512;
  }
  return entries;
}

/** Text up to the first zero byte. */
function textOf(bytes: Uint8Array, start: number, length: number): string {
  const field = bytes.subarray(start, start + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}
