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
/** Milliseconds that a part of a run should take: the wait after it costs 11. */
const partMs = 250;
/** Workgroups of the first part, before anything is known of their cost: a layer, where layers can be cut. */
const firstPart = 1;

/** What a device can bind and hold. */
export interface DeviceLimits {
  /** Most bytes of a buffer that a page can see at once. */
  readonly maxBindingBytes: number;
  /** Most bytes of a buffer. */
  readonly maxBufferBytes: number;
}

/** How a run in parts is followed and ended. */
export interface PartsOptions {
  /** Told after each part which share of the work, from 0 to 1, is done. */
  readonly onProgress?: (share: number) => void;
  /** Ends the run after the part that the device is at; its result is lost. */
  readonly signal?: AbortSignal;
}

/** How often what was done. */
export interface Counters {
  dispatches: number;
  submits: number;
}

/** A run of layers of a dispatch, or all of it. */
interface DispatchPiece {
  readonly step: DispatchStep;
  readonly compiled: Compiled;
  readonly slab: Slab;
}

type Piece = DispatchPiece | CopyStep;

/** A piece ready to be encoded. */
interface Encoded extends DispatchPiece {
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
    const storages = this.#bind(steps, kept);
    try {
      this.#upload(steps);
      this.#submit(steps.flatMap((step) => [...this.#pieces(step)]), timestamps);
    } catch (error) {
      storages.forEach((storage) => this.#pool.give(storage));
      throw error;
    }
    this.#giveBack(storages, kept);
  }

  /**
   * Submits the steps like `run`, but in parts of about {@linkcode partMs} each, and waits for the device after each of
   * them. Dispatches of slabs are cut between layers. Ends with the signal's reason where that is aborted.
   */
  async runInParts(steps: readonly Step[], kept: ReadonlySet<Node>, options: PartsOptions): Promise<void> {
    const { onProgress, signal } = options;
    signal?.throwIfAborted();
    const storages = this.#bind(steps, kept);
    try {
      this.#upload(steps);
      const total = steps.reduce((sum, step) => sum + groupsOf(step), 0);
      let size = firstPart;
      let done = 0;
      for (const part of partsOf(steps, () => size, (step, most) => this.#pieces(step, most))) {
        const start = performance.now();
        this.#submit(part.pieces);
        await this.#device.queue.onSubmittedWorkDone();
        signal?.throwIfAborted();
        done += part.groups;
        onProgress?.(Math.min(1, done / total));
        const factor = partMs / Math.max(1, performance.now() - start);
        size = Math.max(1, part.groups * Math.min(4, Math.max(0.25, factor)));
      }
    } catch (error) {
      storages.forEach((storage) => this.#pool.give(storage));
      throw error;
    }
    this.#giveBack(storages, kept);
  }

  /** Takes a storage for each node by the plan. */
  #bind(steps: readonly Step[], kept: ReadonlySet<Node>): Storage[] {
    const { slots, slotOf } = plan(steps, kept);
    this.#pool.reserve(slots, "The run");
    const taken: Storage[] = [];
    try {
      for (const need of slots) taken.push(this.#pool.take(need));
    } catch (error) {
      taken.forEach((storage) => this.#pool.give(storage));
      throw error;
    }
    for (const [node, slot] of slotOf) node.storage = taken[slot];
    return taken;
  }

  #giveBack(storages: readonly Storage[], kept: ReadonlySet<Node>): void {
    const keptStorages = new Set([...kept].map((node) => node.storage));
    for (const storage of storages) if (!keptStorages.has(storage)) this.#pool.give(storage);
  }

  #submit(pieces: readonly Piece[], timestamps?: GPUQuerySet): void {
    const encoded = this.#prepare(pieces);
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

  /** What a step becomes: copies as they are, dispatches compiled and cut into slabs, of at most `most()` groups where they can be. */
  *#pieces(step: Step, most?: () => number): Generator<Piece> {
    if (step.kind === "copy") {
      yield step;
      return;
    }
    const compiled = this.#compile(step);
    for (const slab of slabsOf(step, gridOf(step), this.#limits.maxBindingBytes, most)) yield { step, compiled, slab };
  }

  /** Packs the uniforms of all pieces into one buffer. */
  #prepare(pieces: readonly Piece[]): (Encoded | CopyStep)[] {
    let bytes = 0;
    const place = (size: number) => {
      const at = bytes;
      bytes += Math.ceil(size / uniformAlignment) * uniformAlignment;
      return at;
    };
    const encoded = pieces.map((piece): Encoded | CopyStep => {
      if ("from" in piece) return piece;
      const { compiled, step } = piece;
      const params = compiled.params ? place(compiled.params.bytes) : -1;
      return { ...piece, params, sizes: place(16 * (1 + step.nodes.length)) };
    });
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

/** Workgroups of a step as a whole. */
function groupsOf(step: Step): number {
  return step.kind === "copy" ? 0 : gridOf(step).reduce((product, count) => product * count, 1);
}

/** Deals the steps out to parts of about `size()` workgroups, which is asked anew for each part. */
function* partsOf(
  steps: readonly Step[],
  size: () => number,
  cut: (step: Step, most: () => number) => Iterable<Piece>,
): Generator<{ pieces: Piece[]; groups: number }> {
  let pieces: Piece[] = [];
  let groups = 0;
  for (const step of steps) {
    for (const piece of cut(step, size)) {
      pieces.push(piece);
      if (!("from" in piece)) groups += piece.slab.groups.reduce((product, count) => product * count, 1);
      if (groups < size()) continue;
      yield { pieces, groups };
      pieces = [];
      groups = 0;
    }
  }
  if (pieces.length > 0) yield { pieces, groups };
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
