/** Files made by hand so that a number of theirs is a lie: what other readers of these formats have fallen for. */
import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { concat } from "../../plugins/formats/bytes.ts";
import { encodeNpy } from "../../plugins/formats/npy/npy.ts";
import { encodePng } from "../../plugins/formats/png/png.ts";
import { dicomFile, type Value } from "../formats/dicom_builder.ts";
import { metaImage, mgh, nifti, nrrd, tar, tiff } from "./seeds.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A crafted file. All of them are to be refused unless they are readable after all. */
export interface Crafted {
  readonly name: string;
  readonly bytes: Bytes;
  /** Whether the values that it holds are whole all the same, so that it may be read. */
  readonly readable?: boolean;
}

/** All of them. */
export function craftedFiles(): Crafted[] {
  return [
    ...pngs(),
    ...npys(),
    ...niftis(),
    ...nrrds(),
    ...metaImages(),
    ...mghs(),
    ...tiffs(),
    ...dicoms(),
    ...bombs(),
  ];
}

/** Changes bytes of a PNG's header and mends its sum, so that only the numbers are wrong. */
function pngs(): Crafted[] {
  const intact = encodePng(new Uint8Array(64), [1, 8, 8], { bits: 8 });
  const header = (at: number, bytes: readonly number[]): Bytes => {
    const file = intact.slice();
    file.set(bytes, 16 + at);
    const view = new DataView(file.buffer);
    view.setUint32(29, crcOf(file.subarray(12, 29)));
    return file;
  };
  const cases: [string, number, number[]][] = [
    ["no width", 0, [0, 0, 0, 0]],
    ["width of 2^31", 0, [0x80, 0, 0, 0]],
    ["width of 2^31 - 1", 0, [0x7f, 0xff, 0xff, 0xff]],
    ["no height", 4, [0, 0, 0, 0]],
    ["height of 2^32 - 1", 4, [0xff, 0xff, 0xff, 0xff]],
    ["65,535 x 65,535", 0, [0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]],
    ["one row too many", 4, [0, 0, 0, 9]],
    ["depth of 0", 8, [0]],
    ["depth of 3", 8, [3]],
    ["depth of 255", 8, [255]],
    ["depth of 16", 8, [16]],
    ["color type 1", 9, [1]],
    ["color type 5", 9, [5]],
    ["no palette", 9, [3]],
    ["RGB", 9, [2]],
    ["RGBA", 9, [6]],
    ["compression 1", 10, [1]],
    ["filter method 1", 11, [1]],
    ["interlace 2", 12, [2]],
  ];
  return cases.map(([name, at, bytes]) => ({ name: `png: ${name}`, bytes: header(at, bytes) }));
}

