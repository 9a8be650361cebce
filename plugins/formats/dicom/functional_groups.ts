import type { DataSet, DicomFile } from "./data_set.ts";

/**
 * The data set that says a thing of a frame (PS3.3 C.7.6.16): in the frame's functional groups, in the shared ones, or in the file
 * itself. `sequence` is the tag of the group.
 */
export function groupOf({ dataSet }: DicomFile, frame: number, sequence: string): DataSet {
  return itemOf({ dataSet }, frame, sequence) ?? dataSet;
}

/** The same, but nothing where the file itself would have to say it. */
export function itemOf(
  { dataSet }: Pick<DicomFile, "dataSet">,
  frame: number,
  sequence: string,
): DataSet | undefined {
  for (const [tag, index] of [["x52009230", frame], ["x52009229", 0]] as const) {
    const item = dataSet.elements[tag]?.items?.[index]?.dataSet?.elements[sequence]?.items?.[0]?.dataSet;
    if (item !== undefined) return item;
  }
  return undefined;
}
