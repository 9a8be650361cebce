import { OutputError, UsageError } from "../errors.ts";
import type { CaseOutput, RunOutput } from "./output.ts";

/** Results in memory: `files` holds them by name when the run has ended. */
export class MemoryOutput implements RunOutput {
  readonly name: string;
  /** The results by name. */
  readonly files: Map<string, Uint8Array> = new Map<string, Uint8Array>();
  #held = false;

  /** `name` is for messages. */
  constructor(name = "memory") {
    this.name = name;
  }

  /** Reserves it for one run. */
  hold(): Promise<AsyncDisposable> {
    if (this.#held) throw new UsageError(`Cannot write to ${this.name} as another run works there: wait for its end`);
    this.#held = true;
    const release = () => {
      this.#held = false;
      return Promise.resolve();
    };
    return Promise.resolve({ [Symbol.asyncDispose]: release });
  }

  /** The bytes of a file. */
  read(name: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.files.get(name));
  }

  /** Names at or below a name. */
  list(name: string): Promise<string[]> {
    return Promise.resolve([...this.files.keys()].filter((file) => file === name || file.startsWith(`${name}/`)));
  }

  /** Keeps a file. */
  write(name: string, bytes: Uint8Array): Promise<void> {
    this.files.set(name, bytes);
    return Promise.resolve();
  }

  /** Removes files. */
  remove(names: readonly string[]): Promise<void> {
    for (const name of names) this.files.delete(name);
    return Promise.resolve();
  }

  /** Begins the files of a case. */
  openCase(id: string): CaseOutput {
    const staged = new Map<string, Uint8Array>();
    return {
      write: (name, bytes) => Promise.resolve(void staged.set(`cases/${id}/${name}`, bytes)),
      commit: async () => {
        const [there] = await this.list(`cases/${id}`);
        if (there !== undefined) throw new OutputError(`Cannot write ${there} as it exists already: run again`);
        for (const [name, bytes] of staged) this.files.set(name, bytes);
      },
      discard: () => Promise.resolve(staged.clear()),
    };
  }
}
