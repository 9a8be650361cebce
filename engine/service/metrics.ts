/** What a service counts, as Prometheus reads it. No label holds anything of a request's content. */

// prom-client keeps the text format's rules.
import { Counter, Gauge, Histogram, Registry } from "npm:prom-client@15.1.3";
import type { DeviceProcess } from "./device_process.ts";
import type { JobObserver } from "./jobs.ts";
import type { JobQueue, JobState, Load } from "./order.ts";

/** What is asked of a queue. */
export type Watched = Pick<JobQueue, "load" | "putAside">;

/** The metrics of one service or worker. */
export class Metrics implements JobObserver {
  readonly #registry = new Registry();
  readonly #ended: Counter<"state">;
  readonly #seconds: Histogram;
  readonly #refused: Counter<"status">;
  readonly #accepted: Counter;
  readonly #begunAgain: Counter;

  constructor() {
    const registers = [this.#registry];
    this.#ended = new Counter({
      name: "isocenter_jobs_total",
      help: "Jobs that ended here",
      labelNames: ["state"],
      registers,
    });
    this.#seconds = new Histogram({
      name: "isocenter_job_seconds",
      help: "Seconds that a job was at the device",
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
      registers,
    });
    this.#accepted = new Counter({
      name: "isocenter_jobs_accepted_total",
      help: "Jobs that were taken from clients here",
      registers,
    });
    this.#begunAgain = new Counter({
      name: "isocenter_jobs_begun_again_total",
      help: "Jobs that were begun again as what ran them died",
      registers,
    });
    this.#refused = new Counter({
      name: "isocenter_requests_refused_total",
      help: "Requests that were answered with a problem",
      labelNames: ["status"],
      registers,
    });
  }

  /** Counts a job that is over. */
  ended(state: JobState, seconds: number): void {
    this.#ended.inc({ state });
    this.#seconds.observe(seconds);
  }

  /** Counts a job that was taken. */
  accepted(): void {
    this.#accepted.inc();
  }

  /** Counts a job that is begun again. */
  begunAgain(): void {
    this.#begunAgain.inc();
  }

  /** Counts a refusal. */
  refused(status: number): void {
    this.#refused.inc({ status });
  }

  /** Adds what is asked of the queue and the device when the metrics are read. */
  watch(jobs: Watched, device: DeviceProcess): void {
    const gauge = (name: string, help: string, value: () => number | Promise<number>) => {
      new Gauge({
        name,
        help,
        registers: [this.#registry],
        async collect() {
          this.set(await value());
        },
      });
    };
    // A queue on another machine may be away.
    const load = (name: keyof Load) => jobs.load().then((load) => load[name], () => NaN);
    gauge("isocenter_jobs_queued", "Jobs that wait in the queue", () => load("queued"));
    gauge("isocenter_jobs_running", "Jobs of the queue that are at work", () => load("running"));
    if (jobs.putAside !== undefined) {
      gauge("isocenter_dead_letters", "Jobs of the queue that were put aside", () => jobs.putAside!().catch(() => NaN));
    }
    gauge("isocenter_device_restarts", "How often the device's process had to be started anew", () => device.restarts);
  }

  /** The text format. */
  async text(): Promise<string> {
    return await this.#registry.metrics();
  }

  /** Its media type. */
  get contentType(): string {
    return this.#registry.contentType;
  }
}
