/** Code that the driver makes ahead of a pipeline's first use: nothing is left to make then. */
import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { openDevice, plainLimits } from "../../engine/device/mod.ts";
import { CodeWorkers } from "../../engine/kernel/code_workers.ts";
import {
  type DriverCode,
  DriverCodes,
  makePipeline,
  textureKind,
  type ToCodeWorker,
} from "../../engine/kernel/driver_code.ts";
import { firstTensorBinding } from "../../engine/kernel/page.ts";

await using stack = new AsyncDisposableStack();
const opened = stack.adopt(await openDevice(), ({ close }) => close());
const ignore = opened.info.adapter !== "lavapipe";

/** A pipeline that adds a texture and a buffer; `addend` makes its code another. */
function codeOf(addend: number): DriverCode {
  const visibility = GPUShaderStage.COMPUTE;
  const texture = (access: GPUStorageTextureAccess): Partial<GPUBindGroupLayoutEntry> => ({
    storageTexture: { access, format: "rgba32float", viewDimension: "2d-array" },
  });
  const entries = [texture("read-only"), { buffer: { type: "read-only-storage" as const } }, texture("write-only")];
  const code = `
@group(0) @binding(2) var source: texture_storage_2d_array<rgba32float, read>;
@group(0) @binding(3) var<storage, read> values: array<f32>;
@group(0) @binding(4) var result: texture_storage_2d_array<rgba32float, write>;
override SCALE = 1.0;
@compute @workgroup_size(8) fn main(@builtin(global_invocation_id) id: vec3u) {
  let value = textureLoad(source, vec2u(id.x, 0), 0) * SCALE + vec4f(values[0] + ${addend}.0);
  textureStore(result, vec2u(id.x, 0), 0, value);
}`;
  return {
    source: {
      label: `adds ${addend}`,
      code,
      entries: entries.map((entry, index) => ({ binding: firstTensorBinding + index, visibility, ...entry })),
      constants: { SCALE: 2 },
    },
    textures: [textureKind(5, 8, 1), undefined, textureKind(12, 1, 4)],
  };
}

Deno.test("extents are of one kind with the least of it", () => {
  assertEquals([1, 2, 3, 4, 6, 1024].map((extent) => textureKind(extent, 1, 1)[0]), [1, 1, 3, 1, 3, 1]);
  assertEquals(textureKind(7, 16, 9), [3, 1, 2]);
  assertEquals(textureKind(8, 9, 1), [1, 3, 1]);
});

Deno.test("an empty dispatch is valid", async () => {
  const { device } = opened;
  device.pushErrorScope("validation");
  const codes = new DriverCodes(device);
  for (const addend of [1, 2, 1]) codes.make(makePipeline(device, codeOf(addend).source), codeOf(addend));
  assertEquals(await device.popErrorScope(), null);
});

Deno.test({
  name: "a Worker does what nobody has taken, from the last",
  ignore,
  async fn() {
    const { info: { name, features }, device } = opened;
    const codes = [1, 2, 3, 4].map(codeOf);
    const taken = new Int32Array(new SharedArrayBuffer(16));
    taken[1] = 2;
    const message: ToCodeWorker = {
      device: { name, features, limits: plainLimits(device.limits) },
      share: { codes, taken },
    };
    const worker = new Worker(import.meta.resolve("../../engine/kernel/code_worker.ts"), { type: "module" });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    worker.addEventListener("message", () => resolve());
    worker.addEventListener("error", ({ message }) => reject(new Error(message)));
    worker.postMessage(message);
    await promise;
    worker.terminate();
    assertEquals([...taken], [1, 2, 1, 1]);
  },
});

Deno.test({
  name: "Workers that are ended leave their work, and nobody waits for them",
  ignore,
  async fn() {
    const { info: { name, features }, device } = opened;
    const workers = new CodeWorkers({ name, features, limits: plainLimits(device.limits) });
    const codes = Array.from({ length: 64 }, (_, i) => codeOf(10 + i));
    const taken = new Int32Array(new SharedArrayBuffer(4 * codes.length));
    workers.share({ codes, taken });
    const idle = workers.idle();
    workers.end();
    await idle;
    assert(taken.includes(0));
  },
});

