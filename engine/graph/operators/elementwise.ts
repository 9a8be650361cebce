/** Functions of one, two or more elements, comparisons and logic. */
import { nn } from "../../../shaders/mod.ts";
import { ModelError } from "../../errors.ts";
import { hostValue, isFloat, numbersOf } from "../host_value.ts";
import { givenInputs, input, type Lowering, type NodeView, type Operand, type Operator } from "../operator.ts";
import { converted } from "./convert.ts";

type Parameters = { alpha?: number; beta?: number };

/** Applies a function of one element. */
export function unary(lowering: Lowering, x: Operand, op: nn.UnaryOp, parameters: Parameters = {}): Operand {
  return lowering.apply(nn.unary, [x], { op, ...parameters });
}

/** Applies a function of two elements with broadcasting. */
export function binary(lowering: Lowering, op: nn.BinaryOp, a: Operand, b: Operand): Operand {
  return lowering.apply(nn.binary, [a, b], { op, epilogue: [] });
}

/** A scalar of an operand's type. */
export function scalarLike(lowering: Lowering, like: Operand, value: number): Operand {
  return lowering.constant(hostValue(like.dtype, [], [value]));
}

function unaryOperator(op: nn.UnaryOp, parameters: (node: NodeView) => Parameters = () => ({})): Operator {
  return { opsets: [1], lower: (lowering, node) => [unary(lowering, input(node, 0), op, parameters(node))] };
}

/** alpha and beta where the node or the standard gives them. */
function withDefaults(alpha?: number, beta?: number, betaName = "beta"): (node: NodeView) => Parameters {
  return ({ attributes }) => ({
    ...(alpha === undefined ? {} : { alpha: attributes.number("alpha", alpha) }),
    ...(beta === undefined ? {} : { beta: attributes.number(betaName, beta) }),
  });
}

function binaryOperator(op: nn.BinaryOp): Operator {
  return {
    opsets: [1],
    lower: (lowering, node) => [binary(lowering, op, input(node, 0), aligned(lowering, node))],
  };
}

/** The second input; before version 7 it was laid along `axis` of the first where `broadcast` was set. */
function aligned(lowering: Lowering, node: NodeView): Operand {
  const a = input(node, 0);
  const b = input(node, 1);
  if (node.opset >= 7 || !node.attributes.has("axis")) return b;
  const axis = node.attributes.number("axis");
  const behind = a.shape.length - (axis < 0 ? axis + a.shape.length : axis) - b.shape.length;
  if (behind < 0) throw new ModelError(`axis ${axis} leaves no room for a value of rank ${b.shape.length}`);
  return lowering.reshape(b, [...b.shape, ...new Array<number>(behind).fill(1)]);
}

/** Any number of inputs, two at a time. */
function chain(op: nn.BinaryOp, finish: (lowering: Lowering, sum: Operand, count: number) => Operand): Operator {
  return {
    opsets: [1],
    lower: (lowering, node) => {
      const operands = givenInputs(node);
      const result = operands.reduce((left, right) => binary(lowering, op, left, right));
      return [finish(lowering, result, operands.length)];
    },
  };
}

const relu: Operator = {
  opsets: [1],
  lower: (lowering, node) => {
    const x = input(node, 0);
    if (isFloat(x.dtype)) return [unary(lowering, x, "relu")];
    return [binary(lowering, "maximum", x, scalarLike(lowering, x, 0))];
  },
};

/** Limits are attributes before version 11 and inputs since; each may be left out. */
const clip: Operator = {
  opsets: [1],
  lower: (lowering, node) => {
    const x = input(node, 0);
    const [low, high] = node.opset < 11 ? [undefined, undefined] : node.inputs.slice(1);
    if ((low && low.host === undefined) || (high && high.host === undefined)) {
      const above = low ? binary(lowering, "maximum", x, lowering.reshape(low, [])) : x;
      return [high ? binary(lowering, "minimum", above, lowering.reshape(high, [])) : above];
    }
    const limit = (attribute: string, position: number): number | undefined => {
      if (node.opset < 11) return node.attributes.has(attribute) ? node.attributes.number(attribute) : undefined;
      const operand = node.inputs[position];
      return operand === undefined ? undefined : numbersOf(lowering.host(operand))[0];
    };
    const least = limit("min", 1);
    const greatest = limit("max", 2);
    if (isFloat(x.dtype) && (least !== undefined || greatest !== undefined)) {
      return [
        unary(lowering, x, "clip", { alpha: least ?? -3.4028234663852886e38, beta: greatest ?? 3.4028234663852886e38 }),
      ];
    }
    const above = least === undefined ? x : binary(lowering, "maximum", x, scalarLike(lowering, x, least));
    if (greatest === undefined) return [above];
    return [binary(lowering, "minimum", above, scalarLike(lowering, x, greatest))];
  },
};

