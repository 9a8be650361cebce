import type { DType, Recorder, Value } from "../../shaders/mod.ts";
import { ModelError, UnsupportedError } from "../errors.ts";
import type { Runtime, WaitOptions } from "../kernel/mod.ts";
import type { HostArray, Tensor } from "../memory/mod.ts";
import type { ExternalFiles } from "./external_data.ts";
import type { Model, ValueInfo } from "./model.ts";
import type { ModelBytes } from "./model_source.ts";
import { checkFeeds, type Net, type NetReport } from "./net.ts";
import { loadOnnxruntime, type Onnxruntime, type OnnxruntimeSession, type OnnxruntimeTensor } from "./onnxruntime.ts";
import { type FeedShapes, warmNet } from "./warm.ts";

/** Our element types by onnxruntime's names. */
export const onnxruntimeTypes: Readonly<Record<string, DType>> = {
  float32: "f32",
  float16: "f16",
  float64: "f64",
  int64: "i64",
  uint64: "u64",
  int32: "i32",
  uint32: "u32",
  int16: "i16",
  uint16: "u16",
  int8: "i8",
  uint8: "u8",
  bool: "bool",
};

/** The program's own: as it starts, onnxruntime-web puts Node's in its place, which makes no Workers of ours. */
const { Worker } = globalThis;

/** Opens a session of onnxruntime-web: on the CPU, with feeds read from the device and results uploaded. */
export async function openWasmNet(
  core: Runtime,
  model: Model,
  { bytes, name }: ModelBytes,
  files: ExternalFiles = new Map(),
): Promise<Net> {
  const runtime = await loadOnnxruntime();
  try {
    const session = await runtime.InferenceSession.create(bytes, {
      executionProviders: ["wasm"],
      externalData: [...files].map(([path, data]) => ({ path, data })),
    });
    return new WasmNet(core, model, runtime, session);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ModelError(`Cannot open ${name} with onnxruntime-web: ${why}`, { cause: error });
  } finally {
    globalThis.Worker = Worker;
  }
}

class WasmNet implements Net {
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly #core: Runtime;
  readonly #name: string;
  readonly #runtime: Onnxruntime;
  readonly #session: OnnxruntimeSession;
  #closed = false;
  /** A session runs one call at a time: each waits for the one before it. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(core: Runtime, model: Model, runtime: Onnxruntime, session: OnnxruntimeSession) {
    this.#core = core;
    this.#runtime = runtime;
    this.#session = session;
    this.#name = model.name;
    this.inputs = model.inputs;
    this.outputs = model.outputs;
  }

  record(_: Recorder, _feeds: Readonly<Record<string, Value>>): Record<string, Value> {
    throw new UnsupportedError(`Cannot record ${this.#name} as it runs on onnxruntime-web: use "await net.run(feeds)"`);
  }

  async run(
    feeds: Readonly<Record<string, Tensor>>,
    { signal }: WaitOptions = {},
  ): Promise<Record<string, Tensor>> {
    if (this.#closed) throw new ModelError(`${this.#name} was closed: load it again`);
    checkFeeds(this.#name, this.inputs, feeds);
    const arrays = await this.#core.read(this.inputs.map(({ name }) => feeds[name]), { signal });
    const given = this.inputs.map((
      { name },
      i,
    ): [string, OnnxruntimeTensor] => [name, this.#give(feeds[name], arrays[i])]);
    const turn = this.#queue.then(() => this.#session.run(Object.fromEntries(given)));
    this.#queue = turn.catch(() => {});
    const results = await turn;
    signal?.throwIfAborted();
    return Object.fromEntries(this.outputs.map(({ name }) => [name, this.#take(name, results[name])]));
  }

  /** A session is compiled when it is made. */
  compile(): Promise<void> {
    return Promise.resolve();
  }

  async warm(shapes: FeedShapes = {}, options: WaitOptions = {}): Promise<void> {
    await warmNet(this.#core, this, shapes, options);
  }

  report(): NetReport {
    const plan = { operations: 0, reshapes: 0, constantBytes: 0 };
    return { operations: {}, forms: {}, plan, macs: 0, readbacks: 1, reads: [] };
  }

  close(): void {
    // A session that is released twice ends the process.
    if (this.#closed) return;
    this.#closed = true;
    this.#queue.then(() => this.#session.release());
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #give({ dtype, shape }: Tensor, data: HostArray): OnnxruntimeTensor {
    const type = Object.keys(onnxruntimeTypes).find((name) => onnxruntimeTypes[name] === dtype)! as string;
    const elements = dtype === "f16" ? new Float16Array(data as Float32Array) : data;
    return new this.#runtime.Tensor(type, elements, shape);
  }

  #take(name: string, tensor: OnnxruntimeTensor): Tensor {
    const dtype = onnxruntimeTypes[tensor.type];
    if (dtype === undefined) {
      throw new UnsupportedError(`Cannot take ${name} of ${this.#name} as its type is ${tensor.type}`);
    }
    const data = dtype === "f16" ? Float32Array.from(tensor.data as unknown as Float32Array) : tensor.data;
    return this.#core.tensor(data as HostArray, tensor.dims, { dtype });
  }
}
