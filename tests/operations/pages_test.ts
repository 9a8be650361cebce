import { assert } from "@std/assert";
import { openDevice } from "../../engine/device/mod.ts";
import { assemble } from "../../engine/kernel/mod.ts";
import { pagesInUse } from "../operations.ts";

const device = await openDevice();

// The cases of the operations compile each page in the homes and overrides that they use, expanded and rolled.
Deno.test("every page is valid in textures and in buffers, rolled and expanded", async () => {
  const textureAccess = device.facts.adapter === "swiftshader" ? "sampled" : "storage";
  for (const page of pagesInUse().values()) {
    if (page.subgroups && device.facts.subgroupSize === 0) continue;
    const tried = new Set<string>();
    for (const unroll of [true, false]) {
      for (const home of ["texture", "buffer", "staged"] as const) {
        const homeOf = (access: string) => home === "staged" && access === "read" ? "texture" : home;
        const homes = Object.fromEntries(page.bindings.map(({ name, access }) => [name, homeOf(access)]));
        const { text } = assemble(page, { homes, textureAccess, tune: {}, unroll });
        if (tried.has(text)) continue;
        tried.add(text);
        device.device.pushErrorScope("validation");
        device.device.createShaderModule({ code: text });
        const error = await device.device.popErrorScope();
        assert(error === null, `${page.name}, ${home}, unroll ${unroll}: ${error?.message}`);
      }
    }
  }
});
