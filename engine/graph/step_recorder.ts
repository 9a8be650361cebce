import { type DType, nn, type Operation, sameShape, sizeOf, type Spec } from "../../shaders/mod.ts";
import { ModelError } from "../errors.ts";
import { CountedValues, mostRoom } from "./counted_values.ts";
import { evaluate } from "./evaluate.ts";
import type { HostBudget } from "./host_budget.ts";
import { arrayOf, type HostDType, type HostValue, isDeviceType, numbersOf } from "./host_value.ts";
import { type Lowering, NeedsElements, NeedsHost, type Operand, UnsupportedNode } from "./operator.ts";
import type { Step } from "./program.ts";

/** Values above this many elements are not brought to the host for the sake of shapes. */
export const hostLimit = 1 << 16;

/** Larger values are not made there from small ones: Swin's largest mask, which has 153,664 elements, is. */
const madeLimit = 1 << 18;

/** What takes more work than this is left to the device though the host knows its inputs. */
const hostFlops = 1 << 24;

/** What a node's lowering gave so far, call by call: where it stops for elements, it goes on from there. */
export type Journal = Operand[][];

/** Collects steps; operations on values that the host knows are evaluated instead. */
export class StepRecorder implements Lowering {
  /** The steps in an order in which they can run. */
  readonly steps: Step[] = [];
  /** Elements of values that the device computed and the host has read. */
  readonly answers: Map<Operand, Operand>;
  /** What is known of values that the device counts. */
  readonly known: CountedValues;
  /** Values that had room for more than there was, cut to what there is. */
  readonly #cut: Map<Operand, Operand>;
  readonly #budget: HostBudget;
  readonly #makers = new Map<Operand, Step>();
  #journal: Journal = [];
  #at = 0;
  #node = "";
  /** Whether inputs of the model can still be read before anything is run. */
  #begins = true;

  /** `budget` bounds what is computed on the host. */
  constructor(budget: HostBudget, before?: StepRecorder) {
    this.#budget = budget;
    this.answers = new Map(before?.answers);
    this.known = new CountedValues(before?.known);
    this.#cut = new Map(before === undefined ? [] : before.#cut);
  }

  /** Lowers a node; `journal` is what an earlier attempt gave, and gets what this one adds. */
  lower<T>(node: string, journal: Journal, work: () => T): T {
    this.#node = node;
    this.#journal = journal;
    this.#at = 0;
    return work();
  }

  /** Ends the steps that run before anything is read. */
  next(): StepRecorder {
    const next = new StepRecorder(this.#budget, this);
    next.#begins = false;
    return next;
  }

  /** The operand, with its elements where the host has read them. */
  seen(operand: Operand): Operand {
    const whole = this.#cut.get(operand) ?? operand;
    return this.answers.get(whole) ?? whole;
  }

  counted(all: Operand, count: Operand, axis: number, within: readonly Operand[] = []): Operand {
    if (this.seen(count).host === undefined && all.shape[axis] <= mostRoom) {
      this.known.counted.set(all, { axis, count, within: [count, ...within], natural: true });
      this.known.counts.set(count, this.#node);
      return all;
    }
    return this.#first(all, axis, count);
  }

  /** Whether an operand has room for more than there is, and the host hasn't read how much that is. */
  hasRoom(operand: Operand): boolean {
    const counted = this.known.counted.get(operand);
    return counted !== undefined && this.#isUnread(counted.count);
  }

  /** Whether an operand has room, or is made of the extents of what has. */
  isOpen(operand: Operand): boolean {
    return this.hasRoom(operand) ||
      (!this.known.counted.has(operand) && this.known.has(operand) && this.#isUnread(operand));
  }

  /** The counts that the host hasn't read, with their nodes. */
  unread(): [Operand, string][] {
    return [...this.known.counts].filter(([count]) => this.#isUnread(count));
  }

  /** The operand without the room that it may have; where only the device knows how much that is, it has to be read. */
  cut(operand: Operand): Operand {
    const counted = this.known.counted.get(operand);
    if (counted !== undefined && !this.#cut.has(operand)) {
      this.#cut.set(operand, this.#first(operand, counted.axis, counted.count));
    }
    return this.seen(operand);
  }

  #isUnread(count: Operand): boolean {
    return this.seen(count).host === undefined;
  }

  #first(all: Operand, axis: number, count: Operand): Operand {
    const [size] = numbersOf(this.host(count));
    if (size === all.shape[axis]) return all;
    const sizes = all.shape.map((extent, i) => i === axis ? size : extent);
    return this.apply(nn.slice, [all], { starts: sizes.map(() => 0), steps: sizes.map(() => 1), sizes });
  }

  apply<O>(operation: Operation<O>, inputs: readonly Operand[], options: Partial<O>): Operand {
    return this.applyAll(operation, inputs, options)[0];
  }

  applyAll<O>(operation: Operation<O>, given: readonly Operand[], options: Partial<O>): Operand[] {
    return this.#once(() => {
      const inputs = given.map((operand) => this.seen(operand));
      const parsed = operation.options.parse(options);
      const known = inputs.map((operand) => operand.host);
      const specs = operation.outputs(inputs.map(standIn), parsed);
      const size = specs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
      if (size === 0) return specs.map((spec) => this.#empty(spec, inputs[0]));
      const read = inputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
      const { flops } = operation.cost(inputs.map(standIn), parsed);
      const heavy = (size > madeLimit && size > 4 * read) || flops > hostFlops;
      const left = operation.bulk || (heavy && inputs.every(({ dtype }) => isDeviceType(dtype)));
      if (!left && known.every((value) => value !== undefined)) {
        this.#budget.spend(size + Math.floor(flops / 64), this.#node);
        return evaluate(operation, known, parsed).map((value) => this.constant(value));
      }
      for (const operand of inputs) checkDeviceType(operand.dtype);
      const outputs = specs.map((spec) => stepOperand(spec, operation.bulk ? [] : inputs));
      const step = { operation, options: parsed as Record<string, unknown>, inputs, outputs, node: this.#node };
      this.#push({ kind: "apply", ...step });
      return outputs;
    });
  }

  reshape(given: Operand, shape: readonly number[]): Operand {
    const operand = this.seen(given);
    if (sizeOf(shape) !== sizeOf(operand.shape)) {
      throw new ModelError(`a value of shape [${operand.shape}] can't take the shape [${shape}]`);
    }
    if (sameShape(operand.shape, shape)) return operand;
    return this.#once(() => {
      if (operand.host !== undefined) return [this.constant({ ...operand.host, shape })];
      checkDeviceType(operand.dtype);
      const output = stepOperand({ dtype: operand.dtype as DType, shape }, [operand]);
      this.#push({ kind: "reshape", inputs: [operand], outputs: [output], node: this.#node });
      return [output];
    })[0];
  }

