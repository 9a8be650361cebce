/** The command `conformance` on a small manifest, in a folder whose name has what an URL would escape. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { conformance } from "../conformance/command.ts";
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
