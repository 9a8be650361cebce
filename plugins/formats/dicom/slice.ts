/** What a frame of a file says of its place, and of what tells it from other frames at the same place. */
import { type Complain, type DataSet, decimals, type DicomFile } from "./data_set.ts";
import { groupOf, itemOf } from "./functional_groups.ts";
import type { PixelFormat } from "./pixel_format.ts";

/** A point or a direction in the patient, LPS+. */
export type Vector = readonly [number, number, number];

/** What tells the volumes of a series apart, in the order in which it is tried. */
export const VOLUME_KEYS = ["stack", "echo", "kind", "time", "diffusion", "acquisition", "unit", "file"] as const;

/** One of these. */
export type VolumeKey = typeof VOLUME_KEYS[number];

/** One frame: a slice of a volume, if it has a place. */
export interface Slice {
  /** Path of its file. */
  readonly source: string;
  /** Its number in the file, from 0. */
  readonly frame: number;
  readonly rows: number;
  readonly columns: number;
  /** Center of its first pixel. */
  readonly position?: Vector;
  /** Directions of a row and of a column. */
  readonly axes?: { readonly row: Vector; readonly column: Vector };
  /** Distance between rows and between columns in mm. */
  readonly spacing?: readonly [number, number];
  /** Thickness in mm. */
  readonly thickness?: number;
  /** Distance to the next slice in mm, as the file says it. */
  readonly between?: number;
  /** What tells it from others at its place; empty where the file says nothing. */
  readonly keys: Readonly<Record<VolumeKey, string>>;
  /** InstanceNumber; 0 where it is missing. */
  readonly instance: number;
  /** SOPInstanceUID. */
  readonly uid: string;
}

/** The frames of a file. `warn` is told, once each, what can't be used. */
export function slicesOf(file: DicomFile, format: PixelFormat, source: string, warn: Complain): Slice[] {
  const said = new Set<string>();
  const complain: Complain = (sentence) => {
    if (!said.has(sentence)) warn(`${sentence}: it is left out.`);
    said.add(sentence);
  };
  const spacing = inPlaneSpacing(file, complain, warn);
  const offsets = decimals(file.dataSet, "x3004000c", complain);
  return Array.from({ length: format.frames }, (_, frame) => {
    const measures = itemOf(file, frame, "x00289110");
    const own = measures === undefined ? undefined : pair(measures, "x00280030", complain);
    const [thickness, between] = ["x00180050", "x00180088"].map((tag) => {
      const value = decimals(measures ?? file.dataSet, tag, complain)?.[0];
      return value !== undefined && value > 0 ? value : undefined;
    });
    const axes = axesOf(groupOf(file, frame, "x00209116"), complain);
    return {
      source,
      frame,
      rows: format.rows,
      columns: format.columns,
      position: positionOf(file, frame, axes, offsets, complain),
      axes,
      spacing: own ?? spacing,
      thickness,
      between,
      keys: keysOf(file, frame, format.frames > 1 ? source : ""),
      instance: Number.parseInt(file.dataSet.string("x00200013") ?? "", 10) || 0,
      uid: file.dataSet.string("x00080018")?.trim() ?? "",
    };
  });
}

function inPlaneSpacing(file: DicomFile, complain: Complain, warn: Complain): readonly [number, number] | undefined {
  const sources: [DataSet, string, string][] = [
    [groupOf(file, 0, "x00289110"), "x00280030", ""],
    [file.dataSet, "x00181164", "The spacing is that of the detector (0018,1164): the patient is closer and smaller."],
    [file.dataSet, "x00182010", "The spacing is that of a scanned film (0018,2010)."],
  ];
  for (const [dataSet, tag, warning] of sources) {
    const found = pair(dataSet, tag, complain);
    if (found === undefined) continue;
    if (warning !== "") warn(warning);
    return found;
  }
  return undefined;
}

