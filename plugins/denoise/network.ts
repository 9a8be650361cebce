/** Denoising by a network: an autoencoder whose output is the clean image, in the units of its input. */
import { z } from "npm:zod@4.6.7";
import {
  contractRefusal,
  measuredAlone,
  type ModelContract,
  type Net,
  type Padding,
  type Tensor,
} from "../../engine/pipeline/mod.ts";
import { image as ops, nn, type Recorder, type Value } from "../../shaders/mod.ts";

/** What `model.json` of a denoising network must state; it may state more. */
export interface DenoisingContract {
  readonly name: string;
  readonly input: {
    readonly name: string;
    /** [H, W]: what the height and the width of its images must be multiples of; the last pixels are repeated up to that. */
    readonly size: number[];
  };
  readonly normalization: {
    /** Pixels above this fraction of the greatest value make the mean and the deviation. */
    readonly foreground?: number;
  };
  readonly output: { readonly name: string };
}

/** Checks and narrows the content of a `model.json`. */
export const denoisingContract: z.ZodType<DenoisingContract> = z.object({
  name: z.string(),
  task: z.literal("denoising"),
  input: z.object({ name: z.string(), channels: z.literal(1), size: z.array(z.int().min(1)).length(2) }),
  normalization: z.object({
    kind: z.literal("standardize"),
    foreground: z.number().min(0).max(1).optional(),
    over: z.literal("input"),
  }),
  output: z.object({ name: z.string() }),
});

/** Why a model cannot denoise, in words that go on from "as". */
export function refusal(contract: ModelContract): string | undefined {
  return contractRefusal(
    denoisingContract,
    contract,
    "denoise takes networks from one gray image to one of the same size",
  );
}

/**
 * Records the network over an image `[C, H, W]` or a volume `[C, D, H, W]`: each channel and slice by itself, standardized
 * with the mean and deviation of all that was measured and put back into its unit.
 */
export function denoiseByNetwork(
  r: Recorder,
  given: Tensor,
  net: Net,
  model: DenoisingContract,
  padding?: Padding,
): Value {
  const { image, foreground, raised } = measuredAlone(r, given, padding, model.normalization.foreground);
  const [height, width] = image.shape.slice(-2);
  const slices = image.shape.slice(0, -2).reduce((product, size) => product * size, 1);
  const statistics = ops.statistics(r, image, { foreground });
  const input = r.reshape(ops.standardize(r, image, statistics), [slices, 1, height, width]);
  const [bottom, right] = [height, width].map((size, axis) => {
    const unit = model.input.size[axis];
    return Math.ceil(size / unit) * unit - size;
  });
  const padded = bottom + right === 0
    ? input
    : r.apply(nn.pad, [input], { padsBegin: [0, 0, 0, 0], padsEnd: [0, 0, bottom, right], mode: "edge" })[0];
  const output = net.record(r, { [model.input.name]: padded })[model.output.name];
  const cut = bottom + right === 0
    ? output
    : r.apply(nn.pad, [output], { padsBegin: [0, 0, 0, 0], padsEnd: [0, 0, -bottom, -right] })[0];
  const clean = ops.standardize(r, r.reshape(cut, image.shape), statistics, { inverse: true });
  if (raised === 0) return clean;
  return r.apply(nn.binary, [clean, r.constant(Float32Array.of(raised), [1])], { op: "subtract" })[0];
}
