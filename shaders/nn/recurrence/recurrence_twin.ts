import type { HostTensor } from "../../contract.ts";
import type { RecurrenceOptions } from "./recurrence.ts";
import { cellActivations } from "./recurrence_activations.ts";

/** One step of one sequence: all states and cells of a sequence before it, and what comes in. */
interface Step {
  readonly gates: (gate: number, j: number) => number;
  readonly products: (gate: number, state: readonly number[]) => number[];
  readonly state: readonly number[];
  readonly cell: readonly number[];
}

/** A recurrent layer in f64, from the equations. */
export function recurrenceTwin(inputs: readonly HostTensor[], options: RecurrenceOptions): HostTensor[] {
  const [gates, weights, initial, lengths, extra] = inputs;
  const [steps, batch] = gates.shape;
  const hidden = initial.shape[2], width = gates.shape[2];
  const all = Array.from({ length: hidden }, (_, j) => j);
  const states = new Float64Array(steps * batch * hidden), cells = new Float64Array(states.length);
  for (let n = 0; n < batch; n++) {
    const start = (of: number) => all.map((j) => initial.data[(of * batch + n) * hidden + j]);
    let state = start(0), cell = options.kind === "lstm" ? start(1) : [];
    for (let t = 0; t < steps; t++) {
      const step: Step = {
        gates: (gate, j) => gates.data[(t * batch + n) * width + gate * hidden + j],
        products: (gate, from) =>
          all.map((j) => from.reduce((sum, value, k) => sum + value * weights.data[k * width + gate * hidden + j], 0)),
        state,
        cell,
      };
      const [next, nextCell] = advance(step, extra?.data, all, options);
      if (t < lengths.data[n]) [state, cell] = [next, nextCell];
      states.set(state, (t * batch + n) * hidden);
      if (cell.length > 0) cells.set(cell, (t * batch + n) * hidden);
    }
  }
  const result = (data: Float64Array): HostTensor => ({ dtype: gates.dtype, shape: [steps, batch, hidden], data });
  return options.kind === "lstm" ? [result(states), result(cells)] : [result(states)];
}

function advance(
  { gates, products, state, cell }: Step,
  extra: Float64Array | undefined,
  all: readonly number[],
  { kind, activations, clip = Infinity, coupled, resetAfter }: RecurrenceOptions,
): [state: number[], cell: number[]] {
  const hidden = all.length;
  const [first, second] = activations.map(({ name, alpha, beta }) => (x: number) => {
    return cellActivations[name].twin(Math.min(Math.max(x, -clip), clip), alpha, beta);
  });
  if (kind === "rnn") {
    const own = products(0, state);
    return [all.map((j) => first(gates(0, j) + own[j])), []];
  }
  if (kind === "gru") {
    const [z, r] = [0, 1].map((gate) => {
      const own = products(gate, state);
      return all.map((j) => first(gates(gate, j) + own[j]));
    });
    const after = products(2, resetAfter ? state : state.map((value, j) => value * r[j]));
    const content = all.map((j) => {
      const part = resetAfter ? r[j] * (after[j] + (extra?.[j] ?? 0)) : after[j] + (extra?.[j] ?? 0);
      return second(gates(2, j) + part);
    });
    return [all.map((j) => (1 - z[j]) * content[j] + z[j] * state[j]), []];
  }
  const [i, o, f, c] = [0, 1, 2, 3].map((gate) => {
    const own = products(gate, state);
    return all.map((j) => gates(gate, j) + own[j]);
  });
  const look = (gate: number, j: number, at: number) => (extra?.[gate * hidden + j] ?? 0) * at;
  const input = all.map((j) => first(i[j] + look(0, j, cell[j])));
  const forget = all.map((j) => coupled ? 1 - input[j] : first(f[j] + look(2, j, cell[j])));
  const next = all.map((j) => forget[j] * cell[j] + input[j] * second(c[j]));
  const { name, alpha, beta } = activations[2];
  const give = (x: number) => cellActivations[name].twin(x, alpha, beta);
  return [all.map((j) => first(o[j] + look(1, j, next[j])) * give(next[j])), next];
}
