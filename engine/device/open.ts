import { DeviceError } from "../errors.ts";
import type { Facts } from "../../shaders/contract.ts";
import {
  type AdapterChoice,
  adapterChoice,
  type AdapterDescription,
  type AdapterKind,
  describeAdapter,
} from "./adapter.ts";
import { type Attempt, nothingFound, passedOver } from "./attempt.ts";
import { type FeatureChoice, featureChoice, proveFeatures, type ProvenFeatures, requestWith } from "./features.ts";
import { featuresFor, limitsFor, plainLimits } from "./needs.ts";
import { findAttempt, tryInWorker } from "./search.ts";
import { selfTest, type SelfTestFault } from "./self_test.ts";
import type { PreparedAdapter } from "./prepare.ts";
import { lookAround, requestAdapter, requestAsItIs, setVectorWidth } from "./surroundings.ts";
import { bringInSwiftShader } from "./swiftshader.ts";

/** Deno has the handler and the event's error but its types lack them. */
interface WithUncapturedErrors {
  /** Called with each error that no error scope took. */
  onuncapturederror: ((event: Event & { error: GPUError }) => unknown) | null;
}

/** How to open a device. */
export interface OpenOptions {
  /** Default: `ISOCENTER_ADAPTER`, else `auto`. */
  readonly adapter?: AdapterChoice;
  /** What `prepareAdapter` gave in another thread of this process: then no permission is needed here. */
  readonly prepared?: PreparedAdapter;
  /** Default: `ISOCENTER_FEATURES`, else `all`. */
  readonly features?: FeatureChoice;
  /**
   * Bits of lavapipe's vectors, where the user's `LP_NATIVE_VECTOR_WIDTH` doesn't say; it is set for the process and counts
   * where lavapipe hasn't been opened in it yet. Default the driver's.
   */
  readonly vectorWidth?: number;
  /** Ends the opening with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What a device is. */
export interface DeviceInfo {
  /** What drives the pages. */
  readonly adapter: AdapterKind;
  /** Name of the adapter, as its driver reports it. */
  readonly name: string;
  /** Who makes the adapter, or the vendor's number where we don't know it. */
  readonly vendor: string;
  /** The driver's manifest, where one was picked by its path. */
  readonly driver?: string;
  /** Limits of the device. */
  readonly limits: Readonly<Record<string, number>>;
  /** Features that the device was granted. */
  readonly features: readonly string[];
  /** The features with which the device has computed known answers: forms are chosen by these. */
  readonly proven: ProvenFeatures;
  /** What was skipped and why, one line each. */
  readonly notes: readonly string[];
}

/** An open device that has passed the self-test. */
export interface OpenDevice {
  /** The device itself. */
  readonly device: GPUDevice;
  /** What it is. */
  readonly info: DeviceInfo;
  /** What the forms of an operation are chosen by. */
  readonly facts: Facts;
  /** Settles with the reason when the device is lost, or destroyed by others; never where it is closed. */
  readonly lost: Promise<DeviceError>;
  /** Sets who hears of errors that no error scope took. Those from before are told at once. */
  onError(handler: (error: DeviceError) => void): void;
  /** Destroys the device. */
  close(): void;
}

/**
 * Opens a device: hardware, else an installed lavapipe, else SwiftShader from npm, or the kind asked for.
 * Throws a `DeviceError` where there is none, it computes wrong values, or a permission is missing, and a `UsageError`
 * where the choice is no known word.
 */
export async function openDevice(options: OpenOptions = {}): Promise<OpenDevice> {
  const { signal } = options;
  signal?.throwIfAborted();
  if (options.prepared !== undefined) return await openPrepared(options.prepared, options.features);
  const choice = adapterChoice(options.adapter);
  const surroundings = lookAround();
  const untold = setVectorWidth(options.vectorWidth);
  const { attempt, notes: skipped } = await findAttempt(choice, surroundings);
  const notes = [...untold, ...skipped];
  signal?.throwIfAborted();
  const variables = attempt.bringIn ? await bringInSwiftShader(signal) : attempt.variables;
  signal?.throwIfAborted();
  const adapter = await requestAdapter(variables);
  const description = adapter === null ? null : describeAdapter(adapter);
  if (adapter === null || description === null || !attempt.accepts.includes(description.kind)) {
    const elsewhere = await tryInWorker(variables);
    throw passedOver(attempt, elsewhere) === undefined
      ? alreadyChosen(choice, attempt, description)
      : nothingFound(choice, surroundings, [...notes, passedOver(attempt, elsewhere)!]);
  }
  const features = featureChoice(options.features);
  const opened = await open(description, adapter, { notes, driver: variables?.VK_DRIVER_FILES, features });
  if (signal?.aborted) opened.close();
  signal?.throwIfAborted();
  return opened;
}

async function openPrepared(
  { accepts, driver, notes, features, otherwise }: PreparedAdapter,
  choice: FeatureChoice = features,
): Promise<OpenDevice> {
  const adapter = await requestAsItIs();
  const description = adapter === null ? null : describeAdapter(adapter);
  if (adapter === null || description === null || !accepts.includes(description.kind)) throw new DeviceError(otherwise);
  return await open(description, adapter, { notes, driver, features: choice });
}

/** The error where another thread would get what this one doesn't. */
function alreadyChosen(choice: AdapterChoice, attempt: Attempt, has: AdapterDescription | null): DeviceError {
  return new DeviceError(
    `adapter is "${choice}", which is ${attempt.label} here, but this thread has chosen ` +
      `${has === null ? "no adapter" : `${has.name} (${has.kind})`} already, and a thread's first requestAdapter is ` +
      "final: open the engine before anything else asks for an adapter, or open it in a Worker",
  );
}

async function open(
  description: AdapterDescription,
  adapter: GPUAdapter,
  extra: { notes: readonly string[]; driver: string | undefined; features: FeatureChoice },
): Promise<OpenDevice> {
  const { kind, name, vendor } = description;
  let device: GPUDevice;
  try {
    const descriptor = {
      label: "isocenter",
      requiredLimits: limitsFor(kind, adapter.limits),
      requiredFeatures: featuresFor(adapter.features),
    };
    device = await requestWith(adapter, descriptor, extra.features);
  } catch (error) {
    throw new DeviceError(`${name} gives no device: ${(error as Error).message}`, { cause: error });
  }
  const unknown = kind === "gpu" && adapter.info.isFallbackAdapter ? [`${name} computes in software`] : [];
  const errors = collectErrors(device, name);
  let tolerated: string[];
  try {
    tolerated = tolerate(await selfTest(device, name), name);
  } catch (error) {
    device.destroy();
    throw error;
  }
  const limits = plainLimits(device.limits);
  const { proven, notes } = await proveFeatures(device);
  let closed = false;
  return {
    device,
    info: {
      adapter: kind,
      name,
      vendor,
      ...(extra.driver === undefined ? {} : { driver: extra.driver }),
      limits,
      features: [...device.features].sort(),
      proven,
      notes: [...extra.notes, ...unknown, ...tolerated, ...notes],
    },
    facts: {
      adapter: kind,
      ...proven,
      maxInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
      maxWorkgroupStorageBytes: limits.maxComputeWorkgroupStorageSize,
      maxTextureSize: limits.maxTextureDimension2D,
      maxTextureLayers: limits.maxTextureArrayLayers,
    },
    lost: whenLost(device, name, () => closed),
    onError: errors.onError,
    close: () => {
      closed = true;
      device.destroy();
    },
  };
}

/**
 * Throws where a device computed wrong values. The remainder of negative integers, which OpenGL leaves open and some
 * drivers of GPUs get wrong, is only noted: no page takes it.
 */
function tolerate(found: readonly SelfTestFault[], name: string): string[] {
  const isTolerated = (fault: SelfTestFault) => fault.part === "the remainder of negative integers";
  const refused = found.filter((fault) => !isTolerated(fault));
  if (refused.length > 0) {
    throw new DeviceError(
      `${name} computes wrong values: ${refused.map((fault) => fault.words).join("; ")}: ` +
        "use another adapter (deno task doctor lists them)",
    );
  }
  return found.map((fault) => `${name}: ${fault.words}`);
}

/** Keeps errors that no error scope took until somebody asks for them: WebGPU lets them pass in silence. */
function collectErrors(device: GPUDevice, name: string): Pick<OpenDevice, "onError"> {
  const waiting: DeviceError[] = [];
  let tell = (error: DeviceError): void => void waiting.push(error);
  (device as GPUDevice & WithUncapturedErrors).onuncapturederror = (event) => {
    event.preventDefault();
    tell(new DeviceError(`${name}: ${event.error.message}`, { cause: event.error }));
  };
  return {
    onError(handler) {
      tell = handler;
      for (const error of waiting.splice(0)) handler(error);
    },
  };
}

function whenLost(device: GPUDevice, name: string, isClosed: () => boolean): Promise<DeviceError> {
  const { promise, resolve } = Promise.withResolvers<DeviceError>();
  device.lost.then(({ reason, message }) => {
    if (!isClosed()) resolve(new DeviceError(`${name} was lost (${message || reason}): run again`));
  });
  return promise;
}
