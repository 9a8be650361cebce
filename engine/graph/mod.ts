/** Floor 2: ONNX models as networks on the device. */
import type { Runtime } from "../kernel/mod.ts";
import { readExternalFiles } from "./external_data.ts";
import { GpuNet } from "./gpu_net.ts";
import { fetchModel, type ModelBytes } from "./model_source.ts";
import type { Net } from "./net.ts";
import { readModel } from "./reader.ts";
import { openWasmNet } from "./wasm_net.ts";

export type { Net, NetReport, ReadReport } from "./net.ts";
export type { Attribute, Attributes, Model, ModelNode, Unread, ValueInfo } from "./model.ts";
export { type HostData, type HostDType, type HostValue } from "./host_value.ts";
export { newestOpset, type Operator } from "./operator.ts";
export { operators } from "./operators/mod.ts";
export { readExternalFiles } from "./external_data.ts";
export { describeModel, type ModelDescription } from "./describe.ts";
export { fetchModel, readWithin } from "./model_source.ts";
export { readModel } from "./reader.ts";
export type { FeedShapes } from "./warm.ts";
export { outputsFor } from "./static_shapes.ts";
export {
  type DifferenceOptions,
  differencesOf,
  errorOf,
  type NodeDifference,
  runHere,
  runThere,
} from "./difference.ts";
export { seededValue, writeReproduction } from "./reproduction.ts";
export type { SingleNode } from "./single_nodes.ts";
export { readTensorFile } from "./tensor_proto.ts";

/** How to load a model. */
export interface LoadModelOptions {
  /** `gpu` (default) runs on the engine's device, `wasm` on onnxruntime-web: the reference, and an explicit choice. */
  readonly backend?: "gpu" | "wasm";
  /** Ends the loading with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Loads an ONNX model from a folder with `model.json`, a file, a URL or bytes, or from what `fetchModel` gave. Throws a
 * `ModelError` where it is missing or broken and an `UnsupportedError` that lists every node which can't be run.
 */
export async function loadModel(
  core: Runtime,
  source: string | URL | Uint8Array | ModelBytes,
  options: LoadModelOptions = {},
): Promise<Net> {
  const { backend, signal } = options;
  const isFetched = typeof source === "object" && "bytes" in source;
  const found = isFetched ? source : await fetchModel(source, signal);
  signal?.throwIfAborted();
  const files = found.path === undefined ? undefined : await readExternalFiles(found.path, found.bytes);
  const own = backend !== "wasm" && !found.isForeign;
  const model = readModel(found.bytes, found.name, files, { own });
  const net = backend === "wasm" ? await openWasmNet(core, model, found, files) : new GpuNet(core, model);
  if (signal?.aborted) net.close();
  signal?.throwIfAborted();
  return net;
}
