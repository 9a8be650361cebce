/** Compares volumes with the place and the values that nibabel wrote: `D/nifti_space` with `D/expected/nifti_space/`. */
import { flippedRasLps, patientToVoxel } from "../../engine/pipeline/mod.ts";
import type { Decoded } from "../../plugins/formats/decoded.ts";
import { decode } from "../../plugins/formats/detect.ts";
import { compared, type Comparison, equal, folderOf, near, readJson, sha256, siblingOf } from "./reference.ts";

interface Expected {
  readonly group: string;
  readonly shape: readonly number[];
  readonly affine_ras: readonly (readonly number[])[];
  readonly sha256_ras_f32: string;
  readonly qform_code?: number;
  readonly sform_code?: number;
}

interface Points {
  readonly grid_points_ras_mm: readonly (readonly [number, number, number])[];
  readonly values: readonly number[];
}

interface Index {
  readonly files: Readonly<Record<string, Expected>>;
  readonly points: Readonly<Record<string, Points>>;
}

/** How far an affine of single precision may be off, in mm. */
const AFFINE_MM = 1e-3;

/** Compares each file of the index. */
export async function* conformNiftiSpace(path: string): AsyncGenerator<Comparison> {
  const { files, truth } = folderOf(path);
  const index = await readJson<Index>(`${truth}/expected.json`);
  for (const [name, expected] of Object.entries(index.files)) {
    yield await compared(expected.group, name, async () => {
      const file = `${files}/${name}`;
      await compareVolume(await decode(await Deno.readFile(file), name, { sibling: siblingOf(file) }), expected, index);
    });
  }
}

async function compareVolume(image: Decoded, expected: Expected, { points }: Index): Promise<void> {
  equal("size", image.shape.slice(-3).toReversed(), expected.shape.slice(0, 3));
  if (!image.geometry.spacingKnown) throw new Error("the spacing is not known");
  if (expected.qform_code === 0 && expected.sform_code === 0) {
    if (!image.warnings.some((warning) => warning.includes("not the place in the patient"))) {
      throw new Error("nothing says that the place in the patient is not known");
    }
    return;
  }
  const wanted = flippedRasLps(expected.affine_ras.flat());
  image.geometry.affine.forEach((value, at) => near(`number ${at + 1} of the affine`, value, wanted[at], AFFINE_MM));
  equal("SHA-256 of the values in RAS order", await sha256(inRasOrder(image)), expected.sha256_ras_f32);
  const group = points[expected.group.replace(/^main.*/, "main")];
  const [height, width] = image.shape.slice(-2);
  group?.grid_points_ras_mm.forEach(([x, y, z], at) => {
    const [i, j, k] = patientToVoxel(image.geometry.affine, [-x, -y, z]).map(Math.round);
    near(`value at (${x}, ${y}, ${z})`, image.pixels[(k * height + j) * width + i], group.values[at], 0);
  });
}

/** The values with the axes that run most to the right, to the front and up, in this order, the last one fastest. */
function inRasOrder({ pixels, shape, geometry: { affine } }: Decoded): Float32Array<ArrayBuffer> {
  const sizes = shape.slice(-3).toReversed();
  const strides = [1, sizes[0], sizes[0] * sizes[1]];
  const unit = (world: number, voxel: number): number =>
    affine[4 * world + voxel] / Math.hypot(affine[voxel], affine[4 + voxel], affine[8 + voxel]);
  // The world axis of each voxel axis, most certain first.
  const pairs = [0, 1, 2].flatMap((world) => [0, 1, 2].map((voxel) => ({ world, voxel })))
    .sort((a, b) => Math.abs(unit(b.world, b.voxel)) - Math.abs(unit(a.world, a.voxel)));
  const axis = [-1, -1, -1];
  for (const { world, voxel } of pairs) if (axis[world] < 0 && !axis.includes(voxel)) axis[world] = voxel;
  // LPS: right and front are the negative ends of x and y.
  const flip = axis.map((voxel, world) => (affine[4 * world + voxel] > 0) === (world < 2));
  const at = (world: number, index: number): number =>
    strides[axis[world]] * (flip[world] ? sizes[axis[world]] - 1 - index : index);
  const result = new Float32Array(pixels.length);
  let to = 0;
  for (let x = 0; x < sizes[axis[0]]; x++) {
    for (let y = 0; y < sizes[axis[1]]; y++) {
      for (let z = 0; z < sizes[axis[2]]; z++) result[to++] = pixels[at(0, x) + at(1, y) + at(2, z)];
    }
  }
  return result;
}
