import { assertEquals, assertThrows } from "@std/assert";
import { constantsOf } from "../../engine/kernel/constants.ts";
import type { Line } from "../../engine/kernel/lines.ts";
import { unroll } from "../../engine/kernel/unroll.ts";

const lines = (text: string): Line[] =>
  text.split("\n").map((text, index) => ({ text, file: "x.wgsl", line: index + 1 }));
const expand = (text: string) => {
  const source = lines(text);
  return unroll(source, constantsOf(source, {})).map((line) => line.text.trim());
};

Deno.test("unroll expands a marked loop and leaves others", () => {
  const text = `// @unroll
  for (var i = 0; i < 2; i++) {
    a[i] = i * xi;
  }
  for (var j = 0; j < 2; j++) {
  }`;
  assertEquals(expand(text), [
    ..."{|a[0] = 0 * xi;|}|{|a[1] = 1 * xi;|}".split("|"),
    "for (var j = 0; j < 2; j++) {",
    "}",
  ]);
});

Deno.test("unroll evaluates constants, steps and unsigned loops", () => {
  const text = `const N: u32 = 4u; // @tune
  const M = N / 2u + 1;
  // @unroll
  for (var i = 1u; i <= M; i += 2u) {
    f(i);
  }`;
  assertEquals(expand(text).slice(2), "{|f(1u);|}|{|f(3u);|}".split("|"));
});

Deno.test("unroll expands nested loops whose bounds depend on the outer one", () => {
  const text = `// @unroll
  for (var i = 0; i < 3; i++) {
  // @unroll
  for (var j = i; j < 2; j++) {
  f(i, j);
  }
  }`;
  assertEquals(expand(text).filter((line) => line.startsWith("f")), ["f(0, 0);", "f(0, 1);", "f(1, 1);"]);
});

Deno.test("unroll writes indices that it knows as numbers", () => {
  const text = `const N = 3;
  // @unroll
  for (var i = 0; i < 2; i++) {
    a[N * (i + 1) - 1] = b[c + i] + d[i];
  }`;
  assertEquals(expand(text).slice(1), "{|a[2] = b[c + 0] + d[0];|}|{|a[5] = b[c + 1] + d[1];|}".split("|"));
});

Deno.test("the variable of a marked loop decides branches", () => {
  const text = (n: number) =>
    `const N = ${n};
  // @unroll
  for (var i = 0; i < 2; i++) {
    if (N + i > 3) {
      f(i);
    } else {
      if (i == 0) {
        g(i);
      }
    }
  }`;
  assertEquals(expand(text(3)).filter((line) => /\w/.test(line)).slice(1), ["g(0);", "f(1);"]);
  assertEquals(expand(text(4)).filter((line) => /\w/.test(line)).slice(1), ["f(0);", "f(1);"]);
  assertEquals(expand(text(1)).filter((line) => /\w/.test(line)).slice(1), ["g(0);"]);
});

Deno.test("unroll keeps the origin of lines", () => {
  const source = lines("// @unroll\nfor (var i = 0; i < 2; i++) {\n  f(i);\n}");
  assertEquals(unroll(source, new Map()).map((line) => line.line), [2, 3, 4, 2, 3, 4]);
});

Deno.test("unroll names file and line of a loop that it can't expand", () => {
  assertThrows(() => expand("// @unroll\nwhile (true) {\n}"), SyntaxError, "x.wgsl:1");
  assertThrows(() => expand("// @unroll\nfor (var i = 0; i < n; i++) {\n}"), SyntaxError, '"n" is not a constant');
});
