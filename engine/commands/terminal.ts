/** Standard output and error of a run, which may be gone or full while it goes on. */
import type { ProgressScreen } from "./progress.ts";

/** Exit status where the reader of a pipe is gone: 128 and SIGPIPE. */
export const closedStatus = 141;
/** Exit status where what was printed couldn't be written, as to a full device: EX_IOERR. */
export const unwritableStatus = 74;

/** Prints, and tells the first time that this fails; what comes later is dropped. */
export class Terminal {
  readonly #onFailure: (status: number) => void;
  #isBroken = false;

  constructor(onFailure: (status: number) => void) {
    this.#onFailure = onFailure;
  }

  /** Results: a line on standard output. */
  print(line: string): void {
    this.#write(Deno.stdout, `${line}\n`);
  }

  /** Errors: a line on standard error. */
  complain(line: string): void {
    this.#write(Deno.stderr, `${line}\n`);
  }

  /** Where progress is shown: standard error, so that standard output has the results only. */
  get screen(): ProgressScreen {
    const isTerminal = Deno.stderr.isTerminal();
    return {
      isTerminal,
      columns: isTerminal ? Deno.consoleSize().columns : 80,
      write: (text) => this.#write(Deno.stderr, text),
      now: () => performance.now() / 1000,
    };
  }

  #write(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
    if (this.#isBroken) return;
    try {
      const bytes = new TextEncoder().encode(text);
      for (let at = 0; at < bytes.length;) at += stream.writeSync(bytes.subarray(at));
    } catch (error) {
      this.#isBroken = true;
      this.#onFailure(error instanceof Deno.errors.BrokenPipe ? closedStatus : unwritableStatus);
    }
  }
}
