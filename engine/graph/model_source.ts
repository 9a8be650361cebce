import { ModelError } from "../errors.ts";
import { readFile } from "./read_file.ts";

/** A model's bytes, and what messages call it. */
export interface ModelBytes {
  readonly bytes: Uint8Array;
  readonly name: string;
  /** Where the file lies, if it does; elements may be in files beside it. */
  readonly path?: string;
  /** The bytes are the caller's, who expects them unchanged. */
  readonly isForeign?: boolean;
}

/** What protobuf can hold, and so an ONNX file. */
const mostBytes = 2 ** 31;

/**
 * Fetches a model: a folder with `model.json` (whose `file` names the ONNX file in it), an ONNX file, a URL of either
 * (a folder's ends with a slash), or bytes. Throws a `ModelError` that says what is missing.
 */
export async function fetchModel(source: string | URL | Uint8Array, signal?: AbortSignal): Promise<ModelBytes> {
  signal?.throwIfAborted();
  if (source instanceof Uint8Array) return { bytes: source, name: "the model", isForeign: true };
  const url = source instanceof URL ? source : remoteUrl(source);
  if (url === undefined) return await fromDisk(source as string, signal);
  return url.protocol === "file:" ? await fromDisk(url, signal) : await fromNetwork(url, signal);
}

function remoteUrl(source: string): URL | undefined {
  return /^(https?|file):\/\//.test(source) ? new URL(source) : undefined;
}

async function fromDisk(path: string | URL, signal?: AbortSignal): Promise<ModelBytes> {
  const name = path instanceof URL ? decodeURIComponent(path.pathname) : path;
  const info = await attempt(name, () => Deno.stat(name));
  if (!info.isDirectory) return { bytes: await readRegular(name, name, signal), name, path: name };
  const folder = name.replace(/\/+$/, "");
  const contract = `${folder}/model.json`;
  const file = fileOf(new TextDecoder().decode(await readRegular(contract, contract, signal)), contract);
  const bytes = await readWithin(folder, file, contract, signal);
  return { bytes, name: `${folder}/${file}`, path: `${folder}/${file}` };
}

/**
 * Reads a file that another one names. It must be a regular file inside of the folder: not by `..`, not by an absolute
 * path, and not by a link that leads out. `by` is the file that names it. Throws a `ModelError`.
 */
export async function readWithin(
  folder: string,
  file: string,
  by: string,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  if (/^([/\\]|[A-Za-z]:)/.test(file) || file.split(/[/\\]/).includes("..")) throw outside(file, by);
  const name = `${folder}/${file}`;
  const path = await attempt(name, () => Deno.realPath(name));
  const root = await attempt(folder, () => Deno.realPath(folder));
  if (!path.startsWith(`${root}/`)) throw outside(file, by);
  return await readRegular(path, name, signal);
}

function outside(file: string, by: string): ModelError {
  return new ModelError(`Cannot open ${by} as it names the file ${file} outside of its folder: put the file beside it`);
}

/** Reads a file of at most 2 GiB. Throws a `ModelError` for what is no regular file, such as a device. */
async function readRegular(path: string, name: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  const info = await attempt(name, () => Deno.stat(path));
  if (!info.isFile) {
    throw new ModelError(`Cannot open ${name} as it isn't a regular file: give an ONNX file or a folder`);
  }
  if (info.size > mostBytes) {
    throw new ModelError(`Cannot open ${name} as it has ${info.size} bytes, at most ${mostBytes} are read`);
  }
  return await attempt(name, () => readFile(path, signal), signal);
}

async function fromNetwork(url: URL, signal?: AbortSignal): Promise<ModelBytes> {
  if (!url.pathname.endsWith("/")) return { bytes: await download(url, signal), name: url.href };
  const contract = new URL("model.json", url);
  const named = fileOf(new TextDecoder().decode(await download(contract, signal)), contract.href);
  const file = new URL(named, url);
  if (!file.href.startsWith(url.href)) throw outside(named, contract.href);
  return { bytes: await download(file, signal), name: file.href };
}

async function download(url: URL, signal?: AbortSignal): Promise<Uint8Array> {
  const response = await attempt(url.href, () => fetch(url, { signal }), signal);
  if (!response.ok) {
    await response.body?.cancel();
    throw new ModelError(`Cannot open ${url.href} as the server answers ${response.status}: check the address`);
  }
  return await attempt(url.href, () => bytesOf(response, url), signal);
}

/** The body, as far as a model may be long: a server can send without end. */
async function bytesOf(response: Response, url: URL): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > mostBytes) throw new ModelError(`Cannot open ${url.href} as it has more than ${mostBytes} bytes`);
    parts.push(part);
  }
  const bytes = new Uint8Array(length);
  let begin = 0;
  for (const part of parts) {
    bytes.set(part, begin);
    begin += part.length;
  }
  return bytes;
}

async function attempt<T>(name: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await work();
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ModelError) throw error;
    if (error instanceof Deno.errors.NotFound) {
      throw new ModelError(`Cannot open ${name} as it does not exist: check the path of the model`);
    }
    const why = error instanceof Error ? error.message : String(error);
    throw new ModelError(`Cannot open ${name}: ${why}`, { cause: error });
  }
}

function fileOf(text: string, name: string): string {
  let contract: unknown;
  try {
    contract = JSON.parse(text);
  } catch (error) {
    throw new ModelError(`Cannot open ${name} as it is not JSON (${(error as Error).message}): repair the file`);
  }
  const file = (contract as { file?: unknown } | null)?.file;
  if (typeof file === "string" && file !== "") return file;
  throw new ModelError(`Cannot open ${name} as its "file" is ${JSON.stringify(file)}, it must name the ONNX file`);
}
