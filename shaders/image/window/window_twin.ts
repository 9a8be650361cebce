import type { HostTensor } from "../../contract.ts";
import type { WindowOptions } from "./window.ts";

/** The three branches of DICOM PS3.3 C.11.2.1.2.1. */
export function windowTwin([input]: readonly HostTensor[], { center, width }: WindowOptions): HostTensor[] {
  const data = input.data.map((x) => {
    if (x <= center - 0.5 - (width - 1) / 2) return 0;
    if (x > center - 0.5 + (width - 1) / 2) return 1;
    return (x - (center - 0.5)) / (width - 1) + 0.5;
  });
  return [{ dtype: "f32", shape: input.shape, data }];
}
