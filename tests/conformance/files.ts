/** Which comparison a folder of files asks for, by its name; the truth of `D/NAME` is `D/expected/NAME`. */
import type { Comparison } from "./reference.ts";

/** Comparisons by the name of the folder, each loaded with its readers when it is asked for. */
const COMPARISONS: Readonly<Record<string, () => Promise<(path: string) => AsyncIterable<Comparison>>>> = {
  dicom: async () => (await import("./dicom.ts")).conformDicom,
  nifti_space: async () => (await import("./nifti_space.ts")).conformNiftiSpace,
  formats: async () => (await import("./formats.ts")).conformFormats,
};

/** The comparison that a path asks for, if it is such a folder. */
export async function fileComparison(path: string): Promise<(() => AsyncIterable<Comparison>) | undefined> {
  const name = /([^/\\]+)[/\\]*$/.exec(path)?.[1] ?? "";
  if (!Object.hasOwn(COMPARISONS, name)) return undefined;
  const compare = await COMPARISONS[name]();
  return () => compare(path);
}
