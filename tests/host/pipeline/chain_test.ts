import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { fullPipeline, planWaves, proveChain } from "../../../engine/pipeline/chain.ts";
import { createRegistry, definePlugin, pipelineOf, UsageError } from "../../../engine/pipeline/mod.ts";
import { defaultStages, fakePlugin, fakeStage } from "./fakes.ts";

const registry = createRegistry([fakePlugin()]);

Deno.test("proveChain fills in every default", () => {
  const chain = proveChain(
    { stages: [{ stage: "acquire" }, { stage: "denoise", options: { strength: 4 } }] },
    registry,
  );
  const rest = { formats: ["png"], mode: "a", sizes: 3 };
  assertEquals(fullPipeline(chain).stages, [
    { stage: "acquire", options: { strength: 1, ...rest } },
    { stage: "denoise", options: { strength: 4, ...rest } },
  ]);
});

Deno.test("proveChain lists the known stages for an unknown one", () => {
  const error = assertThrows(() => proveChain(pipelineOf(["acquire", "sharpen"]), registry), UsageError);
  assertEquals(
    error.message,
    "Cannot find stage sharpen: the known ones are acquire, denoise, segment, crop, evaluate, export",
  );
});

Deno.test("proveChain names the stage that would give what is missing", () => {
  const error = assertThrows(() => proveChain(pipelineOf(["acquire", "crop"]), registry), UsageError);
  assertEquals(
    error.message,
    "Cannot run stage crop as it needs mask, which none of acquire gives: mask comes from segment",
  );
});

Deno.test("proveChain wants one source, and at the beginning", () => {
  assertThrows(() => proveChain(pipelineOf(["denoise"]), registry), UsageError, "begin with one of acquire");
  assertThrows(() => proveChain(pipelineOf(["acquire", "acquire"]), registry), UsageError, "one source");
});

Deno.test("proveChain names the option, its value and what is allowed", () => {
  const pipeline = { stages: [{ stage: "acquire" }, { stage: "denoise", options: { strength: 11 } }] };
  const error = assertThrows(() => proveChain(pipeline, registry), UsageError);
  assertStringIncludes(error.message, "Cannot use the options of stage denoise as strength is 11: ");
  assertStringIncludes(error.message, "10");
  const unknown = { stages: [{ stage: "acquire", options: { sigma: 1 } }] };
  const other = assertThrows(() => proveChain(unknown, registry), UsageError);
  assertEquals(
    other.message,
    "Cannot use sigma as an option of stage acquire: its options are strength, formats, mode, sizes",
  );
});

Deno.test("proveChain refuses a stage that reads what it does not take", () => {
  const strange = fakeStage("strange", { needs: ["image"], reads: ["mask"] });
  const own = createRegistry([fakePlugin([strange])]);
  assertThrows(() => proveChain(pipelineOf(["acquire", "strange"]), own), UsageError, "reads mask");
});

Deno.test("createRegistry checks plugins by structure", () => {
  assertThrows(() => createRegistry([{}]), UsageError, "definePlugin");
  const broken = { name: "mine", stages: [{ kind: "stage", name: "x", needs: [] }] };
  const error = assertThrows(() => createRegistry([broken]), UsageError);
  assertStringIncludes(error.message, "lacks open, uses, gives, reads, options");
  const twice = definePlugin({ name: "other", stages: [fakeStage("denoise", {})] });
  assertThrows(() => createRegistry([fakePlugin(), twice]), UsageError, "plugin fakes");
});

Deno.test("planWaves reads once where nothing on the device waits for the host", () => {
  assertEquals(planWaves(defaultStages()), [{ submit: [0, 1, 2], host: [3, 4] }]);
});

Deno.test("planWaves puts device stages before the readback even if they come later in the chain", () => {
  const [denoise, segment, crop, evaluate, write] = defaultStages();
  assertEquals(planWaves([denoise, segment, evaluate, crop, write]), [{ submit: [0, 1, 3], host: [2, 4] }]);
});

Deno.test("planWaves reads again where the device wants what came from the host", () => {
  const waves = planWaves([
    fakeStage("a", { needs: ["image"], gives: ["mask"] }),
    fakeStage("b", { needs: ["mask"], gives: ["boxes"], reads: ["mask"] }),
    fakeStage("c", { needs: ["boxes"], gives: ["crops"] }),
    fakeStage("d", { needs: ["crops"], reads: ["crops"] }),
  ]);
  assertEquals(waves, [{ submit: [0], host: [1] }, { submit: [2], host: [3] }]);
  assert(waves.length === 2);
});
