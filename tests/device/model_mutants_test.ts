import { assertEquals } from "@std/assert";
import { faultsOfMutants } from "../fuzz/models.ts";

// The others are run by `deno task soak`.
Deno.test("9 of 300 mutated models give a result or one typed error that names the file", async () => {
  assertEquals(await faultsOfMutants(9, 9), []);
});
