/** A few percent of what `tests/soak/fuzz_test.ts` runs, and all crafted files. */
import { fuzz, fuzzCrafted } from "../fuzz/harness.ts";

Deno.test("crafted files are refused by a typed error, soon and in little memory", () => fuzzCrafted());

Deno.test("60 mutated files, archives and studies give a typed error or a right result", () => fuzz("all", 0, 60));

Deno.test("6 mutated models give a typed error or are lowered", () => fuzz("model", 0, 6));

Deno.test("100 mutated exports of trainings give a typed error or a contract that segment takes", () =>
  fuzz("export", 0, 100));
