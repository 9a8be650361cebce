/** Attention and what goes with it in language models: rotated positions and caches of keys and values. */
import { nn, sizeOf } from "../../../shaders/mod.ts";
import { ModelError } from "../../errors.ts";
import { hostValue, isFloat } from "../host_value.ts";
import { axisOf, input, type Lowering, type NodeView, type Operand, type Operator } from "../operator.ts";
import { dtypeOf } from "../tensor_proto.ts";
import { converted } from "./convert.ts";
import { binary, scalarLike, unary } from "./elementwise.ts";
import { matrixProduct } from "./linear.ts";
import { sliced, transposed } from "./movement.ts";

/** [batch, length, heads * size] as [batch, heads, length, size]; four axes are that already. */
function byHeads(lowering: Lowering, x: Operand, heads: number): Operand {
  if (x.shape.length === 4) return x;
  const [batch, length, width] = x.shape;
  if (!(heads > 0) || width % heads !== 0) throw new ModelError(`${heads} heads can't share rows of ${width}`);
  return transposed(lowering, lowering.reshape(x, [batch, length, heads, width / heads]), [0, 2, 1, 3]);
}

function together(lowering: Lowering, past: Operand | undefined, x: Operand): Operand {
  return past === undefined ? x : lowering.apply(nn.concat, [past, x], { axis: 2 });
}

/** Numbers that ascend along an axis of 4: what positions are compared by. */
function ascending(lowering: Lowering, count: number, axis: number): Operand {
  const shape = [1, 1, 1, 1].with(axis, count);
  return lowering.constant(hostValue("i64", shape, Array.from({ length: count }, (_, i) => i)));
}

function minusInfinity(lowering: Lowering, like: Operand): Operand {
  return scalarLike(lowering, like, -Infinity);
}

/** 0 where `allowed`, else minus infinity. */
function biasOf(lowering: Lowering, allowed: Operand, like: Operand): Operand {
  const inputs = [allowed, scalarLike(lowering, like, 0), minusInfinity(lowering, like)];
  return lowering.apply(nn.where, inputs, {});
}

/** What is added to the scores [batch, heads, queries, keys]: the mask, what a causal one hides and what is padding. */
function maskOf(lowering: Lowering, node: NodeView, scores: Operand, past: number | undefined): Operand | undefined {
  const [, , queries, keys] = scores.shape;
  const parts: Operand[] = [];
  const given = node.inputs[3];
  if (given !== undefined) {
    const bias = given.dtype === "bool" ? biasOf(lowering, given, scores) : given;
    const missing = keys - bias.shape[bias.shape.length - 1];
    const padsEnd = bias.shape.map((_, axis) => axis === bias.shape.length - 1 ? missing : 0);
    const options = { padsBegin: bias.shape.map(() => 0), padsEnd, mode: "constant", value: -Infinity } as const;
    parts.push(missing === 0 ? bias : lowering.apply(nn.pad, [bias], options));
  }
  const valid = node.inputs[6];
  const lengths = valid && converted(lowering, lowering.reshape(valid, [valid.shape[0], 1, 1, 1]), "i64");
  const key = ascending(lowering, keys, 3);
  if (node.attributes.number("is_causal", 0) === 1) {
    const query = ascending(lowering, queries, 2);
    // Queries stand at the end of the keys that they may see.
    const offset = past === undefined && lengths !== undefined
      ? binary(lowering, "subtract", lengths, scalarLike(lowering, lengths, queries))
      : scalarLike(lowering, key, past ?? 0);
    const allowed = binary(lowering, "lessOrEqual", key, binary(lowering, "add", query, offset));
    parts.push(biasOf(lowering, allowed, scores));
  }
  if (lengths !== undefined) parts.push(biasOf(lowering, binary(lowering, "less", key, lengths), scores));
  return parts.length === 0 ? undefined : parts.reduce((sum, part) => binary(lowering, "add", sum, part));
}

