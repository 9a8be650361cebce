import { assertEquals } from "@std/assert";
import { constantsOf } from "../../engine/kernel/constants.ts";
import type { Line } from "../../engine/kernel/lines.ts";
import { unroll } from "../../engine/kernel/unroll.ts";

const lines = (text: string): Line[] =>
  text.split("\n").map((text, index) => ({ text, file: "x.wgsl", line: index + 1 }));
const decided = (text: string, overrides: Readonly<Record<string, number>> = {}) => {
  const source = lines(text);
  return unroll(source, constantsOf(source, overrides)).map((line) => line.text.trim());
};

const page = `override OP: u32 = 2u;
fn f(x: f32) -> f32 {
  switch OP {
    case 1u: { return x; }
    case 2u, 3u: {
      let y = x * x;
      return y;
    }
    default: { return 0.0; }
  }
}`;

Deno.test("a switch over an override keeps the case that is taken", () => {
  const f = "fn f(x: f32) -> f32 {";
  const square = ["{", "let y = x * x;", "return y;", "}", "}"];
  assertEquals(decided(page).slice(1), [f, ...square]);
  assertEquals(decided(page, { OP: 3 }).slice(1), [f, ...square]);
  assertEquals(decided(page, { OP: 1 }).slice(1), [f, "{", "return x;", "}", "}"]);
  assertEquals(decided(page, { OP: 9 }).slice(1), [f, "{", "return 0.0;", "}", "}"]);
});

Deno.test("what stands behind a taken case stays unless the case returns", () => {
  const text = `override MODE: i32 = 0;
fn f() -> i32 {
  var a = 1;
  {
    switch MODE {
      case 1: { return a; }
      case -1: { a = 5; }
      default: {}
    }
    a += 1;
  }
  return a;
}`;
  const before = ["fn f() -> i32 {", "var a = 1;", "{"];
  assertEquals(decided(text).slice(1), [...before, "{", "", "}", "a += 1;", "}", "return a;", "}"]);
  assertEquals(decided(text, { MODE: -1 }).slice(1), [...before, "{", "a = 5;", "}", "a += 1;", "}", "return a;", "}"]);
});

Deno.test("switches within a taken case are decided, others stay", () => {
  const text = `override A: u32 = 1u;
override B: u32 = 0u;
override C: f32 = 0.0;
fn f(x: u32) -> u32 {
  switch A {
    case 1u: {
      switch B {
        case 0u: { return 7u; }
        default: { return 8u; }
      }
    }
    default: { return 9u; }
  }
}
fn g(x: u32) -> u32 {
  switch x {
    default: { return 1u; }
  }
}`;
  assertEquals(decided(text).slice(3), [
    ...["fn f(x: u32) -> u32 {", "{", "{", "return 7u;", "}", "}", "}"],
    ...["fn g(x: u32) -> u32 {", "switch x {", "default: { return 1u; }", "}", "}"],
  ]);
});

Deno.test("lines keep their origin", () => {
  const source = lines(page);
  const kept = unroll(source, constantsOf(source, {}));
  assertEquals(kept.map((line) => line.line), [1, 2, 3, 6, 7, 10, 11]);
});

Deno.test("a branch in one line over an override keeps its statements, or nothing", () => {
  const text = (body: string) => `override HAS: u32 = 0u;\nfn f() -> i32 {\n  var a = 1;\n  ${body}\n  return a;\n}`;
  const linesOf = (body: string, HAS: number) => decided(text(body), { HAS }).slice(3, -2);
  const load = "a = load(2u);";
  assertEquals(linesOf(`if (HAS == 1u) { ${load} }`, 1), ["{", load, "}"]);
  assertEquals(linesOf(`if (HAS == 1u) { ${load} }`, 0), []);
  assertEquals(linesOf(`if (HAS != 1u) { ${load} }`, 1), []);
  assertEquals(linesOf(`if (HAS != 1u) { ${load} } // }`, 2), ["{", load, "}"]);
  assertEquals(linesOf(`if (2u * HAS > 2u) { ${load} }`, 1), []);
  assertEquals(linesOf(`if (HAS >= 1u + 1u) { ${load} }`, 2), ["{", load, "}"]);
  // What isn't arithmetic of constants is not known, and an else belongs to its branch.
  for (
    const other of [
      "if (HAS == 1u) { a = 2; } else { a = 3; }",
      "if (a == 1) { a = 2; }",
      "if (HAS == 1u | a == 1) { a = 2; }",
      "if (load(HAS) == 1) { a = 2; }",
    ]
  ) {
    assertEquals(linesOf(other, 1), [other]);
  }
});

Deno.test("of branches that follow each other by else one is taken", () => {
  const text = `override KIND: u32 = 0u;
fn f(x: i32) -> i32 {
  var a = x;
  if (KIND == 0u) {
    a = 1;
  } else if (KIND <= 1u) {
    a = 2;
  } else if (x == 1) {
    a = 3;
  } else {
    a = 4;
  }
  return a;
}`;
  const taken = (KIND: number) => decided(text, { KIND }).slice(3, -2);
  assertEquals(taken(0), ["{", "a = 1;", "}"]);
  assertEquals(taken(1), ["{", "{", "a = 2;", "}", "}"]);
  assertEquals(taken(2), ["{", "{", "if (x == 1) {", "a = 3;", "} else {", "a = 4;", "}", "}", "}"]);
});

Deno.test("nothing stands behind what a taken branch leaves", () => {
  const text = `override FEW: u32 = 0u;
fn f(x: i32) -> i32 {
  for (var i = 0; i < x; i++) {
    if (FEW == 1u) {
      if (FEW > 0u) { continue; }
      g(1);
    }
    g(2);
  }
  if (FEW == 2u) { return 1; }
  return 2;
}`;
  const loop = "for (var i = 0; i < x; i++) {";
  assertEquals(decided(text, { FEW: 0 }).slice(2), [loop, "g(2);", "}", "return 2;", "}"]);
  assertEquals(decided(text, { FEW: 1 }).slice(2), [loop, "{", "{", "continue;", "}", "}", "}", "return 2;", "}"]);
  assertEquals(decided(text, { FEW: 2 }).slice(2), [loop, "g(2);", "}", "{", "return 1;", "}", "}"]);
});