/** How the programs below begin: `workers` were started so far, and `codes()` are in the driver's cache. */
const beginning = `
const [folder] = Deno.args;
let workers = 0;
globalThis.Worker = class extends Worker {
  constructor(...args) {
    super(...args);
    workers++;
  }
};
const { openEngine, filters } = await import("isocenter");
function codes() {
  let files = 0;
  for (const { isDirectory, name } of Deno.readDirSync(folder)) {
    if (isDirectory) files += [...Deno.readDirSync(folder + "/" + name)].length;
  }
  return files;
}
// The driver writes behind, and not always all of it.
async function codesWritten() {
  await new Promise((resolve) => setTimeout(resolve, 700));
  return codes();
}
await using engine = await openEngine({ adapter: "lavapipe" });
`;

/** In a process whose driver has an empty cache: how many codes are in it once a plan is compiled, and after its first run. */
const child = `${beginning}
// As another library does, which puts its own in its place.
globalThis.Worker = undefined;
const counts = [await codesWritten()];
const image = engine.tensor(new Float32Array(3 * 40 * 33).fill(1), [3, 40, 33]);
const work = (r, [image]) => filters.wiener(r, filters.median(r, image, { radius: 2 }), {});
const plan = await engine.compile(work, [image]);
counts.push(await codesWritten());
await engine.read([plan.run([image])]);
counts.push(await codesWritten());
console.log(JSON.stringify([...counts, workers]));
Deno.exit(0);
`;

/** What a program writes that runs in a process of its own, with the driver's cache in `folder`. */
async function inChild(program: string, folder: string): Promise<string> {
  const path = `${folder}/child.ts`;
  await Deno.writeTextFile(path, program);
  const config = fileURLToPath(import.meta.resolve("../../deno.json"));
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--config", config, path, folder],
    env: { MESA_SHADER_CACHE_DIR: folder },
  }).output();
  assertEquals(success, true, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

Deno.test({
  name: "a plan that was compiled leaves the driver nothing to make, also where Workers made a part",
  ignore,
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const [before, compiled, ran, workers] = JSON.parse(await inChild(child, folder));
      assert(compiled >= before + 5, `${compiled} after ${before}`);
      assertEquals(ran, compiled);
      if (navigator.hardwareConcurrency > 1) assert(workers > 0, "no Worker took part");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** One page for textures of several kinds, in a process: how many codes are in the driver's cache afterwards. */
const several = `${beginning}for (const shape of [[3, 40, 33], [1, 32, 64], [2, 32, 33]]) {
  const image = engine.tensor(new Float32Array(shape.reduce((all, extent) => all * extent)).fill(1), shape);
  await engine.read([engine.run((r) => filters.nlm(r, image))]);
}
console.log(await codesWritten());
Deno.exit(0);
`;

Deno.test({
  name: "a second process finds all code that the first one made, for textures of whatever kinds",
  ignore,
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const counts: number[] = [];
      for (let run = 0; run < 2; run++) counts.push(Number(await inChild(several, folder)));
      assert(counts[0] > 3, `${counts[0]}`);
      assertEquals(counts[1], counts[0]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** Compiling that is aborted: codes in the driver's cache then, and seconds later; and how many threads made some. */
const aborted = `${beginning}const image = engine.tensor(new Float32Array(3 * 40 * 33).fill(1), [3, 40, 33]);
const abort = new AbortController();
const work = (r, [image]) => filters.wavelet(r, filters.nlm(r, filters.wiener(r, image)));
const compiling = engine.compile(work, [image], { signal: abort.signal });
const turn = setInterval(() => workers > 0 && abort.abort(), 1);
const error = await compiling.then(() => undefined, (error) => error);
clearInterval(turn);
const then = codes();
await new Promise((resolve) => setTimeout(resolve, 2500));
console.log(JSON.stringify([error?.name, workers, then, codes()]));
Deno.exit(0);
`;

Deno.test({
  name: "Workers leave what was aborted once they are done with what they are at",
  ignore: ignore || navigator.hardwareConcurrency < 2,
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const [error, workers, then, later] = JSON.parse(await inChild(aborted, folder));
      assertEquals(error, "AbortError");
      assert(workers > 0);
      // A code of each thread, and what the driver had yet to write.
      assert(later - then <= 2 * (workers + 1), `${later} codes after ${then}`);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
