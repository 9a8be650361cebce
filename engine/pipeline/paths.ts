/** Paths as the file system resolves them. */
import { dirname, join, relative, resolve, sep } from "node:path";

/** The path without links, as far as it exists; what doesn't is taken as it is written. */
export async function realPathOf(path: string): Promise<string> {
  const absolute = resolve(path);
  for (let known = absolute;; known = dirname(known)) {
    try {
      return join(await Deno.realPath(known), relative(known, absolute));
    } catch {
      // Nothing is there yet, or it may not be looked at: its parent decides.
      if (dirname(known) === known) return absolute;
    }
  }
}

/** Whether a path lies below another; both as `realPathOf` gives them. */
export function isWithin(folder: string, path: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}
