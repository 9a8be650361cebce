/** The core of an engine: tensors, runs and readbacks on one device. */

import type { DType, Facts, Page, Recorder, Value } from "../../shaders/contract.ts";
import { DeviceError } from "../errors.ts";
import { dtypeOf, type HostArray, isFloat, toWords } from "../memory/elements.ts";
import { extentsOf, toRows4 } from "../memory/layout.ts";
import { Pool, type Storage } from "../memory/pool.ts";
import { Tensor, type TensorOwner } from "../memory/tensor.ts";
import { readTensors } from "../memory/transfer.ts";
import { Compiler } from "./compiler.ts";
import { type DeviceLimits, Executor, type PartsOptions } from "./executor.ts";
import { type Forms, type Node, RecordedValue, Recording } from "./recording.ts";

/** What the work of a run may return. */
export type RunResult = Value | readonly Value[] | Readonly<Record<string, Value>>;

/** The tensors that a run gives: one for each value that its work returned. */
export type Tensors<T extends RunResult> = T extends Value ? Tensor : { [K in keyof T]: Tensor };

/** How a runtime is set up. */
export interface RuntimeOptions {
  /** Most bytes of device memory in use and kept for reuse. */
  readonly memoryBudget: number;
  /** Checks every run by an error scope of its own, so that an error names the run's first operation. */
  readonly debug?: boolean;
  /** Forces forms of operations by name. */
  readonly forms?: Forms;
  /** Whether marked loops are expanded (default); rolled pages serve tests. */
  readonly unroll?: boolean;
}

/** What an engine has done and holds. */
export interface Stats {
  /** Bytes of device memory lent to tensors and runs, kept for reuse, and the highest sum of the two. */
  readonly bytes: { readonly lent: number; readonly kept: number; readonly peak: number };
  /** Dispatches submitted. */
  readonly dispatches: number;
  /** Submits to the queue, without those of readbacks. */
  readonly submits: number;
  /** Pipelines compiled. */
  readonly pipelines: number;
  /** Layout conversions that were inserted into runs. */
  readonly conversions: number;
  /** How often the host waited for the device to read. */
  readonly readbacks: number;
  /** Bytes copied to the host, with the padding of rows. */
  readonly readbackBytes: number;
}

/** A value of a recording with the node that a tensor takes over. */
type Owned = ReturnType<Recording["own"]>;

/** Work that was recorded, and what is kept of it. */
interface Recorded<T> {
  readonly recording: Recording;
  readonly result: T;
  readonly kept: ReadonlySet<Node>;
  readonly outputs: readonly Owned[];
  readonly derived: readonly ({ readonly tensor: Tensor; readonly key: string } & Owned)[];
}

/** Runs work on a device. Everything but `read` returns at once. */
export class Runtime implements TensorOwner {
  /** What forms are chosen by. */
  readonly facts: Facts;
  readonly #device: GPUDevice;
  readonly #limits: DeviceLimits;
  readonly #options: RuntimeOptions;
  readonly #pool: Pool;
  readonly #compiler: Compiler;
  readonly #executor: Executor;
  #failure: Error | undefined;
  #conversions = 0;
  #readbacks = 0;
  #readbackBytes = 0;
  /** Error scopes of runs that the device has not answered yet, in debug mode. */
  readonly #checks = new Set<Promise<void>>();