function crcOf(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >>> 1 ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

function npys(): Crafted[] {
  const intact = new TextDecoder("latin1").decode(encodeNpy(new Float32Array(16), [1, 4, 4]));
  const changed = (from: string, to: string): Bytes =>
    Uint8Array.from(intact.replace(from.padEnd(to.length), to.padEnd(from.length)), (letter) => letter.charCodeAt(0));
  const shapes = [
    "-4, -4",
    "0, 4",
    "4, 0",
    "2.5, 2",
    "a, b",
    "1e9, 1",
    "9, 9",
    "99999, 99999",
    "4",
    "",
    "1, 1, 1, 1, 16",
    "0x4, 4",
    "NaN, 4",
    "4, 4294967296",
  ];
  const types = ["<c8", "<f1", "|O", "<i16", "<U4", "f4", "<f", ">V8"];
  return [
    ...shapes.map((shape) => ({ name: `npy: shape (${shape})`, bytes: changed("(4, 4)", `(${shape})`) })),
    ...types.map((type) => ({ name: `npy: type ${type}`, bytes: changed("'<f4'", `'${type}'`) })),
    { name: "npy: header of 65,535 bytes", bytes: changed("v\0", "\xff\xff") },
  ];
}

function niftis(): Crafted[] {
  const changes: [string, (view: DataView) => void, boolean?][] = [
    ...[0, -1, 8, 255].map((rank) =>
      [`rank ${rank}`, (view: DataView) => view.setInt16(40, rank, true)] as [string, (view: DataView) => void]
    ),
    ...[0, -1, -32768, 5, 32767].flatMap((size) =>
      [42, 44, 46].map((at) =>
        [`dimension of ${size}`, (view: DataView) => view.setInt16(at, size, true)] as [
          string,
          (view: DataView) => void,
        ]
      )
    ),
    [
      "all dimensions of 32,767",
      (view) => [40, 42, 44, 46, 48, 50, 52, 54].forEach((at) => view.setInt16(at, at === 40 ? 7 : 32767, true)),
    ],
    ["type 0", (view) => view.setInt16(70, 0, true)],
    ["type of complex numbers", (view) => view.setInt16(70, 32, true)],
    ["type of bits", (view) => view.setInt16(70, 1, true)],
    ["type 64 in the place of 4", (view) => view.setInt16(70, 64, true)],
    ["offset within the header", (view) => view.setFloat32(108, 100, true)],
    ["negative offset", (view) => view.setFloat32(108, -352, true)],
    ["offset NaN", (view) => view.setFloat32(108, NaN, true)],
    ["infinite offset", (view) => view.setFloat32(108, Infinity, true)],
    ["offset of 1e30", (view) => view.setFloat32(108, 1e30, true)],
    ["offset at the last byte", (view) => view.setFloat32(108, 479, true)],
    ["slope NaN", (view) => view.setFloat32(112, NaN, true), true],
    ["infinite slope", (view) => view.setFloat32(112, Infinity, true), true],
    ["voxel size NaN", (view) => view.setFloat32(80, NaN, true), true],
    ["negative voxel size", (view) => view.setFloat32(80, -1, true), true],
    ["voxel size of 0", (view) => view.setFloat32(80, 0, true), true],
    ["sform NaN", (view) => view.setFloat32(280, NaN, true), true],
    ["singular sform", (view) => view.setFloat32(280, 0, true), true],
    ["unit 255", (view) => view.setUint8(123, 255), true],
  ];
  return changes.map(([name, change, readable]) => ({ name: `nifti: ${name}`, bytes: nifti(change), readable }));
}

function nrrds(): Crafted[] {
  const fields: [string, Record<string, string>, boolean?][] = [
    ["negative size", { sizes: "-4 4 4" }],
    ["sizes of 1e9", { sizes: "1000000000 1000000000 1000000000" }],
    ["sizes that are no numbers", { sizes: "a b c" }],
    ["dimension of 16", { dimension: "16" }],
    ["no sizes", { sizes: "" }],
    ["one slice too many", { sizes: "4 4 5" }],
    ["block type", { type: "block" }],
    ["encoding of text", { encoding: "ascii" }],
    ["byte skip of -5", { "byte skip": "-5" }],
    ["byte skip of 1e18", { "byte skip": "1000000000000000000" }],
    ["line skip of 1e9", { "line skip": "1000000000" }],
    ["data file above", { "data file": "../../../etc/passwd" }],
    ["data file of a device", { "data file": "/dev/zero" }],
    ["singular directions", { "space directions": "(0,0,0) (0,0,0) (0,0,0)" }, true],
    ["directions NaN", { "space directions": "(NaN,0,0) (0,1,0) (0,0,1)" }, true],
  ];
  return fields.map(([name, change, readable]) => ({ name: `nrrd: ${name}`, bytes: nrrd(change), readable }));
}

function metaImages(): Crafted[] {
  const fields: [string, Record<string, string>, boolean?][] = [
    ["negative size", { DimSize: "-4 4 4" }],
    ["size of 0", { DimSize: "0 4 4" }],
    ["sizes of 1e9", { DimSize: "1000000000 1000000000 1000000000" }],
    ["NDims of 1000", { NDims: "1000" }],
    ["unknown type", { ElementType: "MET_STRING" }],
    ["1e9 channels", { ElementNumberOfChannels: "1000000000" }],
    ["no channels", { ElementNumberOfChannels: "0" }],
    ["zlib that is none", { CompressedData: "True" }],
    ["spacing NaN", { ElementSpacing: "NaN 1 1" }, true],
    ["singular matrix", { TransformMatrix: "0 0 0 0 0 0 0 0 0" }, true],
    ["HeaderSize of 1e12", { HeaderSize: "1000000000000" }],
    ["HeaderSize of -7", { HeaderSize: "-7" }],
  ];
  return fields.map(([name, change, readable]) => ({ name: `metaimage: ${name}`, bytes: metaImage(change), readable }));
}

function mghs(): Crafted[] {
  return [
    ["width of 2^31 - 1", (view: DataView) => view.setInt32(4, 2 ** 31 - 1)],
    ["width of 1,000,000", (view: DataView) => [4, 8, 12].forEach((at) => view.setInt32(at, 1_000_000))],
    ["negative depth", (view: DataView) => view.setInt32(12, -4)],
    ["1,000,000 frames", (view: DataView) => view.setInt32(16, 1_000_000)],
    ["type 99", (view: DataView) => view.setInt32(20, 99)],
  ].map(([name, change]) => ({ name: `mgh: ${name}`, bytes: mgh(change as (view: DataView) => void) }));
}

function tiffs(): Crafted[] {
  const entries: [string, [number, number][]][] = [
    ["no width", [[256, 0]]],
    ["width of 2^32 - 1", [[256, 0xffffffff]]],
    ["size of 2^31", [[256, 65536], [257, 65536]]],
    ["depth of 7", [[258, 7]]],
    ["depth of 0", [[258, 0]]],
    ["compression 7", [[259, 7]]],
    ["LZW that is none", [[259, 5]]],
    ["deflate that is none", [[259, 8]]],
    ["PackBits that ends early", [[259, 32773]]],
    ["strip behind the file", [[273, 0x7fffffff]]],
    ["strip of 2^31 bytes", [[279, 0x7fffffff]]],
    ["strip of one byte", [[279, 1]]],
    ["no rows a strip", [[278, 0]]],
    ["1,000 samples", [[277, 1000]]],
    ["tiles of no size", [[322, 0], [323, 0], [324, 8], [325, 128]]],
    ["tiles of 2^31", [[322, 0x80000000], [323, 0x80000000], [324, 8], [325, 128]]],
    ["palette without colors", [[262, 3]]],
    ["CMYK", [[262, 5], [277, 4]]],
  ];
  const loop = tiff();
  new DataView(loop.buffer).setUint32(loop.length - 4, 8 + 128, true);
  return [
    ...entries.map(([name, own]) => ({ name: `tiff: ${name}`, bytes: tiff(own) })),
    { name: "tiff: directories in a circle", bytes: loop },
  ];
}

function dicoms(): Crafted[] {
  const values: [string, Record<string, Value>, boolean?][] = [
    ["no rows", { Rows: 0 }],
    ["65,535 rows", { Rows: 65535, Columns: 65535 }],
    ["one row too many", { Rows: 5 }],
    ["rows as text", { Rows: { vr: "DS", text: "4 " } }],
    ["40 million frames", { NumberOfFrames: "40000000" }],
    ["frames beyond the data", { NumberOfFrames: "2" }],
    ["negative frames", { NumberOfFrames: "-1" }],
    ["frames that are no number", { NumberOfFrames: "abc" }],
    ["3 samples of gray", { SamplesPerPixel: 3 }],
    ["1 sample of RGB", { PhotometricInterpretation: "RGB" }],
    ["0 samples", { SamplesPerPixel: 0 }],
    ["12 bits allocated", { BitsAllocated: 12 }],
    ["255 bits stored", { BitsStored: 255 }],
    ["high bit of 31", { HighBit: 31 }],
    ["a palette that is missing", { PhotometricInterpretation: "PALETTE COLOR" }],
    ["slope NaN", { RescaleSlope: "NaN" }],
    ["slope of 0", { RescaleSlope: "0" }],
    ["decimal comma", { RescaleIntercept: "0,5" }],
    ["window that is no number", { WindowCenter: "wide", WindowWidth: "1" }, true],
    ["negative spacing", { PixelSpacing: "-1\\1" }, true],
    ["axes at no right angle", { ImageOrientationPatient: "1\\0\\0\\1\\0\\0" }, true],
    ["axes of no length", { ImageOrientationPatient: "0\\0\\0\\0\\0\\0" }, true],
    ["colors of a name", { PhotometricInterpretation: "DOE^JANE" }],
  ];
  const compressed: [string, string, Uint8Array[]][] = [
    ["RLE without a header", ".5", [new Uint8Array(10)]],
    ["RLE of 15 segments", ".5", [concat([new Uint8Array(Uint32Array.of(15, 64).buffer), new Uint8Array(64)])]],
    ["RLE segment behind the end", ".5", [
      concat([new Uint8Array(Uint32Array.of(1, 0xfffffff0).buffer), new Uint8Array(64)]),
    ]],
    ["no fragments", ".5", []],
    ["a JPEG of nothing", ".4.50", [Uint8Array.of(0xff, 0xd8, 0xff, 0xd9)]],
    ["a JPEG of 65,535 x 65,535", ".4.51", [
      Uint8Array.of(0xff, 0xd8, 0xff, 0xc1, 0, 11, 12, 255, 255, 255, 255, 1, 1, 0x11, 0, 0xff, 0xd9),
    ]],
    ["a lossless JPEG of nothing", ".4.70", [
      Uint8Array.of(0xff, 0xd8, 0xff, 0xc3, 0, 11, 8, 0, 4, 0, 4, 1, 1, 0x11, 0, 0xff, 0xd9),
    ]],
    ["JPEG-LS of nothing", ".4.80", [
      Uint8Array.of(0xff, 0xd8, 0xff, 0xf7, 0, 11, 8, 0, 4, 0, 4, 1, 1, 0x11, 0, 0xff, 0xd9),
    ]],
    ["JPEG 2000 of nothing", ".4.90", [Uint8Array.of(0xff, 0x4f, 0xff, 0x51)]],
    ["HTJ2K of nothing", ".4.201", [new Uint8Array(64)]],
    ["deflated frames that are none", ".8.1", [new Uint8Array(64).fill(255)]],
    ["MPEG", ".4.102", [new Uint8Array(64)]],
  ];
  return [
    ...values.map(([name, change, readable]) => ({ name: `dicom: ${name}`, bytes: dicomFile(change), readable })),
    ...compressed.map(([name, syntax, fragments]) => ({
      name: `dicom: ${name}`,
      bytes: dicomFile({}, { syntax: `1.2.840.10008.1.2${syntax}`, fragments }),
    })),
  ];
}

/** Small files that become large. */
function bombs(): Crafted[] {
  const zeros = new Uint8Array(64e6);
  return [
    { name: "bomb: gzip of NIfTI", bytes: new Uint8Array(gzipSync(concat([nifti(), zeros]))) },
    { name: "bomb: gzip of zeros", bytes: new Uint8Array(gzipSync(zeros)) },
    { name: "bomb: gzip in gzip", bytes: new Uint8Array(gzipSync(gzipSync(zeros))) },
    { name: "bomb: NRRD", bytes: nrrd({ encoding: "gzip" }, gzipSync(zeros)) },
    { name: "bomb: MetaImage", bytes: metaImage({ CompressedData: "True" }, deflateSync(zeros)) },
    { name: "bomb: TIFF", bytes: tiff([[259, 8]], deflateSync(zeros)) },
    {
      name: "bomb: deflated frame",
      bytes: dicomFile({}, { syntax: "1.2.840.10008.1.2.8.1", fragments: [deflateRawSync(zeros)] }),
    },
    { name: "bomb: tar as a file", bytes: tar("a", new Uint8Array(16)) },
  ];
}
