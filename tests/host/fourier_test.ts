/** How lengths are taken apart, and what the operations on spectra refuse. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { convenientLength, isSmooth, passesOf } from "../../shaders/filters/fourier/plan.ts";
import { filters, type Spec } from "../../shaders/mod.ts";

Deno.test("the passes of a length multiply to it, each of 16 numbers at most", () => {
  for (let count = 1; count <= 5000; count++) {
    if (!isSmooth(count)) continue;
    const radices = passesOf(count).map(({ a, b }) => a * b);
    assertEquals(radices.reduce((product, radix) => product * radix, 1), count);
    assert(radices.every((radix) => radix > 1 && radix <= 16), `${count}: ${radices}`);
  }
});

Deno.test("convenient lengths are smooth and not much longer", () => {
  for (let least = 1; least < 3000; least += 7) {
    const length = convenientLength(least);
    assert(length >= least && length < 2 * least + 1 && isSmooth(length), `${least}: ${length}`);
  }
});

Deno.test("operations on spectra refuse what doesn't fit, and say what does", () => {
  const spec = (...shape: number[]): Spec => ({ dtype: "f32", shape });
  const { fourier, inverseFourier, deconvolve, gaborBank } = filters;
  const whole = { balance: 0.1, clip: true, slicewise: false };
  const bank = { sigma: 1, strength: 1, border: "wrap", slicewise: false } as const;
  assertThrows(
    () => fourier.outputs([spec(1, 8, 8)], { dimensions: 3, complex: false, half: false }),
    RangeError,
    "at most 2",
  );
  assertThrows(() => fourier.outputs([spec(3, 1, 8, 8)], { complex: true, half: false }), RangeError, "[2, C, H, W]");
  assertThrows(() => inverseFourier.outputs([spec(1, 8, 8)], { complex: false }), RangeError, "[2, C, H, W]");
  assertThrows(() => deconvolve.outputs([spec(1, 8, 8, 8), spec(3, 3)], whole), RangeError, "[d, h, w]");
  assertThrows(() => deconvolve.outputs([spec(1, 8, 8), spec(0, 3)], whole), RangeError, "at least one pixel");
  assertThrows(() => deconvolve.options.parse({ balance: -1 }), RangeError, "balance");
  assertThrows(() => gaborBank.outputs([spec(2, 8, 8), spec(3)], bank), RangeError, "one per channel");
  assertThrows(() => gaborBank.options.parse({ border: "nearest" }), RangeError, "border");
});

Deno.test("half a spectrum is refused of complex numbers, whose other half isn't its conjugate", () => {
  const { options } = filters.fourier;
  assertThrows(() => options.parse({ complex: true, half: true }), RangeError, "half is for real inputs");
  assertEquals(options.parse({ half: true }), { complex: false, half: true });
});