const gelu: Operator = {
  opsets: [20],
  lower: (lowering, node) => {
    const form = node.attributes.text("approximate", "none");
    return [unary(lowering, input(node, 0), form === "tanh" ? "geluTanh" : "gelu")];
  },
};

const swish: Operator = {
  opsets: [24],
  lower: (lowering, node) => {
    const x = input(node, 0);
    const alpha = node.attributes.number("alpha", 1);
    if (alpha === 1) return [unary(lowering, x, "silu")];
    const scaled = binary(lowering, "multiply", x, scalarLike(lowering, x, alpha));
    return [binary(lowering, "multiply", x, unary(lowering, scaled, "sigmoid"))];
  },
};

const isInf: Operator = {
  opsets: [10],
  lower: (lowering, node) => {
    const x = input(node, 0);
    const infinite = unary(lowering, x, "isInf");
    const negative = node.attributes.number("detect_negative", 1) === 1;
    const positive = node.attributes.number("detect_positive", 1) === 1;
    // No number is below itself.
    if (!negative && !positive) return [binary(lowering, "less", x, x)];
    if (negative && positive) return [infinite];
    const signed = binary(lowering, positive ? "greater" : "less", x, scalarLike(lowering, x, 0));
    return [binary(lowering, "and", infinite, signed)];
  },
};

/** The exponent may have another type: the result has that of the base. */
const pow: Operator = {
  opsets: [1],
  lower: (lowering, node) => {
    const base = input(node, 0);
    const exponent = aligned(lowering, node);
    if (isFloat(base.dtype) || !isFloat(exponent.dtype)) {
      return [binary(lowering, "power", base, converted(lowering, exponent, base.dtype))];
    }
    const power = binary(lowering, "power", converted(lowering, base, exponent.dtype), exponent);
    return [converted(lowering, power, base.dtype)];
  },
};

const allBits: Readonly<Record<string, number>> = { u8: 0xff, u16: 0xffff, u32: 0xffffffff };

const bitwiseNot: Operator = {
  opsets: [18],
  lower: (lowering, node) => {
    const x = input(node, 0);
    return [binary(lowering, "bitwiseXor", x, scalarLike(lowering, x, allBits[x.dtype] ?? -1))];
  },
};

const mod: Operator = {
  opsets: [10],
  lower: (lowering, node) => {
    const op = node.attributes.number("fmod", 0) === 1 ? "remainder" : "modulo";
    return [binary(lowering, op, input(node, 0), input(node, 1))];
  },
};

const bitShift: Operator = {
  opsets: [11],
  lower: (lowering, node) => {
    const op = node.attributes.text("direction") === "LEFT" ? "shiftLeft" : "shiftRight";
    return [binary(lowering, op, input(node, 0), input(node, 1))];
  },
};

/** What is near 0 becomes 0, the rest moves toward it. */
const shrink: Operator = {
  opsets: [9],
  lower: (lowering, node) => {
    const given = input(node, 0);
    const x = isFloat(given.dtype) ? given : converted(lowering, given, "f32");
    const limit = node.attributes.number("lambd", 0.5);
    const bias = scalarLike(lowering, x, node.attributes.number("bias", 0));
    const zero = scalarLike(lowering, x, 0);
    const beyond = binary(lowering, "greater", x, scalarLike(lowering, x, limit));
    const before = binary(lowering, "less", x, scalarLike(lowering, x, -limit));
    const below = lowering.apply(nn.where, [before, binary(lowering, "add", x, bias), zero], {});
    const result = lowering.apply(nn.where, [beyond, binary(lowering, "subtract", x, bias), below], {});
    return [converted(lowering, result, given.dtype)];
  },
};

