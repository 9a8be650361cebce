/** The form of an attention that is made of other operations. */

import type { Recorder, Value } from "../../contract.ts";
import { sameShape, sizeOf, stridesOf } from "../../shape.ts";
import { binary } from "../binary/binary.ts";
import { matmul } from "../matmul/matmul.ts";
import { softmax } from "../softmax/softmax.ts";
import { recordStrided } from "../strided_copy.ts";
import { transpose } from "../transpose/transpose.ts";
import { type AttentionOptions, type AttentionView, viewsOf } from "./attention.ts";

/** Records products and softmax. */
export function recordComposed(r: Recorder, inputs: readonly Value[], options: AttentionOptions): Value {
  const [q, k, v, ...biases] = viewsOf(options).map(({ view, shape }, i) => ({ x: inputs[i], view, shape }));
  const rank = k.shape.length;
  const turned = {
    begin: k.view.begin,
    strides: [...k.view.strides.slice(0, -2), k.view.strides[rank - 1], k.view.strides[rank - 2]],
  };
  const left = copied(r, q.x, q.view, q.shape);
  const scale = r.constant(Float32Array.of(options.scale), []);
  const scaled = options.scale === 1 ? left : r.apply(binary, [left, scale], { op: "multiply" })[0];
  const right = copied(r, k.x, turned, [...options.batch, options.depth, options.keys]);
  let [scores] = r.apply(matmul, [scaled, right], {});
  for (const { x, view, shape } of biases) {
    [scores] = r.apply(binary, [scores, copied(r, x, view, shape, rank)], { op: "add" });
  }
  const [weights] = r.apply(softmax, [scores], { axis: -1 });
  const [result] = r.apply(matmul, [weights, copied(r, v.x, v.view, v.shape)], {});
  const { permutation } = options;
  return permutation === undefined ? result : r.apply(transpose, [result], { permutation })[0];
}

/** What a view sees; of the first `repeats` axes those over which it repeats have size 1. */
function copied(
  r: Recorder,
  x: Value,
  { begin, strides }: AttentionView,
  wanted: readonly number[],
  repeats: number = wanted.length - 2,
): Value {
  const shape = wanted.map((extent, axis) => axis < repeats && strides[axis] === 0 ? 1 : extent);
  const plain = stridesOf(shape);
  const isWhole = sizeOf(shape) === sizeOf(x.shape) && begin === 0 &&
    shape.every((extent, axis) => extent === 1 || strides[axis] === plain[axis]);
  if (isWhole) return sameShape(shape, x.shape) ? x : r.reshape(x, shape);
  return recordStrided(r, "attention", x, { shape, strides, begin });
}
