import { ModelError } from "../errors.ts";

/** A model's bytes, and what messages call it. */
export interface ModelBytes {
  readonly bytes: Uint8Array;
  readonly name: string;
  /** Where the file lies, if it does; elements may be in files beside it. */
  readonly path?: string;
}

/**
 * Fetches a model: a folder with `model.json` (whose `file` names the ONNX file in it), an ONNX file, a URL of either
 * (a folder's ends with a slash), or bytes. Throws a `ModelError` that says what is missing.
 */
export async function fetchModel(source: string | URL | Uint8Array, signal?: AbortSignal): Promise<ModelBytes> {
  signal?.throwIfAborted();
  if (source instanceof Uint8Array) return { bytes: source, name: "the model" };
  const url = source instanceof URL ? source : remoteUrl(source);
  if (url === undefined) return await fromDisk(source as string, signal);
  return url.protocol === "file:" ? await fromDisk(url, signal) : await fromNetwork(url, signal);
}

function remoteUrl(source: string): URL | undefined {
  return /^(https?|file):\/\//.test(source) ? new URL(source) : undefined;
}

async function fromDisk(path: string | URL, signal?: AbortSignal): Promise<ModelBytes> {
  const name = path instanceof URL ? decodeURIComponent(path.pathname) : path;
  const info = await attempt(name, () => Deno.stat(path));
  if (!info.isDirectory) {
    return { bytes: await attempt(name, () => Deno.readFile(path, { signal }), signal), name, path: name };
  }
  const folder = name.replace(/\/+$/, "");
  const contract = `${folder}/model.json`;
  const file = `${folder}/${fileOf(await attempt(contract, () => Deno.readTextFile(contract)), contract)}`;
  return { bytes: await attempt(file, () => Deno.readFile(file, { signal }), signal), name: file, path: file };
}

async function fromNetwork(url: URL, signal?: AbortSignal): Promise<ModelBytes> {
  if (!url.pathname.endsWith("/")) return { bytes: await download(url, signal), name: url.href };
  const contract = new URL("model.json", url);
  const file = new URL(fileOf(new TextDecoder().decode(await download(contract, signal)), contract.href), url);
  return { bytes: await download(file, signal), name: file.href };
}

async function download(url: URL, signal?: AbortSignal): Promise<Uint8Array> {
  const response = await attempt(url.href, () => fetch(url, { signal }), signal);
  if (!response.ok) {
    await response.body?.cancel();
    throw new ModelError(`Cannot open ${url.href} as the server answers ${response.status}: check the address`);
  }
  return await attempt(url.href, () => response.bytes(), signal);
}

async function attempt<T>(name: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await work();
  } catch (error) {
    signal?.throwIfAborted();
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
    throw new ModelError(`Cannot open ${name} as it is no JSON (${(error as Error).message}): repair the file`);
  }
  const file = (contract as { file?: unknown } | null)?.file;
  if (typeof file === "string" && file !== "") return file;
  throw new ModelError(`Cannot open ${name} as its "file" is ${JSON.stringify(file)}, it must name the ONNX file`);
}
