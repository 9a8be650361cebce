/** Signals: Fourier transforms, windows and what filters their spectra. */
import { nn } from "../../../shaders/mod.ts";
import { ModelError } from "../../errors.ts";
import { hostValue, numbersOf } from "../host_value.ts";
import { axisOf, input, type Lowering, type NodeView, type Operator } from "../operator.ts";
import { dtypeOf } from "../tensor_proto.ts";
import { binary } from "./elementwise.ts";

function numberAt(lowering: Lowering, node: NodeView, position: number): number | undefined {
  const operand = node.inputs[position];
  return operand === undefined ? undefined : numbersOf(lowering.host(operand))[0];
}

/** The axis is an attribute, and an input since version 20. */
const fourier: Operator = {
  opsets: [17],
  lower: (lowering, node) => {
    const x = input(node, 0);
    const given = node.opset < 20 ? node.attributes.number("axis", 1) : numberAt(lowering, node, 2) ?? -2;
    return [lowering.apply(nn.dft, [x], {
      axis: axisOf(given, x.shape.length),
      length: numberAt(lowering, node, 1),
      inverse: node.attributes.number("inverse", 0) === 1,
      onesided: node.attributes.number("onesided", 0) === 1,
    })];
  },
};

/** Transforms of frames of a signal, which may overlap: [batch, frames, frequencies, 2]. */
const shortTimeFourier: Operator = {
  opsets: [17],
  lower: (lowering, node) => {
    const signal = input(node, 0);
    const step = numberAt(lowering, node, 1);
    const window = node.inputs[2];
    const length = numberAt(lowering, node, 3) ?? window?.shape[0];
    if (step === undefined || length === undefined) {
      throw new ModelError("it needs a step, and a window or the length of a frame");
    }
    const [batch, samples] = signal.shape;
    const parts = signal.shape[2] ?? 1;
    const count = Math.floor((samples - length) / step) + 1;
    if (!(step > 0) || count < 1) throw new ModelError(`${samples} samples have no frame of ${length} every ${step}`);
    const indices = Array.from({ length: count * length }, (_, i) => Math.floor(i / length) * step + i % length);
    const at = lowering.constant(hostValue("i64", [count, length], indices));
    const frames = lowering.apply(nn.gather, [lowering.reshape(signal, [batch, samples, parts]), at], { axis: 1 });
    const weighted = window === undefined
      ? frames
      : binary(lowering, "multiply", frames, lowering.reshape(window, [1, 1, length, 1]));
    const onesided = node.attributes.number("onesided", 1) === 1;
    return [lowering.apply(nn.dft, [weighted], { axis: 2, onesided })];
  },
};

/** A window as a sum of cosines: one number per position, on the host. */
function windowFunction(coefficients: readonly number[]): Operator {
  return {
    opsets: [17],
    lower: (lowering, node) => {
      const [size] = numbersOf(lowering.host(input(node, 0)));
      const turn = 2 * Math.PI / Math.max(1, node.attributes.number("periodic", 1) === 1 ? size : size - 1);
      const at = (k: number) =>
        coefficients.reduce((sum, factor, i) => sum + (i % 2 === 0 ? factor : -factor) * Math.cos(turn * k * i), 0);
      const dtype = dtypeOf(node.attributes.number("output_datatype", 1));
      return [lowering.constant(hostValue(dtype, [size], Array.from({ length: size }, (_, k) => at(k))))];
    },
  };
}

const toMel = (hertz: number) => 2595 * Math.log10(1 + hertz / 700);
const toHertz = (mel: number) => 700 * (10 ** (mel / 2595) - 1);

/** Weights of a spectrum's lines in overlapping triangles that are equally wide on the mel scale. */
const melWeights: Operator = {
  opsets: [17],
  lower: (lowering, node) => {
    const [bins, length, rate, low, high] = [0, 1, 2, 3, 4].map((i) => numbersOf(lowering.host(input(node, i)))[0]);
    const lines = Math.floor(length / 2) + 1;
    const [first, last] = [toMel(low), toMel(high)];
    const edges = Array.from({ length: bins + 2 }, (_, i) => {
      const hertz = toHertz(first + i * (last - first) / (bins + 2));
      return Math.floor((length + 1) * hertz / rate);
    });
    const weights = new Float32Array(lines * bins);
    for (let bin = 0; bin < bins; bin++) {
      const [begin, center, end] = edges.slice(bin, bin + 3);
      for (let line = begin; line <= center; line++) {
        weights[line * bins + bin] = center === begin ? 1 : (line - begin) / (center - begin);
      }
      for (let line = center; line < end; line++) {
        if (end > center) weights[line * bins + bin] = (end - line) / (end - center);
      }
    }
    const dtype = dtypeOf(node.attributes.number("output_datatype", 1));
    return [lowering.constant(hostValue(dtype, [lines, bins], weights))];
  },
};

/** Signal processing by ONNX's names. */
export const signals: Readonly<Record<string, Operator>> = {
  DFT: fourier,
  STFT: shortTimeFourier,
  HannWindow: windowFunction([0.5, 0.5]),
  HammingWindow: windowFunction([25 / 46, 21 / 46]),
  BlackmanWindow: windowFunction([0.42, 0.5, 0.08]),
  MelWeightMatrix: melWeights,
};
