/** The writers of pictures and of arrays. */
import { defineWriter, type HostCopy, type Writer } from "../../engine/pipeline/mod.ts";
import { foundBoxes } from "./boxes.ts";
import { encodeNpy } from "../formats/npy/npy.ts";
import {
  bytesOf,
  displayRange,
  grayOf,
  maskPicture,
  overlayOf,
  type Picture,
  seenCrop,
  seenSlice,
  seenSpacing,
  sliceToShow,
} from "../formats/picture/picture.ts";
import { encodePng } from "../formats/png/png.ts";

/**
 * `png`: pictures to look at. `image.png` (the current, denoised image in its display window), `mask.png`, `overlay.png`,
 * `crop.png` (of several, `crop-1.png` and so on; none where nothing was found). Of a volume the slice with the largest
 * region, or the middle one, turned as such slices are looked at: the patient's left on the right side, the front or the head above.
 */
export const png: Writer = defineWriter({
  name: "png",
  description: "Pictures of image, mask, overlay and crops.",
  uses: ["image", "mask", "boxes", "crops"],
  write: async ({ host, write }, { pngBits }) => {
    if (!host.image) return;
    const { tensor: image, geometry } = host.image;
    const mask = host.mask?.tensor;
    const range = displayRange(image, geometry);
    const slice = sliceToShow(image.shape, mask);
    const gray = grayOf(seenSlice(image, geometry, slice), range);
    const spacingMm = seenSpacing(geometry);
    await write("image.png", encoded(gray, pngBits, spacingMm));
    if (mask) {
      const region = maskPicture(seenSlice(mask, geometry, slice));
      await write("mask.png", encoded(region, 8, spacingMm));
      await write("overlay.png", encoded(overlayOf(gray, region), 8, spacingMm));
    }
    const { boxes, crops } = host;
    const found = crops && boxes ? foundBoxes(boxes.tensor) : [];
    for (const [number, at] of found.entries()) {
      const name = found.length === 1 ? "crop.png" : `crop-${number + 1}.png`;
      await write(name, encoded(grayOf(seenCrop(crops!.tensor, geometry, at), range), pngBits));
    }
  },
});

/**
 * `npy`: the values themselves. `image.npy` (f32, neither windowed nor clipped, `[H, W]` or `[D, H, W]`, several channels
 * as `[C, D, H, W]`), `mask.npy`, `boxes.npy`, `crops.npy`.
 */
export const npy: Writer = defineWriter({
  name: "npy",
  description: "Arrays of image, mask, boxes and crops.",
  uses: ["image", "mask", "boxes", "crops"],
  write: async ({ host, write }) => {
    const { image, ...others } = host;
    if (image) await write("image.npy", encodeNpy(numbersOf(image.tensor), image.tensor.shape));
    for (const name of ["mask", "boxes", "crops"] as const) {
      const array = others[name]?.tensor;
      // encodeNpy leaves out a first axis of one channel.
      if (array) await write(`${name}.npy`, encodeNpy(numbersOf(array), [1, ...array.shape]));
    }
  },
});

function numbersOf({ data }: HostCopy): ArrayLike<number> {
  return data instanceof BigInt64Array || data instanceof BigUint64Array ? Float64Array.from(data, Number) : data;
}

function encoded(picture: Picture, bits: 8 | 16 = 8, spacingMm?: [number, number]): Uint8Array {
  const values = bits === 8 ? bytesOf(picture) : Uint16Array.from(picture.data, (value) => Math.round(65535 * value));
  return encodePng(values, picture.shape, { bits, spacingMm });
}
