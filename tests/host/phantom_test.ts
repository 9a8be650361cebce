import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { type LesionKind, type PhantomSlice, phantomStudy } from "../../plugins/demonstration/phantom.ts";

function meanWhere(slice: PhantomSlice, wanted: (at: number) => boolean): number {
  let sum = 0, count = 0;
  slice.pixels.forEach((value, at) => {
    if (wanted(at)) sum += value, count++;
  });
  return sum / count;
}

function lesionSlices(seed: number, kind: LesionKind): PhantomSlice[] {
  return phantomStudy({ seed, kind, size: 128 }).slices.filter((slice) => slice.mask.includes(1));
}

Deno.test("a seed always gives the same study, another seed another one", () => {
  const study = phantomStudy({ seed: 5, size: 64, slices: 2 });
  assertEquals(phantomStudy({ seed: 5, size: 64, slices: 2 }), study);
  assert(
    phantomStudy({ seed: 8, size: 64, slices: 2 }).slices[0].pixels.some((v, i) => v !== study.slices[0].pixels[i]),
  );
});

Deno.test("the default is six slices of 256 x 256 pixels of 0.98 mm", () => {
  const study = phantomStudy({ seed: 1 });
  assertEquals([study.slices.length, study.width, study.height], [6, 256, 256]);
  assertEquals(study.spacing[0], 7);
  assertAlmostEquals(study.spacing[1], 0.98, 1e-12);
  assertAlmostEquals(study.spacing[2], 0.98, 1e-12);
  for (const { pixels, mask } of study.slices) assertEquals([pixels.length, mask.length], [65536, 65536]);
});

Deno.test("kinds follow the seed unless asked for", () => {
  const kindOf = (seed: number) => phantomStudy({ seed, size: 32, slices: 1 }).kind;
  assertEquals([0, 1, 2, -1].map(kindOf), ["meningioma", "glioma", "pituitary", "pituitary"]);
  assertEquals(phantomStudy({ seed: 1, kind: "pituitary", size: 32, slices: 1 }).plane, "coronal");
});

for (const kind of ["meningioma", "glioma", "pituitary"] as const) {
  Deno.test(`${kind}: several slices hold the lesion, pixels are whole numbers that fit 16 bits`, () => {
    for (let seed = 20; seed < 30; seed++) {
      const study = phantomStudy({ seed, kind, size: 64 });
      assert(study.slices.filter((slice) => slice.mask.includes(1)).length >= 2, `seed ${seed}`);
      for (const { pixels, mask } of study.slices) {
        assert(pixels.every((value) => Number.isInteger(value) && value >= 0 && value <= 4095));
        assert(mask.every((value) => value === 0 || value === 1));
      }
    }
  });
}

Deno.test("meningioma and pituitary tumor are brighter than the tissue around", () => {
  for (const kind of ["meningioma", "pituitary"] as const) {
    for (const slice of lesionSlices(40, kind)) {
      const tissue = meanWhere(slice, (at) => slice.mask[at] === 0 && slice.pixels[at] > 60);
      assert(meanWhere(slice, (at) => slice.mask[at] === 1) > 1.3 * tissue);
    }
  }
});

Deno.test("a glioma is a bright ring around a dark core", () => {
  const slice =
    lesionSlices(1, "glioma").toSorted((a, b) =>
      b.mask.reduce((n, v) => n + v, 0) - a.mask.reduce((n, v) => n + v, 0)
    )[0];
  const isCore = (at: number) =>
    [-4, -3, -2, -1, 0, 1, 2, 3, 4].every((step) => slice.mask[at + step] && slice.mask[at + step * 128]);
  const core = meanWhere(slice, isCore);
  const ring = meanWhere(slice, (at) => slice.mask[at] === 1 && !isCore(at));
  assert(ring > 1.5 * core, `ring ${ring}, core ${core}`);
});

Deno.test("numbers that make no image are refused", () => {
  assertThrows(() => phantomStudy({ seed: 0.5 }), RangeError, "seed");
  assertThrows(() => phantomStudy({ seed: 1, slices: 0 }), RangeError, "slices");
  assertThrows(() => phantomStudy({ seed: 1, size: 8 }), RangeError, "size");
});
