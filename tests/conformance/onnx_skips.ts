/**
 * What of ONNX is not supported, by operator, type and attribute. A test that a rule covers is run all the same: where it
 * passes, the rule is wrong and the run fails.
 */

import type { Contents } from "./onnx_contents.ts";

/** Why some tests are not expected to pass. */
export interface SkipRule {
  readonly reason: string;
  readonly covers: (test: Contents) => boolean;
}

function byType(type: string, reason = `elements of ${type} are not supported`): SkipRule {
  return { reason, covers: ({ types }) => types.has(type) };
}

function byOperator(operator: string, reason: string): SkipRule {
  return { reason: `${operator}: ${reason}`, covers: ({ operators }) => operators.has(operator) };
}

const random = "its results are random";
const text = "text is not supported";

/** The rules; the first one that covers a test gives its reason. */
export const skipRules: readonly SkipRule[] = [
  ...["float8e4m3fn", "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz", "float8e8m0", "float4e2m1"].map((type) =>
    byType(type)
  ),
  ...["int4", "uint4", "int2", "uint2", "bf16", "string", "complex64", "complex128"].map((type) => byType(type)),
  byType("sequence", "inputs and outputs of models are tensors, not sequences"),
  byType("optional", "inputs and outputs of models are tensors, not optional values"),
  ...["Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"]
    .map((operator) => byOperator(operator, random)),
  ...["RegexFullMatch", "StringConcat", "StringNormalizer", "StringSplit", "TfIdfVectorizer"]
    .map((operator) => byOperator(operator, text)),
  byOperator("ImageDecoder", "pictures are decoded before a network"),
  {
    reason: "Scan: version 8, which has a batch axis, is not supported",
    covers: ({ operators, opset }) => operators.has("Scan") && opset < 9,
  },
  byOperator("SequenceMap", "sequences exist while a model is lowered, and have no subgraphs"),
];
