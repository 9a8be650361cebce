/** The pages are WGSL as a browser understands it, not only as Deno does: Debian's Chromium compiles all of them. */
import { assert, assertEquals } from "@std/assert";
import { assemble, type Variant } from "../../engine/kernel/mod.ts";
import type { Page } from "../../shaders/mod.ts";
import { pagesInUse } from "../operations.ts";
import { hasChromium, inChromium } from "./chromium.ts";

const ignore = !await hasChromium();

/** A page where all tensors of texels lie in textures, and where they lie in buffers. */
function textsOf(page: Page): { name: string; text: string }[] {
  return (["texture", "buffer"] as const).map((home) => {
    const homes = Object.fromEntries(
      page.bindings.filter(({ layout }) => layout !== "linear").map(({ name }) => [name, home]),
    );
    const variant: Variant = { homes, textureAccess: "sampled", tune: {}, unroll: true };
    const { text } = assemble(page, variant);
    // What Deno's WGSL has without asking, and refuses to be asked for. That lanes of one subgroup come to the same
    // call follows from workgroups that lie in one row of pixels, which no analysis of a page can know.
    const enable = page.subgroups ? "enable subgroups;\ndiagnostic(off, subgroup_uniformity);\n" : "";
    return { name: `${page.name} (${home})`, text: enable + text };
  });
}

const compile = `
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) throw new Error("Chromium has no adapter");
  const device = await adapter.requestDevice({ requiredFeatures: [...adapter.features].filter((name) => input.features.includes(name)) });
  const wrong = [];
  for (const { name, text } of input.pages) {
    const module = device.createShaderModule({ code: text });
    const { messages } = await module.getCompilationInfo();
    const error = messages.find(({ type }) => type === "error");
    if (error) wrong.push(name + ": " + error.message + " at " + text.split("\\n")[error.lineNum - 1]);
  }
  return { adapter: adapter.info.description || adapter.info.vendor, features: [...device.features], wrong };
`;

Deno.test({ name: "Chromium compiles all pages", ignore }, async () => {
  const pages = [...pagesInUse().values()].flatMap(textsOf);
  assert(pages.length > 200, `${pages.length} texts`);
  const answer = await inChromium(compile, { pages, features: ["subgroups", "shader-f16"] });
  const { wrong } = answer as { wrong: string[] };
  assertEquals(wrong, []);
});

Deno.test({ name: "a page that is wrong is found out by Chromium", ignore }, async () => {
  const pages = [{ name: "wrong", text: "@compute @workgroup_size(1) fn main() {\n  let x: i32 = 1.5;\n}" }];
  const { wrong } = await inChromium(compile, { pages, features: [] }) as { wrong: string[] };
  assertEquals(wrong.length, 1);
  assert(wrong[0].includes("let x: i32 = 1.5;"), wrong[0]);
});
