/** Where a network here and on onnxruntime part ways: node by node, each given what onnxruntime computed before it. */
import type { DType } from "../../shaders/mod.ts";
import { ModelError, UnsupportedError } from "../errors.ts";
import type { Runtime } from "../kernel/mod.ts";
import type { HostArray, Tensor } from "../memory/mod.ts";
import type { ExternalFiles } from "./external_data.ts";
import { GpuNet } from "./gpu_net.ts";
import { type HostValue, isFloat, numbersOf } from "./host_value.ts";
import { loadOnnxruntime, type Onnxruntime, type OnnxruntimeSession, type OnnxruntimeTensor } from "./onnxruntime.ts";
import { prepareModel } from "./passes/mod.ts";
import { readModel } from "./reader.ts";
import { type SingleNode, SingleNodes } from "./single_nodes.ts";
import { runNetByTwins } from "./twins.ts";
import { onnxruntimeTypes } from "./wasm_net.ts";

/** What one node gives, compared. Errors are the greatest difference as a part of the greatest magnitude. */
export interface NodeDifference extends SingleNode {
  /** Ours against onnxruntime-web; 1 and more where integers or shapes differ. */
  readonly error?: number;
  /** Ours and onnxruntime-web's against the twins in f64, where asked for. */
  readonly twin?: { readonly ours: number; readonly onnxruntime: number };
  /** Why it was not compared. */
  readonly skipped?: string;
  /** Whether it is beyond its bound. */
  readonly isBeyond: boolean;
  /** The node as a model, and its values by name: what shows the difference again. */
  readonly reproduction?: { readonly model: Uint8Array; readonly values: ReadonlyMap<string, HostValue> };
}

/** How networks are compared. */
export interface DifferenceOptions {
  /** Files with elements of the model. */
  readonly files?: ExternalFiles;
  /** Compares with the twins in f64 as well, which is slow: convolutions are plain loops there. */
  readonly twin?: boolean;
  /** Most that a node may be off by. */
  readonly bound: number;
  /** Runs a model here; tests give one that is wrong. */
  readonly run?: typeof runHere;
}

/**
 * Nodes whose reference values are fetched together, at first: each time onnxruntime-web runs the whole network. Twice as
 * many the next time where their values took less than `mostBytes`, as they are on the host at the same time; otherwise half.
 */
const firstNodes = 24;
const mostBytes = 2 ** 27;

/** Compares node by node, in the order of the file, until the caller has seen enough; constants have nothing to compare. */
export async function* differencesOf(
  core: Runtime,
  model: Uint8Array,
  feeds: ReadonlyMap<string, HostValue>,
  { files, twin = false, bound, run = runHere }: DifferenceOptions,
): AsyncGenerator<NodeDifference> {
  const parts = new SingleNodes(model, files);
  const indices = [...parts.nodes.keys()].filter((index) => parts.nodes[index].operator !== "Constant");
  const runtime = await loadOnnxruntime();
  const session = await runtime.InferenceSession.create(parts.withAllOutputs(), { executionProviders: ["wasm"] });
  try {
    let count = firstNodes;
    for (let begin = 0, end = 0; begin < indices.length; begin = end) {
      end = Math.min(indices.length, begin + count);
      const nodes = indices.slice(begin, end).map((index) => parts.nodes[index]);
      const names = new Set(nodes.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]));
      const wanted = [...names].filter((name) => !feeds.has(name));
      const given = Object.fromEntries([...feeds].map(([name, value]) => [name, tensorOf(runtime, value)]));
      const values = new Map([...feeds].filter(([name]) => names.has(name)));
      for (const [name, value] of await fetched(session, given, wanted)) values.set(name, value);
      const bytes = [...values.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
      count = bytes < mostBytes ? 2 * count : Math.max(1, count >> 1);
      for (const [i, node] of nodes.entries()) yield await compareNode(parts, indices[begin + i], node, values);
    }
  } finally {
    await session.release();
  }

  async function compareNode(
    parts: SingleNodes,
    index: number,
    node: SingleNode,
    values: ReadonlyMap<string, HostValue>,
  ): Promise<NodeDifference> {
    const missing = [...node.inputs, ...node.outputs].find((name) => !values.has(name));
    if (missing !== undefined) return { ...node, skipped: `${missing} is no tensor`, isBeyond: false };
    const own = new Map([...node.inputs, ...node.outputs].map((name) => [name, values.get(name)!]));
    const inputs = new Map(node.inputs.map((name) => [name, values.get(name)!]));
    const alone = parts.alone(index, own);
    try {
      const ours = await run(core, alone, node.name, inputs);
      const error = greatest(node, ours, own);
      const twins = twin ? twinOf(alone, node, inputs) : undefined;
      const beside = twins && { ours: greatest(node, ours, twins), onnxruntime: greatest(node, own, twins) };
      const isBeyond = !((beside?.ours ?? error) <= bound);
      return {
        ...node,
        error,
        twin: beside,
        isBeyond,
        ...isBeyond && { reproduction: { model: alone, values: twins ? new Map([...inputs, ...twins]) : own } },
      };
    } catch (error) {
      if (!(error instanceof UnsupportedError || error instanceof ModelError)) throw error;
      return { ...node, skipped: error.message, isBeyond: false };
    }
  }
}

