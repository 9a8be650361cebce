import { assertEquals, assertRejects } from "@std/assert";
import { measureWidths } from "../../../engine/bench/vector_width.ts";
import { readVectorWidth, writeVectorWidth } from "../../../engine/tuned/vector_width.ts";

/** A machine on which a row takes so long by width; pauses come and go. */
function machine(times: Readonly<Record<number, number>>, own = 256) {
  const asked: (number | undefined)[] = [];
  const measure = (bits: number | undefined) => {
    asked.push(bits);
    const pause = asked.length % 2;
    const [a, b] = [times[bits ?? own], 10 * times[bits ?? own]];
    return Promise.resolve({
      name: `llvmpipe (LLVM 15.0.6, ${bits ?? own} bits)`,
      times: { a: a + pause, b: b + pause },
    });
  };
  return { asked, measure };
}

Deno.test("the width of vectors is the one with the least times, each asked in turn", async () => {
  const { asked, measure } = machine({ 128: 14, 256: 10, 512: 8 });
  const found = await measureWidths(measure);
  assertEquals([found.bits, found.own, asked], [512, 256, [undefined, 128, 512, 256, 128, 512]]);
  assertEquals(found.timesByWidth[256], 1);
  assertEquals(Math.abs(found.timesByWidth[512] - 0.8) < 0.05, true);
});

Deno.test("the driver's own width stays where another gains little", async () => {
  const found = await measureWidths(machine({ 128: 14, 256: 10, 512: 9.9 }).measure);
  assertEquals(found.bits, 256);
});

Deno.test("a driver that ignores the width is told", async () => {
  const measure = () => Promise.resolve({ name: "llvmpipe (LLVM 15.0.6, 256 bits)", times: { a: 1 } });
  await assertRejects(() => measureWidths(measure), Error, "does not take vectors of 128 bits");
});

Deno.test("the width is remembered in a folder, and a broken file is named", async () => {
  const folder = await Deno.makeTempDir();
  assertEquals(await readVectorWidth(folder), undefined);
  const file = await writeVectorWidth(folder, 512, { 256: 1, 512: 0.8 });
  assertEquals(await readVectorWidth(folder), 512);
  await Deno.writeTextFile(file, '{"bits": 100}');
  await assertRejects(() => readVectorWidth(folder), Error, "holds no width of vectors");
  await Deno.remove(folder, { recursive: true });
});
