/** The device's side of an engine in a Worker, as the caller's thread sees it. */

import type { Page } from "../../shaders/contract.ts";
import { DeviceError } from "../errors.ts";
import { Holding, type Need, refuseNeeds, storageBytes } from "../memory/mod.ts";
import {
  type Backend,
  type BackendStats,
  type DeviceLimits,
  type HostStay,
  nameOf,
  type PartsOptions,
  type PreparedWork,
  type ReadTensor,
  type Schedule,
} from "../kernel/mod.ts";
import type { FromDevice, ReadAnswer, ToDevice } from "./messages.ts";
import { fromWire, toWire } from "./wire_error.ts";
import { ScheduleWriter } from "./wire_schedule.ts";

/** A call that waits for its answer. */
interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly parts?: PartsOptions;
}

/** A call without the number that it gets. */
type Unnumbered<T> = T extends { call: number } ? Omit<T, "call"> : never;

/** A schedule that the Worker knows by its id. */
class RemoteWork implements PreparedWork {
  readonly id: number;
  readonly schedule: Schedule;
  readonly #release: () => void;

  constructor(id: number, schedule: Schedule, release: () => void) {
    this.id = id;
    this.schedule = schedule;
    this.#release = release;
  }

  get bytes(): number {
    return this.schedule.bytes;
  }

  release(): void {
    this.#release();
  }
}

/** Asks a Worker for everything. Nothing here waits for the device, so that the caller's thread goes on. */
export class RemoteCore implements Backend {
  readonly #worker: Worker;
  readonly #writer = new ScheduleWriter();
  readonly #ids = new Map<Holding, number>();
  readonly #holdings = new Map<number, Holding>();
  readonly #calls = new Map<number, Waiting>();
  #limits: { readonly budget: number; readonly maxBufferBytes: number } = { budget: 0, maxBufferBytes: 0 };
  #lastId = 0;
  #failure: Error | undefined;
  #stats: BackendStats = { bytes: { lent: 0, kept: 0, peak: 0 }, dispatches: 0, submits: 0, pipelines: 0 };
  readonly #onLost: (error: Error) => void;

