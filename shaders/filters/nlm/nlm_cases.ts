import { filledTensor, hostTensor, randomTensor } from "../../cases.ts";
import type { Case, HostTensor } from "../../contract.ts";
import { hardImages, images } from "../image_cases.ts";
import type { NlmOptions } from "./nlm.ts";

/** One noise level, and an h at which half of the patches of a uniform image count. */
const noise: Partial<NlmOptions> = { sigma: 0.1, h: 0.3, searchRadius: 2, patchRadius: 1 };

/** The images of all filters in units of their noise. */
const levels: Readonly<Record<string, number>> = { channels: 400, volumes: 0.2 };

const windows = ["clipped", "mirror"] as const;
const kinds = ["gauss", "box"] as const;

function example(name: string, input: () => HostTensor, options: Partial<NlmOptions>): Case<NlmOptions> {
  return { name, inputs: () => [input()], options: { ...noise, ...options } };
}

/** Cases of {@linkcode nlm}. */
export const nlmCases: readonly Case<NlmOptions>[] = [
  ...Object.entries({ ...images, ...hardImages }).flatMap(([name, input]) =>
    windows.map((searchWindow) => {
      const sigma = levels[name] ?? 0.1;
      return example(`${name}, ${searchWindow}`, input, { sigma, h: undefined, strength: 2, searchWindow });
    })
  ),
];
void filledTensor;
void hostTensor;
void randomTensor;
void kinds;
