/** `lib/double.wgsl` keeps twice the digits of f32 on every adapter: drivers may fold what it does away. */
import { assert } from "@std/assert";
import { openEngine } from "../../engine/mod.ts";
import { randomNumbers } from "../../shaders/cases.ts";
import { double, grid } from "../../shaders/lib/mod.ts";
import { definePage, type Recorder } from "../../shaders/mod.ts";

const count = 512;
/** Sums of many numbers of very different sizes, and exact products. */
const page = definePage({
  name: "double_precision",
  file: import.meta.resolve("./double_precision_test.ts"),
  text: `
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= length_a()) { return; }
  let sum = double_sum(load_a(i), load_b(i));
  let product = double_product(load_a(i), load_b(i));
  var total = vec2f();
  for (var k = 0u; k < 8u; k++) { total = double_add(total, double_scale(sum, load_b((i + k) % length_b()))); }
  store_results(6u * i, sum.x);
  store_results(6u * i + 1u, sum.y);
  store_results(6u * i + 2u, product.x);
  store_results(6u * i + 3u, product.y);
  store_results(6u * i + 4u, total.x);
  store_results(6u * i + 5u, total.y);
}`,
  libs: [grid, double],
  bindings: [
    { name: "a", access: "read", layout: "linear" },
    { name: "b", access: "read", layout: "linear" },
    { name: "results", access: "write", layout: "linear" },
  ],
});

Deno.test("sums and products are exact, and sums of products good to 13 digits", async () => {
  await using engine = await openEngine();
  const next = randomNumbers(3);
  const draw = () => Float32Array.from({ length: count }, () => (2 * next() - 1) * 2 ** Math.floor(16 * next()));
  const [a, b] = [draw(), draw()];
  using x = engine.tensor(a, [count]);
  using y = engine.tensor(b, [count]);
  using results = engine.run((r: Recorder) => {
    const results = r.temporary({ dtype: "f32", shape: [6 * count] });
    r.dispatch(page, { bind: { a: x, b: y, results }, groups: [count / 64, 1, 1], iterations: 16 });
    return results;
  });
  const values = await results.read() as Float32Array;
  for (let i = 0; i < count; i++) {
    const [sum, product, total] = [0, 2, 4].map((at) => values[6 * i + at] + values[6 * i + at + 1]);
    assert(sum === a[i] + b[i], `${a[i]} + ${b[i]} is ${sum}, not ${a[i] + b[i]}`);
    assert(product === a[i] * b[i], `${a[i]} * ${b[i]} is ${product}, not ${a[i] * b[i]}`);
    let wanted = 0, scale = 0;
    for (let k = 0; k < 8; k++) {
      wanted += (a[i] + b[i]) * b[(i + k) % count];
      scale += Math.abs((a[i] + b[i]) * b[(i + k) % count]);
    }
    assert(Math.abs(total - wanted) <= 1e-13 * scale, `a sum of products is ${total}, not ${wanted}`);
  }
});
