import type { Case } from "../../contract.ts";
import { hostTensor, randomTensor } from "../../cases.ts";
import type { ReplaceEmptyOptions } from "./replace_empty.ts";

/** Cases of `replaceEmpty`. */
export const replaceEmptyCases: readonly Case<ReplaceEmptyOptions>[] = [
  {
    name: "full and empty boxes",
    inputs: () => [
      randomTensor([4, 3], { seed: 45 }),
      hostTensor([0, 0, 0, 0, 1, 1, 5, 5, 3, 3, 2, 9, 4, 9, 8, 9], [4, 4]),
    ],
    options: { row: [0, 0.25, 1] },
  },
  {
    name: "one value",
    inputs: () => [hostTensor([0.5], [1, 1]), hostTensor([0, 0, 1, 1], [1, 4])],
    options: { row: [9] },
  },
  { name: "no boxes", inputs: () => [hostTensor([], [0, 3]), hostTensor([], [0, 4])], options: { row: [1, 2, 3] } },
];
