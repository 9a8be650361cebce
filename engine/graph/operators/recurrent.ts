/** Recurrent layers: each direction is a product over all steps at once, then a recurrence. */
import { nn } from "../../../shaders/mod.ts";
import { ModelError } from "../../errors.ts";
import { hostValue } from "../host_value.ts";
import { input, type Lowering, type NodeView, type Operand, type Operator, UnsupportedNode } from "../operator.ts";
import { converted } from "./convert.ts";
import { binary, scalarLike } from "./elementwise.ts";
import { matrixProduct } from "./linear.ts";
import { sliced, transposed } from "./movement.ts";
import { reversed } from "./selection.ts";

type Kind = nn.RecurrenceOptions["kind"];

const defaults: Readonly<Record<Kind, readonly nn.CellFunction[]>> = {
  lstm: ["Sigmoid", "Tanh", "Tanh"],
  gru: ["Sigmoid", "Tanh"],
  rnn: ["Tanh"],
};

/** Parameters of the functions that have some, where the node gives none. */
const parameters: Readonly<Partial<Record<nn.CellFunction, { alpha: number; beta?: number }>>> = {
  Affine: { alpha: 1, beta: 0 },
  LeakyRelu: { alpha: 0.01 },
  ThresholdedRelu: { alpha: 1 },
  ScaledTanh: { alpha: 1, beta: 1 },
  HardSigmoid: { alpha: 0.2, beta: 0.5 },
  Elu: { alpha: 1 },
};

const byName = new Map<string, nn.CellFunction>(
  (["Sigmoid", "Tanh", "Relu", "Softsign", "Softplus", ...Object.keys(parameters)] as nn.CellFunction[])
    .map((name) => [name.toLowerCase(), name]),
);

/** The functions of all directions; the lists of parameters go on only at functions that take some. */
function activationsOf(node: NodeView, kind: Kind, directions: number): nn.CellActivation[][] {
  const given = node.attributes.get("activations") as readonly string[] | undefined;
  const names = given ?? Array.from({ length: directions }, () => defaults[kind]).flat();
  const each = defaults[kind].length;
  if (names.length !== each * directions) {
    throw new ModelError(
      `it has ${names.length} activations, a ${kind} of ${directions} directions has ${each * directions}`,
    );
  }
  const [alphas, betas] = ["alpha", "beta"].map((name) => [...node.attributes.numbers(`activation_${name}`, [])]);
  const all = names.map((written): nn.CellActivation => {
    const name = byName.get(written.toLowerCase());
    if (name === undefined) throw new UnsupportedNode(`the activation ${written} is not supported`);
    const own = parameters[name];
    const alpha = own === undefined ? 0 : alphas.shift() ?? own.alpha;
    const beta = own?.beta === undefined ? 0 : betas.shift() ?? own.beta;
    return { name, alpha, beta };
  });
  return Array.from({ length: directions }, (_, direction) => all.slice(direction * each, (direction + 1) * each));
}

/** One direction's part of a value whose first axis is the directions, without that axis. */
function ofDirection(lowering: Lowering, value: Operand, direction: number): Operand {
  const part = sliced(lowering, value, [{ axis: 0, start: direction, size: 1 }]);
  return lowering.reshape(part, value.shape.slice(1));
}

/** The result of one direction: [T, N, H], and the last state and cell, [N, H]. */
interface DirectionResult {
  readonly states: Operand;
  readonly state: Operand;
  readonly cell?: Operand;
}

/** What a node gives besides weights: the input by steps, lengths of sequences, the first states. */
interface Given {
  readonly x: Operand;
  readonly lengths?: Operand;
  readonly states: readonly (Operand | undefined)[];
}

function runDirection(
  lowering: Lowering,
  node: NodeView,
  kind: Kind,
  { x, lengths, states }: Given,
  direction: number,
  options: Omit<nn.RecurrenceOptions, "kind" | "clip"> & { readonly reverse: boolean },
): DirectionResult {
  const [weights, stateWeights] = [1, 2].map((at) => ofDirection(lowering, input(node, at), direction));
  const [steps, batch] = x.shape;
  const hidden = stateWeights.shape[1];
  const width = stateWeights.shape[0];
  const bias = node.inputs[3] && ofDirection(lowering, node.inputs[3], direction);
  const biasPart = (start: number, size: number) => sliced(lowering, bias!, [{ axis: 0, start, size }]);
  // The bias of the state's part of a GRU's content is not the input's: the reset gate comes between.
  const apart = kind === "gru" && options.resetAfter && bias !== undefined;
  const turned = options.reverse ? inReverse(lowering, x, lengths) : x;
  const own = matrixProduct(lowering, turned, transposed(lowering, weights, [1, 0]));
  const gates = bias === undefined
    ? own
    : binary(lowering, "add", own, sumOfBiases(lowering, biasPart, width, hidden, apart));
  const zero = lowering.constant(hostValue(x.dtype, [batch, hidden], new Array<number>(batch * hidden).fill(0)));
  const initial = states.map((state) => {
    const value = state === undefined ? zero : ofDirection(lowering, state, direction);
    return lowering.reshape(value, [1, batch, hidden]);
  });
  const peepholes = kind === "lstm" && node.inputs[7] ? [ofDirection(lowering, node.inputs[7], direction)] : [];
  const extra = apart ? [biasPart(width + 2 * hidden, hidden)] : peepholes;
  const clip = node.attributes.has("clip") ? { clip: node.attributes.number("clip") } : {};
  const { reverse, ...rest } = options;
  const [all, cells] = lowering.applyAll(nn.recurrence, [
    gates,
    transposed(lowering, stateWeights, [1, 0]),
    initial.length === 1 ? initial[0] : lowering.apply(nn.concat, initial, { axis: 0 }),
    lengths ?? lowering.constant(hostValue("i32", [batch], new Array<number>(batch).fill(steps))),
    ...extra,
  ], { kind, ...clip, ...rest });
  const last = (value: Operand) =>
    lowering.reshape(sliced(lowering, value, [{ axis: 0, start: steps - 1, size: 1 }]), [batch, hidden]);
  const valid = lengths === undefined ? all : withoutPadding(lowering, all, lengths);
  return {
    states: reverse ? inReverse(lowering, valid, lengths) : valid,
    state: last(all),
    cell: cells && last(cells),
  };
}

