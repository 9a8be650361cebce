/** Integers that shapes are made of, as text in a normal form, so that patterns can compare how they were computed. */
import type { HostValue } from "../host_value.ts";
import type { ModelNode } from "../model.ts";

/** What makes values of a model: nodes by the names of their outputs, and constants by name. */
export interface Origins {
  readonly node: (name: string) => ModelNode | undefined;
  readonly constant: (name: string) => HostValue | undefined;
}

/** Vectors of shapes have no more elements than that, and no longer terms. */
const most = 8;
const longest = 200;

/**
 * Reads integers of a model as terms: a number, `extent(x,0)`, the name of a value of one element, or what was computed
 * from terms: `sum(1,x)`, `difference(x,y)`, `product(2,x)`, `max(0,x)`, `min(x,y)`. Operands that may be exchanged
 * are sorted. Whether a value is a scalar or a vector of one element makes no difference.
 */
export class IntegerTerms {
  readonly #origins: Origins;
  readonly #named: (node: ModelNode) => string | undefined;
  readonly #known = new Map<string, readonly string[] | undefined>();

  /** `named` may give a term of its own for what a node makes. */
  constructor(origins: Origins, named: (node: ModelNode) => string | undefined) {
    this.#origins = origins;
    this.#named = named;
  }

  /** The term of a value of one element. */
  scalar(name: string): string | undefined {
    const elements = this.vector(name) ?? [name];
    return elements.length === 1 ? elements[0] : undefined;
  }

  /** The terms of a value's elements; `undefined` where its number of elements isn't known. */
  vector(name: string): readonly string[] | undefined {
    if (this.#known.has(name)) return this.#known.get(name);
    this.#known.set(name, undefined);
    const terms = this.#read(name);
    const isShort = terms !== undefined && terms.length <= most && terms.every(({ length }) => length <= longest);
    if (isShort) this.#known.set(name, terms);
    return isShort ? terms : undefined;
  }

  #read(name: string): readonly string[] | undefined {
    const constant = this.#origins.constant(name);
    if (constant !== undefined) {
      return constant.data.length <= most ? Array.from(constant.data, String) : undefined;
    }
    const node = this.#origins.node(name);
    if (node === undefined) return undefined;
    const own = this.#named(node);
    return own === undefined ? this.#computed(node) : [own];
  }

  #computed(node: ModelNode): readonly string[] | undefined {
    const [first, second] = node.inputs;
    switch (node.operator) {
      case "Constant":
        return node.attributes.has("value") ? elementsOf(node.attributes.tensor("value")) : undefined;
      case "Identity":
      case "Cast":
      case "Squeeze":
      case "Unsqueeze":
      case "Reshape":
        return this.vector(first);
      case "Concat":
        return this.#all(node.inputs)?.flat();
      case "Add":
        return this.#pairs(first, second, sum);
      case "Sub":
        return this.#pairs(first, second, (a, b) => folded(a, b, (a, b) => a - b) ?? `difference(${a},${b})`);
      case "Mul":
        return this.#pairs(first, second, (a, b) => folded(a, b, (a, b) => a * b) ?? sorted("product", [a, b]));
      case "Equal":
        return this.#pairs(first, second, equal);
      case "ReduceMax":
      case "ReduceMin": {
        const elements = node.attributes.has("axes") || node.inputs.length > 1 ? undefined : this.vector(first);
        return elements && [sorted(node.operator === "ReduceMax" ? "max" : "min", elements)];
      }
      case "Where":
        return this.#chosen(node);
      case "Gather":
      case "Slice":
        return this.#part(node);
      case "Shape":
        return this.#count(first);
      case "ConstantOfShape":
        return this.#filled(node);
    }
    return undefined;
  }

  #all(names: readonly string[]): readonly (readonly string[])[] | undefined {
    return names.map((name) => this.vector(name) ?? [name]);
  }

  #pairs(
    first: string,
    second: string,
    of: (a: string, b: string) => string,
  ): readonly string[] | undefined {
    const [a, b] = this.#all([first, second])!;
    const count = Math.max(a.length, b.length);
    if ([a, b].some(({ length }) => length !== 1 && length !== count)) return undefined;
    return Array.from({ length: count }, (_, i) => of(a[a.length === 1 ? 0 : i], b[b.length === 1 ? 0 : i]));
  }

  /** Only where it is known which side each element takes. */
  #chosen(node: ModelNode): readonly string[] | undefined {
    const [condition, yes, no] = node.inputs.map((name) => this.vector(name));
    if (condition === undefined || yes?.length !== condition.length || no?.length !== condition.length) {
      return undefined;
    }
    const elements = condition.map((holds, i) => holds === "1" ? yes[i] : holds === "0" ? no[i] : undefined);
    return elements.includes(undefined) ? undefined : elements as string[];
  }

  /** Elements of a vector by number: of one that was put together, or of a shape. */
  #part(node: ModelNode): readonly string[] | undefined {
    const bounds = node.inputs.slice(1).map((name) => this.vector(name)?.map(Number));
    const isWhole = bounds.every((numbers) => numbers?.length === 1 && Number.isInteger(numbers[0]));
    const [[from] = [NaN], [to] = [NaN], [axis] = [0], [step] = [1]] = bounds as number[][];
    const isFirstAxis = node.operator === "Slice" ? axis === 0 && step === 1 : node.attributes.number("axis", 0) === 0;
    if (!isWhole || !isFirstAxis || from < 0) return undefined;
    const end = node.operator === "Slice" ? to : from + 1;
    const source = this.#origins.node(node.inputs[0]);
    if (source?.operator === "Shape" && !source.attributes.has("start") && !source.attributes.has("end")) {
      if (end < from || end > from + most) return undefined;
      return Array.from({ length: end - from }, (_, i) => `extent(${source.inputs[0]},${from + i})`);
    }
    const elements = this.vector(node.inputs[0]);
    return elements && end >= 0 ? elements.slice(from, end) : undefined;
  }

  /** The shape of a vector whose elements are known. */
  #count(name: string): readonly string[] | undefined {
    const elements = this.vector(name);
    return elements && elements.length > 1 ? [String(elements.length)] : undefined;
  }

  #filled(node: ModelNode): readonly string[] | undefined {
    const [count, ...others] = this.vector(node.inputs[0])?.map(Number) ?? [NaN];
    if (others.length > 0 || !(count <= most)) return undefined;
    const [value] = node.attributes.has("value") ? elementsOf(node.attributes.tensor("value")) : ["0"];
    return new Array<string>(count).fill(value);
  }
}

const elementsOf = ({ data }: HostValue): string[] => Array.from(data, String);

/** The sum of two terms in its normal form. */
export function sum(a: string, b: string): string {
  return folded(a, b, (a, b) => a + b) ?? sorted("sum", [a, b]);
}

/** A function of terms whose order makes no difference. */
export function sorted(name: string, terms: readonly string[]): string {
  return `${name}(${[...terms].sort()})`;
}

function folded(a: string, b: string, of: (a: number, b: number) => number): string | undefined {
  const value = of(Number(a), Number(b));
  return Number.isFinite(value) ? String(value) : undefined;
}

/** An extent equals no negative number. */
function equal(a: string, b: string): string {
  const same = folded(a, b, (a, b) => Number(a === b));
  if (same !== undefined) return same;
  const isOther = (a.startsWith("extent(") && Number(b) < 0) || (b.startsWith("extent(") && Number(a) < 0);
  return isOther ? "0" : sorted("equal", [a, b]);
}
