/** Voxels as NRRD, MetaImage and MGH keep them: one block of numbers, plain or deflated, x fastest. */
import { type Channels, type Decoded, planesOf, shapeOf } from "./decoded.ts";
import { bytesOf, elementsAt, type ElementType, floatsOf } from "./elements.ts";
import { inflate } from "./inflate.ts";
import { checkBytes, declaredVoxels, type Origin } from "./limits.ts";

/** What a header says of the block. */
export interface RawVolume {
  /** Sizes along x, y and z. */
  readonly size: readonly number[];
  /** Numbers per voxel, or volumes. */
  readonly channels: number;
  /** Whether the numbers of a voxel lie together. */
  readonly together: boolean;
  readonly type: ElementType;
  readonly littleEndian: boolean;
  /** How the block is deflated, if it is. */
  readonly deflated?: "gzip" | "zlib";
}

/** Bytes that the block takes when it is not deflated. Throws an `InputError` where its numbers exceed the limits. */
export function rawBytes({ size, channels, type }: RawVolume, origin: Origin): number {
  return declaredVoxels([...size, channels], origin) * bytesOf(type);
}

/** Reads the block. Throws an `InputError` where it is damaged or too short. */
export function readRaw(
  block: Uint8Array<ArrayBuffer>,
  volume: RawVolume,
  origin: Origin,
): Pick<Decoded, "pixels" | "shape" | "channels" | "warnings"> {
  const wanted = rawBytes(volume, origin);
  const { deflated, type, channels, together } = volume;
  const data = deflated === undefined ? block : inflate(block, deflated, origin, { most: wanted });
  checkBytes(data.length, wanted, "voxel data", origin.name);
  const { pixels, warnings } = floatsOf(elementsAt(data, 0, wanted / bytesOf(type), type, volume.littleEndian));
  const [width, height, depth = 1] = volume.size;
  const isColor = together && type === "u8" && (channels === 3 || channels === 4);
  const kind: Channels = isColor ? (channels === 3 ? "rgb" : "rgba") : "values";
  return {
    pixels: together && channels > 1 ? planesOf(pixels, channels) : pixels,
    shape: shapeOf(channels, depth, height, width),
    channels: kind,
    warnings: channels > 1 && !isColor
      ? [...warnings, `The ${channels} values of a voxel are the channels of one image.`]
      : warnings,
  };
}
