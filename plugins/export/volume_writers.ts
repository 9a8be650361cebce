/** The writers of volumes with their place: NIfTI and NRRD. */
import {
  type Boxes,
  defineWriter,
  type Geometry,
  geometryOfBox,
  geometryOfSlice,
  type HostCopy,
  type Placed,
  type Writer,
} from "../../engine/pipeline/mod.ts";
import { encodeNifti } from "../formats/nifti/encode.ts";
import { encodeNrrd } from "../formats/nrrd/encode.ts";
import { foundBoxes } from "./boxes.ts";

type Encode = (data: Float32Array | Uint8Array, shape: readonly number[], geometry: Geometry) => Uint8Array;

/** `nifti`: `image.nii.gz` (f32, neither windowed nor clipped), `mask.nii.gz` (u8) and the crops, each where it lies in the patient. */
export const nifti: Writer = volumeWriter("nifti", "nii.gz", encodeNifti);

/** `nrrd`: the same as `image.nrrd`, `mask.nrrd` and the crops. */
export const nrrd: Writer = volumeWriter("nrrd", "nrrd", encodeNrrd);

function volumeWriter(name: string, extension: string, encode: Encode): Writer {
  return defineWriter({
    name,
    description: `Image, mask and crops as .${extension}, with their place in the patient.`,
    uses: ["image", "mask", "boxes", "crops"],
    write: async ({ host, write }) => {
      const { image, mask, boxes, crops } = host;
      if (image) await write(`image.${extension}`, encode(floats(image.tensor), image.tensor.shape, image.geometry));
      if (mask) await write(`mask.${extension}`, encode(labels(mask.tensor), [1, ...mask.tensor.shape], mask.geometry));
      for (const { name: crop, tensor, geometry } of boxes && crops ? placedCrops(boxes, crops) : []) {
        await write(`${crop}.${extension}`, encode(floats(tensor), tensor.shape, geometry));
      }
    },
  });
}

/** What the boxes that are not empty hold, `[1, h, w]` each, with the place of its own. */
function placedCrops(
  boxes: Boxes<HostCopy>,
  crops: Placed<HostCopy>,
): { name: string; tensor: HostCopy; geometry: Geometry }[] {
  const [, channels, height, width] = crops.tensor.shape;
  const size = channels * height * width;
  const found = foundBoxes(boxes.tensor);
  return found.map((at, number) => ({
    name: found.length === 1 ? "crop" : `crop-${number + 1}`,
    tensor: {
      ...crops.tensor,
      shape: [channels, height, width],
      data: crops.tensor.data.slice(at * size, (at + 1) * size),
    },
    geometry: geometryOfBox(placeOf(boxes, at), Array.from(boxes.tensor.data.slice(4 * at, 4 * at + 4), Number), [
      height,
      width,
    ]),
  }));
}

/** Where the image lies that a box was cut from: in a volume, the box's slice. */
function placeOf({ geometry, slices }: Boxes<HostCopy>, box: number): Geometry {
  return slices === undefined ? geometry : geometryOfSlice(geometry, Number(slices.data[box]));
}

function floats({ data }: HostCopy): Float32Array {
  return data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number>, Number);
}

function labels({ data }: HostCopy): Uint8Array {
  return Uint8Array.from(data as ArrayLike<number>, (value) => Number(value));
}
