/** The box of a tumor by a detection network. */
import { z } from "npm:zod@4.6.7";
import {
  boxOnImage,
  contractRefusal,
  type ModelContract,
  type Net,
  onModelGrid,
  type PipelineEngine,
  type Placed,
  placementOf,
} from "../../engine/pipeline/mod.ts";

/** What `model.json` of a detection network must state; it may state more. */
export interface DetectionContract {
  readonly name: string;
  readonly input: {
    readonly name: string;
    /** [H, W] in pixels. */
    readonly size: number[];
    /** [y, x] in mm, where the model was trained at one scale. */
    readonly spacingMm?: number[];
  };
  readonly normalization: {
    /** Pixels above this fraction of the greatest value make the mean and the deviation. */
    readonly foreground?: number;
  };
  /** Names of the outputs `[N, 4]` (x0, y0, x1, y1 in pixels of the input) and `[N]`, and the score from which a box counts. */
  readonly output: { readonly boxes: string; readonly scores: string; readonly threshold: number };
}

const pair = <T extends z.ZodType>(item: T) => z.array(item).length(2);

/** Checks and narrows the content of a `model.json`. */
export const detectionContract: z.ZodType<DetectionContract> = z.object({
  name: z.string(),
  task: z.literal("detection"),
  input: z.object({
    name: z.string(),
    channels: z.literal(1),
    size: pair(z.int().min(1)),
    spacingMm: pair(z.number().positive()).optional(),
  }),
  normalization: z.object({
    kind: z.literal("standardize"),
    foreground: z.number().min(0).max(1).optional(),
    over: z.literal("input"),
  }),
  output: z.object({ boxes: z.string(), scores: z.string(), threshold: z.number().min(0).max(1) }),
});

/** Why a model cannot detect, in words that go on from "as". */
export function refusal(contract: ModelContract): string | undefined {
  return contractRefusal(detectionContract, contract, "crop takes networks that find boxes in one gray image");
}

/** One box that the network found. */
export interface Detection {
  /** 0 to 1. */
  readonly score: number;
  /** x0, y0, x1, y1 in pixels of the image. */
  readonly box: readonly number[];
}

/**
 * All boxes that the network finds in an image `[1, H, W]` of any size and spacing. It waits for the device: how many there
 * are is data.
 */
export async function detections(
  engine: PipelineEngine,
  net: Net,
  model: DetectionContract,
  { tensor, geometry }: Placed,
): Promise<Detection[]> {
  const { name, size: own } = model.input;
  const size = tensor.shape.slice(1);
  const placement = placementOf(size, geometry, model.input);
  using input = engine.run((r) => {
    const placed = onModelGrid(r, tensor, placement, own, model.normalization.foreground);
    return r.reshape(placed, [1, ...placed.shape]);
  });
  const found = await net.run({ [name]: input });
  try {
    const [boxes, scores] = await engine.read([found[model.output.boxes], found[model.output.scores]]);
    return Array.from(scores as ArrayLike<number | bigint>, Number).map((score, at) => ({
      score,
      box: boxOnImage(Array.from(boxes.slice(4 * at, 4 * at + 4), Number), placement, own, size),
    }));
  } finally {
    for (const output of Object.values(found)) output[Symbol.dispose]();
  }
}

/** The one with the greatest score, the first of equal ones. */
export function surest(found: readonly Detection[]): Detection | undefined {
  return found.reduce<Detection | undefined>((best, one) => best && best.score >= one.score ? best : one, undefined);
}

/**
 * The square about a box, in millimeters by the distance between rows and between columns: `margin` times its longer side,
 * `minSide` of the smaller distance at least. Without a box an empty one.
 */
export function squareAbout(
  box: readonly number[] | undefined,
  margin: number,
  minSide: number,
  [dy, dx]: readonly [number, number],
): Float32Array {
  if (box === undefined) return new Float32Array(4);
  const [x0, y0, x1, y1] = box;
  const half = Math.max(margin * Math.max((x1 - x0) * dx, (y1 - y0) * dy), minSide * Math.min(dy, dx)) / 2;
  const [x, y] = [(x0 + x1) / 2, (y0 + y1) / 2];
  return Float32Array.of(x - half / dx, y - half / dy, x + half / dx, y + half / dy);
}
