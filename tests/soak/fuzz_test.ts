/** 2,000 seeded mutants of files, archives and studies, and 200 of models. */
import { fuzz } from "../fuzz/harness.ts";

Deno.test("2,000 mutated files, archives and studies give a typed error or a right result", () => fuzz("all", 0, 2000));

Deno.test("200 mutated models give a typed error or are lowered", () => fuzz("model", 0, 200));

Deno.test("2,000 mutated exports of trainings give a typed error or a contract that segment takes", () =>
  fuzz("export", 0, 2000));
