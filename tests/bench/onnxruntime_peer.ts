/**
 * Runs one ONNX node on onnxruntime and tells the time: the peer of the bench's network rows.
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

/** One ONNX node with float inputs of the given shapes and integer-list attributes. */
interface PeerWork {
  operator: string;
  inputs: number[][];
  attributes?: Record<string, number[]>;
}

interface Session {
  run(feeds: Record<string, unknown>): Promise<unknown>;
}

const threads = 2;
const runtime = Deno.args[0] === "node" ? await import("onnxruntime-node") : await import("onnxruntime-web");

function model(work: PeerWork): Uint8Array {
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
  const attribute = Object.entries(work.attributes ?? {}).map(([name, ints]) =>
    create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INTS, ints: ints.map(BigInt) })
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

async function open(work: PeerWork): Promise<() => Promise<number>> {
  if (Deno.args[0] !== "node") (runtime as typeof import("onnxruntime-web")).env.wasm.numThreads = threads;
  const create = runtime.InferenceSession.create as (model: Uint8Array, options: object) => Promise<Session>;
  const session = await create(model(work), { intraOpNumThreads: threads, executionProviders: [provider] });
  const feeds = Object.fromEntries(work.inputs.map((shape, index) => {
    const count = shape.reduce((a, b) => a * b, 1);
    const values = Float32Array.from({ length: count }, (_, i) => Math.sin(i * (index + 1)));
    return [`input${index}`, new runtime.Tensor("float32", values, shape)];
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
