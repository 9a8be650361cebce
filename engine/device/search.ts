import type { AdapterChoice, AdapterDescription } from "./adapter.ts";
import { tryInChild } from "./child.ts";
import {
  type Attempt,
  type DriverVariables,
  nothingFound,
  passedOver,
  planAttempts,
  type Surroundings,
} from "./attempt.ts";

/** The attempt that a choice comes to on this machine, and what was passed over on the way. */
export interface Found {
  readonly attempt: Attempt;
  readonly notes: readonly string[];
}

/** What was found, for each choice, for as long as this thread lives. */
const remembered = new Map<AdapterChoice, Promise<Found>>();

/**
 * Tries the ways to meet a choice, each in a short Worker, until one gives what it should. The last way needs no
 * Worker: where it fails there is nothing left. Throws a `DeviceError` that says what was found.
 */
export function findAttempt(choice: AdapterChoice, surroundings: Surroundings): Promise<Found> {
  let found = remembered.get(choice);
  if (found === undefined) {
    found = search(choice, surroundings);
    found.catch(() => remembered.delete(choice));
    remembered.set(choice, found);
  }
  return found;
}

async function search(choice: AdapterChoice, surroundings: Surroundings): Promise<Found> {
  const plan = planAttempts(choice, surroundings);
  const notes = [...plan.notes];
  for (const [index, attempt] of plan.attempts.entries()) {
    if (attempt.isRisky) await tryInChild(attempt.label, attempt.variables);
    if (index === plan.attempts.length - 1) return { attempt, notes };
    const note = passedOver(attempt, await tryInWorker(attempt.variables));
    if (note === undefined) return { attempt, notes };
    notes.push(note);
  }
  throw nothingFound(choice, surroundings, notes);
}

/** What a thread gets that has chosen nothing yet, with these driver variables. */
export async function tryInWorker(variables: DriverVariables | undefined): Promise<AdapterDescription | null> {
  const worker = new Worker(import.meta.resolve("./probe_worker.ts"), { type: "module", name: "isocenter probe" });
  const { promise, resolve, reject } = Promise.withResolvers<AdapterDescription | null>();
  worker.onmessage = (event) => resolve(event.data);
  worker.onerror = (event) => {
    event.preventDefault();
    reject(new Error(`The Worker that tries drivers failed: ${event.message}`));
  };
  worker.postMessage(variables);
  try {
    return await promise;
  } finally {
    worker.terminate();
  }
}
