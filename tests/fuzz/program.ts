/**
 * Runs mutants from a seed to another, or the crafted files, and tells of each before it begins, so that whoever started it can end it
 * when it hangs. The last line is what came of all, as JSON.
 */
import { mutant } from "./mutate.ts";
import { craftedFiles } from "./crafted.ts";
import { type Subject, subjects } from "./subjects.ts";

/** What came of a batch. */
export interface Batch {
  readonly taken: number;
  readonly refused: number;
  /** Errors that are not typed, wrong results, and crafted files that were read. */
  readonly faults: readonly string[];
  readonly peakMiB: number;
  readonly slowest: { readonly name: string; readonly seconds: number };
}

const [kind, from, to] = Deno.args;
const all = await subjects();
let [taken, refused] = [0, 0];
const faults: string[] = [];
let slowest = { name: "", seconds: 0 };

if (kind === "crafted") {
  const [file] = all;
  for (const { name, bytes, readable } of craftedFiles()) {
    const outcome = await attempt(file, name, bytes);
    if (outcome === "taken" && !readable) faults.push(`${name}: it was read`);
  }
} else {
  const isAlone = (name: string) => ["model", "export"].includes(name);
  const chosen = all.filter(({ name }) => kind === "all" ? !isAlone(name) : name === kind);
  const seeds = chosen.flatMap((subject) => subject.seeds.map((seed) => ({ subject, seed })));
  for (let seed = Number(from); seed < Number(to); seed++) {
    const { subject, seed: [name, bytes] } = seeds[seed % seeds.length];
    await attempt(subject, name, (subject.mutant ?? mutant)(bytes, seed), seed);
  }
}
const status = await Deno.readTextFile("/proc/self/status").catch(() => "");
const peakMiB = Math.round(Number(/VmHWM:\s*(\d+)/.exec(status)?.[1] ?? 0) / 1024);
console.log(JSON.stringify({ taken, refused, faults, peakMiB, slowest } satisfies Batch));

async function attempt(subject: Subject, name: string, bytes: Uint8Array<ArrayBuffer>, seed?: number): Promise<string> {
  const title = seed === undefined ? name : `${subject.name} ${name}, seed ${seed}`;
  console.log(title);
  const start = performance.now();
  let outcome = "taken";
  try {
    await subject.run(bytes, name);
    taken++;
  } catch (error) {
    outcome = "refused";
    refused++;
    if (!subject.isTyped(error)) {
      faults.push(`${title}: ${error instanceof Error ? error.stack?.split("\n").slice(0, 4).join(" ") : error}`);
    }
  }
  const seconds = (performance.now() - start) / 1000;
  if (seconds > slowest.seconds) slowest = { name: title, seconds };
  return outcome;
}
