import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  geometryOfAffine,
  geometryOfSpacing,
  invertedAffine,
  patientToVoxel,
  unknownGeometry,
  voxelToPatient,
} from "../../../engine/pipeline/mod.ts";

/** Turned by 30 degrees about x, with spacing x 2, y 3, z 5 mm. */
const [c, s] = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)];
const turned = geometryOfAffine([2, 0, 0, -10, 0, 3 * c, -5 * s, 20, 0, 3 * s, 5 * c, 7, 0, 0, 0, 1], 3);

function assertClose(actual: readonly number[], expected: readonly number[]): void {
  assertEquals(actual.length, expected.length);
  actual.forEach((value, at) => assertAlmostEquals(value, expected[at], 1e-9));
}

Deno.test("spacing is the length of the affine's columns in the order of the tensor's axes", () => {
  assertClose(turned.spacing, [5, 3, 2]);
  assertClose(geometryOfAffine(turned.affine, 2).spacing, [3, 2]);
  assertEquals(geometryOfSpacing([3, 2]).affine, [2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
  assertEquals(unknownGeometry(2), { ...geometryOfSpacing([1, 1]), spacingKnown: false });
  assertThrows(() => geometryOfSpacing([0, 1]), RangeError, "The spacing is [0, 1] mm");
});

Deno.test("voxels and patient are inverse to each other", () => {
  const point = voxelToPatient(turned.affine, [4, 5, 6]);
  assertClose(patientToVoxel(turned.affine, point), [4, 5, 6]);
  assertThrows(() => invertedAffine([1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]), RangeError, "has no inverse");
});
