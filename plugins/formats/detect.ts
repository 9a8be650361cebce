/** Tells formats by the content of a file, never by its name, and reads those that are supported. */
import { cannotOpen, type Decode, type Decoded, FETCH_AGAIN } from "./decoded.ts";
import { beginningOf, inflate, isGzip } from "./inflate.ts";
import { DEFAULT_LIMITS, type Origin, tooManyBytes } from "./limits.ts";
import { isMgh } from "./mgh/mgh.ts";
import { guessedSyntax, hasPrefix, lacksPreamble } from "./dicom/prefix.ts";

/** A format that we read. */
export type Format = "png" | "jpeg" | "tiff" | "nifti" | "nrrd" | "metaimage" | "mgh" | "npy" | "dicom";

/** What the first bytes of a file say: a supported format, another one by its name for messages, or nothing. */
export type Detected =
  | { readonly kind: "known"; readonly format: Format }
  | { readonly kind: "foreign"; readonly description: string; readonly isImage: boolean }
  | { readonly kind: "unknown"; readonly description: string };

/** How many bytes of a file `detect` needs. */
export const HEAD_BYTES = 4096;

const READ = "PNG, JPEG, TIFF, NIfTI, NRRD, MetaImage, MGH, npy or DICOM";

/** Bytes that a gzip file may hold behind those that count. */
const PADDING_BYTES = 2 ** 20;

interface Reader {
  /** Loads the reader with its libraries, when the first file of its format comes. */
  readonly load: () => Promise<Decode>;
  /** How many bytes of a file count, by its beginning. */
  readonly bytes?: (head: Uint8Array<ArrayBuffer>, origin: Origin) => Promise<number>;
}

const READERS: Readonly<Record<Format, Reader>> = {
  png: { load: async () => (await import("./png/png.ts")).decodePng },
  jpeg: { load: async () => (await import("./jpeg/jpeg.ts")).decodeJpeg },
  nifti: {
    load: async () => (await import("./nifti/nifti.ts")).decodeNifti,
    bytes: async (head, origin) => (await import("./nifti/nifti.ts")).niftiBytes(head, origin),
  },
  npy: {
    load: async () => (await import("./npy/npy.ts")).decodeNpy,
    bytes: async (head, origin) => (await import("./npy/npy.ts")).npyBytes(head, origin),
  },
  tiff: { load: async () => (await import("./tiff/tiff.ts")).decodeTiff },
  nrrd: { load: async () => (await import("./nrrd/nrrd.ts")).decodeNrrd },
  metaimage: { load: async () => (await import("./metaimage/metaimage.ts")).decodeMetaImage },
  mgh: {
    load: async () => (await import("./mgh/mgh.ts")).decodeMgh,
    bytes: async (head, origin) => (await import("./mgh/mgh.ts")).mghBytes(head, origin),
  },
  dicom: { load: async () => (await import("./dicom/dicom.ts")).decodeDicom },
};

/** Byte order and version of TIFF and BigTIFF. */
const TIFF_BEGINS: readonly (readonly number[])[] = [
  [0x49, 0x49, 42, 0],
  [0x4d, 0x4d, 0, 42],
  [0x49, 0x49, 43, 0],
  [0x4d, 0x4d, 0, 43],
];

/** Formats that we don't read, by how they begin. */
const FOREIGN: readonly { readonly begins: string; readonly description: string; readonly isImage: boolean }[] = [
  { begins: "GIF8", description: "a GIF file", isImage: true },
  { begins: "BM", description: "a BMP file", isImage: true },
  { begins: "RIFF", description: "a WebP file", isImage: true },
  { begins: "\xff\x4f\xff\x51", description: "a JPEG 2000 code stream", isImage: true },
  { begins: "\0\0\0\x0cjP", description: "a JPEG 2000 file", isImage: true },
  { begins: "PK\x03\x04", description: "a ZIP archive", isImage: false },
  { begins: "\x89HDF", description: "an HDF5 file", isImage: false },
  { begins: "%PDF", description: "a PDF file", isImage: false },
];

/** What `decode` needs to know of a file besides its bytes. */
export type DecodeOptions = Partial<Pick<Origin, "limits" | "sibling">>;

