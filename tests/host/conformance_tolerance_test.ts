import { assertEquals, assertStringIncludes } from "@std/assert";
import { compare } from "../conformance/tolerance.ts";

const shape = [1, 4];
const expected = [1, 2, 3, 4];

Deno.test("max_abs bounds every element, but for the share of outliers", () => {
  const found = [1, 2, 3.5, 4];
  assertEquals(compare({ found, expected, shape }, { max_abs: 0.5 }).status, "passed");
  const failed = compare({ found, expected, shape }, { max_abs: 0.1 });
  assertEquals([failed.status, failed.reason], ["failed", "error 5.00e-1 above 0.1"]);
  assertEquals(compare({ found, expected, shape }, { max_abs: 0.1, outliers: 0.25 }).status, "passed");
  assertEquals(compare({ found, expected, shape }, { max_abs: 0.1, outliers: 0.2 }).status, "failed");
  assertEquals(compare({ found: [1, 2, 3, NaN], expected, shape }, { max_abs: 9 }).status, "failed");
});

Deno.test("rel is relative to the reference, and two equal infinities agree", () => {
  assertEquals(compare({ found: [101], expected: [100], shape: [1] }, { rel: 0.011 }).status, "passed");
  assertEquals(compare({ found: [101], expected: [100], shape: [1] }, { rel: 0.009 }).status, "failed");
  assertEquals(compare({ found: [Infinity], expected: [Infinity], shape: [1] }, { max_abs: 1e-3 }).status, "passed");
});

Deno.test("rms and PSNR are those of the pixels off the border, and both must hold", () => {
  const square = [3, 3];
  const clean = new Array(9).fill(0);
  const reference = new Array(9).fill(0.1);
  const found = [9, 9, 9, 9, 0.101, 9, 9, 9, 9];
  const compared = { found, expected: reference, shape: square, clean };
  assertEquals(compare(compared, { rms: 0.002, margin: 1, psnr_db: 0.1 }).status, "passed");
  assertEquals(compare(compared, { rms: 0.002 }).status, "failed");
  const off = compare({ ...compared, found: found.map((x) => x * 1.1) }, { rms: 0.02, margin: 1, psnr_db: 0.1 });
  assertStringIncludes(off.reason ?? "", "difference of PSNR in dB");
});

Deno.test("beside a random sampler a result may be better, not worse", () => {
  const clean = [0, 0, 0, 0];
  const [good, bad] = [[0.1, 0.1, 0.1, 0.1], [0.2, 0.2, 0.2, 0.2]];
  const tolerance = { psnr_db: 0.3 };
  assertEquals(compare({ found: good, expected: bad, shape, clean, mayBeBetter: true }, tolerance).status, "passed");
  assertEquals(compare({ found: good, expected: bad, shape, clean }, tolerance).status, "failed");
  assertEquals(compare({ found: bad, expected: good, shape, clean, mayBeBetter: true }, tolerance).status, "failed");
});

Deno.test("a case for information is compared and skipped, and an unknown kind of tolerance is said", () => {
  const info = compare({ found: [1, 2, 3, 5], expected, shape }, { info: true, why: "another window" });
  assertEquals(info, { status: "skipped", reason: "for information: another window", error: 1 });
  assertEquals(compare({ found: [1], expected: [1], shape: [1] }, {}).status, "skipped");
  assertEquals(compare({ found: [1], expected, shape }, { max_abs: 1 }).reason, "1 elements instead of 4");
});
