import { assert, assertEquals, assertThrows } from "@std/assert";
import { assemble, type Variant } from "../../engine/kernel/page.ts";
import { packParams, paramsLayout } from "../../engine/kernel/params.ts";
import { definePage } from "../../shaders/contract.ts";

const variant: Variant = { homes: {}, textureAccess: "storage", tune: {}, unroll: true };
const page = definePage({
  name: "scale",
  file: "scale.wgsl",
  text: "const N = 4; // @tune\nstruct Params { by: f32 }\nfn main() { store_result(0u, u32(half(1.0))); }",
  libs: [{ file: "lib.wgsl", text: "fn half(x: f32) -> f32 { return x / 2; }\nfn unused() {}" }],
  bindings: [
    { name: "image", access: "read", layout: "rows4" },
    { name: "result", access: "write", layout: "linear", element: "word" },
  ],
});

Deno.test("assemble binds textures as the adapter reads them best", () => {
  const text = (access: Variant["textureAccess"]) =>
    assemble(page, { ...variant, homes: { image: "texture" }, textureAccess: access }).text;
  assert(text("storage").includes("var texture_image: texture_storage_2d_array<rgba32float, read>"));
  assert(text("sampled").includes("var texture_image: texture_2d_array<f32>"));
  const buffer = assemble(page, { ...variant, homes: { image: "buffer" } }).text;
  assert(buffer.includes("var<storage, read> buffer_image: array<vec4f>"));
  assert(buffer.includes("var<storage, read_write> buffer_result: array<u32>"));
});

Deno.test("assemble sets tuned constants and refuses unknown ones", () => {
  assert(assemble(page, { ...variant, tune: { N: 8 } }).text.includes("const N = 8; // @tune"));
  assertThrows(() => assemble(page, { ...variant, tune: { M: 8 } }), SyntaxError, 'scale.wgsl has no "const M');
});

Deno.test("assemble knows where each line comes from", () => {
  const { lines } = assemble(page, variant);
  assertEquals(lines.filter((line) => line.file !== "generated bindings").map((line) => `${line.file}:${line.line}`), [
    "lib.wgsl:1",
    "scale.wgsl:1",
    "scale.wgsl:2",
    "scale.wgsl:3",
  ]);
});

Deno.test("assemble leaves out what nobody calls", () => {
  const { text } = assemble(page, variant);
  assert(text.includes("fn store_result("));
  for (const name of ["unused", "size_image", "load_image", "slab_begin"]) assert(!text.includes(`fn ${name}(`), name);
});

Deno.test("params are packed as WGSL lays them out", () => {
  const layout = paramsLayout("struct Params { a: i32, b: vec3f, c: array<vec4f, 2>, d: vec2u }");
  assertEquals(layout.bytes, 80);
  const view = new DataView(new ArrayBuffer(layout.bytes + 16));
  packParams("page", layout, { a: -1, b: [1, 2, 3], c: [1, 2, 3, 4, 5, 6, 7, 8], d: [7, 4294967295] }, view, 16);
  assertEquals(view.getInt32(16, true), -1);
  assertEquals([0, 4, 8].map((at) => view.getFloat32(32 + at, true)), [1, 2, 3]);
  assertEquals(view.getFloat32(16 + 32 + 28, true), 8);
  assertEquals(view.getUint32(16 + 68, true), 4294967295);
});

Deno.test("params must all be given, with as many numbers as they have", () => {
  const layout = paramsLayout("struct Params { a: i32, b: vec2f }");
  const view = new DataView(new ArrayBuffer(layout.bytes));
  assertThrows(() => packParams("page", layout, { a: 1 }, view, 0), TypeError, 'takes 2 numbers as param "b", not 0');
  assertThrows(() => packParams("page", layout, { a: 1, b: [1, 2], c: 3 }, view, 0), TypeError, 'no param "c"');
});
