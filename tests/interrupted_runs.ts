/** Runs of `process` that are killed at seeded moments, or that two processes start at once; the suite and the soak share it. */
import { assert, assertEquals } from "@std/assert";
import { encodeNpy } from "../plugins/formats/npy/npy.ts";
import { randomNumbers } from "../shaders/mod.ts";
import { filesIn, inFolder, run, start } from "./command/program.ts";

const plugin = new URL("./command/slow_plugin.ts", import.meta.url).pathname;
const slow = ["--plugin", plugin, "--stages", "acquire,denoise,slow,export", "--set", "export.formats=npy"];

/** What a run does that takes `milliseconds` a case longer. */
function chain(milliseconds: number): string[] {
  return [...slow, "--set", `slow.milliseconds=${milliseconds}`];
}

/** Writes images of numbers. */
export async function writeImages(folder: string, count: number): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  for (let number = 1; number <= count; number++) {
    const pixels = Float32Array.from({ length: 30 * 20 }, (_, index) => Math.sin(index * number));
    await Deno.writeFile(`${folder}/image${number}.npy`, encodeNpy(pixels, [20, 30]));
  }
}

/** The text of `run.json` or `case.json` without what differs from run to run: times. */
export function timeless(text: string): string {
  return text.replace(/"startedAt": "[^"]*"/, "").replaceAll(/"seconds": [\d.e-]+/g, "");
}

/** Asserts that two folders hold the same results, byte for byte but for times. */
export async function assertSameResults(one: string, two: string): Promise<void> {
  assertEquals(await filesIn(one), await filesIn(two));
  for (const name of await filesIn(two)) {
    if (name.endsWith(".json")) {
      assertEquals(
        timeless(await Deno.readTextFile(`${one}/${name}`)),
        timeless(await Deno.readTextFile(`${two}/${name}`)),
        name,
      );
    } else assertEquals(await Deno.readFile(`${one}/${name}`), await Deno.readFile(`${two}/${name}`), name);
  }
}

const signals = ["SIGKILL", "SIGKILL", "SIGTERM", "SIGINT", "SIGHUP"] as const;
const statuses = { SIGKILL: [137], SIGTERM: [130, 143], SIGINT: [130], SIGHUP: [129] } as const;

/**
 * Kills a run after a seeded time, and goes on with it as often as it takes. What was done before stays as it was, and the
 * end is that of an undisturbed run.
 */
export function killTrial(seed: number): Promise<void> {
  return inFolder(async (folder) => {
    const next = randomNumbers(seed);
    await writeImages(`${folder}/in`, 4);
    const args = (output: string) => [`${folder}/in`, ...chain(150), "--output", `${folder}/${output}`];
    const before = performance.now();
    assertEquals((await run("process", args("undisturbed"))).status, 0);
    const whole = performance.now() - before;
    for (let kills = 1 + Math.floor(3 * next()); kills > 0; kills--) {
      const signal = signals[Math.floor(signals.length * next())];
      const isThere = (await filesIn(folder)).includes("out/run.json");
      const process = start("process", [...args("out"), ...isThere ? ["--resume"] : []]);
      const output = process.output();
      await new Promise((resolve) => setTimeout(resolve, 1.1 * whole * next()));
      try {
        process.kill(signal);
      } catch {
        // It has ended by itself.
      }
      const { code, stderr } = await output;
      const told = new TextDecoder().decode(stderr);
      // Before it listens, a signal ends the process as the system does.
      assert([0, 128 + 1, 128 + 2, 128 + 15, ...statuses[signal]].includes(code), `${signal} gives ${code}: ${told}`);
      assert(signal === "SIGKILL" || !told.includes("panicked"), told);
      for (const name of await filesIn(folder)) {
        if (name.startsWith("out/cases/") && name.endsWith("case.json")) {
          JSON.parse(await Deno.readTextFile(`${folder}/${name}`));
        }
      }
    }
    const kept = new Map<string, string>();
    for (const name of await filesIn(folder)) {
      if (name.startsWith("out/cases/")) kept.set(name, await Deno.readTextFile(`${folder}/${name}`));
    }
    const isThere = (await filesIn(folder)).includes("out/run.json");
    const resumed = await run("process", [...args("out"), ...isThere ? ["--resume"] : []]);
    assertEquals(resumed.status, 0, resumed.stderr);
    for (const [name, text] of kept) assertEquals(await Deno.readTextFile(`${folder}/${name}`), text, name);
    await assertSameResults(`${folder}/out`, `${folder}/undisturbed`);
  });
}

/** The process that has a folder, as soon as one has; none if it is over before. */
async function holderOf(output: string, isOver: () => boolean): Promise<number | undefined> {
  while (!isOver()) {
    try {
      return JSON.parse(await Deno.readTextFile(`${output}/.isocenter.lock`)).pid;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound || error instanceof SyntaxError)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  return undefined;
}

/** Two processes that start at once on one folder: one does all, the other says which process has it and ends with 2. */
export function raceTrial(seed: number): Promise<void> {
  return inFolder(async (folder) => {
    const next = randomNumbers(seed);
    await writeImages(`${folder}/in`, 3);
    const args = (output: string, ...more: string[]) => [
      `${folder}/in`,
      ...chain(200),
      "--output",
      `${folder}/${output}`,
      ...more,
    ];
    const isReplaced = next() < 0.5;
    const more = isReplaced ? ["--overwrite"] : [];
    if (isReplaced) assertEquals((await run("process", args("out"))).status, 0);
    const first = start("process", args("out", ...more));
    await new Promise((resolve) => setTimeout(resolve, 300 * next()));
    const second = start("process", args("out", ...more));
    const both = [first, second];
    const ends = Promise.all(both.map(async (process) => {
      const { code, stderr } = await process.output();
      return { pid: process.pid, code, told: new TextDecoder().decode(stderr) };
    }));
    // The holder stands still until the other is gone, however slow that is.
    let isOver = false;
    void ends.finally(() => isOver = true);
    const holder = await holderOf(`${folder}/out`, () => isOver);
    if (holder !== undefined) {
      Deno.kill(holder, "SIGSTOP");
      await both.find(({ pid }) => pid !== holder)!.status;
      Deno.kill(holder, "SIGCONT");
    }
    const ended = await ends;
    assertEquals(ended.map(({ code }) => code).sort(), [0, 2], ended.map(({ told }) => told).join("\n"));
    const [winner, loser] = ended.toSorted((a, b) => a.code - b.code);
    assert(loser.told.includes(`as process ${winner.pid} (since `), loser.told);
    assertEquals((await run("process", args("alone"))).status, 0);
    await assertSameResults(`${folder}/out`, `${folder}/alone`);
  });
}
