/** Sixty random networks beside onnxruntime, with passes and without; `deno task soak` runs 2,000. */
import { assert, assertEquals } from "@std/assert";
import { allPasses, type Passes } from "../../engine/graph/passes/mod.ts";
import { operators } from "../../engine/graph/operators/mod.ts";
import type { Program } from "../../engine/graph/program.ts";
import { openEngine } from "../../engine/mod.ts";
import type { nn } from "../../shaders/mod.ts";
import { draws } from "../random_graphs/operators.ts";
import { assertSame, trial } from "../random_graphs/trial.ts";

const engine = await openEngine();

Deno.test("60 random networks give what onnxruntime gives, with all passes, none and some", async () => {
  await assertSame(engine, 1, 60);
});

Deno.test("random networks give the same without optional features", async () => {
  await using core = await openEngine({ features: "core" });
  await assertSame(core, 61, 66);
});

/** A pass as wrong as one may be: of every sum it makes another operation's. */
function spoil(program: Program): Program {
  const steps = program.steps.map((step) => {
    const isSum = step.kind === "apply" && step.operation.name === "binary" && step.options.op === "add";
    return isSum ? { ...step, options: { ...step.options, op: "maximum" satisfies nn.BinaryOp } } : step;
  });
  return { ...program, steps };
}

Deno.test("random networks find a wrong pass", async () => {
  const wrong = (): Record<string, Passes> => ({ wrong: { ...allPasses, program: [spoil, ...allPasses.program] } });
  let found = 0;
  for (let seed = 1; seed <= 20; seed++) found += (await trial(engine, seed, wrong)).differences.length;
  assert(found > 0);
});

Deno.test("what is drawn are operators that we have", () => {
  assertEquals(Object.keys(draws).filter((name) => operators[name] === undefined), []);
});
