/** 2,000 random networks beside onnxruntime; the suite runs the first sixty. */
import { openEngine } from "../../engine/mod.ts";
import { assertSame } from "../random_graphs/trial.ts";

const engine = await openEngine();

for (let first = 61; first <= 2000; first += 97) {
  const last = Math.min(2000, first + 96);
  Deno.test(`random networks ${first} to ${last}`, () => assertSame(engine, first, last));
}
