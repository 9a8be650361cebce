/** Where a run puts its results: a folder, memory, or what a service keeps them in. */
import { UsageError } from "../errors.ts";

/** What to do where the output holds a run: refuse, go on with it, or remove it first. */
export type ExistingRun = "refuse" | "resume" | "overwrite";

/**
 * A place for the results of one run, as files by name; names are relative paths with `/`. It is only asked for names
 * that `checkName` accepts, and only while it is held.
 */
export interface RunOutput {
  /** What messages and events call it. */
  readonly name: string;
  /**
   * Reserves it for one run. Throws a `UsageError` that names the holder where another run has it, and where it can't
   * be used.
   */
  hold(): Promise<AsyncDisposable>;
  /** Throws a `UsageError` where results can't be kept apart from inputs at these paths. */
  proveApart?(paths: readonly string[]): Promise<void>;
  /** The bytes of a file, or nothing where there is none. */
  read(name: string): Promise<Uint8Array | undefined>;
  /** Names of everything at or below a name that is not a folder. */
  list(name: string): Promise<string[]>;
  /** Writes a file, completely or not at all. Throws an `OutputError`. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** Removes files, and the folders that this leaves empty. */
  remove(names: readonly string[]): Promise<void>;
  /** Begins the files of a case, which come to lie below `cases/ID` together. */
  openCase(id: string): CaseOutput;
}

/** The files of a case before they are put in place. */
export interface CaseOutput {
  /** Writes a file, relative to the case. Throws an `OutputError`. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** Puts all files in place at once. Throws an `OutputError` where something else is there. */
  commit(): Promise<void>;
  /** Removes what was written. */
  discard(): Promise<void>;
}

/** Throws a `TypeError` for what is no name of a result: a relative path of plain parts, none of which begins with a dot. */
export function checkName(name: string): void {
  if (!isName(name)) {
    throw new TypeError(
      `A file of the results can't be named ${JSON.stringify(name)}: give a relative path without dots`,
    );
  }
}

/** Whether a name is one that a result may have. */
export function isName(name: string): boolean {
  // deno-lint-ignore no-control-regex -- these are what file systems refuse
  const isPlain = (part: string) => part !== "" && !part.startsWith(".") && !/[\\\x00-\x1f:]/.test(part);
  return name.split("/").every((part) => isPlain(part) && new TextEncoder().encode(part).length <= 255);
}

/** The refusal of a place where something lies that this program didn't write. */
export function foreignFiles(output: string, names: readonly string[]): UsageError {
  const shown = names.slice(0, 3).map((name) => `${output}/${name}`).join(", ");
  const more = names.length > 3 ? ` and ${names.length - 3} more` : "";
  return new UsageError(
    `Cannot write to ${output} as ${shown}${more} would be replaced or removed and ` +
      `${names.length === 1 ? "is" : "are"} not as this program wrote it: move it away, or choose another --output`,
  );
}
