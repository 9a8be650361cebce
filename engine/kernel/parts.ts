/** Deals steps out to parts of a run, each of about as many workgroups as asked for. */

import type { DispatchStep, Step } from "./recording.ts";
import type { Slab } from "./slabs.ts";

/** Most workgroups of a dimension. */
const maxGroups = 65_535;

/** What a part consists of. */
export interface Part<Piece> {
  readonly pieces: readonly Piece[];
  /** Workgroups of all pieces. */
  readonly groups: number;
}

/** The workgroup grid; counts beyond one dimension fold into the second (`flat_index` in `lib/grid.wgsl`). */
export function gridOf({ call, label }: DispatchStep): readonly [number, number, number] {
  const { groups } = call;
  const grid = typeof groups === "number"
    ? [Math.min(groups, maxGroups), Math.ceil(groups / maxGroups), 1] as const
    : groups;
  if (grid.some((count) => count > maxGroups)) {
    throw new RangeError(
      `${label} asks for [${
        grid.join(", ")
      }] workgroups, but ${maxGroups} is the most a dimension has: give a single number`,
    );
  }
  return grid;
}

/** Workgroups of a step as a whole. */
export function groupsOf(step: Step): number {
  return step.kind === "copy" ? 0 : product(gridOf(step));
}

/** Deals the steps out to parts of about `size()` workgroups, which is asked anew for each part. */
export function* partsOf<Piece extends { readonly slab?: Slab }>(
  steps: readonly Step[],
  size: () => number,
  cut: (step: Step, most: () => number) => Iterable<Piece>,
): Generator<Part<Piece>> {
  let pieces: Piece[] = [];
  let groups = 0;
  for (const step of steps) {
    for (const piece of cut(step, size)) {
      pieces.push(piece);
      if (piece.slab) groups += product(piece.slab.groups);
      if (groups < size()) continue;
      yield { pieces, groups };
      pieces = [];
      groups = 0;
    }
  }
  if (pieces.length > 0) yield { pieces, groups };
}

const product = (counts: readonly number[]): number => counts.reduce((all, count) => all * count, 1);
