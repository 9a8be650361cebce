/** Bytes read at a time, between which a signal is looked at. */
const stepBytes = 1 << 26;

/**
 * The bytes of a file. `Deno.readFile` doesn't know how many to expect: measured, it takes twice as long for 100 MB. Ends with the
 * signal's reason.
 */
export async function readFile(path: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  signal?.throwIfAborted();
  using file = await Deno.open(path);
  const bytes = new Uint8Array((await file.stat()).size);
  let length = 0;
  while (length < bytes.length) {
    const read = await file.read(bytes.subarray(length, length + stepBytes));
    signal?.throwIfAborted();
    if (read === null) break;
    length += read;
  }
  // A file that is cut off meanwhile has fewer.
  return bytes.subarray(0, length);
}
