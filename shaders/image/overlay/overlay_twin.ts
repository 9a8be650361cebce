import type { HostTensor } from "../../contract.ts";
import type { OverlayOptions } from "./overlay.ts";

/** Gray mixed with the color: by `alpha` inside, fully on the outline. */
export function overlayTwin([input, mask]: readonly HostTensor[], options: OverlayOptions): HostTensor[] {
  const { color, alpha, outline } = options;
  const [height, width] = mask.shape.slice(-2);
  const count = mask.data.length;
  const isSet = (plane: number, y: number, x: number): boolean =>
    x >= 0 && y >= 0 && x < width && y < height && mask.data[(plane * height + y) * width + x] > 0.5;
  const coverAt = (index: number): number => {
    const [x, y] = [index % width, Math.floor(index / width) % height];
    const plane = Math.floor(index / (width * height));
    if (!isSet(plane, y, x)) return 0;
    for (let dy = -outline; dy <= outline; dy++) {
      for (let dx = -outline; dx <= outline; dx++) {
        if (!isSet(plane, y + dy, x + dx)) return 1;
      }
    }
    return alpha;
  };
  const data = new Float64Array(3 * count);
  for (let index = 0; index < count; index++) {
    const gray = Math.min(Math.max(input.data[index], 0), 1);
    const cover = coverAt(index);
    color.forEach((part, channel) => data[channel * count + index] = gray * (1 - cover) + part * cover);
  }
  return [{ dtype: "f32", shape: [3, ...mask.shape], data }];
}
