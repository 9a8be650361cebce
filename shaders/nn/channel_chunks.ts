/** Chunks of rows of every channel, in which pages that read texels of four channels reduce an image. */

import type { Lib } from "../contract.ts";
import { channelAxes } from "../shape.ts";
import { nestedIterations } from "./loops.ts";
import text from "./channel_chunks.wgsl" with { type: "text" };

/** `Params` of such a page. */
export const channelChunksLib: Lib = { file: import.meta.resolve("./channel_chunks.wgsl"), text };

/** The chunks of an image and what its page is dispatched with. */
export interface ChannelChunks {
  readonly params: Readonly<Record<string, number>>;
  /** Rows of a chunk; the last one may have fewer. */
  readonly rowsPerChunk: number;
  /** Chunks of a channel. */
  readonly chunks: number;
  /** Workgroups of 64 invocations, each of which reduces a chunk of four channels. */
  readonly groups: number;
  /** Loop iterations of one way through a chunk. */
  readonly iterations: number;
}

/** Cuts the rows of `[N, C, ...spatial]` into at most `most` chunks of some `length` elements or more. */
export function channelChunks(shape: readonly number[], length: number, most: number): ChannelChunks {
  const { batch, channels, blocks, depth, height, width } = channelAxes(shape);
  const rows = depth * height;
  const rowsPerChunk = Math.max(1, Math.floor(length / width), Math.ceil(rows / most));
  const chunks = Math.ceil(rows / rowsPerChunk);
  return {
    params: { width, height, depth, channels, batch, rows, rows_per_chunk: rowsPerChunk, chunks },
    rowsPerChunk,
    chunks,
    groups: Math.ceil(batch * blocks * chunks / 64),
    iterations: nestedIterations([rowsPerChunk, width]),
  };
}
