/** Runs a recording: plans its memory, encodes it and submits once. */

import type { Facts, Page } from "../../shaders/contract.ts";
import type { Pool, Storage } from "../memory/pool.ts";
import type { Compiled, Compiler } from "./compiler.ts";
import { firstTensorBinding, type Home, paramsBinding, sizesBinding, type TextureAccess } from "./page.ts";
import { packParams } from "./params.ts";
import { plan } from "./plan.ts";
import type { CopyStep, DispatchStep, Node, Step } from "./recording.ts";
import { type Slab, slabsOf } from "./slabs.ts";

/** Offsets of uniform ranges are aligned to this. */
const uniformAlignment = 256;
const maxGroups = 65_535;

/** What a device can bind and hold. */
export interface DeviceLimits {
  /** Most bytes of a buffer that a page can see at once. */
  readonly maxBindingBytes: number;
  /** Most bytes of a buffer. */
  readonly maxBufferBytes: number;
}

/** How often what was done. */
export interface Counters {
  dispatches: number;
  submits: number;
}

/** A dispatch ready to be encoded. */
interface Encoded {
  readonly step: DispatchStep;
  readonly compiled: Compiled;
  readonly slab: Slab;
  /** Byte offsets of its uniforms; `params` is -1 where the page has none. */
  readonly params: number;
  readonly sizes: number;
}

/** Runs recordings on one device. */
export class Executor {
  readonly counters: Counters = { dispatches: 0, submits: 0 };
  /** When the last submit was made, on the clock of `performance.now()`. */
  submittedAt = 0;
  readonly #device: GPUDevice;
  readonly #pool: Pool;
  readonly #compiler: Compiler;
  readonly #limits: DeviceLimits;
  readonly #textureAccess: TextureAccess;
  readonly #unroll: boolean;
  /** Bound in the place of tensors without elements; apart for reading and writing, which exclude each other. */
  readonly #placeholders: Readonly<Record<"read" | "write", { buffer: GPUBuffer; texture: GPUTexture }>>;
  #uniforms: GPUBuffer;

  constructor(
    device: GPUDevice,
    pool: Pool,
    compiler: Compiler,
    limits: DeviceLimits,
    facts: Facts,
    options: { unroll: boolean },
  ) {
    this.#device = device;
    this.#pool = pool;
    this.#compiler = compiler;
    this.#limits = limits;
    // Measured: Mesa's software drivers read storage textures four times faster; SwiftShader and GPUs sampled ones.
    this.#textureAccess = facts.adapter === "lavapipe" || facts.adapter === "opengl" ? "storage" : "sampled";
    this.#unroll = options.unroll;
    this.#uniforms = uniformBuffer(device, 1 << 16);
    this.#placeholders = { read: placeholder(device), write: placeholder(device) };
  }

  /**
   * Submits the steps. The storages of `kept` nodes stay bound to them; all others are given back. `timestamps` gets
   * the device's time before the first dispatch (0) and after the last (1); steps that are timed contain no copies.
   */
  run(steps: readonly Step[], kept: ReadonlySet<Node>, timestamps?: GPUQuerySet): void {
    const { slots, slotOf } = plan(steps, kept);
    this.#pool.reserve(slots, "The run");
    const taken: Storage[] = [];
    try {
      const storages = slots.map((need) => {
        const storage = this.#pool.take(need);
        taken.push(storage);
        return storage;
      });
      for (const [node, slot] of slotOf) node.storage = storages[slot];
      this.#submit(steps, timestamps);
      const keptStorages = new Set([...kept].map((node) => node.storage));
      for (const storage of storages) if (!keptStorages.has(storage)) this.#pool.give(storage);
    } catch (error) {
      for (const storage of taken) this.#pool.give(storage);
      throw error;
    }
  }

