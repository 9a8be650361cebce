import { assertEquals, assertRejects } from "@std/assert";
import { InputError } from "../../../engine/pipeline/mod.ts";
import { Decoder } from "../../../plugins/acquire/decoder.ts";
import { DEFAULT_LIMITS as limits } from "../../../plugins/formats/limits.ts";
import { encodeNpy } from "../../../plugins/formats/npy/npy.ts";

const read = () => Promise.reject(new Error("no other file is read"));

Deno.test("a file that takes too long fails by name, and the next one is decoded in a new thread", async () => {
  using decoder = new Decoder(2);
  const header = ["NDims = 2", "DimSize = 2 1", "ElementType = MET_FLOAT", "ElementDataFile = slow.raw"].join("\n");
  const slow = { type: "decode", bytes: new TextEncoder().encode(header), name: "slow.mhd", limits } as const;
  const never = { read, sibling: () => new Promise<undefined>(() => {}) };
  await assertRejects(
    () => decoder.run(slow, never),
    InputError,
    "Cannot open slow.mhd as it takes more than 2 seconds to decode: allow more with --set acquire.timeLimit=SECONDS",
  );
  const bytes = encodeNpy([3, 4], [1, 1, 2]);
  const { pixels } = await decoder.run({ type: "decode", bytes, name: "good.npy", limits }, {
    read,
    sibling: () => Promise.resolve(undefined),
  });
  assertEquals([...pixels], [3, 4]);
});
