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

/** A branch that compares arithmetic of constants, told by their names. */
const decided = /\bif \((?:[A-Z][A-Z_0-9]*|\d+u?|[-+*/% ])+(?:[=!]=|[<>]=?)(?:[A-Z][A-Z_0-9]*|\d+u?|[-+*/% ])+\) \{/g;

/** A page's code without its comments, and without branches that are decided before it is compiled. */
const code = (text: string) => text.replaceAll(/\/\/.*$/gm, "").replaceAll(decided, "{");

interface Function {
  readonly name: string;
  readonly isEntryPoint: boolean;
  /** From the parameters to the end of the body. */
  readonly text: string;
}

function functionsOf(page: string): Function[] {
  const text = code(page);
  return [...text.matchAll(/(@compute[^{]*?)?\bfn\s+(\w+)\s*\(/g)].map((match) => {
    const end = blockEnd(text, text.indexOf("{", match.index));
    return { name: match[2], isEntryPoint: match[1] !== undefined, text: text.slice(match.index, end) };
  });
}

/** The functions of a page that aren't its entry point: name and body. */
function helpers(page: string): { name: string; body: string }[] {
  return functionsOf(page).filter(({ isEntryPoint }) => !isEntryPoint)
    .map(({ name, text }) => ({ name, body: text.slice(text.indexOf("{")) }));
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
  const [decided, not] = helpers(
    "fn c() {\n  if (A == 1) { }\n}\nfn d() { if (A + 1 > B2) { if (x > A) { } } }",
  );
  assert(!branch.test(decided.body));
  assert(branch.test(not.body));
});

/** Names that a text declares as unsigned. */
function unsignedNames(text: string): string[] {
  const typed = text.matchAll(/(\w+): (?:u32|vec[234]u)\b/g);
  const made = text.matchAll(/(?:let|var|const) (\w+) = (?:u32\(|vec[234]u\(|\d+u\b)/g);
  return [...typed, ...made].map(([, name]) => name);
}

/**
 * The uses of `%` that some drivers compute wrongly where they are of negative numbers. Others are told by their words: the
 * right side is unsigned (then the left one is, too), or the left side a loop's counter, which starts at a number or a
 * constant and grows, or such a counter and a number.
 */
function doubtfulRemainders(page: string): string[] {
  const text = code(page);
  const members = unsignedNames(/struct Params \{[^}]*\}/.exec(text)?.[0] ?? "");
  const constants = [...text.matchAll(/^(?:const|override) (\w+)(?:: u32 = | = \d+u)/gm)].map(([, name]) => name);
  return functionsOf(page).flatMap(({ text }) => {
    const counters = [...text.matchAll(/for \(var (\w+) = (?:\d+u?|[A-Z]+); \1 <=? [^;]+; \1(?:\+\+| \+= \w+)\)/g)]
      .map(([, name]) => name);
    const counts = (left: string) => counters.includes(/^\((\w+) \+ \d+\)$/.exec(left)?.[1] ?? left);
    const names = [...unsignedNames(text), ...constants];
    const isUnsigned = (right: string, member: string | undefined) =>
      /^(\d+u|length_\w+|u32|vec[234]u)$/.test(right) ||
      (right === "params" ? members.includes(member ?? "") : names.includes(right));
    return [...text.matchAll(/(\(\w+ \+ \w+\)|[\w)\]]+)\s*%(=?)\s*(\w+)(?:\.(\w+))?/g)]
      .filter(([, left, assigns, right, member]) => !isUnsigned(right, member) && (assigns === "=" || !counts(left)))
      .map(([found]) => found);
  });
}

Deno.test("no page takes the remainder of what may be negative, which some drivers get wrong", () => {
  assertEquals(files.flatMap(({ name, text }) => doubtfulRemainders(text).map((found) => `${name}: ${found}`)), []);
});

Deno.test("the test of remainders finds signed ones, and them alone", () => {
  const page = `struct Params { sizes: vec3u, size: i32, count: u32 }
const WORKGROUP = 64u;
const ROWS = 16;
fn unsigned(a: u32, b: u32) -> u32 { return a % b; }
fn signed(a: i32, b: i32) -> i32 { return a % b; }
@compute fn main(lane: u32, x: i32) {
  let at = vec3u(1);
  for (var i = 0; i < 4; i++) { a = i % 2 + (i + 1) % 2; }
  for (var j = -1; j < 4; j++) { a = j % 3; }
  a = (x + 1) % 7; b = x % params.size; c %= ROWS; d = list[0]%signed.x; e = x % 4;
  a = lane % 4u; b = lane % params.count; c = lane % params.sizes.y; d = lane % length_x(); e = lane % at.x; // x % y
}`;
  assertEquals(doubtfulRemainders(page), [
    "a % b",
    "j % 3",
    "(x + 1) % 7",
    "x % params.size",
    "c %= ROWS",
    "0]%signed.x",
    "x % 4",
  ]);
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
    assert(!/@unroll/.test(text), `${page.name} has a mark left`);
  }
});
