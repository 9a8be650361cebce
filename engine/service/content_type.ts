/** Media types of what a run writes. */
const types: Readonly<Record<string, string>> = {
  json: "application/json",
  html: "text/html; charset=utf-8",
  png: "image/png",
  npy: "application/x-npy",
  gz: "application/gzip",
  nii: "application/octet-stream",
  dcm: "application/dicom",
  csv: "text/csv; charset=utf-8",
  svg: "image/svg+xml",
};

/** The media type of a file by its extension. */
export function contentType(path: string): string {
  return types[path.split(".").at(-1) ?? ""] ?? "application/octet-stream";
}
