import { z } from "npm:zod@4.6.7";
import { defineOperation, definePage, type Filter, type Lib } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { loops, workgroup, workgroupIterations } from "../../lib/mod.ts";
import { showShape, sizeOf, texelsOf } from "../../shape.ts";
import { checkFloat } from "../../checks.ts";
import { groupSize } from "../../groups.ts";
import { statisticsTwin } from "./statistics_twin.ts";
import extent from "./statistics_extent.wgsl" with { type: "text" };
import params from "./statistics_params.wgsl" with { type: "text" };
import sum from "./statistics_sum.wgsl" with { type: "text" };
import deviation from "./statistics_deviation.wgsl" with { type: "text" };
import result from "./statistics_result.wgsl" with { type: "text" };

/** Options of {@linkcode statistics}. */
export interface StatisticsOptions {
  /** Only pixels above this fraction of the greatest value count for mean and deviation; all of them if not given. */
  foreground?: number;
  /** Statistics of each part along the first axis, `[N, 5]`, of a tensor of three axes or more. Default false. */
  each?: boolean;
}

/** Workgroups of the first level; the pages read as many partial results with the lanes of one. */
const partials = 64;

const libs = [loops, workgroup];
const foreground: Lib = { file: import.meta.resolve("./statistics_params.wgsl"), text: params };
const image = { name: "input", access: "read", layout: "rows4" } as const;
const extents = { name: "extents", access: "read", layout: "linear" } as const;
const sums = { name: "sums", access: "read", layout: "linear" } as const;
const squares = { name: "squares", access: "read", layout: "linear" } as const;

const extentPage = definePage({
  name: "statistics_extent",
  file: import.meta.resolve("./statistics_extent.wgsl"),
  text: extent,
  libs,
  bindings: [image, { ...extents, access: "write" }],
});
const sumPage = definePage({
  name: "statistics_sum",
  file: import.meta.resolve("./statistics_sum.wgsl"),
  text: sum,
  libs: [...libs, foreground],
  bindings: [image, extents, { ...sums, access: "write" }],
});
const deviationPage = definePage({
  name: "statistics_deviation",
  file: import.meta.resolve("./statistics_deviation.wgsl"),
  text: deviation,
  libs: [...libs, foreground],
  bindings: [image, extents, sums, { ...squares, access: "write" }],
});
const resultPage = definePage({
  name: "statistics_result",
  file: import.meta.resolve("./statistics_result.wgsl"),
  text: result,
  libs,
  bindings: [extents, sums, squares, { name: "output", access: "write", layout: "linear" }],
});

/**
 * Statistics of a whole tensor as a tensor `[5]`, with `each` of its parts as `[N, 5]`: count, mean, population standard deviation, least and greatest value.
 *
 * With `foreground`, count, mean and deviation are those of the pixels above `foreground * greatest` (in f32); least and
 * greatest are always those of all pixels. Where no pixel counts, count, mean and deviation are 0; of an empty tensor all
 * five are 0. The count is exact up to 2^24.
 *
 * Three passes over the image (range, sum, squares of the differences to the mean), each reduced in two levels in a fixed
 * order: the same image gives the same bits. O(pixels). Any shape, f32.
 */
export const statistics: Filter<StatisticsOptions> = defineOperation<StatisticsOptions>({
  name: "statistics",
  options: optionsOf(z.strictObject({
    foreground: z.number().min(0).max(1).optional(),
    each: z.boolean().optional(),
  })),
  outputs: ([input], { each }) => {
    checkFloat("statistics", "image", input);
    if (each && input.shape.length < 3) {
      throw new RangeError(
        `statistics got the shape ${showShape(input.shape)} for each: it must have three axes or more`,
      );
    }
    return [{ dtype: "f32", shape: each ? [input.shape[0], 5] : [5] }];
  },
  cost: ([input]) => ({ bytes: 12 * sizeOf(input.shape), flops: 7 * sizeOf(input.shape) }),
  record: (r, [input], { foreground, each }) => {
    const parts = each ? input.shape[0] : 1;
    const shape = each ? [parts, 5] : [5];
    if (sizeOf(input.shape) === 0) return [r.constant(new Float32Array(5 * parts), shape)];
    const table = () => r.temporary({ dtype: "f32", shape: [parts * partials, 4] });
    const [extents, sums, squares] = [table(), table(), table()];
    const output = r.temporary({ dtype: "f32", shape });
    const texelIterations = Math.ceil(
      texelsOf("rows4", input.shape).reduce((a, b) => a * b) / (parts * partials * groupSize),
    );
    const range = { width: input.shape.at(-1) ?? 1, layers: texelsOf("rows4", input.shape)[2] / parts };
    const counted = { ...range, everything: foreground === undefined ? 1 : 0, fraction: foreground ?? 0 };
    const groups = [partials, parts, 1] as const;
    r.dispatch(extentPage, {
      bind: { input, extents },
      params: range,
      groups,
      iterations: texelIterations + workgroupIterations,
    });
    r.dispatch(sumPage, {
      bind: { input, extents, sums },
      params: counted,
      groups,
      iterations: texelIterations + 2 * workgroupIterations,
    });
    r.dispatch(deviationPage, {
      bind: { input, extents, sums, squares },
      params: counted,
      groups,
      iterations: texelIterations + 3 * workgroupIterations,
    });
    r.dispatch(resultPage, {
      bind: { extents, sums, squares, output },
      groups: [1, parts, 1],
      iterations: 3 * workgroupIterations,
    });
    return [output];
  },
  twin: statisticsTwin,
  // Sums of rounded values in 4,096 lanes, then in trees: the error grows with the pixels of one lane.
  bound: 1e-6,
  scale: "element",
});
