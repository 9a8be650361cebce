/**
 * What a run writes, and what an earlier one has left. The content of an output is data: only what this program wrote is
 * replaced or removed, which its records state by size and SHA-256; anything else in its way is refused by name.
 */
import type { CaseRecord, FileRecord } from "./case_record.ts";
import { fileRecord } from "./files.ts";
import { type CaseOutput, checkName, foreignFiles, isName, type RunOutput } from "./output.ts";
import { encodeCase, encodeRun, parseCase, parseRun, type RunRecord } from "./record.ts";

/** Bytes of a file up to which a case goes on while it is written. */
const writtenBehind = 2 ** 20;

/** The results of a run while it goes on. */
export class Results {
  readonly #output: RunOutput;
  /** What earlier runs have left below `cases/ID`, by id. */
  #left = new Map<string, readonly string[]>();

  constructor(output: RunOutput) {
    this.#output = output;
  }

  /** What messages and events call the output. */
  get name(): string {
    return this.#output.name;
  }

  /** The run that is there, if there is one. Throws a `UsageError` for a `run.json` that is none of ours. */
  async readRun(): Promise<RunRecord | undefined> {
    const bytes = await this.#output.read("run.json");
    if (bytes !== undefined) return parseRun(new TextDecoder().decode(bytes), `${this.name}/run.json`);
    const there = await this.#output.list("run.json");
    if (there.length > 0) throw foreignFiles(this.name, there);
    return undefined;
  }

