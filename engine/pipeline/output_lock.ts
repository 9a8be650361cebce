import { UsageError } from "../errors.ts";

/** Who holds a folder: what the file of the lock says. */
interface Holder {
  readonly pid: number;
  readonly since: string;
  /** Part of the name of the holder's temporary folder. */
  readonly token: string;
}

/** The file that a run locks, in its folder. */
export const lockName = ".isocenter.lock";

/** The folder in which a run writes before it renames. */
export function temporaryName(token: string): string {
  return `.partial-${token}`;
}

/**
 * Keeps other processes off a folder. The system itself locks the file, and unlocks it when the process is gone, however it
 * ended; its text says who that is, and where it wrote what it hadn't finished.
 */
export class OutputLock {
  /** Part of the name of this run's temporary folder. */
  readonly token: string;
  /** That of a run which ended before it could clean up. */
  readonly left?: string;
  readonly #file: Deno.FsFile;
  readonly #path: string;

  private constructor(file: Deno.FsFile, path: string, left?: string) {
    this.#file = file;
    this.#path = path;
    this.left = left;
    this.token = crypto.getRandomValues(new Uint8Array(8)).toHex();
    const holder: Holder = { pid: Deno.pid, since: new Date().toISOString(), token: this.token };
    file.truncateSync();
    file.seekSync(0, Deno.SeekMode.Start);
    file.writeSync(new TextEncoder().encode(JSON.stringify(holder) + "\n"));
  }

  /** Locks a folder that exists. Throws a `UsageError` that names the holder, or a file of that name which is none of ours. */
  static take(folder: string): OutputLock {
    const path = `${folder}/${lockName}`;
    for (let looks = 1;; looks++) {
      if (lookAt(path)?.isFile === false) throw notOurs(folder);
      const file = Deno.openSync(path, { read: true, write: true, create: true });
      try {
        const isMine = file.tryLockSync(true);
        // A holder says who it is after it has the lock: until then the file is empty, or names the one before.
        if (!isMine) pause(20);
        const text = readText(path);
        const before = text === "" ? undefined : parse(text);
        if (isMine) {
          if (text !== "" && before === undefined) throw notOurs(folder);
          // Whoever had it may have removed the file between the opening and the lock.
          if (lookAt(path)?.ino === file.statSync().ino) return new OutputLock(file, path, before?.token);
        } else if (before !== undefined || looks >= 100) throw heldBy(folder, before);
      } catch (error) {
        file.close();
        throw error;
      }
      file.close();
    }
  }

  /** Removes the lock. */
  release(): void {
    try {
      Deno.removeSync(this.#path);
    } finally {
      this.#file.close();
    }
  }
}

/** Waits where nothing else may go on meanwhile. */
function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function readText(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

function lookAt(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function parse(text: string): Holder | undefined {
  try {
    const { pid, since, token } = JSON.parse(text);
    const isHolder = Number.isInteger(pid) && /^[\d.:TZ-]+$/.test(since) && /^[0-9a-f]{16}$/.test(token);
    return isHolder ? { pid, since, token } : undefined;
  } catch {
    return undefined;
  }
}

function heldBy(folder: string, holder: Holder | undefined): UsageError {
  const who = holder === undefined ? "another process" : `process ${holder.pid} (since ${holder.since})`;
  return new UsageError(
    `Cannot write to ${folder} as ${who} works there: wait for its end, or choose another --output`,
  );
}

function notOurs(folder: string): UsageError {
  return new UsageError(
    `Cannot write to ${folder} as ${folder}/${lockName} is not as this program wrote it: ` +
      "move it away, or choose another --output",
  );
}
