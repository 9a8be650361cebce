import { DeviceError, InputError, ModelError, OutputError, UsageError } from "../errors.ts";

/** Exit status of a run that was interrupted: what is done is kept. */
export const interruptedStatus = 130;

/** The exit status for an error; 1 is a bug in this program. */
export function exitStatus(error: unknown): number {
  if (error instanceof UsageError) return 2;
  if (error instanceof DeviceError) return 3;
  if (error instanceof ModelError) return 4;
  if (error instanceof InputError || error instanceof OutputError) return 5;
  return 1;
}

/** The exit status of a run some cases of which failed: a fault of ours before the device's before the inputs'. */
export function failedStatus(errors: readonly unknown[]): number {
  const statuses = errors.map((error) => exitStatus(error));
  if (statuses.length === 0) return 0;
  return statuses.includes(1) ? 1 : statuses.includes(3) ? 3 : 5;
}
