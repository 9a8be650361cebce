import { z } from "npm:zod@4.6.7";
import { type Binding, type Call, definePage, type Lib, type Operation, type Page, type Spec } from "../../contract.ts";
import { foldedGroups } from "../../groups.ts";
import { epilogue, functions, grid, loops, order } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { showShape, sizeOf, texelsOf, xyz } from "../../shape.ts";
import { checkFloats, perAxis, windowsAlong } from "../../checks.ts";
import { costOf } from "../cost.ts";
import { texelGrid } from "../texels.ts";
import { checkAdded, type Epilogue, epilogueOverrides, epilogueSchema, splitAdded } from "../epilogue.ts";
import { iterationLimit, nestedIterations } from "../loops.ts";
import greatestText from "./greatest.wgsl" with { type: "text" };
import text from "./pool.wgsl" with { type: "text" };
import { poolCases } from "./pool_cases.ts";
import smallText from "./pool_small.wgsl" with { type: "text" };
import { poolTwin } from "./pool_twin.ts";

/** Windows of a pooling. Lists have one entry per spatial axis. */
export interface PoolWindows {
  /** Size of the window. */
  readonly kernel: readonly number[];
  /** Step between windows. Default 1 per axis. */
  readonly strides?: readonly number[];
  /** Positions before each axis. Default 0. */
  readonly padsBegin?: readonly number[];
  /** Positions after each axis. Default 0. */
  readonly padsEnd?: readonly number[];
  /** Distance between the window's positions. Default 1 per axis. */
  readonly dilations?: readonly number[];
  /** The last window may reach beyond the end. Default false. */
  readonly ceilMode: boolean;
}

/** Options of a pooling. */
export interface PoolOptions extends PoolWindows {
  /** The greatest element of a window, or their mean. */
  readonly kind: "max" | "average";
  /** Positions of the pads count in an average. Default false. */
  readonly countIncludePad: boolean;
  /** What happens to the result before it is stored. */
  readonly epilogue: Epilogue;
}

/** The schema of {@linkcode PoolWindows}. */
export const poolWindows = {
  kernel: z.array(z.int().positive()),
  strides: z.array(z.int().positive()).optional(),
  padsBegin: z.array(z.int().nonnegative()).optional(),
  padsEnd: z.array(z.int().nonnegative()).optional(),
  dilations: z.array(z.int().positive()).optional(),
  ceilMode: z.boolean().default(false),
};

/** Sizes of a pooling, with every default filled in. */
export interface PoolGeometry {
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly padsBegin: readonly number[];
  readonly padsEnd: readonly number[];
  readonly dilations: readonly number[];
}

/** Geometry of a pooling; a window that would start beyond the input and its leading pads is left out. */
export function poolGeometry({ shape }: Spec, options: PoolOptions): PoolGeometry {
  if (shape.length < 3 || shape.length > 5) {
    throw new RangeError(`pool: the input ${showShape(shape)} must have 3 to 5 axes (one to three spatial ones)`);
  }
  const input = shape.slice(2), rank = input.length;
  const kernel = perAxis("pool", "kernel", options.kernel, rank, 1);
  const strides = perAxis("pool", "strides", options.strides, rank, 1);
  const padsBegin = perAxis("pool", "padsBegin", options.padsBegin, rank, 0);
  const padsEnd = perAxis("pool", "padsEnd", options.padsEnd, rank, 0);
  const dilations = perAxis("pool", "dilations", options.dilations, rank, 1);
  const output = input.map((size, axis) => {
    const reach = dilations[axis] * (kernel[axis] - 1) + 1;
    const padded = size + padsBegin[axis] + padsEnd[axis];
    const fitting = windowsAlong("pool", { size: padded, reach, stride: strides[axis], axis });
    if (fitting === 0 || !options.ceilMode) return fitting;
    const windows = Math.ceil((padded - reach) / strides[axis]) + 1;
    return (windows - 1) * strides[axis] >= size + padsBegin[axis] ? windows - 1 : windows;
  });
  return { input, output, kernel, strides, padsBegin, padsEnd, dilations };
}

const bindings: readonly Binding[] = [
  { name: "x", access: "read", layout: "channels4" },
  { name: "added", access: "read", layout: "channels4" },
  { name: "y", access: "write", layout: "channels4" },
];

const greatest: Lib = { file: import.meta.resolve("./greatest.wgsl"), text: greatestText };

/** Any window. */
const page: Page = definePage({
  name: "pool",
  file: import.meta.resolve("./pool.wgsl"),
  text,
  libs: [functions, epilogue, loops, order, greatest],
  bindings,
});

/** Small windows in a plane: 5 to 8 times as fast on lavapipe. */
const smallPage: Page = definePage({
  name: "pool_small",
  file: import.meta.resolve("./pool_small.wgsl"),
  text: smallText,
  libs: [functions, epilogue, grid, order, greatest],
  bindings,
});

/** Outputs of an invocation of the page for small windows, and the most texels that it reads for them. */
const rowsOfSmall = 4, mostOfSmall = 48;

