/** What operations declare of their forms, found without a device. */
import { assertEquals } from "@std/assert";
import { operations } from "../../shaders/mod.ts";
import { alikeForms } from "../operations.ts";

// A form that quietly does as another does is never run by those who force it: `serves` has to say where it can't compute.
Deno.test("every form records work of its own wherever it says that it serves", () => {
  assertEquals(operations.flatMap(({ operation, cases }) => alikeForms(operation, cases)), []);
});
