/** A recording: the list of dispatches and copies that one submit will run. It allocates nothing. */

import type { Call, DType, Facts, Layout, Operation, Page, Recorder, Spec, Value } from "../../shaders/contract.ts";
import { type Variant, variantNamed, variantOf } from "../../shaders/forms.ts";
import { conversions } from "../../shaders/layout/mod.ts";
import { channelAxes, isFloat, sizeOf } from "../../shaders/shape.ts";
import { DeviceError } from "../errors.ts";
import { toWords } from "../memory/elements.ts";
import { type Extents, extentsOf, toRows4 } from "../memory/layout.ts";
import type { Holding } from "../memory/holding.ts";
import { type Need, textureNeed } from "../memory/pool.ts";
import { Tensor, type TensorOwner } from "../memory/tensor.ts";
import type { Home } from "./page.ts";

/** The greatest number of loop iterations of an invocation: Mesa's software drivers stop silently at 65,535. */
export const iterationLimit = 60_000;

/** The elements of a value in one layout: the unit that memory is planned for. */
export interface Node {
  readonly layout: Layout;
  readonly home: Home;
  readonly need: Need;
  /** Columns, rows, layers; for `linear` the number of elements, 1, 1. */
  readonly extents: Extents;
  /** The words of a table of the host, which no step changes. */
  readonly upload?: Uint32Array<ArrayBuffer>;
  /** The memory of a tensor, which no step changes. */
  readonly holding?: Holding;
  /** Position among the inputs of a plan, which no step changes. */
  readonly input?: number;
}

/** Whether a node's elements are there before the first step, and must be there after the last. */
export const isGiven = (node: Node): boolean =>
  node.holding !== undefined || node.upload !== undefined || node.input !== undefined;

/** One dispatch with what it binds; `null` is a binding without elements. */
export interface DispatchStep {
  readonly kind: "dispatch";
  readonly page: Page;
  readonly nodes: readonly (Node | null)[];
  readonly call: Call;
  /** Names of the operations being recorded, outermost first. */
  readonly label: string;
}

/** A copy of all elements between nodes of equal layout and extents. */
export interface CopyStep {
  readonly kind: "copy";
  readonly from: Node;
  readonly to: Node;
}

export type Step = DispatchStep | CopyStep;

/** An intermediate result. */
export class RecordedValue implements Value {
  readonly kind = "value";
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly nodes: Map<Layout, Node>;
  /** The tensor whose elements these are, where nothing was computed. */
  readonly origin?: Tensor;
  /** The recording that it belongs to, where it matters. */
  readonly recording?: Recording;

  constructor(spec: Spec, nodes: Map<Layout, Node> = new Map(), origin?: Tensor, recording?: Recording) {
    this.dtype = spec.dtype;
    this.shape = [...spec.shape];
    this.nodes = nodes;
    this.origin = origin;
    this.recording = recording;
  }

  /** Whether these are the elements of a tensor or of a plan's input, which their owner expects unchanged. */
  get isForeign(): boolean {
    return this.origin !== undefined || [...this.nodes.values()].some((node) => node.input !== undefined);
  }

  get layout(): Layout | undefined {
    return (["channels4", "rows4", "linear"] as const).find((layout) => this.nodes.has(layout));
  }
}

/** Computes the elements of a derived value, row-major, of those of its source. */
export type OnHost = NonNullable<Parameters<Recorder["derived"]>[3]>;

/** Forces forms by operation name, for tests and the bench. */
export type Forms = Readonly<Record<string, string>>;

/** Implements what operations record with. */
export class Recording implements Recorder {
  readonly facts: Facts;
  readonly steps: Step[] = [];
  /** How often operations that have several forms were recorded, by name and form. */
  readonly formCounts: Map<string, number> = new Map<string, number>();
  /** Values that tensors shall keep once the recording has run. */
  readonly pending: { tensor: Tensor; key: string; value: RecordedValue; onHost?: OnHost }[] = [];
  readonly #forms: Forms;
  readonly #owner: TensorOwner | undefined;
  readonly #tensors = new Map<Tensor, RecordedValue>();
  readonly #names: string[] = [];
  #conversions = 0;

