import { assert, assertEquals } from "@std/assert";
import { type WaveletFilters, waveletFilters, wavelets } from "../../../shaders/filters/wavelet/coefficients.ts";
import { missing, testData } from "../../test_data.ts";

/** What the sums of `a[n] * b[n + 2 k]` must be: 1 for k = 0, else 0. */
function biorthogonality(a: readonly number[], b: readonly number[]): number {
  const half = a.length / 2;
  let worst = 0;
  for (let k = 1 - half; k < half; k++) {
    const sum = a.reduce((total, value, n) => total + value * (b[n + 2 * k] ?? 0), 0);
    worst = Math.max(worst, Math.abs(sum - (k === 0 ? 1 : 0)));
  }
  return worst;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** How many moments of a filter vanish, as far as the sums can be told from rounding. */
function vanishingMoments(filter: readonly number[]): number {
  const center = (filter.length - 1) / 2;
  for (let moment = 0;; moment++) {
    const terms = filter.map((value, n) => value * ((n - center) / center) ** moment);
    if (Math.abs(sum(terms)) > 1e-11) return moment;
  }
}

Deno.test("wavelets reconstruct perfectly", () => {
  for (const wavelet of wavelets) {
    const { decLo, decHi, recLo, recHi } = waveletFilters(wavelet);
    assert(decLo.length % 2 === 0 && [decHi, recLo, recHi].every(({ length }) => length === decLo.length), wavelet);
    assert(biorthogonality(decLo.toReversed(), recLo) < 1e-12, `${wavelet}: low pass`);
    assert(biorthogonality(decHi.toReversed(), recHi) < 1e-12, `${wavelet}: high pass`);
    assert(Math.abs(sum(decLo) - Math.SQRT2) < 1e-14 && Math.abs(sum(recLo) - Math.SQRT2) < 1e-14, `${wavelet}: sum`);
  }
});

Deno.test("wavelets have the vanishing moments that their names say", () => {
  for (const wavelet of wavelets) {
    const [, family, numbers] = wavelet.match(/^([a-z]+)([\d.]+)$/)!;
    const number = parseFloat(numbers);
    // The decomposing wavelet has the zeros of the reconstructing low-pass filter. bior5.5 has 6 and 4 of them.
    const expected = wavelet === "bior5.5" ? 6 : family === "coif" ? 2 * number : Math.floor(number);
    assertEquals(vanishingMoments(waveletFilters(wavelet).decHi), expected, wavelet);
  }
});

Deno.test("filters of coiflets have vanishing moments about their center as well", () => {
  for (const order of [1, 2, 3]) {
    const { recLo } = waveletFilters(`coif${order as 1 | 2 | 3}`);
    for (let moment = 1; moment < 2 * order; moment++) {
      const terms = recLo.map((value, n) => value * ((n - 2 * order) / (4 * order)) ** moment);
      assert(Math.abs(sum(terms)) < 1e-12, `coif${order}, moment ${moment}`);
    }
  }
});

const reference = "expected/filters/wavelet_filters.json";

Deno.test({
  name: "wavelets are those of PyWavelets, whose tables have 12 digits for some",
  ignore: missing(reference),
  fn: async () => {
    const tables: Record<string, Record<string, number[]>> = JSON.parse(await Deno.readTextFile(testData(reference)));
    const keys: [keyof WaveletFilters, string][] = [
      ["decLo", "dec_lo"],
      ["decHi", "dec_hi"],
      ["recLo", "rec_lo"],
      ["recHi", "rec_hi"],
    ];
    for (const [wavelet, table] of Object.entries(tables)) {
      const filters = waveletFilters(wavelet as typeof wavelets[number]);
      for (const [ours, theirs] of keys) {
        assertEquals(filters[ours].length, table[theirs].length, wavelet);
        const error = Math.max(...table[theirs].map((value, index) => Math.abs(value - filters[ours][index])));
        assert(error < 5e-12, `${wavelet} ${theirs}: ${error}`);
      }
    }
  },
});
