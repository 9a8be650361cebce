import { z } from "npm:zod@4.6.7";
import {
  definePage,
  type Lib,
  type Operation,
  type Page,
  type Recorder,
  type Spec,
  type Value,
} from "../../contract.ts";
import { grid } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { showShape, sizeOf } from "../../shape.ts";
import { binary } from "../binary/binary.ts";
import { cumulate } from "../cumulate/cumulate.ts";
import { nestedIterations } from "../loops.ts";
import { nonZero } from "../non_zero/non_zero.ts";
import { costOf } from "../cost.ts";
import { recordSort } from "../sort/sort.ts";
import overlapText from "./box_overlap.wgsl" with { type: "text" };
import chooseText from "./choose_boxes.wgsl" with { type: "text" };
import dropText from "./drop_boxes.wgsl" with { type: "text" };
import listText from "./list_boxes.wgsl" with { type: "text" };
import { nonMaxSuppressionCases } from "./non_max_suppression_cases.ts";
import { nonMaxSuppressionTwin } from "./non_max_suppression_twin.ts";
import sortedText from "./sorted_boxes.wgsl" with { type: "text" };

/** Options of the choice among boxes that overlap. */
export interface NonMaxSuppressionOptions {
  /** Most boxes of a class and batch that stay. */
  readonly most: number;
  /** A box goes out where its overlap with a better one is more than this part of what the two cover. */
  readonly overlapLimit: number;
  /** Boxes stay only with a score above this; all do where it isn't given. */
  readonly scoreLimit?: number;
  /** Boxes are x and y of the center, width and height, not y and x of two opposite corners. Default false. */
  readonly center: boolean;
}

const overlap: Lib = { file: import.meta.resolve("./box_overlap.wgsl"), text: overlapText };

const linear = { layout: "linear" } as const;
const pairs = { name: "pairs", access: "read", ...linear, element: "u32" } as const;
const sorted = { name: "sorted", access: "read", ...linear } as const;
const alive = { name: "alive", access: "read_write", ...linear, element: "i32" } as const;

const page = (name: string, text: string, bindings: Page["bindings"], libs: readonly Lib[] = [grid, overlap]): Page =>
  definePage({ name, file: import.meta.resolve(`./${name}.wgsl`), text, libs, bindings });

const sortedBoxes = page("sorted_boxes", sortedText, [
  { name: "boxes", access: "read", ...linear },
  { name: "scores", access: "read", ...linear },
  pairs,
  { name: "count", access: "read", ...linear, element: "i32" },
  { ...sorted, access: "write" },
  { ...alive, access: "write" },
]);
const chooseBoxes = page("choose_boxes", chooseText, [sorted, alive]);
const dropBoxes = page("drop_boxes", dropText, [sorted, alive]);
const listBoxes = page("list_boxes", listText, [
  pairs,
  { name: "indices", access: "read", ...linear, element: "i32" },
  { name: "total", access: "read", ...linear, element: "i32" },
  { name: "chosen", access: "write", ...linear, element: "i32" },
], [grid]);

/** Boxes that one workgroup chooses among. */
const block = 256;

function check([boxes, scores, count]: readonly Spec[]): void {
  if (count !== undefined && (count.dtype !== "i64" || sizeOf(count.shape) !== 1)) {
    throw new RangeError(`nonMaxSuppression: ${count.dtype} ${showShape(count.shape)} isn't one number as i64`);
  }
  const fits = boxes.shape.length === 3 && scores.shape.length === 3 && boxes.shape[2] === 4 &&
    boxes.shape[0] === scores.shape[0] && boxes.shape[1] === scores.shape[2];
  if (fits) return;
  throw new RangeError(
    `nonMaxSuppression takes boxes [batch, boxes, 4] and scores [batch, classes, boxes], not ${
      showShape(boxes.shape)
    } and ${showShape(scores.shape)}`,
  );
}

