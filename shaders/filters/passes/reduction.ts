import type { Extents } from "../extents.ts";

/** How the texels of each channel are shared out to workgroups of 64 lanes. */
export interface Reduction {
  /** Workgroups of a channel. */
  readonly groups: number;
  /** Lanes of a group are `2^columns` texels wide, and as many lines high as are left. */
  readonly columns: number;
  /** Loop iterations of a lane. */
  readonly iterations: number;
}

/** 64 workgroups per channel where there is work for them, and more where a lane would take more than `most` texels. */
export function planReduction({ depth, height, width }: Extents, most = 20_000): Reduction {
  const texels = Math.ceil(width / 4);
  const columns = lanesAcross(texels);
  const lines = Math.ceil(depth * height / (64 >> columns));
  const across = Math.ceil(texels / (1 << columns));
  const groups = Math.max(1, Math.min(lines, 64), Math.ceil(lines * across / most));
  return { groups, columns, iterations: Math.ceil(lines / groups) * (across + 1) };
}

/** How wide a group lies, as a power of two: the widest of those that leave few lanes without a texel. */
function lanesAcross(texels: number): number {
  const covered = (columns: number) => Math.ceil(texels / (1 << columns)) * (1 << columns);
  return [6, 5, 4, 3].reduce((best, columns) => covered(columns) < 0.9 * covered(best) ? columns : best);
}
