import type { Layout, Recorder, Spec, Value } from "../../shaders/contract.ts";
import { Tensor } from "../memory/tensor.ts";
import type { PartsOptions, PreparedWork, WaitOptions } from "./backend.ts";
import type { Inputs } from "./prepared.ts";
import { arrange, type Input, type Recorded, type RunResult, type Tensors } from "./record.ts";

/** Type and shape of what a plan is given, and its layout where it isn't that of an uploaded tensor. */
export interface PlanInput extends Spec {
  /** Default: the layout of tensors that `engine.tensor` gives. */
  readonly layout?: Layout;
}

/** The inputs of a plan, by position or by name; a tensor serves as well. */
export type PlanInputs = readonly PlanInput[] | Readonly<Record<string, PlanInput>>;

/** The inputs of a plan's work. */
export type InputValues<I extends PlanInputs> = { readonly [K in keyof I]: Value };

/** The inputs of a plan's run. */
export type InputTensors<I extends PlanInputs> = { readonly [K in keyof I]: Tensor };

/** Work of a plan. */
export type PlanWork<I extends PlanInputs, T extends RunResult> = (r: Recorder, inputs: InputValues<I>) => T;

/** Work that was recorded for inputs in certain layouts. */
export interface Variant {
  readonly recorded: Recorded<RunResult>;
  readonly prepared: PreparedWork;
}

/** What a plan asks of the engine that compiled it. */
export interface PlanMaker {
  /** Records and prepares work for inputs in certain layouts. */
  variant(work: (r: Recorder, inputs: Value[]) => RunResult, inputs: readonly Input[]): Variant;
  /** Compiles its pipelines and packs its params. */
  compile(work: PreparedWork, signal?: AbortSignal): Promise<void>;
  idle(options: WaitOptions): Promise<void>;
  zeros(spec: Spec): Tensor;
  run(variant: Variant, inputs: Inputs): Tensor[];
  runInParts(variant: Variant, inputs: Inputs, options: PartsOptions): Promise<Tensor[]>;
  release(variant: Variant): void;
  /** The layout in which tensors are uploaded. */
  uploadLayout(spec: Spec): Layout;
  isOwn(tensor: Tensor): boolean;
}

/**
 * Work that was recorded, planned and compiled once: its pipelines are there, its params packed, its tables uploaded. Run
 * it with tensors of the types and shapes that it was compiled for. It holds what it reads besides its inputs, such as
 * weights, until it is disposed of.
 */
export class Plan<I extends PlanInputs = PlanInputs, T extends RunResult = RunResult> implements Disposable {
  readonly #maker: PlanMaker;
  readonly #work: PlanWork<I, T>;
  readonly #names: readonly string[] | undefined;
  readonly #inputs: readonly PlanInput[];
  /** By the layouts of the inputs: one, unless tensors come in several. */
  readonly #variants = new Map<string, Variant>();
  #disposed = false;

  /** Use `engine.compile`. */
  constructor(maker: PlanMaker, work: PlanWork<I, T>, inputs: I) {
    this.#maker = maker;
    this.#work = work;
    this.#names = Array.isArray(inputs) ? undefined : Object.keys(inputs);
    this.#inputs = Object.values(inputs).map(({ dtype, shape, layout }) => ({ dtype, shape: [...shape], layout }));
    this.#variant(this.#inputs.map(({ dtype, shape, layout }) => layout ?? maker.uploadLayout({ dtype, shape })));
  }

