import type { Engine } from "../../engine/mod.ts";

/** How one conformance case ended. */
export interface ConformanceResult {
  /** What the table has a row for: the operator of an ONNX test, or the filter of a manifest's case. */
  readonly group: string;
  /** Name of the case, unique within its group. */
  readonly name: string;
  readonly status: "passed" | "failed" | "skipped";
  /** Why it was skipped or how it failed: one line. */
  readonly reason?: string;
  /** Greatest error found, on the scale on which `tolerance` is stated. */
  readonly error?: number;
  /** Greatest error allowed. */
  readonly tolerance?: number;
}

/** Runs the cases of a path: `conformOnnx` those of a folder, `conformFilters` those of a manifest. */
export type Conform = (engine: () => Promise<Engine>, path: string) => AsyncIterable<ConformanceResult>;
