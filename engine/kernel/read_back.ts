/** The way back of tensors, and what the device says of it. */

import { DeviceError } from "../errors.ts";
import type { HostArray } from "../memory/elements.ts";
import type { Holding } from "../memory/holding.ts";
import { type Readable, type Readback, readTensors } from "../memory/transfer.ts";
import { scoped } from "./outcome.ts";
import type { Site } from "./submit_parts.ts";

/**
 * Reads what lies in storages, by way of buffers of at most so many bytes, and how many bytes were copied. Rejects where what
 * filled one of `holdings` failed, or the device is lost.
 */
export async function readBack(
  { device, throwFailure }: Site,
  parts: readonly Readable[],
  holdings: readonly Holding[],
  maxBufferBytes: number,
): Promise<{ arrays: HostArray[]; bytes: number }> {
  let readback: Readback | undefined;
  const verdict = scoped(device, "A readback", () => {
    readback = readTensors(device, parts, maxBufferBytes);
  });
  const { copied, decode, close } = readback!;
  try {
    try {
      await copied;
    } catch (error) {
      throwFailure();
      throw await verdict ?? new DeviceError(`A readback failed: ${(error as Error).message}`, { cause: error });
    }
    for (const holding of holdings) {
      const error = await holding.verdict();
      if (error) throw error;
    }
    const error = await verdict;
    throwFailure();
    if (error) throw error;
    return decode();
  } finally {
    close();
  }
}
