import type { Operation, Recorder, Value } from "../shaders/contract.ts";
import type { PartsOptions } from "./kernel/mod.ts";
import { maskedError, maskPixels } from "../shaders/filters/mod.ts";

/** The part of an engine that calibration needs; `Engine` and the engine of a pipeline's stages have it. */
export interface CalibrationEngine {
  /** Records, plans and submits work in parts. */
  runInParts(
    work: (r: Recorder) => readonly Value[],
    options: PartsOptions,
  ): Promise<readonly (Value & Disposable)[]>;
  /** Waits for the device and reads all of them in one go. */
  read(tensors: readonly (Value & Disposable)[]): Promise<readonly ArrayLike<number | bigint>[]>;
}

/** What {@linkcode calibrate} tries. */
export interface CalibrateOptions<O> extends PartsOptions {
  /** Values to try, by the name of the option; all combinations are tried, the last option changing fastest. */
  readonly grid: { readonly [Name in keyof O]?: readonly O[Name][] };
  /** Options that all combinations share; with `slicewise` volumes are masked in 2-D. Default none. */
  readonly options?: Partial<O>;
  /** Pixels from one masked pixel to the next along each axis. Default 4. */
  readonly stride?: number;
}

/** What {@linkcode calibrate} finds. */
export interface Calibration<O> {
  /** The combination with the least loss. */
  readonly chosen: Partial<O>;
  /** The same with the shared options: what the filter is called with. */
  readonly options: Partial<O>;
  /** The self-supervised loss of each combination, in the image's unit squared. */
  readonly losses: readonly number[];
  /** The combinations, in the order of the losses. */
  readonly grid: readonly Partial<O>[];
}

/**
 * Chooses a filter's options for an image without knowing the clean one: some pixels are replaced by the mean of their
 * neighbors, and those options count as best with which the filter best restores them. As the noise of different pixels
 * is independent, that loss is the squared distance from the clean image plus the noise's variance, the same for all
 * options (J-invariance; J. Batson and L. Royer, "Noise2Self", ICML 2019; `calibrate_denoiser` of scikit-image with its
 * approximate loss). This fails where the noise is correlated from pixel to pixel.
 *
 * All combinations are recorded in one run, one after the other, so that each takes over the memory of the one before,
 * and their losses take one readback. Of combinations with equal losses, the first counts.
 *
 * Throws a `RangeError` where an option has no values to try, or where the image is so small that no pixel is masked.
 *
 * @param engine Where it runs.
 * @param filter A filter of images or volumes; its first input is the image, and it needs no other.
 * @param image The noisy image `[C, H, W]` or volume `[C, D, H, W]`.
 *
 * ```ts ignore
 * const { options } = await calibrate(engine, filters.gaussian, image, { grid: { sigmaPx: [0.5, 1, 1.5, 2] } });
 * const clean = engine.run((r) => filters.gaussian(r, image, options));
 * ```
 */
export async function calibrate<O>(
  engine: CalibrationEngine,
  filter: Operation<O>,
  image: Value,
  { grid, options, stride, ...parts }: CalibrateOptions<O>,
): Promise<Calibration<O>> {
  const combinations = combinationsOf<O>(filter.name, grid);
  const candidates = combinations.map((chosen) => ({ ...options, ...chosen }));
  const { slicewise = false } = (options ?? {}) as { readonly slicewise?: boolean };
  const mask = { ...(stride === undefined ? {} : { stride }), slicewise };
  const tensors = await engine.runInParts((r) => {
    const masked = maskPixels(r, image, mask);
    return candidates.map((candidate) => maskedError(r, r.apply(filter, [masked], candidate)[0], image, mask));
  }, parts);
  let losses: number[];
  try {
    losses = (await engine.read(tensors)).map((values) => Number(values[0]));
  } finally {
    for (const tensor of tensors) tensor[Symbol.dispose]();
  }
  // A loss that is no number, as of a filter that divides by 0, is never the least.
  const least = losses.reduce((best, loss) => loss < best ? loss : best, Infinity);
  const found = losses.indexOf(least);
  if (found < 0) {
    throw new RangeError(
      `${filter.name} can't be calibrated on an image [${
        image.shape.join(", ")
      }]: no pixel of it is masked, or every result is infinite; take a larger image or a smaller stride`,
    );
  }
  return { chosen: combinations[found], options: candidates[found], losses, grid: combinations };
}

function combinationsOf<O>(filter: string, grid: CalibrateOptions<O>["grid"]): Partial<O>[] {
  return Object.entries<readonly unknown[] | undefined>(grid).reduce<Partial<O>[]>((combinations, [name, values]) => {
    if (values === undefined || values.length === 0) {
      throw new RangeError(`${filter} has no values of ${name} to try: give one at least, or leave ${name} out`);
    }
    return combinations.flatMap((chosen) => values.map((value) => ({ ...chosen, [name]: value })));
  }, [{}]);
}
