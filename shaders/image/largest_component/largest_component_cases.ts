import type { Case } from "../../contract.ts";
import { filledTensor, tensorOf } from "../../cases.ts";
import type { ComponentsOptions } from "../components/components.ts";
import { spiral, sprinkled } from "../components/components_cases.ts";

/** Cases of `largestComponent`. */
export const largestComponentCases: readonly Case<ComponentsOptions>[] = [
  { name: "diagonals count", inputs: () => [sprinkled([64, 61], 0.4, 38)], options: {} },
  { name: "diagonals don't count", inputs: () => [sprinkled([100, 103], 0.5, 39)], options: { connectivity: 1 } },
  { name: "equally large ones", inputs: () => [tensorOf([9, 30], (i) => i % 30 % 4 === 1 ? 1 : 0)], options: {} },
  { name: "one only", inputs: () => [spiral(65)], options: { connectivity: 1 } },
  { name: "a volume", inputs: () => [sprinkled([7, 14, 11], 0.15, 40)], options: {} },
  { name: "nothing set", inputs: () => [filledTensor([9, 7], 0)], options: {} },
  { name: "one pixel", inputs: () => [filledTensor([1, 1], 1)], options: {} },
  { name: "no pixels", inputs: () => [filledTensor([0, 3], 1)], options: {} },
];
