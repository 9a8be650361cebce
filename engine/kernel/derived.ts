/** Values that tensors keep for later recordings, such as packed weights: where each is computed, and how many at a time. */

import { toRows4 } from "../memory/layout.ts";
import { storageBytes } from "../memory/pool.ts";
import type { Derived } from "./record.ts";

/** Bytes of packed weights and the like that are made in one run. */
const partBytes = 32 * 2 ** 20;

/** Whether the host computes a value, as it has the elements of the tensor and knows how. */
export function isOnHost({ tensor, node, onHost }: Derived): boolean {
  return onHost !== undefined && tensor.hostElements !== undefined && node !== undefined && node.layout !== "channels4";
}

/** What the host computes, as it is stored. */
export function wordsOnHost({ tensor, node, value: { shape }, onHost }: Derived): Uint32Array<ArrayBuffer> {
  const elements = onHost!(tensor.hostElements!);
  const areTexels = node!.layout === "linear" || shape[shape.length - 1] % 4 === 0;
  return new Uint32Array((areTexels ? elements : toRows4(elements, shape)).buffer);
}

/** Values that tensors keep, in parts of about `partBytes`. */
export function partsOf(derived: readonly Derived[]): Derived[][] {
  const parts: Derived[][] = [];
  let bytes = Infinity;
  for (const entry of derived) {
    if (bytes > partBytes) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)!.push(entry);
    bytes += entry.node ? storageBytes(entry.node.need) : 0;
  }
  return parts;
}
