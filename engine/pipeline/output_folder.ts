import { OutputError, UsageError } from "../errors.ts";
import { lockName, OutputLock, temporaryName } from "./output_lock.ts";
import { type CaseOutput, checkName, type RunOutput } from "./output.ts";
import { isWithin, realPathOf } from "./paths.ts";

/** Writes a file, as `Deno.writeFile` does. Tests pass one that fails. */
export type WriteFile = (path: string, bytes: Uint8Array) => Promise<void>;

/**
 * Results in a folder. Nothing in it is ever half-written: a file lies in a temporary folder of this run until it is
 * complete, and so do the files of a case until the last one, `case.json`, is; then they are renamed. No link within
 * the folder is followed.
 */
export class OutputFolder implements RunOutput {
  /** The path, without slashes at its end. */
  readonly name: string;
  readonly #writeFile: WriteFile;
  #lock: OutputLock | undefined;
  #count = 0;

  /** `writeFile` writes each file, by default `Deno.writeFile`. */
  constructor(path: string, writeFile: WriteFile = Deno.writeFile) {
    this.name = path.replace(/(?<=.)[/\\]+$/, "");
    this.#writeFile = writeFile;
  }

  /** Makes the folder and locks it for one run. Removes what a killed run left behind. */
  async hold(): Promise<AsyncDisposable> {
    const made = await this.#make();
    try {
      const lock = OutputLock.take(this.name);
      this.#lock = lock;
      if (lock.left !== undefined) await this.#removeTemporary(lock.left);
    } catch (error) {
      await removeEmpty(made);
      if (error instanceof UsageError) throw error;
      throw new UsageError(`Cannot write ${this.name}/${lockName} as ${why(error)}`, { cause: error });
    }
    return { [Symbol.asyncDispose]: () => this.#release(made) };
  }

  /**
   * Refuses inputs that are the folder, lie in it or contain it: their files could be replaced, and results could
   * become inputs.
   */
  async proveApart(paths: readonly string[]): Promise<void> {
    const output = await realPathOf(this.name);
    for (const path of paths) {
      const input = await realPathOf(path);
      const how = input === output
        ? "it is"
        : isWithin(output, input)
        ? "it holds"
        : isWithin(input, output)
        ? "it lies in"
        : undefined;
      if (how === undefined) continue;
      throw new UsageError(`Cannot write to ${this.name} as ${how} the input ${path}: choose another --output`);
    }
  }

  /** The bytes of a file; `undefined` where there is none, or where it is a link. */
  async read(name: string): Promise<Uint8Array | undefined> {
    if (!(await this.#look(name))?.isFile) return undefined;
    try {
      return await Deno.readFile(`${this.name}/${name}`);
    } catch (error) {
      throw new UsageError(`Cannot read ${this.name}/${name} as ${why(error)}`, { cause: error });
    }
  }

  /** Names of all files and links at or below a name; links are not followed. */
  async list(name: string): Promise<string[]> {
    const info = await this.#look(name);
    if (info === undefined) return [];
    if (!info.isDirectory) return [name];
    const names: string[] = [];
    for await (const entry of Deno.readDir(`${this.name}/${name}`)) {
      const below = `${name}/${entry.name}`;
      if (entry.isDirectory) names.push(...await this.list(below));
      else names.push(below);
    }
    return names.sort();
  }

  /** Writes a file, completely or not at all. */
  async write(name: string, bytes: Uint8Array): Promise<void> {
    checkName(name);
    await guard(`${this.name}/${name}`, async () => {
      const temporary = `${await this.#temporary()}/${this.#count++}`;
      try {
        await this.#writeFile(temporary, bytes);
        await this.#makeFolders(name);
        await Deno.rename(temporary, `${this.name}/${name}`);
      } catch (error) {
        await removeTree(temporary);
        throw error;
      }
    });
  }

  /** Removes files, and the folders that this leaves empty. */
  async remove(names: readonly string[]): Promise<void> {
    for (const name of names) {
      checkName(name);
      await guard(`${this.name}/${name}`, async () => {
        if (!(await this.#look(name))?.isFile) return;
        await Deno.remove(`${this.name}/${name}`);
        const parts = name.split("/").slice(0, -1);
        await removeEmpty(parts.map((_, depth) => `${this.name}/${parts.slice(0, depth + 1).join("/")}`));
      });
    }
  }

  /** Begins the files of a case. */
  openCase(id: string): CaseOutput {
    checkName(id);
    const place = `cases/${id}`;
    const folder = async () => `${await this.#temporary()}/${place}`;
    return {
      write: async (name, bytes) => {
        checkName(name);
        await guard(`${this.name}/${place}/${name}`, async () => {
          const path = `${await folder()}/${name}`;
          await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
          await this.#writeFile(path, bytes);
        });
      },
      commit: () =>
        guard(`${this.name}/${place}`, async () => {
          await this.#makeFolders(place);
          await removeEmptyTree(`${this.name}/${place}`);
          await Deno.rename(await folder(), `${this.name}/${place}`);
        }),
      discard: async () => await removeTree(await folder()),
    };
  }

  /** Makes the folder; gives those that weren't there before. */
  async #make(): Promise<string[]> {
    const made: string[] = [];
    await guardUsage(`${this.name}/run.json`, async () => {
      for (let path = this.name; path !== "" && await isMissing(path); path = parentOf(path)) made.push(path);
      await Deno.mkdir(this.name, { recursive: true });
    });
    return made.reverse();
  }

  /** Makes the folders above a name. Throws where one of them is a link. */
  async #makeFolders(name: string): Promise<void> {
    const parts = name.split("/").slice(0, -1);
    for (const depth of parts.keys()) {
      const path = `${this.name}/${parts.slice(0, depth + 1).join("/")}`;
      const info = await lookAt(path);
      if (info === undefined) await Deno.mkdir(path);
      else if (!info.isDirectory) throw new Error(`${path} isn't a folder: move it away`);
    }
  }

  /** What lies at a name; nothing where a part of the way there is a link or a file. */
  async #look(name: string): Promise<Deno.FileInfo | undefined> {
    checkName(name);
    const parts = name.split("/");
    for (const depth of parts.keys()) {
      const info = await lookAt(`${this.name}/${parts.slice(0, depth + 1).join("/")}`);
      if (depth === parts.length - 1 || !info?.isDirectory) return depth === parts.length - 1 ? info : undefined;
    }
    return undefined;
  }

  /** The temporary folder of this run. Nobody else makes one of its name, so nothing in it is a link of somebody's. */
  async #temporary(): Promise<string> {
    if (this.#lock === undefined) throw new TypeError(`${this.name} is written without being held`);
    const path = `${this.name}/${temporaryName(this.#lock.token)}`;
    // Several files may be on their way at once.
    if (await lookAt(path) === undefined) await Deno.mkdir(path, { recursive: true });
    return path;
  }

  async #removeTemporary(token: string): Promise<void> {
    const path = `${this.name}/${temporaryName(token)}`;
    if ((await lookAt(path))?.isDirectory) await removeTree(path);
  }

  async #release(made: readonly string[]): Promise<void> {
    const lock = this.#lock!;
    this.#lock = undefined;
    try {
      await this.#removeTemporary(lock.token);
    } finally {
      lock.release();
      await removeEmpty(made);
    }
  }
}

