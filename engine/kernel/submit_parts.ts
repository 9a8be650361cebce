/** Runs a schedule in parts: submits one, waits for the device, and makes the next one larger or smaller. */

import type { Storage } from "../memory/pool.ts";
import type { PartsOptions } from "./backend.ts";
import type { Executor, Piece } from "./executor.ts";
import { scoped } from "./outcome.ts";
import { groupsOf, partsOf } from "./parts.ts";
import { type Prepared, verdictsOf } from "./prepared.ts";
import type { Step } from "./recording.ts";
import type { StagingPlan } from "./staging.ts";

/** Milliseconds that a part of a run should take: the wait after it costs 11. */
const partMs = 250;
/** Workgroups of the first part, before anything is known of their cost: a layer, where layers can be cut. */
const firstPart = 1;

/** Where parts are submitted. */
export interface Site {
  readonly device: GPUDevice;
  readonly executor: Executor;
  readonly isGpu: boolean;
  /** Throws where the device is lost or closed. */
  readonly throwFailure: () => void;
}

/**
 * Submits a schedule in parts of about {@linkcode partMs} each. Ends with the signal's reason where that is aborted, and
 * with the error of a part that is invalid.
 */
export async function submitParts(
  { device, executor, isGpu, throwFailure }: Site,
  { schedule, what }: Prepared,
  staging: StagingPlan | undefined,
  bound: readonly (Storage | undefined)[],
  { onProgress, signal, onDispatch }: PartsOptions,
): Promise<void> {
  const total = schedule.steps.reduce((sum, step) => sum + groupsOf(step), 0);
  let size = onDispatch ? 0 : firstPart;
  let done = 0;
  const cut = (step: Step, most: () => number) =>
    executor.pieces(step, schedule, staging, onDispatch ? undefined : most);
  for (const part of partsOf<Piece>(schedule.steps, () => size, cut)) {
    const start = performance.now();
    const verdict = scoped(device, what, () => executor.submit(executor.encode(part.pieces, false), bound));
    const answered = device.queue.onSubmittedWorkDone();
    // Software drivers have blocked until they were done; the answer comes with the next poll.
    const blockedUntil = performance.now();
    await answered;
    if (onDispatch) tell(part.pieces, executor.submittedAt, isGpu ? performance.now() : blockedUntil, onDispatch);
    for (const each of [...verdictsOf(part.pieces), verdict]) {
      const error = await each;
      if (error) throw error;
    }
    signal?.throwIfAborted();
    throwFailure();
    done += part.groups;
    onProgress?.(Math.min(1, done / total));
    const factor = partMs / Math.max(1, performance.now() - start);
    if (!onDispatch) size = Math.max(1, part.groups * Math.min(4, Math.max(0.25, factor)));
  }
}

/** Tells of the dispatch that a part consists of, where it is one. */
function tell(
  pieces: readonly Piece[],
  startMs: number,
  endMs: number,
  onDispatch: NonNullable<PartsOptions["onDispatch"]>,
): void {
  for (const piece of pieces) {
    if (piece.kind !== "dispatch") continue;
    onDispatch({ label: piece.step.label, groups: piece.slab.groups, startMs, durationMs: endMs - startMs });
  }
}
