/** What a request brings: files into a folder, and the pipeline that they go through. */

import { parsePipeline, type Pipeline } from "../pipeline/mod.ts";
import { RequestError } from "./problem.ts";

/** A request's content on disk. */
export interface Upload {
  /** Paths of the files, in the order in which they came. */
  readonly inputs: readonly string[];
  /** The pipeline where the request names one. */
  readonly pipeline?: Pipeline;
  /** SHA-256 of everything that came, in hexadecimal: what an idempotency key stands for. */
  readonly hash: string;
}

/** Extensions by media type, for a body that is one file. */
const extensions: Readonly<Record<string, string>> = {
  "image/png": ".png",
  "image/jpeg": ".jpg",
  "application/dicom": ".dcm",
  "application/x-npy": ".npy",
  "application/zip": ".zip",
  "application/gzip": ".nii.gz",
  "application/octet-stream": "",
};

/**
 * Writes the files of a request below `folder`: those of the field `files` of a multipart form, or a body that is one file.
 * Names are kept, as formats and truth go by them, but no folder of theirs is. Throws a `RequestError`.
 */
export async function receiveUpload(request: Request, folder: string): Promise<Upload> {
  const type = (request.headers.get("content-type") ?? "").split(";")[0].trim().toLowerCase();
  const { files, pipeline } = type === "multipart/form-data" ? await formOf(request) : {
    files: [await fileOf(request, type)],
    pipeline: undefined,
  };
  if (files.length === 0) {
    throw new RequestError(400, "no-files", 'The form has no field "files" with a file in it: send at least one');
  }
  await Deno.mkdir(`${folder}/inputs`, { recursive: true });
  const inputs: string[] = [];
  const digests: string[] = [pipeline ?? ""];
  for (const [index, { name, bytes }] of files.entries()) {
    const path = `${folder}/inputs/${index.toString().padStart(4, "0")}_${safeName(name)}`;
    await Deno.writeFile(path, bytes);
    inputs.push(path);
    digests.push(await sha256(bytes));
  }
  const hash = await sha256(new TextEncoder().encode(digests.join("\n")));
  return { inputs, hash, ...pipeline !== undefined && { pipeline: parsePipeline(pipeline, "of the request") } };
}

interface NamedFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

async function formOf(request: Request): Promise<{ files: NamedFile[]; pipeline?: string }> {
  let form: FormData;
  try {
    form = await request.formData();
  } catch (error) {
    throw new RequestError(400, "bad-form", `The form cannot be read (${(error as Error).message}): send it whole`);
  }
  const files: NamedFile[] = [];
  for (const entry of form.getAll("files")) {
    if (typeof entry === "string") {
      throw new RequestError(400, "no-files", 'The field "files" holds text: send files with their names');
    }
    files.push({ name: entry.name, bytes: await entry.bytes() as Uint8Array<ArrayBuffer> });
  }
  const pipeline = form.get("pipeline");
  if (pipeline === null) return { files };
  return { files, pipeline: typeof pipeline === "string" ? pipeline : await pipeline.text() };
}

async function fileOf(request: Request, type: string): Promise<NamedFile> {
  if (!Object.hasOwn(extensions, type)) {
    const known = ["multipart/form-data", ...Object.keys(extensions)].join(", ");
    throw new RequestError(415, "media-type", `The content type is ${type || "missing"}, but must be one of ${known}`);
  }
  const bytes = await request.bytes() as Uint8Array<ArrayBuffer>;
  if (bytes.length === 0) throw new RequestError(400, "no-files", "The body is empty: send a file");
  return { name: `image${extensions[type]}`, bytes };
}

/** The last part of a name, without what file systems or terminals might take for more than a name. */
function safeName(name: string): string {
  const last = name.split(/[\\/]/).at(-1) ?? "";
  // deno-lint-ignore no-control-regex -- control characters are what is looked for
  const plain = last.replace(/[\u0000-\u001f\u007f<>:"|?*]/g, "_").replace(/^\.+/, "_");
  return plain.slice(-100) || "file";
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
