/**
 * Which form of an operation is recorded, with which tile sizes: what was measured as fastest on a device, else the
 * operation's choice.
 */

import type { Facts, Form, Operation, Spec, Tune } from "./contract.ts";

/** A form with the tile sizes that it is recorded with. */
export interface Variant {
  /** The form's name; `only` where the operation has but one way. */
  readonly form: string;
  readonly tune: Tune;
  /** The form's name, followed by the tile sizes where they aren't its first: `packed ROWS=8`. */
  readonly name: string;
}

/** Extents below this are told apart one by one, greater ones by the nearest power of two. */
const exactBelow = 16;

const rounded = (extent: number): number => extent < exactBelow ? extent : 2 ** Math.round(Math.log2(extent));

/** The class of like shapes of an operation with like options, as tables of measured variants name it. */
export function shapeClass(operation: string, inputs: readonly Spec[], options: unknown): string {
  const shapes = inputs.map(({ shape }) => shape.map(rounded).join("x")).join(" ");
  return `${operation} ${shapes} ${JSON.stringify({ ...options as object, epilogue: undefined })}`;
}

/** Whether a device can run a form, and the form can compute this. */
function isServing<O>(form: Form<O>, inputs: readonly Spec[], options: O, facts: Facts): boolean {
  return form.needs?.(facts) !== false && form.serves?.(inputs, options) !== false;
}

/** A form in each of its tile sizes, its first ones first. */
export function variantsOfForm<O>(
  operation: Operation<O>,
  form: string,
  inputs: readonly Spec[],
  options: O,
  facts: Facts,
): Variant[] {
  const tunes = operation.forms?.[form]?.tune?.(inputs, options, facts) ?? [{}];
  return tunes.map((tune, index) => {
    const sizes = index === 0 ? [] : Object.entries(tune).map(([key, value]) => `${key}=${value}`);
    return { form, tune, name: [form, ...sizes].join(" ") };
  });
}

/** All ways in which an operation can be recorded on a device. */
export function variantsOf<O>(
  operation: Operation<O>,
  inputs: readonly Spec[],
  options: O,
  facts: Facts,
): Variant[] {
  return Object.entries(operation.forms ?? {})
    .filter(([, form]) => isServing(form, inputs, options, facts))
    .flatMap(([form]) => variantsOfForm(operation, form, inputs, options, facts));
}

/** The variant of a name (the first one of its form where these inputs have no such tile sizes), if the form serves. */
export function variantNamed<O>(
  operation: Operation<O>,
  name: string,
  inputs: readonly Spec[],
  options: O,
  facts: Facts,
): Variant | undefined {
  const form = name.split(" ")[0];
  const declared = operation.forms?.[form];
  if (declared === undefined || !isServing(declared, inputs, options, facts)) return undefined;
  const variants = variantsOfForm(operation, form, inputs, options, facts);
  return variants.find((variant) => variant.name === name) ?? variants[0];
}

/** How an operation is recorded on a device. */
export function variantOf<O>(operation: Operation<O>, inputs: readonly Spec[], options: O, facts: Facts): Variant {
  const { forms = {}, name, choose } = operation;
  const measured = facts.tuned?.[shapeClass(name, inputs, options)];
  const known = measured === undefined ? undefined : variantNamed(operation, measured, inputs, options, facts);
  if (known !== undefined) return known;
  const form = choose?.(inputs, options, facts) ?? Object.keys(forms)[0] ?? "only";
  return variantsOfForm(operation, form, inputs, options, facts)[0];
}
