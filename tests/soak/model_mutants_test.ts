import { assertEquals } from "@std/assert";
import { faultsOfMutants } from "../fuzz/models.ts";

Deno.test("300 mutated models give a result or one typed error that names the file", async () => {
  assertEquals(await faultsOfMutants(16, 300), []);
});
