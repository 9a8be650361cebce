import type { Spec } from "../../contract.ts";
import { type Extents, extentsOf, spacingAlong } from "../extents.ts";
import type { AnisotropicOptions } from "./anisotropic.ts";

/** What a diffusion computes with, checked. */
export interface Scheme {
  readonly extents: Extents;
  /** Distance between pixels along each filtered axis, in the tensor's order. */
  readonly spacing: readonly number[];
  /** Time step. */
  readonly dt: number;
  /** The most steps taken. */
  readonly steps: number;
  /** Whether it may stop before. */
  readonly stops: boolean;
  /** What kappa is of the level: of `kappa` itself 1, of the noise level the strength over the least spacing. */
  readonly factor: number;
  /** Whether something depends on the noise level. */
  readonly needsNoise: boolean;
}

/** The share of the greatest stable time step that is taken where none is given: 0.2 for images with spacing 1. */
const share = 0.8;

/** Steps where no number is given: those with the best PSNR at the default strength in images of all kinds. */
const defaultSteps = { peronaMalik: 5, curvature: 10 };

/** The share of the noise's variance that is removed when diffusion stops by itself. */
export const removedShare = 0.9;

/** Strength where neither it nor kappa is given. */
const defaultStrength = 1.5;

/**
 * The greatest time step for which no pixel leaves the range of its neighbors.
 * - Perona-Malik: the old pixel's weight, 1 less `2 dt / h^2` times a conductance of at most 1 for each axis, stays positive.
 * - Curvature: a flow is at most 1, so that the speed is at most the sum of `2 / h`; where it raises a pixel, the upwind
 *   gradient sees higher neighbors only and is at most their greatest difference times the root of the sum of `2 / h^2`.
 */
export function greatestStep(equation: AnisotropicOptions["equation"], spacing: readonly number[]): number {
  const squares = spacing.reduce((sum, h) => sum + 2 / h ** 2, 0);
  return 1 / (equation === "peronaMalik" ? squares : Math.sqrt(squares) * spacing.reduce((sum, h) => sum + 2 / h, 0));
}

/** Checks image and options; throws where the time step is not stable. */
export function schemeOf(image: Spec, options: AnisotropicOptions): Scheme {
  const extents = extentsOf("anisotropic", image, options.slicewise);
  const spacing = spacingAlong(extents, options.spacing);
  const most = greatestStep(options.equation, spacing);
  const dt = options.dt ?? share * most;
  // A step may be given rounded to six digits, such as 0.166667 for 1/6.
  if (dt > most * (1 + 3e-6)) {
    throw new RangeError(
      `dt is ${dt}, but ${options.equation} with spacing [${spacing.join(", ")}] is stable up to ${
        Number(most.toPrecision(6))
      }: take a smaller one and more steps`,
    );
  }
  const { kappa, strength = defaultStrength, steps = defaultSteps[options.equation] } = options;
  const stops = steps === "auto";
  return {
    extents,
    spacing,
    dt,
    stops,
    steps: steps === "auto" ? options.maxSteps : steps,
    factor: kappa === undefined ? strength / Math.min(...spacing) : 1,
    needsNoise: stops || kappa === undefined,
  };
}
