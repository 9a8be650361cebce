/** The rows of the bench: what is run, on which shapes, beside which peer. */

import type { Cost, Operation, Recorder, Spec, Value } from "../../shaders/contract.ts";
import { filters, nn } from "../../shaders/mod.ts";

/** A work of the Python peer, or one ONNX node for onnxruntime. */
export type PeerWork =
  | { readonly kind: "python"; readonly work: string; readonly size: number }
  | {
    readonly kind: "onnx";
    readonly operator: string;
    readonly inputs: readonly (readonly number[])[];
    readonly attributes?: Readonly<Record<string, readonly number[]>>;
  };

/** One row. */
export interface BenchRow {
  readonly name: string;
  /** What is computed, for the reader. */
  readonly work: string;
  /** Shapes of the f32 inputs. */
  readonly inputs: readonly (readonly number[])[];
  record(r: Recorder, inputs: readonly Value[]): Value;
  cost(): Cost;
  readonly peer: PeerWork;
}

function row<O>(
  name: string,
  work: string,
  operation: Operation<O>,
  inputs: readonly (readonly number[])[],
  options: Partial<O>,
  peer: PeerWork,
): BenchRow {
  const specs: Spec[] = inputs.map((shape) => ({ dtype: "f32", shape }));
  return {
    name,
    work,
    inputs,
    record: (r, values) => r.apply(operation, values, options)[0],
    cost: () => operation.cost(specs, operation.options.parse(options)),
    peer,
  };
}

const side = 1024;

function filter<O>(name: string, work: string, operation: Operation<O>, options: Partial<O>, peer: string): BenchRow {
  const peerWork: PeerWork = { kind: "python", work: peer, size: side };
  return row(`filters/${name}`, `${work}, ${side} x ${side}`, operation, [[1, side, side]], options, peerWork);
}

function convolution(channels: number, size: number): BenchRow {
  const inputs = [[1, channels, size, size], [channels, channels, 3, 3]];
  const options = { padsBegin: [1, 1], padsEnd: [1, 1] };
  const peer: PeerWork = { kind: "onnx", operator: "Conv", inputs, attributes: { pads: [1, 1, 1, 1] } };
  const work = `3x3, ${channels} to ${channels} channels, ${size} x ${size}`;
  return row(`nn/convolution-${channels}`, work, nn.convolution, inputs, options, peer);
}

function matrixProduct(size: number): BenchRow {
  const inputs = [[size, size], [size, size]];
  const peer: PeerWork = { kind: "onnx", operator: "MatMul", inputs };
  return row(`nn/gemm-${size}`, `${size} x ${size} by ${size} x ${size}`, nn.gemm, inputs, {}, peer);
}

/** All rows. */
export const benchRows: readonly BenchRow[] = [
  filter("gaussian", "sigma 2 (17 taps)", filters.gaussian, { sigmaPx: 2 }, "gaussian17"),
  filter("median", "radius 2 (5 x 5)", filters.median, { radius: 2, border: "nearest" }, "median"),
  matrixProduct(1024),
  convolution(64, 128),
  convolution(256, 32),
];
