/** What is known of a case when it is through. */
import type { Json, Measures } from "./values.ts";

/** A file by its content. */
export interface FileRecord {
  /** The path; of results relative to the output. */
  readonly path: string;
  /** Its length. */
  readonly bytes: number;
  /** SHA-256 in hexadecimal. */
  readonly sha256: string;
}

/** Where the pixels of a case lie, in numbers. */
export interface Grid {
  /** Pixels along each spatial axis of the tensor: [H, W] or [D, H, W]. */
  readonly size: readonly number[];
  /** Distance between neighboring centers in mm, in the same order; 1 where it isn't known. */
  readonly spacing: readonly number[];
  /** Whether the file states the spacing. */
  readonly spacingKnown: boolean;
  /** From voxel coordinates (x, y, z) to LPS+ in mm: 16 numbers, row by row. */
  readonly affine: readonly number[];
}

/** One case as `run.json` holds it. */
export interface CaseRecord {
  /** Name of the case's folder. */
  readonly id: string;
  /** The file, or the folder of the files, that it came from. */
  readonly source: string;
  /** Whether all stages succeeded. */
  readonly status: "done" | "failed";
  /** Why it failed. */
  readonly error?: { readonly name: string; readonly message: string };
  /** Files that were read for it. */
  readonly inputs: readonly FileRecord[];
  /** Where the pixels of the original lie. */
  readonly geometry?: Grid;
  /** Where the pixels of other values lie, by name, if a stage has put them onto another grid. */
  readonly grids?: Readonly<Record<string, Grid>>;
  /** Host seconds of each stage, in the order in which they ran; `readback` waits for the device. */
  readonly stages: readonly { readonly name: string; readonly seconds: number }[];
  /**
   * How long the host worked for the case, how long it waited for the device, and how long the device had work of the case,
   * from when it was given the first of it to the end of its last readback. Cases overlap: the device works on one as
   * the host writes another, and a case is read and decoded beside both, which counts as work of the host.
   */
  readonly shares?: Readonly<Record<"host" | "device" | "waiting", { readonly seconds: number }>>;
  /** What the stages found. */
  readonly measures: Measures;
  /** How often the host waited for the device. */
  readonly readbacks: number;
  /** Bytes that were read back. */
  readonly readbackBytes: number;
  /** What a user should know, one line each. */
  readonly warnings: readonly string[];
  /** Files of the case, relative to the output. */
  readonly files: readonly string[];
  /** The content of these files, except for `case.json`. */
  readonly outputs: readonly FileRecord[];
}

/** What a stage gets when all cases are through; it includes cases that an earlier, interrupted run has done. */
export interface Finish {
  /** All cases, in the order of the inputs. */
  readonly cases: readonly CaseRecord[];
  /** `run.json` without `cases`, with what the stages before have added to `summary`. */
  readonly run: Readonly<Record<string, Json>>;
  /** Reads a file that was written for a case. */
  read(id: string, name: string): Promise<Uint8Array>;
}
