/** Starts batches of fuzzing as processes and holds them to their bounds. The suite runs a part of them, `deno task soak` all. */
import { assert, assertEquals } from "@std/assert";
import type { Batch } from "./program.ts";

/** What a batch may take. */
const BOUNDS = { secondsACase: 20, peakMiB: 1024 } as const;

/** Mutants a process, so that what one leaves behind is not another's. */
const BATCH = 250;

/** Runs mutants of the seeds from `first` to before `end`: of files, archives and studies (`all`), of models, or of exports. */
export async function fuzz(kind: "all" | "model" | "export", first: number, end: number): Promise<void> {
  for (let from = first; from < end; from += BATCH) {
    await runBatch([kind, String(from), String(Math.min(end, from + BATCH))]);
  }
}

/** Runs the crafted files. */
export async function fuzzCrafted(): Promise<void> {
  await runBatch(["crafted"]);
}

async function runBatch(args: readonly string[]): Promise<void> {
  const program = new URL("./program.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--frozen", "-A", program, ...args],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let last = "";
  let timer = setTimeout(() => child.kill("SIGKILL"), 120_000);
  let hung = "";
  const errors = new Response(child.stderr).text();
  const lines = child.stdout.pipeThrough(new TextDecoderStream());
  for await (const text of lines) {
    last = (last.endsWith("\n") ? "" : last.split("\n").at(-1)!) + text;
    clearTimeout(timer);
    const working = last.trim().split("\n").at(-1)!;
    timer = setTimeout(() => {
      hung = working;
      child.kill("SIGKILL");
    }, 1000 * BOUNDS.secondsACase);
  }
  clearTimeout(timer);
  const { success, code, signal } = await child.status;
  const working = last.trim().split("\n").at(-1)!;
  assertEquals(hung, "", "a case took longer than 20 seconds");
  assert(success, `the process ended with ${signal ?? code} at ${working}: ${(await errors).slice(-800)}`);
  const batch = JSON.parse(working) as Batch;
  console.log(
    `fuzz ${args.join(" ")}: ${batch.taken} taken, ${batch.refused} refused, peak ${batch.peakMiB} MiB, slowest ${
      batch.slowest.seconds.toFixed(1)
    } s (${batch.slowest.name})`,
  );
  assertEquals(batch.faults, []);
  assert(batch.peakMiB < BOUNDS.peakMiB, `the process took ${batch.peakMiB} MiB`);
}
