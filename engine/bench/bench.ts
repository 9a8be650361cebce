/** Times rows beside their peers, alternating in one run, and holds them against the adapter's ceilings. */

import type { Engine } from "../mod.ts";
import { DeviceError } from "../errors.ts";
import { type Sample, Stopwatch, type Work } from "./measure.ts";
import { Neighbors } from "./neighbors.ts";
import type { Peer } from "./peers.ts";
import type { Roofline } from "./roofline.ts";
import type { BenchRow, Prepared } from "./rows.ts";
import { medianOf, ratioOf, type Times, timesOf } from "./statistics.ts";

/** How rows are timed. */
export interface BenchOptions {
  /** Samples of each contender after the warm-up, at least 3. Default 9. */
  readonly rounds?: number;
  /**
   * Ceilings of this adapter, or what measures them once more beside each row; without them shares are not given.
   */
  readonly roofline?: Roofline | (() => Promise<Roofline>);
  /** The peers of a row. Default none. */
  readonly peers?: (row: BenchRow) => readonly Peer[];
  /** Called with each result as soon as it is there. */
  readonly onResult?: (result: BenchResult) => void;
  /** Ends the bench with the signal's reason after the sample that is being taken. */
  readonly signal?: AbortSignal;
}

/** A peer or a variant beside a row. */
export interface Contender {
  /** The peer or the variant. */
  readonly name: string;
  /** Its times in milliseconds. */
  readonly times?: Times;
  /** Its median over ours: above 1 in our favor. */
  readonly ratio?: number;
  /** 95 % interval of the ratio, by bootstrap. */
  readonly interval?: readonly [number, number];
  /** Why it was not timed. */
  readonly missing?: string;
}

/** A row of the bench. All times are in milliseconds. */
export interface BenchResult {
  /** The name by which `bench NAME` finds it. */
  readonly name: string;
  /** What was computed, for the reader. */
  readonly work: string;
  /** Time of the device for one run, warm. */
  readonly ours: Times;
  /** CPU time of the process over the number of cores: steady on a busy machine, meaningless on a GPU. */
  readonly oursCpu: Times;
  /**
   * The share of the processors that other programs took while ours was timed, where the program may ask for it: on a
   * software adapter times by the clock grow with it, CPU time does not.
   */
  readonly takenByOthers?: number;
  /** From nothing to the first answer: pages compiled, tables uploaded, one run, one wait. */
  readonly coldMs: number;
  /** On the host for one warm run: record or replay, encode, submit. */
  readonly hostMs?: number;
  /** Inputs to the device, and the result back. */
  readonly transferMs?: { readonly upload: number; readonly readback: number };
  /** Bytes that the form moves, as declared. */
  readonly bytes: number;
  /** Floating-point operations that the form executes, as declared. */
  readonly flops: number;
  /** Operations by the definition where the form executes fewer (Winograd's products). */
  readonly directFlops?: number;
  /** Shares of the adapter's ceilings: bytes and executed operations over median time. */
  readonly shareOfBandwidth?: number;
  /** As `shareOfBandwidth`, of the arithmetic peak. */
  readonly shareOfArithmetic?: number;
  /** Other programs doing the same work. */
  readonly peers: readonly Contender[];
  /** Other ways of doing it on this engine. */
  readonly variants: readonly Contender[];
}

/** A peer's threads spin on after a run and would slow down what follows. */
const restMs = 150;
/** Runs by which the host's time is told. */
const hostRounds = 5;
/**
 * The same for plans, whose replay the just-in-time compiler has to see often, and how long they go on: where the device
 * works for seconds the host's milliseconds are no matter.
 */
const replayRounds = 100;
const replayMs = 2000;

/**
 * Times `rows` on an engine, each alternating with its peers and variants. Where a row knows its result it is compared
 * before it is timed: a `DeviceError` names the first element beyond the bound.
 *
 * ```ts
 * import { bench, benchOperation, filters, openEngine } from "isocenter";
 *
 * await using engine = await openEngine();
 * const row = benchOperation("mean", "3 x 3, 64 x 64", filters.mean, [[1, 64, 64]], { radius: 1 });
 * const [result] = await bench(engine, [row], { rounds: 3 });
 * console.log(result.ours.median);
 * ```
 */
export async function bench(
  engine: Engine,
  rows: readonly BenchRow[],
  options: BenchOptions = {},
): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  const { roofline } = options;
  const measure = typeof roofline === "function" ? roofline : () => roofline;
  let best: Roofline | undefined;
  for (const row of rows) {
    options.signal?.throwIfAborted();
    const result = await benchRow(engine, row, options);
    best = await measure();
    results.push(result);
    options.onResult?.(withShares(result, best));
  }
  // Ceilings only rise: all rows are held against the last.
  return results.map((result) => withShares(result, best));
}

/** A result with its shares of the ceilings, where there are any. */
function withShares(result: BenchResult, roofline: Roofline | undefined): BenchResult {
  if (roofline === undefined) return result;
  const { bytes, flops, ours } = result;
  return {
    ...result,
    shareOfBandwidth: bytes / ours.median / 1e6 / roofline.gigabytesPerSecond,
    shareOfArithmetic: flops / ours.median / 1e6 / roofline.gigaflopsPerSecond,
  };
}

