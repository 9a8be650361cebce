import { assertEquals } from "@std/assert";
import { endLoops } from "../../engine/kernel/loop_ends.ts";

const ended = (text: string) =>
  endLoops(text.split("\n").map((text, index) => ({ text, file: "page.wgsl", line: index + 1 })), new Map([["N", 3]]))
    .map(({ text }) => text.trim()).join(" ");

Deno.test("a loop tests the next turn at its end, as its head would", () => {
  assertEquals(
    ended("for (var i = 0; i < count; i++) {\n  sum += i;\n}"),
    "for (var i = 0; i < count; i++) { sum += i; if (!(i + 1 < count)) { break; } }",
  );
  assertEquals(
    ended("for (var k = lane; k <= min(a, b); k += 2u * step) {\n  for (var j = 9; j > k; j--) {\n    x();\n  }\n}"),
    "for (var k = lane; k <= min(a, b); k += 2u * step) { for (var j = 9; j > k; j--) { x(); " +
      "if (!(j - 1 > k)) { break; } } if (!(k + (2u * step) <= min(a, b))) { break; } }",
  );
});

Deno.test("loops of constant turns stay, and those whose end isn't reached or has other names", () => {
  for (
    const text of [
      "for (var i = 0; i < N; i++) { sum += i; }",
      "for (var i = 0; i < 2 * N; i += N) {\nsum += i;\n}",
      "for (var i = 0; i < count; i++) {\nif (i > 2) {\nx();\n}\nbreak;\n}",
      "for (var i = 0; i < count; i++) {\nlet count = 2;\nx(count);\n}",
    ]
  ) assertEquals(ended(text), text.replaceAll("\n", " "));
});
