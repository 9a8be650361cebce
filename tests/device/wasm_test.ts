/** onnxruntime-web beside the engine: fetched when asked for, apart from the lock. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { ModelError, openEngine } from "isocenter";
import { buildModel } from "../onnx_builder.ts";

const { Worker } = globalThis;

Deno.test("a network of onnxruntime-web may be closed twice, and says that it is closed", async () => {
  const bytes = buildModel({ inputs: { x: ["N"] }, outputs: ["y"], nodes: [["Relu", ["x"], ["y"]]] });
  await using engine = await openEngine();
  using x = engine.tensor(Float32Array.of(-1, 2), [2]);
  const net = await engine.loadModel(bytes, { backend: "wasm" });
  const { y } = await net.run({ x });
  assertEquals([...await y.read()], [0, 2]);
  y.dispose();
  net.close();
  net.close();
  net[Symbol.dispose]();
  await assertRejects(() => net.run({ x }), ModelError, "was closed");
});

Deno.test("a network of onnxruntime-web leaves the program its Worker", async () => {
  const bytes = buildModel({ inputs: { x: ["N"] }, outputs: ["y"], nodes: [["Relu", ["x"], ["y"]]] });
  await using engine = await openEngine();
  using _net = await engine.loadModel(bytes, { backend: "wasm" });
  assert(globalThis.Worker === Worker);
});

Deno.test("no lock makes every machine fetch onnxruntime, and its name is still in the imports", async () => {
  const read = (name: string) => Deno.readTextFile(new URL(`../../${name}`, import.meta.url));
  assert(!(await read("deno.lock")).includes("onnxruntime"));
  assert("onnxruntime-web" in JSON.parse(await read("deno.json")).imports);
  const { Tensor } = await import("onnxruntime-web");
  assertEquals(new Tensor("float32", Float32Array.of(3), [1]).dims, [1]);
});