async function benchRow(engine: Engine, row: BenchRow, options: BenchOptions): Promise<BenchResult> {
  const { rounds = 9, peers = () => [], signal } = options;
  if (!Number.isInteger(rounds) || rounds < 3) {
    throw new RangeError(`rounds is ${rounds}, but must be a whole number from 3`);
  }
  const begin = performance.now();
  await using prepared = await row.prepare(engine);
  const upload = performance.now() - begin;
  const started = performance.now();
  if ("record" in prepared) await engine.time(prepared.record);
  else await prepared.run();
  const coldMs = prepared.coldMs ?? performance.now() - started;
  await check(engine, row, prepared);
  const onHost = "record" in prepared ? await hostTimes(engine, prepared.record, prepared.replay) : undefined;

  const watch = await Stopwatch.of(engine, prepared);
  const variants: { name: string; watch: Stopwatch; samples: Sample[] }[] = [];
  for (const { name, record } of prepared.variants ?? []) {
    variants.push({ name, watch: await Stopwatch.of(engine, { record }), samples: [] });
  }
  const rivals = peers(row).map((peer) => ({ peer, times: [] as number[], missing: undefined as string | undefined }));
  const ours: Sample[] = [];
  const neighbors = new Neighbors();
  for (let round = 0; round < rounds; round++) {
    signal?.throwIfAborted();
    ours.push(await neighbors.beside(() => watch.sample()));
    for (const variant of variants) variant.samples.push(await variant.watch.sample());
    for (const rival of rivals) {
      if (rival.missing !== undefined) continue;
      const answer = await rival.peer.run();
      if ("missing" in answer) rival.missing = answer.missing;
      else rival.times.push(answer.ms);
      await new Promise((resolve) => setTimeout(resolve, restMs));
    }
  }
  const samples = ours.map(({ ms }) => ms);
  const times = timesOf(samples);
  const contender = (name: string, theirs: readonly number[]): Contender => {
    return { name, times: timesOf(theirs), ...ratioOf(theirs, samples) };
  };
  const { bytes, flops, directFlops } = prepared.cost();
  return {
    name: row.name,
    work: row.work,
    ours: times,
    oursCpu: timesOf(ours.map(({ cpuMs }) => cpuMs)),
    ...neighbors.share === undefined ? {} : { takenByOthers: neighbors.share },
    coldMs,
    ...onHost && { hostMs: onHost.hostMs },
    // Where preparing runs the work already, it is more than an upload.
    ...onHost && prepared.coldMs === undefined && { transferMs: { upload, readback: onHost.readback } },
    bytes,
    flops,
    ...directFlops === undefined ? {} : { directFlops },
    peers: rivals.map(({ peer, times, missing }) =>
      missing === undefined ? contender(peer.name, times) : { name: peer.name, missing }
    ),
    variants: variants.map(({ name, samples }) => contender(name, samples.map(({ ms }) => ms))),
  };
}

/** Median time of the host for a warm run, and of reading what it gives. */
async function hostTimes(
  engine: Engine,
  work: Work,
  replay: NonNullable<Prepared["replay"]> | undefined,
): Promise<{ hostMs: number; readback: number }> {
  const hostMs: number[] = [];
  const readback: number[] = [];
  const started = performance.now();
  const goesOn = (round: number): boolean =>
    round < hostRounds || (replay !== undefined && round < replayRounds && performance.now() - started < replayMs);
  for (let round = 0; goesOn(round); round++) {
    const begin = performance.now();
    const results = replay ? await replay() : [engine.run(work)];
    hostMs.push(performance.now() - begin);
    // The device is done with the run before the clock starts: what is timed is the way back alone.
    await engine.idle();
    if (round < hostRounds) {
      const read = performance.now();
      await results[0].read();
      readback.push(performance.now() - read);
    }
    results.forEach((tensor) => tensor.dispose());
  }
  return { hostMs: medianOf(hostMs), readback: medianOf(readback) };
}

/** Compares the row's result, and that of each variant, with what is expected. */
async function check(engine: Engine, row: BenchRow, prepared: Prepared): Promise<void> {
  const { expected, variants = [] } = prepared;
  if (expected === undefined || !("record" in prepared)) return;
  for (const contender of [{ name: row.name, record: prepared.record }, ...variants]) {
    using result = engine.run(contender.record);
    const values = await result.read();
    const fault = firstFault(values as ArrayLike<number>, expected.values, expected.bound);
    if (fault === undefined) continue;
    throw new DeviceError(
      `Cannot time ${contender.name} as its result is wrong: element ${fault.at} is ${fault.is}, but ${fault.wanted} is ` +
        `expected within ${expected.bound} of the greatest value: mend the page first`,
    );
  }
}

function firstFault(
  values: ArrayLike<number>,
  wanted: ArrayLike<number>,
  bound: number,
): { at: number; is: number; wanted: number } | undefined {
  let scale = 0;
  for (let i = 0; i < wanted.length; i++) scale = Math.max(scale, Math.abs(wanted[i]));
  for (let at = 0; at < Math.max(values.length, wanted.length); at++) {
    // The comparison is false for NaN and for elements that one side lacks.
    if (!(Math.abs(values[at] - wanted[at]) <= bound * scale)) return { at, is: values[at], wanted: wanted[at] };
  }
  return undefined;
}
