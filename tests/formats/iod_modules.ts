/** Attributes of type 1 (with a value) and 2 (present) that the modules of an IOD ask for (PS3.3), for checking what is written. */

/** What a module asks for, by tag as the DICOM JSON Model writes it. */
export interface Module {
  readonly name: string;
  readonly type1: readonly string[];
  readonly type2: readonly string[];
}

const PATIENT: Module = { name: "Patient C.7.1.1", type1: [], type2: ["00100010", "00100020", "00100030", "00100040"] };
const STUDY: Module = {
  name: "General Study C.7.2.1",
  type1: ["0020000D"],
  type2: ["00080020", "00080030", "00080090", "00200010", "00080050"],
};
const SERIES: Module = { name: "General Series C.7.3.1", type1: ["00080060", "0020000E"], type2: ["00200011"] };
const SOP: Module = { name: "SOP Common C.12.1", type1: ["00080016", "00080018"], type2: [] };
const EQUIPMENT: Module = {
  name: "Enhanced General Equipment C.7.5.2",
  type1: ["00080070", "00081090", "00181000", "00181020"],
  type2: [],
};
const PIXELS: Module = {
  name: "Image Pixel C.7.6.3",
  type1: ["00280002", "00280004", "00280010", "00280011", "00280100", "00280101", "00280102", "00280103"],
  type2: [],
};

/** Modules of a segmentation (PS3.3 A.51.3). */
export const SEGMENTATION: readonly Module[] = [
  PATIENT,
  STUDY,
  SERIES,
  SOP,
  EQUIPMENT,
  PIXELS,
  { name: "Frame of Reference C.7.4.1", type1: ["00200052"], type2: ["00201040"] },
  {
    name: "Segmentation Image C.8.20.2",
    type1: ["00080008", "00620001", "00620002", "00282110", "00700080"],
    type2: ["00700081", "00700084"],
  },
  {
    name: "Multi-frame Functional Groups C.7.6.16",
    type1: ["52009229", "52009230", "00200013", "00080023", "00080033", "00280008"],
    type2: [],
  },
  { name: "Multi-frame Dimension C.7.6.17", type1: ["00209221", "00209222"], type2: [] },
];

/** Modules of a Comprehensive SR (PS3.3 A.35.3). */
export const REPORT: readonly Module[] = [
  PATIENT,
  STUDY,
  SOP,
  { name: "SR Document Series C.17.1", type1: ["00080060", "0020000E", "00200011"], type2: ["00081111"] },
  { name: "General Equipment C.7.5.1", type1: [], type2: ["00080070"] },
  {
    name: "SR Document General C.17.2",
    type1: ["00200013", "0040A491", "0040A493", "00080023", "00080033"],
    type2: ["0040A372"],
  },
  { name: "SR Document Content C.17.3", type1: ["0040A040", "0040A043", "0040A050", "0040A730"], type2: [] },
];

/** Modules of a Secondary Capture image (PS3.3 A.8.1.3). */
export const SECONDARY_CAPTURE: readonly Module[] = [
  PATIENT,
  STUDY,
  SERIES,
  SOP,
  PIXELS,
  { name: "SC Equipment C.8.6.1", type1: ["00080064"], type2: [] },
  { name: "General Image C.7.6.1", type1: [], type2: ["00200013", "00200020"] },
];

/** What is missing of the modules, one line each. */
export function missingOf(attributes: Readonly<Record<string, unknown>>, modules: readonly Module[]): string[] {
  return modules.flatMap(({ name, type1, type2 }) => [
    ...type1.filter((tag) => valuesOf(attributes[tag]).length === 0).map((tag) => `${name}: ${tag} has no value`),
    ...type2.filter((tag) => attributes[tag] === undefined).map((tag) => `${name}: ${tag} is missing`),
  ]);
}

function valuesOf(attribute: unknown): readonly unknown[] {
  return (attribute as { Value?: readonly unknown[] } | undefined)?.Value ?? [];
}
