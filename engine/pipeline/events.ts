import type { CaseRecord } from "./case_record.ts";
import type { Json } from "./values.ts";

/** Progress of a run, as plain data. */
export type RunEvent =
  /** Files of the inputs that were looked at so far, before the cases are known. */
  | { readonly type: "listing"; readonly files: number }
  | {
    readonly type: "start";
    /** Cases of this run, with those that were done before. */
    readonly cases: number;
    /** Cases that an earlier, interrupted run has done. */
    readonly doneBefore: number;
    readonly stages: readonly string[];
    readonly adapter: string;
    readonly output: string;
  }
  /** A stage begins its work on a case; `finish` where the case is all of them. */
  | { readonly type: "stage"; readonly id: string; readonly stage: string }
  /** How far a stage has come that takes long on the device: `share` grows from 0 to 1. */
  | { readonly type: "progress"; readonly id: string; readonly stage: string; readonly share: number }
  | {
    readonly type: "case";
    readonly id: string;
    readonly status: CaseRecord["status"];
    readonly error?: CaseRecord["error"];
    readonly warnings: readonly string[];
    readonly seconds: number;
    /** Cases through so far, with failed ones and those of an earlier run. */
    readonly through: number;
  }
  | {
    readonly type: "finish";
    readonly status: number;
    readonly error?: string;
    readonly summary: Readonly<Record<string, Json>>;
    readonly output: string;
    /** Files of the run as a whole, relative to the output folder. */
    readonly files: readonly string[];
    readonly seconds: number;
  };
