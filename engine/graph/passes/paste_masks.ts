import { type HostValue, hostValue } from "../host_value.ts";
import { Attributes, type Model, type ModelNode, type Subgraph } from "../model.ts";
import { pasteMasksOperator } from "../operators/mask_paste.ts";
import { IntegerTerms, sorted, sum } from "./integer_terms.ts";

/**
 * A loop over detections that resizes each mask to its box and puts zeros around it, as torchvision's
 * `paste_masks_in_image` is exported, is one operation that reads the boxes on the device:
 *
 *     for i below the number of masks:
 *       left, top, right, bottom = boxes[i]
 *       mask = Resize masks[i, 0] to max(bottom - top + 1, 1) rows, max(right - left + 1, 1) columns
 *       x = max(left, 0) to min(right + 1, width), y alike
 *       mask = Slice mask from y - top and x - left on                              =>   PasteMasks
 *       mask = Concat zeros above, mask, zeros below; Slice to the height
 *       mask = Concat zeros on the left, mask, zeros on the right; Slice to the width
 *       result = Concat result, mask
 *
 * The sizes of all this depend on the boxes, which the host would have to read otherwise.
 */
export function pasteMasks(model: Model): Model {
  const makers = makersOf(model.nodes);
  const constants = new Map(model.constants);
  const nodes = model.nodes.map((node) => {
    const found = node.operator === "Loop" ? pasteOf(node, makers, model) : undefined;
    if (found === undefined) return node;
    const sizes = [found.height, found.width].map((term) => {
      if (!Number.isInteger(Number(term))) return term;
      const name = `${node.name}/size ${term}`;
      constants.set(name, hostValue("i64", [], [Number(term)]));
      return name;
    });
    const inputs = [found.masks, found.boxes, ...sizes, node.inputs[2]];
    return { ...node, operator: pasteMasksOperator, inputs, attributes: new Attributes(new Map()) };
  });
  return { ...model, nodes, constants };
}

type Makers = ReadonlyMap<string, ModelNode>;

function makersOf(nodes: readonly ModelNode[]): Makers {
  return new Map(nodes.flatMap((node) => node.outputs.map((name): [string, ModelNode] => [name, node])));
}

interface Found {
  /** Names of values outside of the loop. */
  readonly masks: string;
  readonly boxes: string;
  /** Numbers, or names of values. */
  readonly height: string;
  readonly width: string;
}

/** What a loop draws; nothing for one that doesn't fit or is broken, of which the lowering says why. */
function pasteOf(node: ModelNode, outside: Makers, model: Model): Found | undefined {
  try {
    return new Paste(node, outside, model).match();
  } catch {
    return undefined;
  }
}

/** Compares one loop with the pattern. */
class Paste {
  readonly #loop: ModelNode;
  readonly #body: Subgraph;
  readonly #inside: Makers;
  readonly #outside: Makers;
  readonly #model: Model;
  readonly #terms: IntegerTerms;
  #boxes: string | undefined;

