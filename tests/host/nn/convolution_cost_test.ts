/** What Winograd's form executes: less than the definition's operations, and never less than its products. */
import { assert, assertEquals } from "@std/assert";
import { nn, type Spec } from "../../../shaders/mod.ts";

Deno.test("Winograd's form costs what it executes, not what the definition would", () => {
  const options = nn.convolution.options.parse({ padsBegin: [1, 1], padsEnd: [1, 1] });
  const inputs: Spec[] = [{ dtype: "f32", shape: [1, 64, 128, 128] }, { dtype: "f32", shape: [64, 64, 3, 3] }];
  const direct = nn.convolution.cost(inputs, options).flops;
  const executed = nn.convolution.forms!.winograd.cost!(inputs, options).flops;
  assertEquals(direct, 2 * 9 * 64 * 64 * 128 * 128);
  // 36 products for 16 outputs instead of 144, and the transforms.
  assert(executed > direct / 4 && executed < direct / 3, `${executed} of ${direct}`);
});
