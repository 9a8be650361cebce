import type { Spec } from "../../shaders/mod.ts";
import { Lowerer } from "./lower.ts";
import type { Model } from "./model.ts";
import { NeedsHost } from "./operator.ts";
import { prepareModel } from "./passes/mod.ts";
import { checkOperators } from "./supported.ts";

/**
 * Types and shapes of what a model gives for feeds of given shapes, without a device; nothing where shapes depend on the
 * elements of the feeds. Throws an `UnsupportedError` or a `ModelError` as `loadModel` does.
 */
export function outputsFor(
  model: Model,
  feeds: Readonly<Record<string, Spec>>,
): Readonly<Record<string, { readonly dtype: string; readonly shape: readonly number[] }>> | undefined {
  checkOperators(model);
  try {
    const { program, reads } = Lowerer.begin(prepareModel(model), feeds).advance();
    if (reads.length > 0) return undefined;
    return Object.fromEntries([...program.outputs].map(([name, { dtype, shape }]) => [name, { dtype, shape }]));
  } catch (error) {
    if (error instanceof NeedsHost) return undefined;
    throw error;
  }
}
