/** Compares series with what dcm2niix made of them: `D/dicom` with `D/expected/dcm2niix/`. */
import { patientToVoxel, voxelToPatient } from "../../engine/pipeline/mod.ts";
import { listFiles } from "../../plugins/acquire/listing.ts";
import { decode } from "../../plugins/formats/detect.ts";
import type { Decoded } from "../../plugins/formats/decoded.ts";
import { readVolume } from "../../plugins/formats/dicom/volume.ts";
import { DEFAULT_LIMITS } from "../../plugins/formats/limits.ts";
import { compared, type Comparison, folderOf } from "./reference.ts";

/** Folders with a series each, by the name of what dcm2niix made; and how much the two may round differently. */
const SERIES: Readonly<
  Record<string, { readonly folder: string; readonly files: readonly string[]; readonly share?: number }>
> = {
  HFS_t1_sag: { folder: "dcm_qa_decubitus", files: ["HFS_t1_sag"] },
  canon_dti_b0: { folder: "dcm_qa_canon", files: ["canon_dti_b0"] },
  enh_siemens_xa10: { folder: "dcm_qa_enh/In/Siemens", files: ["enh_siemens_xa10"] },
  enh_philips_fmap: {
    folder: "dcm_qa_enh/In/Philips",
    files: ["enh_philips_fmap_e1", "enh_philips_fmap_e2_fieldmaphz"],
    share: 1e-3,
  },
  fmap_multi_echo: { folder: "dcm_qa_fmap", files: ["fmap_multi_echo_e1", "fmap_multi_echo_e2"] },
  philips_oblique: { folder: "dcm_qa_philips", files: ["philips_oblique"], share: 1e-3 },
};

/**
 * A series that no grid fits: what dcm2niix made of it has axes at no right angle and is no truth, so that only the guard's verdict is
 * compared.
 */
const TILTED = {
  name: "ge_ct_tilt",
  folder: "dcm_qa_ct",
  verdict: ["1.08 to 7 mm apart", "18.5 degrees (gantry tilt)"],
};

/** Compares each series. */
export async function* conformSeries(path: string): AsyncGenerator<Comparison> {
  const { files, truth } = folderOf(path);
  const made = truth.replace(/[^/]*$/, "dcm2niix");
  for (const [name, { folder, files: niftis, share = 0 }] of Object.entries(SERIES)) {
    if (!await exists(`${files}/${folder}`) || !await exists(`${made}/${name}`)) continue;
    yield await compared("dcm2niix", name, async () => {
      const ours = await volumesOf(`${files}/${folder}`);
      const wanted: Decoded[] = [];
      for (const nifti of niftis) {
        wanted.push(await decode(await Deno.readFile(`${made}/${name}/${nifti}.nii.gz`), nifti));
      }
      const volumes = wanted.flatMap(channelsOf);
      if (ours.length !== volumes.length) {
        throw new Error(`there are ${ours.length} volumes instead of ${volumes.length}`);
      }
      for (const [at, volume] of volumes.entries()) {
        const errors = ours.map((own) => shareOfOthers(own, volume, share));
        const best = Math.min(...errors);
        if (best > 0) throw new Error(`volume ${at + 1} differs in ${(100 * best).toFixed(3)} % of its voxels`);
      }
    });
  }
  if (!await exists(`${files}/${TILTED.folder}`)) return;
  yield await compared("dcm2niix", TILTED.name, async () => {
    const outcome = await volumesOf(`${files}/${TILTED.folder}`).catch((error: Error) => error.message);
    for (const words of TILTED.verdict) {
      if (!outcome.includes(words as never)) throw new Error(`the verdict lacks "${words}": ${outcome}`);
    }
  });
}

async function volumesOf(folder: string): Promise<Decoded[]> {
  const options = { limits: DEFAULT_LIMITS, series: "volumes" } as const;
  const volumes: Decoded[] = [];
  for await (const { slices, files, source } of listFiles([folder], options, new AbortController().signal)) {
    if (slices === undefined) throw new Error(`${source} is no series`);
    const read = (path: string) => files.get(path)!.content((own) => Deno.readFile(own));
    volumes.push(await readVolume(slices, { limits: DEFAULT_LIMITS, policy: "block", read, name: source }));
  }
  return volumes;
}

/** The volumes of a 4-D file, each by itself. */
function channelsOf(image: Decoded): Decoded[] {
  const [channels, ...size] = image.shape;
  const voxels = image.pixels.length / channels;
  return Array.from({ length: channels }, (_, channel) => ({
    ...image,
    shape: [1, ...size],
    pixels: image.pixels.slice(channel * voxels, (channel + 1) * voxels),
  }));
}

/** The share of a volume's voxels, every seventh of them, that differ from the other's value at the same place in the patient. */
function shareOfOthers(own: Decoded, other: Decoded, share: number): number {
  const [depth, height, width] = own.shape.slice(-3);
  const [far, rows, columns] = other.shape.slice(-3);
  let [different, count] = [0, 0];
  for (let from = 0; from < own.pixels.length; from += 7) {
    const voxel = [
      from % width,
      Math.floor(from / width) % height,
      Math.floor(from / (width * height)) % depth,
    ] as const;
    const point = voxelToPatient(own.geometry.affine, voxel);
    const [x, y, z] = patientToVoxel(other.geometry.affine, point).map(Math.round);
    count++;
    if (x < 0 || y < 0 || z < 0 || x >= columns || y >= rows || z >= far) different++;
    else {
      const value = other.pixels[(z * rows + y) * columns + x];
      if (!(Math.abs(value - own.pixels[from]) <= share * (1 + Math.abs(value)))) different++;
    }
  }
  return different / count;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
