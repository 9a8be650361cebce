import type { Recorder, Spec, Value } from "../../shaders/mod.ts";
import { MemoryError, ModelError, UnsupportedError } from "../errors.ts";
import type { Plan, Runtime, WaitOptions } from "../kernel/mod.ts";
import type { HostArray, Tensor } from "../memory/mod.ts";
import { type HostValue, isDeviceType, numbersOf } from "./host_value.ts";
import { type Feed, Lowerer, type Segment } from "./lower.ts";
import type { Model, ValueInfo } from "./model.ts";
import { checkBudget, checkTypes } from "./model_checks.ts";
import { checkFeeds, type Net, type NetReport, type ReadReport } from "./net.ts";
import { NeedsHost, type Operand } from "./operator.ts";
import { allPasses, passed, type Passes, prepareModel } from "./passes/mod.ts";
import { constantsOf, givenOf, type Program, recordProgram } from "./program.ts";
import { reportOf } from "./report.ts";
import { checkOperators } from "./supported.ts";
import { type FeedShapes, feedSpecs, warmNet } from "./warm.ts";

/** A segment with all passes done, what it alone keeps on the device, and the segments that have followed it. */
interface Stretch {
  readonly lowerer: Lowerer;
  readonly segment: Segment;
  readonly program: Program;
  readonly own: Map<HostValue, Tensor>;
  /** Values of stretches before that it reads. */
  readonly given: readonly Operand[];
  /** By the elements that were read. */
  readonly next: Map<string, Stretch>;
  /** Runs that go through it or what follows it. */
  users: number;
  /** It is to be disposed of as soon as nobody uses it. */
  isDropped: boolean;
  /** What runs replay: from the first run on at the network's begin, from the second on where its shapes were computed. */
  plan?: Promise<StretchPlan>;
  ran: boolean;
}

type StretchPlan = Plan<readonly Spec[], Record<string, Value>>;

/** Sets of shapes that are kept, and ways that a network went on after a read; the oldest goes when there are more. */
const keptStretches = 32;
const keptContinuations = 4;

/** A network on the engine's device. */
export class GpuNet implements Net {
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly #core: Runtime;
  readonly #model: Model;
  readonly #passes: Passes;
  readonly #weights = new Map<HostValue, Tensor>();
  readonly #stretches = new Map<string, Stretch>();
  /** Inputs whose elements shapes depend on: read before the network is recorded. */
  readonly #hostInputs = new Set<string>();
  /** The stretches of the last run. */
  #last: readonly Stretch[] = [];
  #closed = false;
  /** Runs under way, which go on when the network is closed. */
  #running = 0;

