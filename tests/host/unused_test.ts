import { assertEquals } from "@std/assert";
import type { Line } from "../../engine/kernel/lines.ts";
import { dropUnused } from "../../engine/kernel/unused.ts";

const kept = (text: string): string => {
  const lines = text.split("\n").map((text, index): Line => ({ text, file: "x.wgsl", line: index + 1 }));
  return dropUnused(lines).map((line) => line.text).join("\n");
};

Deno.test("functions stay that main leads to, however they are laid out", () => {
  const text = `const two = 2;
fn direct(x: f32) -> f32 { return by_way(x); }
fn by_way(
  x: f32,
  y: f32,
) -> f32 {
  if (x > 0.0) { return x; }
  return y;
}
@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
) {
  store(direct (1.0));
}
fn store(x: f32) { y[0] = x; }`;
  assertEquals(kept(text), text);
});

Deno.test("functions go that are called by nobody, by others that go, by themselves or in comments", () => {
  const text = `fn unused(x: f32) -> f32 {
  return inner(x);
}
fn inner(x: f32) -> f32 { return x; }
fn again(n: i32) -> i32 { return again(n); }
struct Params { size: vec4i }
fn main() {
  // inner(1.0) would do.
  let unused = 1;
}`;
  assertEquals(kept(text).split("\n").slice(0, 2), ["struct Params { size: vec4i }", "fn main() {"]);
});

Deno.test("a function stays that a constant of the module is made by", () => {
  const text = `fn twice(x: i32) -> i32 { return 2 * x; }
const four = twice(2);
fn main() {}`;
  assertEquals(kept(text), text);
});
