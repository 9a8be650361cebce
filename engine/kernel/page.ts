/**
 * From a page of WGSL to a shader, in six steps: libs, bindings, tuned constants, expanded loops with what constants and overrides
 * decide, ends of the other loops, and functions that are left without a call.
 */

import type { Binding, Element, Lib, Page } from "../../shaders/contract.ts";
import { constantsOf } from "./constants.ts";
import type { Line } from "./lines.ts";
import { endLoops } from "./loop_ends.ts";
import { unroll } from "./unroll.ts";
import { dropUnused } from "./unused.ts";

/**
 * Where the texels of a `rows4` or `channels4` tensor live, or the words of a `linear` one. `staged` texels are stored
 * into a buffer of padded rows (see `staging.ts`) for a texture.
 */
export type Home = "buffer" | "texture" | "staged";

/** How textures are read: storage textures are cheaper on Mesa's software drivers, sampled ones elsewhere. */
export type TextureAccess = "storage" | "sampled";

/** What an assembled shader depends on besides its page. */
export interface Variant {
  readonly homes: Readonly<Record<string, Home>>;
  readonly textureAccess: TextureAccess;
  readonly tune: Readonly<Record<string, number>>;
  /** Whether marked loops are expanded; rolled shaders serve tests only. */
  readonly unroll: boolean;
}

/** A shader's text, with the origin of each of its lines. */
export interface Shader {
  readonly text: string;
  readonly lines: readonly Line[];
  /** The text of `struct Params { ... }`, where the page or one of its libs has one. */
  readonly params?: string;
}

/** The binding number of the uniform `params`; `layers` and sizes follow, then the page's bindings. */
export const paramsBinding = 0;
/** The binding number of the generated uniform of sizes. */
export const sizesBinding = 1;
/** The binding number of a page's first tensor. */
export const firstTensorBinding = 2;

const generated = "generated bindings";

/**
 * Assembles a page for a pipeline with these overrides. Throws a `SyntaxError` that names file and line where a mark is
 * wrong.
 */
export function assemble(page: Page, variant: Variant, overrides: Readonly<Record<string, number>> = {}): Shader {
  const body = [...page.libs, page].flatMap(linesOf);
  const tuned = applyTune(page, body, variant.tune);
  const expanded = variant.unroll ? expand(tuned, overrides, variant.textureAccess) : tuned;
  const params = /\bstruct\s+Params\s*\{[^}]*\}/.exec(body.map(({ text }) => text).join("\n"))?.[0];
  const header = bindingLines(page, variant, params !== undefined);
  // WGSL wants its extensions enabled before anything else.
  const isEnabling = ({ text }: Line) => /^enable \w+;$/.test(text);
  const all = [
    ...expanded.filter(isEnabling),
    ...header.map((text) => ({ text, file: generated, line: 0 })),
    ...expanded.filter((line) => !isEnabling(line)),
  ];
  const lines = variant.unroll ? dropUnused(all) : all;
  return { text: lines.map((line) => line.text).join("\n"), lines, params };
}

/** Expands what is marked, decides what is known, and ends other loops as Mesa's software drivers want it. */
function expand(
  lines: readonly Line[],
  overrides: Readonly<Record<string, number>>,
  textureAccess: TextureAccess,
): Line[] {
  const constants = constantsOf(lines, overrides);
  const expanded = unroll(lines, constants);
  return textureAccess === "storage" ? endLoops(expanded, constants) : expanded;
}

function linesOf(lib: Lib): Line[] {
  return lib.text.split("\n").map((text, index) => ({ text, file: lib.file, line: index + 1 }));
}

const tunable = /^(\s*const\s+(\w+)\s*(?::\s*\w+)?\s*=\s*)(\d+)(u?)(\s*;\s*\/\/\s*@tune\s*)$/;

function applyTune(page: Page, lines: readonly Line[], tune: Readonly<Record<string, number>>): Line[] {
  const open = new Set(Object.keys(tune));
  const result = lines.map((line) => {
    const match = tunable.exec(line.text);
    if (!match || !(match[2] in tune)) return line;
    open.delete(match[2]);
    return { ...line, text: `${match[1]}${tune[match[2]]}${match[4]}${match[5]}` };
  });
  if (open.size > 0) {
    throw new SyntaxError(`${page.file} has no "const ${[...open].join(", ")} = INTEGER; // @tune" to set`);
  }
  return result;
}