  /** Most bytes of device memory that a run needs besides what it is given and the tensors that it reads. */
  get bytes(): number {
    return Math.max(0, ...[...this.#variants.values()].map(({ prepared }) => prepared.bytes));
  }

  /** Waits until its pipelines are compiled, as `engine.compile` has done. */
  async compile({ signal }: WaitOptions = {}): Promise<void> {
    for (const { prepared } of this.#variants.values()) await this.#maker.compile(prepared, signal);
  }

  /**
   * Runs it once on zeros and waits for the device: some drivers compile a pipeline only at its first use, which would
   * make the first real run slower than others. Throws a `DeviceError` where the device refuses a page.
   */
  async warm(options: WaitOptions = {}): Promise<void> {
    const tensors = this.#inputs.map((input) => this.#maker.zeros(input));
    try {
      const given = this.#names === undefined
        ? tensors
        : Object.fromEntries(this.#names.map((name, index) => [name, tensors[index]]));
      const results = this.run(given as InputTensors<I>);
      for (const tensor of results instanceof Tensor ? [results] : Object.values(results)) tensor.dispose();
      await this.compile(options);
      await this.#maker.idle(options);
    } finally {
      tensors.forEach((tensor) => tensor.dispose());
    }
  }

  /**
   * Submits the plan once, with these tensors for its inputs. The tensors given belong to the caller. Throws a
   * `TypeError` where a tensor has another type or shape than the plan was compiled for.
   */
  run(tensors: InputTensors<I>): Tensors<T> {
    const list = this.#listed(tensors);
    const variant = this.#variant(list.map(({ layout }) => layout));
    const results = this.#maker.run(variant, list.map((tensor) => tensor.holding));
    return arrange(variant.recorded.result as T, results);
  }

  /** Runs like `run`, but in parts, as `engine.runInParts` does. */
  async runInParts(tensors: InputTensors<I>, options: PartsOptions = {}): Promise<Tensors<T>> {
    const list = this.#listed(tensors);
    const variant = this.#variant(list.map(({ layout }) => layout));
    const results = await this.#maker.runInParts(variant, list.map((tensor) => tensor.holding), options);
    return arrange(variant.recorded.result as T, results);
  }

  /** Frees its tables and releases what it reads. Runs under way go on. */
  dispose(): void {
    this.#disposed = true;
    for (const variant of this.#variants.values()) this.#maker.release(variant);
    this.#variants.clear();
  }

  /** Disposes of it at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #listed(tensors: InputTensors<I>): Tensor[] {
    if (this.#disposed) throw new TypeError("A plan is run after it was disposed of");
    const list: Tensor[] = this.#names === undefined
      ? [...tensors as unknown as Tensor[]]
      : this.#names.map((name) => (tensors as Record<string, Tensor>)[name]);
    this.#inputs.forEach((input, index) => {
      const tensor = list[index];
      const name = this.#names?.[index] ?? `${index}`;
      const wanted = `${input.dtype} [${input.shape.join(", ")}]`;
      if (tensor === undefined) throw new TypeError(`The plan needs its input "${name}", ${wanted}`);
      if (tensor.dtype !== input.dtype || String(tensor.shape) !== String(input.shape)) {
        const given = `${tensor.dtype} [${tensor.shape.join(", ")}]`;
        throw new TypeError(`The plan takes ${wanted} as its input "${name}", but ${given} is given`);
      }
      if (!this.#maker.isOwn(tensor)) {
        throw new TypeError(`The tensor given as input "${name}" of a plan belongs to another engine`);
      }
    });
    return list;
  }

  #variant(layouts: readonly Layout[]): Variant {
    const key = layouts.join();
    let variant = this.#variants.get(key);
    // What failed once, such as packing weights without memory, is not run again and again.
    if (variant !== undefined && variant.prepared.schedule.tensors.some(({ error }) => error)) {
      this.#variants.delete(key);
      this.#maker.release(variant);
      variant = undefined;
    }
    if (variant !== undefined) return variant;
    const inputs = this.#inputs.map(({ dtype, shape }, index): Input => ({ dtype, shape, layout: layouts[index] }));
    variant = this.#maker.variant((r, values) => this.#work(r, this.#named(values)), inputs);
    this.#variants.set(key, variant);
    return variant;
  }

  #named(values: Value[]): InputValues<I> {
    if (this.#names === undefined) return values as unknown as InputValues<I>;
    return Object.fromEntries(this.#names.map((name, index) => [name, values[index]])) as InputValues<I>;
  }
}
