/**
 * TIFF 6.0 and BigTIFF, either byte order: gray, RGB and palette, with or without alpha, 1 to 64 bits, whole, signed and float, in strips or
 * tiles, plain, PackBits, LZW or deflated, with horizontal predictor. Pages of one size are the slices of a stack. Reading is our own, as the
 * libraries at hand allocate and inflate what a file declares without a bound, or know no tiles or no PackBits.
 */
import { geometryOfSpacing, unknownGeometry } from "../../../engine/pipeline/mod.ts";
import { cannotOpen, type Channels, type Decoded, FETCH_AGAIN, shapeOf } from "../decoded.ts";
import { declaredVoxels, type Origin } from "../limits.ts";
import { directoriesOf, type Directory } from "./directory.ts";
import { formatOf, type PageFormat, readPage } from "./page.ts";

/** Reads a TIFF. Throws an `InputError`. */
export function decodeTiff(bytes: Uint8Array<ArrayBuffer>, origin: Origin): Decoded {
  const pages = directoriesOf(bytes, origin.name).filter((page) => ((page.number("NewSubfileType") ?? 0) & 5) === 0);
  if (pages.length === 0) throw cannotOpen(origin.name, "it has no page", FETCH_AGAIN);
  const formats = pages.map((page) => formatOf(page, origin));
  const [first] = formats;
  const other = formats.findIndex((format) => sizeOf(format) !== sizeOf(first));
  if (other > 0) {
    const reason = `page ${other + 1} has ${sizeOf(formats[other])} samples, page 1 ${sizeOf(first)}`;
    throw cannotOpen(origin.name, reason, "split it into one file per page");
  }
  const channels = first.palette === undefined ? first.samples : 3;
  const size = first.width * first.height;
  const pixels = new Float32Array(declaredVoxels([channels, pages.length, first.height, first.width], origin));
  for (const [at, format] of formats.entries()) {
    const planes = Array.from({ length: channels }, (_, channel) => {
      const start = (channel * pages.length + at) * size;
      return pixels.subarray(start, start + size);
    });
    readPage(bytes, format, planes, origin);
  }
  const shape = shapeOf(channels, pages.length, first.height, first.width);
  const notes = pages.length > 1 ? [`The ${pages.length} pages of the file are the slices of a volume.`] : [];
  return {
    pixels,
    shape,
    geometry: geometryOf(pages[0], shape.length - 1),
    channels: kindOf(first, channels),
    warnings: notes,
  };
}

function sizeOf({ width, height, samples }: PageFormat): string {
  return `${width} x ${height} x ${samples}`;
}

function kindOf({ photometric }: PageFormat, channels: number): Channels {
  if (photometric === 2 || photometric === 3) return channels === 3 ? "rgb" : channels === 4 ? "rgba" : "values";
  return channels === 1 ? "gray" : channels === 2 ? "gray+alpha" : "values";
}

/** ImageJ writes its spacing as pixels per unit, with the unit and the distance of slices in its description. */
function geometryOf(page: Directory, rank: number): Decoded["geometry"] {
  const description = page.text("ImageDescription") ?? "";
  const unit = /^unit=(.*)$/m.exec(description)?.[1].trim();
  const mm = unit === "mm" ? 1 : unit === "cm" ? 10 : /^(um|micron|\\u00B5m)$/.test(unit ?? "") ? 1e-3 : undefined;
  const [x, y] = [page.number("XResolution"), page.number("YResolution")];
  const z = Number(/^spacing=(.*)$/m.exec(description)?.[1] ?? NaN);
  if (!description.startsWith("ImageJ") || mm === undefined || !(x! > 0) || !(y! > 0)) return unknownGeometry(rank);
  if (rank === 2) return geometryOfSpacing([mm / y!, mm / x!]);
  return z > 0 ? geometryOfSpacing([z * mm, mm / y!, mm / x!]) : unknownGeometry(rank);
}
