/** A whole head through MeshNet, within 2 GiB of device memory: ten 3-D convolutions of 256^3 voxels. */
import { assert, assertEquals } from "@std/assert";
import { openEngine } from "../../engine/mod.ts";
import { readNpy } from "../npy.ts";
import { missing, testData } from "../test_data.ts";

const budget = 2 * 2 ** 30;

/** The voxels of a gzipped NIfTI file of u8. */
async function voxelsOf(path: string): Promise<Uint8Array> {
  const file = new Blob([await Deno.readFile(path)]);
  const bytes = await new Response(file.stream().pipeThrough(new DecompressionStream("gzip"))).bytes();
  return bytes.subarray(new DataView(bytes.buffer).getFloat32(108, true));
}

Deno.test({
  name: "MeshNet labels the voxels of a head as onnxruntime does",
  ignore: missing("trained_onnx/meshnet.onnx", "expected/trained_onnx/meshnet/labels.npy.gz"),
  fn: async () => {
    await using engine = await openEngine({ memoryBudget: budget });
    using net = await engine.loadModel(testData("trained_onnx/meshnet.onnx"));
    const voxels = await voxelsOf(testData("trained_onnx/t1_crop.nii.gz"));
    using input = engine.tensor(Float32Array.from(voxels, (value) => value / 255), [1, 1, 256, 256, 256]);
    const { output } = await net.run({ input });
    using result = output;
    assertEquals(result.shape, [1, 3, 256, 256, 256]);
    const logits = await result.read() as Float32Array;
    const labels = (await readNpy(testData("expected/trained_onnx/meshnet/labels.npy.gz"))).data as Uint8Array;
    const count = labels.length;
    let different = 0;
    for (let at = 0; at < count; at++) {
      const own = [logits[at], logits[count + at], logits[2 * count + at]];
      const greatest = Math.max(...own);
      if (own.indexOf(greatest) === labels[at]) continue;
      different++;
      const gap = greatest - own[labels[at]];
      assert(gap < 1e-3, `voxel ${at} is ${own.indexOf(greatest)} instead of ${labels[at]} by ${gap}`);
    }
    assert(different <= 1e-4 * count, `${different} of ${count} voxels differ`);
    const { data } = await readNpy(testData("expected/trained_onnx/meshnet/logits_plane128.npy"));
    const plane = 256 * 256;
    for (let at = 0; at < 3 * plane; at++) {
      const found = logits[Math.floor(at / plane) * count + 128 * plane + at % plane];
      const error = Math.abs(found - Number(data[at]));
      assert(error <= 1e-3 * (1 + Math.abs(Number(data[at]))), `logit ${at} is off by ${error}`);
    }
    const { peak } = engine.stats().bytes;
    assert(peak <= budget, `${peak} bytes were used`);
  },
});
