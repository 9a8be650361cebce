/** What a Gabor kernel is made of. */
export interface GaborKernelOptions {
  /** Cycles per pixel. */
  readonly frequency: number;
  /** Direction of the wave in 2-D, in radians from the x axis toward the y axis. Either this or `direction`. */
  readonly theta?: number;
  /** Direction of the wave in 3-D, `[z, y, x]`, of any length but 0. Either this or `theta`. */
  readonly direction?: readonly number[];
  /** Width of the passband in octaves, which gives the standard deviation where `sigmaPx` isn't given. Default 1. */
  readonly bandwidth?: number;
  /** Standard deviation of the envelope in pixels: one number, or along and across the wave. */
  readonly sigmaPx?: number | readonly number[];
  /** Radius in standard deviations at which the kernel ends. Default 3. */
  readonly nStds?: number;
  /** Phase of the wave at the center, in radians. Default 0. */
  readonly offset?: number;
}

/** A complex kernel: its size along each axis (odd), and its elements, row-major. */
export interface GaborKernel {
  /** Elements along each axis, the outermost first. */
  readonly shape: readonly number[];
  /** Real parts. */
  readonly real: Float64Array;
  /** Imaginary parts. */
  readonly imaginary: Float64Array;
}

/** A Gabor filter's parts along the axes, the outermost first. */
export interface GaborShape {
  /** Radius along each axis. */
  readonly radii: readonly number[];
  /** The wave vector: radians per pixel along each axis. */
  readonly wave: readonly number[];
  /** The envelope is exp(-1/2 sum over axes i, j of `form[i][j]` p_i p_j). */
  readonly form: readonly (readonly number[])[];
  /** What it is multiplied with, so that the envelope has sum 1. */
  readonly scale: number;
  readonly offset: number;
}

/** Greatest radius of a kernel. */
const mostRadius = 4096;

/** Standard deviation in pixels of the envelope whose passband is `bandwidth` octaves wide at half height. */
export function gaborSigma(frequency: number, bandwidth = 1): number {
  return Math.sqrt(Math.log(2) / 2) / Math.PI * (2 ** bandwidth + 1) / (2 ** bandwidth - 1) / frequency;
}

/** Radii, wave and envelope of a filter; throws where the options are none. */
export function gaborShape(options: GaborKernelOptions): GaborShape {
  const { frequency, bandwidth = 1, nStds = 3, offset = 0 } = options;
  const { along, across } = directionOf(options);
  if (options.sigmaPx === undefined && frequency === 0) {
    throw new RangeError("frequency is 0, which has no bandwidth: give sigmaPx, or a frequency above 0");
  }
  const given = options.sigmaPx ?? gaborSigma(frequency, bandwidth);
  const [sigmaAlong, sigmaAcross] = typeof given === "number" ? [given, given] : given;
  const radii = along.map((part, axis) =>
    Math.ceil(Math.max(Math.abs(nStds * sigmaAlong * part), Math.abs(nStds * sigmaAcross * across[axis]), 1))
  );
  const greatest = Math.max(...radii);
  if (greatest > mostRadius) {
    throw new RangeError(
      `The kernel's radius is ${greatest} pixels, but at most ${mostRadius}: take a higher frequency, a smaller sigmaPx or nStds`,
    );
  }
  const [narrow, wide] = [1 / sigmaAlong ** 2, 1 / sigmaAcross ** 2];
  const dimensions = along.length;
  return {
    radii,
    wave: along.map((part) => 2 * Math.PI * frequency * part),
    form: along.map((a, i) => along.map((b, j) => (narrow - wide) * a * b + (i === j ? wide : 0))),
    scale: 1 / ((2 * Math.PI) ** (dimensions / 2) * sigmaAlong * sigmaAcross ** (dimensions - 1)),
    offset,
  };
}

/** Components of the wave's unit direction along each axis, and the lengths of what is left across it. */
function directionOf({ theta, direction }: GaborKernelOptions): { along: number[]; across: number[] } {
  if (theta !== undefined && direction !== undefined) throw new TypeError("Give either theta or direction, not both");
  if (direction === undefined) {
    const [sine, cosine] = [Math.sin(theta ?? 0), Math.cos(theta ?? 0)];
    return { along: [sine, cosine], across: [cosine, sine] };
  }
  const length = Math.hypot(...direction);
  if (direction.length !== 3 || !(length > 0) || !Number.isFinite(length)) {
    throw new RangeError(`direction is [${direction.join(", ")}]: it must be [z, y, x] of a length above 0`);
  }
  const along = direction.map((part) => part / length);
  return { along, across: along.map((part) => Math.sqrt(Math.max(0, 1 - part * part))) };
}

/**
 * The complex Gabor kernel as scikit-image's `gabor_kernel` makes it, in f64 on the host: a Gaussian envelope times a plane
 * wave, `exp(-u^2/(2 along^2) - v^2/(2 across^2)) exp(i (2 pi frequency u + offset)) / (2 pi along across)`, where u is the
 * distance from the center along the wave's direction and v that across it. In 3-D v is the distance from the wave's axis,
 * and the divisor `(2 pi)^(3/2) along across^2`. The radius along an axis is `ceil(max(|nStds along d|, |nStds across e|, 1))`
 * with the direction's components d along and e across it. The kernel isn't corrected to sum 0: the real part passes a mean.
 *
 * @example
 * ```ts ignore
 * const { shape, real, imaginary } = filters.gaborKernel({ frequency: 0.2, theta: Math.PI / 6 });
 * ```
 */
export function gaborKernel(options: GaborKernelOptions): GaborKernel {
  return gaborKernelOf(gaborShape(options));
}

/** The elements of a filter's kernel. */
export function gaborKernelOf({ radii, wave, form, scale, offset }: GaborShape): GaborKernel {
  const shape = radii.map((radius) => 2 * radius + 1);
  const size = shape.reduce((product, count) => product * count, 1);
  const real = new Float64Array(size);
  const imaginary = new Float64Array(size);
  for (let index = 0; index < size; index++) {
    const place: number[] = [];
    for (let axis = shape.length - 1, rest = index; axis >= 0; axis--) {
      place[axis] = rest % shape[axis] - radii[axis];
      rest = Math.floor(rest / shape[axis]);
    }
    const square = place.reduce((sum, p, i) => sum + p * place.reduce((dot, q, j) => dot + form[i][j] * q, 0), 0);
    const phase = place.reduce((sum, p, axis) => sum + wave[axis] * p, offset);
    const height = scale * Math.exp(-0.5 * square);
    real[index] = height * Math.cos(phase);
    imaginary[index] = height * Math.sin(phase);
  }
  return { shape, real, imaginary };
}
