/**
 * NumPy's array files (NEP 1, versions 1 to 3). Read: [H, W], [D, H, W] and [C, D, H, W] of bool, integers of 1 to 8 bytes and floats of
 * 2, 4 and 8 bytes, either byte order, C and Fortran order. Written: f32 in C order.
 */
import { unknownGeometry } from "../../../engine/pipeline/mod.ts";
import { cannotOpen, count, type Decoded, FETCH_AGAIN, printable, shapeOf } from "../decoded.ts";
import { bytesOf, elementsAt, type ElementType, floatsOf } from "../elements.ts";
import { checkBytes, declaredVoxels, type Origin } from "../limits.ts";

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** Types by the letters of NumPy; a bool is a byte. */
const TYPES: Readonly<Record<string, ElementType>> = {
  b1: "u8",
  i1: "i8",
  u1: "u8",
  i2: "i16",
  u2: "u16",
  i4: "i32",
  u4: "u32",
  i8: "i64",
  u8: "u64",
  f2: "f16",
  f4: "f32",
  f8: "f64",
};

/** Reads an array as an image or volume: `[C, 1, H, W]` are the channels of an image. Throws an `InputError`. */
export function decodeNpy(bytes: Uint8Array<ArrayBuffer>, origin: Origin): Decoded {
  const { name } = origin;
  const { descr, fortran, shape, start } = headerOf(bytes, name);
  const type = /^[<>|=]/.test(descr) ? TYPES[descr.slice(1)] : undefined;
  if (type === undefined) {
    throw cannotOpen(
      name,
      `its elements are of type "${printable(descr)}"`,
      "save it as float32, for example a.astype('f4')",
    );
  }
  if (shape.length < 2 || shape.length > 4) {
    const reason = `its shape is [${shape.join(", ")}]`;
    throw cannotOpen(name, reason, "save it as [H, W], [D, H, W] or [C, D, H, W]");
  }
  if (shape.some((size) => size === 0)) {
    throw cannotOpen(name, `its shape is [${shape.join(", ")}]`, "save at least one element along each axis");
  }
  const length = declaredVoxels(shape, origin);
  checkBytes(bytes.length - start, length * bytesOf(type), "data", name);
  const elements = elementsAt(bytes, start, length, type, descr[0] !== ">");
  const isBool = descr.slice(1) === "b1";
  const { pixels, warnings } = floatsOf(
    isBool ? Uint8Array.from(elements as Uint8Array, (value) => Math.min(1, value)) : elements,
  );
  const [channels, depth, height, width] = [...new Array<number>(4 - shape.length).fill(1), ...shape];
  const result = shapeOf(channels, depth, height, width);
  return {
    pixels: fortran ? inRowOrder(pixels, shape) : pixels,
    shape: result,
    geometry: unknownGeometry(result.length - 1),
    channels: "values",
    warnings,
  };
}

/** How many bytes of a file count, by its beginning. Throws an `InputError` where that is more than allowed. */
export function npyBytes(head: Uint8Array<ArrayBuffer>, origin: Origin): number {
  const { descr, shape, start } = headerOf(head, origin.name);
  const type = TYPES[descr.slice(1)];
  return type === undefined || shape.includes(0) ? start : start + declaredVoxels(shape, origin) * bytesOf(type);
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
  const texts = shape.split(",").map((size) => size.trim()).filter((size) => size !== "");
  const sizes = texts.map((size) => /^\d{1,15}$/.test(size) ? Number(size) : NaN);
  if (sizes.some(Number.isNaN)) {
    throw cannotOpen(name, `its shape is (${printable(shape)})`, "save whole numbers of 1 and more along each axis");
  }
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
