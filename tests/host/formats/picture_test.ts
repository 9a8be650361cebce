import { assertEquals } from "@std/assert";
import { unknownGeometry, withDisplay } from "../../../engine/pipeline/mod.ts";
import { displayRange, grayOf, type Picture, shrunk } from "../../../plugins/formats/picture/picture.ts";

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
