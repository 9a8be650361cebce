/** Names of cases, which become names of folders. */
import { isName } from "./output.ts";

/** Most bytes of an id: with what a run adds to it, any file system takes it. */
const mostBytes = 120;

/** Beginning with a letter, so that the numbers of an identifier such as 1.2.840.5 are none. */
const extension = /\.(nii\.gz|nrrd\.gz|[A-Za-z][A-Za-z0-9]{0,7})$/;

/**
 * The id of a case from the path of its file relative to the input: without extension, `/` as `__`. Characters that
 * some file system refuses become `_`, and so does a dot at the beginning.
 */
export function caseId(relativePath: string): string {
  return plain(relativePath.replace(extension, ""));
}

function plain(name: string): string {
  return name.replaceAll(/[/\\]/g, "__")
    // deno-lint-ignore no-control-regex -- file systems refuse these, or terminals obey them
    .replaceAll(/[\x00-\x1f\x7f-\x9f<>:"|?*]/g, "_").replace(/^\./, "_");
}

/**
 * The ids under which a run knows its cases: each fit for the name of a folder on any file system, and unlike all others
 * even where upper and lower case are one. What isn't fit is changed and gets a hash of what it was.
 */
export async function uniqueIds(wanted: readonly string[]): Promise<string[]> {
  const taken = new Set<string>();
  const ids: string[] = [];
  for (const name of wanted) {
    const base = await fitId(name);
    let id = base;
    for (let number = 2; taken.has(folded(id)); number++) id = `${base}-${number}`;
    taken.add(folded(id));
    ids.push(id);
  }
  return ids;
}

/** Names that Windows keeps for devices, whatever their extension. */
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

async function fitId(wanted: string): Promise<string> {
  const id = plain(wanted).replace(/[. ]+$/, "");
  const isFit = id === wanted && isName(id) && !reserved.test(id) && bytesOf(id) <= mostBytes;
  if (isFit) return id;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(wanted));
  const hash = new Uint8Array(digest).toHex().slice(0, 12);
  let kept = reserved.test(id) ? `_${id}` : id;
  while (bytesOf(kept) > mostBytes - hash.length - 1) kept = [...kept].slice(0, -1).join("");
  return kept === "" ? `case-${hash}` : `${kept}-${hash}`;
}

function folded(id: string): string {
  return id.normalize("NFKC").toLowerCase();
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
