/** The core of an engine: tensors, runs and readbacks on one device. */

import type { DType, Facts, Layout, Page, Recorder, Spec, Value } from "../../shaders/contract.ts";
import { isFloat, sizeOf } from "../../shaders/shape.ts";
import { dtypeOf, fromWords, type HostArray, type HostInput, toWords } from "../memory/elements.ts";
import { extentsOf, toRows4 } from "../memory/layout.ts";
import { refuseNeeds, storageBytes, textureNeed } from "../memory/pool.ts";
import { Tensor, type TensorOwner } from "../memory/tensor.ts";
import { abortable } from "./abortable.ts";
import type { Backend, PartsOptions, Stats, WaitOptions } from "./backend.ts";
import { Core, type CoreOptions } from "./core.ts";
import { isOnHost, partsOf, wordsOnHost } from "./derived.ts";
import type { Inputs } from "./prepared.ts";
import type { DeviceLimits } from "./executor.ts";
import { Plan, type PlanInputs, type PlanMaker, type PlanWork, type Variant } from "./plan.ts";
import {
  arrange,
  type Derived,
  nodesOfOwned,
  type Owned,
  record,
  type Recorded,
  type RunResult,
  type Tensors,
} from "./record.ts";
import type { Forms, Node } from "./recording.ts";
import { nameOf, pagesOf, type Schedule, scheduleOf, stepsFor } from "./schedule.ts";
import { nodesOf } from "./slots.ts";
import { Holding } from "../memory/holding.ts";

/** Most bytes kept for reuse where nothing is said. */
const keptDefault = 512 * 2 ** 20;

/** How a runtime is set up. */
export interface RuntimeOptions {
  /** Most bytes of device memory in use and kept for reuse. */
  readonly memoryBudget: number;
  /** Most bytes kept for reuse. Default a quarter of the budget, at most 512 MiB. */
  readonly memoryKept?: number;
  /** Submits every dispatch by itself, so that an error names the operation. */
  readonly debug?: boolean;
  /** Forces forms of operations by name. */
  readonly forms?: Forms;
  /** Whether marked loops are expanded (default); rolled pages serve tests. */
  readonly unroll?: boolean;
  /** Least bytes of a result that goes by way of a buffer, in place of the value measured for the adapter; for tests. */
  readonly stagedFrom?: number;
}

/** The options with what is not said filled in. */
export function coreOptions(options: RuntimeOptions): CoreOptions {
  const { memoryBudget, memoryKept = Math.min(memoryBudget / 4, keptDefault), stagedFrom } = options;
  return { memoryBudget, memoryKept, debug: options.debug ?? false, unroll: options.unroll ?? true, stagedFrom };
}

/** Most elements of an f64 tensor that are kept as they are, beside what the device has of them. */
const exactElements = 2 ** 16;

/** Runs work on a device. Everything but `read`, `compile` and `runInParts` returns at once. */
export class Runtime implements TensorOwner {
  /** What forms are chosen by. */
  readonly facts: Facts;
  readonly #options: RuntimeOptions;
  readonly #core: Backend;
  readonly #maker: PlanMaker;
  readonly #maxBufferBytes: number;
  /** The pages that made what tensors keep, such as packed weights. */
  readonly #packedBy = new WeakMap<Holding, readonly Page[]>();
  #conversions = 0;
  readonly #forms: Record<string, number> = {};
  #readbacks = 0;
  #readbackBytes = 0;

