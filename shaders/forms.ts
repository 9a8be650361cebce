/** Which form of an operation is recorded: the one that was measured as fastest on a device, else the operation's choice. */

import type { Facts, Form, Operation, Spec } from "./contract.ts";

/** Extents below this are told apart one by one, greater ones by the nearest power of two. */
const exactBelow = 16;

const rounded = (extent: number): number => extent < exactBelow ? extent : 2 ** Math.round(Math.log2(extent));

/** The class of like shapes of an operation with like options, as tables of measured forms name it. */
export function shapeClass(operation: string, inputs: readonly Spec[], options: unknown): string {
  const shapes = inputs.map(({ shape }) => shape.map(rounded).join("x")).join(" ");
  return `${operation} ${shapes} ${JSON.stringify({ ...options as object, epilogue: undefined })}`;
}

/** Whether a device can run a form, and the form can compute this. */
export function isServing<O>(form: Form<O>, inputs: readonly Spec[], options: O, facts: Facts): boolean {
  return form.needs?.(facts) !== false && form.serves?.(inputs, options) !== false;
}

/** The name of the form to record on a device; `only` where there is but one. */
export function formOf<O>(operation: Operation<O>, inputs: readonly Spec[], options: O, facts: Facts): string {
  const { forms = {}, name, choose } = operation;
  const measured = facts.tuned?.[shapeClass(name, inputs, options)];
  if (measured !== undefined && Object.hasOwn(forms, measured) && isServing(forms[measured], inputs, options, facts)) {
    return measured;
  }
  return choose?.(inputs, options, facts) ?? Object.keys(forms)[0] ?? "only";
}
