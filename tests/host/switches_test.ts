import { assertEquals } from "@std/assert";
import { decideSwitches, integerOverrides } from "../../engine/kernel/switches.ts";
import type { Line } from "../../engine/kernel/unroll.ts";

const lines = (text: string): Line[] =>
  text.split("\n").map((text, index) => ({ text, file: "x.wgsl", line: index + 1 }));
const decided = (text: string, overrides: Readonly<Record<string, number>> = {}) => {
  const source = lines(text);
  return decideSwitches(source, integerOverrides(source, overrides)).map((line) => line.text.trim());
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
  const kept = decideSwitches(source, integerOverrides(source, {}));
  assertEquals(kept.map((line) => line.line), [1, 2, 3, 6, 7, 10, 11]);
});

Deno.test("a branch in one line over an override keeps its statements, or nothing", () => {
  const text = (body: string) => `override HAS: u32 = 0u;\nfn f() -> i32 {\n  var a = 1;\n  ${body}\n  return a;\n}`;
  const lineOf = (body: string, HAS: number) => decided(text(body), { HAS })[3];
  assertEquals(lineOf("if (HAS == 1u) { a = load(2u); }", 1), "{ a = load(2u); }");
  assertEquals(lineOf("if (HAS == 1u) { a = load(2u); }", 0), "");
  assertEquals(lineOf("if (HAS != 1u) { a = 2; }", 1), "");
  assertEquals(lineOf("if (HAS != 1u) { a = 2; }", 2), "{ a = 2; }");
  assertEquals(lineOf("if (HAS > 1u) { a = 2; }", 1), "");
  assertEquals(lineOf("if (HAS > 1u) { a = 2; }", 2), "{ a = 2; }");
  // Nothing may stand behind a return, an else belongs to its branch, and what isn't an override is not known.
  for (
    const other of [
      "if (HAS == 1u) { return 2; }",
      "if (HAS == 1u) { a = 2; } else { a = 3; }",
      "if (a == 1) { a = 2; }",
    ]
  ) {
    assertEquals(lineOf(other, 1), other);
  }
});
