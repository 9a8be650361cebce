import { type AdapterChoice, adapterChoice, type AdapterKind } from "./adapter.ts";
import { nothingFound } from "./attempt.ts";
import { type FeatureChoice, featureChoice } from "./features.ts";
import { findAttempt } from "./search.ts";
import { lookAround, setForProcess, setVectorWidth } from "./surroundings.ts";
import { bringInSwiftShader } from "./swiftshader.ts";

/** A driver that was found and loaded into this process, as plain data that can be sent to a Worker. */
export interface PreparedAdapter {
  /** Kinds of adapter that it may lead to. */
  readonly accepts: readonly AdapterKind[];
  /** The driver's manifest, where one was picked by its path. */
  readonly driver?: string;
  /** What was skipped and why, one line each. */
  readonly notes: readonly string[];
  /** Which optional features are used, unless the engine is asked for others. */
  readonly features: FeatureChoice;
  /** What to say where it leads to no such adapter. */
  readonly otherwise: string;
}

/**
 * Finds an adapter's driver and brings it into this process, so that a Worker can open an engine on it by the option
 * `prepared` and needs no permission for that. It sets the driver variables of the process, for all threads that haven't
 * asked for an adapter yet. Throws as `openEngine` does.
 */
export async function prepareAdapter(
  options: { readonly adapter?: AdapterChoice; readonly vectorWidth?: number; readonly signal?: AbortSignal } = {},
): Promise<PreparedAdapter> {
  const { signal } = options;
  const choice = adapterChoice(options.adapter);
  const surroundings = lookAround();
  const untold = setVectorWidth(options.vectorWidth);
  const { attempt, notes: skipped } = await findAttempt(choice, surroundings);
  const notes = [...untold, ...skipped];
  signal?.throwIfAborted();
  const variables = attempt.bringIn ? await bringInSwiftShader(signal) : attempt.variables;
  signal?.throwIfAborted();
  setForProcess(variables);
  const driver = variables?.VK_DRIVER_FILES;
  return {
    accepts: attempt.accepts,
    ...driver === undefined ? {} : { driver },
    notes,
    features: featureChoice(undefined),
    otherwise: nothingFound(choice, surroundings, [...notes, `${attempt.label}: no such adapter, passed over`]).message,
  };
}
