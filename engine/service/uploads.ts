/** What a request brings: files into a folder, or the name of a study, and the pipeline that it goes through. */

import { createHash } from "node:crypto";
import { z } from "npm:zod@4.6.7";
import { parsePipeline, type Pipeline } from "../pipeline/mod.ts";
import { mediaTypeOf, partsOf } from "./multipart.ts";
import type { NamedStudy } from "./order.ts";
import { RequestError } from "./problem.ts";

/** A request's content on disk. */
export interface Upload {
  /** The pipeline where the request names one. */
  readonly pipeline?: Pipeline;
  /** The study where the request names one and brings no files. */
  readonly study?: NamedStudy;
  /** SHA-256 of everything that came, in hexadecimal: what an idempotency key stands for. */
  readonly hash: string;
}

/** What bounds an upload. */
export interface UploadLimits {
  /** Most bytes. */
  readonly bytes: number;
  /** Most seconds that it may take to come. */
  readonly seconds: number;
}

/** Extensions by media type, for a body that is one file. */
const extensions: Readonly<Record<string, string>> = {
  "image/png": ".png",
  "image/jpeg": ".jpg",
  "image/tiff": ".tif",
  "application/dicom": ".dcm",
  "application/x-npy": ".npy",
  "application/zip": ".zip",
  "application/gzip": ".nii.gz",
  "application/octet-stream": "",
};

/** A body that names a study. */
export const namedStudy = z.strictObject({
  server: z.string().describe("Name of a DICOMweb server that the service knows"),
  study: z.string().optional().describe("StudyInstanceUID"),
  accession: z.string().min(1).optional().describe("AccessionNumber, in place of the UID"),
  series: z.string().optional().describe("SeriesInstanceUID, where a single series is wanted"),
  pipeline: z.unknown().optional().describe("A pipeline as `process --pipeline` takes it"),
}).refine(({ study, accession }) => (study === undefined) !== (accession === undefined), "name study or accession");

/**
 * Writes the files of a request to `folder/inputs`: those of the field `files` of a form, the parts of a `multipart/related`
 * body as STOW-RS has it, or a body that is one file. Names are kept, as formats and pairs of files go by them, but no folder of
 * theirs is. Throws a `RequestError`.
 */
export async function receiveUpload(request: Request, folder: string, limits: UploadLimits): Promise<Upload> {
  const late = AbortSignal.timeout(limits.seconds * 1000);
  const tooLarge = new RequestError(
    413,
    "too-large",
    `The body has more than ${limits.bytes} bytes: send less at once`,
  );
  if (Number(request.headers.get("content-length") ?? 0) > limits.bytes) throw tooLarge;
  let size = 0;
  const counted = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      size += chunk.length;
      if (size > limits.bytes) throw tooLarge;
      controller.enqueue(chunk);
    },
  });
  let isCut = false;
  request.body?.pipeTo(counted.writable, { signal: late }).catch(() => isCut = true);
  const body = request.body === null ? null : counted.readable;
  const { method, headers, url } = request;
  try {
    return await new Receiver(folder, limits.bytes).receive(new Request(url, { method, headers, body }));
  } catch (error) {
    if (size > limits.bytes) throw tooLarge;
    if (late.aborted) {
      const detail = `The body took longer than ${limits.seconds} seconds, which is the most: send less at once`;
      throw new RequestError(408, "too-slow", detail);
    }
    if (isCut && !(error instanceof RequestError)) {
      throw new RequestError(400, "cut", "The body ended early: send it again");
    }
    throw error;
  }
}

class Receiver {
  readonly #inputs: string;
  readonly #most: number;
  readonly #hash = createHash("sha256");
  readonly #names = new Set<string>();

  constructor(folder: string, most: number) {
    this.#inputs = `${folder}/inputs`;
    this.#most = most;
  }

  async receive(request: Request): Promise<Upload> {
    await Deno.mkdir(this.#inputs, { recursive: true });
    const { type } = mediaTypeOf(request.headers.get("content-type"));
    let rest: Omit<Upload, "hash"> = {};
    if (type === "application/json") rest = await studyOf(request);
    else if (type === "multipart/form-data") rest = await this.#form(request);
    else if (type === "multipart/related") await this.#related(request);
    else await this.#file(request, type);
    if (this.#names.size === 0 && rest.study === undefined) {
      throw new RequestError(400, "no-files", "The body holds no file: send at least one, in a form's field files");
    }
    this.#hash.update(JSON.stringify(rest));
    return { ...rest, hash: this.#hash.digest("hex") };
  }

  async #form(request: Request): Promise<Omit<Upload, "hash">> {
    let pipeline: string | undefined;
    for await (const part of partsOf(request, this.#most, 400)) {
      if (part.name === "pipeline") pipeline = part.text;
      if (part.name !== "files") continue;
      if (part.filename === undefined) {
        throw new RequestError(400, "no-files", 'The field "files" holds text: send files with their names');
      }
      await this.#write(part.filename, part.bytes as Uint8Array<ArrayBuffer>);
    }
    return pipeline === undefined ? {} : { pipeline: parsePipeline(pipeline, "of the request") };
  }

  async #related(request: Request): Promise<void> {
    for await (const part of partsOf(request, this.#most, 400)) {
      const type = part.mediaType ?? "application/dicom";
      if (type !== "application/dicom") {
        throw new RequestError(415, "media-type", `A part is ${type}, but must be application/dicom`);
      }
      const name = `${(this.#names.size + 1).toString().padStart(5, "0")}.dcm`;
      await this.#write(name, part.bytes as Uint8Array<ArrayBuffer>);
    }
  }

  async #file(request: Request, type: string): Promise<void> {
    if (!Object.hasOwn(extensions, type)) {
      const known = ["multipart/form-data", "multipart/related", ...Object.keys(extensions)].join(", ");
      const detail = `The content type is ${type || "missing"}, but must be one of ${known}`;
      throw new RequestError(415, "media-type", detail);
    }
    const bytes = await request.bytes() as Uint8Array<ArrayBuffer>;
    if (bytes.length > 0) await this.#write(`image${extensions[type]}`, bytes);
  }

  async #write(given: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const plain = safeName(given);
    const name = this.#names.has(plain) ? `${this.#names.size + 1}_${plain}` : plain;
    this.#names.add(name);
    await Deno.writeFile(`${this.#inputs}/${name}`, bytes, { createNew: true });
    this.#hash.update(`${name}\n${bytes.length}\n`).update(bytes);
  }
}

async function studyOf(request: Request): Promise<Omit<Upload, "hash">> {
  let content: unknown;
  try {
    content = await request.json();
  } catch {
    throw new RequestError(400, "bad-request", "The body isn't JSON: send one that names a study");
  }
  const { data, error } = namedStudy.safeParse(content);
  if (error) {
    const [{ path, message }] = error.issues;
    throw new RequestError(400, "bad-request", `${path.join(".") || "The body"}: ${message}`);
  }
  const { pipeline, ...study } = data;
  if (pipeline === undefined) return { study };
  return { study, pipeline: parsePipeline(JSON.stringify(pipeline), "of the request") };
}

/** The last part of a name, without what file systems or terminals might take for more than a name. */
function safeName(name: string): string {
  const last = name.split(/[\\/]/).at(-1) ?? "";
  // deno-lint-ignore no-control-regex -- control characters are what is looked for
  const plain = last.replace(/[\u0000-\u001f\u007f<>:"|?*]/g, "_").replace(/^\.+/, "_");
  return plain.slice(-100) || "file";
}
