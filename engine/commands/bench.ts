/** `bench`: times kernels beside their peers, alternating, and says what share of the machine's limit they reach. */

import { counted } from "../pipeline/mod.ts";
import { bench as runBench, type BenchResult, type Contender } from "../bench/bench.ts";
import { compareRuns, parseRun } from "../bench/compare.ts";
import { kernelRow, moduleRows } from "../bench/kernel.ts";
import { modelRow, shippedModels } from "../bench/model_rows.ts";
import { peersOf } from "../bench/peers.ts";
import { Ceilings, type Roofline } from "../bench/roofline.ts";
import { type BenchRow, benchRows } from "../bench/rows.ts";
import type { Times } from "../bench/statistics.ts";
import { chromeTrace, type TracedRow, traceRow } from "../bench/trace.ts";
import { InputError, UsageError } from "../errors.ts";
import { type Engine, openEngine } from "../mod.ts";
import { cacheFolder } from "./cache_folder.ts";
import { type BenchArguments, parseBenchArguments, usage } from "./bench_arguments.ts";

/** Runs the command. Exit status 0; 1 where a comparison finds a row slower; 2 for a wrong command line. */
export async function bench(args: readonly string[]): Promise<number> {
  const { names, rounds, report, trace, json, ...given } = parseBenchArguments(args);
  if (given.help) {
    console.log(usage);
    return 0;
  }
  if (names[0] === "compare") return await compare(names.slice(1), json);
  const rows = await rowsOf(names, given);
  if (given.list) {
    console.log(rows.map((row) => row.name).join("\n"));
    return 0;
  }
  const cache = cacheFolder();
  const tables = cache && `${cache}/tuned`;
  if (given.tune) {
    const { shipCommand, tuneCommand } = await import("./bench_tune.ts");
    return await (given.ship ? shipCommand(rows, rounds) : tuneCommand(names, rows, rounds, tables));
  }
  await using engine = await openEngine({ tuned: tables });
  await using peers = peersOf();
  using ceilings = await Ceilings.of(engine);
  if (!json) console.log(heading(engine, await ceilings.sample(), rounds));
  const results = await runBench(engine, rows, {
    rounds,
    roofline: () => ceilings.sample(),
    peers: (row) => given.alone ? [] : peers.for(row),
    onResult: (result) => {
      if (!json) console.log(rowText(result));
    },
  });
  if (trace !== undefined) {
    const traced: TracedRow[] = [];
    for (const row of rows) traced.push(await traceRow(engine, row));
    await Deno.writeTextFile(trace, chromeTrace(traced));
  }
  const { adapter, name } = engine.info;
  const run = { adapter, name, rounds, roofline: ceilings.best, rows: results };
  if (json) console.log(JSON.stringify(run, null, 2));
  if (report !== undefined) {
    const { reportPage } = await import("../bench/report.ts");
    await Deno.writeTextFile(report, reportPage(run));
  }
  return 0;
}

/** The rows that the arguments name: of files of the user's, or of ours. */
async function rowsOf(
  names: readonly string[],
  given: Pick<BenchArguments, "bind" | "params" | "groups" | "work">,
): Promise<BenchRow[]> {
  const files = names.filter((name) => /\.(wgsl|ts|onnx)$/.test(name));
  const pages = files.filter((name) => name.endsWith(".wgsl"));
  const { bind, params, groups, work } = given;
  if (pages.length === 0 && (bind.length > 0 || params.length > 0 || groups !== undefined || work !== undefined)) {
    throw new UsageError("--bind, --groups, --param and --work describe a kernel: name its .wgsl file");
  }
  const own: BenchRow[] = [];
  for (const file of files) {
    if (file.endsWith(".ts")) {
      own.push(...await moduleRows(file));
      continue;
    }
    if (file.endsWith(".onnx")) {
      own.push(modelRow(file, file));
      continue;
    }
    if (groups === undefined) throw new UsageError(`${file} needs --groups X[,Y[,Z]]: how many workgroups to dispatch`);
    own.push(await kernelRow(file, { bind, params, groups, work }));
  }
  const parts = names.filter((name) => !files.includes(name));
  const all = [...benchRows, ...await shippedModels()];
  const strange = parts.find((part) => !all.some(({ name }) => name.includes(part)));
  if (strange !== undefined) {
    throw new UsageError(`bench has no row "${strange}": it has ${all.map((row) => row.name).join(", ")}`);
  }
  return names.length === 0 ? all : [...own, ...all.filter(({ name }) => parts.some((part) => name.includes(part)))];
}

