/** SHA-256 of the bytes, in hexadecimal. */
export async function sha256(data: ArrayBufferView<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", data)).toHex();
}

/** Planes [C, pixels] as samples that lie together, as other programs keep colors. */
export function samplesTogether(pixels: Float32Array, channels: number): Float32Array<ArrayBuffer> {
  const size = pixels.length / channels;
  return Float32Array.from(
    { length: pixels.length },
    (_, at) => pixels[at % channels * size + Math.floor(at / channels)],
  );
}

/** Reads JSON of the test data. */
export async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await Deno.readTextFile(path)) as T;
}
