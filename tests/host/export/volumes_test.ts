import { gunzipSync } from "node:zlib";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { geometryOfAffine, unknownGeometry, voxelToPatient } from "../../../engine/pipeline/mod.ts";
import { decode } from "../../../plugins/formats/detect.ts";
import { encodeNifti } from "../../../plugins/formats/nifti/encode.ts";
import { encodeNrrd } from "../../../plugins/formats/nrrd/encode.ts";
import plugin from "../../../plugins/export/export.ts";

const shape = [1, 3, 4, 5];
/** A blob beside the middle, so that no flip goes unseen. */
const mask = Uint8Array.from({ length: 60 }, (_, at) => Number(at % 5 > 2 && Math.floor(at / 5) % 4 < 2 && at >= 20));

/** The 48 orders and directions of the axes, as affines to LPS+ with unequal spacing. */
function orientations(): number[][] {
  const orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
  return orders.flatMap((order) =>
    Array.from({ length: 8 }, (_, signs) => {
      const affine = new Array<number>(16).fill(0);
      order.forEach((world, voxel) =>
        affine[4 * world + voxel] = (signs >> voxel & 1 ? -1 : 1) * [0.8, 1.3, 2.5][voxel]
      );
      [affine[3], affine[7], affine[11], affine[15]] = [-7.5, 12.25, 3, 1];
      return affine;
    })
  );
}

/** The centroid of what is not 0, in the patient. */
function centroid(pixels: ArrayLike<number>, size: readonly number[], affine: readonly number[]): number[] {
  const [height, width] = size.slice(-2);
  const sum = [0, 0, 0];
  let count = 0;
  for (let at = 0; at < pixels.length; at++) {
    if (pixels[at] === 0) continue;
    const point = voxelToPatient(affine, [
      at % width,
      Math.floor(at / width) % height,
      Math.floor(at / (width * height)),
    ]);
    point.forEach((value, axis) => sum[axis] += value);
    count++;
  }
  return sum.map((value) => value / count);
}

for (const [name, encode] of [["NIfTI", encodeNifti], ["NRRD", encodeNrrd]] as const) {
  Deno.test(`a mask written as ${name} lies where it lay, for all orders and directions of the axes and an oblique one`, async () => {
    const turned = [0.98, -0.17, 0.1, 4, 0.19, 0.9, -0.39, 5, -0.02, 0.4, 0.91, 6, 0, 0, 0, 1];
    for (const affine of [...orientations(), turned]) {
      const read = await decode(
        encode(mask, shape, geometryOfAffine(affine, 3)) as Uint8Array<ArrayBuffer>,
        `a.${name}`,
      );
      assertEquals([...read.pixels], [...mask]);
      const [wanted, found] = [centroid(mask, shape, affine), centroid(read.pixels, read.shape, read.geometry.affine)];
      found.forEach((value, axis) => assertAlmostEquals(value, wanted[axis], 1e-4, `${affine}`));
    }
  });
}

Deno.test("the qform of NIfTI alone puts the mask at the same place", async () => {
  for (const affine of orientations()) {
    const bytes = new Uint8Array(gunzipSync(encodeNifti(mask, shape, geometryOfAffine(affine, 3))));
    new DataView(bytes.buffer).setInt16(254, 0, true);
    const read = await decode(bytes, "a.nii");
    // Quaternions of f32: the part that the header leaves out is the root of what rounding leaves over.
    read.geometry.affine.forEach((value, at) => assertAlmostEquals(value, affine[at], 2e-3, `${affine}`));
  }
});

Deno.test("a picture without spacing is written without a place, and channels as volumes", async () => {
  const pixels = Float32Array.from({ length: 24 }, (_, at) => at / 7);
  for (const encode of [encodeNifti, encodeNrrd]) {
    const read = await decode(encode(pixels, [2, 3, 4], unknownGeometry(2)) as Uint8Array<ArrayBuffer>, "a");
    assertEquals(read.pixels, pixels);
    assertEquals(read.shape, [2, 3, 4]);
    assert(
      read.warnings.some((warning) => /only the voxel size is known|spacing is unknown/.test(warning)),
      read.warnings.join(),
    );
  }
});

Deno.test("a crop of a volume is written where its slice lies", async () => {
  const [writer] = plugin.writers?.filter(({ name }) => name === "nifti") ?? [];
  const geometry = geometryOfAffine([0.8, 0, 0, -7, 0, 1.3, 0, 12, 0, 0, 2.5, 3, 0, 0, 0, 1], 3);
  const floats = (shape: number[], values: number[]) =>
    ({ dtype: "f32", shape, data: Float32Array.from(values) }) as const;
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  await writer.write({
    host: {
      boxes: { tensor: floats([1, 4], [2, 1, 6, 3]), slices: floats([1], [5]), geometry },
      crops: { tensor: floats([1, 1, 2, 4], [0, 1, 2, 3, 4, 5, 6, 7]), geometry },
    },
    write: (name: string, bytes: Uint8Array) => Promise.resolve(void files.set(name, new Uint8Array(bytes))),
  } as never, { keepIdentity: false });
  const crop = await decode(files.get("crop.nii.gz")!, "crop.nii.gz");
  assertEquals([...crop.pixels], [0, 1, 2, 3, 4, 5, 6, 7]);
  const [wanted, found] = [[2, 1, 5], [0, 0, 0]].map((at, which) =>
    voxelToPatient(which === 0 ? geometry.affine : crop.geometry.affine, at as [number, number, number])
  );
  found.forEach((mm, axis) => assertAlmostEquals(mm, wanted[axis], 1e-4));
});
