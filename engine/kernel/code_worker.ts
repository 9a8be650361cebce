/**
 * A Worker that has a driver make code on a device of its own. Of the newest share it goes from the last pipeline to the first,
 * as the thread that shares them goes from the first to the last.
 */

import {
  type CodeDevice,
  type CodeShare,
  type DriverCode,
  DriverCodes,
  makePipeline,
  take,
  type ToCodeWorker,
} from "./driver_code.ts";

const scope = self as unknown as { postMessage(message: "done"): void };
const shares: CodeShare[] = [];
let isAtWork = false;
let device: Promise<GPUDevice | undefined> | undefined;
let codes: DriverCodes | undefined;

self.addEventListener("message", async (message) => {
  const { device: asked, share } = (message as MessageEvent<ToCodeWorker>).data;
  shares.push(share);
  if (isAtWork) return;
  isAtWork = true;
  device ??= open(asked);
  await work(await device);
  isAtWork = false;
});

/** The device of the adapter that the sharing thread has; nothing where this thread gets another. */
async function open({ name, features, limits }: CodeDevice): Promise<GPUDevice | undefined> {
  const adapter = await navigator.gpu.requestAdapter();
  if (adapter?.info.description !== name) return undefined;
  return await adapter.requestDevice({ requiredFeatures: features as GPUFeatureName[], requiredLimits: limits });
}

async function work(device: GPUDevice | undefined): Promise<void> {
  for (let code = next(); code !== undefined; code = next()) {
    if (device === undefined) continue;
    codes ??= new DriverCodes(device);
    codes.make(makePipeline(device, code.source), code);
    await device.queue.onSubmittedWorkDone();
  }
}

/** The last pipeline of the newest share that nobody has taken. Tells of each share in which there is none left. */
function next(): DriverCode | undefined {
  for (let share = shares.at(-1); share !== undefined; share = shares.at(-1)) {
    for (let place = share.codes.length - 1; place >= 0; place--) {
      if (take(share.taken, place)) return share.codes[place];
    }
    shares.pop();
    scope.postMessage("done");
  }
  return undefined;
}