/** Values by name but those that are no tensors, for which onnxruntime-web refuses the whole run. */
async function fetched(
  session: OnnxruntimeSession,
  feeds: Readonly<Record<string, OnnxruntimeTensor>>,
  names: readonly string[],
): Promise<[string, HostValue][]> {
  if (names.length === 0) return [];
  try {
    return Object.entries(await session.run(feeds, names)).flatMap(([name, tensor]) => {
      const value = valueOf(tensor);
      return value === undefined ? [] : [[name, value]];
    });
  } catch (error) {
    if (!String(error).includes("non-tensor")) throw error;
    if (names.length === 1) return [];
    const middle = names.length >> 1;
    return [
      ...await fetched(session, feeds, names.slice(0, middle)),
      ...await fetched(session, feeds, names.slice(middle)),
    ];
  }
}

/** Runs a model on the engine's device. */
export async function runHere(
  core: Runtime,
  model: Uint8Array,
  name: string,
  feeds: ReadonlyMap<string, HostValue>,
  files?: ExternalFiles,
): Promise<Map<string, HostValue>> {
  using net = new GpuNet(core, readModel(model, name, files));
  const tensors: Record<string, Tensor> = {};
  for (const [input, { dtype, shape, data }] of feeds) {
    tensors[input] = core.tensor(data as HostArray, shape, { dtype: dtype as DType });
  }
  const results = await net.run(tensors);
  const outputs = Object.entries(results);
  try {
    const arrays = await core.read(outputs.map(([, tensor]) => tensor));
    return new Map(outputs.map(([output, { dtype, shape }], i) => [output, { dtype, shape, data: arrays[i] }]));
  } finally {
    for (const tensor of [...Object.values(tensors), ...Object.values(results)]) tensor.dispose();
  }
}

/** Runs a model on onnxruntime-web. */
export async function runThere(
  model: Uint8Array,
  files: ExternalFiles,
  feeds: ReadonlyMap<string, HostValue>,
): Promise<Map<string, HostValue>> {
  const runtime = await loadOnnxruntime();
  const session = await runtime.InferenceSession.create(model, {
    executionProviders: ["wasm"],
    externalData: [...files].map(([path, data]) => ({ path, data })),
  });
  try {
    const given = Object.fromEntries([...feeds].map(([name, value]) => [name, tensorOf(runtime, value)]));
    const results = Object.entries(await session.run(given));
    return new Map(results.flatMap(([name, tensor]) => {
      const value = valueOf(tensor);
      return value === undefined ? [] : [[name, value] as const];
    }));
  } finally {
    await session.release();
  }
}

/**
 * The greatest difference between two values, as a part of the greatest magnitude of the second; for integers 1 where any
 * differs, and infinite where types, shapes or what is no number do.
 */
export function errorOf(found: HostValue | undefined, wanted: HostValue): number {
  if (found?.dtype !== wanted.dtype || String(found.shape) !== String(wanted.shape)) return Infinity;
  if (!isFloat(wanted.dtype)) return found.data.every((value, i) => value === narrowed(wanted.data[i])) ? 0 : 1;
  let error = 0, scale = 1e-6;
  const [ours, theirs] = [found.data as Float32Array, wanted.data as Float32Array];
  for (let i = 0; i < theirs.length; i++) {
    if (Object.is(ours[i], theirs[i])) {
      if (Number.isFinite(theirs[i])) scale = Math.max(scale, Math.abs(theirs[i]));
      continue;
    }
    const difference = Math.abs(ours[i] - theirs[i]);
    if (!Number.isFinite(difference)) return Infinity;
    error = Math.max(error, difference);
    scale = Math.max(scale, Math.abs(theirs[i]));
  }
  return error / scale;
}

/** The extremes of 64 bits, which exporters write for "to the end", are those of 32 bits on the device. */
function narrowed(element: number | bigint): number | bigint {
  if (typeof element !== "bigint") return element;
  const most = element > 2n ** 62n ? 2n ** 31n - 1n : element;
  return most < -(2n ** 62n) ? -(2n ** 31n) : most;
}

function greatest(
  { outputs }: SingleNode,
  found: ReadonlyMap<string, HostValue>,
  wanted: ReadonlyMap<string, HostValue>,
): number {
  return Math.max(0, ...outputs.map((name) => errorOf(found.get(name), wanted.get(name)!)));
}

function twinOf(model: Uint8Array, { name }: SingleNode, inputs: ReadonlyMap<string, HostValue>) {
  return runNetByTwins(prepareModel(readModel(model, name)), Object.fromEntries(inputs)).outputs;
}

function tensorOf(runtime: Onnxruntime, { dtype, shape, data }: HostValue): OnnxruntimeTensor {
  const type = Object.keys(onnxruntimeTypes).find((name) => onnxruntimeTypes[name] === dtype);
  if (type === undefined) throw new UnsupportedError(`onnxruntime-web is given no ${dtype}`);
  return new runtime.Tensor(type, dtype === "f16" ? new Float16Array(numbersOf({ dtype, shape, data })) : data, shape);
}

/** A tensor of onnxruntime; nothing for sequences and types that we don't have. */
function valueOf({ type, dims, data }: OnnxruntimeTensor): HostValue | undefined {
  const dtype = onnxruntimeTypes[type];
  if (dtype === undefined) return undefined;
  const elements = dtype === "f16" ? Float32Array.from(data as ArrayLike<number>) : data;
  return { dtype, shape: [...dims], data: elements as HostValue["data"] };
}
