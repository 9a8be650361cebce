/** How the forms of a matrix product are recorded, for `gemm` and `matmul`. */

import {
  type Binding,
  definePage,
  type Element,
  type Facts,
  type Form,
  type Lib,
  type Page,
  type Recorder,
  type Spec,
  type Tune,
  type Value,
} from "../../contract.ts";
import { epilogue, functions, grid, loops } from "../../lib/mod.ts";
import { sizeOf } from "../../shape.ts";
import { iterationLimit, nestedIterations } from "../loops.ts";
import { type Epilogue, epilogueOverrides } from "../epilogue.ts";
import finishText from "./finish.wgsl" with { type: "text" };
import finishPageText from "./gemm_finish.wgsl" with { type: "text" };
import lanesText from "./gemm_lanes.wgsl" with { type: "text" };
import wholeText from "./gemm_lanes_whole.wgsl" with { type: "text" };
import packedText from "./gemm_packed.wgsl" with { type: "text" };
import panelsText from "./gemm_panels.wgsl" with { type: "text" };
import plainText from "./gemm_plain.wgsl" with { type: "text" };
import tiledText from "./gemm_tiled.wgsl" with { type: "text" };
import laneTileText from "./lane_tile.wgsl" with { type: "text" };
import { packColumns } from "./pack.ts";
import packAText from "./pack_a.wgsl" with { type: "text" };
import packBText from "./pack_b.wgsl" with { type: "text" };

/** A batch of products `alpha * A B + beta * C`, with the distances of neighbors in A and B. */
export interface Product {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly a: Value;
  readonly b: Value;
  readonly c?: Value;
  readonly added?: Value;
  readonly y: Value;
  readonly aRow: number;
  readonly aK: number;
  readonly bK: number;
  readonly bColumn: number;
  /** For each product, which matrix of A and of B it takes. */
  readonly batches: readonly (readonly [number, number])[];
  readonly cRow: number;
  readonly cColumn: number;
  readonly alpha: number;
  readonly beta: number;
  readonly epilogue: Epilogue;
}

/** Rows of a panel of A. Measured (kernels.md, section 4): lavapipe wants 16, SwiftShader 8 where lanes don't hand them round. */
const panelRows = ({ adapter }: Facts, byLanes: boolean): number => adapter === "swiftshader" && !byLanes ? 8 : 16;

const tunesOf = (facts: Facts, byLanes: boolean): Tune[] => {
  const rows = panelRows(facts, byLanes);
  return [{ ROWS: rows }, { ROWS: 24 - rows }];
};

/** The forms of a product whose depth is found by `depthOf`. */
export function productForms<O>(
  depthOf: (inputs: readonly Spec[], options: O) => number,
): { readonly [name in "lanes" | "packed" | "tiled" | "plain"]: Form<O> } {
  const upTo = (most: number) => (inputs: readonly Spec[], options: O): boolean => {
    const depth = depthOf(inputs, options);
    return depth > 0 && depth <= most;
  };
  return {
    lanes: {
      needs: ({ subgroupSize }) => subgroupSize >= 8,
      serves: upTo(longest),
      tune: (_inputs, _options, facts) => tunesOf(facts, true),
    },
    packed: { serves: upTo(longest), tune: (_inputs, _options, facts) => tunesOf(facts, false) },
    tiled: { serves: upTo(longestTiled) },
    plain: {},
  };
}

const finish: Lib = { file: import.meta.resolve("./finish.wgsl"), text: finishText };

const page = (name: string, text: string, libs: readonly Lib[], bindings: readonly Binding[]): Page =>
  definePage({ name, file: import.meta.resolve(`./${name}.wgsl`), text, libs, bindings });

const batchTable: Binding = { name: "batches", access: "read", layout: "linear", element: "u32" };

/** What `finish.wgsl` reads and writes. */
const finished = (access: Binding["access"], element: Element = "f32"): Binding[] => [
  { name: "c", access: "read", layout: "linear" },
  { name: "added", access: "read", layout: "linear", element },
  { name: "y", access, layout: "linear", element },
];

const factors: readonly Binding[] = [
  { name: "a", access: "read", layout: "linear" },
  { name: "b", access: "read", layout: "linear" },
  batchTable,
];

