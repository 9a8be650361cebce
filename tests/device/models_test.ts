/** The networks in `models/` on real slices beside onnxruntime-web: max|a - b| / max(1e-6, max|b|) is at most 1e-4. */
import { assert } from "@std/assert";
import { type HostArray, type Net, openEngine, type Tensor } from "../../engine/mod.ts";
import { originOf } from "../../plugins/formats/limits.ts";
import { decodePng } from "../../plugins/formats/png/png.ts";
import { matchDetections } from "../detections.ts";
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
  const by = Math.max(1, Math.floor(rows / Math.max(128, height)));
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

const folders = [...Deno.readDirSync(new URL("../../models", import.meta.url))]
  .map(({ name }) => ({ name, folder: new URL(`../../models/${name}`, import.meta.url).pathname }))
  .flatMap(({ name, folder }) => {
    try {
      return [{ name, folder, task: JSON.parse(Deno.readTextFileSync(`${folder}/model.json`)).task as string }];
    } catch {
      return [];
    }
  });

/** Runs a network on a slice, and reads what it gives. */
async function answersOf(net: Net, image: Tensor): Promise<Record<string, HostArray>> {
  const found = await net.run({ [net.inputs[0].name]: image });
  const arrays = await engine.read(Object.values(found));
  for (const tensor of Object.values(found)) tensor.dispose();
  return Object.fromEntries(Object.keys(found).map((name, index) => [name, arrays[index]]));
}

for (const { name, folder, task } of folders) {
  // A detector has many pipelines, which SwiftShader compiles for a quarter of a minute, and waits several times a slice.
  const count = task === "detection" ? 1 : slices;
  Deno.test({
    name: `${name} gives what onnxruntime gives for ${count} ${count === 1 ? "slice" : "slices"}`,
    ignore: missing("brain_tumor_t1c/images") || task === "detection" && engine.info.adapter === "swiftshader",
    fn: async () => {
      using ours = await engine.loadModel(folder);
      using theirs = await engine.loadModel(folder, { backend: "wasm" });
      const shape = ours.inputs[0].shape.slice(-2);
      const size = shape.map((extent, axis) => typeof extent === "number" ? extent : anySize[axis]);
      const files = [...Deno.readDirSync(images)].map((entry) => entry.name).sort();
      for (let i = 0; i < count; i++) {
        const file = files[Math.floor(i * files.length / count)];
        using image = engine.tensor(await inputOf(file, size), [1, 1, ...size]);
        const [got, want] = [await answersOf(ours, image), await answersOf(theirs, image)];
        if (task === "detection") {
          const { matched, error } = matchDetections(got, want);
          assert(want.labels.length > 0, `${file}: nothing is detected, so nothing is compared`);
          assert(matched === 1 && error <= bound, `${file}: ${matched} of the boxes match, the error is ${error}`);
          continue;
        }
        for (const [output, b] of Object.entries(want) as [string, Float32Array][]) {
          const greatest = b.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
          const a = got[output] as Float32Array;
          const error = a.reduce((most, value, at) => Math.max(most, Math.abs(value - b[at])), 0) / greatest;
          assert(error <= bound, `${output} of ${file}: the error is ${error}`);
        }
      }
    },
  });
}
