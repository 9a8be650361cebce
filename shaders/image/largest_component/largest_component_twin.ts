import type { HostTensor } from "../../contract.ts";
import { componentsTwin } from "../components/components_twin.ts";
import type { ComponentsOptions } from "../components/components.ts";

/** Labels, counts, keeps the most frequent label. */
export function largestComponentTwin(inputs: readonly HostTensor[], options: ComponentsOptions): HostTensor[] {
  const [labels, unfinished] = componentsTwin(inputs, options);
  const sizes = new Map<number, number>();
  for (const label of labels.data) if (label > 0) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  const [chosen] = [...sizes].sort(([a, most], [b, other]) => other - most || a - b)[0] ?? [-1];
  return [
    { dtype: "f32", shape: labels.shape, data: labels.data.map((label) => label === chosen ? 1 : 0) },
    unfinished,
  ];
}
