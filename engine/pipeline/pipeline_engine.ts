/** What sources and stages see of the engine: a part of its face, so that tests can stand in for a device. */
import type { DType, Page, Recorder, Spec, Value } from "../../shaders/contract.ts";
import type { HostArray, Net, Tensor, Tensors } from "../mod.ts";

export type { Net, Tensor, Tensors };

/** The elements of a tensor on the host, row-major. */
export interface HostCopy extends Spec {
  /** The elements; f16 is held as f32, bool as 0 and 1. */
  readonly data: HostArray;
}

/** What work on the device had to wait for, and what it ran. */
export interface EngineCounts {
  /** How often the host waited for the device. */
  readonly readbacks: number;
  /** Bytes that were read back. */
  readonly readbackBytes: number;
  /** The pages that the device ran. */
  readonly pages: readonly Page[];
  /** When the device was first given some of it, on the clock of `performance.now()`; none where it was given nothing. */
  readonly submittedAt?: number;
}

/** The part of the engine that stages use; `Engine` is one. */
export interface PipelineEngine {
  /** The adapter's kind and name, and its driver where one was picked. */
  readonly info: { readonly adapter: string; readonly name: string; readonly driver?: string };
  /** Uploads an array. The default type is that of the array. */
  tensor(data: HostArray, shape: readonly number[], options?: { dtype?: DType }): Tensor;
  /** Records, plans and submits work, and returns at once. The tensors belong to the caller. */
  run<R extends Value | readonly Value[] | Readonly<Record<string, Value>>>(work: (r: Recorder) => R): Tensors<R>;
  /** The same in parts, for long work, which can then report progress and be aborted. */
  runInParts<R extends Value | readonly Value[] | Readonly<Record<string, Value>>>(
    work: (r: Recorder) => R,
    options?: { onProgress?: (share: number) => void; signal?: AbortSignal },
  ): Promise<Tensors<R>>;
  /** Waits for the device and reads all of them in one go. */
  read(tensors: readonly Tensor[]): Promise<readonly HostArray[]>;
  /** Loads an ONNX model. Throws a `ModelError`. */
  loadModel(model: string | URL | Uint8Array): Promise<Net>;
  /** Does work, counts the readbacks that it makes and notes the pages that it runs, regardless of other work on the engine at the same time. */
  counted<T>(work: () => Promise<T>): Promise<EngineCounts & { readonly value: T }>;
}
