import { assertEquals, assertThrows } from "@std/assert";
import { decode } from "../../../plugins/formats/detect.ts";
import { encodeNpy } from "../../../plugins/formats/npy/npy.ts";
import { oriented } from "../../../plugins/formats/jpeg/exif.ts";
import { encodePng } from "../../../plugins/formats/png/png.ts";

Deno.test("PNG of 8 and 16 bits comes back, rounded and limited", async () => {
  const gray = await decode(encodePng([-5, 0.4, 0.6, 254.5, 255, 300], [1, 2, 3], { bits: 8 }), "a.png");
  assertEquals([gray.shape, [...gray.pixels], gray.channels], [[1, 2, 3], [0, 0, 1, 255, 255, 255], "gray"]);
  const deep = await decode(encodePng([0, 256, 65535, 70000], [1, 2, 2], { bits: 16 }), "a.png");
  assertEquals([...deep.pixels], [0, 256, 65535, 65535]);
  const planes = Array.from({ length: 3 * 6 }, (_, at) => at * 10);
  const color = await decode(encodePng(planes, [3, 3, 2], { bits: 8 }), "a.png");
  assertEquals([color.shape, [...color.pixels], color.channels], [[3, 3, 2], planes, "rgb"]);
  assertThrows(() => encodePng(planes, [2, 3, 3], { bits: 8 }), RangeError, "[2, 3, 3]");
});

Deno.test("npy comes back in its shape and keeps the convention for channels", async () => {
  const values = Float32Array.from({ length: 24 }, (_, at) => Math.fround(at / 7 - 1));
  const written: [number[], string][] = [
    [[1, 4, 6], "(4, 6)"],
    [[1, 2, 3, 4], "(2, 3, 4)"],
    [[2, 3, 4], "(2, 1, 3, 4)"],
    [[2, 2, 2, 3], "(2, 2, 2, 3)"],
  ];
  for (const [shape, header] of written) {
    const bytes = encodeNpy(values, shape);
    assertEquals(/'shape': (\([^)]*\))/.exec(new TextDecoder("latin1").decode(bytes))?.[1], header);
    const array = await decode(bytes, "a.npy");
    assertEquals([array.shape, [...array.pixels]], [shape, [...values]]);
  }
});

Deno.test("an EXIF orientation turns the picture as a viewer shows it", () => {
  // 1 2 3
  // 4 5 6
  const pixels = Float32Array.of(1, 2, 3, 4, 5, 6);
  const turned = (orientation: number): number[] => [...oriented(pixels, [1, 2, 3], orientation).pixels];
  assertEquals(turned(2), [3, 2, 1, 6, 5, 4]);
  assertEquals(turned(3), [6, 5, 4, 3, 2, 1]);
  assertEquals(turned(4), [4, 5, 6, 1, 2, 3]);
  assertEquals(turned(5), [1, 4, 2, 5, 3, 6]);
  assertEquals(turned(6), [4, 1, 5, 2, 6, 3]);
  assertEquals(turned(7), [6, 3, 5, 2, 4, 1]);
  assertEquals(turned(8), [3, 6, 2, 5, 1, 4]);
  assertEquals(oriented(pixels, [1, 2, 3], 6).shape, [1, 3, 2]);
});
