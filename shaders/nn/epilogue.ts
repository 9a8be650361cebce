/** What an operation does to its result before it stores it, so that an activation or a skip connection costs no pass. */

import { z } from "npm:zod@4.6.7";
import { unaryFunctions } from "./unary/unary_table.ts";

/** One step. `add` adds the operation's last input, which has the shape of the result. */
export type EpilogueStep =
  | { readonly op: "relu" | "sigmoid" | "silu" | "hardSwish" | "gelu" | "geluTanh" | "add" }
  | { readonly op: "leakyRelu"; readonly alpha: number }
  | { readonly op: "clip"; readonly min: number; readonly max: number };

/** At most three steps, in their order; at most one of them is `add`. */
export type Epilogue = readonly EpilogueStep[];

const step = z.discriminatedUnion("op", [
  z.strictObject({ op: z.enum(["relu", "sigmoid", "silu", "hardSwish", "gelu", "geluTanh", "add"]) }),
  z.strictObject({ op: z.literal("leakyRelu"), alpha: z.number() }),
  z.strictObject({ op: z.literal("clip"), min: z.number(), max: z.number() }),
]);

/** The schema of the option `epilogue`. */
export const epilogueSchema: z.ZodType<Epilogue> = z.array(step).max(3, "at most three steps are allowed")
  .refine((steps) => steps.filter(({ op }) => op === "add").length <= 1, "at most one step may be add")
  .default([]);

const codes: Record<EpilogueStep["op"], number> = {
  relu: 1,
  leakyRelu: 2,
  clip: 3,
  sigmoid: 4,
  silu: 5,
  hardSwish: 6,
  add: 7,
  gelu: 8,
  geluTanh: 9,
};

/** Whether the operation's last input is the tensor to add. */
export const adds = (epilogue: Epilogue): boolean => epilogue.some(({ op }) => op === "add");

/** The overrides of `lib/epilogue.wgsl`. */
export function epilogueOverrides(epilogue: Epilogue): Record<string, number> {
  const overrides: Record<string, number> = {};
  epilogue.forEach((step, index) => {
    overrides[`EPILOGUE_${index}`] = codes[step.op];
    if (step.op === "leakyRelu") overrides[`EPILOGUE_${index}_A`] = step.alpha;
    if (step.op !== "clip") return;
    overrides[`EPILOGUE_${index}_A`] = atLeastF32(step.min);
    overrides[`EPILOGUE_${index}_B`] = atLeastF32(step.max);
  });
  return overrides;
}

/** The nearest f32 that is finite: an override can't be infinite. */
const atLeastF32 = (value: number) => Math.max(-3.4028234663852886e38, Math.min(3.4028234663852886e38, value));

/** The same in f64. */
export function epilogueTwin(value: number, added: number, epilogue: Epilogue): number {
  for (const step of epilogue) {
    switch (step.op) {
      case "relu":
        value = Math.max(value, 0);
        break;
      case "leakyRelu":
        value = value < 0 ? value * step.alpha : value;
        break;
      case "clip":
        value = Math.min(Math.max(value, step.min), step.max);
        break;
      case "sigmoid":
        value = 1 / (1 + Math.exp(-value));
        break;
      case "silu":
        value = value / (1 + Math.exp(-value));
        break;
      case "hardSwish":
        value = value * Math.min(Math.max(value / 6 + 0.5, 0), 1);
        break;
      case "gelu":
      case "geluTanh":
        value = unaryFunctions[step.op].twin(value, 0, 0);
        break;
      case "add":
        value += added;
    }
  }
  return value;
}

/** Splits an operation's inputs into its own and the tensor to add. */
export function splitAdded<T>(inputs: readonly T[], epilogue: Epilogue): { own: readonly T[]; added: T | undefined } {
  return adds(epilogue) ? { own: inputs.slice(0, -1), added: inputs.at(-1) } : { own: inputs, added: undefined };
}

/** Throws unless the tensor to add has the shape of the result. */
export function checkAdded(
  operation: string,
  added: { readonly shape: readonly number[] } | undefined,
  shape: readonly number[],
): void {
  if (added === undefined || String(added.shape) === String(shape)) return;
  throw new RangeError(
    `${operation} gives [${shape.join(", ")}], but the tensor to add has shape [${
      added.shape.join(", ")
    }]: the two must be equal`,
  );
}
