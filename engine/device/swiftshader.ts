import { brotliDecompressSync } from "node:zlib";
import { DeviceError } from "../errors.ts";
import { requirePermission } from "./adapter.ts";
import type { DriverVariables } from "./attempt.ts";

/**
 * The npm package that holds SwiftShader and a Vulkan loader. It is fetched by a child of its own and never imported
 * here: in a project with a lock file an import would either enter it there, so that every machine fetches 70 MB, or
 * fail under `--frozen`. What is used of it is held by the hashes below.
 */
const PACKAGE = "npm:@sparticuz/chromium@153.0.0";

const LOADER = "libvulkan.so.1";
const MANIFEST = "vk_swiftshader_icd.json";

/** SHA-256 of each file that is opened. */
export const SWIFTSHADER_FILES: Readonly<Record<string, string>> = {
  [LOADER]: "8ee5ac00fd7968e863b05e0f6808057db16a00ad322777e5a05bed51d4f84085",
  "libvk_swiftshader.so": "2f3ceffaaca7d031bc3943f8eacf398a5d9c42c5fe0d15d8840b9acfa630b58e",
  [MANIFEST]: "c9eef28b6b984fec220ef0abfecc40b502d46946706e47bfe97707027cb818bd",
};

/** Opened once a thread and kept: closing the loader would take the drivers of living devices away. */
let loader: Deno.DynamicLibrary<Record<never, never>> | undefined;

/** Brings SwiftShader into the process and gives the variables that make a thread choose it. */
export async function bringInSwiftShader(signal?: AbortSignal): Promise<DriverVariables> {
  const folder = cacheFolder();
  requirePermission({ name: "read", path: folder }, "--allow-read", "open SwiftShader");
  requirePermission({ name: "ffi", path: `${folder}/${LOADER}` }, "--allow-ffi", "open SwiftShader");
  if (!await isIntact(folder, SWIFTSHADER_FILES)) await install(folder, SWIFTSHADER_FILES, () => fetchArchive(signal));
  // wgpu opens the loader by its soname, which finds the one that is open already.
  loader ??= Deno.dlopen(`${folder}/${LOADER}`, {});
  return {
    DENO_WEBGPU_BACKEND: "vulkan",
    VK_DRIVER_FILES: `${folder}/${MANIFEST}`,
    VK_ICD_FILENAMES: undefined,
  };
}

/** Whether a folder holds all the files with the hashes that they must have. */
export async function isIntact(folder: string, files: Readonly<Record<string, string>>): Promise<boolean> {
  for (const [name, hash] of Object.entries(files)) {
    try {
      if (await sha256(await Deno.readFile(`${folder}/${name}`)) !== hash) return false;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  }
  return true;
}

/**
 * Unpacks the files of an archive (tar, brotli) into a folder. A file whose hash is wrong is refused and nothing is
 * written; each is written under a temporary name and renamed, so that processes that start at once agree.
 */
export async function install(
  folder: string,
  files: Readonly<Record<string, string>>,
  archive: () => Promise<Uint8Array>,
): Promise<void> {
  requirePermission({ name: "write", path: folder }, `--allow-write=${folder}`, "keep SwiftShader");
  const contents = readTar(brotliDecompressSync(await archive()));
  for (const [name, hash] of Object.entries(files)) {
    const content = contents.get(name);
    if (content === undefined) {
      throw new DeviceError(`${PACKAGE} lacks ${name}: fetch it again with deno cache --reload`);
    }
    const found = await sha256(content);
    if (found !== hash) {
      throw new DeviceError(
        `${name} of ${PACKAGE} has SHA-256 ${found} but must have ${hash}: fetch it again with deno cache --reload`,
      );
    }
  }
  try {
    await Deno.mkdir(folder, { recursive: true });
    for (const name of Object.keys(files)) {
      const temporary = `${folder}/.${name}.${crypto.randomUUID()}`;
      await Deno.writeFile(temporary, contents.get(name)!);
      await Deno.rename(temporary, `${folder}/${name}`);
    }
  } catch (error) {
    throw new DeviceError(
      `Cannot keep SwiftShader in ${folder} (${(error as Error).message}): set XDG_CACHE_HOME to a folder to write to`,
      { cause: error },
    );
  }
}

function cacheFolder(): string {
  for (const variable of ["XDG_CACHE_HOME", "HOME"]) {
    requirePermission({ name: "env", variable }, "--allow-env=HOME,XDG_CACHE_HOME", "find the cache folder");
  }
  const home = Deno.env.get("HOME");
  const cache = Deno.env.get("XDG_CACHE_HOME") || (home ? `${home}/.cache` : undefined);
  if (cache === undefined) {
    throw new DeviceError("Cannot keep SwiftShader as HOME is not set: set XDG_CACHE_HOME to a folder to write to");
  }
  return `${cache}/isocenter/swiftshader-153.0.0`;
}

/** Has a child fetch the package into Deno's cache, and reads the archive there. */
async function fetchArchive(signal: AbortSignal | undefined): Promise<Uint8Array> {
  const script = `const name = ${JSON.stringify(PACKAGE)}; await import(name); ` +
    'console.log(new URL("../bin/swiftshader.tar.br", import.meta.resolve(name)).href);';
  const options = ["--no-lock", "--no-config", "--node-modules-dir=none"];
  const command = denoCommand();
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(command, { args: ["eval", ...options, script], signal }).output();
  } catch (error) {
    throw new DeviceError(
      `Cannot start Deno to fetch SwiftShader (${(error as Error).message}): put deno on the PATH`,
      {
        cause: error,
      },
    );
  }
  signal?.throwIfAborted();
  if (!output.success) {
    const said = new TextDecoder().decode(output.stderr).trim().split("\n").at(-1);
    throw new DeviceError(`Cannot fetch SwiftShader, ${PACKAGE} (${said}): connect to npm once, or install lavapipe`);
  }
  return await Deno.readFile(new URL(new TextDecoder().decode(output.stdout).trim()));
}

/** This Deno by its path where that is permitted, else by its name, as `--allow-run=deno` permits. */
function denoCommand(): string {
  const path = Deno.execPath();
  if (Deno.permissions.querySync({ name: "run", command: path }).state === "granted") return path;
  requirePermission({ name: "run", command: "deno" }, "--allow-run=deno", "fetch SwiftShader");
  return "deno";
}

/** The files of a tar archive by name. */
function readTar(tar: Uint8Array): Map<string, Uint8Array<ArrayBuffer>> {
  const text = (start: number, length: number) =>
    new TextDecoder().decode(tar.subarray(start, start + length)).split("\0")[0];
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const size = parseInt(text(at + 124, 12), 8);
    files.set(text(at, 100), tar.slice(at + 512, at + 512 + size));
    at += 512 + 512 * Math.ceil(size / 512);
  }
  return files;
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
