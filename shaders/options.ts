import { z } from "npm:zod@4.6.7";
import type { OptionsSchema } from "./contract.ts";

/** What `optionsOf` takes: a zod schema. */
export interface ZodSchema<O> {
  /** Checks a value without throwing. */
  safeParse(value: unknown):
    | { success: true; data: O }
    | { success: false; error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] } };
}

/** The options schema of a declaration from a zod schema; messages are one line with path, value and what is allowed. */
export function optionsOf<O>(schema: ZodSchema<O>): OptionsSchema<O> {
  return {
    parse(options: unknown): O {
      const result = schema.safeParse(options);
      if (result.success) return result.data;
      const issues = result.error.issues.map((issue) => {
        const path = issue.path.join(".");
        const value = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)?.[key], options);
        return path === "" ? issue.message : `${path} is ${JSON.stringify(value) ?? "not given"}: ${issue.message}`;
      });
      throw new RangeError(issues.join("; "));
    },
    toJSONSchema: () => z.toJSONSchema(schema as z.ZodType<O>, { io: "input" }) as Record<string, unknown>,
  };
}
