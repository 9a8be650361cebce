/** Encodes and submits the steps of a schedule on one device. */

import type { Facts, Page } from "../../shaders/contract.ts";
import type { Extents } from "../memory/layout.ts";
import type { Storage } from "../memory/pool.ts";
import { CodesAhead } from "./codes_ahead.ts";
import type { Compiled, Compiler, Recipe } from "./compiler.ts";
import { type DriverCode, textureKind } from "./driver_code.ts";
import type { LaterWork } from "./later_work.ts";
import { firstTensorBinding, type Home, paramsBinding, sizesBinding, type TextureAccess } from "./page.ts";
import { packParams } from "./params.ts";
import { gridOf } from "./parts.ts";
import type { DispatchStep, Step } from "./recording.ts";
import type { Schedule } from "./schedule.ts";
import { type Slab, slabsOf } from "./slabs.ts";
import {
  planStaging,
  stagedCopies,
  type StagedCopy,
  stagedFrom,
  stagedSlab,
  type Staging,
  type StagingPlan,
} from "./staging.ts";

/** Offsets of uniform ranges are aligned to this. */
const uniformAlignment = 256;
/** Bind groups that a dispatch keeps: a plan that is run again finds its storages in a few arrangements. */
const keptBindGroups = 4;

/** What a device can bind and hold. */
export interface DeviceLimits {
  /** Most bytes of a buffer that a page can see at once. */
  readonly maxBindingBytes: number;
  /** Most bytes of a buffer. */
  readonly maxBufferBytes: number;
}

/** Those of a device's limits that matter here. */
export function limitsOf(limits: Readonly<Record<string, number>>): DeviceLimits {
  return { maxBindingBytes: limits.maxStorageBufferBindingSize, maxBufferBytes: limits.maxBufferSize };
}

/** How often what was done. */
export interface Counters {
  dispatches: number;
  submits: number;
}

/** A run of layers of a dispatch, or all of it, with the places of what it binds; -1 has no elements. */
interface DispatchPiece {
  readonly kind: "dispatch";
  readonly step: DispatchStep;
  readonly compiled: Compiled;
  readonly slab: Slab;
  readonly places: readonly number[];
  /** What it stored by way of a buffer goes on into textures from here. */
  readonly staged?: { readonly from: number; readonly copies: readonly StagedCopy[] };
}

/** A copy from one place to another. */
interface CopyPiece {
  readonly kind: "copy";
  readonly slab?: undefined;
  readonly from: number;
  readonly to: number;
  readonly extents: Extents;
}

/** The code that a step needs, and what its pipeline is made of. */
interface PlannedCode extends DriverCode {
  readonly recipe: Recipe;
}

/** What a step becomes. */
export type Piece = DispatchPiece | CopyPiece;

/** A piece ready to be encoded. */
interface EncodedDispatch extends DispatchPiece {
  /** Byte offsets of its uniforms; `params` is -1 where the page has none. */
  readonly params: number;
  readonly sizes: number;
  /** The bind groups made last, with what they bind. */
  readonly known: { readonly storages: readonly (Storage | undefined)[]; readonly group: GPUBindGroup }[];
}

/** Pieces with their uniforms on the device. */
export interface Encoded {
  readonly pieces: readonly (EncodedDispatch | CopyPiece)[];
  readonly uniforms: GPUBuffer;
}

/** Encodes and submits pieces. */
export class Executor {
  readonly counters: Counters = { dispatches: 0, submits: 0 };
  /** When the last submit was made, on the clock of `performance.now()`. */
  submittedAt = 0;
  readonly #device: GPUDevice;
  readonly #compiler: Compiler;
  readonly #limits: DeviceLimits;
  readonly #textureAccess: TextureAccess;
  readonly #unroll: boolean;
  /** Makes the code of pipelines before their first use, where the driver doesn't make it with them. */
  readonly #codesAhead: CodesAhead | undefined;
  /** Bytes of a result from which on its stores go by way of a buffer. */
  readonly #stagedFrom: number;
  /** Bound in the place of tensors without elements; apart for reading and writing, which exclude each other. */
  readonly #placeholders: Readonly<Record<"read" | "write", { buffer: GPUBuffer; view: GPUTextureView }>>;
  /** Uniforms of runs that are forgotten once they are submitted. */
  #scratch: GPUBuffer;

