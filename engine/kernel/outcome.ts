import { DeviceError, MemoryError } from "../errors.ts";
import type { Outcome } from "../memory/holding.ts";

/** What the device says of something: nothing, or why it is void. */
export type Verdict = Promise<Error | undefined>;

/** Does `work` and gives what the device says of it; `what` is its name in the error. */
export function scoped(device: GPUDevice, what: string, work: () => void): Verdict {
  device.pushErrorScope("out-of-memory");
  device.pushErrorScope("validation");
  let thrown: { readonly error: unknown } | undefined;
  try {
    work();
  } catch (error) {
    thrown = { error };
  }
  const verdict = answered(what, device.popErrorScope(), device.popErrorScope());
  if (thrown) throw thrown.error;
  return verdict;
}

async function answered(
  what: string,
  invalid: Promise<GPUError | null>,
  exhausted: Promise<GPUError | null>,
): Promise<Error | undefined> {
  try {
    const [wrong, short] = await Promise.all([invalid, exhausted]);
    // What could not be made is invalid wherever it is used, so the first cause is the memory.
    if (short) return new MemoryError(`${what} found no device memory: ${short.message}`);
    return wrong ? new DeviceError(`${what} is invalid: ${wrong.message}`) : undefined;
  } catch (error) {
    return new DeviceError(`${what} failed: ${(error as Error).message}`, { cause: error });
  }
}

/** What becomes of a run: an error where one of the verdicts on it says so, or what it reads is worthless. */
export class RunOutcome implements Outcome {
  readonly settled: Promise<void>;
  #error: Error | undefined;

  /** `sources` are the outcomes of what the run reads. */
  constructor(sources: Iterable<Outcome | undefined>, verdicts: Iterable<Verdict>) {
    this.settled = this.#settle(new Set(sources), [...verdicts]);
  }

  get error(): Error | undefined {
    return this.#error;
  }

  async #settle(sources: ReadonlySet<Outcome | undefined>, verdicts: Verdict[]): Promise<void> {
    for (const source of sources) {
      if (source === undefined) continue;
      await source.settled;
      this.#error ??= source.error;
    }
    for (const verdict of verdicts) {
      const error = await verdict;
      this.#error ??= error;
    }
  }
}