  /** `owner` is who made the tensors that may take part; without it all may. */
  constructor(facts: Facts, forms: Forms = {}, owner?: TensorOwner) {
    this.facts = facts;
    this.#forms = forms;
    this.#owner = owner;
  }

  /** A value whose elements are bound later: the plan's input at a position, in the layout in which tensors of it come. */
  input(position: number, { dtype, shape, layout }: Spec & { readonly layout: Layout }): Value {
    const spec = { dtype, shape };
    const value = this.#make(spec);
    if (sizeOf(shape) > 0) value.nodes.set(layout, { ...this.#node(layout, spec), input: position });
    return value;
  }

  /** How many layout conversions were inserted. */
  get conversions(): number {
    return this.#conversions;
  }

  apply<O>(operation: Operation<O>, inputs: readonly Value[], options: Partial<O>): Value[] {
    this.#names.push(operation.name);
    try {
      const checked = parseOptions(operation, options);
      const specs = operation.outputs(inputs, checked);
      const { form, tune, name } = this.#variant(operation, inputs, checked);
      if (operation.forms !== undefined) {
        const form = `${operation.name}/${name}`;
        this.formCounts.set(form, (this.formCounts.get(form) ?? 0) + 1);
      }
      const results = operation.record(this, inputs, checked, form, tune);
      results.forEach((result, index) => checkResult(operation.name, result, specs[index]));
      return results;
    } finally {
      this.#names.pop();
    }
  }

  dispatch(page: Page, call: Call): void {
    const label = [...this.#names, page.name].join(" > ");
    if (call.iterations > iterationLimit) {
      throw new RangeError(
        `${label} states ${call.iterations} loop iterations per invocation, above the ${iterationLimit} that every driver runs: split the work`,
      );
    }
    const nodes = page.bindings.map((binding) => {
      const value = call.bind[binding.name];
      if (value === undefined) throw new TypeError(`${label} doesn't bind "${binding.name}"`);
      if (value === null || sizeOf(value.shape) === 0) return null;
      const writes = binding.access === "write";
      return writes ? this.#written(value, binding.layout, label) : this.#read(value, binding, label);
    });
    const writesNothing = page.bindings.every((binding, index) => binding.access === "read" || nodes[index] === null);
    if (!writesNothing) this.steps.push({ kind: "dispatch", page, nodes, call, label });
  }

  temporary(spec: Spec): Value {
    return this.#make(spec);
  }

  constant(data: Float32Array | Int32Array | Uint32Array, shape: readonly number[]): Value {
    const dtype = data instanceof Float32Array ? "f32" : data instanceof Int32Array ? "i32" : "u32";
    const upload = toWords(data, dtype, shape);
    const value = this.#make({ dtype, shape });
    if (upload.length > 0) value.nodes.set("linear", { ...this.#node("linear", value), upload });
    return value;
  }

  reshape(value: Value, shape: readonly number[]): Value {
    if (sizeOf(shape) !== sizeOf(value.shape)) {
      throw new RangeError(
        `[${value.shape.join(", ")}] has ${sizeOf(value.shape)} elements and can't be seen as [${shape.join(", ")}]`,
      );
    }
    const source = this.#value(value);
    const result = this.#make({ dtype: value.dtype, shape }, source.origin);
    if (sizeOf(shape) === 0) return result;
    for (const [layout, node] of source.nodes) {
      if (layout === "linear" || sameTexels(layout, value.shape, shape)) result.nodes.set(layout, node);
    }
    if (result.nodes.size === 0) result.nodes.set("linear", this.#inLayout(source, "linear"));
    return result;
  }

  derived(source: Value, key: string, make: (source: Value) => Value, onHost?: OnHost): Value {
    const tensor = source instanceof Tensor ? source : this.#value(source).origin;
    if (!tensor) return make(source);
    const fullKey = `${key}:${source.shape.join("x")}`;
    const known = tensor.derived.get(fullKey);
    if (known) return known;
    const pending = this.pending.find((entry) => entry.tensor === tensor && entry.key === fullKey);
    if (pending) return pending.value;
    const made = make(source);
    if (made instanceof Tensor || this.#value(made).origin) return made;
    const value = this.#value(made);
    this.pending.push({ tensor, key: fullKey, value, onHost });
    return value;
  }

  /** The node that a tensor handed out for `value` takes over: of this recording's making and nobody else's. */
  own(value: Value, taken: ReadonlySet<Node>): { value: RecordedValue; node?: Node } {
    const recorded = this.#value(value);
    if (sizeOf(recorded.shape) === 0) return { value: recorded };
    const node = [...recorded.nodes.values()][0];
    if (!node) throw new TypeError(`A ${value.dtype} value of shape [${value.shape.join(", ")}] was never written`);
    return { value: recorded, node: isGiven(node) || taken.has(node) ? this.#copy(node) : node };
  }

  #make(spec: Spec, origin?: Tensor): RecordedValue {
    return new RecordedValue(spec, new Map(), origin, this);
  }

  #copy(from: Node): Node {
    const to: Node = { layout: from.layout, home: from.home, need: from.need, extents: from.extents };
    this.steps.push({ kind: "copy", from, to });
    return to;
  }

  #variant<O>(operation: Operation<O>, inputs: readonly Value[], options: O): Variant {
    const { forms = {} } = operation;
    const forced = this.#forms[operation.name];
    if (forced !== undefined) {
      const form = forms[forced.split(" ")[0]];
      if (form === undefined) {
        throw new RangeError(`${operation.name} has no form "${forced}": it has ${Object.keys(forms).join(", ")}`);
      }
      if (form.needs?.(this.facts) === false) {
        throw new RangeError(
          `${operation.name} can't run in its form "${forced}" here: this device lacks what it needs`,
        );
      }
      const variant = variantNamed(operation, forced, inputs, options, this.facts);
      if (variant !== undefined) return variant;
    }
    return variantOf(operation, inputs, options, this.facts);
  }

  #value(value: Value): RecordedValue {
    const isOurs = value instanceof RecordedValue && (value.recording === undefined || value.recording === this);
    if (isOurs) return value;
    if (!(value instanceof Tensor)) throw new TypeError("A value must come from this recording or be a tensor");
    const known = this.#tensors.get(value);
    if (known) return known;
    const holding = value.holding;
    if (this.#owner !== undefined && !value.isOf(this.#owner)) {
      throw new TypeError(
        `A ${value.dtype} tensor of shape [${
          value.shape.join(", ")
        }] belongs to another engine: read it there and make a tensor from it here`,
      );
    }
    const recorded = this.#make(value, value);
    if (holding) {
      const home = holding.need.kind;
      recorded.nodes.set(value.layout, { ...this.#node(value.layout, value), home, holding });
    }
    this.#tensors.set(value, recorded);
    return recorded;
  }

  #read(value: Value, binding: Page["bindings"][0], label: string): Node {
    const recorded = this.#value(value);
    if (binding.layout !== "linear" && !isFloat(recorded.dtype)) {
      throw new TypeError(`${label} wants "${binding.name}" in ${binding.layout}, which holds f32, not ${value.dtype}`);
    }
    if (binding.access !== "read" && recorded.isForeign) {
      throw new TypeError(
        `${label} would change "${binding.name}", which is a tensor that its owner expects unchanged`,
      );
    }
    if (recorded.nodes.size === 0 && binding.access === "read") {
      throw new TypeError(`${label} reads "${binding.name}" before anything wrote it`);
    }
    const node = recorded.nodes.size === 0
      ? this.#written(value, binding.layout, label)
      : this.#inLayout(recorded, binding.layout);
    if (binding.access === "read") return node;
    // What is changed in place is stale in every other layout, and a table stays as it is for the next run.
    const own = node.upload ? this.#copy(node) : node;
    recorded.nodes.set(binding.layout, own);
    keepOnly(recorded, binding.layout);
    return own;
  }

  #written(value: Value, layout: Layout, label: string): Node {
    const recorded = this.#value(value);
    if (recorded.isForeign) throw new TypeError(`${label} would write into a tensor that its owner expects unchanged`);
    const known = recorded.nodes.get(layout);
    const node = known === undefined ? this.#node(layout, recorded) : known.upload ? this.#copy(known) : known;
    recorded.nodes.set(layout, node);
    keepOnly(recorded, layout);
    return node;
  }

  #inLayout(value: RecordedValue, layout: Layout): Node {
    const known = value.nodes.get(layout);
    if (known) return known;
    const table = layout === "rows4" && isFloat(value.dtype) ? value.nodes.get("linear")?.upload : undefined;
    const result = table
      ? { ...this.#node(layout, value), upload: rowsOf(table, value.shape) }
      : this.#node(layout, value);
    if (table === undefined) this.#convert(value, this.#convertible(value, layout), result);
    value.nodes.set(layout, result);
    return result;
  }

  /** What a value is converted from: texels side by side where both layouts have them in rows, by way of `linear` else. */
  #convertible(value: RecordedValue, layout: Layout): Node {
    const isImage = value.shape.length === 4 || value.shape.length === 5;
    const texels = value.nodes.get("rows4") ?? value.nodes.get("channels4");
    return texels !== undefined && (layout === "linear" || isImage) ? texels : this.#inLayout(value, "linear");
  }

  #convert(value: RecordedValue, from: Node, to: Node): void {
    const page = conversions[from.layout][to.layout]!;
    const blocks = [from, to].find(({ layout }) => layout === "channels4")?.extents;
    const rows = [from, to].find(({ layout }) => layout === "rows4")?.extents;
    const { batch, channels, depth, width } = blocks
      ? channelAxes(value.shape)
      : { batch: 1, channels: 0, depth: 0, width: value.shape.at(-1) ?? 1 };
    const extents = (blocks ?? rows)!;
    const columns = blocks && rows ? batch * rows.texels : extents.texels;
    const groups = (layers: number) =>
      [Math.ceil(columns / 8), Math.ceil(extents.rows / 8), layers] as [number, number, number];
    const call: Call = {
      bind: {},
      params: blocks ? { width, depth, channels } : { width },
      groups: groups(extents.layers),
      iterations: 4,
      slab: from.layout === "channels4"
        ? undefined
        : { layers: extents.layers, halo: 0, whole: blocks ? ["image"] : undefined, groups },
    };
    this.#conversions++;
    this.steps.push({
      kind: "dispatch",
      page,
      nodes: [from, to],
      call,
      label: [...this.#names, page.name].join(" > "),
    });
  }

  #node(layout: Layout, spec: Spec): Node {
    if (layout === "linear") {
      const count = sizeOf(spec.shape);
      const need: Need = { kind: "buffer", bytes: count * 4 };
      return { layout, home: "buffer", need, extents: { texels: count, rows: 1, layers: 1 } };
    }
    const extents = extentsOf(layout, spec.shape);
    const { maxTextureSize, maxTextureLayers } = this.facts;
    const fits = Math.max(extents.texels, extents.rows) <= maxTextureSize && extents.layers <= maxTextureLayers;
    const need: Need = fits
      ? textureNeed(extents, this.facts)
      : { kind: "buffer", bytes: extents.texels * extents.rows * extents.layers * 16 };
    return { layout, home: need.kind, need, extents };
  }
}

function parseOptions<O>(operation: Operation<O>, options: Partial<O>): O {
  try {
    return operation.options.parse(options);
  } catch (error) {
    throw new RangeError(`${operation.name}: ${(error as Error).message}`);
  }
}

/** The words of a table of floats as texels of four of a row. */
function rowsOf(words: Uint32Array<ArrayBuffer>, shape: readonly number[]): Uint32Array<ArrayBuffer> {
  return new Uint32Array(toRows4(new Float32Array(words.buffer, words.byteOffset, words.length), shape).buffer);
}

function keepOnly(value: RecordedValue, layout: Layout): void {
  for (const other of [...value.nodes.keys()]) if (other !== layout) value.nodes.delete(other);
}

function sameTexels(layout: Exclude<Layout, "linear">, a: readonly number[], b: readonly number[]): boolean {
  if (layout === "channels4") {
    if (b.length > 5) return false;
    return JSON.stringify(channelAxes(a)) === JSON.stringify(channelAxes(b));
  }
  return (a.at(-1) ?? 1) === (b.at(-1) ?? 1) && (a.at(-2) ?? 1) === (b.at(-2) ?? 1);
}

function checkResult(name: string, result: Value, spec: Spec): void {
  if (result.dtype === spec.dtype && String(result.shape) === String(spec.shape)) return;
  throw new DeviceError(
    `${name} declares ${spec.dtype} [${spec.shape.join(", ")}] but recorded ${result.dtype} [${
      result.shape.join(", ")
    }]`,
  );
}
