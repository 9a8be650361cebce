/** Image file directories of a TIFF (TIFF 6.0, section 2; BigTIFF). */
import { cannotOpen, FETCH_AGAIN } from "../decoded.ts";

/** Tags that we read. */
const TAGS = {
  NewSubfileType: 254,
  ImageWidth: 256,
  ImageLength: 257,
  BitsPerSample: 258,
  Compression: 259,
  PhotometricInterpretation: 262,
  FillOrder: 266,
  ImageDescription: 270,
  StripOffsets: 273,
  SamplesPerPixel: 277,
  RowsPerStrip: 278,
  StripByteCounts: 279,
  XResolution: 282,
  YResolution: 283,
  PlanarConfiguration: 284,
  Predictor: 317,
  ColorMap: 320,
  TileWidth: 322,
  TileLength: 323,
  TileOffsets: 324,
  TileByteCounts: 325,
  SampleFormat: 339,
} as const;

/** Name of a tag. */
export type TagName = keyof typeof TAGS;

/** Bytes of a value by type; 0 for types that we don't read. */
const TYPE_BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];
const MOST_PAGES = 65_535;

/** One page's entries. */
export interface Directory {
  readonly littleEndian: boolean;
  /** All numbers of a tag; none where it is missing. */
  numbers(tag: TagName): number[];
  /** The first number of a tag. */
  number(tag: TagName): number | undefined;
  /** Text of a tag. */
  text(tag: TagName): string | undefined;
}

interface Entry {
  readonly type: number;
  readonly count: number;
  readonly at: number;
}

/** All directories in their order. Throws an `InputError` where they are cut off or go in a circle. */
export function directoriesOf(bytes: Uint8Array<ArrayBuffer>, name: string): Directory[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const littleEndian = bytes[0] === 0x49;
  const refuse = (): never => {
    throw cannotOpen(name, "its TIFF directories are damaged or end early", FETCH_AGAIN);
  };
  const isBig = bytes.length >= 16 && view.getUint16(2, littleEndian) === 43;
  const wide = (at: number): number => at + 8 <= bytes.length ? Number(view.getBigUint64(at, littleEndian)) : refuse();
  const long = (at: number): number => at + 4 <= bytes.length ? view.getUint32(at, littleEndian) : refuse();
  const short = (at: number): number => at + 2 <= bytes.length ? view.getUint16(at, littleEndian) : refuse();
  const offset = isBig ? wide : long;
  const [countBytes, entryBytes, valueAt, valueBytes] = isBig ? [8, 20, 12, 8] : [2, 12, 8, 4];
  const pages: Directory[] = [];
  const seen = new Set<number>();
  for (let at = offset(isBig ? 8 : 4); at !== 0;) {
    if (seen.has(at) || at >= bytes.length || pages.length >= MOST_PAGES) refuse();
    seen.add(at);
    const count = isBig ? wide(at) : short(at);
    const end = at + countBytes + count * entryBytes;
    if (end > bytes.length) refuse();
    const entries = new Map<number, Entry>();
    for (let index = 0; index < count; index++) {
      const start = at + countBytes + index * entryBytes;
      const [type, values] = [short(start + 2), offset(start + 4)];
      const length = values * (TYPE_BYTES[type] ?? 0);
      const place = length <= valueBytes ? start + valueAt : offset(start + valueAt);
      if (place + length > bytes.length) refuse();
      entries.set(short(start), { type, count: values, at: place });
    }
    pages.push(new Page(view, littleEndian, entries));
    at = offset(end);
  }
  return pages;
}

class Page implements Directory {
  constructor(
    readonly view: DataView,
    readonly littleEndian: boolean,
    readonly entries: ReadonlyMap<number, Entry>,
  ) {}

  numbers(tag: TagName): number[] {
    const entry = this.entries.get(TAGS[tag]);
    if (entry === undefined) return [];
    const { type, count, at } = entry;
    const step = TYPE_BYTES[type] ?? 0;
    return step === 0 ? [] : Array.from({ length: count }, (_, index) => this.#value(type, at + index * step));
  }

  number(tag: TagName): number | undefined {
    return this.numbers(tag)[0];
  }

  text(tag: TagName): string | undefined {
    const entry = this.entries.get(TAGS[tag]);
    if (entry?.type !== 2) return undefined;
    const { buffer, byteOffset } = this.view;
    return new TextDecoder().decode(new Uint8Array(buffer, byteOffset + entry.at, entry.count)).replace(/\0.*$/s, "");
  }

  #value(type: number, at: number): number {
    const { view, littleEndian } = this;
    switch (type) {
      case 3:
        return view.getUint16(at, littleEndian);
      case 4:
      case 13:
        return view.getUint32(at, littleEndian);
      case 5:
        return view.getUint32(at, littleEndian) / view.getUint32(at + 4, littleEndian);
      case 11:
        return view.getFloat32(at, littleEndian);
      case 12:
        return view.getFloat64(at, littleEndian);
      case 16:
        return Number(view.getBigUint64(at, littleEndian));
      default:
        return view.getUint8(at);
    }
  }
}
