/**
 * Runs an ONNX node or file on onnxruntime and tells the time: the peer of the bench's network rows.
 * Started as `onnxruntime_peer.ts web|node`; each line on standard input is a `PeerWork`, each line on standard output
 * the milliseconds of one run of it, `{"ms": 12.3}`, after a warm-up where the work is new.
 */
import { create, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from "../../engine/graph/onnx_pb.ts";
import { closedShape, noise } from "../../engine/bench/noise.ts";

/** A whole ONNX file. */
interface ModelWork {
  file: string;
}

/** One ONNX node with float inputs of the given shapes and attributes of integers. */
interface NodeWork {
  operator: string;
  inputs: number[][];
  attributes?: Record<string, number | number[]>;
}

interface Session {
  readonly inputMetadata: readonly { name: string; shape?: readonly (number | string)[] }[];
  run(feeds: Record<string, unknown>): Promise<unknown>;
}

const threads = 2;
const runtime = Deno.args[0] === "node" ? await import("onnxruntime-node") : await import("onnxruntime-web");

function model(work: NodeWork): Uint8Array {
  const float = (name: string, shape?: number[]) =>
    create(ValueInfoProtoSchema, {
      name,
      type: create(TypeProtoSchema, {
        value: {
          case: "tensorType",
          value: create(TypeProto_TensorSchema, {
            elemType: 1,
            shape: shape && create(TensorShapeProtoSchema, {
              dim: shape.map((size) =>
                create(TensorShapeProto_DimensionSchema, { value: { case: "dimValue", value: BigInt(size) } })
              ),
            }),
          }),
        },
      }),
    });
  const attribute = Object.entries(work.attributes ?? {}).map(([name, value]) =>
    create(
      AttributeProtoSchema,
      typeof value === "number"
        ? { name, type: AttributeProto_AttributeType.INT, i: BigInt(value) }
        : { name, type: AttributeProto_AttributeType.INTS, ints: value.map(BigInt) },
    )
  );
  const names = work.inputs.map((_, index) => `input${index}`);
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [create(OperatorSetIdProtoSchema, { version: 17n })],
      graph: create(GraphProtoSchema, {
        name: work.operator,
        node: [create(NodeProtoSchema, { opType: work.operator, input: names, output: ["output"], attribute })],
        input: work.inputs.map((shape, index) => float(names[index], shape)),
        output: [float("output")],
      }),
    }),
  );
}

async function open(work: ModelWork | NodeWork): Promise<() => Promise<number>> {
  if (Deno.args[0] !== "node") (runtime as typeof import("onnxruntime-web")).env.wasm.numThreads = threads;
  const create = runtime.InferenceSession.create as (model: Uint8Array, options: object) => Promise<Session>;
  const bytes = "file" in work ? await Deno.readFile(work.file) : model(work);
  const session = await create(bytes, { intraOpNumThreads: threads, executionProviders: [provider] });
  const inputs = "file" in work
    ? session.inputMetadata.map(({ name, shape = [] }) => ({ name, shape: closedShape(shape) }))
    : work.inputs.map((shape, index) => ({ name: `input${index}`, shape }));
  const feeds = Object.fromEntries(inputs.map(({ name, shape }, index) => {
    return [name, new runtime.Tensor("float32", noise(shape, index + 1), shape)];
  }));
  return async () => {
    const begin = performance.now();
    await session.run(feeds);
    return performance.now() - begin;
  };
}

const provider = Deno.args[0] === "node" ? "cpu" : "wasm";
const opened = new Map<string, () => Promise<number>>();
const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream());
let rest = "";
for await (const chunk of lines) {
  const parts = (rest + chunk).split("\n");
  rest = parts.pop() ?? "";
  for (const line of parts) {
    let run = opened.get(line);
    if (!run) {
      run = await open(JSON.parse(line));
      opened.set(line, run);
      await run();
    }
    console.log(JSON.stringify({ ms: await run() }));
  }
}
