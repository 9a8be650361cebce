/** Functions of one element. Those of integers are abs, negative, sign, clip; of booleans not; the others take f32. */
export type UnaryOp =
  | "abs"
  | "negative"
  | "sign"
  | "not"
  | "clip"
  | "floor"
  | "ceil"
  | "round"
  | "reciprocal"
  | "sqrt"
  | "exp"
  | "log"
  | "sin"
  | "cos"
  | "tan"
  | "asin"
  | "acos"
  | "atan"
  | "sinh"
  | "cosh"
  | "tanh"
  | "asinh"
  | "acosh"
  | "atanh"
  | "erf"
  | "relu"
  | "leakyRelu"
  | "elu"
  | "selu"
  | "celu"
  | "thresholdedRelu"
  | "sigmoid"
  | "hardSigmoid"
  | "silu"
  | "hardSwish"
  | "softplus"
  | "softsign"
  | "mish"
  | "gelu"
  | "geluTanh"
  | "isNaN"
  | "isInf"
  | "identity";

/** Options of a function of one element. */
export interface UnaryOptions {
  readonly op: UnaryOp;
  /** leakyRelu, elu, celu, hardSigmoid: slope; selu: alpha; thresholdedRelu: threshold; clip: least value. */
  readonly alpha?: number;
  /** hardSigmoid: offset; selu: gamma; clip: greatest value. */
  readonly beta?: number;
}
