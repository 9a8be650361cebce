/** Pictures of the worst cases for the model cards. */
import { unknownGeometry } from "../../engine/pipeline/mod.ts";
import {
  bytesOf,
  displayRange,
  grayOf,
  maskPicture,
  overlayOf,
  type Picture,
  withOutline,
} from "../../plugins/formats/picture/picture.ts";
import { encodePng } from "../../plugins/formats/png/png.ts";
import { type Box, side, type Slice } from "./evaluate_data.ts";

const shown = 128;
const columns = 6;

/** A slice with what was found in red and the outline of the truth in cyan, [3, 128, 128]. */
export function regionPicture(slice: Slice, found: ArrayLike<number>): Picture {
  const mask = (data: ArrayLike<number>) =>
    maskPicture({ dtype: "f32", shape: [side, side], data: Float32Array.from(data) });
  return halved(withOutline(overlayOf(grayPicture(slice), mask(found)), mask(slice.mask), [0.2, 0.85, 0.95]));
}

/** A slice with the outline of a box, [3, 128, 128]. */
export function boxPicture(slice: Slice, [x0, y0, x1, y1]: Box): Picture {
  const inside = Float32Array.from({ length: side * side }, (_, at) => {
    const [x, y] = [at % side, Math.floor(at / side)];
    return x >= x0 && x < x1 && y >= y0 && y < y1 ? 1 : 0;
  });
  const gray = grayPicture(slice);
  const empty = { ...gray, data: new Float64Array(side * side) };
  const box = maskPicture({ dtype: "f32", shape: [side, side], data: inside });
  return halved(withOutline(overlayOf(gray, empty), box, [1, 0.75, 0.2]));
}

/** The pictures side by side, six in a row, as a PNG file. */
export function sheet(pictures: readonly Picture[]): Uint8Array {
  const rows = Math.ceil(pictures.length / columns);
  const [height, width] = [rows * shown, columns * shown];
  const data = new Float64Array(3 * height * width);
  for (const [at, picture] of pictures.entries()) {
    const [left, top] = [at % columns * shown, Math.floor(at / columns) * shown];
    for (let i = 0; i < 3 * shown * shown; i++) {
      const [c, rest] = [Math.floor(i / shown ** 2), i % shown ** 2];
      const [y, x] = [top + Math.floor(rest / shown), left + rest % shown];
      data[c * height * width + y * width + x] = picture.data[i];
    }
  }
  return encodePng(bytesOf({ dtype: "f32", shape: [3, height, width], data }), [3, height, width], { bits: 8 });
}

function grayPicture({ pixels }: Slice): Picture {
  const image = { dtype: "f32" as const, shape: [1, side, side], data: pixels };
  return grayOf(image, displayRange(image, unknownGeometry(2)));
}

/** Every other pixel of every other row: outlines of one pixel would vanish in a mean, so the brightest of four counts. */
function halved({ data }: Picture): Picture {
  const small = new Float64Array(3 * shown * shown);
  for (let i = 0; i < small.length; i++) {
    const [c, rest] = [Math.floor(i / shown ** 2), i % shown ** 2];
    const first = c * side * side + 2 * Math.floor(rest / shown) * side + 2 * (rest % shown);
    small[i] = Math.max(data[first], data[first + 1], data[first + side], data[first + side + 1]);
  }
  return { dtype: "f32", shape: [3, shown, shown], data: small };
}