  constructor(loop: ModelNode, outside: Makers, model: Model) {
    this.#loop = loop;
    this.#body = loop.attributes.subgraph("body");
    this.#inside = makersOf(this.#body.nodes);
    this.#outside = outside;
    this.#model = model;
    const origins = { node: (name: string) => this.#node(name), constant: (name: string) => this.#constant(name) };
    this.#terms = new IntegerTerms(origins, (node) => this.#side(node));
  }

  match(): Found | undefined {
    const { inputs, outputs } = this.#body;
    if (this.#loop.inputs.length !== 3 || inputs.length !== 3 || outputs.length !== 2) return undefined;
    if (!this.#runsToItsEnd() || this.#constant(this.#loop.inputs[2])?.data.length !== 0) return undefined;
    const joined = this.#is(outputs[1], "Concat");
    const row = joined?.inputs.length === 2 && this.#axis(joined) === 0 && joined.inputs[0] === inputs[2]
      ? this.#is(joined.inputs[1], "Unsqueeze")
      : undefined;
    if (row === undefined || String(this.#terms.vector(row.inputs[1])) !== "0") return undefined;
    const columns = this.#padded(row.inputs[0], 1);
    const rows = columns && this.#padded(columns.inner, 0);
    if (rows === undefined) return undefined;
    const [left, top, right, bottom] = ["0", "1", "2", "3"].map((side) => `box(${side})`);
    const x = this.#isInside(columns!, left, right), y = this.#isInside(rows, top, bottom);
    const resized = x && y ? this.#cut(this.#cut(rows.inner, 1, x, left), 0, y, top) : undefined;
    const masks = resized && this.#resized(resized, [left, top, right, bottom]);
    const isEach = masks !== undefined && this.#terms.scalar(this.#loop.inputs[0]) === `extent(${masks},0)`;
    if (!isEach || this.#boxes === undefined) return undefined;
    const found = { masks, boxes: this.#boxes, height: rows.size, width: columns!.size };
    return Object.values(found).every((term) => this.#isOutside(term)) ? found : undefined;
  }

  /** The sides of the iteration's box are terms of their own. */
  #side(node: ModelNode): string | undefined {
    const row = this.#element(node);
    const boxes = row && this.#each(row.from);
    const side = row && this.#terms.vector(row.index);
    if (boxes === undefined || side?.length !== 1 || !["0", "1", "2", "3"].includes(side[0])) return undefined;
    if ((this.#boxes ??= boxes) !== boxes) return undefined;
    return `box(${side})`;
  }

  /** What the iteration takes its row of. */
  #each(name: string): string | undefined {
    const node = this.#node(name);
    const row = node && this.#element(node);
    return row?.index === this.#body.inputs[0] ? row.from : undefined;
  }

  #element(node: ModelNode): { from: string; index: string } | undefined {
    if (node.operator !== "Gather" || node.attributes.number("axis", 0) !== 0) return undefined;
    return { from: node.inputs[0], index: node.inputs[1] };
  }

  /** Zeros, something and zeros along an axis, cut to a size. */
  #padded(name: string, axis: number): { inner: string; begin: string; rest: string; size: string } | undefined {
    const cut = this.#slice(name, axis);
    const joined = cut && this.#is(cut.x, "Concat");
    if (cut?.start !== "0" || joined?.inputs.length !== 3 || this.#axis(joined) !== axis) return undefined;
    const [before, inner, after] = joined.inputs;
    const across = (zeros: string) => this.#zeros(zeros, axis, inner);
    const begin = across(before), rest = across(after);
    return begin === undefined || rest === undefined ? undefined : { inner, begin, rest, size: cut.end };
  }

  /** How many zeros a part has along an axis, as large as another one along the other. */
  #zeros(name: string, axis: number, like: string): string | undefined {
    const node = this.#is(name, "ConstantOfShape");
    const shape = node && this.#terms.vector(node.inputs[0]);
    const value = node?.attributes.has("value") ? Number(node.attributes.tensor("value").data[0]) : 0;
    if (shape?.length !== 2 || value !== 0 || shape[1 - axis] !== `extent(${this.#through(like)},${1 - axis})`) {
      return undefined;
    }
    return shape[axis];
  }

  /** First pixel and end of the box's part inside of the image, where the zeros leave room for just that. */
  #isInside({ begin, rest, size }: { begin: string; rest: string; size: string }, first: string, last: string) {
    const from = sorted("max", ["0", first]);
    const to = sorted("min", [size, sum("1", last)]);
    return begin === from && rest === `difference(${size},${to})` ? { from, to } : undefined;
  }

  /** What the part of the box inside of the image is cut out of. */
  #cut(name: string | undefined, axis: number, part: { from: string; to: string }, first: string) {
    const cut = name === undefined ? undefined : this.#slice(name, axis);
    const isPart = cut?.start === `difference(${part.from},${first})` && cut.end === `difference(${part.to},${first})`;
    return isPart ? cut.x : undefined;
  }

  /** The masks, of which the iteration's first channel is resized to the size of its box. */
  #resized(name: string, [left, top, right, bottom]: readonly string[]): string | undefined {
    const resize = this.#is(this.#first(this.#first(name)) ?? "", "Resize");
    if (resize === undefined || !isLinear(resize) || resize.inputs.length !== 4) return undefined;
    const [x, roi, scales, sizes] = resize.inputs;
    if (roi !== "" || scales !== "") return undefined;
    const length = (first: string, last: string) => sorted("max", ["1", sum("1", `difference(${last},${first})`)]);
    const wanted = [`extent(${x},0)`, `extent(${x},1)`, length(top, bottom), length(left, right)];
    const expand = String(this.#terms.vector(sizes)) === String(wanted) ? this.#is(x, "Expand") : undefined;
    if (expand === undefined) return undefined;
    const [mask, shape] = expand.inputs;
    const planes = ["1", "1", `extent(${mask},0)`, `extent(${mask},1)`];
    return String(this.#terms.vector(shape)) === String(planes) ? this.#each(this.#first(mask) ?? "") : undefined;
  }

  /** What a value is the first row of. */
  #first(name: string | undefined): string | undefined {
    const node = name === undefined ? undefined : this.#node(name);
    const row = node && this.#element(node);
    return row && String(this.#terms.vector(row.index)) === "0" ? row.from : undefined;
  }

  #slice(name: string, axis: number): { x: string; start: string; end: string } | undefined {
    const [x, ...bounds] = this.#is(name, "Slice")?.inputs ?? [];
    if (bounds.length < 3) return undefined;
    const [start, end, along, step = "1"] = bounds.map((bound) => this.#terms.scalar(bound));
    if (start === undefined || end === undefined || along !== String(axis) || step !== "1") return undefined;
    return { x, start, end };
  }

  /** The iterations end with the number of masks alone. */
  #runsToItsEnd(): boolean {
    const [, condition] = this.#loop.inputs;
    const goesOn = this.#through(this.#body.outputs[0]);
    const holds = (name: string) => Number(this.#constant(name)?.data[0] ?? 0) === 1;
    return (condition === "" || holds(condition)) && (goesOn === this.#body.inputs[1] || holds(goesOn));
  }

  /** The node of an operator that makes a value, seen through what changes nothing about floats. */
  #is(name: string, operator: string): ModelNode | undefined {
    const node = this.#node(this.#through(name));
    return node?.operator === operator ? node : undefined;
  }

  #through(name: string): string {
    const node = this.#node(name);
    const isSame = node?.operator === "Identity" ||
      (node?.operator === "Cast" && Number(node.attributes.get("to")) === 1);
    return isSame ? this.#through(node.inputs[0]) : name;
  }

  #axis(node: ModelNode): number {
    return node.attributes.number("axis", NaN);
  }

  #node(name: string): ModelNode | undefined {
    return this.#inside.get(name) ?? this.#outside.get(name);
  }

  #constant(name: string): HostValue | undefined {
    const known = this.#body.constants.get(name) ??
      (this.#inside.has(name) ? undefined : this.#model.constants.get(name));
    if (known !== undefined) return known;
    const node = this.#node(name);
    return node?.operator === "Constant" && node.attributes.has("value") ? node.attributes.tensor("value") : undefined;
  }

  #isOutside(term: string): boolean {
    const { inputs, constants } = this.#model;
    const isInput = inputs.some(({ name }) => name === term);
    return isInput || Number.isInteger(Number(term)) || this.#outside.has(term) || constants.has(term);
  }
}

function isLinear({ attributes }: ModelNode): boolean {
  const plain = !["antialias", "keep_aspect_ratio_policy", "axes", "exclude_outside"].some((name) =>
    attributes.has(name) && Number(attributes.get(name)) !== 0
  );
  return plain && attributes.text("mode", "nearest") === "linear" &&
    attributes.text("coordinate_transformation_mode", "half_pixel") === "half_pixel";
}
