/** How long work takes on the device: by slope, so that neither the timer nor what a submit costs matters. */

import process from "node:process";
import type { Recorder, Value } from "../../shaders/mod.ts";
import type { Engine } from "../mod.ts";
import type { Timed } from "./rows.ts";

/** Records one run. */
export type Work = (r: Recorder) => Value;

/** One sample of the device and of the processors. */
export interface Sample {
  /** Milliseconds of one run of the work. */
  readonly ms: number;
  /** CPU time of the process for one run in milliseconds, over the cores that software adapters use. */
  readonly cpuMs: number;
}

/** Work shorter than this is repeated within a sample. */
const shortMs = 20;
const mostRepeats = 32;

/**
 * Takes samples of one work: the difference of many runs and of one, over their number. One run takes what it took at least
 * in any sample: a pause of the machine within it would make the difference too small, and zero or less at worst.
 */
export class Stopwatch {
  readonly #engine: Engine;
  readonly #work: Timed;
  readonly #cores: number;
  #repeats = 0;
  #once: Sample = { ms: Infinity, cpuMs: Infinity };

  private constructor(engine: Engine, work: Timed, cores: number) {
    this.#engine = engine;
    this.#work = work;
    this.#cores = cores;
  }

  /** Warms the work up, which compiles it, and finds out how often it must be repeated. */
  static async of(engine: Engine, work: Timed, cores = navigator.hardwareConcurrency): Promise<Stopwatch> {
    const watch = new Stopwatch(engine, work, cores);
    await watch.#timed(1);
    const once = (await watch.#timed(1)).ms;
    if (once < shortMs) watch.#repeats = Math.min(mostRepeats, Math.ceil(shortMs / Math.max(once, 0.01)));
    return watch;
  }

  /** One sample. A work above 20 ms is timed as it is: the submit is less than a hundredth of it. */
  async sample(): Promise<Sample> {
    if (this.#repeats === 0) return await this.#timed(1);
    const [one, many] = [await this.#timed(1), await this.#timed(1 + this.#repeats)];
    this.#once = { ms: Math.min(this.#once.ms, one.ms), cpuMs: Math.min(this.#once.cpuMs, one.cpuMs) };
    const slope = (from: number, to: number) => Math.max(0, to - from) / this.#repeats;
    return { ms: slope(this.#once.ms, many.ms), cpuMs: slope(this.#once.cpuMs, many.cpuMs) };
  }

  async #timed(count: number): Promise<Sample> {
    const before = process.cpuUsage();
    const ms = "record" in this.#work
      ? await this.#repeat(this.#work.record, count)
      : await clock(this.#work.run, count);
    const used = process.cpuUsage(before);
    return { ms, cpuMs: (used.user + used.system) / 1000 / this.#cores };
  }

  #repeat(work: Work, count: number): Promise<number> {
    return this.#engine.time((r) => {
      for (let i = 1; i < count; i++) work(r);
      return work(r);
    });
  }
}

async function clock(run: () => Promise<void>, count: number): Promise<number> {
  const begin = performance.now();
  for (let i = 0; i < count; i++) await run();
  return performance.now() - begin;
}
