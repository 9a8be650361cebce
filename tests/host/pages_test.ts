import { assert, assertEquals } from "@std/assert";
import { assemble, type Variant } from "../../engine/kernel/mod.ts";
import { pagesInUse } from "../operations.ts";

const shaders = new URL("../../shaders/", import.meta.url);

async function wgslFiles(folder: URL): Promise<URL[]> {
  const files: URL[] = [];
  for await (const entry of Deno.readDir(folder)) {
    if (entry.isDirectory) files.push(...await wgslFiles(new URL(`${entry.name}/`, folder)));
    else if (entry.name.endsWith(".wgsl")) files.push(new URL(entry.name, folder));
  }
  return files;
}

const files = await Promise.all((await wgslFiles(shaders)).map(async (file) => ({
  name: file.href.slice(shaders.href.length),
  text: await Deno.readTextFile(file),
})));

/** A page's code without its comments. */
const code = (text: string) => text.replaceAll(/\/\/.*$/gm, "");

/** The functions of a page that aren't its entry point: name and body. */
function helpers(page: string): { name: string; body: string }[] {
  const text = code(page);
  const functions = [...text.matchAll(/(@compute[^{]*?)?\bfn\s+(\w+)\s*\(/g)];
  return functions.filter((match) => match[1] === undefined).map((match) => {
    const begin = text.indexOf("{", match.index);
    return { name: match[2], body: text.slice(begin, blockEnd(text, begin)) };
  });
}

function blockEnd(text: string, begin: number): number {
  let depth = 0;
  for (let at = begin; at < text.length; at++) {
    depth += text[at] === "{" ? 1 : text[at] === "}" ? -1 : 0;
    if (depth === 0) return at + 1;
  }
  return text.length;
}

/** Branches; the exit of a loop in a helper is allowed as `break if`. */
const branch = /&&|\|\||(?<!break )\bif\b/;

Deno.test("helpers of pages branch by select, & and |, as branches explode SwiftShader's compiler", () => {
  const wrong = files.flatMap(({ name, text }) =>
    helpers(text).filter(({ body }) => branch.test(body)).map((helper) => `${name}: ${helper.name}`)
  );
  assertEquals(wrong, []);
});

Deno.test("the test of helpers finds a branch", () => {
  const [first, second] = helpers(
    "fn a() -> i32 { return 1; } // && \nfn b(x: bool) { if (x) { } }\n@compute fn main() {}",
  );
  assert(!branch.test(first.body));
  assert(branch.test(second.body));
});

Deno.test("pages fit on a few screens", () => {
  assertEquals(files.filter(({ text }) => text.split("\n").length >= 400).map(({ name }) => name), []);
});

Deno.test("marks of pages stand where the engine looks for them", () => {
  const wrong = files.flatMap(({ name, text }) =>
    text.split("\n").flatMap((line, index, lines) => {
      const tune = /\/\/\s*@tune/.test(line) &&
        !/^\s*const\s+\w+(?:\s*:\s*\w+)?\s*=\s*\d+u?\s*;\s*\/\/\s*@tune\s*$/.test(line);
      const unroll = /\/\/\s*@unroll/.test(line) && !/^\s*for\s*\(/.test(lines[index + 1] ?? "");
      return tune || unroll ? [`${name}:${index + 1}`] : [];
    })
  );
  assertEquals(wrong, []);
});

Deno.test("every file of WGSL belongs to a page that an operation dispatches", () => {
  const used = new Set<string>();
  for (const page of pagesInUse().values()) {
    for (const { file } of [page, ...page.libs]) used.add(file.slice(shaders.href.length));
  }
  const unused = files.map(({ name }) => name).filter((name) => !used.has(name));
  assertEquals(unused.filter((name) => !name.startsWith("layout/") && !name.startsWith("roofline/")), []);
});

Deno.test("every page assembles with its defaults, rolled and expanded", () => {
  const variant: Omit<Variant, "unroll"> = { homes: {}, textureAccess: "storage", tune: {} };
  for (const page of pagesInUse().values()) {
    assemble(page, { ...variant, unroll: false });
    const { text } = assemble(page, { ...variant, unroll: true });
    assert(!/@unroll/.test(text), `${page.name} has an expanded loop left`);
  }
});
