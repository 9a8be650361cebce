import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  applySettings,
  createRegistry,
  parsePipeline,
  pipelineOf,
  pipelineSchema,
  UsageError,
} from "../../../engine/pipeline/mod.ts";
import { fakePlugin } from "./fakes.ts";

const registry = createRegistry([fakePlugin()]);
const pipeline = pipelineOf(["acquire", "denoise"]);

function optionsAfter(...settings: string[]): unknown {
  return applySettings(pipeline, settings, registry).stages[1].options;
}

Deno.test("a setting is JSON where it parses, else text", () => {
  assertEquals(optionsAfter("denoise.strength=2.5"), { strength: 2.5 });
  assertEquals(optionsAfter("denoise.mode=b"), { mode: "b" });
  assertEquals(optionsAfter("denoise.other.deep=true"), { other: { deep: true } });
});

Deno.test("a setting of an option that takes text stays text", () => {
  assertEquals(optionsAfter("denoise.mode=12"), { mode: "12" });
});

Deno.test("a setting of an option that takes lists is one by commas", () => {
  assertEquals(optionsAfter("denoise.formats=npy"), { formats: ["npy"] });
  assertEquals(optionsAfter("denoise.formats=npy,png"), { formats: ["npy", "png"] });
  assertEquals(optionsAfter('denoise.formats=["a,b"]'), { formats: ["a,b"] });
  assertEquals(optionsAfter("denoise.sizes=1,2"), { sizes: [1, 2] });
  assertEquals(optionsAfter("denoise.sizes=4"), { sizes: 4 });
});

Deno.test("a setting that fits nowhere is refused", () => {
  assertThrows(() => optionsAfter("denoise"), UsageError, "STAGE.OPTION=VALUE");
  const error = assertThrows(() => optionsAfter("segment.strength=1"), UsageError);
  assertStringIncludes(error.message, "has no stage segment: it has acquire, denoise");
});

Deno.test("parsePipeline says what is wrong with a file", () => {
  assertEquals(parsePipeline('{"stages":[{"stage":"acquire"}]}', "p.json"), { stages: [{ stage: "acquire" }] });
  assertThrows(() => parsePipeline("{", "p.json"), UsageError, "Cannot read pipeline p.json as it is not JSON");
  assertThrows(() => parsePipeline('{"stages":[]}', "p.json"), UsageError, "stages: ");
  assertThrows(() => parsePipeline('{"stages":[{"stage":3}]}', "p.json"), UsageError, "stages.0.stage: ");
  assertThrows(() => parsePipeline('{"steps":[]}', "p.json"), UsageError, "steps");
});

Deno.test("the schema of pipelines has the options of each stage", () => {
  const schema = pipelineSchema(registry) as {
    properties: { stages: { items: { anyOf: { properties: Record<string, Record<string, unknown>> }[] } } };
  };
  const items = schema.properties.stages.items.anyOf.map((item) => item.properties);
  assertEquals(items.map((item) => item.stage.const), ["acquire", "denoise", "segment", "crop", "evaluate", "export"]);
  const { strength } = items[1].options.properties as Record<string, unknown>;
  assertEquals(strength, { type: "number", minimum: 0, maximum: 10, default: 1 });
});