const tiled = page("gemm_tiled", tiledText, [grid, functions, epilogue, finish], [...factors, ...finished("write")]);
const plain = page("gemm_plain", plainText, [grid, loops, functions, epilogue, finish], [
  ...factors,
  ...finished("read_write"),
]);
const panelBindings: readonly Binding[] = [
  { name: "a", access: "read", layout: "rows4" },
  { name: "b", access: "read", layout: "rows4" },
  batchTable,
];
const packedBindings: readonly Binding[] = [...panelBindings, { name: "products", access: "write", layout: "rows4" }];
/** `Params` of both forms. */
const panels: Lib = { file: import.meta.resolve("./gemm_panels.wgsl"), text: panelsText };
const packed = page("gemm_packed", packedText, [grid, loops, panels], packedBindings);
const laneTile: Lib = { file: import.meta.resolve("./lane_tile.wgsl"), text: laneTileText };
const lanes: Page = {
  ...page("gemm_lanes", lanesText, [grid, loops, panels, laneTile], packedBindings),
  subgroups: true,
};
const wholeLanes: Page = {
  ...page("gemm_lanes_whole", wholeText, [grid, loops, laneTile, functions, epilogue, finish], [
    ...panelBindings,
    ...finished("write", "f32x4"),
  ]),
  subgroups: true,
};
const finishPacked = page("gemm_finish", finishPageText, [functions, epilogue, finish], [
  { name: "products", access: "read", layout: "rows4" },
  ...finished("write"),
]);

const pack = (name: string, text: string, from: string): Page =>
  page(name, text, [], [{ name: from, access: "read", layout: "linear" }, {
    name: "packed",
    access: "write",
    layout: "rows4",
  }]);

const packA = pack("pack_a", packAText, "a");
const packB = pack("pack_b", packBText, "b");

/** Longer sums are left to the form that splits them. */
const longest = 4 * (iterationLimit - 64);

/** Longer sums are left to packed panels. */
const longestTiled = 48_000;

/**
 * The fastest form for a product of given sizes: packing pays except for little work, even for a single row of A, as
 * weights are packed once (1 x 2048 x 1000 on lavapipe: 18 ms plain, 2 packed). Lanes that hand rows round gain 1.0 to 1.1
 * times on AMD's Zen 4, 1.2 to 1.5 times on Intel's Sapphire Rapids.
 */
export function chooseProduct(batch: number, rows: number, columns: number, depth: number, facts: Facts): string {
  const work = batch * rows * columns * depth;
  const panels = batch * Math.max(Math.ceil(rows / 8), Math.ceil(columns / 128));
  if (work < 2 ** 18 || depth > longest || panels > 65_535) return "plain";
  if (facts.adapter === "gpu") return depth <= longestTiled ? "tiled" : "packed";
  return facts.adapter === "lavapipe" && facts.subgroupSize >= 8 ? "lanes" : "packed";
}

function batchesOf(r: Recorder, { batches }: Product): Value {
  const list = Uint32Array.from(batches.flat());
  return r.constant(list, [list.length]);
}

const finishBindings = ({ c, added, y }: Product): Record<string, Value | null> => ({
  c: c ?? null,
  added: added ?? null,
  y,
});

function finishParams({ alpha, beta, rows, columns, cRow, cColumn }: Product): Record<string, number> {
  return { alpha, beta, rows, columns, c_row: cRow, c_column: cColumn };
}

const overridesOf = ({ c, cRow, added, epilogue }: Product): Record<string, number> => ({
  ...epilogueOverrides(epilogue),
  HAS_C: c === undefined ? 0 : cRow > 0 ? 1 : 2,
  HAS_ADDED: added ? 1 : 0,
});

const stridesOf = ({ rows, columns, depth, aRow, aK, bK, bColumn }: Product): Record<string, number> => ({
  a_row: aRow,
  a_k: aK,
  a_batch: rows * depth,
  b_k: bK,
  b_column: bColumn,
  b_batch: columns * depth,
});

/** Records a product in a form, that serves it (see {@linkcode productForms}), with its tile sizes. */
export function recordProduct(r: Recorder, product: Product, form: string, tune: Tune): void {
  if (form === "plain") return recordPlain(r, product);
  if (form === "tiled") return recordTiled(r, product);
  const byLanes = form === "lanes";
  recordPacked(r, product, byLanes, tune.ROWS ?? panelRows(r.facts, byLanes));
}

