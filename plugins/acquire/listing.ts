import { caseId, type CaseRef, type Input } from "../../engine/pipeline/mod.ts";
import { detect, HEAD_BYTES } from "../formats/detect.ts";

/** A file that is a case. */
export interface FileRef extends CaseRef {
  /** Said when the case is loaded. */
  readonly warnings: readonly string[];
  /** Why there is nothing to load. */
  readonly refusal?: string;
}

/** Names that promise an image: such a file is never skipped, so that a damaged one is reported. */
const IMAGE_NAME = /\.(png|jpe?g|npy|dcm|ima|nii|nii\.gz)$/i;

/**
 * The cases of the inputs, one file each, in the order of the inputs; a folder's files come in the order of their paths. What
 * is hidden or no image is left out of folders, and the folder's first case says how much that was. A file that was
 * named itself is never left out: if nothing can be read from it, its case fails.
 */
export async function* listFiles(inputs: readonly Input[], signal: AbortSignal): AsyncGenerator<FileRef> {
  for (const given of inputs) {
    const input = typeof given === "string" ? given : given.name;
    if (typeof given !== "string" || !await isFolder(input)) {
      yield { id: caseId(baseName(input)), source: input, sources: [input], warnings: [] };
      continue;
    }
    const root = input.replace(/(?<=.)\/+$/, "");
    const images: string[] = [];
    let skipped = 0;
    for await (const path of filesBelow(root)) {
      signal.throwIfAborted();
      if (await looksLikeImage(path)) images.push(path);
      else skipped++;
    }
    const warnings = skipped === 0 ? [] : [`${skipped} files in ${input} are hidden or no images: they are left out.`];
    if (images.length === 0) {
      const refusal = `Cannot find an image in ${input} among ${skipped} files: name a folder that holds some`;
      yield { id: caseId(baseName(root)), source: input, sources: [], warnings: [], refusal };
    }
    for (const [at, path] of images.entries()) {
      const id = caseId(path.slice(root.length).replace(/^\/+/, ""));
      yield { id, source: path, sources: [path], warnings: at === 0 ? warnings : [] };
    }
  }
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.replace(/[/\\]+$/, "").split(/[/\\]/).at(-1) ?? path;
}

/** A file's name without its extension. */
export function stemOf(path: string): string {
  return caseId(baseName(path));
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch {
    // What can't be looked at is a case that fails when it is loaded, with the reason.
    return false;
  }
}

/** All files below a folder, depth first and sorted by name; hidden ones too, links to folders not. */
async function* filesBelow(folder: string): AsyncGenerator<string> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  entries.sort((a, b) => a.name < b.name ? -1 : 1);
  for (const entry of entries) {
    const path = `${folder === "/" ? "" : folder}/${entry.name}`;
    const hidden = entry.name.startsWith(".");
    if (entry.isDirectory && !hidden) yield* filesBelow(path);
    else if (entry.isFile || (entry.isSymlink && !await isFolder(path))) yield path;
  }
}

async function looksLikeImage(path: string): Promise<boolean> {
  const name = baseName(path);
  if (name.startsWith(".") || name === "DICOMDIR") return false;
  if (IMAGE_NAME.test(name)) return true;
  const found = detect(await headOf(path));
  return found.kind === "known" || (found.kind === "foreign" && found.isImage);
}

async function headOf(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const head = new Uint8Array(HEAD_BYTES);
  try {
    // A pipe would be waited for, a device has no end.
    if (!(await Deno.stat(path)).isFile) return head.subarray(0, 0);
    using file = await Deno.open(path);
    let length = 0;
    for (let read = 1; length < head.length && read > 0; length += read) {
      read = await file.read(head.subarray(length)) ?? 0;
    }
    return head.subarray(0, length);
  } catch {
    return head.subarray(0, 0);
  }
}
