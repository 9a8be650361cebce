/** Floors 0 and 1 compute; what brings a device up, reads files or knows the machine is handed in. */
import { assert, assertEquals } from "@std/assert";

const root = new URL("../../", import.meta.url);
/** The floors' folders: the device's folder brings it up, and only that. */
const folders = ["shaders/", "engine/kernel/", "engine/memory/", "engine/worker/"];
/** Packages that run in browsers, by which version ever. */
const portable = /^npm:(zod|wgsl_reflect)@/;

async function sources(folder: URL): Promise<URL[]> {
  const files: URL[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) files.push(...await sources(new URL(`${name}/`, folder)));
    else if (name.endsWith(".ts")) files.push(new URL(name, folder));
  }
  return files;
}

/** What of a file's code only Deno or Node has. */
function foreign(code: string): string[] {
  const text = code.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  const globals = [...text.matchAll(/\b(Deno|process|Buffer|require)\s*[.(]/g)].map(([, name]) => name);
  const packages = [...text.matchAll(/(?:from|import)\s*\(?\s*"([^".][^"]*)"/g)].map(([, name]) => name)
    .filter((name) => !portable.test(name));
  return [...globals, ...packages];
}

Deno.test("floors 0 and 1 use nothing of Deno, so that the engine could run in a browser", async () => {
  const files = (await Promise.all(folders.map((folder) => sources(new URL(folder, root))))).flat();
  assert(files.length > 100, `${files.length} files`);
  const wrong: string[] = [];
  for (const file of files) {
    const found = foreign(await Deno.readTextFile(file));
    if (found.length > 0) wrong.push(`${file.href.slice(root.href.length)}: ${found.join(", ")}`);
  }
  assertEquals(wrong, []);
});

Deno.test("the test of floors finds what only Deno or Node has", () => {
  const code = `/** Deno.readFile is not used. */
import { z } from "npm:zod@4.6.7";
import { join } from "node:path";
const text = await Deno.readTextFile("a");`;
  assertEquals(foreign(code), ["Deno", "node:path"]);
});
