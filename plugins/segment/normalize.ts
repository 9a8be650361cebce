/** What a network's input is made of values. */
import { image as ops, nn, type Recorder, type Value } from "../../shaders/mod.ts";
import type { Normalization } from "./contract.ts";

/** The values as the network wants them; with `each` every part along the first axis by its own statistics. */
export function normalized(r: Recorder, input: Value, normalization: Normalization, each = false): Value {
  switch (normalization.kind) {
    case "standardize": {
      const { foreground, outside } = normalization;
      const standardized = ops.standardize(r, input, ops.statistics(r, input, { foreground, each }));
      return outside === undefined ? standardized : ops.fill(r, standardized, ops.threshold(r, input, { at: 0 }), {});
    }
    case "fixed": {
      const { low, high, mean, deviation } = normalization;
      const limited = limit(r, limit(r, input, "maximum", low), "minimum", high);
      return ops.standardize(r, limited, r.constant(Float32Array.of(0, mean, deviation, 0, 0), [5]));
    }
    case "range":
      return ops.standardize(r, input, asRange(r, ops.statistics(r, input, { each })));
    case "none":
      return input;
  }
}

function limit(r: Recorder, input: Value, op: "maximum" | "minimum", value: number | undefined): Value {
  if (value === undefined) return input;
  return r.apply(nn.binary, [input, r.constant(Float32Array.of(value), [1])], { op })[0];
}

/** Statistics whose mean is the least value, and whose deviation reaches from there to the greatest. */
function asRange(r: Recorder, statistics: Value): Value {
  const leading = statistics.shape.slice(0, -1);
  const column = (at: number) =>
    r.apply(nn.slice, [statistics], { starts: [...leading.map(() => 0), at], sizes: [...leading, 1] })[0];
  const [least, greatest] = [column(3), column(4)];
  const [reach] = r.apply(nn.binary, [greatest, least], { op: "subtract" });
  return r.apply(nn.concat, [least, least, reach, least, greatest], { axis: -1 })[0];
}
