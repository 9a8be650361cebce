/** The networks in `models/` on real slices beside onnxruntime-web: max|a - b| / max(1e-6, max|b|) is at most 1e-4. */
import { assert } from "@std/assert";
import { openEngine } from "../../engine/mod.ts";
import { originOf } from "../../plugins/formats/limits.ts";
import { decodePng } from "../../plugins/formats/png/png.ts";
import { missing, testData } from "../test_data.ts";

const bound = 1e-4;
const slices = 8;
/** Of networks that take any. */
const anySize = [72, 104];
const engine = await openEngine();
const images = testData("brain_tumor_t1c/images");

/** The middle of a slice, averaged down by whole numbers, with mean 0 and deviation 1. */
async function inputOf(file: string, [height, width]: readonly number[]): Promise<Float32Array> {
  const { pixels, shape } = decodePng(await Deno.readFile(`${images}/${file}`), originOf(file));
  const [, rows, columns] = shape;
  const by = Math.max(1, Math.floor(rows / 128));
  const [top, left] = [rows / by - height, columns / by - width].map((rest) => Math.floor(rest / 2));
  const values = new Float32Array(height * width);
  for (let i = 0; i < values.length; i++) {
    for (let k = 0; k < by * by; k++) {
      const y = (top + Math.floor(i / width)) * by + Math.floor(k / by);
      const x = (left + i % width) * by + k % by;
      values[i] += pixels[y * columns + x] / (by * by);
    }
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return values.map((value) => (value - mean) / Math.max(deviation, 1e-6));
}

/** The engine does not run the detector's operators yet. */
const beyond = ["detection"];
const folders = [...Deno.readDirSync(new URL("../../models", import.meta.url))]
  .map(({ name }) => ({ name, folder: new URL(`../../models/${name}`, import.meta.url).pathname }))
  .filter(({ folder }) => {
    try {
      return !beyond.includes(JSON.parse(Deno.readTextFileSync(`${folder}/model.json`)).task);
    } catch {
      return false;
    }
  });

for (const { name, folder } of folders) {
  Deno.test({
    name: `${name} gives what onnxruntime gives for ${slices} slices`,
    ignore: missing("brain_tumor_t1c/images"),
    fn: async () => {
      using ours = await engine.loadModel(folder);
      using theirs = await engine.loadModel(folder, { backend: "wasm" });
      const [{ name: input, shape }] = ours.inputs;
      const size = shape.slice(-2).map((extent, axis) => typeof extent === "number" ? extent : anySize[axis]);
      const files = [...Deno.readDirSync(images)].map((entry) => entry.name).sort();
      for (let i = 0; i < slices; i++) {
        const file = files[Math.floor(i * files.length / slices)];
        using image = engine.tensor(await inputOf(file, size), [1, 1, ...size]);
        const got = engine.run((r) => ours.record(r, { [input]: image }));
        const want = await theirs.run({ [input]: image });
        for (const { name: output } of ours.outputs) {
          const [a, b] = await engine.read([got[output], want[output]]) as Float32Array[];
          const greatest = b.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
          const error = a.reduce((most, value, at) => Math.max(most, Math.abs(value - b[at])), 0) / greatest;
          assert(error <= bound, `${output} of ${file}: the error is ${error}`);
        }
        for (const tensor of [...Object.values(got), ...Object.values(want)]) tensor.dispose();
      }
    },
  });
}
