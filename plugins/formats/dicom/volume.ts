/** Reads the slices of a series as one volume. */
import { cannotOpen, type Decoded, shapeOf } from "../decoded.ts";
import { declaredVoxels, type Limits } from "../limits.ts";
import { displayed } from "./dicom.ts";
import { headerOf } from "./header.ts";
import { type DicomImage, openDicom } from "./image.ts";
import { repaired } from "./repair.ts";
import { type Problem, stackOf } from "./stack.ts";
import type { Slice } from "./slice.ts";

/** What to do with a volume whose slices don't make up an even stack. */
export type Policy = "block" | "repair" | "warn";

/** How to read a volume. */
export interface VolumeOptions {
  readonly limits: Limits;
  readonly policy: Policy;
  /** Reads a file of the series. */
  readonly read: (path: string) => Promise<Uint8Array<ArrayBuffer>>;
  /** What messages call the series. */
  readonly name: string;
}

/** What was found and done, as plain data. */
export interface VolumeReport {
  readonly slices: number;
  readonly spacingMm: readonly number[];
  readonly tiltDegrees: number;
  readonly problems: readonly { readonly kind: Problem["kind"]; readonly text: string }[];
  readonly policy: Policy;
  /** What was changed; nothing where nothing was. */
  readonly repaired?: string;
}

/** Problems that no repair mends. */
const HOPELESS: readonly Problem["kind"][] = ["no place"];

/**
 * Reads slices as [C, D, H, W]; one of them as [C, H, W]. Throws an `InputError` where a file is damaged, and where the geometry is
 * not sound and the policy is `block`.
 */
export async function readVolume(
  given: readonly Slice[],
  { limits, policy, read, name }: VolumeOptions,
): Promise<Decoded & { readonly report: VolumeReport }> {
  const stack = stackOf(given);
  const { slices, problems, tiltDegrees } = stack;
  const isHopeless = policy === "repair" && problems.some(({ kind }) => HOPELESS.includes(kind));
  if (problems.length > 0 && (policy === "block" || isHopeless)) throw blocked(name, problems);
  const { rows, columns } = slices[0];
  const size = rows * columns;
  const readers = Map.groupBy(slices.map((slice, at) => ({ ...slice, at })), ({ source }) => source);
  const warnings = new Set<string>();
  let pixels: Float32Array<ArrayBuffer> | undefined;
  let first: DicomImage | undefined;
  for (const [source, own] of readers) {
    const image = openDicom(await read(source), { name: source, limits }, source);
    image.warnings.forEach((warning) => warnings.add(warning));
    first ??= image;
    checkAlike(image, first, source);
    const { channels } = first;
    pixels ??= new Float32Array(declaredVoxels([channels, slices.length, rows, columns], { name, limits }));
    for (const { frame, at } of own) {
      const planes = Array.from({ length: channels }, (_, channel) => {
        const start = (channel * slices.length + at) * size;
        return pixels!.subarray(start, start + size);
      });
      image.toReal(await image.stored(frame), frame, planes);
    }
  }
  const { channels, file, padding } = first!;
  const mended = policy === "repair" && problems.length > 0 ? repaired(pixels!, channels, stack) : undefined;
  const geometry = displayed(mended?.geometry ?? stack.geometry, first!);
  const depth = mended?.depth ?? slices.length;
  for (const { text } of problems) warnings.add(`In the series, ${text}.`);
  if (mended !== undefined) warnings.add(`${mended.done}.`);
  return {
    pixels: mended?.pixels ?? pixels!,
    shape: shapeOf(channels, depth, rows, columns),
    geometry,
    channels: channels === 3 ? "rgb" : "gray",
    header: {
      ...headerOf(file.dataSet, file.syntax.littleEndian),
      ...(mended === undefined ? { instances: slices.map(({ uid }) => uid) } : {}),
    },
    padding,
    warnings: [...warnings],
    report: {
      slices: slices.length,
      spacingMm: geometry.spacing,
      tiltDegrees: Number(tiltDegrees.toFixed(2)),
      problems,
      policy,
      ...(mended === undefined ? {} : { repaired: mended.done }),
    },
  };
}

function blocked(name: string, problems: readonly Problem[]): Error {
  const reason = `its slices make up no sound volume: ${problems.map(({ text }) => text).join("; ")}`;
  return cannotOpen(name, reason, "fetch what is missing, or go on with --set acquire.geometry=repair or =warn");
}

function checkAlike(image: DicomImage, first: DicomImage, source: string): void {
  const { format, channels } = image;
  const { rows, columns } = first.format;
  if (format.rows === rows && format.columns === columns && channels === first.channels) return;
  const reason =
    `it has ${format.columns} x ${format.rows} pixels and ${channels} channels, unlike the others of its series`;
  throw cannotOpen(source, reason, "leave it out");
}