  #submit(steps: readonly Step[], timestamps?: GPUQuerySet): void {
    this.#upload(steps);
    const encoded = this.#prepare(steps);
    const encoder = this.#device.createCommandEncoder();
    const timestampWrites = timestamps &&
      { querySet: timestamps, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 };
    let pass: GPUComputePassEncoder | undefined;
    for (const step of encoded) {
      if ("from" in step) {
        pass?.end();
        pass = undefined;
        copy(encoder, step);
      } else {
        pass ??= encoder.beginComputePass({ timestampWrites });
        this.#encode(pass, step);
        this.counters.dispatches++;
      }
    }
    pass?.end();
    const commands = encoder.finish();
    this.submittedAt = performance.now();
    this.#device.queue.submit([commands]);
    this.counters.submits++;
  }

  #upload(steps: readonly Step[]): void {
    const nodes = new Set(steps.flatMap((step) => step.kind === "copy" ? [step.from] : step.nodes));
    for (const node of nodes) {
      if (node?.upload && node.storage?.kind === "buffer") {
        this.#device.queue.writeBuffer(node.storage.buffer, 0, node.upload);
      }
    }
  }

  /** Compiles, cuts into slabs and packs the uniforms of all dispatches into one buffer. */
  #prepare(steps: readonly Step[]): (Encoded | CopyStep)[] {
    const encoded: (Encoded | CopyStep)[] = [];
    let bytes = 0;
    const place = (size: number) => {
      const at = bytes;
      bytes += Math.ceil(size / uniformAlignment) * uniformAlignment;
      return at;
    };
    for (const step of steps) {
      if (step.kind === "copy") {
        encoded.push(step);
        continue;
      }
      const compiled = this.#compile(step);
      for (const slab of slabsOf(step, gridOf(step), this.#limits.maxBindingBytes)) {
        const params = compiled.params ? place(compiled.params.bytes) : -1;
        encoded.push({ step, compiled, slab, params, sizes: place(16 * (1 + step.nodes.length)) });
      }
    }
    if (bytes === 0) return encoded;
    const view = new DataView(new ArrayBuffer(bytes));
    for (const entry of encoded) {
      if ("from" in entry) continue;
      const { step, compiled } = entry;
      if (compiled.params) packParams(step.label, compiled.params, step.call.params ?? {}, view, entry.params);
      packSizes(entry, view);
    }
    if (this.#uniforms.size < bytes) {
      this.#uniforms.destroy();
      this.#uniforms = uniformBuffer(this.#device, 2 ** Math.ceil(Math.log2(bytes)));
    }
    this.#device.queue.writeBuffer(this.#uniforms, 0, view.buffer);
    return encoded;
  }

  #compile(step: DispatchStep): Compiled {
    const homes: Record<string, Home> = {};
    step.page.bindings.forEach((binding, index) => {
      if (binding.layout !== "linear") homes[binding.name] = step.nodes[index]?.home ?? "texture";
    });
    const { tune = {}, overrides = {} } = step.call;
    const variant = { homes, textureAccess: this.#textureAccess, tune, unroll: this.#unroll };
    return this.#compiler.compile(step.page, variant, overrides);
  }

  #encode(pass: GPUComputePassEncoder, { step, compiled, slab, params, sizes }: Encoded): void {
    const uniform = (binding: number, offset: number, size: number) => ({
      binding,
      resource: { buffer: this.#uniforms, offset, size },
    });
    const entries: GPUBindGroupEntry[] = [uniform(sizesBinding, sizes, 16 * (1 + step.nodes.length))];
    if (compiled.params) entries.push(uniform(paramsBinding, params, compiled.params.bytes));
    step.nodes.forEach((node, index) => {
      const range = slab.ranges[index];
      entries.push({ binding: firstTensorBinding + index, resource: this.#resource(step.page, index, node, range) });
    });
    pass.setPipeline(compiled.pipeline);
    pass.setBindGroup(0, this.#device.createBindGroup({ label: step.label, layout: compiled.bindings, entries }));
    pass.dispatchWorkgroups(...slab.groups);
  }

  #resource(page: Page, index: number, node: Node | null, range: Slab["ranges"][number]): GPUBindingResource {
    const { storage } = node ?? {};
    if (storage?.kind === "texture") return storage.texture.createView({ dimension: "2d-array" });
    if (storage && range) return { buffer: storage.buffer, offset: range.offset, size: Math.max(16, range.bytes) };
    const { access, layout } = page.bindings[index];
    const { buffer, texture } = this.#placeholders[access === "read" ? "read" : "write"];
    return layout === "linear" ? { buffer } : texture.createView({ dimension: "2d-array" });
  }
}

function placeholder(device: GPUDevice): { buffer: GPUBuffer; texture: GPUTexture } {
  const usage = GPUTextureUsage.STORAGE_BINDING | GPUTextureUsage.TEXTURE_BINDING;
  return {
    buffer: device.createBuffer({ size: 256, usage: GPUBufferUsage.STORAGE }),
    texture: device.createTexture({ size: [1, 1, 1], format: "rgba32float", usage }),
  };
}

function uniformBuffer(device: GPUDevice, size: number): GPUBuffer {
  return device.createBuffer({ label: "uniforms", size, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
}

/** The workgroup grid; counts beyond one dimension fold into the second (`flat_index` in `lib/grid.wgsl`). */
function gridOf({ call, label }: DispatchStep): readonly [number, number, number] {
  const { groups } = call;
  const grid = typeof groups === "number"
    ? [Math.min(groups, maxGroups), Math.ceil(groups / maxGroups), 1] as const
    : groups;
  if (grid.some((count) => count > maxGroups)) {
    throw new RangeError(
      `${label} asks for [${
        grid.join(", ")
      }] workgroups, but ${maxGroups} is the most a dimension has: give a single number`,
    );
  }
  return grid;
}

function packSizes({ step, slab, sizes }: Encoded, view: DataView): void {
  view.setInt32(sizes, slab.begin, true);
  view.setInt32(sizes + 4, slab.end, true);
  step.nodes.forEach((node, index) => {
    if (!node) return;
    const { texels, rows, layers } = node.extents;
    [texels, rows, layers, slab.ranges[index]?.first ?? 0].forEach((value, word) => {
      view.setInt32(sizes + 16 * (1 + index) + 4 * word, value, true);
    });
  });
}

function copy(encoder: GPUCommandEncoder, { from, to }: CopyStep): void {
  const [source, target] = [from.storage, to.storage];
  if (source?.kind === "buffer" && target?.kind === "buffer") {
    encoder.copyBufferToBuffer(source.buffer, 0, target.buffer, 0, Math.min(source.bytes, target.bytes));
  } else if (source?.kind === "texture" && target?.kind === "texture") {
    const { texels, rows, layers } = from.extents;
    encoder.copyTextureToTexture({ texture: source.texture }, { texture: target.texture }, [texels, rows, layers]);
  }
}
