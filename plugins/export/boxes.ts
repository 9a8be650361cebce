import type { HostCopy } from "../../engine/pipeline/mod.ts";

/** The numbers of the boxes that are not empty. */
export function foundBoxes({ data, shape }: HostCopy): number[] {
  return Array.from({ length: shape[0] }, (_, n) => n)
    .filter((n) => data[4 * n + 2] > data[4 * n] && data[4 * n + 3] > data[4 * n + 1]);
}