  constructor(core: Runtime, model: Model, passes: Passes = allPasses) {
    this.#passes = passes;
    this.#core = core;
    this.inputs = model.inputs;
    this.outputs = model.outputs;
    checkOperators(model);
    checkTypes(model);
    this.#model = prepareModel(model, passes);
    this.#constants = new Set(this.#model.constants.values());
    checkBudget(this.#model, core.memoryBudget);
    this.#loadStatic();
  }

  readonly #constants: ReadonlySet<HostValue>;

  record(r: Recorder, feeds: Readonly<Record<string, Value>>): Record<string, Value> {
    this.#throwClosed();
    try {
      const stretch = this.#begin(feeds, {});
      this.#last = [stretch];
      const [read] = stretch.segment.reads;
      if (read === undefined) return this.#record(r, stretch, feeds, new Map());
      throw this.#recordRefusal(`values that node ${read.node} needs`);
    } catch (error) {
      if (!(error instanceof NeedsHost)) throw error;
      throw this.#recordRefusal(`the elements of ${error.inputs.join(", ")}`);
    }
  }

  async run(
    feeds: Readonly<Record<string, Tensor>>,
    { signal }: WaitOptions = {},
  ): Promise<Record<string, Tensor>> {
    signal?.throwIfAborted();
    checkFeeds(this.#model.name, this.inputs, feeds);
    this.#throwClosed();
    const own = Object.fromEntries(this.inputs.map(({ name }) => [name, feeds[name].share()]));
    this.#running++;
    try {
      return await this.#runOwn(own, signal);
    } finally {
      for (const tensor of Object.values(own)) tensor.dispose();
      if (--this.#running === 0 && this.#closed) disposeAll(this.#weights);
    }
  }

  /** Runs with feeds that stay whatever their owner disposes of meanwhile. */
  async #runOwn(
    feeds: Readonly<Record<string, Tensor>>,
    signal: AbortSignal | undefined,
  ): Promise<Record<string, Tensor>> {
    const way = [await this.#beginByElements(feeds)];
    const held = new Map<Operand, Tensor>();
    way[0].users++;
    try {
      for (;;) {
        signal?.throwIfAborted();
        const stretch = way[way.length - 1];
        const { segment: { kept, needed, reads } } = stretch;
        const results = await this.#runStretch(stretch, feeds, held, way.length === 1).catch((error) => {
          throw named(error, this.#model.name);
        });
        keepExact(stretch, results);
        if (reads.length === 0) return results;
        for (const [operand, name] of kept) held.set(operand, results[name]);
        const arrays = await this.#core.read(reads.map(({ operand }) => this.#held(operand, feeds, held)), { signal });
        for (const [operand, tensor] of held) {
          if (needed.has(operand)) continue;
          held.delete(operand);
          tensor.dispose();
        }
        way.push(this.#goOn(stretch, arrays));
        way[way.length - 1].users++;
      }
    } finally {
      for (const tensor of held.values()) tensor.dispose();
      for (const stretch of way) if (--stretch.users === 0 && stretch.isDropped) drop(stretch);
      this.#last = way;
    }
  }

  async compile(shapes: FeedShapes = {}, { signal }: WaitOptions = {}): Promise<void> {
    this.#throwClosed();
    const specs = feedSpecs(this, shapes);
    let stretch: Stretch;
    try {
      stretch = this.#begin(specs, {});
    } catch (error) {
      // What it consists of depends on elements.
      if (error instanceof NeedsHost) return;
      throw error;
    }
    if (stretch.plan !== undefined) return void await stretch.plan;
    // Runs that wait for this plan as well would end with the signal.
    const plan = await this.#compileStretch(stretch, this.inputs.map(({ name }) => specs[name]), signal);
    if (stretch.plan !== undefined || this.#closed) plan.dispose();
    else stretch.plan = Promise.resolve(plan);
  }

  async warm(shapes: FeedShapes = {}, options: WaitOptions = {}): Promise<void> {
    await warmNet(this.#core, this, shapes, options);
  }

  report(): NetReport {
    if (this.#last.length === 0) {
      throw new ModelError(`${this.#model.name} has open dimensions: run it once before asking for its report`);
    }
    const reads = this.#last.flatMap(({ segment: { reads } }): ReadReport[] => {
      if (reads.length === 0) return [];
      return [{
        nodes: [...new Set(reads.map(({ node }) => node))],
        bytes: sumOf(reads.map(({ operand }) => operand)),
      }];
    });
    if (this.#hostInputs.size > 0) {
      const inputs = [...this.#hostInputs];
      reads.unshift({ nodes: inputs.map((name) => `input ${name}`), bytes: 0 });
    }
    return reportOf(this.#last.map(({ program }) => program), this.#core.facts, reads);
  }

  close(): void {
    this.#closed = true;
    for (const stretch of this.#stretches.values()) drop(stretch);
    this.#stretches.clear();
    if (this.#running === 0) disposeAll(this.#weights);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** A model without open dimensions is lowered and its weights are uploaded when it is loaded, so faults show then. */
  #loadStatic(): void {
    const specs: Record<string, Spec> = {};
    for (const { name, dtype, shape, anyShape } of this.inputs) {
      if (!isDeviceType(dtype) || anyShape || shape.some((extent) => typeof extent === "string")) return;
      specs[name] = { dtype, shape: shape as number[] };
    }
    try {
      const stretch = this.#begin(specs, {});
      for (const value of constantsOf(stretch.program)) this.#tensorOf(stretch, value);
      if (stretch.segment.reads.length === 0) this.#last = [stretch];
    } catch (error) {
      if (!(error instanceof NeedsHost)) throw error;
      for (const name of error.inputs) this.#hostInputs.add(name);
    }
  }

  async #beginByElements(feeds: Readonly<Record<string, Tensor>>): Promise<Stretch> {
    // What f64 tensors hold beside their rounding the host computes with.
    const elements: Record<string, HostValue> = {};
    for (const { name, dtype } of this.inputs) {
      const exact = dtype === "f64" ? feeds[name]?.exact : undefined;
      if (exact !== undefined) elements[name] = valueOf(feeds[name], exact);
    }
    for (;;) {
      const unread = [...this.#hostInputs].filter((name) => !(name in elements));
      checkFeeds(this.#model.name, this.inputs, feeds);
      if (unread.length > 0) {
        const arrays = await this.#core.read(unread.map((name) => feeds[name]));
        for (const [i, name] of unread.entries()) elements[name] = valueOf(feeds[name], arrays[i]);
      }
      try {
        return this.#begin(feeds, elements);
      } catch (error) {
        if (!(error instanceof NeedsHost)) throw error;
        for (const name of error.inputs) this.#hostInputs.add(name);
      }
    }
  }

  #begin(feeds: Readonly<Record<string, Spec>>, elements: Readonly<Record<string, HostValue>>): Stretch {
    checkFeeds(this.#model.name, this.inputs, feeds);
    const key = this.inputs.map(({ name }) => `${feeds[name].shape}:${elements[name]?.data ?? ""}`).join(";");
    return findOrMake(this.#stretches, key, keptStretches, () => {
      const given = this.inputs.map(({ name }): [string, Feed] => {
        const { dtype, shape } = feeds[name];
        return [name, { dtype, shape, host: elements[name] }];
      });
      return stretchOf(Lowerer.begin(this.#model, Object.fromEntries(given)), this.#passes);
    });
  }

  #goOn(stretch: Stretch, arrays: readonly HostArray[]): Stretch {
    const { segment, lowerer } = stretch;
    return findOrMake(stretch.next, arrays.map(String).join(";"), keptContinuations, () => {
      const values = segment.reads.map(({ operand }, i) => valueOf(operand as Spec, arrays[i]));
      return stretchOf(lowerer.answer(segment, values), this.#passes);
    });
  }

  async #runStretch(
    stretch: Stretch,
    feeds: Readonly<Record<string, Tensor>>,
    held: ReadonlyMap<Operand, Tensor>,
    first: boolean,
  ): Promise<Record<string, Tensor>> {
    // Shapes that were computed may never come again: what is run once is not worth a plan.
    if (!first && !stretch.ran) {
      stretch.ran = true;
      return this.#core.run((r) => this.#record(r, stretch, feeds, held));
    }
    const inputs = [
      ...this.inputs.map(({ name }) => feeds[name]),
      ...stretch.given.map((operand) => held.get(operand)!),
    ];
    if (stretch.plan === undefined) {
      const plan = this.#compileStretch(stretch, inputs);
      plan.catch(() => stretch.plan = undefined);
      stretch.plan = plan;
    }
    return (await stretch.plan).run(inputs);
  }

  /** A plan for feeds and values of stretches before. */
  #compileStretch(stretch: Stretch, inputs: readonly Spec[], signal?: AbortSignal): Promise<StretchPlan> {
    const count = this.inputs.length;
    return this.#core.compile(
      (r, values) => {
        const named = Object.fromEntries(this.inputs.map(({ name }, i) => [name, values[i]]));
        const given = new Map(stretch.given.map((operand, i) => [operand, values[count + i]]));
        return this.#record(r, stretch, named, given);
      },
      inputs,
      { signal },
    );
  }

  #record(
    r: Recorder,
    stretch: Stretch,
    feeds: Readonly<Record<string, Value>>,
    held: ReadonlyMap<Operand, Value>,
  ): Record<string, Value> {
    const tensorOf = (value: HostValue) => r.reshape(this.#tensorOf(stretch, value), value.shape);
    return recordProgram(r, stretch.program, feeds, tensorOf, held);
  }

  #held(operand: Operand, feeds: Readonly<Record<string, Tensor>>, held: ReadonlyMap<Operand, Tensor>): Tensor {
    return operand.source.kind === "input" ? feeds[operand.source.name] : held.get(operand)!;
  }

  /** Constants are uploaded flat, which is how the pages that pack weights read them, and reshaped when recorded. */
  #tensorOf(stretch: Stretch, value: HostValue): Tensor {
    const known = this.#weights.get(value) ?? stretch.own.get(value);
    if (known !== undefined) return known;
    if (!isDeviceType(value.dtype)) {
      throw new UnsupportedError(`Cannot run ${this.#model.name} as it needs ${value.dtype} on the device`);
    }
    const tensor = this.#core.weights(value.data as HostArray, value.dtype);
    (this.#constants.has(value) ? this.#weights : stretch.own).set(value, tensor);
    return tensor;
  }

  #throwClosed(): void {
    if (this.#closed) throw new ModelError(`Cannot run ${this.#model.name} as it was closed`);
  }

  #recordRefusal(what: string): UnsupportedError {
    return new UnsupportedError(
      `Cannot record ${this.#model.name} as its shapes depend on ${what}: use "await net.run(feeds)"`,
    );
  }
}

/** Results of f64 that the host computed keep the elements that the device rounds. */
function keepExact({ program }: Stretch, results: Readonly<Record<string, Tensor>>): void {
  for (const [name, { host }] of program.outputs) {
    if (host?.dtype === "f64" && results[name] !== undefined) results[name].exact = Float64Array.from(numbersOf(host));
  }
}

function stretchOf(lowerer: Lowerer, passes: Passes): Stretch {
  const segment = lowerer.advance();
  const program = passed(segment.program, passes);
  const given = givenOf(program);
  return { lowerer, segment, program, own: new Map(), given, next: new Map(), users: 0, isDropped: false, ran: false };
}

function findOrMake(
  stretches: Map<string, Stretch>,
  key: string,
  most: number,
  make: () => Stretch,
): Stretch {
  const known = stretches.get(key);
  if (known !== undefined) return known;
  const made = make();
  stretches.set(key, made);
  // Not before the recording under way is submitted: it may use the oldest one's tensors.
  if (stretches.size > most) queueMicrotask(() => dropOldest(stretches, most));
  return made;
}

function dropOldest(stretches: Map<string, Stretch>, most: number): void {
  for (const [key, stretch] of stretches) {
    if (stretches.size <= most) return;
    stretches.delete(key);
    drop(stretch);
  }
}

/** Lets go of what a stretch and those after it have, as soon as no run goes through it. */
function drop(stretch: Stretch): void {
  stretch.isDropped = true;
  for (const after of stretch.next.values()) drop(after);
  stretch.next.clear();
  if (stretch.users > 0) return;
  disposeAll(stretch.own);
  stretch.plan?.then((plan) => plan.dispose(), () => {});
  stretch.plan = undefined;
}

function disposeAll(tensors: Map<HostValue, Tensor>): void {
  for (const tensor of tensors.values()) tensor.dispose();
  tensors.clear();
}

function valueOf({ dtype, shape }: Spec, data: HostArray): HostValue {
  return { dtype, shape, data };
}

function sumOf(operands: readonly Operand[]): number {
  return operands.reduce((sum, { shape }) => sum + 4 * shape.reduce((size, extent) => size * extent, 1), 0);
}

/** An error of a run with the model's name before it. */
function named(error: unknown, name: string): unknown {
  if (!(error instanceof MemoryError || error instanceof ModelError) || error.message.includes(name)) return error;
  const Kind = error.constructor as new (message: string, options: ErrorOptions) => Error;
  return new Kind(`Cannot run ${name}: ${error.message}`, { cause: error });
}