/** What the page for small windows has of its own, for windows that are. */
function smallCall(g: PoolGeometry, shape: readonly number[]): Pick<Call, "tune" | "groups" | "slab"> | undefined {
  const [KX, KY, depth] = xyz(g.kernel, 1);
  const STRIDE = xyz(g.strides, 1)[1];
  const texels = KX * ((rowsOfSmall - 1) * STRIDE + KY);
  if (depth > 1 || texels > mostOfSmall || g.dilations.some((step) => step > 1)) return undefined;
  const [columns, rows, layers] = texelsOf("channels4", shape);
  const groups = (count: number): [number, number, number] => [
    ...foldedGroups(Math.ceil(columns * Math.ceil(rows / rowsOfSmall) * count / 64)),
    1,
  ];
  return { tune: { KX, KY, STRIDE }, groups: groups(layers), slab: { layers, halo: 0, whole: ["x"], groups } };
}

/**
 * The greatest element or the average of each window of `[N, C, ...spatial]`, in one to three spatial axes. Pads never
 * count as elements; they count in the average's number of positions where asked for. Sources: ONNX `MaxPool` and
 * `AveragePool`. A window without any element gives the lowest f32, or 0. O(outputs * window).
 *
 * Inputs: x, added? (where `epilogue` has the step `add`).
 */
export const pool: Operation<PoolOptions> = {
  name: "pool",
  options: optionsOf<PoolOptions>(z.strictObject({
    kind: z.enum(["max", "average"]),
    ...poolWindows,
    countIncludePad: z.boolean().default(false),
    epilogue: epilogueSchema,
  })),
  outputs: (inputs, options) => {
    checkFloats("pool", inputs);
    const [{ dtype, shape: [batch, channels] }] = inputs;
    const shape = [batch, channels, ...poolGeometry(inputs[0], options).output];
    checkAdded("pool", splitAdded(inputs, options.epilogue).added, shape);
    return [{ dtype, shape }];
  },
  cost: (inputs, options) => {
    const outputs = pool.outputs(inputs, options);
    return costOf(inputs, outputs, sizeOf(outputs[0].shape) * sizeOf(options.kernel));
  },
  record: (r, inputs, options) => {
    const y = r.temporary(pool.outputs(inputs, options)[0]);
    if (sizeOf(y.shape) === 0) return [y];
    const { own: [x], added } = splitAdded(inputs, options.epilogue);
    const g = poolGeometry(x, options);
    const size = (list: readonly number[], missing: number) => [...xyz(list, missing), 0];
    const ends = g.input.map((size, axis) => size + (options.countIncludePad ? g.padsEnd[axis] : 0));
    const bind = { x, added: added ?? null, y };
    const params = {
      input: size(g.input, 1),
      output: size(g.output, 1),
      strides: size(g.strides, 1),
      pads: size(g.padsBegin, 0),
      counted_begin: size(g.padsBegin.map((pad) => options.countIncludePad ? -pad : 0), 0),
      counted_end: size(ends, 1),
    };
    const overrides = { ...epilogueOverrides(options.epilogue), HAS_ADDED: added ? 1 : 0 };
    const AVERAGE = options.kind === "average" ? 1 : 0;
    const small = smallCall(g, y.shape);
    if (small !== undefined) {
      const tiles = Math.ceil(xyz(g.output, 1)[1] / rowsOfSmall);
      const tune = { ...small.tune, AVERAGE };
      r.dispatch(smallPage, { ...small, bind, params: { ...params, tiles }, overrides, tune, iterations: 0 });
      return [y];
    }
    const [kx, ky, kz] = xyz(g.kernel, 1);
    const iterations = nestedIterations([kz, ky, kx]);
    // Both kinds can be taken an axis at a time: which positions count is decided axis by axis.
    if (iterations > iterationLimit && g.kernel.filter((size) => size > 1).length > 1) {
      const last = g.kernel.findLastIndex((size) => size > 1);
      const restricted = (keep: (axis: number) => boolean): PoolOptions => ({
        ...options,
        kernel: g.kernel.map((size, axis) => keep(axis) ? size : 1),
        strides: g.strides.map((step, axis) => keep(axis) ? step : 1),
        padsBegin: g.padsBegin.map((pad, axis) => keep(axis) ? pad : 0),
        padsEnd: g.padsEnd.map((pad, axis) => keep(axis) ? pad : 0),
        dilations: g.dilations.map((step, axis) => keep(axis) ? step : 1),
      });
      const part = r.apply(pool, [x], { ...restricted((axis) => axis === last), epilogue: [] });
      return r.apply(pool, added ? [...part, added] : part, restricted((axis) => axis !== last));
    }
    r.dispatch(page, {
      bind,
      params: { ...params, kernel: [kx, ky, kz, 0], dilations: size(g.dilations, 1) },
      overrides: { ...overrides, AVERAGE },
      ...texelGrid(y.shape, ["x"]),
      iterations,
    });
    return [y];
  },
  twin: poolTwin,
  // A sum of the window's elements in f32: 2e-6 where 62,500 of them nearly cancel.
  bound: 2e-6,
  cases: poolCases,
};
