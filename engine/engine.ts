import type { Page } from "../shaders/contract.ts";
import { type Counted, Counting } from "./counting.ts";
import {
  type AdapterChoice,
  type DeviceInfo,
  type FeatureChoice,
  type OpenDevice,
  openDevice,
  type PreparedAdapter,
} from "./device/mod.ts";
import { DeviceError } from "./errors.ts";
import type { LoadModelOptions, Net } from "./graph/mod.ts";
import { fetchModel } from "./graph/model_source.ts";
import { type Forms, limitsOf, Runtime, type RuntimeOptions } from "./kernel/mod.ts";
import { Models } from "./models.ts";
import { readTunedForms, type TunedForms } from "./tuned/tables.ts";
import { readVectorWidth } from "./tuned/vector_width.ts";
import { openRemote, type RemoteDevice } from "./worker/mod.ts";

/** How to open an engine. */
export interface EngineOptions {
  /** Which adapter: `auto` (hardware, else lavapipe, else SwiftShader from npm) unless `ISOCENTER_ADAPTER` names one. */
  readonly adapter?: AdapterChoice;
  /** What `prepareAdapter` gave in another thread of this process, instead of `adapter`: no permission is needed then. */
  readonly prepared?: PreparedAdapter;
  /** Most bytes of device memory, default 4 GiB. Software adapters accept anything, so this is the guard. */
  readonly memoryBudget?: number;
  /** Most bytes of device memory kept for reuse, default a quarter of the budget, at most 512 MiB; `trim` frees them. */
  readonly memoryKept?: number;
  /**
   * The device is in a Worker, so that the caller's thread never waits for it: it records work and goes on. Errors of
   * the device then arrive with the reading, and `stats` are those of the Worker's last message. Default false.
   */
  readonly worker?: boolean;
  /** Submits every dispatch by itself, so that an error names the operation: slower, for finding faults. */
  readonly debug?: boolean;
  /**
   * `core` does without optional features, such as subgroups. Default `all`, unless `ISOCENTER_FEATURES` says
   * otherwise.
   */
  readonly features?: FeatureChoice;
  /** Forms of operations by name, instead of those that would be chosen. */
  readonly forms?: Forms;
  /**
   * Folder in which `bench --tune` keeps what it measured on this machine. Its table, and the one that is shipped for a
   * software adapter, go before the operations' own choice of forms and tile sizes, and lavapipe gets the width of vectors
   * that was measured. Default none of it.
   */
  readonly tuned?: string;
  /** Ends the opening with the signal's reason. */
  readonly signal?: AbortSignal;
}

const defaultBudget = 4 * 2 ** 30;

/** Computes on one device: makes tensors, runs recorded work, reads results. Close it with `await using`. */
export class Engine extends Runtime implements AsyncDisposable {
  /** Adapter, driver, limits and features. */
  readonly info: DeviceInfo;
  readonly #device: OpenDevice | RemoteDevice;
  readonly #counting = new Counting();
  /** Networks that the engine keeps open and shares. */
  readonly models: Models = new Models((source, options) => this.loadModel(source, options));

  /** Use `openEngine`. */
  constructor(device: OpenDevice | RemoteDevice, options: EngineOptions & { unroll?: boolean }, tuned?: TunedForms) {
    super(device.device, { ...device.facts, tuned }, limitsOf(device.info.limits), runtimeOptions(options));
    this.info = device.info;
    this.#device = device;
    device.onError((error) => this.fail(error));
    device.lost.then((error) => this.fail(error));
  }

  /**
   * Loads an ONNX model from a folder with `model.json`, a file, a URL or bytes. Throws a `ModelError` where it is missing or
   * broken and an `UnsupportedError` that lists every node which can't be run. Release its weights with `using`.
   */
  async loadModel(source: string | URL | Uint8Array, options: LoadModelOptions = {}): Promise<Net> {
    // The graph's code is only for those who have a network. It takes as long to load as many models.
    const [{ loadModel }, found] = await Promise.all([import("./graph/mod.ts"), fetchModel(source, options.signal)]);
    return await loadModel(this, found, options);
  }

  /**
   * Does asynchronous `work` and counts the readbacks that it makes, those of networks within it included, regardless
   * of other work on the engine at the same time.
   */
  async counted<T>(work: () => Promise<T>): Promise<Counted<T>> {
    return await this.#counting.during(work);
  }

  /** Counts a readback for the work that waits for it. */
  protected override noteReadback(bytes: number): void {
    super.noteReadback(bytes);
    this.#counting.add(bytes);
  }

  /** Notes pages for the work that runs them. */
  protected override notePages(pages: Iterable<Page>): void {
    this.#counting.addPages(pages);
  }

  /** Destroys the device with everything on it: every later call throws a `DeviceError`. */
  close(): void {
    this.models.close();
    this.fail(new DeviceError("The engine was closed: open another one"));
    this.trim();
    this.#device.close();
  }

  /** Closes the engine at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }
}

/**
 * Opens an engine on the adapter asked for. Throws a `DeviceError` where there is none or it computes wrong values.
 *
 * ```ts ignore
 * await using engine = await openEngine({ adapter: "auto" });
 * ```
 */
export async function openEngine(options: EngineOptions = {}): Promise<Engine> {
  const { adapter, features, prepared, signal, worker, tuned } = options;
  const vectorWidth = tuned === undefined || prepared !== undefined ? undefined : await readVectorWidth(tuned);
  const asked = { adapter, features, prepared, vectorWidth, signal };
  const device = worker ? await openRemote(asked, runtimeOptions(options)) : await openDevice(asked);
  return new Engine(device, options, tuned === undefined ? undefined : await readTunedForms(tuned, device.info));
}

function runtimeOptions(options: EngineOptions & { unroll?: boolean }): RuntimeOptions {
  const { memoryBudget = defaultBudget, memoryKept, debug, forms, unroll } = options;
  return { memoryBudget, memoryKept, debug, forms, unroll };
}
