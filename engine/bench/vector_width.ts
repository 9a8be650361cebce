/** Measures rows with each width of lavapipe's vectors, which a process can choose only once: so each time in a child. */

import { DeviceError } from "../errors.ts";
import { vectorWidths } from "../tuned/vector_width.ts";
import { leastGain, medianOf } from "./statistics.ts";

/** Median milliseconds of CPU time by row. */
export type RowTimes = Readonly<Record<string, number>>;

/** What the widths came to. */
export interface MeasuredWidths {
  /** The fastest one; the driver's own where none is faster beyond doubt. */
  readonly bits: number;
  /** The driver's own. */
  readonly own: number;
  /** Time over that of the driver's own width, the geometric mean of the rows. */
  readonly timesByWidth: Readonly<Record<number, number>>;
}

/** The width that an adapter's name tells: "llvmpipe (LLVM 15.0.6, 256 bits)". */
export const widthIn = (name: string): number => Number(/(\d+) bits/.exec(name)?.[1] ?? NaN);

/**
 * Compares the widths by the times that `measure` gives for one of them, or for the driver's own where it is told none. Each is
 * asked twice, in turn, and the lesser of two times of a row counts: what else the machine does only adds to them.
 */
export async function measureWidths(
  measure: (bits: number | undefined) => Promise<{ readonly name: string; readonly times: RowTimes }>,
): Promise<MeasuredWidths> {
  const first = await measure(undefined);
  const own = widthIn(first.name);
  const seen = new Map<number, RowTimes[]>([[own, [first.times]]]);
  const others = vectorWidths.filter((bits) => bits !== own);
  for (const bits of [...others, own, ...others]) {
    const { name, times } = await measure(bits);
    if (widthIn(name) !== bits) throw new DeviceError(`${name} does not take vectors of ${bits} bits: set no width`);
    seen.set(bits, [...seen.get(bits) ?? [], times]);
  }
  const least = (bits: number, row: string) => Math.min(...seen.get(bits)!.map((times) => times[row]));
  const rows = Object.keys(first.times);
  const timesByWidth = Object.fromEntries(
    [own, ...others].map((bits) => {
      const logs = rows.map((row) => Math.log(least(bits, row) / least(own, row)));
      return [bits, Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length)];
    }),
  );
  const best = others.reduce((best, bits) => timesByWidth[bits] < timesByWidth[best] ? bits : best, own);
  return { bits: timesByWidth[best] * leastGain < 1 ? best : own, own, timesByWidth };
}

/** Times rows in a child process that is told a width, or nothing. */
export async function timesInChild(
  rows: readonly string[],
  rounds: number,
  bits: number | undefined,
): Promise<{ adapter: string; name: string; times: RowTimes }> {
  const program = new URL("../../main.ts", import.meta.url).href;
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--unstable-worker-options",
      program,
      "bench",
      ...rows,
      "--alone",
      "--json",
      "--rounds",
      String(rounds),
    ],
    env: bits === undefined ? {} : { LP_NATIVE_VECTOR_WIDTH: String(bits) },
    stderr: "piped",
  }).output();
  if (!success) {
    const said = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
    throw new DeviceError(`Cannot measure vectors of ${bits ?? "the driver's own"} bits (${said}): set no width`);
  }
  const { adapter, name, rows: results } = JSON.parse(new TextDecoder().decode(stdout));
  const times = results.map((row: { name: string; oursCpu: { samples: number[] } }) => [
    row.name,
    medianOf(row.oursCpu.samples),
  ]);
  return { adapter, name, times: Object.fromEntries(times) };
}
