/** The command `conformance` on a small manifest, in a folder whose name has what an URL would escape, and by forms. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { filters, openEngine } from "../../mod.ts";
import { conformance } from "../conformance/command.ts";
import { conformForms, formsAsked } from "../conformance/forms.ts";
import type { ConformanceCase, ConformanceResult } from "../conformance/result.ts";
import { encodeNpy } from "../../plugins/formats/npy/npy.ts";

Deno.test("conformance runs the cases of a manifest by their parameters", async () => {
  const temporary = await Deno.makeTempDir();
  const folder = `${temporary}/100% filters #1`;
  try {
    await Deno.mkdir(folder);
    const array = (name: string, values: number[]) =>
      Deno.writeFile(`${folder}/${name}.npy`, encodeNpy(Float32Array.from(values), [1, 1, values.length]));
    await array("x", [0, 3, 0, 0]);
    await array("mean", [1, 1, 1, 0]);
    await array("median", [0, 0, 0, 0]);
    await array("nothing", [NaN, 0, 0, 0]);
    const entry = (id: string, filter: string, output: string, more: Record<string, unknown> = {}) => ({
      id,
      filter,
      input: "x.npy",
      output: `${output}.npy`,
      params: { size: [1, 3] },
      border: "reflect",
      tolerance: { max_abs: 1e-6 },
      ...more,
    });
    const cases = [
      entry("mean", "mean", "mean"),
      entry("median", "median", "median"),
      entry("wrong", "mean", "median"),
      entry("nan", "median", "nothing"),
      entry("even", "mean", "mean", { params: { size: 2 } }),
      entry("info", "mean", "median", { tolerance: { info: true, why: "another window" } }),
      entry("unknown", "sharpen", "mean"),
    ];
    await Deno.writeTextFile(`${folder}/manifest.json`, JSON.stringify({ cases }));
    const lines: string[] = [];
    assertEquals(await conformance([`${folder}/manifest.json`], (line) => lines.push(line)), 1);
    assertEquals(lines.at(-1), "2 passed, 2 failed, 3 skipped");
    for (
      const part of ["failed: mean: wrong: error 1.00e+0", "failed: median: nan: error Infinity", "another window"]
    ) {
      assertStringIncludes(lines.join("\n"), part);
    }
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
});

Deno.test("conformance forces each form by name and counts apart what it cannot compute", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const width = 16;
    const array = (name: string, values: Float32Array) =>
      Deno.writeFile(`${folder}/${name}.npy`, encodeNpy(values, [1, 1, width]));
    const image = Float32Array.from({ length: width }, (_, x) => (x * 7) % 5);
    const windowOf = (x: number, radius: number) => {
      const near = Array.from({ length: 2 * radius + 1 }, (_, i) => Math.min(Math.max(x + i - radius, 0), width - 1));
      return near.map((at) => image[at]).sort((a, b) => a - b);
    };
    await array("x", image);
    await array("mean2", image.map((_, x) => windowOf(x, 2).reduce((sum, value) => sum + value) / 5));
    await array("median1", image.map((_, x) => windowOf(x, 1)[1]));
    const entry = (filter: string, output: string, size: number[]) => {
      const tolerance = { max_abs: 1e-5 };
      return {
        id: output,
        filter,
        input: "x.npy",
        output: `${output}.npy`,
        params: { size },
        border: "nearest",
        tolerance,
      };
    };
    const cases = [entry("mean", "mean2", [1, 5]), entry("median", "median1", [1, 3])];
    await Deno.writeTextFile(`${folder}/manifest.json`, JSON.stringify({ cases }));
    const lines: string[] = [];
    const json = `${folder}/results.json`;
    const args = [
      `${folder}/manifest.json`,
      "--form",
      "mean=blocks",
      "--form",
      "median=window",
      "--form",
      "gemm=plain",
    ];
    assertEquals(await conformance([...args, "--form", "median=rank", "--json", json], (line) => lines.push(line)), 0);
    const results: ConformanceResult[] = JSON.parse(await Deno.readTextFile(json));
    // A window of 1 x 3 has no page of its own.
    assertEquals(results.map(({ name, form, status }) => [name, form, status]), [
      ["mean2", undefined, "passed"],
      ["median1", undefined, "passed"],
      ["mean: mean2", "mean/blocks", "passed"],
      ["median: median1", "median/window", "skipped"],
      ["median: median1", "median/rank", "passed"],
    ]);
    assertStringIncludes(lines.join("\n"), "skipped: 1 x median/window cannot compute the case: another form served");
    assertStringIncludes(lines.join("\n"), "not run, as no case that passed records them: gemm");
    assertEquals(lines.at(-1), "2 passed, 0 failed, 1 skipped");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("conformance finds the form that fails, and those that a device lacks something for", async () => {
  const test: ConformanceCase = {
    group: "median",
    name: "one pixel",
    run: async (open) => {
      const engine = await open();
      using image = engine.tensor([1], [1, 1, 1]);
      engine.run((r) => filters.median(r, image, { radius: 1 })).dispose();
      return { status: Object.keys(engine.stats().forms).includes("median/rank") ? "failed" : "passed" };
    },
  };
  await using engine = await openEngine();
  const outcome = { status: "passed" as const, error: 0 };
  const cases = [{ test, outcome, forms: new Set(["median/window", "median/rank", "gaussian/axes"]) }];
  const asked = formsAsked(["median=window", "median=rank", "gaussian=lanes"]);
  const told: string[] = [];
  const { results, left } = await conformForms(
    asked,
    cases,
    { ...engine.facts, subgroupSize: 0 },
    openEngine,
    (form) => told.push(form),
  );
  assertEquals(told, ["median/window", "median/rank"]);
  assertEquals(results.map(({ form, status }) => [form, status]), [
    ["median/window", "passed"],
    ["median/rank", "failed"],
  ]);
  assertEquals(left, ["not run, as this device lacks what they need: gaussian/lanes"]);
});

Deno.test("conformance doesn't run a case again in the one form that served it", async () => {
  const test: ConformanceCase = {
    group: "median",
    name: "one pixel",
    run: () => Promise.reject(new Error("it was run")),
  };
  const outcome = { status: "passed" as const, error: 1e-7 };
  await using engine = await openEngine();
  const cases = [{ test, outcome, forms: new Set(["median/rank", "pad/texels"]) }];
  const { results } = await conformForms(formsAsked(["median=rank"]), cases, engine.facts, openEngine, () => {});
  assertEquals(results, [{ group: "median/rank", name: "median: one pixel", form: "median/rank", ...outcome }]);
});
