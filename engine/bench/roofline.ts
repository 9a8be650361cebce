/** What an adapter reaches at most, as pages of this engine measure it: the ceilings that kernels are held against. */

import {
  copyScalars,
  copyTexels,
  multiplyAdd,
  multiplyAddFlops,
  multiplyAddForms,
  readTexels,
  writeTexels,
} from "../../shaders/roofline/mod.ts";
import type { Engine } from "../mod.ts";
import { Stopwatch, type Work } from "./measure.ts";

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
  /** The greatest of `arithmetic`. */
  readonly gigaflopsPerSecond: number;
  /** Reading, writing and copying, of texels and of scalars in buffers, of images in and beyond the caches. */
  readonly bandwidth: readonly Ceiling[];
  /** Multiply-adds in registers by their number of accumulators. */
  readonly arithmetic: readonly Ceiling[];
}

/** Sides of the square images: 4 MiB, which caches hold, and 16 MiB. */
const sides = [1024, 2048];
const rounds = 5;

/** Measures the ceilings: a few seconds on software adapters. */
export async function measureRoofline(engine: Engine): Promise<Roofline> {
  const bandwidth: Ceiling[] = [];
  for (const side of sides) {
    const size = `${side} x ${side}`;
    const shape = [side, side] as const;
    const values = new Float32Array(side * side).fill(1);
    using image = engine.tensor(values, shape);
    using list = engine.tensor(values, [side * side]);
    const bytes = values.byteLength;
    bandwidth.push(
      await ceiling(engine, `copy texels ${size}`, 2 * bytes, (r) => copyTexels(r, image)),
      await ceiling(engine, `copy scalars ${size}`, 2 * bytes, (r) => copyScalars(r, list)),
      await ceiling(engine, `read texels ${size}`, bytes * 17 / 16, (r) => readTexels(r, image)),
      await ceiling(engine, `write texels ${size}`, bytes, (r) => writeTexels(r, shape)),
    );
  }
  const arithmetic: Ceiling[] = [];
  for (const form of multiplyAddForms) {
    const name = `${form.accumulators} accumulators, ${form.steps} steps per iteration`;
    arithmetic.push(await ceiling(engine, name, multiplyAddFlops(form), (r) => multiplyAdd(r, form)));
  }
  const best = (ceilings: readonly Ceiling[]) => Math.max(...ceilings.map(({ rate }) => rate));
  return { gigabytesPerSecond: best(bandwidth), gigaflopsPerSecond: best(arithmetic), bandwidth, arithmetic };
}

/** `units` (bytes or operations) of one run over the shortest time of it. */
async function ceiling(engine: Engine, name: string, units: number, work: Work): Promise<Ceiling> {
  const watch = await Stopwatch.of(engine, { record: work });
  return { name, rate: units / await watch.best(rounds) / 1e6 };
}
