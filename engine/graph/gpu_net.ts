import type { Recorder, Spec, Value } from "../../shaders/mod.ts";
import { ModelError, UnsupportedError } from "../errors.ts";
import type { Plan, Runtime } from "../kernel/mod.ts";
import type { HostArray, Tensor } from "../memory/mod.ts";
import { type HostValue, isDeviceType } from "./host_value.ts";
import { checkOperators, type Feed, lowerModel } from "./lower.ts";
import type { Model, ValueInfo } from "./model.ts";
import { checkFeeds, type Net, type NetReport } from "./net.ts";
import { NeedsHost } from "./operator.ts";
import { dropDeadSteps } from "./passes/dead_steps.ts";
import { foldBatchNormalization } from "./passes/fold_batch_normalization.ts";
import { foldConstants } from "./passes/fold_constants.ts";
import { fuseThen } from "./passes/fuse_then.ts";
import { splitLargeProducts } from "./passes/split_large_products.ts";
import { constantsOf, type Program, recordProgram } from "./program.ts";
import { reportOf } from "./report.ts";

/** A program with the tensors of the constants that it alone has. */
interface Specialization {
  readonly program: Program;
  readonly own: Map<HostValue, Tensor>;
  /** What `run` replays, from the first run on. */
  plan?: Promise<NetPlan>;
}

type NetPlan = Plan<Readonly<Record<string, Spec>>, Record<string, Value>>;

/** Sets of shapes that are kept; the one that was made first goes when there are more. */
const keptSpecializations = 32;

/** The model for feeds of given shapes, with all passes done. */
export function programOf(model: Model, feeds: Readonly<Record<string, Feed>>): Program {
  return dropDeadSteps(fuseThen(dropDeadSteps(lowerModel(model, feeds))));
}

/** A model with the passes done that need no shapes. */
export function prepareModel(model: Model): Model {
  return splitLargeProducts(foldBatchNormalization(foldConstants(model)));
}

/** A network on the engine's device. */
export class GpuNet implements Net {
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly #core: Runtime;
  readonly #model: Model;
  readonly #weights = new Map<HostValue, Tensor>();
  readonly #specializations = new Map<string, Specialization>();
  /** Inputs whose elements shapes depend on: read before the network is recorded. */
  readonly #hostInputs = new Set<string>();
  #last: Specialization | undefined;
  #closed = false;

  constructor(core: Runtime, model: Model) {
    this.#core = core;
    this.inputs = model.inputs;
    this.outputs = model.outputs;
    checkOperators(model);
    checkTypes(model);
    this.#model = prepareModel(model);
    this.#loadStatic();
  }

  record(r: Recorder, feeds: Readonly<Record<string, Value>>): Record<string, Value> {
    try {
      return this.#record(r, this.#specialize(feeds, {}), feeds);
    } catch (error) {
      if (!(error instanceof NeedsHost)) throw error;
      throw new UnsupportedError(
        `Cannot record ${this.#model.name} as its shapes depend on the elements of ${error.inputs.join(", ")}: ` +
          `use "await net.run(feeds)"`,
      );
    }
  }

  async run(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
    const specialization = await this.#specializeByElements(feeds);
    const plan = await this.#planOf(specialization, feeds);
    return plan.run(feeds);
  }

