import { assertEquals, assertThrows } from "@std/assert";
import { nn, type Spec } from "../../../shaders/mod.ts";
import { iterationLimit, nestedIterations } from "../../../shaders/nn/loops.ts";
import { broadcast } from "../../../shaders/checks.ts";
import { mergeAxes } from "../../../shaders/shape.ts";

const f32 = (...shape: number[]): Spec => ({ dtype: "f32", shape });

Deno.test("iterations of nested loops are those that lavapipe counts", () => {
  assertEquals([[2], [1, 2], [1, 1, 2], [3, 2, 2]].map(nestedIterations), [3, 6, 10, 36]);
  // 65,535 iterations end a loop of 300 x 300 in its 218th outer iteration.
  assertEquals(Math.floor(65_535 / (1 + nestedIterations([300]))), 217);
  assertEquals(iterationLimit < 65_535, true);
});

Deno.test("axes merge where every array is contiguous", () => {
  assertEquals(mergeAxes([2, 3, 4], [[12, 4, 1], [12, 4, 1]]), { shape: [24], strides: [[1], [1]] });
  assertEquals(mergeAxes([2, 3, 4], [[12, 4, 1], [0, 4, 1]]), { shape: [2, 12], strides: [[12, 1], [0, 1]] });
  assertEquals(mergeAxes([2, 1, 4], [[4, 9, 1]]), { shape: [8], strides: [[1]] });
  assertEquals(mergeAxes([1, 1], [[0, 0]]), { shape: [], strides: [[]] });
});

Deno.test("shapes broadcast as NumPy's do, zeros included", () => {
  assertEquals(broadcast("test", [3, 1], [4]), [3, 4]);
  assertEquals(broadcast("test", [0, 1], [1, 5]), [0, 5]);
  assertThrows(() => broadcast("test", [3], [4]), RangeError, "test: [3] and [4] can't be broadcast");
});

Deno.test("errors of shapes name both sides", () => {
  const options = <O>(operation: { options: { parse(options: unknown): O } }, given: unknown = {}) =>
    operation.options.parse(given);
  assertThrows(
    () => nn.convolution.outputs([f32(1, 3, 8, 8), f32(8, 4, 3, 3)], options(nn.convolution)),
    RangeError,
    "weights [8, 4, 3, 3] in 1 groups take 4 channels and give a multiple of 1, but the input [1, 3, 8, 8] has 3",
  );
  assertThrows(
    () => nn.gemm.outputs([f32(2, 3), f32(4, 5)], options(nn.gemm)),
    RangeError,
    "A [2, 3] has 3 columns, but B [4, 5] has 4 rows",
  );
  assertThrows(
    () =>
      nn.pool.outputs(
        [f32(1, 2, 4, 4), f32(1, 2, 4, 4)],
        options(nn.pool, { kind: "max", kernel: [2, 2], epilogue: [{ op: "add" }] }),
      ),
    RangeError,
    "pool gives [1, 2, 3, 3], but the tensor to add has shape [1, 2, 4, 4]",
  );
  assertThrows(() => options(nn.softmax, { axis: 0.5 }), RangeError, "axis is 0.5");
});

Deno.test("a transposed convolution has the size that ONNX gives it", () => {
  const options = nn.convolutionTranspose.options.parse({
    strides: [2, 2],
    padsBegin: [1, 1],
    padsEnd: [1, 1],
    outputPadding: [1, 0],
  });
  assertEquals(nn.convolutionTranspose.outputs([f32(1, 4, 4, 5), f32(4, 3, 3, 3)], options)[0].shape, [1, 3, 8, 9]);
});

Deno.test("every network operation brings the cases that it is tested with", () => {
  const untested = Object.values(nn).filter((value) => typeof value === "object" && "record" in value && !value.cases);
  assertEquals(untested, []);
});
