/** `bench --tune`: measures what is fastest on this machine and writes the tables that engines choose by. */

import { tune } from "../bench/tune.ts";
import { measureWidths, timesInChild } from "../bench/vector_width.ts";
import type { BenchRow } from "../bench/rows.ts";
import { UsageError } from "../errors.ts";
import { type Engine, openEngine } from "../mod.ts";
import { addTunedForms, shippedFile, tunedFile } from "../tuned/tables.ts";
import { writeVectorWidth } from "../tuned/vector_width.ts";

/** The row that tells which adapter there is: this process must not open lavapipe before it knows the width. */
const quickRow = "plans/";

/** Rows by which the width of vectors is measured where none are named: without whole networks, which take long to load. */
const widthRows = ["filters/", "nn/"];

/**
 * On lavapipe finds the width of its vectors; then measures the forms and tile sizes in the rows and adds those that are
 * faster than the choice to the table of this adapter in a folder. Throws a `UsageError` where there is no folder.
 */
export async function tuneCommand(
  names: readonly string[],
  rows: readonly BenchRow[],
  rounds: number,
  folder: string | undefined,
): Promise<number> {
  if (folder === undefined) throw new UsageError("Cannot keep a table as HOME is not set: set XDG_CACHE_HOME");
  await tuneWidth(names.length === 0 ? widthRows : names, rounds, folder);
  // With the width that was found.
  await using engine = await openEngine({ tuned: folder });
  return await tuneInto(engine, rows, rounds, tunedFile(folder, engine.info));
}

/**
 * Does the same for the table that this program brings along, on the driver's own width of vectors. Throws a `UsageError`
 * on an adapter for which there is none.
 */
export async function shipCommand(rows: readonly BenchRow[], rounds: number): Promise<number> {
  await using engine = await openEngine();
  const file = shippedFile(engine.info);
  if (file === undefined) {
    const { name, adapter } = engine.info;
    throw new UsageError(`${name} (${adapter}) has no table in this program: leave out --ship`);
  }
  return await tuneInto(engine, rows, rounds, file);
}

async function tuneInto(engine: Engine, rows: readonly BenchRow[], rounds: number, file: string): Promise<number> {
  const forms = await tune(engine, rows, {
    rounds,
    onClass: async ({ name, chosen, best, ms: times }) => {
      const list = Object.entries(times).map(([form, time]) => `${form} ${time.toFixed(2)} ms`).join(", ");
      console.log(`${name}\n  ${best === chosen ? `${chosen} as chosen` : `${best} instead of ${chosen}`}: ${list}`);
      // At once, as the others may take long.
      if (best !== chosen) await addTunedForms(file, { [name]: best });
    },
  });
  const count = Object.keys(forms).length;
  console.log(count === 0 ? "Nothing is faster than what is chosen" : `${count} other forms or tile sizes, in ${file}`);
  return 0;
}

/** Finds which width of lavapipe's vectors is fastest here, unless the user has set one, and keeps it in a folder. */
async function tuneWidth(rows: readonly string[], rounds: number, folder: string): Promise<void> {
  if (Deno.env.get("LP_NATIVE_VECTOR_WIDTH") !== undefined) {
    console.log("LP_NATIVE_VECTOR_WIDTH is set: no other width of vectors is measured");
    return;
  }
  const { adapter } = await timesInChild([quickRow], rounds, undefined);
  if (adapter !== "lavapipe") return;
  const { bits, own, timesByWidth } = await measureWidths((bits) => timesInChild(rows, rounds, bits));
  const list = Object.entries(timesByWidth).map(([width, times]) => `${width} bits ${times.toFixed(2)}`).join(", ");
  const file = await writeVectorWidth(folder, bits, timesByWidth);
  console.log(
    `Vectors of ${bits} bits${bits === own ? ", the driver's own" : ""} (times over its own: ${list}): ${file}`,
  );
}