const where: Operator = {
  opsets: [9],
  lower: (lowering, node) => [lowering.apply(nn.where, [input(node, 0), input(node, 1), input(node, 2)], {})],
};

const prelu: Operator = {
  opsets: [1],
  lower: (lowering, node) => {
    const x = input(node, 0);
    const slope = input(node, 1);
    // Before version 7 a vector of slopes belonged to the channels.
    const channels = node.opset < 7 && slope.shape.length === 1 && x.shape.length > 2 && slope.shape[0] > 1;
    const laid = channels ? lowering.reshape(slope, [slope.shape[0], ...x.shape.slice(2).map(() => 1)]) : slope;
    return [binary(lowering, "prelu", x, laid)];
  },
};

/** Functions of elements by ONNX's names. */
export const elementwise: Readonly<Record<string, Operator>> = {
  Abs: unaryOperator("abs"),
  Neg: unaryOperator("negative"),
  Sign: unaryOperator("sign"),
  Not: unaryOperator("not"),
  Floor: unaryOperator("floor"),
  Ceil: unaryOperator("ceil"),
  Round: unaryOperator("round"),
  Reciprocal: unaryOperator("reciprocal"),
  Sqrt: unaryOperator("sqrt"),
  Exp: unaryOperator("exp"),
  Log: unaryOperator("log"),
  Sin: unaryOperator("sin"),
  Cos: unaryOperator("cos"),
  Tan: unaryOperator("tan"),
  Asin: unaryOperator("asin"),
  Acos: unaryOperator("acos"),
  Atan: unaryOperator("atan"),
  Sinh: unaryOperator("sinh"),
  Cosh: unaryOperator("cosh"),
  Tanh: unaryOperator("tanh"),
  Asinh: unaryOperator("asinh"),
  Acosh: unaryOperator("acosh"),
  Atanh: unaryOperator("atanh"),
  Erf: unaryOperator("erf"),
  Relu: relu,
  LeakyRelu: unaryOperator("leakyRelu", withDefaults(0.01)),
  Elu: unaryOperator("elu", withDefaults(1)),
  Selu: unaryOperator("selu", withDefaults(1.6732632423543772, 1.0507009873554805, "gamma")),
  Celu: unaryOperator("celu", withDefaults(1)),
  ThresholdedRelu: unaryOperator("thresholdedRelu", withDefaults(1)),
  Sigmoid: unaryOperator("sigmoid"),
  HardSigmoid: unaryOperator("hardSigmoid", withDefaults(0.2, 0.5)),
  HardSwish: unaryOperator("hardSwish"),
  Softplus: unaryOperator("softplus"),
  Softsign: unaryOperator("softsign"),
  Mish: unaryOperator("mish"),
  IsNaN: unaryOperator("isNaN"),
  IsInf: isInf,
  Gelu: gelu,
  Swish: swish,
  Clip: clip,
  PRelu: prelu,
  Add: binaryOperator("add"),
  Sub: binaryOperator("subtract"),
  Mul: binaryOperator("multiply"),
  Div: binaryOperator("divide"),
  Pow: pow,
  Mod: mod,
  And: binaryOperator("and"),
  Or: binaryOperator("or"),
  Xor: binaryOperator("xor"),
  BitwiseAnd: binaryOperator("bitwiseAnd"),
  BitwiseOr: binaryOperator("bitwiseOr"),
  BitwiseXor: binaryOperator("bitwiseXor"),
  BitwiseNot: bitwiseNot,
  BitShift: bitShift,
  Equal: binaryOperator("equal"),
  Less: binaryOperator("less"),
  LessOrEqual: binaryOperator("lessOrEqual"),
  Greater: binaryOperator("greater"),
  GreaterOrEqual: binaryOperator("greaterOrEqual"),
  Max: chain("maximum", (_, result) => result),
  Min: chain("minimum", (_, result) => result),
  Sum: chain("add", (_, result) => result),
  Mean: chain("add", (lowering, sum, count) => binary(lowering, "divide", sum, scalarLike(lowering, sum, count))),
  Shrink: shrink,
  Where: where,
};