function pair(dataSet: DataSet, tag: string, complain: Complain): readonly [number, number] | undefined {
  const values = decimals(dataSet, tag, complain);
  return values?.length === 2 && values.every((mm) => mm > 0) ? [values[0], values[1]] : undefined;
}

/** Directions of rows and columns; none where they are missing or no rotation gives them. */
function axesOf(dataSet: DataSet, complain: Complain): Slice["axes"] {
  const cosines = decimals(dataSet, "x00200037", complain);
  if (cosines?.length !== 6) return undefined;
  const row = cosines.slice(0, 3) as unknown as Vector;
  const column = cosines.slice(3) as unknown as Vector;
  const isRotation = Math.abs(dot(row, row) - 1) < 1e-2 && Math.abs(dot(column, column) - 1) < 1e-2 &&
    Math.abs(dot(row, column)) < 1e-2;
  if (isRotation) return { row, column };
  complain("ImageOrientationPatient is no pair of directions at a right angle");
  return undefined;
}

/** Where a frame begins; the one position of a file with several frames is that of the first. */
function positionOf(
  file: DicomFile,
  frame: number,
  axes: Slice["axes"],
  offsets: readonly number[] | undefined,
  complain: Complain,
): Vector | undefined {
  const item = itemOf(file, frame, "x00209113");
  const values = decimals(item ?? file.dataSet, "x00200032", complain);
  if (values?.length !== 3) return undefined;
  const first = values as unknown as Vector;
  if (item !== undefined || frame === 0) return first;
  // Planes of a dose grid: offsets from the first, or from the origin, along the normal (PS3.3 C.8.8.3.2).
  const offset = offsets === undefined ? undefined : offsets[frame] - offsets[0];
  if (axes === undefined || offset === undefined || !Number.isFinite(offset)) return undefined;
  const normal = cross(axes.row, axes.column);
  return first.map((value, at) => value + normal[at] * offset) as unknown as Vector;
}

function keysOf(file: DicomFile, frame: number, source: string): Slice["keys"] {
  const root = file.dataSet;
  const text = (dataSet: DataSet | undefined, ...tags: string[]): string =>
    tags.map((tag) => dataSet === undefined ? "" : valueText(dataSet, tag)).filter((value) => value !== "").join(" ");
  const content = itemOf(file, frame, "x00209111");
  const echo = itemOf(file, frame, "x00189114");
  const kind = itemOf(file, frame, "x00189226") ?? itemOf(file, frame, "x00189329");
  const diffusion = itemOf(file, frame, "x00189117") ?? root;
  const gradient = diffusion.elements.x00189076?.items?.[0]?.dataSet;
  return {
    stack: text(content, "x00209056"),
    echo: echo === undefined ? text(root, "x00180081", "x00180086") : text(echo, "x00189082"),
    kind: kind === undefined ? text(root, "x00080008", "x00089208") : text(kind, "x00089007", "x00089208"),
    time: content === undefined ? text(root, "x00200100", "x00181060") : text(content, "x00209128"),
    diffusion: [text(diffusion, "x00189087"), text(gradient ?? diffusion, "x00189089")].join(" ").trim(),
    acquisition: content === undefined
      ? text(root, "x00200012")
      : text(content, "x00209156") || text(root, "x00200012"),
    unit: text(itemOf(file, frame, "x00289145") ?? root, "x00281053", "x00281052"),
    file: source,
  };
}

/** A value as text, whatever its type is. */
function valueText(dataSet: DataSet, tag: string): string {
  const element = dataSet.elements[tag];
  if (element === undefined || element.length === 0) return "";
  switch (element.vr) {
    case "FD":
      return Array.from({ length: Math.floor(element.length / 8) }, (_, at) => dataSet.double(tag, at)).join(" ");
    case "US":
      return String(dataSet.uint16(tag));
    case "UL":
      return String(dataSet.uint32(tag));
    default:
      // In implicit VR the numbers of functional groups are bytes; as a key any text of them will do.
      return dataSet.string(tag)?.trim() ?? "";
  }
}

/** The inner product. */
export function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/** The outer product. */
export function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}