/** Softmax over the keys; a query that may see none of them has weights of 0. */
function weightsOf(
  lowering: Lowering,
  scores: Operand,
  bias: Operand | undefined,
  precision: Operand["dtype"],
): Operand {
  const softmax = converted(
    lowering,
    lowering.apply(nn.softmax, [converted(lowering, scores, precision)], { axis: 3, log: false }),
    scores.dtype,
  );
  if (bias === undefined) return softmax;
  const axes = [bias.shape.length - 1];
  const greatest = lowering.apply(nn.reduce, [bias], { kind: "max", axes, keepDims: true });
  const hidden = binary(lowering, "equal", greatest, minusInfinity(lowering, bias));
  if (hidden.host !== undefined && hidden.host.data.every((value) => !value)) return softmax;
  return lowering.apply(nn.where, [hidden, scalarLike(lowering, softmax, 0), softmax], {});
}

/** Heads of queries that share keys and values are rows of one product, so nothing is repeated. */
function productByHeads(lowering: Lowering, rows: Operand, columns: Operand): Operand {
  const [batch, heads, count, size] = rows.shape;
  const shared = columns.shape[1];
  if (heads % shared !== 0) throw new ModelError(`${heads} heads of queries can't share ${shared} of keys`);
  const joined = lowering.reshape(rows, [batch, shared, heads / shared * count, size]);
  return lowering.reshape(matrixProduct(lowering, joined, columns), [batch, heads, count, columns.shape[3]]);
}

const attention: Operator = {
  opsets: [23],
  lower: (lowering, node) => {
    const { attributes } = node;
    const heads = attributes.number("q_num_heads", 0);
    const sharedHeads = attributes.number("kv_num_heads", 0);
    const query = byHeads(lowering, input(node, 0), heads);
    const key = together(lowering, node.inputs[4], byHeads(lowering, input(node, 1), sharedHeads));
    const value = together(lowering, node.inputs[5], byHeads(lowering, input(node, 2), sharedHeads));
    const scale = attributes.number("scale", 1 / Math.sqrt(query.shape[3]));
    const scaled = binary(lowering, "multiply", query, scalarLike(lowering, query, scale));
    const products = productByHeads(lowering, scaled, transposed(lowering, key, [0, 1, 3, 2]));
    const cap = attributes.number("softcap", 0);
    const capped = cap > 0 ? softCapped(lowering, products, cap) : products;
    const bias = maskOf(lowering, node, capped, node.inputs[4]?.shape[2]);
    const scores = bias === undefined ? capped : binary(lowering, "add", capped, bias);
    const precision = attributes.has("softmax_precision") ? attributes.number("softmax_precision") : 1;
    const computed = dtypeOf(precision);
    const weights = weightsOf(lowering, scores, bias, isFloat(computed) && computed !== "f64" ? computed : "f32");
    const result = productByHeads(lowering, weights, value);
    const [batch, , count] = result.shape;
    const flat = input(node, 0).shape.length === 3
      ? lowering.reshape(transposed(lowering, result, [0, 2, 1, 3]), [
        batch,
        count,
        sizeOf(result.shape) / batch / count,
      ])
      : result;
    const stage = [products, capped, scores, weights][attributes.number("qk_matmul_output_mode", 0)];
    return [flat, key, value, stage];
  },
};

function softCapped(lowering: Lowering, x: Operand, cap: number): Operand {
  const limit = scalarLike(lowering, x, cap);
  return binary(lowering, "multiply", unary(lowering, binary(lowering, "divide", x, limit), "tanh"), limit);
}

