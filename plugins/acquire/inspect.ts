/** What a folder, an archive or a file holds, and what `process` would do with it: one screen that a clinician can read. */
import { counted, foreignTo, InputError, type Json } from "../../engine/pipeline/mod.ts";
import { detect, HEAD_BYTES } from "../formats/detect.ts";
import { cross, type Slice } from "../formats/dicom/slice.ts";
import { mm, type Problem, type Stack, stackOf } from "../formats/dicom/stack.ts";
import { DEFAULT_LIMITS } from "../formats/limits.ts";
import { type FileRef, listFiles } from "./listing.ts";

/** What is known of one case. */
export interface Inspected {
  /** The case's id, as `process` would name its folder. */
  readonly id: string;
  /** `series`, or the format of a file. */
  readonly kind: string;
  /** DICOM's name of the modality. */
  readonly modality?: string;
  /** Columns, rows and slices. */
  readonly size?: readonly number[];
  /** Distance along columns, rows and slices in mm. */
  readonly spacingMm?: readonly number[];
  /** `axial`, `coronal` or `sagittal`, with `oblique` before it where it leans by more than 5 degrees. */
  readonly plane?: string;
  readonly tiltDegrees?: number;
  /** Whether the slices make up an even stack. */
  readonly sound: boolean;
  readonly problems: readonly Problem[];
  /** What `process` would do, a sentence. */
  readonly chain: string;
  readonly warnings: readonly string[];
}

/** What the default networks were made for. */
export interface MadeFor {
  readonly modality: string;
  readonly sequence: string;
}

/** Looks at an input. Throws an `InputError` where there is no image. */
export async function inspectInput(path: string, madeFor: MadeFor | undefined): Promise<Inspected[]> {
  const options = { limits: DEFAULT_LIMITS, series: "volumes" } as const;
  if (!await Deno.stat(path).then(() => true, () => false)) {
    throw new InputError(`Cannot open ${path} as there is no such file or folder: check the path`);
  }
  const cases: Inspected[] = [];
  for await (const ref of listFiles([path], options, new AbortController().signal)) {
    if (ref.refusal !== undefined) throw new InputError(ref.refusal);
    cases.push(await inspected(ref, madeFor));
  }
  return cases;
}

async function inspected(ref: FileRef, madeFor: MadeFor | undefined): Promise<Inspected> {
  const { id, slices, series, warnings } = ref;
  if (slices === undefined) {
    const [file] = ref.files.values();
    const found = detect(await file.head(HEAD_BYTES));
    const isReadable = found.kind === "known";
    const kind = isReadable ? found.format : found.description;
    const chain = isReadable ? "taken as one image or volume; its modality is not known" : "fails: it can't be read";
    return { id, kind, sound: isReadable, problems: [], chain, warnings };
  }
  const stack = stackOf(slices);
  const modality = series?.modality || undefined;
  const [depth, dy, dx] = stack.geometry.spacing.length === 3
    ? stack.geometry.spacing
    : [undefined, ...stack.geometry.spacing];
  const { rows, columns } = stack.slices[0];
  const spacingMm = stack.geometry.spacingKnown ? [dx!, dy!, ...(depth === undefined ? [] : [depth])] : undefined;
  return {
    id,
    kind: slices.length > 1 ? "series" : "dicom",
    modality,
    size: [columns, rows, stack.slices.length],
    spacingMm: spacingMm?.map((value) => Number(value.toFixed(3))),
    plane: planeOf(stack.slices[0]),
    tiltDegrees: Number(stack.tiltDegrees.toFixed(2)),
    sound: stack.problems.length === 0,
    problems: stack.problems,
    chain: chainOf(stack, { modality, description: series?.description ?? "" }, madeFor),
    warnings,
  };
}

function chainOf(
  { problems, slices }: Stack,
  image: { readonly modality?: string; readonly description: string },
  madeFor: MadeFor | undefined,
): string {
  if (problems.length > 0) return "fails, unless --set acquire.geometry=repair or =warn";
  const foreign = madeFor && foreignTo(madeFor, image);
  if (foreign !== undefined) {
    return `fails as it is ${foreign} and its networks were made for ${madeFor?.modality}, ${madeFor?.sequence}: ` +
      "leave them out with --stages acquire,denoise,export, or accept it with --force";
  }
  if (slices.length > 1) {
    return "one volume: filtered in 3-D, segmented slice by slice or in blocks, as the network was trained";
  }
  return "one image";
}

/** The plane that a slice lies in, by its normal. */
function planeOf({ axes }: Slice): string | undefined {
  if (axes === undefined) return undefined;
  const normal = cross(axes.row, axes.column).map(Math.abs);
  const largest = normal.indexOf(Math.max(...normal));
  const plane = ["sagittal", "coronal", "axial"][largest];
  return normal[largest] < Math.cos(5 * Math.PI / 180) ? `oblique ${plane}` : plane;
}

/** The lines of one screen. */
export function inspectionLines(path: string, cases: readonly Inspected[]): string[] {
  const most = 40;
  const sound = cases.filter(({ sound }) => sound).length;
  const sum = `${path}: ${counted(cases.length, "case")}, ${sound} sound, ${cases.length - sound} not`;
  const shown = cases.length > most
    ? cases.toSorted((a, b) => Number(a.sound) - Number(b.sound)).slice(0, most)
    : cases;
  const rest = cases.length > most ? [`... and ${cases.length - most} more (--json lists all)`] : [];
  return [sum, ...shown.flatMap(linesOf), ...rest];
}

function linesOf(one: Inspected): string[] {
  const { id, kind, modality, size, spacingMm, plane, sound, problems, chain, warnings } = one;
  const notes = warnings.map((warning) => `  note: ${warning}`);
  if (size === undefined) return [`${id}: ${kind}, ${chain}`, ...notes];
  const [columns, rows, slices] = size;
  const parts = [
    modality ?? kind,
    ...(plane === undefined ? [] : [plane]),
    `${columns} x ${rows} pixels`,
    ...(slices > 1 ? [`${slices} slices`] : []),
    spacingMm === undefined ? "spacing not known" : `${spacingMm.map(mm).join(" x ")} mm`,
  ];
  const verdict = sound ? ["  sound"] : ["  NOT SOUND:", ...problems.map(({ text }) => `    - ${text}`)];
  return [`${id}: ${parts.join(", ")}`, ...verdict, `  process: ${chain}`, ...notes];
}

/** The cases as JSON. */
export function inspectionJson(cases: readonly Inspected[]): Json {
  return JSON.parse(JSON.stringify(cases)) as Json;
}