/** Reads an image or volume, also inside gzip. `name` is for messages only. Throws an `InputError`. */
export async function decode(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
  { limits = DEFAULT_LIMITS, sibling }: DecodeOptions = {},
): Promise<Decoded> {
  if (bytes.length === 0) throw cannotOpen(name, "it is empty (0 bytes)", FETCH_AGAIN);
  const origin = { name, limits, sibling };
  const header = await headerOfPair(bytes, name, sibling);
  if (header !== undefined) return await decode(header, name.replace(/\.img(\.gz)?$/i, ".hdr"), { limits, sibling });
  const content = isGzip(bytes) ? await inflated(bytes, origin) : bytes;
  const format = formatOf(content, name);
  const decoded = await (await READERS[format].load())(content, origin);
  return { ...decoded, header: decoded.header ?? { format } };
}

/** The header beside the voxels of a NIfTI pair, where these were named. */
async function headerOfPair(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
  sibling: DecodeOptions["sibling"],
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const stem = /([^/\\]+)\.img(\.gz)?$/i.exec(name)?.[1];
  if (stem === undefined || sibling === undefined || detect(bytes.subarray(0, HEAD_BYTES)).kind !== "unknown") {
    return undefined;
  }
  return await sibling(`${stem}.hdr`) ?? await sibling(`${stem}.hdr.gz`);
}

/** The format of a file. Throws an `InputError` where we don't read it. */
function formatOf(bytes: Uint8Array<ArrayBuffer>, name: string): Format {
  const found = detect(bytes.subarray(0, HEAD_BYTES));
  if (found.kind === "known") return found.format;
  if (found.kind === "unknown") throw cannotOpen(name, found.description, `give a file of ${READ}`);
  const remedy = found.isImage ? `convert it to ${READ}` : `give files of ${READ}`;
  throw cannotOpen(name, `it is ${found.description}, which is not read`, remedy);
}

/** What is inside of a gzip file. Where the header tells how much counts, what follows is no more than padding. */
async function inflated(bytes: Uint8Array<ArrayBuffer>, origin: Origin): Promise<Uint8Array<ArrayBuffer>> {
  const head = beginningOf(bytes, "gzip");
  const wanted = head.length === 0 ? undefined : await READERS[formatOf(head, origin.name)].bytes?.(head, origin);
  const { inflatedBytes } = origin.limits;
  if (wanted !== undefined && wanted > inflatedBytes) {
    throw tooManyBytes(origin.name, `${wanted.toLocaleString("en-US")} bytes`, origin.limits);
  }
  const most = wanted === undefined ? inflatedBytes : wanted + PADDING_BYTES;
  return inflate(bytes, "gzip", origin, { most });
}

/** What the first `HEAD_BYTES` of a file say. For a gzip file, its content counts. */
export function detect(head: Uint8Array<ArrayBuffer>): Detected {
  const bytes = isGzip(head) ? beginningOf(head, "gzip") : head;
  const format = knownFormat(bytes);
  if (format !== undefined) return { kind: "known", format };
  const text = String.fromCharCode(...bytes.subarray(0, 16));
  const foreign = FOREIGN.find(({ begins }) => text.startsWith(begins));
  if (foreign !== undefined) return { kind: "foreign", ...foreign };
  return { kind: "unknown", description: isText(bytes) ? "it is a text file" : "its content is of no known format" };
}

function knownFormat(bytes: Uint8Array<ArrayBuffer>): Format | undefined {
  const begins = (...wanted: number[]): boolean => wanted.every((byte, at) => bytes[at] === byte);
  if (begins(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return "png";
  if (begins(0xff, 0xd8, 0xff)) return "jpeg";
  if (begins(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59)) return "npy";
  if (hasPrefix(bytes) || lacksPreamble(bytes)) return "dicom";
  if (isNifti(bytes)) return "nifti";
  if (TIFF_BEGINS.some((beginning) => begins(...beginning))) return "tiff";
  const text = String.fromCharCode(...bytes.subarray(0, 64));
  if (/^NRRD000[1-5]/.test(text)) return "nrrd";
  if (/^(ObjectType|NDims)\s*=/.test(text)) return "metaimage";
  if (isMgh(bytes)) return "mgh";
  return guessedSyntax(bytes) === undefined ? undefined : "dicom";
}

function isNifti(bytes: Uint8Array<ArrayBuffer>): boolean {
  if (bytes.length < 348) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sizes = [view.getInt32(0, true), view.getInt32(0)];
  const magicAt = sizes.includes(348) ? 344 : sizes.includes(540) ? 4 : undefined;
  return magicAt !== undefined && /^n[i+][12]$/.test(String.fromCharCode(...bytes.subarray(magicAt, magicAt + 3)));
}

function isText(bytes: Uint8Array): boolean {
  return bytes.length > 0 && bytes.every((byte) => byte >= 0x20 && byte !== 0x7f || (byte >= 0x09 && byte <= 0x0d));
}
