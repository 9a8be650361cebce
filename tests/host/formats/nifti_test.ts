import { assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { decode } from "../../../plugins/formats/detect.ts";
import { conformNiftiSpace } from "../../conformance/nifti_space.ts";
import { missing, testData } from "../../test_data.ts";

Deno.test({
  name: "volumes of every orientation and variant have the expected values in the expected place",
  ignore: missing("nifti_space", "expected/nifti_space/expected.json"),
  async fn() {
    const failed: string[] = [];
    for await (const { name, status, reason } of conformNiftiSpace(testData("nifti_space"))) {
      if (status === "failed") failed.push(`${name}: ${reason}`);
    }
    assertEquals(failed, []);
  },
});

/** A NIfTI-1 file of 2 x 2 voxels of u8. */
function tiny(change: (view: DataView) => void): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(356));
  view.setInt32(0, 348, true);
  [2, 2, 2, 1, 1, 1, 1, 1].forEach((size, at) => view.setInt16(40 + 2 * at, size, true));
  view.setInt16(70, 2, true);
  [1, 3, 2, 1].forEach((size, at) => view.setFloat32(76 + 4 * at, size, true));
  view.setFloat32(108, 352, true);
  view.setUint8(123, 2);
  view.setUint32(344, 0x6e2b3100);
  [1, 2, 3, 4].forEach((value, at) => view.setUint8(352 + at, value));
  change(view);
  return new Uint8Array(view.buffer);
}

Deno.test("a NIfTI slice is an image with spacing [y, x], its slope and unit applied", async () => {
  const image = await decode(
    tiny((view) => {
      view.setFloat32(112, 0.5, true);
      view.setFloat32(116, 10, true);
      view.setUint8(123, 3);
    }),
    "slice.nii",
  );
  assertEquals(image.shape, [1, 2, 2]);
  assertEquals([...image.pixels], [10.5, 11, 11.5, 12]);
  image.geometry.spacing.forEach((mm, at) => assertAlmostEquals(mm, [2e-3, 3e-3][at], 1e-9));
  assertStringIncludes(image.warnings[0], "no sform and no qform");
});

Deno.test("NIfTI that is cut off, paired or of complex voxels is refused with its reason", async () => {
  const refused = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> =>
    await decode(bytes, "a.nii").then(() => "", (error: Error) => error.message);
  const whole = tiny(() => {});
  assertEquals(
    await refused(whole.slice(0, 354)),
    "Cannot open a.nii as its voxel data ends after 2 of 4 bytes: fetch the file again",
  );
  assertStringIncludes(
    await refused(tiny((view) => view.setUint32(344, 0x6e693100))),
    "it is the header of a pair, whose a.nii.img isn't beside it",
  );
  assertStringIncludes(await refused(tiny((view) => view.setInt16(70, 32, true))), "NIfTI datatype 32");
});
