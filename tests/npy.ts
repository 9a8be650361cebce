/** A numpy array file as it is: little-endian, C order, gzipped where its name says so. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Uint8Array | BigInt64Array;
}

/** An array of f32. */
export interface FloatArray extends NpyArray {
  readonly data: Float32Array;
}

/** Reads an array of f32. Throws a `TypeError` for another type. */
export async function readFloats(path: string): Promise<FloatArray> {
  const { shape, data } = await readNpy(path);
  if (data instanceof Float32Array) return { shape, data };
  throw new TypeError(`${path} is no array of f32`);
}

/** Reads `.npy` and `.npy.gz` of f32, u8 and i64. */
export async function readNpy(path: string): Promise<NpyArray> {
  const file = await Deno.readFile(path);
  const bytes = path.endsWith(".gz")
    ? await new Response(new Blob([file]).stream().pipeThrough(new DecompressionStream("gzip"))).bytes()
    : file;
  const start = 10 + new DataView(bytes.buffer).getUint16(8, true);
  const header = new TextDecoder().decode(bytes.subarray(10, start));
  const shape = header.match(/'shape': \(([^)]*)\)/)![1].split(",").filter((part) => part.trim() !== "").map(Number);
  const { buffer } = bytes.slice(start);
  const type = header.match(/'descr': '[<|]([^']+)'/)![1];
  if (type === "f4") return { shape, data: new Float32Array(buffer) };
  if (type === "i8") return { shape, data: new BigInt64Array(buffer) };
  if (type === "u1") return { shape, data: new Uint8Array(buffer) };
  throw new TypeError(`${path} has elements of type ${type}`);
}