/** Compares two saved runs. */
async function compare(files: readonly string[], json: boolean): Promise<number> {
  if (files.length !== 2) {
    throw new UsageError(
      `bench compare takes two files of --json, the earlier and the later, but ${files.length} are given`,
    );
  }
  const [earlier, later] = await Promise.all(files.map(async (file) => {
    try {
      return parseRun(await Deno.readTextFile(file), file);
    } catch (error) {
      if (error instanceof InputError) throw error;
      throw new InputError(`Cannot read ${file} (${(error as Error).message}): write it with bench --json`);
    }
  }));
  const { rows, unmatched } = compareRuns(earlier, later);
  if (json) console.log(JSON.stringify({ rows, unmatched }, null, 2));
  else {
    for (const { name, verdict, reason } of rows) console.log(`${verdict.padEnd(6)} ${name}: ${reason}`);
    if (unmatched.length > 0) console.log(`Only in one of the two: ${unmatched.join(", ")}`);
  }
  if (rows.length === 0) throw new InputError(`${files.join(" and ")} have no row in common: nothing is compared`);
  return rows.some(({ verdict }) => verdict === "SLOW") ? 1 : 0;
}

function heading(engine: Engine, roofline: Roofline, rounds: number): string {
  return `${engine.info.name} (${engine.info.adapter}): moves ${
    roofline.gigabytesPerSecond.toFixed(1)
  } GB/s, computes ${
    roofline.gigaflopsPerSecond.toFixed(0)
  } GFLOP/s. Medians of ${rounds} samples with their 95 % intervals; a ratio above 1 is in our favor.`;
}

const ms = (value: number) => value.toFixed(value < 10 ? 2 : 1);
const percent = (share: number) => `${(share * 100).toFixed(0)} %`;

function timesText({ median, interval, outliers }: Times): string {
  const strays = outliers === 0 ? "" : `, ${counted(outliers, "outlier")}`;
  return `${ms(median)} ms (${ms(interval[0])} to ${ms(interval[1])}${strays})`;
}

/** From this share on what others took of the processors is told beside a row. */
const disturbing = 0.1;

function rowText(row: BenchResult): string {
  const { shareOfBandwidth, shareOfArithmetic, transferMs } = row;
  const direct = row.directFlops === undefined
    ? ""
    : `, ${(row.directFlops / row.ours.median / 1e6).toFixed(0)} GFLOP/s direct-equivalent`;
  const shares = shareOfBandwidth === undefined || shareOfArithmetic === undefined
    ? ""
    : `; ${percent(shareOfBandwidth)} of the bandwidth, ${percent(shareOfArithmetic)} of the arithmetic peak${direct}`;
  const host = row.hostMs === undefined ? "" : `, host ${ms(row.hostMs)} ms`;
  const transfer = transferMs === undefined
    ? ""
    : `, upload ${ms(transferMs.upload)} ms, readback ${ms(transferMs.readback)} ms`;
  const { takenByOthers = 0 } = row;
  const others = takenByOthers < disturbing ? [] : [
    `  other programs took ${percent(takenByOthers)} of the processors meanwhile: compare CPU times, or measure again`,
  ];
  return [
    `\n${row.name}: ${row.work}`,
    `  ours ${timesText(row.ours)}, CPU time ${ms(row.oursCpu.median)} ms per core${shares}`,
    ...others,
    `  cold ${ms(row.coldMs)} ms${host}${transfer}`,
    ...[...row.variants, ...row.peers].map(contenderText),
  ].join("\n");
}

function contenderText({ name, times, ratio, interval, missing }: Contender): string {
  if (times === undefined || ratio === undefined || interval === undefined) return `  ${name} is missing: ${missing}`;
  return `  ${name} ${timesText(times)}: ratio ${ratio.toFixed(2)} (${interval[0].toFixed(2)} to ${
    interval[1].toFixed(2)
  })`;
}
