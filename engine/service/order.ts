/** What is asked of a job, how it stands, and what routes know of the queue, wherever jobs wait and run. */

import type { Pipeline, RunEvent } from "../pipeline/mod.ts";
import type { Problem } from "./problem.ts";

/** Where a job stands. */
export type JobState = "queued" | "running" | "done" | "failed" | "canceled";

/** A study on a DICOMweb server that the service was told of. */
export interface NamedStudy {
  /** Name of the server. */
  readonly server: string;
  /** StudyInstanceUID, or `accession`. */
  readonly study?: string;
  /** AccessionNumber of the study. */
  readonly accession?: string;
  /** SeriesInstanceUID where one series is meant, else all series with images. */
  readonly series?: string;
}

/** What a job is to do. Plain data. */
export interface Task {
  readonly pipeline: Pipeline;
  /** The study, where no files were sent. */
  readonly study?: NamedStudy;
  /** Name of the DICOMweb server that gets the DICOM results. */
  readonly store?: string;
}

/** A job that is asked for. */
export interface Order {
  readonly task: Task;
  /** The folder whose `inputs` hold the files that were sent; the queue owns it from now on. */
  readonly folder: string;
  /** SHA-256 of all that was sent. */
  readonly hash: string;
  /** The client's key: the same key and hash give the same job. */
  readonly key?: string;
}

/** How a job stands. Plain data. */
export interface JobStatus {
  readonly id: string;
  readonly state: JobState;
  readonly createdAt: string;
  /** How far it has come. */
  readonly cases: { readonly all: number; readonly through: number };
  readonly problem?: Problem;
  /** How often it was begun again as a device's process or a worker died under it. */
  readonly retries: number;
  /** Paths of its results. */
  readonly results: readonly string[];
}

/** What a job tells. */
export type JobEvent = RunEvent | { readonly type: "state"; readonly state: JobState };

/** How many jobs of a queue wait and are at work. */
export interface Load {
  readonly queued: number;
  readonly running: number;
}

/** Whether nothing more happens to a job. */
export function isOver(state: JobState): boolean {
  return state === "done" || state === "failed" || state === "canceled";
}

/** Jobs, wherever they wait and run. All methods throw `RequestError`s. */
export interface JobQueue {
  /** Refuses where no further job can be taken: 429 with a full queue, 503 while draining. */
  admit(): void | Promise<void>;
  /** Takes a job, or gives the one that its key stands for. */
  add(order: Order): Promise<JobStatus>;
  /** How a job stands; 404 where there is none. */
  get(id: string): Promise<JobStatus>;
  /** Cancels a job that is not over, and removes one that is. */
  remove(id: string): Promise<void>;
  /** Tells `listener` what the job has told and tells, until it is over or the signal ends it. */
  follow(id: string, listener: (event: JobEvent) => void, signal: AbortSignal): Promise<void>;
  /** A file of the results. */
  open(id: string, path: string): Promise<ReadableStream<Uint8Array>>;
  /** Jobs that wait and run. */
  load(): Promise<Load>;
  /** How many were put aside as workers died under them, in a queue that does so. */
  putAside?(): Promise<number>;
  /** Takes no further job and waits until those that run here have ended. */
  drain(): Promise<void>;
}
