import { InputError } from "../errors.ts";
import type { FileRecord } from "./case_record.ts";

/** SHA-256 in hexadecimal. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return new Uint8Array(digest).toHex();
}

/** A file by its content. */
export async function fileRecord(path: string, bytes: Uint8Array): Promise<FileRecord> {
  return { path, bytes: bytes.length, sha256: await sha256(bytes) };
}

/**
 * Reads a file whole; links are followed to regular files only, as devices and pipes have no end. Throws an `InputError` that names
 * the file, why it can't be read and the remedy.
 */
export async function readInput(path: string): Promise<Uint8Array<ArrayBuffer>> {
  let bytes: Uint8Array<ArrayBuffer> | undefined;
  try {
    // Opening a pipe may wait forever, so it is looked at before, and again when it is open.
    if ((await Deno.stat(path)).isFile) {
      using file = await Deno.open(path);
      const { isFile, size } = await file.stat();
      if (isFile) bytes = await readWhole(file, size);
    } else if ((await Deno.stat(path)).isDirectory) throw new Deno.errors.IsADirectory();
  } catch (error) {
    throw new InputError(`Cannot open ${path} as ${whyUnreadable(error)}`, { cause: error });
  }
  if (bytes === undefined) throw new InputError(`Cannot open ${path} as it isn't a regular file: give a file`);
  if (bytes.length === 0) throw new InputError(`Cannot open ${path} as it is empty: fetch the file again`);
  return bytes;
}

/** Reads no more than the size that a file had when it was opened, so that one that grows has an end. */
async function readWhole(file: Deno.FsFile, size: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(size);
  let length = 0;
  for (let read = 1; length < size && read > 0; length += read) read = await file.read(bytes.subarray(length)) ?? 0;
  return bytes.subarray(0, length);
}

/** Why a file can't be read, and what to do, in words that go on from "as". */
export function whyUnreadable(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file: check the path";
  if (error instanceof Deno.errors.NotCapable) return "Deno may not read it: allow it with --allow-read";
  if (error instanceof Deno.errors.PermissionDenied) return "the system refuses it: make it readable";
  if (error instanceof Deno.errors.IsADirectory) return "it is a folder: give a file";
  return error instanceof Error ? error.message : String(error);
}
