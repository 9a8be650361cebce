/** What an adapter reaches at most, as pages of this engine measure it: the ceilings that kernels are held against. */

import process from "node:process";
import {
  copyScalars,
  copyTexels,
  type MultiplyAdd,
  multiplyAdd,
  multiplyAddFlops,
  multiplyAddForms,
  readTexels,
  writeTexels,
} from "../../shaders/roofline/mod.ts";
import type { Engine, Tensor } from "../mod.ts";
import type { Work } from "./measure.ts";

/** One ceiling: the best of several runs of one page. */
export interface Ceiling {
  /** What the page does, for the reader. */
  readonly name: string;
  /** GB/s (10^9 bytes) or GFLOP/s. */
  readonly rate: number;
}

/** The ceilings of an adapter. */
export interface Roofline {
  /** The greatest of `bandwidth`. */
  readonly gigabytesPerSecond: number;
  /** The greatest of `arithmetic` in f32. */
  readonly gigaflopsPerSecond: number;
  /** Reading, writing and copying, of texels and of scalars in buffers, of images in and beyond the caches. */
  readonly bandwidth: readonly Ceiling[];
  /** Multiply-adds in registers by their number of accumulators, with factors that lanes hand round, and in f16. */
  readonly arithmetic: readonly Ceiling[];
}

/** Sides of the square images: 4 MiB, which caches hold, and 16 MiB. */
const sides = [1024, 2048];
/** Rounds of a roofline that is measured by itself. */
const rounds = 5;
/** A page is repeated within one submit until it takes so long: what a submit costs is less than a hundredth then. */
const leastMs = 20;

/** A page with the best that it has reached. */
interface Measured {
  readonly name: string;
  readonly kind: "bandwidth" | MultiplyAdd["kind"];
  /** Bytes or operations of one run. */
  readonly units: number;
  readonly work: Work;
  repeats: number;
  /** Units per nanosecond: GB/s or GFLOP/s. */
  rate: number;
}

/**
 * Ceilings that are measured again and again. A ceiling is the best that was ever seen, and what is seen depends on the
 * moment: on a machine of two cores of which another program takes one, half of the peak by the clock. So a bench takes a
 * sample beside each row and holds all rows against the best of all samples, and where the processors are the device,
 * arithmetic is counted by their time, which the pages fill.
 */
export class Ceilings implements Disposable {
  readonly #engine: Engine;
  readonly #tensors: Tensor[] = [];
  readonly #pages: Measured[] = [];

  private constructor(engine: Engine) {
    this.#engine = engine;
    for (const side of sides) {
      const size = `${side} x ${side}`;
      const shape = [side, side] as const;
      const values = new Float32Array(side * side).fill(1);
      const image = engine.tensor(values, shape);
      const list = engine.tensor(values, [side * side]);
      this.#tensors.push(image, list);
      const bytes = values.byteLength;
      this.#add(`copy texels ${size}`, "bandwidth", 2 * bytes, (r) => copyTexels(r, image));
      this.#add(`copy scalars ${size}`, "bandwidth", 2 * bytes, (r) => copyScalars(r, list));
      this.#add(`read texels ${size}`, "bandwidth", bytes * 17 / 16, (r) => readTexels(r, image));
      this.#add(`write texels ${size}`, "bandwidth", bytes, (r) => writeTexels(r, shape));
    }
    for (const form of multiplyAddForms(engine.facts)) {
      const { kind, accumulators, steps } = form;
      const what = { registers: "", lanes: ", factors by lanes", f16: ", f16" }[kind];
      const name = `${accumulators} accumulators, ${steps} steps per iteration${what}`;
      this.#add(name, kind, multiplyAddFlops(form), (r) => multiplyAdd(r, form));
    }
  }

  /** Compiles the pages, finds out how often each must be repeated, and takes a first sample. */
  static async of(engine: Engine): Promise<Ceilings> {
    const ceilings = new Ceilings(engine);
    for (const page of ceilings.#pages) {
      await engine.time(page.work);
      page.repeats = Math.max(1, Math.ceil(leastMs / Math.max(0.01, await engine.time(page.work))));
    }
    await ceilings.sample();
    return ceilings;
  }

  /** Takes one more sample of each page and gives the best of all so far: a third of a second on software adapters. */
  async sample(): Promise<Roofline> {
    for (const page of this.#pages) {
      const before = process.cpuUsage();
      const ms = await this.#engine.time((r) => {
        for (let i = 1; i < page.repeats; i++) page.work(r);
        return page.work(r);
      });
      const { user, system } = process.cpuUsage(before);
      const byProcessors = page.kind !== "bandwidth" && this.#engine.facts.adapter !== "gpu";
      const taken = byProcessors ? (user + system) / 1000 / navigator.hardwareConcurrency : ms;
      page.rate = Math.max(page.rate, page.units * page.repeats / taken / 1e6);
    }
    return this.best;
  }

  /** The best of all samples. */
  get best(): Roofline {
    const bandwidth = this.#pages.filter(({ kind }) => kind === "bandwidth");
    const arithmetic = this.#pages.filter(({ kind }) => kind !== "bandwidth");
    const greatest = (pages: readonly Measured[]) => Math.max(...pages.map(({ rate }) => rate));
    const named = ({ name, rate }: Measured): Ceiling => ({ name, rate });
    return {
      gigabytesPerSecond: greatest(bandwidth),
      gigaflopsPerSecond: greatest(arithmetic.filter(({ kind }) => kind !== "f16")),
      bandwidth: bandwidth.map(named),
      arithmetic: arithmetic.map(named),
    };
  }

  [Symbol.dispose](): void {
    this.#tensors.forEach((tensor) => tensor.dispose());
  }

  #add(name: string, kind: Measured["kind"], units: number, work: Work): void {
    this.#pages.push({ name, kind, units, work, repeats: 1, rate: 0 });
  }
}

/** Measures the ceilings: a few seconds on software adapters. */
export async function measureRoofline(engine: Engine): Promise<Roofline> {
  using ceilings = await Ceilings.of(engine);
  for (let round = 1; round < rounds; round++) await ceilings.sample();
  return ceilings.best;
}