function bindingLines(page: Page, variant: Variant, hasParams: boolean): string[] {
  const names = page.bindings.map((binding) => binding.name);
  const lines: string[] = [];
  if (hasParams) lines.push(`@group(0) @binding(${paramsBinding}) var<uniform> params: Params;`);
  lines.push(
    `struct Sizes { slab: vec4i, ${names.map((name) => `${name}: vec4i`).join(", ")} }`,
    `@group(0) @binding(${sizesBinding}) var<uniform> sizes: Sizes;`,
    "fn slab_begin() -> i32 { return sizes.slab.x; }",
    "fn slab_end() -> i32 { return sizes.slab.y; }",
  );
  page.bindings.forEach((binding, index) => {
    const at = `@group(0) @binding(${firstTensorBinding + index})`;
    if (binding.layout === "linear") lines.push(...linearLines(binding, at));
    else if (variant.homes[binding.name] === "texture") lines.push(...textureLines(binding, at, variant.textureAccess));
    else lines.push(...texelBufferLines(binding, at, variant.homes[binding.name] === "staged"));
  });
  return lines;
}

const words: Record<Element, string> = { f32: "f32", f32x4: "vec4f", i32: "i32", u32: "u32", word: "u32" };

function linearLines({ name, access, element = "f32" }: Binding, at: string): string[] {
  const word = words[element];
  const each = element === "f32x4" ? " / 4u" : "";
  // sizes.NAME.w is the first element of the bound range: a slab binds a part of the buffer.
  const index = `index - u32(sizes.${name}.w)${each}`;
  const length = `fn length_${name}() -> u32 { return u32(sizes.${name}.x)${each}; }`;
  if (access === "atomic") return [`${at} var<storage, read_write> ${name}: array<atomic<u32>>;`, length];
  const mode = access === "read" ? "read" : "read_write";
  const lines = [`${at} var<storage, ${mode}> buffer_${name}: array<${word}>;`, length];
  if (access === "read") {
    // sizes.NAME.z is the length of that range.
    lines.push(`fn has_${name}(index: u32) -> bool { return ${index} < u32(sizes.${name}.z)${each}; }`);
  }
  if (access !== "write") lines.push(`fn load_${name}(index: u32) -> ${word} { return buffer_${name}[${index}]; }`);
  if (access !== "read") {
    lines.push(`fn store_${name}(index: u32, value: ${word}) { buffer_${name}[${index}] = value; }`);
  }
  return lines;
}

const size = (name: string) => `fn size_${name}() -> vec3i { return sizes.${name}.xyz; }`;

function textureLines({ name, access }: Binding, at: string, textureAccess: TextureAccess): string[] {
  if (access === "write") {
    return [
      `${at} var texture_${name}: texture_storage_2d_array<rgba32float, write>;`,
      size(name),
      `fn store_${name}(x: i32, y: i32, layer: i32, value: vec4f) { textureStore(texture_${name}, vec2i(x, y), layer, value); }`,
    ];
  }
  const storage = textureAccess === "storage";
  const type = storage ? "texture_storage_2d_array<rgba32float, read>" : "texture_2d_array<f32>";
  return [
    `${at} var texture_${name}: ${type};`,
    size(name),
    `fn load_${name}(x: i32, y: i32, layer: i32) -> vec4f { return textureLoad(texture_${name}, vec2i(x, y), layer${
      storage ? "" : ", 0"
    }); }`,
  ];
}

function texelBufferLines({ name, access }: Binding, at: string, isStaged: boolean): string[] {
  // sizes.NAME.w is the first texel of the bound range: a slab binds a part of the buffer.
  const pitch = isStaged ? `((sizes.${name}.x + 15) & -16)` : `sizes.${name}.x`;
  const index = `(layer * sizes.${name}.y + y) * ${pitch} + x - sizes.${name}.w`;
  // lavapipe stores lane by lane and adds the index up in each, from as many vectors as it has terms, unless something that
  // isn't a sum stands around it.
  const target = isStaged ? `max(${index}, 0)` : index;
  const mode = access === "write" ? "read_write" : "read";
  return [
    `${at} var<storage, ${mode}> buffer_${name}: array<vec4f>;`,
    size(name),
    access === "write"
      ? `fn store_${name}(x: i32, y: i32, layer: i32, value: vec4f) { buffer_${name}[${target}] = value; }`
      : `fn load_${name}(x: i32, y: i32, layer: i32) -> vec4f { return buffer_${name}[${index}]; }`,
  ];
}