  constant(value: HostValue): Operand {
    return { dtype: value.dtype, shape: value.shape, host: value, source: { kind: "host" }, hostNeeds: new Set() };
  }

  filled(dtype: HostDType, shape: readonly number[], value: number | bigint): HostValue {
    this.#budget.spend(sizeOf(shape), this.#node);
    const data = arrayOf(dtype, sizeOf(shape));
    if (value !== 0 && value !== 0n) (data as Float32Array).fill(value as number);
    return { dtype, shape: [...shape], data };
  }

  host(operand: Operand): HostValue {
    const { host } = this.seen(operand);
    if (host !== undefined) return host;
    if (this.#begins && operand.hostNeeds !== undefined && operand.hostNeeds.size > 0) {
      throw new NeedsHost(operand.hostNeeds);
    }
    throw new NeedsElements(operand);
  }

  /** The step that makes a value. */
  maker(operand: Operand): Step | undefined {
    return this.#makers.get(operand);
  }

  #push(step: Step): void {
    this.steps.push(step);
    for (const output of step.outputs) this.#makers.set(output, step);
  }

  #once(work: () => Operand[]): Operand[] {
    const before = this.#journal[this.#at];
    const outputs = before ?? work();
    this.#journal[this.#at++] = outputs;
    return outputs;
  }

  /** A value without elements is known to everybody. A type of the host only is taken over from the input. */
  #empty(spec: Spec, like: Operand | undefined): Operand {
    const dtype = like !== undefined && standIn(like).dtype === spec.dtype ? like.dtype : spec.dtype;
    return this.constant({ dtype, shape: [...spec.shape], data: arrayOf(dtype, 0) });
  }
}

/** `inputs` are those that the host could compute the value from; none where it can't. */
function stepOperand(spec: Spec, inputs: readonly Operand[]): Operand {
  const known = inputs.length > 0 && sizeOf(spec.shape) <= hostLimit &&
    inputs.every((operand) => operand.hostNeeds !== undefined);
  const hostNeeds = known ? new Set(inputs.flatMap((operand) => [...operand.hostNeeds!])) : undefined;
  return { dtype: spec.dtype, shape: [...spec.shape], source: { kind: "step" }, hostNeeds };
}

/** Operations check shapes and types by those of the device; what the host has besides stands for its nearest relative. */
function standIn({ dtype, shape }: Operand): Spec {
  return { dtype: isDeviceType(dtype) ? dtype : "f32", shape };
}

function checkDeviceType(dtype: HostDType): void {
  if (!isDeviceType(dtype)) throw new UnsupportedNode(`element type ${dtype} is not supported on the device`);
}
