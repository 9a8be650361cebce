/** The one way of elements back to the host: all tensors in one staging buffer, one map. */

import { sizeOf } from "../../shaders/shape.ts";
import { MemoryError } from "../errors.ts";
import { fromWords, type HostArray } from "./elements.ts";
import { extentsOf, fromTexels } from "./layout.ts";
import { mebibytes, type Need, type Storage } from "./pool.ts";
import type { DType, Layout } from "../../shaders/contract.ts";

/** Rows of a texture start at multiples of this in a buffer. */
const pitchAlignment = 256;

/** Writes the words of a whole storage: a texture's are its texels, row by row, whose rows may be longer. */
export function writeStorage(device: GPUDevice, storage: Storage, need: Need, words: Uint32Array<ArrayBuffer>): void {
  if (storage.kind === "buffer") return device.queue.writeBuffer(storage.buffer, 0, words);
  if (need.kind !== "texture") return;
  const { height, layers } = need;
  const texels = words.length / (4 * height * layers);
  const layout = { bytesPerRow: texels * 16, rowsPerImage: height };
  device.queue.writeTexture({ texture: storage.texture }, words, layout, [texels, height, layers]);
}

/** What is read: the elements of a tensor, with their storage where there are any. */
export interface Readable {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly layout: Layout;
  readonly storage: Storage | undefined;
}

interface Part {
  readonly tensor: Readable;
  readonly offset: number;
  /** Bytes between the starts of two rows; 0 for `linear`. */
  readonly pitch: number;
}

/** A readback that is under way. */
export interface Readback {
  /** Resolves when the device has copied. */
  readonly copied: Promise<void>;
  /** The elements in the order of the tensors, and how many bytes were copied. */
  decode(): { arrays: HostArray[]; bytes: number };
  /** Gives the memory back. */
  close(): void;
}

/** Submits the copies of tensors. One wait, however many there are. */
export function readTensors(device: GPUDevice, tensors: readonly Readable[], maxBufferBytes: number): Readback {
  const { parts, bytes } = layOut(tensors);
  if (bytes > maxBufferBytes) {
    throw new MemoryError(
      `A readback of ${mebibytes(bytes)} exceeds this adapter's largest buffer of ${
        mebibytes(maxBufferBytes)
      }: read the tensors one by one`,
    );
  }
  if (bytes === 0) {
    const arrays = tensors.map((tensor) => fromWords(new Uint32Array(), tensor.dtype));
    return { copied: Promise.resolve(), decode: () => ({ arrays, bytes }), close: () => {} };
  }
  const staging = device.createBuffer({ size: bytes, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const encoder = device.createCommandEncoder();
  for (const part of parts) copyOut(encoder, part, staging);
  device.queue.submit([encoder.finish()]);
  return {
    copied: staging.mapAsync(GPUMapMode.READ),
    decode: () => {
      const mapped = staging.getMappedRange();
      return { arrays: parts.map((part) => decode(part, mapped)), bytes };
    },
    close: () => staging.destroy(),
  };
}

function layOut(tensors: readonly Readable[]): { parts: Part[]; bytes: number } {
  let bytes = 0;
  const parts = tensors.map((tensor) => {
    const part = { tensor, offset: bytes, pitch: pitchOf(tensor) };
    bytes += aligned(bytesOf(tensor, part.pitch));
    return part;
  });
  return { parts, bytes };
}

const aligned = (bytes: number): number => Math.ceil(bytes / pitchAlignment) * pitchAlignment;

function pitchOf(tensor: Readable): number {
  if (tensor.layout === "linear") return 0;
  const bytes = extentsOf(tensor.layout, tensor.shape).texels * 16;
  return tensor.storage?.kind === "texture" ? aligned(bytes) : bytes;
}

function bytesOf(tensor: Readable, pitch: number): number {
  if (tensor.layout === "linear") return sizeOf(tensor.shape) * 4;
  const { rows, layers } = extentsOf(tensor.layout, tensor.shape);
  return pitch * rows * layers;
}

function copyOut(encoder: GPUCommandEncoder, { tensor, offset, pitch }: Part, staging: GPUBuffer): void {
  const { storage, layout, shape } = tensor;
  if (storage?.kind === "buffer") {
    encoder.copyBufferToBuffer(storage.buffer, 0, staging, offset, bytesOf(tensor, pitch));
  } else if (storage && layout !== "linear") {
    const { texels, rows, layers } = extentsOf(layout, shape);
    const target = { buffer: staging, offset, bytesPerRow: pitch, rowsPerImage: rows };
    encoder.copyTextureToBuffer({ texture: storage.texture }, target, [texels, rows, layers]);
  }
}

function decode({ tensor, offset, pitch }: Part, mapped: ArrayBuffer): HostArray {
  const count = sizeOf(tensor.shape);
  if (count === 0) return fromWords(new Uint32Array(), tensor.dtype);
  if (tensor.layout === "linear") return fromWords(new Uint32Array(mapped, offset, count), tensor.dtype);
  const { rows, layers } = extentsOf(tensor.layout, tensor.shape);
  const texels = new Float32Array(mapped, offset, pitch * rows * layers / 4);
  return fromTexels(tensor.layout, texels, pitch / 4, tensor.shape);
}
