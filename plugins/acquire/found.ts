/** The files that inputs hold: those of folders, of archives, and those that a DICOMDIR lists. */
import { counted, type Input } from "../../engine/pipeline/mod.ts";
import { archiveEntries, type ArchiveEntry, isArchive } from "../formats/archive/archive.ts";
import { dicomdirFiles, isDicomdir } from "../formats/dicom/dicomdir.ts";
import { beginningOf, isGzip } from "../formats/inflate.ts";
import type { Limits } from "../formats/limits.ts";

/** Reads a file whole and notes it. */
export type Read = (path: string) => Promise<Uint8Array>;

/** A file that may be an image. */
export interface FoundFile {
  /** What messages call it: its path; of a file in an archive, the archive's path and its own. */
  readonly path: string;
  /** Its path within the input. */
  readonly relative: string;
  /** The file to read: itself, or the archive. */
  readonly source: string;
  /** Up to `length` of its first bytes. */
  head(length: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Its content; `read` reads the source. */
  content(read: Read): Promise<Uint8Array<ArrayBuffer>>;
}

/** What one input holds. */
export interface Found {
  /** Path of the file or folder. */
  readonly input: string;
  /** Whether it may hold several files; one that is named itself is never left out. */
  readonly isFolder: boolean;
  /** Its files, in the order of their paths. */
  readonly files: AsyncIterable<FoundFile>;
  /** What a user should know of it, once its files are through. */
  readonly notes: readonly string[];
}

/** Bytes of a file that tell its kind. */
const KIND_BYTES = 4096;

/** Looks what an input is. */
export async function found(given: Input, limits: Limits): Promise<Found> {
  if (typeof given !== "string") {
    const file = handedIn(given.name, given.bytes as Uint8Array<ArrayBuffer>);
    return { input: given.name, isFolder: false, files: inOrder([file]), notes: [] };
  }
  const root = given.replace(/(?<=.)\/+$/, "");
  const notes: string[] = [];
  if (await isFolder(root)) {
    return { input: root, isFolder: true, files: withArchives(filesBelow(root, root), limits), notes };
  }
  const file = onDisk(root, baseName(root));
  const head = await file.head(KIND_BYTES);
  if (isArchiveHead(head)) {
    return { input: root, isFolder: true, files: inOrder(await entriesOf(file, limits)), notes };
  }
  if (isDicomdir(head)) {
    return { input: root, isFolder: true, files: listedFiles(file, limits, notes), notes };
  }
  return { input: root, isFolder: false, files: inOrder([file]), notes };
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.replace(/[/\\]+$/, "").split(/[/\\]/).at(-1) ?? path;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch {
    // What can't be looked at is a case that fails when it is loaded, with the reason.
    return false;
  }
}

async function* inOrder(files: readonly FoundFile[]): AsyncGenerator<FoundFile> {
  yield* files;
}

/** All files below a folder, depth first and sorted by name; hidden ones too, links to folders not. */
async function* filesBelow(folder: string, root: string): AsyncGenerator<FoundFile> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  entries.sort((a, b) => a.name < b.name ? -1 : 1);
  for (const entry of entries) {
    const path = `${folder === "/" ? "" : folder}/${entry.name}`;
    const hidden = entry.name.startsWith(".");
    if (entry.isDirectory && !hidden) yield* filesBelow(path, root);
    else if (entry.isFile || (entry.isSymlink && !await isFolder(path))) {
      yield onDisk(path, path.slice(root.length).replace(/^\/+/, ""));
    }
  }
}

async function* withArchives(files: AsyncIterable<FoundFile>, limits: Limits): AsyncGenerator<FoundFile> {
  for await (const file of files) {
    const mayBe = /\.(zip|tar|tgz|tar\.gz)$/i.test(file.path) && isArchiveHead(await file.head(KIND_BYTES));
    if (mayBe) yield* await entriesOf(file, limits);
    else yield file;
  }
}

function isArchiveHead(head: Uint8Array<ArrayBuffer>): boolean {
  return isArchive(isGzip(head) ? beginningOf(head, "gzip") : head);
}

/** The files of an archive, sorted; hidden ones and those that macOS adds are left out. */
async function entriesOf(archive: FoundFile, limits: Limits): Promise<FoundFile[]> {
  const origin = { name: archive.path, limits };
  const isHidden = (name: string): boolean =>
    name.split("/").some((part) => part.startsWith(".") || part === "__MACOSX");
  const open = (bytes: Uint8Array): ArchiveEntry[] => archiveEntries(bytes as Uint8Array<ArrayBuffer>, origin);
  const entries = open(await Deno.readFile(archive.path)).filter(({ name }) => !isHidden(name));
  entries.sort((a, b) => a.name < b.name ? -1 : 1);
  return entries.map((entry) => ({
    path: `${archive.path}/${entry.name}`,
    relative: `${archive.relative}/${entry.name}`,
    source: archive.path,
    head: (length) => Promise.resolve(entry.read().slice(0, length)),
    content: async (read) => {
      const own = open(await read(archive.path)).find(({ name }) => name === entry.name);
      return own?.read() ?? new Uint8Array();
    },
  }));
}

async function* listedFiles(file: FoundFile, limits: Limits, notes: string[]): AsyncGenerator<FoundFile> {
  const folder = file.path.slice(0, Math.max(0, file.path.length - baseName(file.path).length - 1)) || ".";
  const bytes = await Deno.readFile(file.path);
  let missing = 0;
  for (const relative of dicomdirFiles(bytes, { name: file.path, limits })) {
    const path = await existing(folder, relative);
    if (path === undefined) missing++;
    else yield onDisk(path, relative);
  }
  if (missing > 0) notes.push(`Not there: ${counted(missing, "file")} that the DICOMDIR lists.`);
}

/** The path of a listed file; media give names in capitals, which copies may have changed. */
async function existing(folder: string, relative: string): Promise<string | undefined> {
  for (const path of [`${folder}/${relative}`, `${folder}/${relative.toLowerCase()}`]) {
    try {
      if ((await Deno.stat(path)).isFile) return path;
    } catch {
      // Tried under the other name, or counted as missing.
    }
  }
  return undefined;
}

function onDisk(path: string, relative: string): FoundFile {
  return {
    path,
    relative,
    source: path,
    head: (length) => headOf(path, length),
    content: async (read) => await read(path) as Uint8Array<ArrayBuffer>,
  };
}

function handedIn(name: string, bytes: Uint8Array<ArrayBuffer>): FoundFile {
  return {
    path: name,
    relative: name,
    source: name,
    head: (length) => Promise.resolve(bytes.subarray(0, length)),
    content: async (read) => await read(name) as Uint8Array<ArrayBuffer>,
  };
}

async function headOf(path: string, most: number): Promise<Uint8Array<ArrayBuffer>> {
  try {
    // A pipe would be waited for, a device has no end.
    const { isFile, size } = await Deno.stat(path);
    if (!isFile) return new Uint8Array();
    using file = await Deno.open(path);
    const head = new Uint8Array(Math.min(most, size));
    let length = 0;
    for (let read = 1; length < head.length && read > 0; length += read) {
      read = await file.read(head.subarray(length)) ?? 0;
    }
    return head.subarray(0, length);
  } catch {
    return new Uint8Array();
  }
}
