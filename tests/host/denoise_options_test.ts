/** The options of `denoise` as a user meets them. */
import { assertEquals, assertThrows } from "@std/assert";
import { createRegistry, UsageError } from "../../engine/pipeline/mod.ts";
import { proveChain } from "../../engine/pipeline/chain.ts";
import denoise from "../../plugins/denoise/denoise.ts";
import { denoisers } from "../../plugins/denoise/denoisers.ts";
import { fakePlugin } from "./pipeline/fakes.ts";

const registry = createRegistry([fakePlugin([]), denoise]);

function optionsFor(options: Record<string, unknown>): Readonly<Record<string, unknown>> {
  return proveChain({ stages: [{ stage: "acquire" }, { stage: "denoise", options }] }, registry).stages[0].options;
}

Deno.test("each filter works alone, and gaussian so is the stage's default", () => {
  for (const filter of Object.keys(denoisers)) assertEquals(optionsFor({ filter }).filter, filter);
  assertEquals(optionsFor({ filter: "gaussian" }), optionsFor({}));
  assertEquals(optionsFor({ border: "nearest" }).sigmaPx, 0.4);
  assertEquals(optionsFor({ model: "models/x" }), { filter: "autoencoder", model: "models/x" });
});

Deno.test("an error names the wrong key first, and lists the options of the chosen filter only", () => {
  const wrong: [options: Record<string, unknown>, message: string][] = [
    [
      { filter: "median", sigmaPx: 2 },
      "Cannot use sigmaPx as an option of stage denoise: its options with filter median are filter, calibrate, radius, " +
      "border, cval, slicewise",
    ],
    [{ radius: 2 }, "Cannot use radius as an option of stage denoise: its options with filter gaussian are filter, "],
    [
      { model: "models/x", radius: 2 },
      "Cannot use radius as an option of stage denoise: its options with filter autoencoder are filter, model",
    ],
    [{ filter: "none", radius: 2 }, "Cannot use radius as an option of stage denoise: its options with filter none"],
    [{ filter: "median", radius: -1 }, "Cannot use the options of stage denoise as radius is -1: "],
  ];
  for (const [options, message] of wrong) {
    const error = assertThrows(() => optionsFor(options), UsageError);
    assertEquals(error.message.slice(0, message.length), message);
  }
  const error = assertThrows(() => optionsFor({ filter: "median", radius: -1 }), UsageError);
  assertEquals(error.message.includes("sigmaColor"), false);
});
