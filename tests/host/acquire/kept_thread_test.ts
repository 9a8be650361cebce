/** The thread that decodes goes from one run to the next, unless something went wrong in it. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { InputError, Kept } from "../../../engine/pipeline/mod.ts";
import { Decoder, type Files } from "../../../plugins/acquire/decoder.ts";
import { encodePng } from "../../../plugins/formats/png/png.ts";

const image = encodePng(Float32Array.of(1, 2, 3, 4), [1, 2, 2], { bits: 8 });
const header = new TextEncoder().encode(
  "ObjectType = Image\nNDims = 2\nDimSize = 2 2\nElementType = MET_UCHAR\nElementDataFile = a.raw\n",
);
const name = "acquire.threads";
const limits = { inflatedBytes: 1 << 20, voxels: 1 << 20 };
const none: Files = { read: () => Promise.reject(new Error("gone")), sibling: () => Promise.reject(new Error("gone")) };

async function decodeOnce(kept: Kept, file: string, bytes: Uint8Array<ArrayBuffer>): Promise<number[]> {
  using decoder = new Decoder(60, kept);
  return [...(await decoder.run({ type: "decode", bytes: bytes.slice(), name: file, limits }, none)).pixels];
}

Deno.test("runs decode in one thread after another's, and one in which a task was cut off is not kept", async () => {
  using kept = new Kept();
  assertEquals(await decodeOnce(kept, "a.png", image as Uint8Array<ArrayBuffer>), [1, 2, 3, 4]);
  const thread = kept.take(name);
  assert(thread !== undefined);
  kept.give(name, thread);
  // A file that can't be read is no fault of the thread.
  await assertRejects(() => decodeOnce(kept, "a.png", image.slice(0, 20)), InputError);
  assertEquals(await decodeOnce(kept, "a.png", image as Uint8Array<ArrayBuffer>), [1, 2, 3, 4]);
  assertEquals(kept.take(name), thread);
  kept.give(name, thread);
  await assertRejects(() => decodeOnce(kept, "a.mhd", header), Error, "gone");
  assertEquals(kept.take(name), undefined);
});

Deno.test("what is kept is bounded, and ends with its keeper", () => {
  const ended: number[] = [];
  const thing = (number: number) => ({ [Symbol.dispose]: () => void ended.push(number) });
  const kept = new Kept(2);
  for (const number of [1, 2, 3]) kept.give("things", thing(number));
  assertEquals(ended, [3]);
  kept[Symbol.dispose]();
  assertEquals(ended, [3, 1, 2]);
  assertEquals(kept.take("things"), undefined);
});
