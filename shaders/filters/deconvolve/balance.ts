import { definePage, type Page, type Recorder, type Value } from "../../contract.ts";
import { loops as loopsLib, workgroup as workgroupLib, workgroupIterations } from "../../lib/mod.ts";
import type { Extents } from "../extents.ts";
import type { Texels } from "../fourier/transform.ts";
import balanceText from "./deconvolve_balance.wgsl" with { type: "text" };
import evidenceText from "./deconvolve_evidence.wgsl" with { type: "text" };

/** Workgroups of the first level for each channel, and the sums that each gives. */
const partials = 64;
const sums = 52;

/** The balances of a round, and how many rounds there are. */
const balances = 16;
const rounds = 3;

/** The range of balances, as powers of 2: 1e-8 to 1e8. */
const lowest = -8 * Math.log2(10);

const evidencePage: Page = definePage({
  name: "deconvolve_evidence",
  file: import.meta.resolve("./deconvolve_evidence.wgsl"),
  text: evidenceText,
  libs: [loopsLib, workgroupLib],
  bindings: [
    { name: "spectrum", access: "read", layout: "rows4" },
    { name: "transfer", access: "read", layout: "rows4" },
    { name: "laplacian", access: "read", layout: "linear" },
    { name: "range", access: "read", layout: "linear" },
    { name: "partial", access: "write", layout: "linear" },
  ],
});

const balancePage: Page = definePage({
  name: "deconvolve_balance",
  file: import.meta.resolve("./deconvolve_balance.wgsl"),
  text: balanceText,
  bindings: [
    { name: "partial", access: "read", layout: "linear" },
    { name: "range", access: "read", layout: "linear" },
    { name: "next", access: "write", layout: "linear" },
    { name: "balance", access: "write", layout: "linear" },
  ],
});

/** The Laplacian's transfer function: `2 - 2 cos(2 pi k / n)` along y (`height` numbers), then along x, then along z. */
export function laplacianTable(r: Recorder, extents: Extents): { table: Value; height: number } {
  const { axes, depth, height, width } = extents;
  // A texel may hold one frequency more than there are.
  const padded = height + 2;
  const table = new Float32Array(padded + width + depth);
  const fill = (first: number, count: number) => {
    for (let k = 0; k < count; k++) table[first + k] = 4 * Math.sin(Math.PI * k / count) ** 2;
  };
  fill(0, height);
  fill(padded, width);
  if (axes.includes("z")) fill(padded + width, depth);
  return { table: r.constant(table, [table.length]), height: padded };
}

/** The balance of the greatest likelihood for each channel, f32 `[C]`. */
export function likeliestBalance(
  r: Recorder,
  spectrum: Texels,
  transfer: Texels,
  laplacian: { table: Value; height: number },
  { channels, depth, height }: Extents,
): Value {
  const range = Array.from({ length: channels }, () => [lowest, -2 * lowest / (balances - 1)]).flat();
  let state = r.constant(Float32Array.from(range), [channels, 2]);
  let balance = state;
  const texelIterations = Math.ceil(spectrum.columns * spectrum.rows * depth / (64 * partials));
  for (let round = 0; round < rounds; round++) {
    const partial = r.temporary({ dtype: "f32", shape: [channels, partials, sums] });
    r.dispatch(evidencePage, {
      bind: { spectrum: spectrum.value, transfer: transfer.value, laplacian: laplacian.table, range: state, partial },
      params: { height: laplacian.height, pixels: height, depth, transfer_layers: transfer.layers },
      groups: [partials, 1, channels],
      iterations: texelIterations + workgroupIterations * sums / 4,
    });
    const next = r.temporary({ dtype: "f32", shape: [channels, 2] });
    balance = r.temporary({ dtype: "f32", shape: [channels] });
    r.dispatch(balancePage, {
      bind: { partial, range: state, next, balance },
      groups: [channels, 1, 1],
      iterations: partials + balances,
    });
    state = next;
  }
  return balance;
}
