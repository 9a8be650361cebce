import type { Engine } from "../../engine/mod.ts";

/** How one conformance case ended. */
export interface ConformanceResult {
  /** What the table has a row for: the operator of an ONNX test, or the filter of a manifest's case. */
  readonly group: string;
  /** Name of the case, unique within its group. */
  readonly name: string;
  /** The form that was forced, as `OPERATION/FORM`; none in the plain run. */
  readonly form?: string;
  readonly status: "passed" | "failed" | "skipped";
  /** Why it was skipped or how it failed: one line. */
  readonly reason?: string;
  /** Greatest error found, on the scale on which `tolerance` is stated. */
  readonly error?: number;
  /** Greatest error allowed. */
  readonly tolerance?: number;
}

/** A case that an engine has not run yet. */
export interface ConformanceCase extends Pick<ConformanceResult, "group" | "name"> {
  /** Runs it on an engine that is opened where one is needed. It fails by its outcome. */
  run(engine: () => Promise<Engine>): Promise<Outcome>;
}

/** How a case ended, without its name. */
export type Outcome = Omit<ConformanceResult, "group" | "name" | "form">;

/** Finds the cases of a path: `findOnnxCases` those of a folder, `findFilterCases` those of a manifest. */
export type FindCases = (path: string) => AsyncIterable<ConformanceCase>;