async function lookAt(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}

/** Whether nothing is there; of what may not be looked at that isn't known. */
async function isMissing(path: string): Promise<boolean> {
  try {
    return await lookAt(path) === undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return false;
    throw error;
  }
}

function parentOf(path: string): string {
  const at = path.search(/[/\\][^/\\]*$/);
  return at < 0 ? "" : path.slice(0, at);
}

/** Removes those of the folders that are empty, the last first. */
async function removeEmpty(folders: readonly string[]): Promise<void> {
  for (const folder of folders.toReversed()) {
    try {
      await Deno.remove(folder);
    } catch {
      return; // It holds something, so those above do as well.
    }
  }
}

/** Removes folders of which no file is left. */
async function removeEmptyTree(path: string): Promise<void> {
  if (!(await lookAt(path))?.isDirectory) return;
  for await (const entry of Deno.readDir(path)) {
    if (entry.isDirectory) await removeEmptyTree(`${path}/${entry.name}`);
  }
  await removeEmpty([path]);
}

async function removeTree(path: string): Promise<void> {
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
    if (error instanceof TypeError) throw error;
    throw new OutputError(`Cannot write ${path} as ${why(error)}`, { cause: error });
  }
}

async function guardUsage(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw new UsageError(`Cannot write ${path} as ${why(error)}`, { cause: error });
  }
}

function why(error: unknown): string {
  if (error instanceof Deno.errors.NotCapable) {
    const access = /read access/.test(error.message) ? "read" : "write";
    return `Deno may not ${access} there: allow it with --allow-${access}`;
  }
  if (error instanceof Deno.errors.PermissionDenied) return "the system refuses it: choose another --output";
  const message = error instanceof Error ? error.message : String(error);
  if (/os error 28/.test(message)) return "no space is left: free some, then go on with --resume";
  if (/os error 39/.test(message)) return "something else lies there: move it away, then go on with --resume";
  return message;
}
