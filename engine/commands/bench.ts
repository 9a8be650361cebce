/** `bench`: times kernels beside their peers, alternating, and says what share of the machine's limit they reach. */

import { parseArgs } from "@std/cli";
import process from "node:process";
import { copyTexels, multiplyAdd, multiplyAddWork } from "../../shaders/roofline/mod.ts";
import { UsageError } from "../errors.ts";
import { type Engine, openEngine } from "../mod.ts";
import { type Peer, peersOf } from "./bench_peers.ts";
import { type BenchRow, benchRows } from "./bench_rows.ts";

/** Times of one contender, in milliseconds. */
export interface Times {
  readonly median: number;
  readonly min: number;
}

/** A row of the bench. */
export interface BenchResult {
  readonly name: string;
  readonly work: string;
  /** Time of the device, as `engine.time` tells it. */
  readonly ours: Times;
  /** Process CPU time over the number of cores that the software adapters use: steady on a busy machine. */
  readonly oursCpu: Times;
  /** Floor by the declaration's bytes and by its operations, as shares of what this adapter was measured to reach. */
  readonly shareOfBandwidth: number;
  readonly shareOfArithmetic: number;
  readonly peers: readonly {
    name: string;
    times?: Times; /** Peer's median over ours. */
    ratio?: number;
    missing?: string;
  }[];
}

/** What this adapter reaches at most, as pages of this engine measure it. */
export interface Roofline {
  readonly gigabytesPerSecond: number;
  readonly gigaflopsPerSecond: number;
}

const help = `deno task bench [NAME...] [--rounds N] [--json] [--list]

Times kernels on this adapter beside their peers (OpenCV, onnxruntime) where these are installed.
  NAME       only rows whose name contains it
  --rounds   rounds after the warm-up, at least 3 (default 9)
  --json     one JSON object on standard output instead of the table
  --list     the rows' names`;

/** A peer's threads spin on after a run and would slow down what follows. */
const restMs = 150;
const cores = 2;

/** Runs the command. Exit status 0, or 2 for a wrong command line. */
export async function bench(args: readonly string[]): Promise<number> {
  const flags = parseArgs(args, {
    boolean: ["json", "list", "help"],
    string: ["rounds"],
    unknown: (arg, key) => {
      if (key !== undefined) throw new UsageError(`bench has no option ${arg}: see deno task bench --help`);
    },
  });
  if (flags.help) {
    console.log(help);
    return 0;
  }
  const rounds = Number(flags.rounds ?? 9);
  if (!Number.isInteger(rounds) || rounds < 3) {
    throw new UsageError(`--rounds is ${flags.rounds}, but must be a whole number from 3`);
  }
  const rows = benchRows.filter((row) => flags._.length === 0 || flags._.some((part) => row.name.includes(`${part}`)));
  if (rows.length === 0) {
    throw new UsageError(`bench has no row "${flags._.join(" ")}", but ${benchRows.map((row) => row.name).join(", ")}`);
  }
  if (flags.list) {
    console.log(rows.map((row) => row.name).join("\n"));
    return 0;
  }
  await using engine = await openEngine();
  await using peers = peersOf();
  const roofline = await measureRoofline(engine);
  const results: BenchResult[] = [];
  if (!flags.json) console.log(heading(engine, roofline, rounds));
  for (const row of rows) {
    const result = await benchRow(engine, row, peers.for(row), roofline, rounds);
    results.push(result);
    if (!flags.json) console.log(rowText(result));
  }
  if (flags.json) {
    const { adapter, name } = engine.info;
    console.log(JSON.stringify({ adapter, name, rounds, roofline, rows: results }, null, 2));
  }
  return 0;
}

async function benchRow(
  engine: Engine,
  row: BenchRow,
  peers: readonly Peer[],
  roofline: Roofline,
  rounds: number,
): Promise<BenchResult> {
  const inputs = row.inputs.map((shape, index) => engine.tensor(noise(shape, index + 1), shape));
  const work: Parameters<Engine["time"]>[0] = (r) => row.record(r, inputs);
  const ours: number[] = [];
  const cpu: number[] = [];
  const theirs = peers.map(() => [] as number[]);
  const missing: (string | undefined)[] = peers.map(() => undefined);
  for (let round = 0; round < 2; round++) await engine.time(work);
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    ours.push(await engine.time(work));
    const used = process.cpuUsage(before);
    cpu.push((used.user + used.system) / 1000 / cores);
    for (const [index, peer] of peers.entries()) {
      if (missing[index] !== undefined) continue;
      const answer = await peer.run();
      if ("missing" in answer) missing[index] = answer.missing;
      else theirs[index].push(answer.ms);
      await new Promise((resolve) => setTimeout(resolve, restMs));
    }
  }
  inputs.forEach((tensor) => tensor.dispose());
  const { bytes, flops } = row.cost();
  const median = timesOf(ours).median;
  return {
    name: row.name,
    work: row.work,
    ours: timesOf(ours),
    oursCpu: timesOf(cpu),
    shareOfBandwidth: bytes / median / 1e6 / roofline.gigabytesPerSecond,
    shareOfArithmetic: flops / median / 1e6 / roofline.gigaflopsPerSecond,
    peers: peers.map((peer, index) =>
      missing[index] === undefined
        ? { name: peer.name, times: timesOf(theirs[index]), ratio: timesOf(theirs[index]).median / median }
        : { name: peer.name, missing: missing[index] }
    ),
  };
}

async function measureRoofline(engine: Engine): Promise<Roofline> {
  const side = 2048;
  using image = engine.tensor(new Float32Array(side * side), [side, side]);
  const best = async (work: Parameters<Engine["time"]>[0]) => {
    const times: number[] = [];
    for (let round = 0; round < 6; round++) times.push(await engine.time(work));
    return Math.min(...times);
  };
  return {
    gigabytesPerSecond: side * side * 8 / await best((r) => copyTexels(r, image)) / 1e6,
    gigaflopsPerSecond: multiplyAddWork.flops / await best(multiplyAdd) / 1e6,
  };
}

/** Values in -0.5..0.5 from a fixed sequence. */
function noise(shape: readonly number[], seed: number): Float32Array {
  let state = (12345 * seed) >>> 0;
  return Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  });
}

function timesOf(times: readonly number[]): Times {
  const sorted = [...times].sort((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)], min: sorted[0] };
}

function heading(engine: Engine, roofline: Roofline, rounds: number): string {
  return `${engine.info.name} (${engine.info.adapter}): copies ${
    roofline.gigabytesPerSecond.toFixed(1)
  } GB/s, computes ${
    roofline.gigaflopsPerSecond.toFixed(0)
  } GFLOP/s. Median of ${rounds} rounds, in brackets the minimum; a ratio above 1 is in our favor.`;
}

const ms = (times: Times) => `${times.median.toFixed(2)} ms (${times.min.toFixed(2)})`;
const percent = (share: number) => `${(share * 100).toFixed(0)} %`;

function rowText(row: BenchResult): string {
  const lines = [
    `\n${row.name}: ${row.work}`,
    `  ours ${ms(row.ours)}, CPU time / ${cores} ${ms(row.oursCpu)}; ${
      percent(row.shareOfBandwidth)
    } of the copy bandwidth, ${percent(row.shareOfArithmetic)} of the arithmetic peak`,
  ];
  for (const peer of row.peers) {
    lines.push(
      peer.times
        ? `  ${peer.name} ${ms(peer.times)}: ratio ${peer.ratio?.toFixed(2)}`
        : `  ${peer.name} is missing: ${peer.missing}`,
    );
  }
  return lines.join("\n");
}
