import { assertEquals } from "@std/assert";
import { slicingOf, unknownGeometry, withDisplay } from "../../../engine/pipeline/mod.ts";
import {
  bestSlices,
  cutOf,
  displayRange,
  grayOf,
  type Picture,
  shrunk,
} from "../../../plugins/formats/picture/picture.ts";

const picture = (height: number, width: number): Picture => {
  const data = Float64Array.from({ length: height * width }, (_, at) => at % width / width);
  return { dtype: "f32", shape: [1, height, width], data };
};

Deno.test("pictures are shown with square pixels", () => {
  assertEquals(shrunk(picture(20, 40), 100, [2, 1]).shape, [1, 40, 40]);
  assertEquals(shrunk(picture(20, 40), 20, [2, 1]).shape, [1, 20, 20]);
  assertEquals(shrunk(picture(10, 10), 100, [5, 1, 1000]).shape, [1, 1, 100]);
  const square = picture(20, 40);
  assertEquals(shrunk(square, 100, [0.5, 0.5]), square);
});

Deno.test("an inverted image is shown with its least value white", () => {
  const image = { dtype: "f32", shape: [1, 1, 3], data: Float32Array.of(0, 5, 10) } as const;
  const geometry = withDisplay(unknownGeometry(2), { inverted: true });
  assertEquals([...grayOf(image, displayRange(image, geometry)).data], [1, 0.5, 0]);
});

Deno.test("what is shown doesn't depend on how rows and slices fall into step with a sample", () => {
  // A bright column that every 1,024th voxel, with a row of 256, never meets.
  const data = Float32Array.from({ length: 64 * 256 * 256 }, (_, at) => at % 256 > 100 && at % 256 < 180 ? 100 : 0);
  const image = { dtype: "f32", shape: [1, 64, 256, 256], data } as const;
  assertEquals(displayRange(image, unknownGeometry(3)), { low: 0, high: 100 });
});

Deno.test("a volume is cut in each plane, turned as it is looked at", () => {
  const volume = { dtype: "f32", shape: [1, 2, 3, 4], data: Float32Array.from({ length: 24 }, (_, at) => at) } as const;
  const upright = unknownGeometry(3);
  const cut = (plane: "axial" | "coronal" | "sagittal", slice: number) =>
    cutOf(volume, slicingOf(upright, plane), slice);
  assertEquals([cut("axial", 1).shape, [...cut("axial", 1).data].slice(0, 5)], [[1, 3, 4], [12, 13, 14, 15, 16]]);
  // The head, which is the last slice, above.
  assertEquals([cut("coronal", 2).shape, [...cut("coronal", 2).data]], [[1, 2, 4], [20, 21, 22, 23, 8, 9, 10, 11]]);
  assertEquals([cut("sagittal", 3).shape, [...cut("sagittal", 3).data]], [[1, 2, 3], [15, 19, 23, 3, 7, 11]]);
  assertEquals([...cutOf(volume, { plane: "axial", axes: [0, 2, 1], flipped: [true, false] }, 0).data].slice(0, 4), [
    3,
    7,
    11,
    2,
  ]);
});

Deno.test("the best slices are those with the most of the mask, else the middle ones", () => {
  const mask = {
    dtype: "f32",
    shape: [2, 3, 4],
    data: Float32Array.from({ length: 24 }, (_, at) => [17, 18, 5].includes(at) ? 1 : 0),
  } as const;
  assertEquals(bestSlices(mask.shape, mask), [1, 1, 1]);
  assertEquals(bestSlices([5, 6, 7]), [2, 3, 3]);
});
