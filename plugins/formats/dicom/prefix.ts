/** Whether "DICM" stands where a file's preamble ends. */
export function hasPrefix(bytes: Uint8Array): boolean {
  return bytes.length >= 132 && String.fromCharCode(...bytes.subarray(128, 132)) === "DICM";
}

/** Whether a file begins with its meta header, group 0002, without the preamble before it. */
export function lacksPreamble(bytes: Uint8Array): boolean {
  return [2, 0, undefined, 0, 0x55].every((byte, at) => byte === undefined || bytes[at] === byte);
}

/**
 * The transfer syntax of a file that begins with its first element, as old software wrote it; nothing where the bytes
 * aren't one. Such a file begins with group 0008, and a short first element.
 */
export function guessedSyntax(bytes: Uint8Array): string | undefined {
  if (bytes.length < 16) return undefined;
  const isLetter = (byte: number): boolean => byte >= 0x41 && byte <= 0x5a;
  const isExplicit = isLetter(bytes[4]) && isLetter(bytes[5]);
  if (bytes[0] === 0 && bytes[1] === 8 && bytes[2] === 0) return isExplicit ? "1.2.840.10008.1.2.2" : undefined;
  if (bytes[0] !== 8 || bytes[1] !== 0 || bytes[3] !== 0) return undefined;
  if (isExplicit) return "1.2.840.10008.1.2.1";
  return bytes[6] === 0 && bytes[7] === 0 && bytes[5] === 0 ? "1.2.840.10008.1.2" : undefined;
}
