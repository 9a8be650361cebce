/** Requests as a service gets them, for the soak and its sample in the suite. */
import type { Runtime } from "../../engine/mod.ts";
import { filters, type Recorder, type Value } from "../../shaders/mod.ts";

const denoisers: readonly ((r: Recorder, image: Value) => Value)[] = [
  (r, image) => filters.mean(r, image, { radius: 1 }),
  (r, image) => filters.gaussian(r, image, { sigmaPx: 1 }),
  (r, image) => filters.median(r, image, { radius: 1 }),
];

/** Numbers from 0 to below 1, the same each time. */
export function sequence(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Makes requests of random sizes up to 256 x 256, some at a time; `check` is called after each batch. */
export async function requestsOfRandomSizes(
  engine: Runtime,
  count: number,
  check: () => void = () => {},
): Promise<void> {
  const next = sequence(7);
  for (let done = 0; done < count; done += 4) {
    await Promise.all(Array.from({ length: Math.min(4, count - done) }, async () => {
      const [height, width] = [1 + Math.floor(next() * 256), 1 + Math.floor(next() * 256)];
      const gray = Math.fround(next());
      using image = engine.tensor(new Float32Array(height * width).fill(gray), [1, height, width]);
      using clean = engine.run((r) => denoisers[Math.floor(next() * denoisers.length)](r, image));
      const values = await clean.read();
      const error = Math.abs(Number(values[0]) - gray);
      if (!(error < 1e-5)) throw new Error(`A gray image of ${gray} came back as ${values[0]}`);
    }));
    check();
  }
}

/**
 * Small images sent to the README's service, some at a time; each must come back as the image that was sent. `check` is
 * called after each batch.
 */
export async function requestsOfService(engine: Runtime, count: number, check: () => void = () => {}): Promise<void> {
  await using server = Deno.serve({ port: 0, onListen: () => {} }, async (request) => {
    const pixels = new Float32Array(await request.arrayBuffer());
    using image = engine.tensor(pixels, [1, 64, 64]);
    using clean = engine.run((r) => filters.median(r, image, { radius: 1 }));
    const [values] = await engine.read([clean]);
    return new Response(values as Float32Array<ArrayBuffer>);
  });
  for (let done = 0; done < count; done += 8) {
    await Promise.all(Array.from({ length: Math.min(8, count - done) }, async (_, index) => {
      const gray = done + index;
      const body = new Float32Array(64 * 64).fill(gray);
      const response = await fetch(`http://localhost:${server.addr.port}`, { method: "POST", body });
      const values = new Float32Array(await response.arrayBuffer());
      if (!values.every((value) => value === gray)) throw new Error(`The answer to request ${gray} is another one's`);
    }));
    check();
  }
}
