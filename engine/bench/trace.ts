/** A run's dispatches as a Chrome trace, which Perfetto and chrome://tracing draw. */

import type { Engine, TimedDispatch } from "../mod.ts";
import type { BenchRow } from "./rows.ts";

/** The dispatches of a row. */
export interface TracedRow {
  readonly name: string;
  readonly dispatches: readonly TimedDispatch[];
}

/**
 * Runs a row once warm with one submit a dispatch, as software drivers' timestamps miss work after texture copies. A row
 * that reads values back in between has no single recording and gives no dispatches.
 */
export async function traceRow(engine: Engine, row: BenchRow): Promise<TracedRow> {
  await using prepared = await row.prepare(engine);
  const dispatches: TimedDispatch[] = [];
  if (!("record" in prepared)) return { name: row.name, dispatches };
  const { record } = prepared;
  await engine.time(record);
  const result = await engine.runInParts(record, { onDispatch: (dispatch) => void dispatches.push(dispatch) });
  result.dispose();
  return { name: row.name, dispatches };
}

/** The trace as JSON: one process per row, one complete event per dispatch, in microseconds. */
export function chromeTrace(rows: readonly TracedRow[]): string {
  const traceEvents = rows.flatMap(({ name, dispatches }, index) => [
    { name: "process_name", ph: "M", pid: index + 1, tid: 1, args: { name } },
    ...dispatches.map(({ label, groups, startMs, durationMs }) => ({
      name: label.split(" > ").at(-1),
      cat: "dispatch",
      ph: "X",
      ts: startMs * 1000,
      dur: durationMs * 1000,
      pid: index + 1,
      tid: 1,
      args: { operations: label, groups: groups.join(" x ") },
    })),
  ]);
  return JSON.stringify({ traceEvents, displayTimeUnit: "ms" });
}
