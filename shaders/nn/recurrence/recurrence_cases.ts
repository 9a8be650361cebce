import { hostTensor, randomTensor } from "../../cases.ts";
import type { Case } from "../../contract.ts";
import type { RecurrenceOptions } from "./recurrence.ts";
import type { CellFunction } from "./recurrence_activations.ts";

const gates = { lstm: 4, gru: 3, rnn: 1 } as const;

const of = (
  name: string,
  kind: RecurrenceOptions["kind"],
  [steps, batch, hidden]: readonly [number, number, number],
  functions: readonly CellFunction[],
  options: Partial<RecurrenceOptions> & { readonly extra?: true; readonly lengths?: readonly number[] } = {},
): Case<RecurrenceOptions> => {
  const { extra, lengths, ...rest } = options;
  const random = (shape: readonly number[], seed: number) => randomTensor(shape, { seed, min: -1, max: 1 });
  return {
    name: `${kind}, ${name}`,
    inputs: () => [
      random([steps, batch, gates[kind] * hidden], 1),
      random([hidden, gates[kind] * hidden], 2),
      random([kind === "lstm" ? 2 : 1, batch, hidden], 3),
      hostTensor(lengths ?? new Array(batch).fill(steps), [batch], lengths ? "i32" : "i64"),
      ...extra ? [random([(kind === "lstm" ? 3 : 1) * hidden], 4)] : [],
    ],
    options: { kind, activations: functions.map((name) => ({ name, alpha: 0.3, beta: 0.6 })), ...rest },
  };
};

const lstm: CellFunction[] = ["Sigmoid", "Tanh", "Tanh"];
const gru: CellFunction[] = ["Sigmoid", "Tanh"];

/** Inputs and options worth trying. */
export const recurrenceCases: Case<RecurrenceOptions>[] = [
  of("plain", "lstm", [4, 3, 5], lstm),
  of("peepholes, lengths", "lstm", [5, 3, 4], lstm, { extra: true, lengths: [5, 2, 0] }),
  of("clipped, coupled", "lstm", [3, 2, 70], lstm, { clip: 0.4, coupled: true }),
  of("other functions", "lstm", [3, 2, 3], ["HardSigmoid", "Softsign", "ScaledTanh"]),
  of("plain", "gru", [4, 3, 5], gru),
  of("lengths and bias", "gru", [4, 2, 3], gru, { lengths: [1, 4], extra: true }),
  of("reset after", "gru", [4, 2, 66], gru, { resetAfter: true, extra: true }),
  of("reset after, clipped", "gru", [3, 1, 4], ["Affine", "LeakyRelu"], { resetAfter: true, clip: 0.5 }),
  of("plain", "rnn", [5, 2, 6], ["Tanh"]),
  ...(["Relu", "ThresholdedRelu", "Elu", "Softplus"] as const).map((name) => of(name, "rnn", [2, 2, 3], [name])),
  of("no steps", "rnn", [0, 2, 3], ["Tanh"]),
];
