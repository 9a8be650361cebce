/** Transforms of whole lines by subgroups: which there are, where they are chosen, and the table of their page. */
import type { Facts, Form, Lib, Spec } from "../../contract.ts";
import { sizeOf } from "../../shape.ts";
import { hasLanes } from "../passes/separable/separable_plane.ts";
import { root } from "./line_transform.ts";
import rootsText from "./fourier_roots.wgsl" with { type: "text" };

/** The factors within transforms of 32 numbers. */
export const rootsLib: Lib = { file: import.meta.resolve("./fourier_roots.wgsl"), text: rootsText };

/** Lanes of a subgroup, and numbers of the first transforms. */
export const lanes = 8, firstCount = 32;

/** Lengths that subgroups transform at once. */
export const lineLengths: readonly number[] = [256, 512, 1024];

/** Pixels from which on whole lines by subgroups are worth the driver's compiler's time, of two to four seconds a page. */
const largeSize = 2 ** 20;

/** Whether an operation can do with whole lines. */
type Serves<O> = (inputs: readonly Spec[], options: O) => boolean;

/** The forms of an operation that is made of transforms: whole lines by subgroups, or passes. */
export function transformForms<O>(serves: Serves<O>): Record<"lanes" | "passes", Form<O>> {
  return { lanes: { needs: hasLanes, serves }, passes: {} };
}

/** Chooses `lanes` for large images on lavapipe, where a store is what costs. */
export function chooseTransform<O>(serves: Serves<O>): (inputs: readonly Spec[], options: O, facts: Facts) => string {
  return (inputs, options, facts) => {
    const isLarge = sizeOf(inputs[0].shape) >= largeSize;
    return facts.adapter === "lavapipe" && isLarge && hasLanes(facts) && serves(inputs, options) ? "lanes" : "passes";
  };
}

/** The factors of each number that a lane has at first: two c per texel, eight lanes side by side. */
export function lineTable(count: number): Float32Array {
  const subs = count / (lanes * firstCount);
  const table = new Float32Array(2 * count);
  for (let i = 0; i < subs; i++) {
    for (let c = 0; c < firstCount; c++) {
      for (let lane = 0; lane < lanes; lane++) {
        const texel = lane + lanes * (firstCount / 2 * i + Math.floor(c / 2));
        table.set(root((lane + lanes * i) * c, count), 4 * texel + 2 * (c % 2));
      }
    }
  }
  return table;
}
