/** Writes NRRD with gzip in LPS+: f32 or u8. */
import { gzipSync } from "node:zlib";
import type { Geometry } from "../../../engine/pipeline/mod.ts";

/**
 * Writes `[C, H, W]` or `[C, D, H, W]`; an image is a volume of one slice, channels are the slowest axis. Without known spacing it
 * states no space.
 */
export function encodeNrrd(
  data: Float32Array | Uint8Array,
  shape: readonly number[],
  { affine, spacingKnown }: Geometry,
): Uint8Array<ArrayBuffer> {
  const [channels, ...axes] = shape;
  const sizes = [...axes.toReversed(), ...(axes.length === 2 ? [1] : []), ...(channels > 1 ? [channels] : [])];
  const vector = (column: number): string => `(${[0, 4, 8].map((row) => affine[row + column]).join(",")})`;
  const none = channels > 1 ? " none" : "";
  const lines = [
    "NRRD0004",
    `type: ${data instanceof Float32Array ? "float" : "uint8"}`,
    `dimension: ${sizes.length}`,
    ...(spacingKnown ? ["space: left-posterior-superior"] : []),
    `sizes: ${sizes.join(" ")}`,
    ...(spacingKnown ? [`space directions: ${[0, 1, 2].map(vector).join(" ")}${none}`] : []),
    `kinds: domain domain domain${channels > 1 ? " list" : ""}`,
    "endian: little",
    "encoding: gzip",
    ...(spacingKnown ? [`space origin: ${vector(3)}`] : []),
  ];
  const header = new TextEncoder().encode(lines.join("\n") + "\n\n");
  const block = gzipSync(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  const file = new Uint8Array(header.length + block.length);
  file.set(header);
  file.set(block, header.length);
  return file;
}
