import { InputError } from "../errors.ts";

/** SHA-256 in hexadecimal. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return new Uint8Array(digest).toHex();
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

/** Beginning with a letter, so that the numbers of an identifier such as 1.2.840.5 are none. */
const extension = /\.(nii\.gz|nrrd\.gz|[A-Za-z][A-Za-z0-9]{0,7})$/;

/**
 * The id of a case from the path of its file relative to the input: without extension, `/` as `__`. What no file system
 * takes becomes `_`, and so does a dot at the beginning.
 */
export function caseId(relativePath: string): string {
  return relativePath.replace(extension, "").replaceAll(/[/\\]/g, "__")
    // deno-lint-ignore no-control-regex -- these are what file systems refuse
    .replaceAll(/[\x00-\x1f<>:"|?*]/g, "_").replace(/^\./, "_");
}
