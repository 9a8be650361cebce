/** Tells formats by the content of a file, never by its name, and reads those that are supported. */
import { constants, gunzipSync } from "node:zlib";
import { cannotOpen, type Decode, type Decoded, FETCH_AGAIN, thrownReason } from "./decoded.ts";
import { guessedSyntax, hasPrefix, lacksPreamble } from "./dicom/prefix.ts";

/** A format that we read. */
export type Format = "png" | "jpeg" | "nifti" | "npy" | "dicom";

/** What the first bytes of a file say: a format that we read, another one by its name in messages, or nothing. */
export type Detected =
  | { readonly kind: "known"; readonly format: Format }
  | { readonly kind: "foreign"; readonly description: string; readonly isImage: boolean }
  | { readonly kind: "unknown"; readonly description: string };

/** How many bytes of a file `detect` needs. */
export const HEAD_BYTES = 4096;

const READ = "PNG, JPEG, NIfTI, npy or DICOM";

/** The readers, each loaded with its libraries when the first file of its format comes. */
const READERS: Readonly<Record<Format, () => Promise<Decode>>> = {
  png: async () => (await import("./png/png.ts")).decodePng,
  jpeg: async () => (await import("./jpeg/jpeg.ts")).decodeJpeg,
  nifti: async () => (await import("./nifti/nifti.ts")).decodeNifti,
  npy: async () => (await import("./npy/npy.ts")).decodeNpy,
  dicom: async () => (await import("./dicom/dicom.ts")).decodeDicom,
};

/** Formats that we don't read, by how they begin. */
const FOREIGN: readonly { readonly begins: string; readonly description: string; readonly isImage: boolean }[] = [
  { begins: "II*\0", description: "a TIFF file", isImage: true },
  { begins: "MM\0*", description: "a TIFF file", isImage: true },
  { begins: "NRRD000", description: "an NRRD file", isImage: true },
  { begins: "ObjectType", description: "a MetaImage file", isImage: true },
  { begins: "GIF8", description: "a GIF file", isImage: true },
  { begins: "BM", description: "a BMP file", isImage: true },
  { begins: "RIFF", description: "a WebP file", isImage: true },
  { begins: "\xff\x4f\xff\x51", description: "a JPEG 2000 code stream", isImage: true },
  { begins: "\0\0\0\x0cjP", description: "a JPEG 2000 file", isImage: true },
  { begins: "PK\x03\x04", description: "a ZIP archive", isImage: false },
  { begins: "\x89HDF", description: "an HDF5 file", isImage: false },
  { begins: "%PDF", description: "a PDF file", isImage: false },
];

/** Reads an image or volume, also inside gzip. `name` is for messages only. Throws an `InputError`. */
export async function decode(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<Decoded> {
  if (bytes.length === 0) throw cannotOpen(name, "it is empty (0 bytes)", FETCH_AGAIN);
  const content = isGzip(bytes) ? await inflated(bytes, name) : bytes;
  const found = detect(content.subarray(0, HEAD_BYTES));
  switch (found.kind) {
    case "known": {
      const decoded = (await READERS[found.format]())(content, name);
      return { ...decoded, header: decoded.header ?? { format: found.format } };
    }
    case "foreign": {
      const remedy = found.isImage ? `convert it to ${READ}` : `give files of ${READ}`;
      throw cannotOpen(name, `it is ${found.description}, which is not read`, remedy);
    }
    default:
      throw cannotOpen(name, found.description, `give a file of ${READ}`);
  }
}

/** What the first `HEAD_BYTES` of a file say. Of a gzip file, what is inside counts. */
export function detect(head: Uint8Array<ArrayBuffer>): Detected {
  const bytes = isGzip(head) ? beginningOf(head) : head;
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

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
}

/** What the first bytes of a gzip file hold, as far as they go. */
function beginningOf(head: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH }));
  } catch {
    return new Uint8Array();
  }
}

async function inflated(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (error) {
    throw cannotOpen(name, `its gzip data is damaged or ends early (${thrownReason(error)})`, FETCH_AGAIN);
  }
}
