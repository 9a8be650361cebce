import type { Facts } from "../../shaders/contract.ts";
import type { DeviceError } from "../errors.ts";
import type { DeviceInfo, OpenOptions } from "../device/mod.ts";
import { limitsOf, type RuntimeOptions } from "../kernel/mod.ts";
import type { Opened } from "./messages.ts";
import { RemoteCore } from "./remote_core.ts";

/** A device in a Worker. */
export interface RemoteDevice {
  /** What asks the Worker. */
  readonly device: RemoteCore;
  /** What the device is. */
  readonly info: DeviceInfo;
  /** What forms are chosen by. */
  readonly facts: Facts;
  /** Settles with the reason when the device is lost; never where it is closed. */
  readonly lost: Promise<DeviceError>;
  /** Errors that no run caused come as a lost device. */
  onError(handler: (error: DeviceError) => void): void;
  /** Ends the Worker, and the device with it. */
  close(): void;
}

/** Opens a device in a Worker of its own. Throws as `openDevice` does. */
export async function openRemote(options: OpenOptions, runtime: RuntimeOptions): Promise<RemoteDevice> {
  const { signal, ...device } = options;
  signal?.throwIfAborted();
  const worker = new Worker(import.meta.resolve("./device_worker.ts"), { type: "module", name: "isocenter device" });
  const { promise: lost, resolve } = Promise.withResolvers<DeviceError>();
  const core = new RemoteCore(worker, (error) => resolve(error as DeviceError));
  try {
    const { info, facts } = await core.open({ type: "open", device, options: runtime }, signal) as Opened;
    core.setLimits(runtime.memoryBudget, limitsOf(info.limits));
    return { device: core, info, facts, lost, onError: () => {}, close: () => worker.terminate() };
  } catch (error) {
    worker.terminate();
    throw error;
  }
}
