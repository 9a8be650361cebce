/** The cases of inputs: pictures and volumes file by file, DICOM by series. */
import { createHash } from "node:crypto";
import { caseId, type CaseRef, counted, type Input } from "../../engine/pipeline/mod.ts";
import { detect, HEAD_BYTES } from "../formats/detect.ts";
import { SERIES_HEAD_BYTES, type SeriesFile, seriesFileOf } from "../formats/dicom/series.ts";
import type { Slice } from "../formats/dicom/slice.ts";
import { volumesOf } from "../formats/dicom/stack.ts";
import type { Limits } from "../formats/limits.ts";
import { baseName, found, type FoundFile } from "./found.ts";

/** A case before it is loaded. */
export interface FileRef extends CaseRef {
  /** Said when the case is loaded. */
  readonly warnings: readonly string[];
  /** Why there is nothing to load. */
  readonly refusal?: string;
  /** Its files, by the path that slices name. */
  readonly files: ReadonlyMap<string, FoundFile>;
  /** Slices of one volume; none where the file is no DICOM. */
  readonly slices?: readonly Slice[];
  /** What is known of its series. */
  readonly series?: Omit<SeriesFile, "slices">;
}

/** What series become: volumes, or one case per file. */
export type SeriesMode = "volumes" | "slices";

/** How to list. */
export interface ListingOptions {
  readonly limits: Limits;
  readonly series: SeriesMode;
}

/** Names that promise an image: such a file is never skipped, so that a damaged one is reported. */
const IMAGE_NAME = /\.(png|jpe?g|npy|dcm|ima|nii|nii\.gz|nrrd|nhdr|mha|mhd|mgh|mgz|tiff?)$/i;

/** Files after which progress is told. */
const filesAStep = 200;

/**
 * The cases of the inputs, in the order of the inputs and of the paths in them. Slices of one series are one case; where a series
 * holds several volumes (echoes, times), each is one. What is hidden or no image is left out of folders and archives, and the
 * first case says how much that was. A file that was named itself is never left out: if nothing can be read from it, its case fails.
 */
export async function* listFiles(
  inputs: readonly Input[],
  options: ListingOptions,
  signal: AbortSignal,
  progress: (files: number) => void = () => {},
): AsyncGenerator<FileRef> {
  let looked = 0;
  for (const given of inputs) {
    const { input, isFolder, files, notes } = await found(given, options.limits);
    const entries: Entry[] = [];
    let skipped = 0;
    for await (const file of files) {
      signal.throwIfAborted();
      if (++looked % filesAStep === 0) progress(looked);
      const entry = await entryOf(file, isFolder, options);
      if (entry === undefined) skipped++;
      else entries.push(entry);
    }
    const warnings = [...notes];
    if (skipped > 0) warnings.push(`Left out: ${counted(skipped, "file")} in ${input}, hidden or no image.`);
    if (entries.length === 0) {
      const refusal = `Cannot find an image in ${input} among ${
        counted(skipped, "file")
      }: name a folder that holds some`;
      yield { id: caseId(baseName(input)), source: input, sources: [], warnings: [], files: new Map(), refusal };
    }
    for (const [at, ref] of casesOf(entries, input).entries()) {
      yield at === 0 ? { ...ref, warnings: [...warnings, ...ref.warnings] } : ref;
    }
  }
}

/** A file's name without its extension. */
export function stemOf(path: string): string {
  return caseId(baseName(path));
}

interface Entry {
  readonly file: FoundFile;
  readonly dicom?: SeriesFile;
}

/** What a file is; nothing where it is left out. */
async function entryOf(
  file: FoundFile,
  mayBeLeftOut: boolean,
  { limits, series }: ListingOptions,
): Promise<Entry | undefined> {
  const name = baseName(file.path);
  if (mayBeLeftOut && (name.startsWith(".") || name === "DICOMDIR")) return undefined;
  const head = await file.head(SERIES_HEAD_BYTES);
  const kind = detect(head.subarray(0, HEAD_BYTES));
  if (kind.kind === "known" && kind.format === "dicom" && series === "volumes") {
    const dicom = seriesFileOf(head, { name: file.path, limits }) ?? await seriesOfWhole(file, head, limits);
    if (dicom !== undefined) return { file, dicom };
    return mayBeLeftOut && !IMAGE_NAME.test(name) ? undefined : { file };
  }
  const isImage = kind.kind === "known" || (kind.kind === "foreign" && kind.isImage) || IMAGE_NAME.test(name);
  return isImage || !mayBeLeftOut ? { file } : undefined;
}

