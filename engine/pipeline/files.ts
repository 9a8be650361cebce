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

/** Reads a file whole. Throws an `InputError` that names the file, why it can't be read and the remedy. */
export async function readInput(path: string): Promise<Uint8Array<ArrayBuffer>> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await Deno.readFile(path);
  } catch (error) {
    throw new InputError(`Cannot open ${path} as ${whyUnreadable(error)}`, { cause: error });
  }
  if (bytes.length === 0) throw new InputError(`Cannot open ${path} as it is empty: fetch the file again`);
  return bytes;
}

/** Why a file can't be read, and what to do, in words that go on from "as". */
export function whyUnreadable(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file: check the path";
  if (error instanceof Deno.errors.NotCapable) return "Deno may not read it: allow it with --allow-read";
  if (error instanceof Deno.errors.PermissionDenied) return "the system refuses it: make it readable";
  if (error instanceof Deno.errors.IsADirectory) return "it is a folder: give a file";
  return error instanceof Error ? error.message : String(error);
}
