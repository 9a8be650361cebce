/** Where a classifier looked: its class-activation map (Zhou et al. 2016) over the crop. */
import type { Classes, HostCopy, OwnValue } from "../../engine/pipeline/mod.ts";
import { image as ops } from "../../shaders/mod.ts";
import type { Picture } from "../formats/picture/picture.ts";

const color = [1, 0.55, 0.1];
const strongest = 0.7;

/**
 * The first crop with the map of the class that was found, in color where it speaks for that class the most. Nothing where
 * the classifier tells nothing.
 */
export function attentionPicture(
  gray: Picture,
  classes: Classes<HostCopy> | undefined,
  evidence: OwnValue<HostCopy> | undefined,
): Picture | undefined {
  const { attention } = (evidence ?? {}) as { readonly attention?: HostCopy };
  if (!attention || !classes || classes.probabilities.shape[0] === 0) return undefined;
  const count = classes.labels.length;
  const row = Array.from(classes.probabilities.data.slice(0, count) as ArrayLike<number>, Number);
  const [height, width] = attention.shape.slice(2);
  const first = row.indexOf(Math.max(...row)) * height * width;
  const values = Float64Array.from({ length: height * width }, (_, i) => Number(attention.data[first + i]));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const map = {
    dtype: "f32",
    shape: [1, height, width],
    data: values.map((v) => (v - low) / (high - low || 1)),
  } as const;
  const [fine] = ops.resample.twin([map], { size: gray.shape.slice(1), method: "linear" });
  const pixels = fine.data.length;
  const data = new Float64Array(3 * pixels);
  color.forEach((tone, channel) => {
    for (let i = 0; i < pixels; i++) {
      const share = strongest * Math.min(1, Math.max(0, fine.data[i]));
      data[channel * pixels + i] = (1 - share) * gray.data[i] + share * tone;
    }
  });
  return { dtype: "f32", shape: [3, ...gray.shape.slice(1)], data };
}
