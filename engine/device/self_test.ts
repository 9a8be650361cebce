import { DeviceError } from "../errors.ts";
import text from "./self_test.wgsl" with { type: "text" };

const N = 64;

/** What each run of 64 results tests, in the order of the page. */
const PARTS = [
  "integer arithmetic",
  "float arithmetic",
  "texture load and store",
  "workgroup memory",
  "a loop",
  "the remainder of negative integers",
] as const;

/** A part of the self-test. */
export type SelfTestPart = typeof PARTS[number];

/** A part of the self-test that gave a wrong value, and the value in words. */
export interface SelfTestFault {
  readonly part: SelfTestPart;
  readonly words: string;
}

/**
 * Runs a page whose results are known: integers, floats, a texture array of rgba32float, workgroup memory behind
 * barriers, a loop. Gives the parts that came out wrong. Throws a {@linkcode DeviceError} where the page is refused.
 */
export async function selfTest(device: GPUDevice, name: string): Promise<SelfTestFault[]> {
  device.pushErrorScope("validation");
  const results = await run(device);
  const error = await device.popErrorScope();
  if (error !== null) throw new DeviceError(`${name} refuses the self-test: ${error.message}`);
  return faults(results, inputs());
}

/** The parts with a wrong result, each with the first of them in words. */
export function faults(results: Uint32Array, input: Uint32Array): SelfTestFault[] {
  const expected = expectedResults(input);
  return PARTS.flatMap((part, index) => {
    const range = [index * N, (index + 1) * N] as const;
    const isFloat = part === "float arithmetic";
    const view = (words: Uint32Array) => {
      const bytes = words.slice(...range).buffer;
      return isFloat ? new Float32Array(bytes) : new Uint32Array(bytes);
    };
    const [found, right] = [view(results), view(expected)];
    // Software drivers round correctly; WGSL lets hardware err by 2.5 units in the last place for each division.
    const wrong = found.findIndex((value, i) =>
      isFloat ? !(Math.abs(value - right[i]) <= 1e-6 * right[i]) : value !== right[i]
    );
    if (wrong < 0) return [];
    return [{ part, words: `${part} gives ${found[wrong]} where ${right[wrong]} is right (invocation ${wrong})` }];
  });
}

/** The results that a right device gives. */
export function expectedResults(input: Uint32Array): Uint32Array {
  const results = new Uint32Array(PARTS.length * N);
  const floats = new Float32Array(results.buffer);
  const sum = input.reduce((a, b) => a + b, 0);
  for (const [i, value] of input.entries()) {
    const signed = value - 32;
    results[i] = (Math.trunc(signed / 3) * 1000) ^ (value << 7) ^ (signed >> 1) ^ (value % 7);
    floats[N + i] = Math.sqrt(value + 0.5) / 3 + (value + 0.5) * 0.1;
    const other = input[N - 1 - i];
    results[2 * N + i] = 4 * other + 4 * other + 1 + 4 * other + other;
    results[3 * N + i] = sum + i;
    let state = value;
    for (let k = 0; k < 1000; k++) state = (Math.imul(state, 1664525) + 1013904223) | 0;
    results[4 * N + i] = state;
    results[5 * N + i] = signed % 3;
  }
  return results;
}

/** 64 whole numbers below 64, all different, in no order. */
export function inputs(): Uint32Array<ArrayBuffer> {
  return Uint32Array.from({ length: N }, (_, i) => (i * 37 + 11) % N);
}

async function run(device: GPUDevice): Promise<Uint32Array> {
  const module = device.createShaderModule({ code: text, label: "self_test" });
  const bytes = PARTS.length * N * 4;
  const input = device.createBuffer({ size: N * 4, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST });
  const output = device.createBuffer({ size: bytes, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC });
  const staging = device.createBuffer({ size: bytes, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const texture = device.createTexture({
    size: [4, 4, 4],
    format: "rgba32float",
    usage: GPUTextureUsage.STORAGE_BINDING | GPUTextureUsage.TEXTURE_BINDING,
  });
  const view = texture.createView({ dimension: "2d-array" });
  const C = GPUShaderStage.COMPUTE;
  const written: GPUBindGroupLayoutEntry = {
    binding: 0,
    visibility: C,
    storageTexture: { format: "rgba32float", access: "write-only", viewDimension: "2d-array" },
  };
  const sampled: GPUBindGroupLayoutEntry = {
    binding: 1,
    visibility: C,
    texture: { sampleType: "unfilterable-float", viewDimension: "2d-array" },
  };
  const read: GPUBindGroupLayoutEntry = { binding: 2, visibility: C, buffer: { type: "read-only-storage" } };
  const write: GPUBindGroupLayoutEntry = { binding: 3, visibility: C, buffer: { type: "storage" } };
  const resources: GPUBindingResource[] = [view, view, { buffer: input }, { buffer: output }];

  device.queue.writeBuffer(input, 0, inputs());
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  for (const [entryPoint, entries] of [["fill", [written, read]], ["check", [sampled, read, write]]] as const) {
    const layout = device.createBindGroupLayout({ entries: [...entries] });
    pass.setPipeline(device.createComputePipeline({
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, entryPoint },
    }));
    pass.setBindGroup(
      0,
      device.createBindGroup({
        layout,
        entries: entries.map(({ binding }) => ({ binding, resource: resources[binding] })),
      }),
    );
    pass.dispatchWorkgroups(1);
  }
  pass.end();
  encoder.copyBufferToBuffer(output, 0, staging, 0, bytes);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const results = new Uint32Array(staging.getMappedRange().slice(0));
  for (const each of [input, output, staging, texture]) each.destroy();
  return results;
}
