import { assertEquals, assertStringIncludes } from "@std/assert";
import { plantedSlice } from "../formats/planted.ts";
import { inFolder, run } from "./program.ts";

Deno.test("inspect says of a folder what it holds and what process would do", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/Kopf 頭 1`);
    for (let at = 0; at < 4; at++) await Deno.writeFile(`${folder}/Kopf 頭 1/${at}.dcm`, plantedSlice(at));
    const { status, stdout, stderr } = await run("inspect", [`${folder}/Kopf 頭 1`]);
    assertEquals(status, 0, stderr);
    assertStringIncludes(stdout, "1 case, 1 sound, 0 not");
    assertStringIncludes(stdout, "4 slices");
    assertStringIncludes(stdout, "one volume: filtered in 3-D");
  }));
