import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { InputError } from "../../../engine/errors.ts";
import { patientToVoxel, voxelToPatient } from "../../../engine/pipeline/mod.ts";
import type { Decoded } from "../../../plugins/formats/decoded.ts";
import { decode } from "../../../plugins/formats/detect.ts";
import { parseFile } from "../../../plugins/formats/dicom/data_set.ts";
import { pixelDataOf } from "../../../plugins/formats/dicom/dicom.ts";
import { pixelFormat, storedValues } from "../../../plugins/formats/dicom/stored.ts";
import { missing, testData } from "../../test_data.ts";
import { readJson, samplesTogether, sha256 } from "./hashes.ts";

interface Expected {
  readonly transfer_syntax: string | null;
  readonly bits_stored: number;
  readonly pixel_representation: number;
  readonly photometric: string | null;
  readonly pixel_element: string | null;
  readonly decodes: boolean;
  readonly why?: string;
  readonly sha256?: string;
  readonly modality?: { readonly min: number; readonly max: number; readonly mean: number };
  readonly slope_intercept?: readonly (readonly [number, number])[];
  readonly rgb?: { readonly sha256?: string; readonly mean?: number; readonly sample_means?: readonly number[] };
}

const PLAIN = ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"];
const ignore = missing("dicom", "expected/dicom/index.json");

Deno.test({
  name: "DICOM files have the reference's stored values and modality values, or a reason why they aren't read",
  ignore,
  async fn() {
    const index = await readJson<Record<string, Expected>>(testData("expected/dicom/index.json"));
    const counts = { agree: 0, compressed: 0, refused: 0 };
    const notes: string[] = [];
    for (const [name, expected] of Object.entries(index)) {
      const bytes = await gunzipped(await Deno.readFile(testData(`dicom/${name}`)));
      const result = await decode(bytes, name).catch((error) => error as Error);
      if (result instanceof Error) {
        assert(result instanceof InputError, `${name}: ${result.stack}`);
        assert(result.message.startsWith(`Cannot open ${name} as `) && !result.message.includes("\n"), result.message);
        if (expected.transfer_syntax !== null && !PLAIN.includes(expected.transfer_syntax)) {
          const names = result.message.includes(expected.transfer_syntax) || result.message.includes("end early");
          assert(names, result.message);
          counts.compressed++;
        } else {
          if (expected.decodes) notes.push(result.message);
          counts.refused++;
        }
        continue;
      }
      assert(expected.decodes, `${name} was read, which the reference does not: ${expected.why}`);
      const file = parseFile(bytes, name);
      const stored = storedValues(file, pixelDataOf(file), pixelFormat(file));
      assertEquals(await sha256(stored), expected.sha256, `${name} stored`);
      checkModality(name, result, expected);
      await checkColor(name, result, expected);
      counts.agree++;
    }
    console.log(`dicom: ${JSON.stringify(counts)}; refused although the reference decodes:\n${notes.join("\n")}`);
  },
});

/** Folders of `dicom`, what dcm2niix made of them, and how much the two round differently. */
const VOLUMES = [
  { dicom: "dcm_qa_decubitus/In/HFS/3_t1_fl2d_sag", nifti: "HFS_t1_sag", tolerance: 0 },
  { dicom: "dcm_qa_canon/In/9000_DTI_PA-ortho", nifti: "canon_dti_b0", tolerance: 0 },
  { dicom: "dcm_qa_enh/In/Siemens/XA10", nifti: "enh_siemens_xa10", tolerance: 0 },
  { dicom: "dcm_qa_philips/In/Magdeburg_2014/fmri", nifti: "philips_oblique", tolerance: 1e-3 },
];

for (const { dicom, nifti, tolerance } of VOLUMES) {
  Deno.test({
    name: `values of ${dicom} lie in the patient where dcm2niix puts them`,
    ignore: missing(`dicom/${dicom}`, `expected/dcm2niix/${nifti}`),
    async fn() {
      const path = testData(`expected/dcm2niix/${nifti}/${nifti}.nii.gz`);
      const volume = await decode(await Deno.readFile(path), path);
      for await (const { name } of Deno.readDir(testData(`dicom/${dicom}`))) {
        const slice = await decode(await Deno.readFile(testData(`dicom/${dicom}/${name}`)), name);
        assert(agreesSomewhere(slice, volume, tolerance), `${name} is not in ${nifti}`);
      }
    },
  });
}

/** Whether the image, at every seventh pixel, is one of the volume's channels at the same places. */
function agreesSomewhere(image: Decoded, volume: Decoded, tolerance: number): boolean {
  const size = volume.shape.slice(-3).reduce((product, axis) => product * axis, 1);
  const [rows, columns] = volume.shape.slice(-2);
  const [height, width] = image.shape.slice(-2);
  const places: { value: number; at: number }[] = [];
  for (let from = 0; from < image.pixels.length; from += 7) {
    const voxel = [from % width, Math.floor(from / width) % height, Math.floor(from / (width * height))] as const;
    const point = voxelToPatient(image.geometry.affine, voxel);
    const [x, y, z] = patientToVoxel(volume.geometry.affine, point).map((value) => {
      assertAlmostEquals(value, Math.round(value), 0.02);
      return Math.round(value);
    });
    places.push({ value: image.pixels[from], at: (z * rows + y) * columns + x });
  }
  return Array.from({ length: volume.pixels.length / size }).some((_, channel) =>
    places.every(({ value, at }) =>
      Math.abs(volume.pixels[channel * size + at] - value) <= tolerance * (1 + Math.abs(value))
    )
  );
}

function checkModality(name: string, { pixels, channels, shape }: Decoded, expected: Expected): void {
  const { modality, photometric } = expected;
  if (channels !== "gray" || modality === undefined) return;
  let sum = 0;
  let [least, most] = [Infinity, -Infinity];
  for (const value of pixels) {
    sum += value;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const tolerance = 1e-5 * Math.max(1, Math.abs(modality.min), Math.abs(modality.max));
  if (photometric === "MONOCHROME1") {
    assertAlmostEquals(most - least, modality.max - modality.min, tolerance, `${name} range, ${shape}`);
    assertAlmostEquals(most - sum / pixels.length, modality.mean - modality.min, tolerance, `${name} mirrored mean`);
    return;
  }
  assertAlmostEquals(least, modality.min, tolerance, `${name} least`);
  assertAlmostEquals(most, modality.max, tolerance, `${name} most`);
  assertAlmostEquals(sum / pixels.length, modality.mean, tolerance, `${name} mean`);
}

async function checkColor(name: string, { pixels }: Decoded, { rgb, photometric }: Expected): Promise<void> {
  if (rgb?.sample_means === undefined) return;
  const samples = samplesTogether(pixels, 3);
  if (photometric === "PALETTE COLOR") {
    assertEquals(await sha256(Int32Array.from(samples)), rgb.sha256, `${name} palette`);
  }
  const size = pixels.length / 3;
  rgb.sample_means.forEach((mean, channel) => {
    const sum = pixels.subarray(channel * size, (channel + 1) * size).reduce((total, value) => total + value, 0);
    assertAlmostEquals(sum / size, mean, Math.max(0.5, 1e-5 * mean), `${name} channel ${channel}`);
  });
}

async function gunzipped(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  return await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).bytes();
}