/** Which boxes of each line stay: 1 or 0, in the order of their scores. */
function recordChoice(
  r: Recorder,
  [boxes, scores, count]: readonly Value[],
  lines: number,
  options: NonMaxSuppressionOptions,
) {
  const { most, overlapLimit: limit, scoreLimit, center } = options;
  const length = boxes.shape[1];
  const order = recordSort(r, scores, { length, inner: 1, descending: true });
  const corners = r.temporary({ dtype: "f32", shape: [lines, length, 4] });
  const stays = r.temporary({ dtype: "i32", shape: [lines, length] });
  r.dispatch(sortedBoxes, {
    bind: { boxes, scores, pairs: order.pairs, count: count ?? null, sorted: corners, alive: stays },
    params: { size: order.size, boxes: length, classes: scores.shape[1], score_limit: scoreLimit ?? 0 },
    overrides: { CENTER: center ? 1 : 0, LIMITED: scoreLimit === undefined ? 0 : 1, COUNTED: count ? 1 : 0 },
    groups: Math.ceil(lines * length / 64),
    iterations: 0,
  });
  for (let begin = 0; begin < length; begin += block) {
    r.dispatch(chooseBoxes, {
      bind: { sorted: corners, alive: stays },
      params: { boxes: length, begin, limit },
      groups: lines,
      iterations: 2 * nestedIterations([8, 32]) + nestedIterations([block, 8]),
    });
    const rest = length - begin - block;
    if (rest <= 0) continue;
    r.dispatch(dropBoxes, {
      bind: { sorted: corners, alive: stays },
      params: { boxes: length, begin, limit, rest },
      groups: Math.ceil(lines * rest / 64),
      iterations: nestedIterations([block]),
    });
  }
  if (most >= length) return { order, stays };
  const [running] = r.apply(cumulate, [stays], { kind: "sum", axis: 1 });
  const [early] = r.apply(binary, [running, r.constant(Int32Array.of(most), [])], { op: "lessOrEqual" });
  const [kept] = r.apply(binary, [
    r.apply(binary, [stays, r.constant(new Int32Array(1), [])], { op: "greater" })[0],
    early,
  ], {
    op: "and",
  });
  return { order, stays: kept };
}

/**
 * Chooses among overlapping boxes greedily: the best score first, equal ones in their order; a box goes out where it
 * overlaps one that stays. `chosen` [bound, 3] names batch, class and box of those that stay, by batch, class and falling
 * score, as i64; the first `count` [1] rows are set, the others are 0. Boxes without area overlap nothing. Source: ONNX
 * `NonMaxSuppression`. O(n log^2 n + n * stays) for n boxes per class.
 *
 * Inputs: boxes [batch, n, 4], scores [batch, classes, n], and how many of the n there are, [1] as i64; all where it isn't
 * given. Outputs: chosen, count.
 */
export const nonMaxSuppression: Operation<NonMaxSuppressionOptions> = {
  name: "nonMaxSuppression",
  options: optionsOf<NonMaxSuppressionOptions>(z.strictObject({
    most: z.int().nonnegative(),
    overlapLimit: z.number(),
    scoreLimit: z.number().optional(),
    center: z.boolean().default(false),
  })),
  outputs: (inputs, { most }) => {
    check(inputs);
    const [batch, classes, length] = inputs[1].shape;
    return [{ dtype: "i64", shape: [batch * classes * Math.min(length, most), 3] }, { dtype: "i64", shape: [1] }];
  },
  cost: (inputs, options) => {
    const [batch, classes, length] = inputs[1].shape;
    return costOf(inputs, nonMaxSuppression.outputs(inputs, options), 12 * batch * classes * length * length);
  },
  record: (r, inputs, options) => {
    const [, scores] = inputs;
    const chosen = r.temporary(nonMaxSuppression.outputs(inputs, options)[0]);
    const [batch, classes] = scores.shape;
    if (sizeOf(chosen.shape) === 0) return [chosen, r.apply(nonZero, [chosen], {})[1]];
    const lines = batch * classes;
    const { order, stays } = recordChoice(r, inputs, lines, options);
    const [indices, found] = r.apply(nonZero, [stays], {});
    r.dispatch(listBoxes, {
      bind: { pairs: order.pairs, indices, total: found, chosen },
      params: { size: order.size, classes, places: sizeOf(stays.shape) },
      groups: Math.ceil(chosen.shape[0] / 64),
      iterations: 0,
    });
    return [chosen, found];
  },
  twin: nonMaxSuppressionTwin,
  // Numbers of boxes.
  bound: 0,
  cases: nonMaxSuppressionCases,
};
