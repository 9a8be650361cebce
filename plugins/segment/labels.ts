/** From a network's maps to labels at the image's grid. */
import { image as ops, nn, type Recorder, type Value } from "../../shaders/mod.ts";
import type { SegmentationContract } from "./contract.ts";

/** Which elements belong to a class. */
export interface Choice {
  /** How a class is chosen. */
  readonly choice: SegmentationContract["output"]["choice"];
  /** Probability above which an element belongs to a class. */
  readonly threshold: number;
  /** Keep only the largest connected component of all that was found. */
  readonly largest: boolean;
}

/** Labels `[D, H, W]`, and a flag where components were too long to follow. */
export interface Labels {
  readonly mask: Value;
  readonly unfinished?: Value;
}

/** How `resizeLabels` is to choose. */
export function labelSettings(
  sizes: readonly number[],
  { choice, threshold }: Pick<Choice, "choice" | "threshold">,
): { sizes: readonly number[]; dtype: "f32"; threshold?: number } {
  return { sizes, dtype: "f32", ...choice === "threshold" ? { threshold } : {} };
}

/**
 * Labels `[D, H, W]` (0 nothing, 1 and more the classes) of maps `[1, C, d, h, w]` on the network's grid, and a flag where
 * components were too long to follow. The largest component is found on the network's grid, which is the coarser one: maps
 * are cleared beyond its neighbors, before they are brought to the image's grid. The maps never are at that grid.
 */
export function recordLabels(
  r: Recorder,
  maps: Value,
  size: readonly number[],
  choice: Choice,
): Labels {
  const kept: Kept = choice.largest ? largestOnly(r, maps, choice.threshold) : { maps };
  const [labels] = r.apply(nn.resizeLabels, [kept.maps], labelSettings(size, choice));
  return { mask: r.reshape(labels, size), unfinished: kept.unfinished };
}

/** Maps, and a flag where components were looked for. */
interface Kept {
  readonly maps: Value;
  readonly unfinished?: Value;
}

/** Maps of one class with nothing but the largest component and what lies next to it: interpolation sees no more. */
function largestOnly(r: Recorder, maps: Value, threshold: number): Kept {
  const grid = maps.shape.slice(2);
  const mask = ops.threshold(r, r.reshape(maps, grid), { at: threshold });
  const [region, unfinished] = r.apply(ops.largestComponent, [mask], {});
  const ones = [1, 1, 1];
  const [near] = r.apply(nn.pool, [r.reshape(region, [1, 1, ...grid])], {
    kind: "max",
    kernel: [3, 3, 3],
    padsBegin: ones,
    padsEnd: ones,
  });
  const [kept] = r.apply(nn.binary, [maps, near], { op: "multiply" });
  return { maps: kept, unfinished };
}
