import { OutputError, UsageError } from "../errors.ts";
import type { CaseRecord } from "./contract.ts";
import { type CaseFile, parseCase, parseRun, type RunRecord } from "./record.ts";

/** What to do where the folder holds a run: refuse, go on with it, or remove it first. */
export type ExistingRun = "refuse" | "resume" | "overwrite";

/** Writes a file, as `Deno.writeFile` does. Tests hand in one that fails. */
export type WriteFile = (path: string, bytes: Uint8Array) => Promise<void>;

/**
 * The folder of a run. Nothing in it is ever half-written: a file has a temporary name until it is whole, and the files of
 * a case lie in a temporary folder that is renamed to `cases/ID` when the last of them, `case.json`, is written.
 */
export class OutputFolder {
  readonly path: string;
  readonly #writeFile: WriteFile;

  constructor(path: string, writeFile: WriteFile = Deno.writeFile) {
    this.path = path;
    this.#writeFile = writeFile;
  }

  /** The run that the folder holds, if it does. Throws a `UsageError` for a `run.json` that is none of ours. */
  async readRun(): Promise<RunRecord | undefined> {
    const text = await this.#readText("run.json");
    return text === undefined ? undefined : parseRun(text, `${this.path}/run.json`);
  }

  /** Removes a run: its cases and the files that its `run.json` names. */
  async removeRun(run: RunRecord): Promise<void> {
    for (const name of ["cases", ...run.files, "run.json"]) await this.#remove(name);
  }

  /** Makes the folder and removes what an interrupted case has left. Throws an `OutputError`. */
  async prepare(): Promise<void> {
    await guard(`${this.path}/cases`, async () => {
      await Deno.mkdir(`${this.path}/cases`, { recursive: true });
      await this.#remove("cases/.partial");
    });
  }

  /** Writes a file of the run, whole or not at all. */
  async write(name: string, bytes: Uint8Array): Promise<void> {
    checkName(name);
    const temporary = `${this.path}/.partial-${name.replaceAll("/", "__")}`;
    await guard(`${this.path}/${name}`, async () => {
      try {
        await this.#writeFile(temporary, bytes);
        await Deno.rename(temporary, `${this.path}/${name}`);
      } catch (error) {
        await removeAny(temporary);
        throw error;
      }
    });
  }

  /** Starts the files of a case. */
  openCase(id: string): CaseFolder {
    return new CaseFolder(this.path, id, this.#writeFile);
  }

  /** The record of a case that is done, or nothing. A record that is none of ours counts as not done. */
  async readCase(id: string): Promise<CaseRecord | undefined> {
    const text = await this.#readText(`cases/${id}/case.json`);
    return text === undefined ? undefined : parseCase(text);
  }

  /** Reads a file of a case. */
  readCaseFile(id: string, name: string): Promise<Uint8Array> {
    checkName(name);
    return Deno.readFile(`${this.path}/cases/${id}/${name}`);
  }

  async #readText(name: string): Promise<string | undefined> {
    try {
      return await Deno.readTextFile(`${this.path}/${name}`);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
      throw new UsageError(`Cannot read ${this.path}/${name} as ${why(error, "read")}`, { cause: error });
    }
  }

  #remove(name: string): Promise<void> {
    return guard(`${this.path}/${name}`, () => removeAny(`${this.path}/${name}`));
  }
}

/** The files of a case while it is worked on. */
export class CaseFolder {
  readonly #folder: string;
  readonly #temporary: string;
  readonly #id: string;
  readonly #writeFile: WriteFile;
  readonly #names = new Set<string>();

  constructor(output: string, id: string, writeFile: WriteFile) {
    this.#folder = `${output}/cases/${id}`;
    this.#temporary = `${output}/cases/.partial/${id}`;
    this.#id = id;
    this.#writeFile = writeFile;
  }

  /** The files so far, relative to the output folder, sorted. */
  get files(): string[] {
    return [...this.#names].sort().map((name) => `cases/${this.#id}/${name}`);
  }

  /** Writes a file of the case. Throws an `OutputError`. */
  async write(name: string, bytes: Uint8Array): Promise<void> {
    checkName(name);
    const path = `${this.#temporary}/${name}`;
    await guard(`${this.#folder}/${name}`, async () => {
      await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
      await this.#writeFile(path, bytes);
    });
    this.#names.add(name);
  }

  /** Writes `case.json` and puts the case in its place. */
  async commit(record: CaseFile): Promise<void> {
    await this.write("case.json", new TextEncoder().encode(JSON.stringify(record, null, 2) + "\n"));
    await guard(this.#folder, async () => {
      await removeAny(this.#folder);
      await Deno.rename(this.#temporary, this.#folder);
    });
  }

  /** Removes what was written of a case that failed or was interrupted, and what an earlier run has left of it. */
  async discard(): Promise<void> {
    await removeAny(this.#temporary);
  }
}

function checkName(name: string): void {
  if (name === "" || name.split("/").some((part) => part === "" || part.startsWith("."))) {
    throw new TypeError(
      `A file of the results can't be named ${JSON.stringify(name)}: give a relative path without dots`,
    );
  }
}

async function removeAny(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function guard(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw new OutputError(`Cannot write ${path} as ${why(error, "write")}`, { cause: error });
  }
}

function why(error: unknown, access: "read" | "write"): string {
  if (error instanceof Deno.errors.NotCapable) return `Deno may not ${access} there: allow it with --allow-${access}`;
  if (error instanceof Deno.errors.PermissionDenied) return "the system refuses it: choose another --output";
  const message = error instanceof Error ? error.message : String(error);
  return /os error 28/.test(message) ? "no space is left: free some, then go on with --resume" : message;
}
