import { z } from "npm:zod@4.6.7";
import { definePage, type Operation, type Page, type Spec } from "../../contract.ts";
import { functions, grid, loops } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { isFloat, showShape, sizeOf } from "../../shape.ts";
import { nestedIterations } from "../loops.ts";
import { costOf } from "../cost.ts";
import text from "./recurrence.wgsl" with { type: "text" };
import { type CellActivation, cellActivations, type CellFunction } from "./recurrence_activations.ts";
import { recurrenceCases } from "./recurrence_cases.ts";
import { recurrenceTwin } from "./recurrence_twin.ts";

export type { CellActivation, CellFunction } from "./recurrence_activations.ts";

/** Options of a recurrent layer in one direction. */
export interface RecurrenceOptions {
  /** The cell. */
  readonly kind: "lstm" | "gru" | "rnn";
  /** `lstm`: of gates, of the new content, of the cell where it is given out; `gru`: gates, content; `rnn`: the one. */
  readonly activations: readonly CellActivation[];
  /** What goes into activations is limited to so much in either direction. Default no limit. */
  readonly clip?: number;
  /** `lstm`: the forget gate is what the input gate leaves. Default false. */
  readonly coupled: boolean;
  /** `gru`: the reset gate acts on the product of the state, not on the state. Default false. */
  readonly resetAfter: boolean;
}

/** Gates of a cell, in ONNX's order. */
export const gatesOf = { lstm: 4, gru: 3, rnn: 1 } as const;

const page: Page = definePage({
  name: "recurrence",
  file: import.meta.resolve("./recurrence.wgsl"),
  text,
  libs: [grid, loops, functions],
  bindings: [
    { name: "gates", access: "read", layout: "linear" },
    { name: "weights", access: "read", layout: "linear" },
    { name: "initial", access: "read", layout: "linear" },
    { name: "lengths", access: "read", layout: "linear", element: "i32" },
    { name: "extra", access: "read", layout: "linear" },
    { name: "states", access: "read_write", layout: "linear" },
    { name: "cells", access: "read_write", layout: "linear" },
  ],
});

interface Sizes {
  readonly steps: number;
  readonly batch: number;
  readonly hidden: number;
}

function sizes([gates, weights, initial, lengths, extra]: readonly Spec[], { kind }: RecurrenceOptions): Sizes {
  const [steps, batch, width] = gates.shape;
  const hidden = width / gatesOf[kind];
  const states = kind === "lstm" ? 2 : 1;
  const fits = isFloat(gates.dtype) && gates.shape.length === 3 && Number.isInteger(hidden) &&
    String(weights.shape) === String([hidden, width]) && String(initial.shape) === String([states, batch, hidden]) &&
    String(lengths.shape) === String([batch]) && (lengths.dtype === "i32" || lengths.dtype === "i64") &&
    (extra === undefined || sizeOf(extra.shape) === (kind === "lstm" ? 3 : 1) * hidden);
  if (!fits) {
    const shapes = [gates, weights, initial, lengths, ...extra ? [extra] : []].map(({ shape }) => showShape(shape));
    throw new RangeError(`recurrence: ${shapes.join(", ")} are no gates, weights, state and lengths of a ${kind}`);
  }
  return { steps, batch, hidden };
}

/**
 * A recurrent layer in one direction, whose gates have the input's part already: `gates` `[T, N, gates * H]`. A sequence
 * keeps its state beyond its length. Sources: ONNX `LSTM` (gates i, o, f, c), `GRU` (z, r, h) and `RNN`; Hochreiter and
 * Schmidhuber 1997, Cho et al. 2014. O(T N gates H^2), one dispatch per step (two of a GRU whose reset comes before).
 *
 * Inputs: gates, weights of the state `[H, gates * H]`, initial state `[1, N, H]` (`lstm`: state and cell `[2, N, H]`),
 * lengths `[N]` (i32 or i64), and, optionally, peepholes `[3 * H]` (i, o, f) of an `lstm` or the bias `[H]` of the state's
 * part of a `gru`'s content. Outputs: the state after each step `[T, N, H]`; of an `lstm` the cell as well.
 */
export const recurrence: Operation<RecurrenceOptions> = {
  name: "recurrence",
  options: optionsOf<RecurrenceOptions>(z.strictObject({
    kind: z.enum(["lstm", "gru", "rnn"]),
    activations: z.array(z.strictObject({
      name: z.enum(Object.keys(cellActivations) as [CellFunction, ...CellFunction[]]),
      alpha: z.number().default(0),
      beta: z.number().default(0),
    })),
    clip: z.number().positive().optional(),
    coupled: z.boolean().default(false),
    resetAfter: z.boolean().default(false),
  })),
  outputs: (inputs, options) => {
    const { steps, batch, hidden } = sizes(inputs, options);
    const spec: Spec = { dtype: inputs[0].dtype, shape: [steps, batch, hidden] };
    return options.kind === "lstm" ? [spec, spec] : [spec];
  },
  cost: (inputs, options) => {
    const { steps, batch, hidden } = sizes(inputs, options);
    return costOf(inputs, recurrence.outputs(inputs, options), 2 * steps * batch * gatesOf[options.kind] * hidden ** 2);
  },
  record: (r, inputs, options) => {
    const outputs = recurrence.outputs(inputs, options).map((spec) => r.temporary(spec));
    const { steps, batch, hidden } = sizes(inputs, options);
    if (sizeOf(outputs[0].shape) === 0) return outputs;
    const [gates, weights, initial, lengths, extra] = inputs;
    const { kind, activations } = options;
    // A GRU whose reset gate acts on the state has to know all of the gate before it makes the content.
    const stages = kind === "gru" && !options.resetAfter ? [0, 1] : [2];
    const resets = stages.length > 1 ? r.temporary({ dtype: gates.dtype, shape: [2, batch, hidden] }) : undefined;
    const of = (values: (activation: CellActivation) => number) =>
      Array.from({ length: 4 }, (_, i) => activations[i] === undefined ? 0 : values(activations[i]));
    const [first, second, third] = of(({ name }) => cellActivations[name].code);
    for (let step = 0; step < steps; step++) {
      for (const stage of stages) {
        r.dispatch(page, {
          bind: {
            gates,
            weights,
            initial,
            lengths,
            extra: extra ?? null,
            states: outputs[0],
            cells: outputs[1] ?? resets ?? null,
          },
          params: {
            step,
            batch,
            hidden,
            clip: options.clip ?? 0,
            alpha: of((own) => own.alpha),
            beta: of((own) => own.beta),
          },
          overrides: {
            KIND: ["lstm", "gru", "rnn"].indexOf(kind),
            STAGE: stage,
            FIRST: first,
            SECOND: second,
            THIRD: third,
            HAS_CLIP: options.clip === undefined ? 0 : 1,
            HAS_EXTRA: extra ? 1 : 0,
            COUPLED: options.coupled ? 1 : 0,
          },
          groups: Math.ceil(batch * hidden / 64),
          iterations: nestedIterations([hidden]),
        });
      }
    }
    return outputs;
  },
  twin: recurrenceTwin,
  // Sums of H products in f32, which later steps build on. Reached: 8e-7.
  bound: 3e-6,
  bulk: true,
  cases: recurrenceCases,
};