/** Pairs of each head's elements turned by angles of their position, whose cosines and sines are given. */
const rotaryEmbedding: Operator = {
  opsets: [23],
  lower: (lowering, node) => {
    const { attributes } = node;
    const x = input(node, 0);
    const positions = node.inputs[3];
    const interleaved = attributes.number("interleaved", 0) === 1;
    const byPosition = x.shape.length === 4
      ? transposed(lowering, x, [0, 2, 1, 3])
      : lowering.reshape(x, [x.shape[0], x.shape[1], ...headsOf(x, attributes.number("num_heads", 0))]);
    const width = byPosition.shape[3];
    const turned = attributes.number("rotary_embedding_dim", 0) || width;
    const half = turned / 2;
    const [cosine, sine] = [1, 2].map((at) => {
      const cache = input(node, at);
      const chosen = positions === undefined ? cache : lowering.apply(nn.gather, [cache, positions], { axis: 0 });
      return lowering.reshape(chosen, [chosen.shape[0], chosen.shape[1], 1, half]);
    });
    const part = (start: number, step = 1, size = half) =>
      sliced(lowering, byPosition, [{ axis: 3, start, step, size }]);
    const [a, b] = interleaved ? [part(0, 2), part(1, 2)] : [part(0), part(half)];
    const product = (left: Operand, right: Operand) => binary(lowering, "multiply", left, right);
    const real = binary(lowering, "subtract", product(cosine, a), product(sine, b));
    const imaginary = binary(lowering, "add", product(sine, a), product(cosine, b));
    const pairs = interleaved
      ? [real, imaginary].map((own) => lowering.reshape(own, [...own.shape, 1]))
      : [real, imaginary];
    const shape = byPosition.shape.with(3, turned);
    const rotated = lowering.reshape(lowering.apply(nn.concat, pairs, { axis: interleaved ? 4 : 3 }), shape);
    const result = turned === width
      ? rotated
      : lowering.apply(nn.concat, [rotated, part(turned, 1, width - turned)], { axis: 3 });
    return [x.shape.length === 4 ? transposed(lowering, result, [0, 2, 1, 3]) : lowering.reshape(result, x.shape)];
  },
};

function headsOf(x: Operand, heads: number): [heads: number, size: number] {
  if (!(heads > 0) || x.shape[2] % heads !== 0) {
    throw new ModelError(`${heads} heads can't share rows of ${x.shape[2]}`);
  }
  return [heads, x.shape[2] / heads];
}

/** Rows of a cache replaced by new ones, from each sequence's own position on, in a circle where asked for. */
const tensorScatter: Operator = {
  opsets: [24],
  lower: (lowering, node) => {
    const past = input(node, 0);
    const update = input(node, 1);
    const begins = node.inputs[2];
    const rank = past.shape.length;
    const axis = axisOf(node.attributes.number("axis", -2), rank);
    if (axis === 0) throw new ModelError("axis 0 is the batch, which has no positions");
    const along = (of: number, own: number) => past.shape.map((_, i) => i === of ? own : 1);
    const length = past.shape[axis];
    const steps = Array.from({ length }, (_, i) => i);
    const position = lowering.constant(hostValue("i64", along(axis, length), steps));
    const begin = begins === undefined
      ? scalarLike(lowering, position, 0)
      : converted(lowering, lowering.reshape(begins, along(0, begins.shape[0])), "i64");
    const distance = binary(lowering, "subtract", position, begin);
    const circular = node.attributes.text("mode", "linear") === "circular";
    const source = circular ? binary(lowering, "modulo", distance, scalarLike(lowering, distance, length)) : distance;
    const inside = binary(
      lowering,
      "and",
      binary(lowering, "greaterOrEqual", source, scalarLike(lowering, source, 0)),
      binary(lowering, "less", source, scalarLike(lowering, source, update.shape[axis])),
    );
    const known = lowering.apply(nn.where, [inside, source, scalarLike(lowering, source, 0)], {});
    const chosen = String(known.shape) === String(past.shape)
      ? known
      : lowering.apply(nn.expand, [known], { shape: past.shape });
    const moved = lowering.apply(nn.gatherElements, [update, chosen], { axis });
    return [lowering.apply(nn.where, [inside, moved, past], {})];
  },
};

/** Attention by ONNX's names. */
export const attentions: Readonly<Record<string, Operator>> = {
  Attention: attention,
  RotaryEmbedding: rotaryEmbedding,
  TensorScatter: tensorScatter,
};
