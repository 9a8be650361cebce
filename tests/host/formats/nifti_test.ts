import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { flippedRasLps, patientToVoxel } from "../../../engine/pipeline/mod.ts";
import type { Decoded } from "../../../plugins/formats/decoded.ts";
import { decode } from "../../../plugins/formats/detect.ts";
import { missing, testData } from "../../test_data.ts";
import { readJson, sha256 } from "./hashes.ts";

interface Expected {
  readonly group?: string;
  readonly shape: readonly number[];
  readonly affine_ras: readonly (readonly number[])[];
  readonly sha256_ras_f32: string;
  readonly qform_code: number;
  readonly sform_code: number;
}

interface Points {
  readonly grid_points_ras_mm: readonly (readonly [number, number, number])[];
  readonly values: readonly number[];
}

interface Index {
  readonly files: Readonly<Record<string, Expected>>;
  readonly points: Readonly<Record<string, Points>>;
}

/** Files whose header contradicts itself or lies askew, which is said. */
const ODD: readonly string[] = [
  "variants/sform_wins_over_other_qform.nii.gz",
  "variants/sheared_sform.nii.gz",
];

const ignore = missing("nifti_space", "expected/nifti_space/expected.json");

Deno.test({
  name: "NIfTI of every orientation and variant has the expected values in the expected place",
  ignore,
  async fn() {
    const index = await readJson<Index>(testData("expected/nifti_space/expected.json"));
    let read = 0;
    const refused: string[] = [];
    for (const [name, expected] of Object.entries(index.files)) {
      const bytes = await Deno.readFile(testData(`nifti_space/${name}`));
      let image: Decoded;
      try {
        image = await decode(bytes, name);
      } catch (error) {
        refused.push(`${name}: ${(error as Error).message}`);
        continue;
      }
      assertEquals(image.shape.slice(-3).toReversed(), expected.shape.slice(0, 3), name);
      const wanted = flippedRasLps(expected.affine_ras.flat());
      const hasSpace = expected.qform_code > 0 || expected.sform_code > 0;
      assertEquals(image.warnings.length > 0, !hasSpace || ODD.includes(name), name);
      if (hasSpace) {
        image.geometry.affine.forEach((value, at) => assertAlmostEquals(value, wanted[at], 1e-3, `${name} ${at}`));
        assertEquals(await sha256(inRasOrder(image)), expected.sha256_ras_f32, name);
        checkPoints(name, image, index.points[expected.group?.startsWith("main") ? "main" : expected.group ?? ""]);
      }
      assert(image.geometry.spacingKnown, name);
      read++;
    }
    console.log(`nifti: ${read} agree, ${refused.length} refused:\n${refused.join("\n")}`);
    for (const line of refused) assert(/\.(hdr|img|mgz|mgh): Cannot open/.test(line), line);
  },
});

/** At world points on voxel centers every file of a group has the same values. */
function checkPoints(name: string, { pixels, shape, geometry }: Decoded, points?: Points): void {
  const [height, width] = shape.slice(-2);
  points?.grid_points_ras_mm.forEach(([x, y, z], at) => {
    const [i, j, k] = patientToVoxel(geometry.affine, [-x, -y, z]).map(Math.round);
    assertEquals(pixels[(k * height + j) * width + i], points.values[at], `${name} at ${x}, ${y}, ${z}`);
  });
}

/** The values as nibabel's closest canonical image has them in C order of [i, j, k]: to the right, front and top. */
function inRasOrder({ pixels, shape, geometry }: Decoded): Float32Array<ArrayBuffer> {
  const sizes = shape.slice(-3).toReversed();
  const strides = [1, sizes[0], sizes[0] * sizes[1]];
  const { affine } = geometry;
  // The world axis of each voxel axis, most certain first.
  const pairs = [0, 1, 2].flatMap((world) => [0, 1, 2].map((voxel) => ({ world, voxel })))
    .sort((a, b) => Math.abs(unit(affine, b)) - Math.abs(unit(affine, a)));
  const axis = [-1, -1, -1];
  for (const { world, voxel } of pairs) {
    if (axis[world] < 0 && !axis.includes(voxel)) axis[world] = voxel;
  }
  // LPS: right and front are the negative ends of x and y.
  const flip = axis.map((voxel, world) => (affine[4 * world + voxel] > 0) === (world < 2));
  const result = new Float32Array(pixels.length);
  const at = (world: number, index: number): number =>
    strides[axis[world]] * (flip[world] ? sizes[axis[world]] - 1 - index : index);
  let to = 0;
  for (let x = 0; x < sizes[axis[0]]; x++) {
    for (let y = 0; y < sizes[axis[1]]; y++) {
      for (let z = 0; z < sizes[axis[2]]; z++) result[to++] = pixels[at(0, x) + at(1, y) + at(2, z)];
    }
  }
  return result;
}

function unit(affine: readonly number[], { world, voxel }: { world: number; voxel: number }): number {
  return affine[4 * world + voxel] / Math.hypot(affine[voxel], affine[4 + voxel], affine[8 + voxel]);
}

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
