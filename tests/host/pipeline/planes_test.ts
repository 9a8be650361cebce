import { assertEquals } from "@std/assert";
import { type Geometry, geometryOfAffine, geometryOfSpacing, slicingOf } from "../../../engine/pipeline/mod.ts";

/** A geometry whose columns, rows and slices go along patient axes (0 left, 1 back, 2 head), by sign. */
function along(...directions: [x: [number, number], y: [number, number], z: [number, number]]): Geometry {
  const affine = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
  directions.forEach(([axis, sign], column) => affine[4 * axis + column] = sign * (1 + column));
  return geometryOfAffine(affine, 3);
}

Deno.test("slices of an upright volume are axial and stay as they are", () => {
  assertEquals(slicingOf(geometryOfSpacing([3, 1, 1])), { plane: "axial", axes: [0, 1, 2], flipped: [false, false] });
});

Deno.test("slices are turned as radiologists look at them", () => {
  // NIfTI's usual RAS+: columns to the right, rows to the front.
  const ras = along([0, -1], [1, -1], [2, 1]);
  assertEquals(slicingOf(ras), { plane: "axial", axes: [0, 1, 2], flipped: [true, true] });
  assertEquals(slicingOf(ras, "coronal"), { plane: "coronal", axes: [1, 0, 2], flipped: [true, true] });
  assertEquals(slicingOf(ras, "sagittal"), { plane: "sagittal", axes: [2, 0, 1], flipped: [true, true] });
});

Deno.test("a sagittal acquisition has sagittal slices of its own, and axial ones across", () => {
  const sagittal = along([1, 1], [2, -1], [0, 1]);
  assertEquals(slicingOf(sagittal), { plane: "sagittal", axes: [0, 1, 2], flipped: [false, false] });
  assertEquals(slicingOf(sagittal, "axial"), { plane: "axial", axes: [1, 2, 0], flipped: [false, false] });
});

Deno.test("in all 48 orientations a slicing ends up with the same view", () => {
  const orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
  for (const order of orders) {
    for (let signs = 0; signs < 8; signs++) {
      const sign = (bit: number) => (signs >> bit) & 1 ? -1 : 1;
      const geometry = along([order[0], sign(0)], [order[1], sign(1)], [order[2], sign(2)]);
      for (
        const [plane, [normal, down, across], upward] of [
          ["axial", [2, 1, 0], 1],
          ["coronal", [1, 2, 0], -1],
          ["sagittal", [0, 2, 1], -1],
        ] as const
      ) {
        const { axes, flipped } = slicingOf(geometry, plane);
        // Axis k of the tensor is column 2 - k of the affine.
        const direction = (axis: number) => [0, 1, 2].map((row) => geometry.affine[4 * row + 2 - axis]);
        const found = [direction(axes[1]), direction(axes[2])].map((d, at) => d.map((mm) => flipped[at] ? -mm : mm));
        assertEquals(Math.sign(found[0][down]), upward);
        assertEquals(Math.sign(found[1][across]), 1);
        assertEquals(direction(axes[0])[normal] !== 0, true);
      }
    }
  }
});

Deno.test("a tilted stack has the plane that it is nearest to", () => {
  const [c, s] = [Math.cos(0.3), Math.sin(0.3)];
  const tilted = geometryOfAffine([1, 0, 0, 0, 0, c, -s, 0, 0, s, c, 0, 0, 0, 0, 1], 3);
  assertEquals(slicingOf(tilted), { plane: "axial", axes: [0, 1, 2], flipped: [false, false] });
});