  /** Use `openEngine`. `device` is a device of this thread, or a backend whose device is elsewhere. */
  constructor(device: GPUDevice | Backend, facts: Facts, limits: DeviceLimits, options: RuntimeOptions) {
    this.facts = facts;
    this.#options = options;
    this.#maxBufferBytes = limits.maxBufferBytes;
    this.#core = "prepare" in device ? device : new Core(device, facts, limits, coreOptions(options));
    this.#maker = {
      variant: (work, inputs) => this.#variant(this.#record(work, inputs), inputs.length),
      compile: (prepared, signal) => this.#core.compile(prepared, signal),
      idle: (options) => this.idle(options),
      zeros: ({ dtype, shape }) => this.tensor(fromWords(new Uint32Array(sizeOf(shape)), dtype), shape, { dtype }),
      run: (variant, inputs) => this.#runVariant(variant, inputs),
      runInParts: async (variant, inputs, options) => {
        this.#noteRun(variant.prepared.schedule);
        const holdings = await this.#core.runInParts(variant.prepared, inputs, options);
        return this.#finish(variant.recorded, holdings);
      },
      release: ({ prepared }) => prepared.release(),
      uploadLayout: (spec) => this.#uploadLayout(spec),
      isOwn: (tensor) => tensor.isOf(this),
    };
  }

  /** The pages that were compiled so far, by which a result can be traced to its shaders. */
  get pages(): readonly Page[] {
    return this.#core.pages;
  }

  /** Makes every later run and readback fail with `error`: the device is lost or closed. */
  fail(error: Error): void {
    this.#core.fail(error);
  }

  /** Most bytes of device memory in use and kept for reuse. */
  get memoryBudget(): number {
    return this.#options.memoryBudget;
  }

  /**
   * A vector of host elements, which stay there and must not change: the device has them only while it needs them, so
   * that packed weights don't take memory twice.
   */
  weights(data: HostArray, dtype: DType): Tensor {
    this.#core.throwFailure();
    // The host computes with small f64 values, which may exceed what the device holds.
    if (data instanceof Float64Array && data.length <= exactElements) {
      return this.weights(Float32Array.from(data), dtype);
    }
    const words = data instanceof Float32Array && isFloat(dtype)
      ? new Uint32Array(data.buffer as ArrayBuffer, data.byteOffset, data.length)
      : toWords(data, dtype, [data.length]);
    if (words.length === 0) return new Tensor(this, dtype, [0], "linear");
    const holding = this.#core.upload({ kind: "buffer", bytes: words.byteLength }, words, "always");
    const tensor = new Tensor(this, dtype, [data.length], "linear", holding);
    if (data instanceof Float32Array && dtype === "f32") tensor.hostElements = data;
    return tensor;
  }

  /** A tensor of host elements, row-major. f32 unless the array's class or `dtype` says otherwise. */
  tensor(data: HostInput, shape: readonly number[], options: { dtype?: DType } = {}): Tensor {
    this.#core.throwFailure();
    const dtype = options.dtype ?? dtypeOf(data);
    if (!shape.every((size) => Number.isInteger(size) && size >= 0)) {
      throw new RangeError(`[${shape.join(", ")}] isn't a shape: sizes must be whole numbers from 0`);
    }
    if (dtype === "f64" && data instanceof Float64Array && data.length <= exactElements) {
      const rounded = this.tensor(Float32Array.from(data), shape, { dtype });
      rounded.exact = data.slice();
      return rounded;
    }
    const words = toWords(data, dtype, shape);
    if (words.length === 0) return new Tensor(this, dtype, shape, "linear");
    if (this.#uploadLayout({ dtype, shape }) === "rows4") {
      const texelWords = new Uint32Array(toRows4(new Float32Array(words.buffer), shape).buffer);
      const holding = this.#core.upload(textureNeed(extentsOf("rows4", shape), this.facts), texelWords);
      return new Tensor(this, dtype, shape, "rows4", holding);
    }
    const holding = this.#core.upload({ kind: "buffer", bytes: words.byteLength }, words);
    return new Tensor(this, dtype, shape, "linear", holding);
  }

  /**
   * Records `work`, plans its memory and submits it once. The tensors given belong to the caller. What is wrong with the
   * work is thrown; what the device finds wrong is the reason with which a readback of its tensors is rejected.
   */
  run<T extends RunResult>(work: (r: Recorder) => T): Tensors<T> {
    return this.#runOnce(work);
  }

  /**
   * Records work once for inputs of given types and shapes, plans its memory, compiles its pipelines and uploads its
   * tables; the plan then runs with any such tensors. Throws a `MemoryError` where it exceeds the budget and a
   * `DeviceError` where the device refuses a page.
   *
   * ```ts ignore
   * using plan = await engine.compile((r, [image]) => filters.median(r, image, { radius: 2 }), [image]);
   * const clean = plan.run([image]);
   * ```
   */
  async compile<const I extends PlanInputs, T extends RunResult>(
    work: PlanWork<I, T>,
    inputs: I,
    options: WaitOptions = {},
  ): Promise<Plan<I, T>> {
    const { signal } = options;
    signal?.throwIfAborted();
    this.#core.throwFailure();
    const plan = new Plan(this.#maker, work, inputs);
    try {
      await plan.compile(options);
      signal?.throwIfAborted();
    } catch (error) {
      plan.dispose();
      throw error;
    }
    return plan;
  }

  /**
   * Runs `work` like `run`, disposes of its results, and gives the milliseconds that the device took. For benchmarks:
   * it waits for the device.
   */
  async time(work: (r: Recorder) => RunResult): Promise<number> {
    const { prepared } = this.#variant(this.#record(work), 0);
    try {
      return await this.#core.time(prepared);
    } finally {
      prepared.release();
    }
  }

  /**
   * Runs `work` like `run`, but submits it in parts of about a quarter of a second and waits for the device after each:
   * for long work, which can then report progress and be aborted. It holds what it reads until it is done.
   */
  async runInParts<T extends RunResult>(work: (r: Recorder) => T, options: PartsOptions = {}): Promise<Tensors<T>> {
    options.signal?.throwIfAborted();
    const recorded = this.#record(work);
    const kept = nodesOfOwned([...recorded.outputs, ...recorded.derived]);
    const prepared = this.#core.prepare(scheduleOf(recorded.steps, kept), false);
    this.#noteRun(prepared.schedule);
    try {
      const holdings = await this.#core.runInParts(prepared, [], options);
      return arrange(recorded.result, this.#finish(recorded, holdings));
    } finally {
      prepared.release();
    }
  }

  /** Reads tensors back together: the only call that waits for results. Typed arrays by element type, row-major. */
  async read(tensors: readonly Tensor[], options: WaitOptions = {}): Promise<HostArray[]> {
    options.signal?.throwIfAborted();
    if (!tensors.every((tensor) => tensor.isOf(this))) {
      throw new TypeError("A tensor to be read belongs to another engine: read it there");
    }
    const { arrays, bytes } = await abortable(this.#core.read(tensors, options.signal), options.signal);
    this.noteReadback(bytes);
    return arrays.map((array, i) => tensors[i].exact?.slice() ?? array);
  }

  /** Called at each readback. */
  protected noteReadback(bytes: number): void {
    this.#readbacks++;
    this.#readbackBytes += bytes;
  }

  /** Called with the pages of each run once it is submitted, or as its first part is about to be. */
  protected notePages(_pages: Iterable<Page>): void {}

  /** Notes the pages of a run. Weights are packed by the first that needs them: what packed them counts for all. */
  #noteRun(schedule: Schedule): void {
    const packed = schedule.tensors.flatMap((tensor) => this.#packedBy.get(tensor) ?? []);
    this.notePages([...pagesOf(schedule), ...packed]);
  }

  /** Resolves when the device has done everything submitted: a wait, but not a readback. */
  async idle(options: WaitOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    await abortable(this.#core.idle(), options.signal);
  }

  /** What was done so far and what is held now. */
  stats(): Stats {
    return {
      ...this.#core.stats(),
      conversions: this.#conversions,
      forms: { ...this.#forms },
      readbacks: this.#readbacks,
      readbackBytes: this.#readbackBytes,
    };
  }

  /** Frees the memory that is kept for reuse. */
  trim(): void {
    this.#core.trim();
  }

  #runOnce<T extends RunResult>(work: (r: Recorder) => T): Tensors<T> {
    const variant = this.#variant(this.#record(work), 0, false);
    try {
      return arrange(variant.recorded.result as T, this.#runVariant(variant, []));
    } finally {
      variant.prepared.release();
    }
  }

  #runVariant({ recorded, prepared }: Variant, inputs: Inputs): Tensor[] {
    const holdings = this.#core.run(prepared, inputs);
    this.#noteRun(prepared.schedule);
    return this.#finish(recorded, holdings);
  }

  #record<T extends RunResult>(
    work: (r: Recorder, inputs: Value[]) => T,
    inputs: Parameters<PlanMaker["variant"]>[1] = [],
  ): Recorded<T> {
    this.#core.throwFailure();
    return record(work, inputs, { facts: this.facts, forms: this.#options.forms, owner: this });
  }

  /** Values that tensors keep are computed now, once; what follows reads them like the tensors. */
  #variant(recorded: Recorded<RunResult>, inputs: number, lasting = true): Variant {
    const { steps, derived } = recorded;
    const kept = nodesOfOwned(recorded.outputs);
    const made = nodesOfOwned(derived);
    let rest = steps;
    if (derived.length > 0) {
      const first = new Set(stepsFor(steps, made));
      // All other work stays, also where nobody asks for what it gives.
      const others = steps.filter((step) => !first.has(step)).flatMap(nodesOf);
      rest = stepsFor(steps, [...kept, ...others], new Set(made));
      this.#refuseEarly(scheduleOf(rest, kept, inputs, new Map(made.map((node) => [node, unfilled(node)]))));
    }
    const given = this.#derive(derived, steps);
    const schedule = scheduleOf(rest, kept, inputs, given);
    return { recorded: { ...recorded, steps: [], derived: [] }, prepared: this.#core.prepare(schedule, lasting) };
  }

  /** Throws a `MemoryError` for what exceeds the budget, before what tensors keep for it is computed. */
  #refuseEarly(schedule: Schedule): void {
    const { slots, tables, tensors } = schedule;
    const needs = [...slots, ...tables.map(({ need }) => need)];
    const others = tensors.reduce((sum, { need }) => sum + storageBytes(need), 0);
    refuseNeeds(needs, nameOf(schedule), others, this.memoryBudget, this.#maxBufferBytes);
  }

  /** Computes what tensors keep, a part at a time: what it is made of may then leave the device before the next. */
  #derive(derived: readonly Derived[], steps: Recorded<RunResult>["steps"]): Map<Node, Holding> {
    const given = new Map<Node, Holding>();
    for (const entry of derived.filter(isOnHost)) {
      given.set(entry.node!, this.#core.upload(entry.node!.need, wordsOnHost(entry), "untilNeeded"));
      this.#keep([entry], given);
    }
    for (const part of partsOf(derived.filter((entry) => !isOnHost(entry)))) {
      const nodes = nodesOfOwned(part);
      const schedule = scheduleOf(stepsFor(steps, nodes, new Set(given.keys())), nodes, 0, given);
      const prepared = this.#core.prepare(schedule, false);
      try {
        const holdings = this.#core.runLater(prepared);
        nodes.forEach((node, index) => given.set(node, holdings[index]));
        holdings.forEach((holding) => this.#packedBy.set(holding, pagesOf(schedule)));
      } finally {
        prepared.release();
      }
      this.#keep(part, given);
    }
    return given;
  }

  /** The tensors that a recording gives, once it has been submitted. */
  #finish(recorded: Recorded<RunResult>, holdings: readonly Holding[]): Tensor[] {
    this.#conversions += recorded.conversions;
    for (const [form, times] of recorded.formCounts) this.#forms[form] = (this.#forms[form] ?? 0) + times;
    const { outputs, derived } = recorded;
    const byNode = new Map(nodesOfOwned([...outputs, ...derived]).map((node, index) => [node, holdings[index]]));
    this.#keep(derived, byNode);
    return outputs.map((owned) => this.#make(owned, byNode));
  }

  #make({ value, node }: Owned, holdings: ReadonlyMap<Node, Holding>): Tensor {
    const holding = node && holdings.get(node);
    return new Tensor(this, value.dtype, value.shape, node?.layout ?? "linear", holding);
  }

  /** Hands values over to the tensors that keep them, but what failed. */
  #keep(derived: readonly Derived[], holdings: ReadonlyMap<Node, Holding>): void {
    for (const entry of derived) {
      const made = this.#make(entry, holdings);
      const { tensor, key } = entry;
      // While this run went on, another may have come first, or the tensor's owner be done with it.
      if (tensor.disposed || tensor.derived.has(key)) {
        made.dispose();
        continue;
      }
      tensor.derived.set(key, made);
      if (tensor.holding) this.#core.rest(tensor.holding);
      void made.holding?.verdict().then((error) => {
        if (error === undefined) return;
        if (tensor.derived.get(key) === made) tensor.derived.delete(key);
        made.dispose();
      });
    }
  }

  #uploadLayout({ dtype, shape }: Spec): Layout {
    if (!isFloat(dtype) || shape.length < 2 || shape.includes(0)) return "linear";
    const { texels, rows, layers } = extentsOf("rows4", shape);
    const { maxTextureSize, maxTextureLayers } = this.facts;
    return Math.max(texels, rows) <= maxTextureSize && layers <= maxTextureLayers ? "rows4" : "linear";
  }
}

/** What stands for a storage that is still to be made. */
const unfilled = ({ need }: Node): Holding => new Holding(need, () => {});