  /** `onLost` is told when the device is lost or the Worker fails. */
  constructor(worker: Worker, onLost: (error: Error) => void) {
    this.#worker = worker;
    this.#onLost = onLost;
    worker.addEventListener("message", (event) => this.#take((event as MessageEvent<FromDevice>).data));
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.#lose(new DeviceError(`The Worker with the device failed: ${(event as ErrorEvent).message}`));
    });
  }

  /** What is refused before it is asked for. */
  setLimits(budget: number, { maxBufferBytes }: DeviceLimits): void {
    this.#limits = { budget, maxBufferBytes };
  }

  get pages(): readonly Page[] {
    return this.#writer.pages;
  }

  fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#calls.values()) reject(this.#failure);
    this.#calls.clear();
  }

  throwFailure(): void {
    if (this.#failure) throw this.#failure;
  }

  upload(need: Need, given: Uint32Array<ArrayBuffer>, stay: HostStay = "short"): Holding {
    this.throwFailure();
    this.#refuse([need], "A tensor", 0);
    const holding = this.#hold(need);
    // What is sent is gone here: words that others have, too, are sent as a copy.
    const words = stay === "always" ? given.slice() : given;
    this.#send({ type: "upload", id: this.#idOf(holding), need, words, stay }, [words.buffer]);
    return holding;
  }

  rest(holding: Holding): void {
    this.#send({ type: "rest", id: this.#idOf(holding) });
  }

  prepare(schedule: Schedule, lasting: boolean): PreparedWork {
    this.throwFailure();
    const { slots, tables, tensors } = schedule;
    this.#refuse([...slots, ...tables.map(({ need }) => need)], nameOf(schedule), bytesOf(tensors));
    tensors.forEach((tensor) => tensor.hold());
    const id = ++this.#lastId;
    const wire = this.#writer.write(schedule, (tensor) => this.#idOf(tensor));
    this.#send({ type: "prepare", id, schedule: wire, lasting });
    return new RemoteWork(id, schedule, () => {
      this.#send({ type: "releaseSchedule", id });
      tensors.forEach((tensor) => tensor.release());
    });
  }

  async compile(work: RemoteWork, signal?: AbortSignal): Promise<void> {
    await this.#ask({ type: "compile", id: work.id }, signal);
  }

  run(work: RemoteWork, inputs: readonly (Holding | undefined)[]): Holding[] {
    this.throwFailure();
    const results = this.#results(work);
    this.#send({
      type: "run",
      id: work.id,
      inputs: this.#idsOf(inputs),
      results: results.map((each) => this.#idOf(each)),
    });
    return results;
  }

  runLater(work: RemoteWork): Holding[] {
    this.throwFailure();
    const results = this.#results(work);
    this.#send({ type: "runLater", id: work.id, results: results.map((each) => this.#idOf(each)) });
    return results;
  }

  async runInParts(
    work: RemoteWork,
    inputs: readonly (Holding | undefined)[],
    parts: PartsOptions,
  ): Promise<Holding[]> {
    const results = this.#results(work);
    const ids = results.map((result) => this.#idOf(result));
    const traces = parts.onDispatch !== undefined;
    try {
      const asked = { type: "runInParts", id: work.id, inputs: this.#idsOf(inputs), results: ids, traces } as const;
      await this.#ask(asked, parts.signal, parts);
      return results;
    } catch (error) {
      results.forEach((result) => result.release());
      throw error;
    }
  }

  async time(work: RemoteWork): Promise<number> {
    return await this.#ask({ type: "time", id: work.id }) as number;
  }

  async read(tensors: readonly ReadTensor[], signal?: AbortSignal): Promise<ReadAnswer> {
    const wire = tensors.map(({ dtype, shape, layout, holding }) => {
      return { dtype, shape, layout, id: holding && this.#idOf(holding) };
    });
    return await this.#ask({ type: "read", tensors: wire }, signal) as ReadAnswer;
  }

  async idle(): Promise<void> {
    await this.#ask({ type: "idle" });
  }

  /** As the Worker told last. */
  stats(): BackendStats {
    return this.#stats;
  }

  trim(): void {
    this.#send({ type: "trim" });
  }

  /** Asks for something that is answered, or refused with an error. */
  #ask(message: Unnumbered<ToDevice>, signal?: AbortSignal, parts?: PartsOptions): Promise<unknown> {
    this.throwFailure();
    signal?.throwIfAborted();
    const call = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#calls.set(call, { resolve, reject, parts });
    this.#send({ ...message, call } as ToDevice);
    if (signal === undefined) return promise;
    const end = () => {
      this.#send({ type: "abort", call, reason: toWire(signal.reason) });
      reject(signal.reason);
    };
    signal.addEventListener("abort", end, { once: true });
    return promise.finally(() => signal.removeEventListener("abort", end));
  }

  /** Opens the device. */
  async open(message: Omit<ToDevice & { type: "open" }, "call">, signal?: AbortSignal): Promise<unknown> {
    return await this.#ask(message, signal);
  }

  #take(message: FromDevice): void {
    switch (message.type) {
      case "answer":
        this.#settle(message.call)?.resolve(message.value);
        break;
      case "refusal":
        this.#settle(message.call)?.reject(fromWire(message.error));
        break;
      case "progress":
        this.#calls.get(message.call)?.parts?.onProgress?.(message.share);
        break;
      case "dispatch":
        this.#calls.get(message.call)?.parts?.onDispatch?.(message.dispatch);
        break;
      case "stats":
        this.#stats = message.stats;
        break;
      case "failed":
        for (const id of message.ids) this.#holdings.get(id)?.refuse(fromWire(message.error));
        break;
      case "lost":
        this.#lose(fromWire(message.error));
        break;
    }
  }

  #settle(call: number): Waiting | undefined {
    const waiting = this.#calls.get(call);
    this.#calls.delete(call);
    return waiting;
  }

  #lose(error: Error): void {
    this.fail(error);
    this.#onLost(error);
  }

  #refuse(needs: readonly Need[], what: string, others: number): void {
    refuseNeeds(needs, what, others, this.#limits.budget, this.#limits.maxBufferBytes);
  }

  #results({ schedule: { results, slots } }: RemoteWork): Holding[] {
    return results.map((slot) => this.#hold(slots[slot]));
  }

  #hold(need: Need): Holding {
    const id = ++this.#lastId;
    const holding = new Holding(need, () => {
      this.#ids.delete(holding);
      this.#holdings.delete(id);
      if (this.#failure === undefined) this.#send({ type: "release", id });
    });
    this.#ids.set(holding, id);
    this.#holdings.set(id, holding);
    return holding;
  }

  #idOf(holding: Holding): number {
    const id = this.#ids.get(holding);
    if (id === undefined) throw new TypeError("A tensor is used after it was disposed of");
    return id;
  }

  #idsOf(inputs: readonly (Holding | undefined)[]): (number | undefined)[] {
    return inputs.map((input) => input && this.#idOf(input));
  }

  #send(message: ToDevice, transfer: Transferable[] = []): void {
    if (this.#failure === undefined) this.#worker.postMessage(message, transfer);
  }
}

const bytesOf = (holdings: readonly Holding[]): number =>
  holdings.reduce((sum, { need }) => sum + storageBytes(need), 0);
