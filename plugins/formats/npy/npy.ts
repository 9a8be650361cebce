/**
 * NumPy's array files (NEP 1, versions 1 to 3). Read: [H, W], [D, H, W] and [C, D, H, W] of bool, integers of 1 to 8 bytes and floats of
 * 2, 4 and 8 bytes, either byte order, C and Fortran order. Written: f32 in C order.
 */
import { unknownGeometry } from "../../../engine/pipeline/mod.ts";
import { cannotOpen, count, type Decoded, FETCH_AGAIN, shapeOf } from "../decoded.ts";

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

type Read = (view: DataView, at: number, little: boolean) => number;

const READERS: Readonly<Record<string, Read>> = {
  b1: (view, at) => view.getUint8(at) === 0 ? 0 : 1,
  i1: (view, at) => view.getInt8(at),
  u1: (view, at) => view.getUint8(at),
  i2: (view, at, little) => view.getInt16(at, little),
  u2: (view, at, little) => view.getUint16(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  i8: (view, at, little) => Number(view.getBigInt64(at, little)),
  u8: (view, at, little) => Number(view.getBigUint64(at, little)),
  f2: (view, at, little) => view.getFloat16(at, little),
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
};

/** Reads an array as an image or volume: `[C, 1, H, W]` are the channels of an image. Throws an `InputError`. */
export function decodeNpy(bytes: Uint8Array<ArrayBuffer>, name: string): Decoded {
  const { descr, fortran, shape, start } = headerOf(bytes, name);
  const read = READERS[descr.slice(1)];
  if (read === undefined) {
    throw cannotOpen(name, `its elements are of type "${descr}"`, "save it as float32, for example a.astype('f4')");
  }
  if (shape.length < 2 || shape.length > 4) {
    const reason = `its shape is [${shape.join(", ")}]`;
    throw cannotOpen(name, reason, "save it as [H, W], [D, H, W] or [C, D, H, W]");
  }
  if (shape.some((size) => size === 0)) {
    throw cannotOpen(name, `its shape is [${shape.join(", ")}]`, "save at least one element along each axis");
  }
  const elements = shape.reduce((product, size) => product * size, 1);
  const wanted = elements * Number(descr.slice(2));
  if (bytes.length - start < wanted) {
    const reason = `its data ends after ${count(bytes.length - start)} of ${count(wanted)} bytes`;
    throw cannotOpen(name, reason, FETCH_AGAIN);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, wanted);
  const step = wanted / elements;
  const little = descr[0] !== ">";
  const stored = new Float32Array(elements);
  for (let at = 0; at < elements; at++) stored[at] = read(view, at * step, little);
  const [channels, depth, height, width] = [...new Array<number>(4 - shape.length).fill(1), ...shape];
  const result = shapeOf(channels, depth, height, width);
  return {
    pixels: fortran ? inRowOrder(stored, shape) : stored,
    shape: result,
    geometry: unknownGeometry(result.length - 1),
    channels: "values",
    warnings: [],
  };
}

/**
 * Writes pixels as f32 in the shape that `decodeNpy` reads back: [1, H, W] as [H, W], [1, D, H, W] as [D, H, W] and
 * [C, H, W] as [C, 1, H, W].
 */
export function encodeNpy(pixels: ArrayLike<number>, shape: readonly number[]): Uint8Array<ArrayBuffer> {
  const [channels, ...axes] = shape;
  const written = channels === 1 ? axes : axes.length === 2 ? [channels, 1, ...axes] : shape;
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': (${written.join(", ")}), }`;
  const length = Math.ceil((dictionary.length + 11) / 64) * 64;
  const bytes = new Uint8Array(length + 4 * pixels.length);
  bytes.set([...MAGIC, 1, 0]);
  const view = new DataView(bytes.buffer);
  view.setUint16(8, length - 10, true);
  bytes.set(new TextEncoder().encode(dictionary.padEnd(length - 11) + "\n"), 10);
  for (let at = 0; at < pixels.length; at++) view.setFloat32(length + 4 * at, pixels[at], true);
  return bytes;
}

interface Header {
  readonly descr: string;
  readonly fortran: boolean;
  readonly shape: number[];
  /** Where the elements begin. */
  readonly start: number;
}

function headerOf(bytes: Uint8Array<ArrayBuffer>, name: string): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = bytes[6] >= 2;
  const prefix = wide ? 12 : 10;
  const length = bytes.length < prefix ? Infinity : wide ? view.getUint32(8, true) : view.getUint16(8, true);
  if (prefix + length > bytes.length) {
    throw cannotOpen(name, `its header ends after ${count(bytes.length)} bytes`, FETCH_AGAIN);
  }
  const text = new TextDecoder().decode(bytes.subarray(prefix, prefix + length));
  const descr = /'descr':\s*'([^']*)'/.exec(text)?.[1];
  const fortran = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  const shape = /'shape':\s*\(([^)]*)\)/.exec(text)?.[1];
  if (descr === undefined || fortran === undefined || shape === undefined) {
    const remedy = "save one plain array with numpy.save";
    throw cannotOpen(name, "its header describes no plain array", remedy);
  }
  const sizes = shape.split(",").filter((size) => size.trim() !== "").map(Number);
  return { descr, fortran: fortran === "True", shape: sizes, start: prefix + length };
}

/** Elements of Fortran order (first axis fastest) in C order (last axis fastest). */
function inRowOrder(stored: Float32Array, shape: readonly number[]): Float32Array<ArrayBuffer> {
  const result = new Float32Array(stored.length);
  const index = new Array<number>(shape.length).fill(0);
  for (let from = 0; from < stored.length; from++) {
    let to = 0;
    for (let axis = 0; axis < shape.length; axis++) to = to * shape[axis] + index[axis];
    result[to] = stored[from];
    for (let axis = 0; axis < shape.length && ++index[axis] === shape[axis]; axis++) index[axis] = 0;
  }
  return result;
}
