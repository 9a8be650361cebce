import { hostTensor, randomNumbers, randomTensor, tensorOf } from "../../cases.ts";
import type { Case, HostTensor } from "../../contract.ts";
import type { NonMaxSuppressionOptions } from "./non_max_suppression.ts";

/** Boxes of about a tenth of the unit square, by two corners in any order. */
function randomBoxes(batch: number, length: number, seed: number): HostTensor {
  const next = randomNumbers(seed);
  const values = Array.from({ length: batch * length }, () => {
    const [y, x, height, width] = [next(), next(), 0.02 + next() * 0.2, 0.02 + next() * 0.2];
    return next() < 0.5 ? [y, x, y + height, x + width] : [y + height, x, y, x + width];
  });
  return hostTensor(values.flat(), [batch, length, 4]);
}

const of = (
  name: string,
  [batch, classes, length]: readonly [number, number, number],
  options: Partial<NonMaxSuppressionOptions>,
): Case<NonMaxSuppressionOptions> => ({
  name,
  inputs: () => [randomBoxes(batch, length, 4), randomTensor([batch, classes, length], { seed: 6 })],
  options: { most: length, overlapLimit: 0.3, ...options },
});

const square = (...corners: readonly number[][]) => hostTensor(corners.flat(), [1, corners.length, 4]);

/** Inputs and options worth trying. */
export const nonMaxSuppressionCases: Case<NonMaxSuppressionOptions>[] = [
  of("some boxes", [1, 1, 20], {}),
  of("batches, classes and a limit of scores", [2, 3, 150], { scoreLimit: 0.4 }),
  of("a few of each class", [1, 4, 300], { most: 5 }),
  of("several blocks", [1, 1, 900], { overlapLimit: 0.5 }),
  of("a block and one more box, of two lines", [1, 2, 257], {}),
  of("by center and size", [1, 1, 60], { center: true }),
  of("no box has the score", [1, 2, 9], { scoreLimit: 2 }),
  of("none is asked for", [1, 1, 9], { most: 0 }),
  of("no boxes", [1, 2, 0], {}),
  of("one box", [1, 1, 1], {}),
  ...[0, 137].map((count): Case<NonMaxSuppressionOptions> => ({
    name: `${count} of 300 boxes`,
    inputs: () => [
      randomBoxes(1, 300, 4),
      randomTensor([1, 2, 300], { seed: 6 }),
      hostTensor([count], [1], "i64"),
    ],
    options: { most: count === 137 ? 20 : 300, overlapLimit: 0.4 },
  })),
  {
    name: "several blocks whose scores are 1 but for a few",
    inputs: () => [randomBoxes(1, 600, 5), tensorOf([1, 1, 600], (i) => i % 7 === 0 ? 1 - 2 ** -24 : 1)],
    options: { most: 600, overlapLimit: 0.3 },
  },
  {
    name: "equal scores, equal boxes, and boxes without area",
    inputs: () => [
      square([0, 0, 1, 1], [0, 0, 1, 1], [2, 2, 2, 3], [2, 2, 2, 3], [0, 0, 1, 2]),
      hostTensor([0.5, 0.5, 0.9, 0.9, 0.5], [1, 1, 5]),
    ],
    options: { most: 5, overlapLimit: 0.5 },
  },
];