  constructor(
    device: GPUDevice,
    compiler: Compiler,
    limits: DeviceLimits,
    facts: Facts,
    options: { unroll: boolean; stagedFrom?: number },
  ) {
    this.#device = device;
    this.#compiler = compiler;
    this.#limits = limits;
    // Measured: Mesa's software drivers read storage textures four times faster; SwiftShader and GPUs sampled ones.
    this.#textureAccess = facts.adapter === "lavapipe" || facts.adapter === "opengl" ? "storage" : "sampled";
    this.#unroll = options.unroll;
    this.#codesAhead = facts.adapter === "lavapipe" ? new CodesAhead(device) : undefined;
    this.#stagedFrom = options.stagedFrom ?? stagedFrom(facts.adapter);
    this.#scratch = uniformBuffer(device, 1 << 16);
    this.#placeholders = { read: placeholder(device), write: placeholder(device) };
  }

  /** Which steps store by way of a buffer, and the buffer that a run then needs besides its slots. */
  staging(schedule: Schedule): StagingPlan | undefined {
    return planStaging(schedule.steps, this.#stagedFrom, this.#limits.maxBindingBytes);
  }

  /**
   * Compiles the pipelines of steps, one after the other as each is called. Other work of the device begins `beside`, a piece
   * of it before each pipeline.
   */
  *pipelines(steps: readonly Step[], plan?: StagingPlan, beside?: LaterWork): Generator<() => void> {
    const dispatches = steps.filter((step) => step.kind === "dispatch");
    if (this.#codesAhead === undefined) {
      for (const step of dispatches) {
        yield () => {
          beside?.next()?.();
          this.#compiler.compile(this.#recipe(step, plan?.steps.get(step)));
        };
      }
      return;
    }
    const codes: PlannedCode[] = [];
    for (const step of dispatches) yield () => codes.push(this.#code(step, plan?.steps.get(step)));
    const underWay = this.#codesAhead.begin(codes);
    try {
      for (const code of codes) {
        yield () => {
          const begin = code.recipe.compiled === undefined ? beside?.next() : undefined;
          if (begin !== undefined) underWay.beside(begin);
          underWay.make(this.#compiled(code), code);
        };
      }
    } finally {
      // Whoever doesn't go on to the end needs none of it now.
      underWay.leave();
    }
  }

  /** Compiles the pipelines of steps. */
  compile(steps: readonly Step[], plan?: StagingPlan): void {
    for (const compile of this.pipelines(steps, plan)) compile();
  }

  /** Resolves when no other thread makes code for pipelines. */
  async codesMade(): Promise<void> {
    await this.#codesAhead?.idle();
  }

  /** Has no other thread make code any more: nothing will use it. */
  endCodes(): void {
    this.#codesAhead?.end();
  }

  /** What a step becomes: dispatches compiled and cut into slabs, of at most `most()` groups where they can be. */
  *pieces(
    step: Step,
    { placeOf, places: staging }: Schedule,
    plan?: StagingPlan,
    most?: () => number,
  ): Generator<Piece> {
    if (step.kind === "copy") {
      const { from, to } = step;
      yield { kind: "copy", from: placeOf.get(from)!, to: placeOf.get(to)!, extents: from.extents };
      return;
    }
    const staged = plan?.steps.get(step);
    const compiled = this.#compiled(this.#code(step, staged));
    const places = step.nodes.map((node) => node === null ? -1 : placeOf.get(node)!);
    const limits = { bytes: this.#limits.maxBindingBytes, layers: staged?.layers ?? Infinity };
    for (const slab of slabsOf(step, gridOf(step), limits, most)) {
      if (staged === undefined) {
        yield { kind: "dispatch", step, compiled, slab, places };
        continue;
      }
      yield {
        kind: "dispatch",
        step,
        compiled,
        slab: stagedSlab(slab, staged),
        places: places.map((place, index) => staged.ranges[index] ? staging : place),
        staged: { from: staging, copies: stagedCopies(step, slab, staged, places) },
      };
    }
  }

  /** Packs the uniforms of all pieces into one buffer: one of their own where they are `lasting`. */
  encode(pieces: readonly Piece[], lasting: boolean): Encoded {
    let bytes = 0;
    const place = (size: number) => {
      const at = bytes;
      bytes += Math.ceil(size / uniformAlignment) * uniformAlignment;
      return at;
    };
    const encoded = pieces.map((piece): EncodedDispatch | CopyPiece => {
      if (piece.kind === "copy") return piece;
      const { compiled, step } = piece;
      const params = compiled.params ? place(compiled.params.bytes) : -1;
      return { ...piece, params, sizes: place(16 * (1 + step.nodes.length)), known: [] };
    });
    if (!lasting && this.#scratch.size < bytes) {
      this.#scratch.destroy();
      this.#scratch = uniformBuffer(this.#device, 2 ** Math.ceil(Math.log2(bytes)));
    }
    const uniforms = lasting ? uniformBuffer(this.#device, Math.max(uniformAlignment, bytes)) : this.#scratch;
    if (bytes === 0) return { pieces: encoded, uniforms };
    const view = new DataView(new ArrayBuffer(bytes));
    for (const entry of encoded) {
      if (entry.kind === "copy") continue;
      const { step, compiled } = entry;
      if (compiled.params) packParams(step.label, compiled.params, step.call.params ?? {}, view, entry.params);
      packSizes(entry, view);
    }
    this.#device.queue.writeBuffer(uniforms, 0, view.buffer);
    return { pieces: encoded, uniforms };
  }

  /**
   * Submits pieces with the storages at their places. `timestamps` gets the device's time before the first dispatch (0)
   * and after the last (1); what is timed contains no copies.
   */
  submit({ pieces, uniforms }: Encoded, bound: readonly (Storage | undefined)[], timestamps?: GPUQuerySet): void {
    const encoder = this.#device.createCommandEncoder();
    const timestampWrites = timestamps &&
      { querySet: timestamps, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 };
    let pass: GPUComputePassEncoder | undefined;
    for (const piece of pieces) {
      if (piece.kind === "copy") {
        pass?.end();
        pass = undefined;
        copy(encoder, bound[piece.from], bound[piece.to], piece.extents);
      } else {
        pass ??= encoder.beginComputePass({ timestampWrites });
        pass.setPipeline(piece.compiled.pipeline);
        pass.setBindGroup(0, this.#bindGroup(piece, bound, uniforms));
        pass.dispatchWorkgroups(...piece.slab.groups);
        this.counters.dispatches++;
        if (!piece.staged?.copies.length) continue;
        pass.end();
        pass = undefined;
        copyStaged(encoder, bound, piece.staged);
      }
    }
    pass?.end();
    const commands = encoder.finish();
    this.submittedAt = performance.now();
    this.#device.queue.submit([commands]);
    this.counters.submits++;
  }

  /** What the pipeline of a step is made of, and the kinds of textures that it is bound to. */
  #code(step: DispatchStep, staging?: Staging): PlannedCode {
    const recipe = this.#recipe(step, staging);
    const textures = step.nodes.map((node, index) => {
      if (node?.need.kind !== "texture" || staging?.ranges[index]) return undefined;
      const { width, height, layers } = node.need;
      return textureKind(width, height, layers);
    });
    return { source: recipe.source, textures, recipe };
  }

  #compiled(code: PlannedCode): Compiled {
    return this.#compiler.compile(code.recipe, this.#codesAhead?.pipelineOf(code));
  }

  #recipe(step: DispatchStep, staging?: Staging): Recipe {
    const homes: Record<string, Home> = {};
    step.page.bindings.forEach((binding, index) => {
      if (binding.layout === "linear") return;
      homes[binding.name] = staging?.ranges[index] ? "staged" : step.nodes[index]?.home ?? "texture";
    });
    const { tune = {}, overrides = {} } = step.call;
    const variant = { homes, textureAccess: this.#textureAccess, tune, unroll: this.#unroll };
    return this.#compiler.recipe(step.page, variant, overrides);
  }

  #bindGroup(piece: EncodedDispatch, bound: readonly (Storage | undefined)[], uniforms: GPUBuffer): GPUBindGroup {
    const { step, compiled, slab, places, known } = piece;
    const same = known.find(({ storages }) => places.every((place, index) => storages[index] === bound[place]));
    if (same !== undefined) return same.group;
    const uniform = (binding: number, offset: number, size: number) => ({
      binding,
      resource: { buffer: uniforms, offset, size },
    });
    const entries: GPUBindGroupEntry[] = [uniform(sizesBinding, piece.sizes, 16 * (1 + places.length))];
    if (compiled.params) entries.push(uniform(paramsBinding, piece.params, compiled.params.bytes));
    const storages = places.map((place) => bound[place]);
    storages.forEach((storage, index) => {
      const resource = this.#resource(step.page, index, storage, slab.ranges[index]);
      entries.push({ binding: firstTensorBinding + index, resource });
    });
    const group = this.#device.createBindGroup({ label: step.label, layout: compiled.bindings, entries });
    if (known.length === keptBindGroups) known.shift();
    known.push({ storages, group });
    return group;
  }

  #resource(
    page: Page,
    index: number,
    storage: Storage | undefined,
    range: Slab["ranges"][number],
  ): GPUBindingResource {
    if (storage?.kind === "texture") return storage.view;
    if (storage && range) return { buffer: storage.buffer, offset: range.offset, size: Math.max(16, range.bytes) };
    const { access, layout } = page.bindings[index];
    const { buffer, view } = this.#placeholders[access === "read" ? "read" : "write"];
    return layout === "linear" ? { buffer } : view;
  }
}

function placeholder(device: GPUDevice): { buffer: GPUBuffer; view: GPUTextureView } {
  const usage = GPUTextureUsage.STORAGE_BINDING | GPUTextureUsage.TEXTURE_BINDING;
  const texture = device.createTexture({ size: [1, 1, 1], format: "rgba32float", usage });
  return {
    buffer: device.createBuffer({ size: 256, usage: GPUBufferUsage.STORAGE }),
    view: texture.createView({ dimension: "2d-array" }),
  };
}

function uniformBuffer(device: GPUDevice, size: number): GPUBuffer {
  return device.createBuffer({ label: "uniforms", size, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
}

function packSizes({ step, slab, sizes }: EncodedDispatch, view: DataView): void {
  view.setInt32(sizes, slab.begin, true);
  view.setInt32(sizes + 4, slab.end, true);
  step.nodes.forEach((node, index) => {
    if (!node) return;
    const { texels, rows, layers } = node.extents;
    const range = slab.ranges[index];
    const last = node.layout === "linear" ? (range?.bytes ?? 0) / 4 : layers;
    [texels, rows, last, range?.first ?? 0].forEach((value, word) => {
      view.setInt32(sizes + 16 * (1 + index) + 4 * word, value, true);
    });
  });
}

/** Copies what a dispatch stored into a buffer into the textures that it is for. */
function copyStaged(
  encoder: GPUCommandEncoder,
  bound: readonly (Storage | undefined)[],
  { from, copies }: NonNullable<DispatchPiece["staged"]>,
): void {
  const source = bound[from];
  for (const { to, source: range, origin, size } of copies) {
    const target = bound[to];
    if (source?.kind !== "buffer" || target?.kind !== "texture") continue;
    encoder.copyBufferToTexture({ ...range, buffer: source.buffer }, { texture: target.texture, origin: [...origin] }, [
      ...size,
    ]);
  }
}

function copy(
  encoder: GPUCommandEncoder,
  source: Storage | undefined,
  target: Storage | undefined,
  { texels, rows, layers }: Extents,
): void {
  if (source?.kind === "buffer" && target?.kind === "buffer") {
    encoder.copyBufferToBuffer(source.buffer, 0, target.buffer, 0, Math.min(source.bytes, target.bytes));
  } else if (source?.kind === "texture" && target?.kind === "texture") {
    encoder.copyTextureToTexture({ texture: source.texture }, { texture: target.texture }, [texels, rows, layers]);
  }
}
