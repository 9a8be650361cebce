import type { Case } from "../../contract.ts";
import { hostTensor, randomTensor } from "../../cases.ts";
import type { ThresholdOptions } from "./threshold.ts";

/** Cases of `threshold`. */
export const thresholdCases: readonly Case<ThresholdOptions>[] = [
  { name: "by default", inputs: () => [randomTensor([1, 17, 23], { seed: 8 })], options: {} },
  { name: "equal values", inputs: () => [hostTensor([0.1, 0.3, 0.30000001192092896, 0.4], [4])], options: { at: 0.3 } },
  { name: "a volume", inputs: () => [randomTensor([2, 3, 4, 5], { seed: 9, min: -1 })], options: { at: 0 } },
  { name: "no pixels", inputs: () => [hostTensor([], [0, 4, 4])], options: {} },
];
