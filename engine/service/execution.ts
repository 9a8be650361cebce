/** One job from its inputs to its results, wherever it was queued. */

import { DeviceError } from "../errors.ts";
import type { RunEvent } from "../pipeline/mod.ts";
import type { DeviceEnd, DeviceProcess } from "./device_process.ts";
import type { DicomwebServers } from "./dicomweb.ts";
import type { JobState, Task } from "./order.ts";
import { type Problem, problemOf, problemOfStatus, RequestError } from "./problem.ts";
import { Spans } from "./spans.ts";

/** What runs jobs. */
export interface Means {
  readonly device: DeviceProcess;
  readonly servers: DicomwebServers;
  /** Seconds that a job may run. */
  readonly seconds: number;
}

/** A job that is to run. */
export interface Execution {
  readonly id: string;
  readonly task: Task;
  /** The folder with `inputs`, below that of the device's process; `results` is made in it. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Told of progress; `restart` where all that was told is void, as the job is begun again. */
  readonly onEvent: (event: RunEvent | { readonly type: "restart" }) => void;
}

/** How a job ended. */
export interface Outcome {
  readonly state: Extract<JobState, "done" | "failed" | "canceled">;
  readonly problem?: Problem;
}

/** Runs a job, and once more where the device's process dies under it. Never rejects. */
export async function execute(means: Means, job: Execution): Promise<Outcome> {
  const spans = new Spans(job.id);
  const outcome = await settle(means, job, spans);
  spans.end(outcome.problem?.type);
  return outcome;
}

async function settle(means: Means, job: Execution, spans: Spans): Promise<Outcome> {
  const { task, folder, signal } = job;
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), means.seconds * 1000);
  const either = AbortSignal.any([signal, limit.signal]);
  try {
    if (task.study !== undefined) {
      spans.enter("fetch");
      await means.servers.fetchStudy(task.study, `${folder}/inputs`, either);
    }
    const outcome = await compute(means, job, spans, either);
    if (outcome.state === "done" && task.store !== undefined) {
      spans.enter("store");
      await means.servers.storeResults(task.store, `${folder}/results`, either);
    }
    return outcome;
  } catch (error) {
    if (signal.aborted) return { state: "canceled" };
    if (!limit.signal.aborted) return { state: "failed", problem: problemOf(error) };
    const detail = `The job ran longer than ${means.seconds} seconds, which is the most`;
    return { state: "failed", problem: problemOf(new RequestError(504, "time-limit", detail)) };
  } finally {
    clearTimeout(timer);
  }
}

/** Computes; a device's process that outlives the time limit is ended, as its driver may not listen. */
async function compute({ device }: Means, job: Execution, spans: Spans, signal: AbortSignal): Promise<Outcome> {
  const events: RunEvent[] = [];
  const onEvent = (event: RunEvent) => {
    events.push(event);
    spans.note(event);
    job.onEvent(event);
  };
  const stop = () => job.signal.aborted || device.kill();
  signal.addEventListener("abort", stop);
  try {
    for (let tries = 1;; tries++) {
      try {
        const inputs = await inputsOf(job.folder);
        const work = { job: job.id, pipeline: job.task.pipeline, inputs, output: `${job.folder}/results` };
        const end = await device.run(work, onEvent, job.signal);
        return job.signal.aborted ? { state: "canceled" } : outcomeOf(end, events);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof DeviceError) || tries > 1) throw error;
        events.length = 0;
        job.onEvent({ type: "restart" });
        await Deno.remove(`${job.folder}/results`, { recursive: true }).catch(() => {});
      }
    }
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** A file is named itself, so that it is never passed over as no image; several are a folder, so that slices find together. */
async function inputsOf(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(`${folder}/inputs`));
  return [entries.length === 1 ? `${folder}/inputs/${entries[0].name}` : `${folder}/inputs`];
}

/** Some inputs that can't be processed are a result: the others are done. */
function outcomeOf({ status, message = "" }: DeviceEnd, events: readonly RunEvent[]): Outcome {
  const cases = events.filter((event) => event.type === "case");
  if (status === 0 || status === 5 && cases.some((event) => event.status === "done")) return { state: "done" };
  const failed = cases.find((event) => event.status === "failed");
  return { state: "failed", problem: problemOfStatus(status, message || failed?.error?.message || "No case was done") };
}