  report(): NetReport {
    if (this.#last === undefined) {
      throw new ModelError(`${this.#model.name} has open dimensions: run it once before asking for its report`);
    }
    const readbacks = this.#hostInputs.size > 0 ? 1 : 0;
    return reportOf(this.#last.program, this.#core.facts, readbacks);
  }

  close(): void {
    this.#closed = true;
    for (const tensor of this.#weights.values()) tensor.dispose();
    for (const specialization of this.#specializations.values()) drop(specialization);
    this.#weights.clear();
    this.#specializations.clear();
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
      const specialization = this.#specialize(specs, {});
      for (const value of constantsOf(specialization.program)) this.#tensorOf(specialization, value);
    } catch (error) {
      if (!(error instanceof NeedsHost)) throw error;
      for (const name of error.inputs) this.#hostInputs.add(name);
    }
  }

  async #specializeByElements(feeds: Readonly<Record<string, Tensor>>): Promise<Specialization> {
    const elements: Record<string, HostValue> = {};
    for (;;) {
      const unread = [...this.#hostInputs].filter((name) => !(name in elements));
      checkFeeds(this.#model.name, this.inputs, feeds);
      if (unread.length > 0) {
        const arrays = await this.#core.read(unread.map((name) => feeds[name]));
        for (const [i, name] of unread.entries()) {
          elements[name] = { dtype: feeds[name].dtype, shape: feeds[name].shape, data: arrays[i] };
        }
      }
      try {
        return this.#specialize(feeds, elements);
      } catch (error) {
        if (!(error instanceof NeedsHost)) throw error;
        for (const name of error.inputs) this.#hostInputs.add(name);
      }
    }
  }

  #specialize(feeds: Readonly<Record<string, Spec>>, elements: Readonly<Record<string, HostValue>>): Specialization {
    if (this.#closed) throw new ModelError(`Cannot run ${this.#model.name} as it was closed`);
    checkFeeds(this.#model.name, this.inputs, feeds);
    const key = this.inputs.map(({ name }) => `${feeds[name].shape}:${elements[name]?.data ?? ""}`).join(";");
    let specialization = this.#specializations.get(key);
    if (specialization === undefined) {
      const given = this.inputs.map(({ name }): [string, Feed] => {
        const { dtype, shape } = feeds[name];
        return [name, { dtype, shape, host: elements[name] }];
      });
      specialization = { program: programOf(this.#model, Object.fromEntries(given)), own: new Map() };
      this.#specializations.set(key, specialization);
      // Not before the recording under way is submitted: it may use the oldest one's tensors.
      if (this.#specializations.size > keptSpecializations) queueMicrotask(() => this.#dropOldest());
    }
    this.#last = specialization;
    return specialization;
  }

  #dropOldest(): void {
    const oldest = this.#specializations.entries().next().value;
    if (oldest === undefined || this.#specializations.size <= keptSpecializations) return;
    this.#specializations.delete(oldest[0]);
    drop(oldest[1]);
  }

  #planOf(specialization: Specialization, feeds: Readonly<Record<string, Tensor>>): Promise<NetPlan> {
    if (specialization.plan === undefined) {
      const plan = this.#core.compile((r, feeds) => this.#record(r, specialization, feeds), feeds);
      plan.catch(() => specialization.plan = undefined);
      specialization.plan = plan;
    }
    return specialization.plan;
  }

  #record(r: Recorder, of: Specialization, feeds: Readonly<Record<string, Value>>): Record<string, Value> {
    return recordProgram(r, of.program, feeds, (value) => r.reshape(this.#tensorOf(of, value), value.shape));
  }

  /** Constants are uploaded flat, which is how the pages that pack weights read them, and reshaped when recorded. */
  #tensorOf(specialization: Specialization, value: HostValue): Tensor {
    const known = this.#weights.get(value) ?? specialization.own.get(value);
    if (known !== undefined) return known;
    if (!isDeviceType(value.dtype)) {
      throw new UnsupportedError(`Cannot run ${this.#model.name} as it needs ${value.dtype} on the device`);
    }
    const tensor = this.#core.tensor(value.data as HostArray, [value.data.length], { dtype: value.dtype });
    const shared = this.#constants.has(value);
    (shared ? this.#weights : specialization.own).set(value, tensor);
    return tensor;
  }

  get #constants(): ReadonlySet<HostValue> {
    return this.#modelConstants ??= new Set(this.#model.constants.values());
  }

  #modelConstants: ReadonlySet<HostValue> | undefined;
}

function checkTypes(model: Model): void {
  const wrong = [...model.inputs, ...model.outputs].filter(({ dtype }) => !isDeviceType(dtype));
  if (wrong.length === 0) return;
  const types = [...new Set(wrong.map(({ dtype }) => dtype))].join(" and ");
  const list = wrong.map(({ name }) => name).join(", ");
  throw new UnsupportedError(
    `Cannot run ${model.name} as element type ${types} is not supported on the device (inputs and outputs ${list})`,
  );
}

/** Lets go of what a specialization has; runs under way hold what they need of it. */
function drop({ own, plan }: Specialization): void {
  for (const tensor of own.values()) tensor.dispose();
  own.clear();
  plan?.then((plan) => plan.dispose(), () => {});
}
