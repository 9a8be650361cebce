/** A service under load: sizes and kinds of requests mixed, clients that leave, bodies that are cut, too large or not finite. */
import { assert, assertEquals } from "@std/assert";
import { decodeNpy, encodeNpy } from "../../engine/service/page/arrays.js";
import { randomNumbers } from "../../shaders/cases.ts";
import { root, taskFlags } from "../command/program.ts";

const requests = 500;
const atOnce = 16;
/**
 * MiB that service and device's process may take together; seen on lavapipe were 800 to 924 before models were compiled ahead,
 * which takes 230 more, and then 1,321 on a machine of two cores at load 18, where more requests are under way at once.
 */
const mostMemory = 1600;

/** A slope that begins at `start`: its median is itself but at the borders. */
function slope(start: number, height: number, width: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: height * width }, (_, at) => start + at % width);
}

function proveSlope(bytes: ArrayBuffer, start: number, height: number, width: number): void {
  const values: Float32Array = decodeNpy(bytes);
  assertEquals(values.length, height * width);
  for (let at = 0; at < values.length; at++) {
    const x = at % width;
    if (x > 0 && x < width - 1) assertEquals(values[at], start + x);
  }
}

/** MiB that a process and its children hold. */
async function memoryOf(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`).catch(() => "");
  const own = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  const children = (await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`).catch(() => "")).trim();
  const sizes = await Promise.all(children.split(" ").filter(Boolean).map((child) => memoryOf(Number(child))));
  return sizes.reduce((sum, size) => sum + size, own);
}

Deno.test(
  { name: "500 requests of all kinds, 16 at once, get their own answers", ignore: Deno.build.os !== "linux" },
  async () => {
    const args = ["run", "--no-prompt", ...taskFlags("serve"), "main.ts", "serve", "--port", "0", "--max-body", "1"];
    const child = new Deno.Command(Deno.execPath(), { args, cwd: root, stdout: "piped" }).spawn();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const url = /http:\S+/.exec((await reader.read()).value ?? "")![0];
    const type = { "content-type": "application/x-npy" };
    const filter = `${url}/v1/filters/median?format=npy`;
    const pipeline = JSON.stringify({
      stages: [
        { stage: "acquire" },
        { stage: "denoise", options: { filter: "median" } },
        { stage: "export", options: { formats: "npy" } },
      ],
    });
    const refused = async (answer: Response, status: number) => {
      assertEquals([answer.status, (await answer.json()).status], [status, status]);
    };
    const kinds: readonly ((start: number, height: number, width: number) => Promise<void>)[] = [
      async (start, height, width) => {
        const body = encodeNpy(slope(start, height, width), [height, width]);
        const answer = await fetch(filter, { method: "POST", headers: type, body });
        assertEquals(answer.status, 200);
        proveSlope(await answer.arrayBuffer(), start, height, width);
      },
      async (start, height, width) => {
        const body = new FormData();
        body.append("files", new File([encodeNpy(slope(start, height, width), [height, width])], "slope.npy"));
        body.append("pipeline", pipeline);
        const taken = await fetch(`${url}/v1/jobs`, { method: "POST", body });
        assertEquals(taken.status, 202);
        const place = `${url}${taken.headers.get("location")}`;
        await taken.body?.cancel();
        await (await fetch(`${place}/events`)).text();
        proveSlope(await (await fetch(`${place}/results/cases/case-1/image.npy`)).arrayBuffer(), start, height, width);
        await fetch(place, { method: "DELETE" });
      },
      async (start, height, width) => {
        const values = slope(start, height, width);
        values[0] = NaN;
        const body = encodeNpy(values, [height, width]);
        await refused(await fetch(filter, { method: "POST", headers: type, body }), 422);
      },
      async (start, height, width) => {
        const body = encodeNpy(slope(start, height, width), [height, width]).subarray(0, 140);
        await refused(await fetch(filter, { method: "POST", headers: type, body }), 422);
      },
      async () => {
        const body = new Uint8Array(2 ** 21);
        await refused(await fetch(filter, { method: "POST", headers: type, body }), 413);
      },
      async (start, height, width) => {
        const body = encodeNpy(slope(start, height, width), [height, width]);
        const signal = AbortSignal.timeout(1 + Math.floor(start % 30));
        await fetch(filter, { method: "POST", headers: type, body, signal }).then((answer) => answer.bytes()).catch(
          () => {},
        );
      },
    ];
    try {
      while ((await fetch(`${url}/readyz`)).status !== 200) await new Promise((resolve) => setTimeout(resolve, 100));
      const random = randomNumbers(5);
      const times: number[] = [];
      let peak = 0;
      let next = 0;
      const client = async () => {
        while (next < requests) {
          const number = next++;
          // Sound filters are half of all.
          const kind = Math.max(0, Math.floor(random() * 10) - 4);
          const [height, width] = [3 + Math.floor(random() * 250), 3 + Math.floor(random() * 250)];
          const begin = performance.now();
          await kinds[kind](1000 * number, height, width);
          if (kind === 0) times.push(performance.now() - begin);
          if (number % 10 === 0) peak = Math.max(peak, await memoryOf(child.pid));
        }
      };
      await Promise.all(Array.from({ length: atOnce }, client));
      times.sort((a, b) => a - b);
      const at = (share: number) => Math.round(times[Math.floor(share * (times.length - 1))]);
      console.log(`filters: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms; memory ${Math.round(peak)} MiB at most`);
      assert(peak < mostMemory, `${peak} MiB`);
      assertEquals((await fetch(`${url}/healthz`)).status, 200);
    } finally {
      child.kill("SIGTERM");
      const { code } = await child.status;
      await reader.cancel();
      assertEquals(code, 0);
    }
  },
);
