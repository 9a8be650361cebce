/**
 * Optional features. Deno grants some that its adapters don't list and its documents don't name, so that they may vanish
 * or lie: they are asked for in a try, and believed only after a page has computed a known answer with them.
 */

import { UsageError } from "../errors.ts";

/** Optional features with which a device has proven to compute correctly, so that forms may be chosen by them. */
export interface ProvenFeatures {
  /** Invocations of a subgroup; 0 without subgroups. */
  readonly subgroupSize: number;
  /** Whether pages may compute in f16. */
  readonly f16: boolean;
  /** Whether buffers that pages write can be mapped without a copy. */
  readonly mappableBuffers: boolean;
}

/** Which optional features to use: all that are available, or none (`core`). */
export type FeatureChoice = "all" | "core";

const optional = ["subgroups", "shader-f16", "wgpu-mappable-primary-buffers"] as const;

/** The choice given, else that of `ISOCENTER_FEATURES`, else `all`. */
export function featureChoice(given: FeatureChoice | undefined): FeatureChoice {
  if (given !== undefined) return given;
  if (Deno.permissions.querySync({ name: "env", variable: "ISOCENTER_FEATURES" }).state !== "granted") return "all";
  const word = Deno.env.get("ISOCENTER_FEATURES") ?? "";
  if (word === "" || word === "all") return "all";
  if (word === "core") return "core";
  throw new UsageError(`ISOCENTER_FEATURES is ${JSON.stringify(word)}: it must be all or core`);
}

/** Opens a device with as many of the optional features as it gives. Rejects where it gives none without them either. */
export async function requestWith(
  adapter: GPUAdapter,
  descriptor: GPUDeviceDescriptor,
  choice: FeatureChoice,
): Promise<GPUDevice> {
  const ask = (features: readonly string[]) =>
    adapter.requestDevice({
      ...descriptor,
      requiredFeatures: [...descriptor.requiredFeatures ?? [], ...features as GPUFeatureName[]],
    });
  if (choice === "core") return await ask([]);
  try {
    return await ask(optional);
  } catch {
    // One of them is refused or unknown: each is asked for by itself.
  }
  const granted: string[] = [];
  for (const feature of optional) {
    try {
      (await ask([feature])).destroy();
      granted.push(feature);
    } catch {
      // This one is not to be had.
    }
  }
  return await ask(granted);
}

/** What a device computes right with, and a line for each feature that it was granted and computes wrong with. */
export async function proveFeatures(device: GPUDevice): Promise<{ proven: ProvenFeatures; notes: string[] }> {
  const notes: string[] = [];
  const has = (feature: string) => device.features.has(feature as GPUFeatureName);
  const prove = async <T>(feature: string, otherwise: T, probe: (device: GPUDevice) => Promise<T | undefined>) => {
    if (!has(feature)) return otherwise;
    device.pushErrorScope("validation");
    const found = await probe(device).catch(() => undefined);
    const error = await device.popErrorScope();
    if (found !== undefined && error === null) return found;
    notes.push(`${feature} was granted but computes wrong values, so that it isn't used`);
    return otherwise;
  };
  const proven = {
    subgroupSize: await prove("subgroups", 0, probeSubgroups),
    f16: await prove("shader-f16", false, probeF16),
    mappableBuffers: await prove("wgpu-mappable-primary-buffers", false, probeMapping),
  };
  return { proven, notes };
}

const lanes = 8;
const words = 7;

/** In workgroups of 8 each lane broadcasts, shuffles (also by a variable lane) and adds. */
const subgroupPage = `
@group(0) @binding(0) var<storage, read_write> result: array<u32>;
@compute @workgroup_size(${lanes})
fn main(
  @builtin(local_invocation_index) index: u32,
  @builtin(subgroup_invocation_id) lane: u32,
  @builtin(subgroup_size) size: u32,
  @builtin(workgroup_id) group: vec3u,
) {
  let value = group.x * 100u + index * index;
  let at = (group.x * ${lanes}u + index) * ${words}u;
  result[at] = size;
  result[at + 1u] = lane;
  result[at + 2u] = subgroupBroadcast(value, 3u);
  result[at + 3u] = subgroupShuffle(value, (lane + 5u) & 3u);
  result[at + 4u] = subgroupShuffleXor(value, 1u);
  result[at + 5u] = subgroupAdd(value);
  result[at + 6u] = subgroupMax(value);
}`;

/** The size of a subgroup, where all lanes give what they must: those of a workgroup of 8 lie side by side in subgroups. */
async function probeSubgroups(device: GPUDevice): Promise<number | undefined> {
  const groups = 5;
  const result = await compute(device, subgroupPage, groups, groups * lanes * words);
  const size = result[0];
  const width = Math.min(size, lanes);
  if (size < 4 || (size & (size - 1)) !== 0) return undefined;
  for (let group = 0; group < groups; group++) {
    const value = (index: number) => group * 100 + index * index;
    for (let index = 0; index < lanes; index++) {
      const lane = index % width, first = index - lane;
      const all = Array.from({ length: width }, (_, other) => value(first + other));
      const expected = [
        size,
        lane,
        all[3],
        all[(lane + 5) & 3],
        all[lane ^ 1],
        all.reduce((sum, each) => sum + each),
        Math.max(...all),
      ];
      const at = (group * lanes + index) * words;
      if (expected.some((each, word) => result[at + word] !== each)) return undefined;
    }
  }
  return size;
}

/** 1 + 2^-11 is 1 in f16, 1 + 2^-10 isn't. */
const f16Page = `enable f16;
@group(0) @binding(0) var<storage, read_write> result: array<u32>;
@compute @workgroup_size(${lanes})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let step = f16(1.0) / f16(1 << (id.x + 6u));
  result[id.x] = bitcast<u32>(f32(f16(1.0) + step));
}`;

async function probeF16(device: GPUDevice): Promise<true | undefined> {
  const found = new Float32Array((await compute(device, f16Page, 1, lanes)).buffer);
  return found.every((value, index) => value === (index + 6 <= 10 ? 1 + 2 ** -(index + 6) : 1)) ? true : undefined;
}

async function probeMapping(device: GPUDevice): Promise<true | undefined> {
  const page = `@group(0) @binding(0) var<storage, read_write> result: array<u32>;
@compute @workgroup_size(${lanes}) fn main(@builtin(global_invocation_id) id: vec3u) { result[id.x] = id.x * 3u; }`;
  const found = await compute(device, page, 1, lanes, true);
  return found.every((value, index) => value === index * 3) ? true : undefined;
}

/** Runs a page on one buffer and gives its words; `isMapped` maps that buffer itself. */
async function compute(
  device: GPUDevice,
  code: string,
  groups: number,
  count: number,
  isMapped = false,
): Promise<Uint32Array<ArrayBuffer>> {
  const size = count * 4;
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const buffer = device.createBuffer({ size, usage: STORAGE | (isMapped ? MAP_READ : COPY_SRC) });
  const staging = isMapped ? buffer : device.createBuffer({ size, usage: COPY_DST | MAP_READ });
  const compute = { module: device.createShaderModule({ code }), entryPoint: "main" };
  const pipeline = device.createComputePipeline({ layout: "auto", compute });
  const layout = pipeline.getBindGroupLayout(0);
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ layout, entries: [{ binding: 0, resource: { buffer } }] }));
  pass.dispatchWorkgroups(groups);
  pass.end();
  if (!isMapped) encoder.copyBufferToBuffer(buffer, 0, staging, 0, size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const found = new Uint32Array(staging.getMappedRange().slice(0));
  buffer.destroy();
  if (!isMapped) staging.destroy();
  return found;
}
