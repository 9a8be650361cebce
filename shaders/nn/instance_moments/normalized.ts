/** What moments and the normalization by them share. */

import { z } from "npm:zod@4.6.7";
import type { Spec } from "../../contract.ts";
import { showShape } from "../../shape.ts";
import type { InstanceMomentsOptions } from "./instance_moments.ts";

/** The options that both have, as a zod shape. */
export const instanceMomentsShape = {
  epsilon: z.number().nonnegative().default(1e-5),
  groups: z.int().positive().optional(),
};

/** Whether the elements fit into texels of four channels. */
export const fitsTexels = ({ shape }: Spec): boolean =>
  shape.length >= 3 && shape.length <= 5 && shape[shape.length - 1] <= 16_384;

/** Throws unless what is normalized has channels, a scale and a bias for each, and whole groups of them. */
export function checkNormalized(
  name: string,
  [x, scale, bias]: readonly Spec[],
  { groups }: Pick<InstanceMomentsOptions, "groups">,
): void {
  if (x.shape.length < 3) throw new RangeError(`${name}: ${showShape(x.shape)} must have 3 or more axes`);
  for (const [key, vector] of Object.entries({ scale, bias })) {
    if (vector.shape.length === 1 && vector.shape[0] === x.shape[1]) continue;
    throw new RangeError(
      `${name}: ${key} has shape ${showShape(vector.shape)}, but must be [${x.shape[1]}]: one number per channel`,
    );
  }
  if (groups !== undefined && x.shape[1] % groups !== 0) {
    throw new RangeError(`${name}: ${x.shape[1]} channels can't be ${groups} groups of equal size`);
  }
}
