/** What the threads of an engine in a Worker say to each other. */

import type { Facts } from "../../shaders/contract.ts";
import type { DeviceInfo, OpenOptions } from "../device/mod.ts";
import type { BackendStats, HostStay, RuntimeOptions, TimedDispatch } from "../kernel/mod.ts";
import type { HostArray, Need } from "../memory/mod.ts";
import type { ReadTensor } from "../kernel/mod.ts";
import type { WireError } from "./wire_error.ts";
import type { WireSchedule } from "./wire_schedule.ts";

/** A tensor to be read, by its id. */
export type WireTensor = Omit<ReadTensor, "holding"> & { readonly id: number | undefined };

/** What the caller's thread asks. Holdings and schedules are known by ids that it gives; `call` wants an answer. */
export type ToDevice =
  | { type: "open"; call: number; device: Omit<OpenOptions, "signal">; options: RuntimeOptions }
  | { type: "upload"; id: number; need: Need; words: Uint32Array<ArrayBuffer>; stay: HostStay }
  | { type: "rest"; id: number }
  | { type: "prepare"; id: number; schedule: WireSchedule; lasting: boolean }
  | { type: "compile"; call: number; id: number }
  | { type: "run"; id: number; inputs: readonly (number | undefined)[]; results: readonly number[] }
  | { type: "runLater"; id: number; results: readonly number[] }
  | {
    type: "runInParts";
    call: number;
    id: number;
    inputs: readonly (number | undefined)[];
    results: readonly number[];
    traces: boolean;
  }
  | { type: "time"; call: number; id: number }
  | { type: "read"; call: number; tensors: readonly WireTensor[] }
  | { type: "idle"; call: number }
  | { type: "abort"; call: number; reason: WireError }
  | { type: "release"; id: number }
  | { type: "releaseSchedule"; id: number }
  | { type: "trim" };

/** What an opened device is. */
export interface Opened {
  readonly info: DeviceInfo;
  readonly facts: Facts;
}

/** What was read. */
export interface ReadAnswer {
  readonly arrays: HostArray[];
  readonly bytes: number;
}

/** What the device's thread tells. */
export type FromDevice =
  | { type: "answer"; call: number; value: unknown }
  | { type: "refusal"; call: number; error: WireError }
  | { type: "progress"; call: number; share: number }
  | { type: "dispatch"; call: number; dispatch: TimedDispatch }
  | { type: "stats"; stats: BackendStats }
  /** What a run or an upload was to fill is worthless. */
  | { type: "failed"; ids: readonly number[]; error: WireError }
  /** The device is lost: nothing will be answered any more. */
  | { type: "lost"; error: WireError };
