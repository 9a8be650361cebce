import { randomTensor } from "../../cases.ts";
import type { Case } from "../../contract.ts";
import type { GridSampleOptions } from "./grid_sample.ts";

const of = (
  name: string,
  shape: readonly number[],
  places: readonly number[],
  options: Partial<GridSampleOptions>,
  reach = 1.6,
): Case<GridSampleOptions> => ({
  name,
  inputs: () => [
    randomTensor(shape, { seed: 7, min: -1, max: 1 }),
    randomTensor(places, { seed: 8, min: -reach, max: reach }),
  ],
  options,
});

const modes = ["nearest", "linear", "cubic"] as const;
const paddings = ["zeros", "border", "reflection"] as const;

/** Inputs and options worth trying. */
export const gridSampleCases: Case<GridSampleOptions>[] = [
  ...modes.flatMap((mode) =>
    paddings.flatMap((padding) =>
      [false, true].flatMap((alignCorners) => {
        const options = { mode, padding, alignCorners };
        const name = `${mode}, ${padding}, corners ${alignCorners}`;
        return [
          of(`${name}, image`, [2, 3, 5, 4], [2, 6, 7, 2], options),
          of(`${name}, volume`, [1, 2, 3, 4, 5], [1, 3, 2, 4, 3], options),
        ];
      })
    )
  ),
  ...paddings.map((padding) => of(`${padding}, far outside`, [1, 1, 3, 2], [1, 4, 5, 2], { padding }, 9)),
  of("signal", [2, 2, 9], [2, 12, 1], { padding: "reflection" }),
  of("one pixel", [1, 2, 1, 1], [1, 3, 3, 2], { padding: "reflection", alignCorners: true }),
  of("no places", [1, 2, 3, 3], [1, 0, 3, 2], {}),
];
