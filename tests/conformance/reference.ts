/** What comparisons with reference values of files share. */
import { InputError } from "../../engine/errors.ts";

/** How one file compares with its reference. */
export interface Comparison {
  /** What the table has a row for. */
  readonly group: string;
  /** Path below the folder. */
  readonly name: string;
  readonly status: "passed" | "failed" | "skipped";
  /** Why it failed, or was skipped: one line. */
  readonly reason?: string;
}

/** A folder `D/NAME`, and `D/expected/NAME` with the truth about it. */
export interface Folder {
  readonly files: string;
  readonly truth: string;
}

/** The folders of a path; `NAME` is its last part. */
export function folderOf(path: string): Folder {
  const files = path.replace(/\/+$/, "");
  const at = files.lastIndexOf("/");
  return { files, truth: `${at < 0 ? "." : files.slice(0, at)}/expected/${files.slice(at + 1)}` };
}

/** Runs a comparison: what it throws is how it failed. */
export async function compared(group: string, name: string, compare: () => Promise<void>): Promise<Comparison> {
  try {
    await compare();
    return { group, name, status: "passed" };
  } catch (error) {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { group, name, status: "failed", reason: reason.split("\n")[0] };
  }
}

/** Throws unless `read` is refused by an `InputError` of one line that names the file. */
export async function refused(name: string, read: () => Promise<unknown>): Promise<void> {
  const outcome = await read().then(() => "it was read", (error: unknown) => error);
  if (!(outcome instanceof InputError)) throw new Error(`A typed error is expected, but ${outcome}`);
  const isPlain = outcome.message.startsWith(`Cannot open ${name} as `) && !outcome.message.includes("\n");
  if (!isPlain) throw new Error(`The message is no line about the file: ${outcome.message}`);
}

/** Throws where a number lies further away than allowed. */
export function near(what: string, actual: number, expected: number, tolerance: number): void {
  if (Math.abs(actual - expected) <= tolerance) return;
  throw new Error(`${what} is ${actual} instead of ${expected} (within ${tolerance})`);
}

/** Throws where two values differ. */
export function equal(what: string, actual: unknown, expected: unknown): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${what} is ${a} instead of ${b}`);
}

/** SHA-256 of the bytes, in hexadecimal. */
export async function sha256(data: ArrayBufferView<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", data)).toHex();
}

/** Reads a JSON file. */
export async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await Deno.readTextFile(path)) as T;
}

/** Reads the neighbors of a file. */
export function siblingOf(file: string): (name: string) => Promise<Uint8Array<ArrayBuffer> | undefined> {
  return (name) => Deno.readFile(file.replace(/[^/]*$/, name)).catch(() => undefined);
}
