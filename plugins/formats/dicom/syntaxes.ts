import type { Compression } from "./compressed.ts";

/** How the pixels of a DICOM file are encoded (PS3.5, annex A). */
export interface TransferSyntax {
  /** Its unique identifier. */
  readonly uid: string;
  /** Its name in the standard. */
  readonly name: string;
  /** Whether the lower byte of a word comes first. */
  readonly littleEndian: boolean;
  /** How the pixels are compressed; nothing where they are plain numbers. */
  readonly compression?: Compression;
  /** Whether it is one that we don't read. */
  readonly isUnknown: boolean;
}

/** What stands before the last parts of all of them. */
const ROOT = "1.2.840.10008.1.2";

/** Names and compressions by what follows the root. */
const SYNTAXES: Readonly<Record<string, readonly [name: string, compression?: Compression]>> = {
  "": ["Implicit VR Little Endian"],
  ".1": ["Explicit VR Little Endian"],
  ".1.99": ["Deflated Explicit VR Little Endian"],
  ".2": ["Explicit VR Big Endian"],
  ".4.50": ["JPEG Baseline", "jpeg"],
  ".4.51": ["JPEG Extended", "jpeg"],
  ".4.53": ["JPEG Spectral Selection", "jpeg"],
  ".4.55": ["JPEG Full Progression", "jpeg"],
  ".4.57": ["JPEG Lossless", "jpeg-lossless"],
  ".4.70": ["JPEG Lossless, first-order prediction", "jpeg-lossless"],
  ".4.80": ["JPEG-LS Lossless", "JPEG-LS"],
  ".4.81": ["JPEG-LS Near-lossless", "JPEG-LS"],
  ".4.90": ["JPEG 2000 Lossless", "JPEG 2000"],
  ".4.91": ["JPEG 2000", "JPEG 2000"],
  ".4.201": ["High-Throughput JPEG 2000 Lossless", "HTJ2K"],
  ".4.202": ["High-Throughput JPEG 2000 Lossless, RPCL", "HTJ2K"],
  ".4.203": ["High-Throughput JPEG 2000", "HTJ2K"],
  ".5": ["RLE Lossless", "rle"],
  ".8.1": ["Deflated Image Frame Compression", "deflated"],
};

/** Names of some that we don't read. */
const UNREAD: Readonly<Record<string, string>> = {
  ".4.100": "MPEG2 Main Profile",
  ".4.101": "MPEG2 High Profile",
  ".4.102": "MPEG-4 AVC/H.264",
  ".4.103": "MPEG-4 AVC/H.264, BD-compatible",
  ".4.107": "HEVC/H.265 Main Profile",
  ".4.110": "JPEG XL Lossless",
  ".4.112": "JPEG XL",
};

/** What a transfer syntax is. */
export function transferSyntax(uid: string): TransferSyntax {
  const rest = uid.startsWith(ROOT) ? uid.slice(ROOT.length) : "unknown";
  const littleEndian = rest !== ".2";
  if (Object.hasOwn(SYNTAXES, rest)) {
    const [name, compression] = SYNTAXES[rest];
    return { uid, name: `${name} (${uid})`, littleEndian, compression, isUnknown: false };
  }
  const plain = /^[0-9.]{1,64}$/.test(uid) ? uid : "no valid identifier";
  const name = Object.hasOwn(UNREAD, rest) ? UNREAD[rest] : "an unknown transfer syntax";
  return { uid, name: `${name} (${plain})`, littleEndian, isUnknown: true };
}
