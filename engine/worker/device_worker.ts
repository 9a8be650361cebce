/** The Worker of an engine whose device doesn't lie in the caller's thread: it does what messages ask for. */

import { type OpenDevice, openDevice } from "../device/mod.ts";
import { Core, coreOptions, limitsOf } from "../kernel/mod.ts";
import type { Holding } from "../memory/mod.ts";
import type { FromDevice, Opened, ToDevice } from "./messages.ts";
import { fromWire, toWire } from "./wire_error.ts";
import { ScheduleReader } from "./wire_schedule.ts";

/** What a Worker's scope has beyond the types of the main thread. */
const scope = self as unknown as { postMessage(message: FromDevice, transfer?: Transferable[]): void };

/** A device with what the caller's thread knows by ids. */
class DeviceThread {
  readonly #core: Core;
  readonly #holdings = new Map<number, Holding>();
  readonly #schedules = new Map<number, ReturnType<Core["prepare"]>>();
  readonly #reader = new ScheduleReader();
  readonly #calls = new Map<number, AbortController>();
  /** Why something was never made. */
  readonly #failures = new Map<number, Error>();
  /** Why a schedule can't be run, where that came out when it was made known. */
  readonly #refusals = new Map<number, Error>();
  #told = "";

  constructor(device: OpenDevice, options: Parameters<typeof coreOptions>[0]) {
    this.#core = new Core(device.device, device.facts, limitsOf(device.info.limits), coreOptions(options));
    const lose = (error: Error) => {
      this.#core.fail(error);
      scope.postMessage({ type: "lost", error: toWire(error) });
    };
    device.onError(lose);
    device.lost.then(lose);
  }

  do(message: ToDevice): void {
    switch (message.type) {
      case "upload":
        this.#fill([message.id], () => [this.#core.upload(message.need, message.words, message.stay)]);
        break;
      case "rest":
        this.#holdings.get(message.id)?.rest();
        break;
      case "prepare":
        this.#prepare(message);
        break;
      case "run":
        this.#fill(message.results, () => this.#core.run(this.#schedule(message.id), this.#inputs(message.inputs)));
        break;
      case "runLater":
        this.#fill(message.results, () => this.#core.runLater(this.#schedule(message.id)));
        break;
      case "release":
        this.#holdings.get(message.id)?.release();
        this.#holdings.delete(message.id);
        this.#failures.delete(message.id);
        break;
      case "releaseSchedule":
        this.#schedules.get(message.id)?.release();
        this.#schedules.delete(message.id);
        this.#refusals.delete(message.id);
        break;
      case "trim":
        this.#core.trim();
        break;
      case "abort":
        this.#calls.get(message.call)?.abort(fromWire(message.reason));
        break;
      case "compile":
        this.#answer(message.call, (signal) => this.#core.compile(this.#schedule(message.id), signal));
        break;
      case "time":
        this.#answer(message.call, () => this.#core.time(this.#schedule(message.id)));
        break;
      case "idle":
        this.#answer(message.call, () => this.#core.idle());
        break;
      case "read":
        this.#read(message);
        break;
      case "runInParts":
        this.#runInParts(message);
        break;
    }
    this.#tellStats();
  }

  #prepare({ id, schedule, lasting }: ToDevice & { type: "prepare" }): void {
    try {
      const read = this.#reader.read(schedule, (id) => this.#holding(id));
      this.#schedules.set(id, this.#core.prepare(read, lasting));
    } catch (error) {
      this.#refusals.set(id, error as Error);
    }
  }

  #read({ call, tensors }: ToDevice & { type: "read" }): void {
    this.#answer(call, (signal) => {
      const wanted = tensors.map(({ id, ...tensor }) => ({
        ...tensor,
        holding: id === undefined ? undefined : this.#holding(id),
      }));
      return this.#core.read(wanted, signal);
    }, ({ arrays }) => arrays.map((array) => array.buffer as ArrayBuffer));
  }

  #runInParts({ call, id, inputs, results, traces }: ToDevice & { type: "runInParts" }): void {
    this.#answer(call, async (signal) => {
      const holdings = await this.#core.runInParts(this.#schedule(id), this.#inputs(inputs), {
        signal,
        onProgress: (share) => scope.postMessage({ type: "progress", call, share }),
        ...traces && { onDispatch: (dispatch) => scope.postMessage({ type: "dispatch", call, dispatch }) },
      });
      holdings.forEach((holding, index) => this.#holdings.set(results[index], holding));
    });
  }

  /** Answers a call when it is done. */
  async #answer<T>(
    call: number,
    work: (signal: AbortSignal) => Promise<T>,
    transfer: (value: T) => Transferable[] = () => [],
  ): Promise<void> {
    const ending = new AbortController();
    this.#calls.set(call, ending);
    try {
      const value = await work(ending.signal);
      scope.postMessage({ type: "answer", call, value }, transfer(value));
    } catch (error) {
      scope.postMessage({ type: "refusal", call, error: toWire(error) });
    } finally {
      this.#calls.delete(call);
      this.#tellStats();
    }
  }

  /** Gives ids to what is made, and tells where it is worthless. */
  #fill(ids: readonly number[], make: () => readonly Holding[]): void {
    const fail = (error: unknown) => scope.postMessage({ type: "failed", ids, error: toWire(error) });
    try {
      make().forEach((holding, index) => {
        this.#holdings.set(ids[index], holding);
        if (index > 0) return;
        // All of a run share its outcome.
        void holding.verdict().then((error) => {
          if (error !== undefined) fail(error);
          this.#tellStats();
        });
      });
    } catch (error) {
      fail(error);
      for (const id of ids) this.#failures.set(id, error as Error);
    }
  }

  #holding(id: number): Holding {
    const holding = this.#holdings.get(id);
    if (holding === undefined) {
      throw this.#failures.get(id) ?? new TypeError("A tensor is used after it was disposed of");
    }
    return holding;
  }

  #inputs(ids: readonly (number | undefined)[]): (Holding | undefined)[] {
    return ids.map((id) => id === undefined ? undefined : this.#holding(id));
  }

  #schedule(id: number): ReturnType<Core["prepare"]> {
    const schedule = this.#schedules.get(id);
    if (schedule === undefined) throw this.#refusals.get(id) ?? new TypeError("A plan is run after it was disposed of");
    return schedule;
  }

  #tellStats(): void {
    const stats = this.#core.stats();
    const told = JSON.stringify(stats);
    if (told === this.#told) return;
    this.#told = told;
    scope.postMessage({ type: "stats", stats });
  }
}

let thread: DeviceThread | undefined;

self.addEventListener("message", async (event) => {
  const message = (event as MessageEvent<ToDevice>).data;
  if (message.type !== "open") return thread?.do(message);
  try {
    const device = await openDevice(message.device);
    thread = new DeviceThread(device, message.options);
    const value: Opened = { info: device.info, facts: device.facts };
    scope.postMessage({ type: "answer", call: message.call, value });
  } catch (error) {
    scope.postMessage({ type: "refusal", call: message.call, error: toWire(error) });
  }
});
