import { assertEquals } from "@std/assert";
import { shapeClass, variantNamed, variantOf, variantsOf } from "../../shaders/forms.ts";
import { type Facts, nn } from "../../shaders/mod.ts";
import { facts } from "./facts.ts";

const inputs = [{ dtype: "f32", shape: [128, 128] }, { dtype: "f32", shape: [128, 128] }] as const;
const options = nn.gemm.options.parse({});

Deno.test("an operation is recorded in a form with its first tile sizes, or as a table says", () => {
  const choose = (tuned?: string) => {
    const table = tuned && { [shapeClass("gemm", inputs, options)]: tuned };
    const { form, tune } = variantOf(nn.gemm, inputs, options, { ...facts, tuned: table || undefined });
    return [form, tune.ROWS];
  };
  assertEquals(choose(), ["lanes", 16]);
  assertEquals(choose("lanes ROWS=8"), ["lanes", 8]);
  assertEquals(choose("packed"), ["packed", 16]);
  // A table of another version: tile sizes and forms that are no more.
  assertEquals(choose("packed ROWS=12"), ["packed", 16]);
  assertEquals(choose("woven"), ["lanes", 16]);
});

Deno.test("the variants of an operation are those that a device can run, by their names", () => {
  const names = (facts: Facts) => variantsOf(nn.gemm, inputs, options, facts).map(({ name }) => name);
  assertEquals(names(facts), ["lanes", "lanes ROWS=8", "packed", "packed ROWS=8", "tiled", "plain"]);
  const other: Facts = { ...facts, adapter: "swiftshader", subgroupSize: 4 };
  assertEquals(names(other), ["packed", "packed ROWS=16", "tiled", "plain"]);
  assertEquals(variantNamed(nn.gemm, "lanes", inputs, options, other), undefined);
});
