/** Writes what a case holds as files of common formats. */
import { z } from "zod";
import {
  definePlugin,
  defineStage,
  type HostCopy,
  optionsOf,
  type Plugin,
  type Stage,
} from "../../engine/pipeline/mod.ts";
import { encodeNpy } from "../formats/npy/npy.ts";
import {
  bytesOf,
  displayRange,
  grayOf,
  maskPicture,
  overlayOf,
  type Picture,
  sliceToShow,
} from "../formats/picture/picture.ts";
import { encodePng } from "../formats/png/png.ts";

const formats = ["png", "npy"] as const;

/** Options of the stage. */
export interface ExportOptions {
  /** `png`: pictures to look at. `npy`: the values themselves. */
  readonly formats: readonly (typeof formats[number])[];
}

/**
 * `export`: files of each case under `cases/ID/`.
 *
 * - `png`: `image.png` (the current, denoised image in its display window), `mask.png`, `overlay.png`, `crop.png` (of several,
 *   `crop-1.png` and so on; none where nothing was found). Of a volume the slice with the largest region, or the middle one.
 * - `npy`: `image.npy` (f32, neither windowed nor clipped, `[H, W]` or `[D, H, W]`, several channels as `[C, D, H, W]`),
 *   `mask.npy`, `boxes.npy`, `crops.npy`.
 */
export const exporter: Stage = defineStage({
  name: "export",
  description: "Writes image, mask, overlay and crops as PNG or npy files.",
  needs: ["image"],
  uses: ["mask", "boxes", "crops"],
  gives: [],
  reads: ["image", "mask", "boxes", "crops"],
  options: optionsOf<ExportOptions>(z.strictObject({
    formats: z.union([z.enum(formats).transform((format) => [format]), z.array(z.enum(formats))]).default(["png"])
      .describe("png, npy or both"),
  }) as z.ZodType<ExportOptions>),
  open: (_, options) => ({
    run: async ({ host, geometry, write }) => {
      const { image, mask, boxes, crops } = host;
      if (options.formats.includes("npy")) {
        await write("image.npy", encodeNpy(numbersOf(image), image.shape));
        for (const [name, array] of Object.entries({ mask, boxes, crops })) {
          // encodeNpy leaves out a first axis of one channel.
          if (array) await write(`${name}.npy`, encodeNpy(numbersOf(array), [1, ...array.shape]));
        }
      }
      if (options.formats.includes("png")) {
        const range = displayRange(image, geometry);
        const slice = sliceToShow(image.shape, mask);
        const gray = grayOf(image, range, slice);
        await write("image.png", png(gray));
        if (mask) {
          const region = maskPicture(mask, slice);
          await write("mask.png", png(region));
          await write("overlay.png", png(overlayOf(gray, region)));
        }
        const found = crops && boxes ? foundBoxes(boxes) : [];
        for (const [number, at] of found.entries()) {
          const name = found.length === 1 ? "crop.png" : `crop-${number + 1}.png`;
          await write(name, png(grayOf(crops as HostCopy, range, at)));
        }
      }
      return {};
    },
  }),
});

/** The numbers of the boxes that are not empty. */
function foundBoxes({ data, shape }: HostCopy): number[] {
  return Array.from({ length: shape[0] }, (_, n) => n)
    .filter((n) => data[4 * n + 2] > data[4 * n] && data[4 * n + 3] > data[4 * n + 1]);
}

function numbersOf({ data }: HostCopy): ArrayLike<number> {
  return data instanceof BigInt64Array ? Float64Array.from(data, Number) : data;
}

function png(picture: Picture): Uint8Array {
  return encodePng(bytesOf(picture), picture.shape, { bits: 8 });
}

const plugin: Plugin = definePlugin({ name: "export", stages: [exporter] });

export default plugin;