  /**
   * Checks that nobody's files lie where this run writes: the folders of its cases and its files. `before` is the run that
   * is to go on. Gives the cases of that run whose files are all there and as it wrote them. Throws a `UsageError`.
   */
  async prove(
    ids: readonly string[],
    files: readonly string[],
    before: RunRecord | undefined,
  ): Promise<ReadonlyMap<string, CaseRecord>> {
    const foreign: string[] = [];
    const intact = new Map<string, CaseRecord>();
    // A file or a link where the folder of the cases has to be.
    if ((await this.#output.list("cases")).includes("cases")) foreign.push("cases");
    for (const name of files) foreign.push(...await this.#foreignAt(name, before?.outputs ?? []));
    for (const id of ids) {
      const names = await this.#output.list(`cases/${id}`);
      if (names.length === 0) continue;
      const record = before && await this.#readCase(id);
      const own = record?.outputs ?? [];
      foreign.push(...await this.#foreignAt(`cases/${id}`, own, record && `cases/${id}/case.json`));
      this.#left.set(id, names);
      if (record && own.every(({ path }) => names.includes(path))) intact.set(id, record);
    }
    if (foreign.length > 0) throw foreignFiles(this.name, foreign);
    return intact;
  }

  /** The ids of all cases that are done. */
  async doneCases(): Promise<string[]> {
    const ids = new Set((await this.#output.list("cases")).map((name) => name.split("/")[1] ?? ""));
    const done: string[] = [];
    for (const id of ids) if (await this.#readCase(id)) done.push(id);
    return done;
  }

  /** Removes a run with all its cases. Throws a `UsageError` before anything is removed where something isn't ours. */
  async removeRun(run: RunRecord): Promise<void> {
    const names: string[] = [];
    const foreign: string[] = [];
    for (const name of new Set(run.outputs.map(({ path }) => path))) {
      foreign.push(...await this.#foreignAt(name, run.outputs));
      names.push(name);
    }
    for (const id of await this.doneCases()) {
      const record = await this.#readCase(id);
      if (record === undefined) continue;
      const last = `cases/${id}/case.json`;
      foreign.push(...await this.#foreignAt(`cases/${id}`, record.outputs, last));
      // Without its record the others would be nobody's, so it goes last.
      names.push(...record.outputs.map(({ path }) => path), last);
    }
    if (foreign.length > 0) throw foreignFiles(this.name, foreign);
    await this.#output.remove([...names, "run.json"]);
  }

  /** Writes `run.json`. */
  async writeRun(run: RunRecord): Promise<void> {
    await this.#output.write("run.json", encodeRun(run));
  }

  /** Writes files of the run; `run.json` names them before they are there, so that a killed run's are known. */
  async writeFiles(files: Readonly<Record<string, Uint8Array>>, run: RunRecord): Promise<RunRecord> {
    const names = Object.keys(files);
    names.forEach(checkName);
    const written = await Promise.all(names.map((name) => fileRecord(name, files[name])));
    await this.writeRun({ ...run, outputs: [...run.outputs, ...written] });
    for (const name of names) await this.#output.write(name, files[name]);
    const outputs = [...run.outputs.filter(({ path }) => !names.includes(path)), ...written];
    return { ...run, files: outputs.map(({ path }) => path), outputs };
  }

  /** Begins the files of a case. */
  openCase(id: string): CaseResults {
    return new CaseResults(this.#output, id, this.#left.get(id) ?? []);
  }

  /** Reads a file of a case. */
  async readCaseFile(id: string, name: string): Promise<Uint8Array> {
    checkName(name);
    const bytes = await this.#output.read(`cases/${id}/${name}`);
    if (bytes === undefined) throw new TypeError(`Case ${id} has no file ${name}`);
    return bytes;
  }

  /** The record of a case that is done: one that says so of itself, and names files of its own folder only. */
  async #readCase(id: string): Promise<CaseRecord | undefined> {
    if (!isName(id)) return undefined;
    const bytes = await this.#output.read(`cases/${id}/case.json`);
    const record = bytes && parseCase(new TextDecoder().decode(bytes));
    const isOwn = record?.id === id && record.status === "done" &&
      record.outputs.every(({ path }) => isName(path) && path.startsWith(`cases/${id}/`));
    return isOwn ? record : undefined;
  }

  /** What lies at or below a name and isn't as `own` states it. */
  async #foreignAt(name: string, own: readonly FileRecord[], record?: string): Promise<string[]> {
    if (!isName(name)) return [name];
    const foreign: string[] = [];
    for (const found of await this.#output.list(name)) {
      if (found === record) continue;
      const stated = own.filter(({ path }) => path === found);
      const bytes = stated.length === 0 ? undefined : await this.#output.read(found);
      const is = bytes && await fileRecord(found, bytes);
      if (!is || !stated.some((file) => file.bytes === is.bytes && file.sha256 === is.sha256)) foreign.push(found);
    }
    return foreign;
  }
}

/** The files of a case while it is worked on. */
export class CaseResults {
  readonly #output: RunOutput;
  readonly #case: CaseOutput;
  readonly #id: string;
  readonly #left: readonly string[];
  readonly #records = new Map<string, FileRecord>();
  /** Files that are being written, by their names. */
  readonly #writing = new Map<string, Promise<void>>();

  constructor(output: RunOutput, id: string, left: readonly string[]) {
    this.#output = output;
    this.#case = output.openCase(id);
    this.#id = id;
    this.#left = left;
  }

  /**
   * Begins to write a small file of the case, and writes a large one. What can't be written is an `OutputError`, of this call
   * or of `commit`.
   */
  async write(name: string, bytes: Uint8Array): Promise<void> {
    checkName(name);
    await this.#writing.get(name);
    const isSmall = bytes.length <= writtenBehind;
    const writing = this.#write(name, isSmall ? bytes.slice() : bytes);
    this.#writing.set(name, writing);
    // Commit tells of it.
    writing.catch(() => {});
    if (!isSmall) await writing;
  }

  async #write(name: string, bytes: Uint8Array): Promise<void> {
    const path = `cases/${this.#id}/${name}`;
    const [record] = await Promise.all([fileRecord(path, bytes), this.#case.write(name, bytes)]);
    this.#records.set(path, record);
  }

  /** Writes `case.json` and puts the case in its place, where what an earlier run left of it goes. Throws an `OutputError`. */
  async commit(record: Omit<CaseRecord, "files" | "outputs">): Promise<CaseRecord> {
    await Promise.all(this.#writing.values());
    const outputs = [...this.#records.values()].sort((a, b) => a.path < b.path ? -1 : 1);
    const files = [...outputs.map(({ path }) => path), `cases/${this.#id}/case.json`].sort();
    const complete: CaseRecord = { ...record, files, outputs };
    await this.#case.write("case.json", encodeCase(complete));
    await this.#output.remove(this.#left);
    await this.#case.commit();
    return complete;
  }

  /** Removes what was written of a case that failed or was interrupted. */
  async discard(): Promise<void> {
    await Promise.allSettled(this.#writing.values());
    await this.#case.discard();
  }
}
