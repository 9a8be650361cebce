import { assertEquals, assertThrows } from "@std/assert";
import { dtypeOf, fromWords, type HostArray, toWords } from "../../engine/memory/elements.ts";
import { extentsOf, fromTexels, toRows4 } from "../../engine/memory/layout.ts";
import { textureNeed } from "../../engine/memory/pool.ts";
import { planSlots } from "../../engine/kernel/slots.ts";
import type { Node, Step } from "../../engine/kernel/recording.ts";
import { definePage, type DType } from "../../shaders/contract.ts";

Deno.test("extentsOf gives the texel grid of each layout", () => {
  assertEquals(extentsOf("rows4", [2, 3, 5, 7]), { texels: 2, rows: 5, layers: 6 });
  assertEquals(extentsOf("rows4", [5]), { texels: 2, rows: 1, layers: 1 });
  assertEquals(extentsOf("channels4", [2, 6, 5, 7]), { texels: 14, rows: 5, layers: 2 });
  assertEquals(extentsOf("channels4", [1, 6, 3, 5, 7]), { texels: 7, rows: 5, layers: 6 });
  assertEquals(extentsOf("channels4", [4, 6]), { texels: 4, rows: 1, layers: 2 });
});

Deno.test("textureNeed lengthens rows of whole 4 KiB on lavapipe, where a column is long and the texture may be", () => {
  const widthOf = (texels: number, rows: number, adapter: "lavapipe" | "swiftshader" | "gpu" = "lavapipe") => {
    const need = textureNeed({ texels, rows, layers: 2 }, { adapter, maxTextureSize: 1024 });
    return need.kind === "texture" ? need.width : undefined;
  };
  assertEquals([widthOf(256, 64), widthOf(768, 100), widthOf(256, 63), widthOf(257, 64)], [260, 772, 256, 257]);
  assertEquals([widthOf(1024, 64), widthOf(256, 64, "swiftshader"), widthOf(256, 64, "gpu")], [1024, 256, 256]);
});

Deno.test("rows4 pads rows and fromTexels takes them back", () => {
  const values = Float32Array.from({ length: 30 }, (_, index) => index);
  const texels = toRows4(values, [2, 3, 5]);
  assertEquals([...texels.subarray(0, 9)], [0, 1, 2, 3, 4, 0, 0, 0, 5]);
  assertEquals(fromTexels("rows4", texels, 8, [2, 3, 5]), values);
});

Deno.test("i64 keeps its values and refuses what 32 bits can't hold", () => {
  const words = toWords(new BigInt64Array([-1n, 5n, 0x7fffffffffffffffn]), "i64", [3]);
  assertEquals(fromWords(words, "i64"), new BigInt64Array([-1n, 5n, 0x7fffffffn]));
  assertThrows(() => toWords(new BigInt64Array([1n << 40n]), "i64", [1]), RangeError, "1099511627776");
});

Deno.test("toWords names both sizes where they differ", () => {
  assertThrows(() => toWords(new Float32Array(5), "f32", [2, 3]), RangeError, "has 6 elements, but 5 were given");
});

Deno.test("planSlots gives a slot to the next node when its last use is over, and none of the kept ones", () => {
  const node = (): Node => ({
    layout: "linear",
    home: "buffer",
    need: { kind: "buffer", bytes: 1024 },
    extents: { texels: 256, rows: 1, layers: 1 },
  });
  const page = definePage({ name: "page", file: "page.wgsl", text: "", bindings: [] });
  const step = (...nodes: Node[]): Step => ({
    kind: "dispatch",
    page,
    nodes,
    call: { bind: {}, groups: 1, iterations: 0 },
    label: "page",
  });
  const [a, b, c, d] = [node(), node(), node(), node()];
  const { slots, slotOf } = planSlots([step(a, b), step(b, c), step(c, d)], new Set([d]));
  assertEquals(slots.length, 2);
  assertEquals(slotOf.get(a), slotOf.get(c));
  assertEquals(slotOf.get(b), slotOf.get(d));
  assertEquals(planSlots([step(a, b), step(b, c), step(c, d)], new Set([a, b, c, d])).slots.length, 4);
});

Deno.test("numbers and floats of other widths become f32, and what is neither is refused", () => {
  for (const data of [[1, 2.5], Float64Array.of(1, 2.5), Float16Array.of(1, 2.5)]) {
    assertEquals(dtypeOf(data), "f32");
    assertEquals(new Float32Array(toWords(data, dtypeOf(data), [2]).buffer), Float32Array.of(1, 2.5));
  }
  assertThrows(() => dtypeOf(new DataView(new ArrayBuffer(4)) as never), TypeError, "can't be made of DataView");
});

Deno.test("numbers of 64 bits are held in 32, and refused where these don't hold them", () => {
  const there = (data: HostArray, dtype: DType) => fromWords(toWords(data, dtype, [data.length]), dtype);
  assertEquals(there(Float64Array.of(0.5, Infinity), "f64"), Float64Array.of(0.5, Infinity));
  assertEquals(there(BigUint64Array.of(3n, 0xffffffffn), "u64"), BigUint64Array.of(3n, 0xffffffffn));
  assertEquals(there(BigInt64Array.of(-3n), "i64"), BigInt64Array.of(-3n));
  assertThrows(() => there(Float64Array.of(1e39), "f64"), RangeError, "greatest f32");
  assertThrows(() => there(BigUint64Array.of(2n ** 40n), "u64"), RangeError, "exceeds 32 bits");
  assertThrows(() => there(BigInt64Array.of(2n ** 40n), "i64"), RangeError, "exceeds 32 bits");
});
