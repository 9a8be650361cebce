/** The files that a DICOMDIR lists (PS3.10, 8; PS3.3, F). */
import type { Origin } from "../limits.ts";
import { itemsOf, parseFile } from "./data_set.ts";
import { hasPrefix } from "./prefix.ts";

/** Media Storage Directory Storage. */
const IS_DIRECTORY = /1\.2\.840\.10008\.1\.3\.10(?![0-9.])/;

/** Whether the beginning of a file is a DICOMDIR's. */
export function isDicomdir(head: Uint8Array<ArrayBuffer>): boolean {
  return hasPrefix(head) && IS_DIRECTORY.test(new TextDecoder("latin1").decode(head.subarray(132, 512)));
}

/** Paths relative to its folder. Those that would leave it are left out. Throws an `InputError` where the file is damaged. */
export function dicomdirFiles(bytes: Uint8Array<ArrayBuffer>, origin: Origin): string[] {
  const { dataSet } = parseFile(bytes, origin);
  return itemsOf(dataSet, "x00041220").flatMap((record) => {
    const parts = record.string("x00041500")?.split("\\").map((part) => part.trim()) ?? [];
    const isWithin = parts.length > 0 && parts.every((part) => /^[\w.-]+$/.test(part) && !/^\.+$/.test(part));
    return isWithin ? [parts.join("/")] : [];
  });
}