  /** Use `openEngine`. */
  constructor(device: GPUDevice, facts: Facts, limits: DeviceLimits, options: RuntimeOptions) {
    this.facts = facts;
    this.#device = device;
    this.#limits = limits;
    this.#options = options;
    this.#pool = new Pool(device, options.memoryBudget, limits.maxBufferBytes);
    this.#compiler = new Compiler(device, (error) => this.fail(error));
    this.#executor = new Executor(device, this.#pool, this.#compiler, limits, facts, {
      unroll: options.unroll ?? true,
    });
  }

  /** The pages that were compiled so far, by which a result can be traced to its shaders. */
  get pages(): readonly Page[] {
    return this.#compiler.pages;
  }

  /** Makes every later run and readback fail with `error`: the device is lost or has computed nothing. */
  fail(error: Error): void {
    this.#failure ??= error;
  }

  /** A tensor of host elements, row-major. f32 unless the array's class or `dtype` says otherwise. */
  tensor(data: HostArray, shape: readonly number[], options: { dtype?: DType } = {}): Tensor {
    this.#throwFailure();
    const dtype = options.dtype ?? dtypeOf(data);
    if (!shape.every((size) => Number.isInteger(size) && size >= 0)) {
      throw new RangeError(`[${shape.join(", ")}] is no shape: sizes are whole numbers from 0`);
    }
    const words = toWords(data, dtype, shape);
    if (words.length === 0) return new Tensor(this, dtype, shape, "linear");
    if (isFloat(dtype) && shape.length >= 2) {
      const { texels, rows, layers } = extentsOf("rows4", shape);
      const { maxTextureSize, maxTextureLayers } = this.facts;
      if (Math.max(texels, rows) <= maxTextureSize && layers <= maxTextureLayers) {
        const storage = this.#pool.take({ kind: "texture", width: texels, height: rows, layers });
        const values = toRows4(new Float32Array(words.buffer), shape);
        if (storage.kind === "texture") {
          this.#device.queue.writeTexture({ texture: storage.texture }, values, {
            bytesPerRow: texels * 16,
            rowsPerImage: rows,
          }, [texels, rows, layers]);
        }
        return new Tensor(this, dtype, shape, "rows4", storage);
      }
    }
    const storage = this.#pool.take({ kind: "buffer", bytes: words.byteLength });
    if (storage.kind === "buffer") this.#device.queue.writeBuffer(storage.buffer, 0, words);
    return new Tensor(this, dtype, shape, "linear", storage);
  }

  /** Records `work`, plans its memory and submits it once. The tensors given belong to the caller. */
  run<T extends RunResult>(work: (r: Recorder) => T): Tensors<T> {
    return this.#run(work);
  }

  /**
   * Runs `work` like `run`, disposes what it gives, and tells how many milliseconds the device was at it. For benchmarks:
   * it waits for the device. GPUs tell by their timestamps. Software drivers run everything in turn and block the map
   * until they are done, so that the host's clock tells; lavapipe's timestamps miss the work once a texture was copied.
   */
  async time(work: (r: Recorder) => RunResult): Promise<number> {
    const stamps = this.facts.adapter === "gpu"
      ? this.#device.createQuerySet({ type: "timestamp", count: 2 })
      : undefined;
    const resolved = this.#device.createBuffer({
      size: 16,
      usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
    });
    const staging = this.#device.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    try {
      const tensors = this.#run(work, stamps);
      for (const tensor of tensors instanceof Tensor ? [tensors] : Object.values<Tensor>(tensors)) tensor.dispose();
      const encoder = this.#device.createCommandEncoder();
      if (stamps) encoder.resolveQuerySet(stamps, 0, 2, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, staging, 0, 16);
      this.#device.queue.submit([encoder.finish()]);
      const mapped = staging.mapAsync(GPUMapMode.READ);
      const blocked = performance.now() - this.#executor.submittedAt;
      await mapped;
      const [begin, end] = new BigUint64Array(staging.getMappedRange());
      await this.#settled();
      return stamps ? Number(end - begin) / 1e6 : blocked;
    } finally {
      stamps?.destroy();
      resolved.destroy();
      staging.destroy();
    }
  }

  /**
   * Runs `work` like `run`, but submits it in parts of about a quarter of a second and waits for the device after each: for
   * work that takes long, which can then be followed and ended. Tensors that it reads must stay alive until it is done.
   */
  async runInParts<T extends RunResult>(work: (r: Recorder) => T, options: PartsOptions = {}): Promise<Tensors<T>> {
    const recorded = this.#record(work);
    await this.#executor.runInParts(recorded.recording.steps, recorded.kept, options);
    await this.#settled();
    return this.#finish(recorded);
  }

  #run<T extends RunResult>(work: (r: Recorder) => T, timestamps?: GPUQuerySet): Tensors<T> {
    const recorded = this.#record(work);
    if (this.#options.debug) this.#device.pushErrorScope("validation");
    try {
      this.#executor.run(recorded.recording.steps, recorded.kept, timestamps);
    } finally {
      if (this.#options.debug) this.#checkScope(recorded.recording);
    }
    return this.#finish(recorded);
  }

  #record<T extends RunResult>(work: (r: Recorder) => T): Recorded<T> {
    this.#throwFailure();
    const recording = new Recording(this.facts, this.#options.forms);
    const result = work(recording);
    const kept = new Set<Node>();
    const own = (value: Value) => {
      const owned = recording.own(value, kept);
      if (owned.node) kept.add(owned.node);
      return owned;
    };
    const outputs = valuesOf(result).map(own);
    const derived = recording.pending.map((entry) => ({ ...entry, ...own(entry.value) }));
    return { recording, result, kept, outputs, derived };
  }

  /** The tensors that a recording gives, once it has been submitted. */
  #finish<T extends RunResult>({ recording, result, outputs, derived }: Recorded<T>): Tensors<T> {
    this.#conversions += recording.conversions;
    const make = ({ value, node }: Owned) =>
      new Tensor(this, value.dtype, value.shape, node?.layout ?? "linear", node?.storage);
    for (const entry of derived) {
      // Another run may have come first while this one went on in parts.
      entry.tensor.derived.get(entry.key)?.dispose();
      entry.tensor.derived.set(entry.key, make(entry));
    }
    const tensors = outputs.map(make);
    if (isValue(result)) return tensors[0] as Tensors<T>;
    if (Array.isArray(result)) return tensors as unknown as Tensors<T>;
    return Object.fromEntries(Object.keys(result).map((name, index) => [name, tensors[index]])) as Tensors<T>;
  }

  /** Reads tensors back, together: the one thing that waits. Typed arrays by element type, row-major. */
  async read(tensors: readonly Tensor[]): Promise<HostArray[]> {
    this.#throwFailure();
    const { arrays, bytes } = await readTensors(this.#device, tensors, this.#limits.maxBufferBytes);
    this.#readbacks++;
    this.#readbackBytes += bytes;
    await this.#settled();
    return arrays;
  }

  /** Waits until the device has answered for every pipeline and checked run, and throws what was wrong. */
  async #settled(): Promise<void> {
    await this.#compiler.settled();
    if (this.#checks.size > 0) await Promise.all(this.#checks);
    this.#throwFailure();
  }

  /** What was done so far and what is held now. */
  stats(): Stats {
    return {
      bytes: this.#pool.bytes,
      ...this.#executor.counters,
      pipelines: this.#compiler.count,
      conversions: this.#conversions,
      readbacks: this.#readbacks,
      readbackBytes: this.#readbackBytes,
    };
  }

  /** Takes back the storage of a disposed tensor. */
  release(storage: Storage): void {
    this.#pool.give(storage);
  }

  /** Destroys what is kept for reuse. */
  trim(): void {
    this.#pool.trim();
  }

  #checkScope(recording: Recording): void {
    const first = recording.steps.find((step) => step.kind === "dispatch");
    const label = first?.kind === "dispatch" ? first.label : "copies";
    const check = this.#device.popErrorScope().then((error) => {
      if (error) this.fail(new DeviceError(`The run that begins with ${label} is invalid: ${error.message}`));
    }).finally(() => this.#checks.delete(check));
    this.#checks.add(check);
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure;
  }
}

const isValue = (result: RunResult): result is Value => result instanceof RecordedValue || result instanceof Tensor;

const valuesOf = (result: RunResult): Value[] => isValue(result) ? [result] : Object.values(result);
