/** Hostile inputs through the program: they fail with status 5, and the others are done. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { encodePng } from "../../plugins/formats/png/png.ts";
import { craftedFiles } from "../fuzz/crafted.ts";
import { inFolder, run } from "./program.ts";

Deno.test("crafted files and links to devices fail alone, with status 5", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/in`);
    const crafted = craftedFiles().filter(({ readable }, at) => !readable && at % 12 === 0);
    for (const [at, { name, bytes }] of crafted.entries()) {
      await Deno.writeFile(`${folder}/in/${at}.${name.split(":")[0] === "bomb" ? "nii.gz" : "dcm"}`, bytes);
    }
    await Deno.symlink("/dev/zero", `${folder}/in/zero.png`);
    await Deno.writeFile(`${folder}/in/good.png`, encodePng(new Uint8Array(64), [1, 8, 8], { bits: 8 }));
    const { status, stdout, stderr } = await run("process", [
      `${folder}/in`,
      "--stages",
      "acquire,export",
      "--output",
      `${folder}/out`,
      "--json",
    ]);
    assertEquals(status, 5, stderr);
    const record = JSON.parse(await Deno.readTextFile(`${folder}/out/run.json`));
    const done = record.cases.filter(({ status }: { status: string }) => status === "done");
    assertEquals(done.map(({ id }: { id: string }) => id), ["good"]);
    assertEquals(record.cases.length, crafted.length + 2);
    for (const { status, error } of record.cases) {
      if (status === "failed") assertEquals(error.name, "InputError");
    }
    assertStringIncludes(stdout, "zero");
  }));
