/** f64: the device has it rounded, small tensors keep their elements beside that, and networks compute with these. */
import { create } from "@bufbuild/protobuf";
import { assertEquals, assertThrows } from "@std/assert";
import { openEngine } from "../../engine/mod.ts";
import { TensorProtoSchema } from "../../engine/graph/onnx_pb.ts";
import { buildModel, onnxTypes } from "../onnx_builder.ts";

Deno.test("an f64 tensor is read back as it was given", async () => {
  await using engine = await openEngine();
  using tensor = engine.tensor(Float64Array.of(0.1, 1e200, -Infinity, NaN), [4], { dtype: "f64" });
  assertEquals(await tensor.read(), Float64Array.of(0.1, 1e200, -Infinity, NaN));
  const large = new Float64Array(70_000).fill(1e200);
  assertThrows(() => engine.tensor(large, [70_000], { dtype: "f64" }), RangeError, "greatest f32");
});

Deno.test("networks of f64 compute beyond what f32 holds", async () => {
  await using engine = await openEngine();
  const constant = create(TensorProtoSchema, { dataType: onnxTypes.f64, dims: [], doubleData: [1e200] });
  using net = await engine.loadModel(buildModel({
    inputs: { x: [2] },
    outputs: ["y"],
    types: { x: "f64", y: "f64" },
    constants: { c: constant },
    nodes: [["Mul", ["x", "c"], ["z"]], ["Add", ["z", "x"], ["y"]]],
  }));
  using x = engine.tensor(Float64Array.of(1 + 2 ** -40, -3), [2], { dtype: "f64" });
  const { y } = await net.run({ x });
  using result = y;
  assertEquals(await result.read(), Float64Array.of((1 + 2 ** -40) * 1e200 + 1 + 2 ** -40, -3e200 - 3));
});

Deno.test("networks of f64 load with constants that exceed what the device holds", async () => {
  await using engine = await openEngine();
  const constant = create(TensorProtoSchema, { dataType: onnxTypes.f64, dims: [2n], doubleData: [1e200, -3] });
  using net = await engine.loadModel(buildModel({
    inputs: { x: [2] },
    outputs: ["y"],
    types: { x: "f64", y: "f64" },
    constants: { c: constant },
    nodes: [["Add", ["x", "c"], ["y"]]],
  }));
  using x = engine.tensor(Float64Array.of(1e199, 4), [2], { dtype: "f64" });
  const { y } = await net.run({ x });
  using result = y;
  assertEquals(await result.read(), Float64Array.of(1e200 + 1e199, 1));
});
