/** How the pixels of a DICOM file are encoded (PS3.5, annex A). */
export interface TransferSyntax {
  /** Its unique identifier. */
  readonly uid: string;
  /** Its name in the standard. */
  readonly name: string;
  /** Whether the lower byte of a word comes first. */
  readonly littleEndian: boolean;
  /** Whether the pixels are plain numbers, which is all that we read. */
  readonly uncompressed: boolean;
}

const UNCOMPRESSED: Readonly<Record<string, string>> = {
  "1.2.840.10008.1.2": "Implicit VR Little Endian",
  "1.2.840.10008.1.2.1": "Explicit VR Little Endian",
  "1.2.840.10008.1.2.1.99": "Deflated Explicit VR Little Endian",
  "1.2.840.10008.1.2.2": "Explicit VR Big Endian",
};

const COMPRESSED: Readonly<Record<string, string>> = {
  "1.2.840.10008.1.2.4.50": "JPEG Baseline",
  "1.2.840.10008.1.2.4.51": "JPEG Extended",
  "1.2.840.10008.1.2.4.53": "JPEG Spectral Selection",
  "1.2.840.10008.1.2.4.55": "JPEG Full Progression",
  "1.2.840.10008.1.2.4.57": "JPEG Lossless",
  "1.2.840.10008.1.2.4.70": "JPEG Lossless, first-order prediction",
  "1.2.840.10008.1.2.4.80": "JPEG-LS Lossless",
  "1.2.840.10008.1.2.4.81": "JPEG-LS Near-lossless",
  "1.2.840.10008.1.2.4.90": "JPEG 2000 Lossless",
  "1.2.840.10008.1.2.4.91": "JPEG 2000",
  "1.2.840.10008.1.2.4.100": "MPEG2 Main Profile",
  "1.2.840.10008.1.2.4.102": "MPEG-4 AVC/H.264",
  "1.2.840.10008.1.2.4.201": "High-Throughput JPEG 2000 Lossless",
  "1.2.840.10008.1.2.4.202": "High-Throughput JPEG 2000 Lossless, RPCL",
  "1.2.840.10008.1.2.4.203": "High-Throughput JPEG 2000",
  "1.2.840.10008.1.2.5": "RLE Lossless",
  "1.2.840.10008.1.2.8.1": "Deflated Image Frame Compression",
};

/** What a transfer syntax is; one that isn't known counts as compressed. */
export function transferSyntax(uid: string): TransferSyntax {
  return {
    uid,
    name: UNCOMPRESSED[uid] ?? COMPRESSED[uid] ?? "an unknown transfer syntax",
    littleEndian: uid !== "1.2.840.10008.1.2.2",
    uncompressed: Object.hasOwn(UNCOMPRESSED, uid),
  };
}
