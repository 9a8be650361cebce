/** Stands in for `jsr:@std/assert` where JSR cannot be reached; removing `links` from `deno.json` gives the original. */
import assertions from "node:assert/strict";

/** Fails unless `expr` is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  assertions.ok(expr, msg || undefined);
}

/** Fails unless the two are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  assertions.deepEqual(actual, expected, msg);
}

/** Fails unless the numbers differ by at most `tolerance` (default: 1e-7 of the larger). */
export function assertAlmostEquals(actual: number, expected: number, tolerance?: number, msg?: string): void {
  const allowed = tolerance ?? 1e-7 * Math.max(1e-300, Math.abs(expected));
  assertions.ok(
    Object.is(actual, expected) || Math.abs(actual - expected) <= allowed,
    msg ?? `Expected ${actual} to be within ${allowed} of ${expected}`,
  );
}

/** Fails unless `actual` contains `expected`. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  assertions.ok(actual.includes(expected), msg ?? `Expected "${actual}" to contain "${expected}"`);
}

/** Fails unless `actual` matches `expected`. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  assertions.match(actual, expected, msg);
}

// deno-lint-ignore no-explicit-any -- the signature of the original
type ErrorClass<E extends Error> = new (...args: any[]) => E;

function checkError<E extends Error>(error: unknown, errorClass?: ErrorClass<E>, msgIncludes?: string): E {
  if (!(error instanceof Error)) assertions.fail(`A non-Error value was thrown: ${String(error)}`);
  if (errorClass && !(error instanceof errorClass)) {
    assertions.fail(`Expected ${errorClass.name}, but got ${error.name}: ${error.message}`);
  }
  if (msgIncludes !== undefined) assertStringIncludes(error.message, msgIncludes);
  return error as E;
}

/** Fails unless `fn` throws (an `errorClass` whose message contains `msgIncludes`); gives the error. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  errorClass?: ErrorClass<E>,
  msgIncludes?: string,
): E {
  try {
    fn();
  } catch (error) {
    return checkError(error, errorClass, msgIncludes);
  }
  return assertions.fail("Expected function to throw.");
}

/** Fails unless `fn` rejects (with an `errorClass` whose message contains `msgIncludes`); gives the error. */
export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  errorClass?: ErrorClass<E>,
  msgIncludes?: string,
): Promise<E> {
  try {
    await fn();
  } catch (error) {
    return checkError(error, errorClass, msgIncludes);
  }
  return assertions.fail("Expected function to reject.");
}