/** Biases of the input's part and of the state's; the state's of a GRU's content may be left out. */
function sumOfBiases(
  lowering: Lowering,
  part: (start: number, size: number) => Operand,
  width: number,
  hidden: number,
  apart: boolean,
): Operand {
  if (!apart) return binary(lowering, "add", part(0, width), part(width, width));
  const both = binary(lowering, "add", part(0, 2 * hidden), part(width, 2 * hidden));
  return lowering.apply(nn.concat, [both, part(2 * hidden, hidden)], { axis: 0 });
}

function lengthsLaid(lowering: Lowering, x: Operand, lengths: Operand): Operand {
  return lowering.reshape(converted(lowering, lengths, "i64"), [1, x.shape[1], 1]);
}

/** The steps of each sequence from its last one to its first one. */
function inReverse(lowering: Lowering, x: Operand, lengths: Operand | undefined): Operand {
  if (lengths !== undefined) return reversed(lowering, x, 0, lengthsLaid(lowering, x, lengths));
  return sliced(lowering, x, [{ axis: 0, start: x.shape[0] - 1, step: -1, size: x.shape[0] }]);
}

/** 0 beyond the end of each sequence. */
function withoutPadding(lowering: Lowering, x: Operand, lengths: Operand): Operand {
  const steps = Array.from({ length: x.shape[0] }, (_, i) => i);
  const at = lowering.constant(hostValue("i64", [x.shape[0], 1, 1], steps));
  const inside = binary(lowering, "less", at, lengthsLaid(lowering, x, lengths));
  return lowering.apply(nn.where, [inside, x, scalarLike(lowering, x, 0)], {});
}

function recurrent(kind: Kind): Operator {
  return {
    opsets: [7],
    lower: (lowering, node) => {
      const { attributes } = node;
      const direction = attributes.text("direction", "forward");
      const directions = direction === "bidirectional" ? 2 : 1;
      const batchFirst = attributes.number("layout", 0) === 1;
      const turn = (x: Operand, permutation: readonly number[]) =>
        batchFirst ? transposed(lowering, x, permutation) : x;
      const firstStates = kind === "lstm" ? [node.inputs[5], node.inputs[6]] : [node.inputs[5]];
      const given: Given = {
        x: turn(input(node, 0), [1, 0, 2]),
        lengths: node.inputs[4],
        states: firstStates.map((state) => state && turn(state, [1, 0, 2])),
      };
      if (given.x.shape[0] === 0) throw new UnsupportedNode("sequences of no steps are not supported");
      const activations = activationsOf(node, kind, directions);
      const parts = activations.map((own, i) =>
        runDirection(lowering, node, kind, given, i, {
          activations: own,
          coupled: attributes.number("input_forget", 0) === 1,
          resetAfter: attributes.number("linear_before_reset", 0) === 1,
          reverse: direction === "reverse" || i === 1,
        })
      );
      const joined = (values: readonly Operand[], axis: number): Operand => {
        const apart = values.map((value) => lowering.reshape(value, value.shape.toSpliced(axis, 0, 1)));
        return apart.length === 1 ? apart[0] : lowering.apply(nn.concat, apart, { axis });
      };
      const last = (values: readonly Operand[]) => turn(joined(values, 0), [1, 0, 2]);
      const y = turn(joined(parts.map(({ states }) => states), 1), [2, 0, 1, 3]);
      const results = [y, last(parts.map(({ state }) => state))];
      return kind === "lstm" ? [...results, last(parts.map(({ cell }) => cell!))] : results;
    },
  };
}

/** Recurrent layers by ONNX's names. */
export const recurrents: Readonly<Record<string, Operator>> = {
  LSTM: recurrent("lstm"),
  GRU: recurrent("gru"),
  RNN: recurrent("rnn"),
};
