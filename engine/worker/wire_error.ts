import * as errors from "../errors.ts";

/** An error as plain data. */
export interface WireError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
}

type ErrorClass = new (message: string) => Error;

/** The classes that come out of a Worker as what they were. */
const classes: Readonly<Record<string, ErrorClass>> = { ...errors, TypeError, RangeError, SyntaxError };

/** An error as plain data. */
export function toWire(error: unknown): WireError {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  return { name: error.name, message: error.message, stack: error.stack };
}

/** The error again, of its class, with the place where it happened. */
export function fromWire({ name, message, stack }: WireError): Error {
  const error = Object.hasOwn(classes, name) ? new classes[name](message) : new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
