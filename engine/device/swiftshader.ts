import { brotliDecompressSync } from "node:zlib";
import { requirePermission } from "./adapter.ts";
import type { DriverVariables } from "./attempt.ts";
import { fetchedFolder, type FetchedPackage } from "./fetched_package.ts";

const LOADER = "libvulkan.so.1";
const MANIFEST = "vk_swiftshader_icd.json";

/** The npm package that holds SwiftShader and a Vulkan loader. */
export const SWIFTSHADER: FetchedPackage = {
  title: "SwiftShader",
  specifiers: ["npm:@sparticuz/chromium@153.0.0"],
  folder: "swiftshader-153.0.0",
  files: {
    [LOADER]: "8ee5ac00fd7968e863b05e0f6808057db16a00ad322777e5a05bed51d4f84085",
    "libvk_swiftshader.so": "2f3ceffaaca7d031bc3943f8eacf398a5d9c42c5fe0d15d8840b9acfa630b58e",
    [MANIFEST]: "c9eef28b6b984fec220ef0abfecc40b502d46946706e47bfe97707027cb818bd",
  },
  instead: "install lavapipe",
  unpack: async ([entry]) => unpackArchive(await Deno.readFile(new URL("../bin/swiftshader.tar.br", entry))),
};

/** Opened once per thread and kept: closing the loader would take the drivers of living devices away. */
let loader: Deno.DynamicLibrary<Record<never, never>> | undefined;

/** Brings SwiftShader into the process and gives the variables that make a thread choose it. */
export async function bringInSwiftShader(signal?: AbortSignal): Promise<DriverVariables> {
  const folder = await fetchedFolder(SWIFTSHADER, signal);
  requirePermission({ name: "ffi", path: `${folder}/${LOADER}` }, "--allow-ffi", "open SwiftShader");
  // wgpu opens the loader by its soname, which finds the one that is open already.
  loader ??= Deno.dlopen(`${folder}/${LOADER}`, {});
  return {
    DENO_WEBGPU_BACKEND: "vulkan",
    VK_DRIVER_FILES: `${folder}/${MANIFEST}`,
    VK_ICD_FILENAMES: undefined,
  };
}

/** The files of an archive (tar, brotli) by name. */
export function unpackArchive(archive: Uint8Array): Map<string, Uint8Array<ArrayBuffer>> {
  const tar = brotliDecompressSync(archive);
  const text = (start: number, length: number) =>
    new TextDecoder().decode(tar.subarray(start, start + length)).split("\0")[0];
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const size = parseInt(text(at + 124, 12), 8);
    files.set(text(at, 100), new Uint8Array(tar.subarray(at + 512, at + 512 + size)));
    at += 512 + 512 * Math.ceil(size / 512);
  }
  return files;
}