function recordPacked(r: Recorder, product: Product, byLanes: boolean, tile: number): void {
  const { a, b, rows, columns, depth, batches } = product;
  const rowPanels = Math.ceil(rows / tile), columnPanels = Math.ceil(columns / 128), chunks = Math.ceil(depth / 8) * 2;
  const strides = stridesOf(product);
  const left = r.derived(a, `gemm:a:${tile}:${rows}:${product.aRow}:${product.aK}`, (a) => {
    const shape = [sizeOf(a.shape) / (rows * depth) * rowPanels, Math.ceil(chunks / 4), tile * 16];
    const value = r.temporary({ dtype: "f32", shape });
    r.dispatch(packA, {
      bind: { a, packed: value },
      params: {
        rows,
        depth,
        row_stride: strides.a_row,
        k_stride: strides.a_k,
        batch_stride: strides.a_batch,
        panels: rowPanels,
      },
      tune: { ROWS: tile },
      groups: [Math.ceil(tile * 4 / 8), Math.ceil(shape[1] / 8), shape[0]],
      iterations: 0,
    });
    return value;
  });
  const right = r.derived(b, `gemm:b:${columns}:${product.bK}:${product.bColumn}`, (b) => {
    const shape = [sizeOf(b.shape) / (columns * depth) * columnPanels, chunks, 512];
    const value = r.temporary({ dtype: "f32", shape });
    r.dispatch(packB, {
      bind: { b, packed: value },
      params: {
        columns,
        depth,
        k_stride: strides.b_k,
        column_stride: strides.b_column,
        batch_stride: strides.b_batch,
        panels: columnPanels,
      },
      groups: [16, Math.ceil(chunks / 8), shape[0]],
      iterations: 0,
    });
    return value;
  }, (elements) => packColumns(elements, { depth, columns, kStride: product.bK, columnStride: product.bColumn }));
  const layers = batches.length * rowPanels;
  const panelParams = { row_panels: rowPanels, column_panels: columnPanels, chunks: byLanes ? chunks / 2 : chunks };
  if (byLanes && columns % 4 === 0) {
    r.dispatch(wholeLanes, {
      bind: { a: left, b: right, batches: batchesOf(r, product), ...finishBindings(product) },
      params: { ...finishParams(product), ...panelParams },
      overrides: overridesOf(product),
      tune: { ROWS: tile },
      groups: layers * columnPanels * 2,
      iterations: nestedIterations([chunks]),
    });
    return;
  }
  const products = r.temporary({ dtype: "f32", shape: [layers, tile, columnPanels * 128] });
  r.dispatch(byLanes ? lanes : packed, {
    bind: { a: left, b: right, batches: batchesOf(r, product), products },
    params: panelParams,
    tune: { ROWS: tile },
    groups: layers * columnPanels * (byLanes ? 2 : 1),
    iterations: nestedIterations([chunks]),
  });
  r.dispatch(finishPacked, {
    bind: { products, ...finishBindings(product) },
    params: { ...finishParams(product), row_panels: rowPanels },
    overrides: overridesOf(product),
    tune: { ROWS: tile },
    groups: [Math.ceil(columns / 32), tile / 8, layers],
    iterations: 0,
  });
}

function recordTiled(r: Recorder, product: Product): void {
  const { a, b, rows, columns, depth, batches } = product;
  const down = Math.ceil(rows / 64), across = Math.ceil(columns / 64);
  r.dispatch(tiled, {
    bind: { a, b, batches: batchesOf(r, product), ...finishBindings(product) },
    params: { ...finishParams(product), ...stridesOf(product), depth, tiles_down: down, tiles_across: across },
    overrides: overridesOf(product),
    groups: batches.length * down * across,
    iterations: nestedIterations([Math.ceil(depth / 16), 16]) + nestedIterations([16]),
  });
}

function recordPlain(r: Recorder, product: Product): void {
  const { a, b, depth, y } = product;
  const bind = { a, b, batches: batchesOf(r, product), ...finishBindings(product) };
  const step = longest;
  for (let begin = 0; begin === 0 || begin < depth; begin += step) {
    const end = Math.min(depth, begin + step);
    r.dispatch(plain, {
      bind,
      params: {
        ...finishParams(product),
        ...stridesOf(product),
        begin,
        end,
      },
      overrides: { ...overridesOf(product), CONTINUES: begin === 0 ? 0 : 1, COMPLETES: end === depth ? 1 : 0 },
      groups: Math.ceil(sizeOf(y.shape) / 64),
      iterations: nestedIterations([Math.ceil((end - begin) / 4)]) + nestedIterations([3]),
    });
  }
}
