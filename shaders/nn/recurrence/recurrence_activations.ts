/** The functions of a recurrent cell's gates: the number that the page knows each by, and its twin. */

/** Name of a function, as ONNX has it. */
export type CellFunction =
  | "Sigmoid"
  | "Tanh"
  | "Relu"
  | "Affine"
  | "LeakyRelu"
  | "ThresholdedRelu"
  | "ScaledTanh"
  | "HardSigmoid"
  | "Elu"
  | "Softsign"
  | "Softplus";

/** A function with its parameters. */
export interface CellActivation {
  readonly name: CellFunction;
  /** Slope, or threshold. Default 0. */
  readonly alpha: number;
  /** Offset, or the factor of the argument. Default 0. */
  readonly beta: number;
}

/** The functions by name. */
export const cellActivations: Readonly<
  Record<CellFunction, { readonly code: number; readonly twin: (x: number, alpha: number, beta: number) => number }>
> = {
  Sigmoid: { code: 0, twin: (x) => 1 / (1 + Math.exp(-x)) },
  Tanh: { code: 1, twin: (x) => Math.tanh(x) },
  Relu: { code: 2, twin: (x) => Math.max(x, 0) },
  Affine: { code: 3, twin: (x, alpha, beta) => alpha * x + beta },
  LeakyRelu: { code: 4, twin: (x, alpha) => x < 0 ? alpha * x : x },
  ThresholdedRelu: { code: 5, twin: (x, alpha) => x >= alpha ? x : 0 },
  ScaledTanh: { code: 6, twin: (x, alpha, beta) => alpha * Math.tanh(beta * x) },
  HardSigmoid: { code: 7, twin: (x, alpha, beta) => Math.min(Math.max(alpha * x + beta, 0), 1) },
  Elu: { code: 8, twin: (x, alpha) => x < 0 ? alpha * Math.expm1(x) : x },
  Softsign: { code: 9, twin: (x) => x / (1 + Math.abs(x)) },
  Softplus: { code: 10, twin: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))) },
};
