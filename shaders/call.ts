import type { Operation, Recorder, Value } from "./contract.ts";

/** A declaration of several inputs that is called as `operation(r, ...inputs, options)` and gives one output. */
export type Callable<I extends readonly Value[], O> =
  & Operation<O>
  & ((r: Recorder, ...inputsAndOptions: [...I, options?: Partial<O>]) => Value);

/** Makes a declaration of `count` inputs callable; {@linkcode defineOperation} does so for one input. */
export function defineCallable<I extends readonly Value[], O>(
  count: I["length"],
  operation: Operation<O>,
): Callable<I, O> {
  const call = (r: Recorder, ...given: unknown[]): Value =>
    r.apply(operation, given.slice(0, count) as Value[], (given[count] ?? {}) as Partial<O>)[0];
  const { name, ...rest } = operation;
  Object.defineProperty(call, "name", { value: name });
  return Object.assign(call, rest) as unknown as Callable<I, O>;
}
