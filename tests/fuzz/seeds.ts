/** Small whole files of every format that is read, from which mutants are made. */
import { deflateSync, gzipSync } from "node:zlib";
import { zipSync } from "fflate";
import { concat } from "../../plugins/formats/bytes.ts";
import { encodeJpeg } from "../../plugins/formats/jpeg/encode.ts";
import { encodeNpy } from "../../plugins/formats/npy/npy.ts";
import { encodePng } from "../../plugins/formats/png/png.ts";
import { dicomFile } from "../formats/dicom_builder.ts";
import { missing, testData } from "../test_data.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const text = (value: string): Bytes => new TextEncoder().encode(value);
const zipped = (bytes: Uint8Array): Bytes => new Uint8Array(gzipSync(bytes));
const ramp = (length: number): Float32Array => Float32Array.from({ length }, (_, at) => at * 7919 % 251);

/** A NIfTI-1 file of 4 x 4 x 4 voxels of i16. */
export function nifti(change: (view: DataView) => void = () => {}): Bytes {
  const view = new DataView(new ArrayBuffer(480));
  view.setInt32(0, 348, true);
  [3, 4, 4, 4, 1, 1, 1, 1].forEach((dim, at) => view.setInt16(40 + 2 * at, dim, true));
  view.setInt16(70, 4, true);
  view.setInt16(72, 16, true);
  [1, 1, 1, 1].forEach((mm, at) => view.setFloat32(76 + 4 * at, mm, true));
  view.setFloat32(108, 352, true);
  view.setInt16(254, 1, true);
  [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0].forEach((value, at) => view.setFloat32(280 + 4 * at, value, true));
  view.setUint32(344, 0x6e2b3100);
  change(view);
  return new Uint8Array(view.buffer);
}

/** An NRRD of 4 x 4 x 4 voxels of u8; fields replace those of the same name. */
export function nrrd(
  fields: Readonly<Record<string, string>> = {},
  data: Uint8Array = new Uint8Array(64).fill(9),
): Bytes {
  const all = {
    type: "uint8",
    dimension: "3",
    space: "left-posterior-superior",
    sizes: "4 4 4",
    "space directions": "(1,0,0) (0,1,0) (0,0,1)",
    "space origin": "(0,0,0)",
    encoding: "raw",
    ...fields,
  };
  return concat([
    text(`NRRD0004\n${Object.entries(all).map(([key, value]) => `${key}: ${value}\n`).join("")}\n`),
    data,
  ]);
}

/** A MetaImage of 4 x 4 x 4 voxels of u8. */
export function metaImage(
  fields: Readonly<Record<string, string>> = {},
  data: Uint8Array = new Uint8Array(64).fill(9),
): Bytes {
  const all = {
    ObjectType: "Image",
    NDims: "3",
    DimSize: "4 4 4",
    ElementType: "MET_UCHAR",
    ElementSpacing: "1 1 1",
    Offset: "0 0 0",
    TransformMatrix: "1 0 0 0 1 0 0 0 1",
    ...fields,
    ElementDataFile: "LOCAL",
  };
  return concat([text(Object.entries(all).map(([key, value]) => `${key} = ${value}\n`).join("")), data]);
}

/** An MGH file of 4 x 4 x 4 voxels of u8. */
export function mgh(change: (view: DataView) => void = () => {}): Bytes {
  const view = new DataView(new ArrayBuffer(284 + 64));
  [1, 4, 4, 4, 1, 0, 0].forEach((value, at) => view.setInt32(4 * at, value));
  view.setInt16(28, 1);
  [1, 1, 1, -1, 0, 0, 0, 0, -1, 0, 1, 0, 0, 0, 0].forEach((value, at) => view.setFloat32(30 + 4 * at, value));
  change(view);
  return new Uint8Array(view.buffer);
}

/** A TIFF of 8 x 8 pixels of u16; entries are [tag, value], all LONG. */
export function tiff(
  entries: readonly (readonly [number, number])[] = [],
  data: Uint8Array = new Uint8Array(128).fill(3),
): Bytes {
  const all = new Map([
    [256, 8],
    [257, 8],
    [258, 16],
    [259, 1],
    [262, 1],
    [273, 8],
    [277, 1],
    [278, 8],
    [279, data.length],
    ...entries,
  ]);
  const sorted = [...all].sort(([a], [b]) => a - b);
  const view = new DataView(new ArrayBuffer(8 + data.length + 6 + 12 * sorted.length));
  view.setUint32(0, 0x49492a00);
  view.setUint32(4, 8 + data.length, true);
  new Uint8Array(view.buffer).set(data, 8);
  view.setUint16(8 + data.length, sorted.length, true);
  sorted.forEach(([tag, value], at) => {
    const start = 10 + data.length + 12 * at;
    view.setUint16(start, tag, true);
    view.setUint16(start + 2, 4, true);
    view.setUint32(start + 4, 1, true);
    view.setUint32(start + 8, value, true);
  });
  return new Uint8Array(view.buffer);
}

