/** Paths of a case without the parts that tell whose images they are. */
import type { FileRecord } from "./case_record.ts";
import type { CaseRef } from "./contract.ts";

/** A path or message of a case as results and events show it. */
export function told(text: string, { aliases = {} }: Pick<CaseRef, "aliases">): string {
  // The longer ones first: a name may be a part of another.
  const parts = Object.entries(aliases).sort(([a], [b]) => b.length - a.length);
  return parts.reduce((said, [part, alias]) => said.replaceAll(part, alias), text);
}

/** Files of a case as results show them. */
export function toldFiles(files: readonly FileRecord[], ref: Pick<CaseRef, "aliases">): FileRecord[] {
  return files.map((file) => ({ ...file, path: told(file.path, ref) }));
}
