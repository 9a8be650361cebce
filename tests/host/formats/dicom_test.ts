import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { patientToVoxel, voxelToPatient } from "../../../engine/pipeline/mod.ts";
import type { Decoded } from "../../../plugins/formats/decoded.ts";
import { decode } from "../../../plugins/formats/detect.ts";
import { conformDicom } from "../../conformance/dicom.ts";
import { missing, testData } from "../../test_data.ts";

/** Files whose values differ for a reason that is not ours. */
const KNOWN: readonly string[] = [
  // Its code stream, made by ojph_compress 0.9, holds values beyond the 16 bits that it declares: OpenJPEG and OpenJPH saturate them.
  "htj2k/CT2_HTJ2K_203_lossy.dcm",
];

Deno.test({
  name: "DICOM files have the reference's stored and real values, or a reason why they aren't read",
  ignore: missing("dicom", "expected/dicom/index.json"),
  async fn() {
    const failed: string[] = [];
    for await (const { name, status, reason } of conformDicom(testData("dicom"))) {
      if (status === "failed" && !KNOWN.includes(name)) failed.push(`${name}: ${reason}`);
    }
    assertEquals(failed, []);
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