/** A tar archive of one file. */
export function tar(name: string, content: Uint8Array): Bytes {
  const header = new Uint8Array(512);
  header.set(text(name));
  header.set(text(`${content.length.toString(8).padStart(11, "0")}\0`), 124);
  header.set(text("0"), 156);
  header.set(text("ustar\x0000"), 257);
  return concat([header, content, new Uint8Array(512 - content.length % 512), new Uint8Array(1024)]);
}

/** Pixels of RLE: one segment of one run. */
const rle = concat([new Uint8Array(Uint32Array.of(1, 64, ...new Array(14).fill(0)).buffer), Uint8Array.of(241, 7)]);

/** Whole files by a name that says their format. */
export async function fileSeeds(): Promise<[name: string, bytes: Bytes][]> {
  const spots = Uint8Array.from(ramp(64 * 64));
  const color = new Uint8Array(3 * 64 * 64).map((_, at) => spots[at % 4096]);
  return [
    ["gray8.png", encodePng(ramp(256), [1, 16, 16], { bits: 8 })],
    ["gray16.png", encodePng(ramp(256), [1, 16, 16], { bits: 16 })],
    ["rgb.png", encodePng(ramp(768), [3, 16, 16], { bits: 8 })],
    ["gray.jpg", encodeJpeg(spots, [1, 64, 64]) as Bytes],
    ["rgb.jpg", encodeJpeg(color, [3, 64, 64]) as Bytes],
    ["image.npy", encodeNpy(ramp(64), [1, 8, 8])],
    ["image.npy.gz", zipped(encodeNpy(ramp(64), [1, 8, 8]))],
    ["volume.nii", nifti()],
    ["volume.nii.gz", zipped(nifti())],
    ["volume.nrrd", nrrd()],
    ["volume_gzip.nrrd", nrrd({ encoding: "gzip" }, gzipSync(new Uint8Array(64)))],
    ["volume.mha", metaImage()],
    ["volume_zlib.mha", metaImage({ CompressedData: "True" }, deflateSync(new Uint8Array(64)))],
    ["volume.mgh", mgh()],
    ["volume.mgz", zipped(mgh())],
    ["image.tif", tiff()],
    ["image_deflate.tif", tiff([[259, 8]], deflateSync(new Uint8Array(128)))],
    ["image_packbits.tif", tiff([[259, 32773]], Uint8Array.of(129, 7))],
    ["plain.dcm", dicomFile({})],
    ["frames.dcm", dicomFile({ NumberOfFrames: "2", Rows: 2, PixelSpacing: "1\\1", RescaleSlope: "2" })],
    ["deflated.dcm", dicomFile({}, { deflated: true })],
    ["rle.dcm", dicomFile({}, { syntax: "1.2.840.10008.1.2.5", fragments: [rle] })],
    ...await dataSeeds(),
  ];
}

/** Files of the test data, one of each compressed transfer syntax and format, where it is there. */
async function dataSeeds(): Promise<[string, Bytes][]> {
  const names = [
    "dicom/pydicom/rtdose_expb_1frame.dcm",
    "dicom/pydicom/SC_rgb_small_odd_jpeg.dcm",
    "dicom/WG04/JPLY/NM1_JPLY",
    "dicom/fo-dicom/GH184.dcm",
    "dicom/pydicom-data/JLSL_08_07_0_1F.dcm",
    "dicom/pydicom/JPEGLSNearLossless_08.dcm",
    "dicom/pydicom-data/liver_j2k.dcm",
    "dicom/pydicom/SC_rgb_gdcm_KY.dcm",
    "dicom/htj2k/CT2_HTJ2K_203_lossy.dcm",
    "dicom/pydicom-data/liver_deflate.dcm",
    "dicom/dcmqi/23x38x3/seg/label.seg",
    "formats/rgb8_420_progressive.jpg",
    "formats/gray16_lzw_tiled.tif",
    "formats/palette4.png",
  ].filter((name) => !missing(name));
  return await Promise.all(names.map(async (name) => [name, await Deno.readFile(testData(name))] as [string, Bytes]));
}

/** Archives of two files each. */
export function archiveSeeds(): [name: string, bytes: Bytes][] {
  const [one, two] = [dicomFile({}), encodePng(ramp(64), [1, 8, 8], { bits: 8 })];
  const both = concat([tar("one.dcm", one).slice(0, -1024), tar("two.png", two)]);
  return [
    ["study.zip", zipSync({ "a/one.dcm": one, "two.png": two }) as Bytes],
    ["study.tar", both],
    ["study.tar.gz", zipped(both)],
  ];
}

/** Slices of one series. */
export function seriesSeed(): Bytes[] {
  return Array.from({ length: 4 }, (_, at) =>
    dicomFile({
      SOPInstanceUID: `1.2.3.${at}`,
      Modality: "MR",
      SeriesInstanceUID: "1.2.3",
      InstanceNumber: String(at + 1),
      ImagePositionPatient: `0\\0\\${2 * at}`,
      ImageOrientationPatient: "1\\0\\0\\0\\1\\0",
      PixelSpacing: "1\\1",
    }));
}
