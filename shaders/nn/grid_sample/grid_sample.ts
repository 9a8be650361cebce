import { z } from "npm:zod@4.6.7";
import { definePage, type Operation, type Page, type Spec } from "../../contract.ts";
import { grid } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { isFloat, showShape, sizeOf, xyz } from "../../shape.ts";
import { nestedIterations } from "../loops.ts";
import { costOf } from "../cost.ts";
import text from "./grid_sample.wgsl" with { type: "text" };
import { gridSampleCases } from "./grid_sample_cases.ts";
import { gridSampleTwin } from "./grid_sample_twin.ts";

/** Options of a sampling at given places. */
export interface GridSampleOptions {
  /** Which neighbors a value is made of; `cubic` is Keys' with a = -0.75. Default linear. */
  readonly mode: "nearest" | "linear" | "cubic";
  /** What lies beyond the ends. Default zeros. */
  readonly padding: "zeros" | "border" | "reflection";
  /** -1 and 1 are the centers of the outermost elements, not their outer edges. Default false. */
  readonly alignCorners: boolean;
}

// In the order of the page's numbers.
const sampleModes = ["nearest", "linear", "cubic"] as const;
const paddings = ["zeros", "border", "reflection"] as const;

/** Taps along an axis, by mode. */
export const sampleTaps = { nearest: 1, linear: 2, cubic: 4 } as const;

const page: Page = definePage({
  name: "grid_sample",
  file: import.meta.resolve("./grid_sample.wgsl"),
  text,
  libs: [grid],
  bindings: [
    { name: "x", access: "read", layout: "linear" },
    { name: "places", access: "read", layout: "linear" },
    { name: "y", access: "write", layout: "linear" },
  ],
});

function check(x: Spec, places: Spec): void {
  const rank = x.shape.length - 2;
  const fits = isFloat(x.dtype) && isFloat(places.dtype) && rank >= 1 && rank <= 3 &&
    places.shape.length === rank + 2 && places.shape.at(-1) === rank && places.shape[0] === x.shape[0];
  if (fits) return;
  throw new RangeError(
    `gridSample takes floats [N, C, ...spatial] of one to three spatial axes and places [N, ...result, axes], ` +
      `not ${x.dtype} ${showShape(x.shape)} and ${places.dtype} ${showShape(places.shape)}`,
  );
}

/**
 * Values of `[N, C, ...spatial]` at places from -1 to 1 along each axis, the last axis first; `nearest` rounds halves to
 * even. Sources: ONNX `GridSample`, torch's `grid_sample`. O(elements of the result).
 *
 * Inputs: x, places `[N, ...result, axes]`.
 */
export const gridSample: Operation<GridSampleOptions> = {
  name: "gridSample",
  options: optionsOf<GridSampleOptions>(z.strictObject({
    mode: z.enum(sampleModes).default("linear"),
    padding: z.enum(paddings).default("zeros"),
    alignCorners: z.boolean().default(false),
  })),
  outputs: ([x, places]) => {
    check(x, places);
    return [{ dtype: x.dtype, shape: [x.shape[0], x.shape[1], ...places.shape.slice(1, -1)] }];
  },
  cost: (inputs, options) => {
    const outputs = gridSample.outputs(inputs, options);
    const taps = sampleTaps[options.mode] ** (inputs[0].shape.length - 2);
    return costOf(inputs, outputs, 2 * taps * sizeOf(outputs[0].shape));
  },
  record: (r, [x, places], options) => {
    const y = r.temporary(gridSample.outputs([x, places], options)[0]);
    if (sizeOf(y.shape) === 0) return [y];
    const rank = x.shape.length - 2;
    const taps = sampleTaps[options.mode];
    r.dispatch(page, {
      bind: { x, places, y },
      params: {
        input: [...xyz(x.shape.slice(2), 1), 0],
        channels: x.shape[1],
        places: sizeOf(places.shape.slice(1, -1)),
      },
      overrides: {
        MODE: sampleModes.indexOf(options.mode),
        PADDING: paddings.indexOf(options.padding),
        ALIGN: options.alignCorners ? 1 : 0,
        RANK: rank,
        TAPS: taps,
      },
      groups: Math.ceil(sizeOf(y.shape) / 64),
      iterations: nestedIterations(new Array(3).fill(taps)),
    });
    return [y];
  },
  twin: gridSampleTwin,
  // Places are computed in f32: a relative error of 1e-7 of a position times the difference of neighbors. Reached: 1.2e-6.
  bound: 5e-6,
  cases: gridSampleCases,
};
