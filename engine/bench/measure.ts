/** How long work takes on the device: by slope, so that neither the timer nor what a submit costs matters. */

import process from "node:process";
import type { Engine } from "../mod.ts";

/** What `engine.time` times. */
export type Work = Parameters<Engine["time"]>[0];

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

/** Takes samples of one work: the difference of many and of one run, over their number. */
export class Stopwatch {
  readonly #engine: Engine;
  readonly #work: Work;
  readonly #cores: number;
  #repeats = 0;

  private constructor(engine: Engine, work: Work, cores: number) {
    this.#engine = engine;
    this.#work = work;
    this.#cores = cores;
  }

  /** Warms the work up, which compiles it, and finds out how often it must be repeated. */
  static async of(engine: Engine, work: Work, cores = navigator.hardwareConcurrency): Promise<Stopwatch> {
    const watch = new Stopwatch(engine, work, cores);
    await engine.time(work);
    const once = await engine.time(work);
    if (once < shortMs) watch.#repeats = Math.min(mostRepeats, Math.ceil(shortMs / Math.max(once, 0.01)));
    return watch;
  }

  /** One sample. A work above 20 ms is timed as it is: the submit is less than a hundredth of it. */
  async sample(): Promise<Sample> {
    if (this.#repeats === 0) return await this.#timed(1);
    const [one, many] = [await this.#timed(1), await this.#timed(1 + this.#repeats)];
    const slope = (from: number, to: number) => Math.max(0, to - from) / this.#repeats;
    return { ms: slope(one.ms, many.ms), cpuMs: slope(one.cpuMs, many.cpuMs) };
  }

  /** Milliseconds of one run from the shortest times of `rounds` samples: for ceilings, where only the best counts. */
  async best(rounds: number): Promise<number> {
    const times = async (count: number) => {
      const all: number[] = [];
      for (let round = 0; round < rounds; round++) all.push((await this.#timed(count)).ms);
      return Math.min(...all);
    };
    const one = await times(1);
    return this.#repeats === 0 ? one : (await times(1 + this.#repeats) - one) / this.#repeats;
  }

  async #timed(count: number): Promise<Sample> {
    const before = process.cpuUsage();
    const ms = await this.#engine.time((r) => {
      for (let i = 1; i < count; i++) this.#work(r);
      return this.#work(r);
    });
    const used = process.cpuUsage(before);
    return { ms, cpuMs: (used.user + used.system) / 1000 / this.#cores };
  }
}