/** The series of a file whose header is longer than the first look. */
async function seriesOfWhole(file: FoundFile, head: Uint8Array, limits: Limits): Promise<SeriesFile | undefined> {
  if (head.length < SERIES_HEAD_BYTES) return undefined;
  const content = await file.head(Number.MAX_SAFE_INTEGER);
  return seriesFileOf(content, { name: file.path, limits });
}

/** One case per file, those of one series together, in the place of the first of them. */
function casesOf(entries: readonly Entry[], input: string): FileRef[] {
  const groups = Map.groupBy(
    entries,
    ({ file, dicom }) => dicom?.series ? `series ${dicom.series}` : `file ${file.path}`,
  );
  const several = [...groups.values()].filter((group) => group.length > 1).length > 1;
  return [...groups.values()].flatMap((group) =>
    group[0].dicom === undefined ? group.map(fileCase) : seriesCases(group, input, several)
  );
}

function fileCase({ file }: Entry): FileRef {
  const { path, relative, source } = file;
  return {
    id: namelessId(relative, []),
    source: path,
    sources: [source],
    files: new Map([[path, file]]),
    warnings: [],
    aliases: aliasesOf([path], []),
  };
}

/** The cases of one series: each of its volumes. */
function seriesCases(group: readonly Entry[], input: string, several: boolean): FileRef[] {
  const files = new Map(group.map(({ file }) => [file.path, file]));
  const { slices: _, ...series } = group[0].dicom!;
  const slices = group.flatMap(({ dicom }) => dicom!.slices);
  const volumes = volumesOf(slices);
  const isOne = group.length === 1;
  const folder = commonFolder(group.map(({ file }) => file.relative));
  const place = folder === "" ? baseName(input) : folder;
  const named = namelessId(isOne ? group[0].file.relative : place, series.identity);
  const id = !isOne && several ? `${named}__series${series.number}` : named;
  const source = isOne ? group[0].file.path : commonFolder(group.map(({ file }) => file.path)) || input;
  return volumes.map((volume, at) => {
    const paths = [...new Set(volume.map((slice) => slice.source))];
    const own = new Map(paths.map((path) => [path, files.get(path)!]));
    const sources = [...new Set([...own.values()].map((file) => file.source))];
    const number = volumes.length > 1 ? `-${at + 1}` : "";
    const what = volumes.length > 1
      ? [`The series holds ${volumes.length} volumes (${differences(volumes)}): this is number ${at + 1}.`]
      : [];
    const aliases = aliasesOf([source, ...paths], series.identity);
    return { id: id + number, source, sources, files: own, slices: volume, series, warnings: what, aliases };
  });
}

/** A UID as part of a name. */
const UID = /\d+(\.\d+){4,}/;

/**
 * The id of a case by its path. Where that holds a UID, or a part of the patient's name or id, the same path always gives the same
 * pseudonym.
 */
function namelessId(relative: string, identity: readonly string[]): string {
  const id = caseId(relative);
  return isTelling(id, identity) ? pseudonym(relative) : id;
}

function pseudonym(text: string): string {
  return `case-${createHash("sha256").update(text).digest("hex").slice(0, 8)}`;
}

/** Whether a text holds a UID, or a part of a patient's name or id. */
function isTelling(text: string, identity: readonly string[]): boolean {
  const parts = identity.flatMap((value) => value.toLowerCase().split(/[\^\s,=]+/)).filter((part) => part.length > 2);
  return UID.test(text) || parts.some((part) => text.toLowerCase().includes(part));
}

/** Names of folders and files in paths that hold a UID, or a part of the patient's name or id, and a pseudonym for each. */
function aliasesOf(paths: readonly string[], identity: readonly string[]): Record<string, string> {
  const names = new Set(paths.flatMap((path) => path.split(/[/\\]/)));
  return Object.fromEntries(
    [...names].filter((name) => isTelling(name, identity)).map((name) => {
      const extension = IMAGE_NAME.exec(name)?.[0] ?? "";
      return [name, pseudonym(name) + (isTelling(extension, identity) ? "" : extension)];
    }),
  );
}

/** By what the volumes of a series differ. */
function differences(volumes: readonly (readonly Slice[])[]): string {
  const [first] = volumes;
  const keys = Object.keys(first[0].keys) as (keyof Slice["keys"])[];
  const differing = keys.filter((key) => new Set(volumes.map(([slice]) => slice.keys[key])).size > 1);
  return differing.length === 0 ? "by their order" : `by ${differing.join(", ")}`;
}

/** The folder that all paths share; empty where they share none. */
function commonFolder(paths: readonly string[]): string {
  const parts = paths.map((path) => path.split("/").slice(0, -1));
  const [first] = parts;
  const length = first.findIndex((part, at) => parts.some((other) => other[at] !== part));
  return first.slice(0, length < 0 ? first.length : length).join("/");
}
