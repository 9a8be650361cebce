/** Lists a folder and tells how long that took and how much memory. */
import { inspectInput } from "../../plugins/acquire/inspect.ts";

const start = performance.now();
const cases = await inspectInput(Deno.args[0], undefined);
const status = await Deno.readTextFile("/proc/self/status").catch(() => "");
const peakMiB = Number(/VmHWM:\s*(\d+)/.exec(status)?.[1] ?? 0) / 1024;
console.log(JSON.stringify({ cases: cases.length, seconds: (performance.now() - start) / 1000, peakMiB }));
