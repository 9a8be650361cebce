/** Writes one mask in every format, and where its centroid lies, for other programs to read: `write.ts FOLDER`. */
import { geometryOfAffine, type Header, voxelToPatient } from "../../../engine/pipeline/mod.ts";
import { encodeNifti } from "../../../plugins/formats/nifti/encode.ts";
import { encodeNrrd } from "../../../plugins/formats/nrrd/encode.ts";
import { dicomSc, dicomSeg, dicomSr } from "../../../plugins/export/dicom_writers.ts";

const [folder] = Deno.args;
const shape = [3, 4, 5];
const mask = Float32Array.from({ length: 60 }, (_, at) => Number(at % 5 > 2 && Math.floor(at / 5) % 4 < 2 && at >= 20));
/** Oblique, with unequal spacing. */
const affine = [0.76, -0.35, 0.5, -7, 0.2, 1.2, 0.9, 12, -0.15, -0.35, 2.28, 3, 0, 0, 0, 1];
const geometry = geometryOfAffine(orthogonal(affine), 3);
const header: Header = { format: "dicom", modality: "MR", attributes: {} };
const writtenCase = {
  id: "case",
  header,
  measures: { class: { label: "glioma", probabilities: { glioma: 0.875 } } },
  host: {
    image: { tensor: { dtype: "f32", shape: [1, ...shape], data: mask }, geometry },
    mask: { tensor: { dtype: "f32", shape, data: mask }, geometry },
  },
  write: (name: string, bytes: Uint8Array) => Deno.writeFile(`${folder}/${name}`, bytes),
  warn: console.warn,
};
for (const writer of [dicomSeg, dicomSr, dicomSc]) await writer.write(writtenCase as never, { keepIdentity: false });
await Deno.writeFile(`${folder}/mask.nii.gz`, encodeNifti(Uint8Array.from(mask), [1, ...shape], geometry));
await Deno.writeFile(`${folder}/mask.nrrd`, encodeNrrd(Uint8Array.from(mask), [1, ...shape], geometry));
const sum = [0, 0, 0];
let count = 0;
for (let at = 0; at < mask.length; at++) {
  if (mask[at] === 0) continue;
  const voxel = [at % 5, Math.floor(at / 5) % 4, Math.floor(at / 20)] as const;
  voxelToPatient(geometry.affine, voxel).forEach((mm, axis) => sum[axis] += mm);
  count++;
}
await Deno.writeTextFile(`${folder}/truth.json`, JSON.stringify({ centroidLps: sum.map((mm) => mm / count), count }));

/** The same axes at right angles (Gram-Schmidt), each as long as before. */
function orthogonal(given: readonly number[]): number[] {
  const result = [...given];
  for (const column of [0, 1, 2]) {
    const own = [0, 4, 8].map((row) => given[row + column]);
    const length = Math.hypot(...own);
    for (let before = 0; before < column; before++) {
      const other = [0, 4, 8].map((row) => result[row + before]);
      const share = own.reduce((dot, value, at) => dot + value * other[at], 0) /
        other.reduce((dot, value) => dot + value * value, 0);
      own.forEach((value, at) => own[at] = value - share * other[at]);
    }
    const scale = length / Math.hypot(...own);
    own.forEach((value, at) => result[4 * at + column] = value * scale);
  }
  return result;
}
