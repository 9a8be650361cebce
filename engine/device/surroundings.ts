import { requirePermission } from "./adapter.ts";
import type { DriverVariables, Surroundings } from "./attempt.ts";

const VARIABLES = ["DENO_WEBGPU_BACKEND", "VK_DRIVER_FILES", "VK_ICD_FILENAMES"] as const;

/** Looks at the machine: platform, driver variables, installed Vulkan drivers. Opens nothing. */
export function lookAround(): Surroundings {
  const { os, arch } = Deno.build;
  if (os !== "linux") return { os, arch, variables: readVariables([]), named: undefined, installed: [] };
  for (const variable of VARIABLES) {
    requirePermission({ name: "env", variable }, `--allow-env=${VARIABLES.join(",")}`, "choose a Vulkan driver");
  }
  const variables = readVariables(VARIABLES);
  const list = variables.VK_DRIVER_FILES ?? variables.VK_ICD_FILENAMES;
  return {
    os,
    arch,
    variables,
    named: list === undefined ? undefined : list.split(":").filter((path) => path !== "" && exists(path)),
    installed: manifestFolders().flatMap(manifestsIn),
  };
}

/**
 * Asks for an adapter under the given driver variables. The driver is chosen within the call itself, so what was there
 * is put back before anything else runs.
 */
export function requestAdapter(variables: DriverVariables | undefined): Promise<GPUAdapter | null> {
  if (variables === undefined) return requestAsItIs();
  const before = readVariables(VARIABLES);
  write(variables);
  const quiet = quietWayland();
  try {
    return requestAsItIs();
  } finally {
    write(before);
    if (quiet) Deno.env.delete("XDG_RUNTIME_DIR");
  }
}

/** Asks for an adapter under the driver variables that the process has. Needs no permission. */
export function requestAsItIs(): Promise<GPUAdapter | null> {
  return navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
}

/** Sets the driver variables of the process for good, for its other threads. */
export function setForProcess(variables: DriverVariables | undefined): void {
  if (variables === undefined) return;
  write(variables);
  quietWayland();
}

/** What lavapipe takes the width of its vectors from, once in a process. */
const vectorWidth = "LP_NATIVE_VECTOR_WIDTH";

/** Tells lavapipe the width of its vectors, unless the user has; gives a line for what could not be told. */
export function setVectorWidth(bits: number | undefined): string[] {
  if (bits === undefined || Deno.build.os !== "linux") return [];
  if (Deno.permissions.querySync({ name: "env", variable: vectorWidth }).state !== "granted") {
    return [`Vectors of ${bits} bits were measured as the fastest, but need --allow-env=${vectorWidth}`];
  }
  if (Deno.env.get(vectorWidth) === undefined) Deno.env.set(vectorWidth, String(bits));
  return [];
}

/** Mesa looks for a Wayland server, and libwayland complains on stderr where this variable is not set at all. */
function quietWayland(): boolean {
  const variable = "XDG_RUNTIME_DIR";
  if (Deno.permissions.querySync({ name: "env", variable }).state !== "granted") return false;
  if (Deno.env.get(variable) !== undefined) return false;
  Deno.env.set(variable, "/nonexistent");
  return true;
}

function readVariables(names: readonly (keyof DriverVariables)[]): DriverVariables {
  const variables = { DENO_WEBGPU_BACKEND: undefined, VK_DRIVER_FILES: undefined, VK_ICD_FILENAMES: undefined };
  return { ...variables, ...Object.fromEntries(names.map((name) => [name, Deno.env.get(name)])) };
}

function write(variables: DriverVariables): void {
  for (const name of VARIABLES) {
    const value = variables[name];
    if (value === undefined) Deno.env.delete(name);
    else Deno.env.set(name, value);
  }
}

/** Where Vulkan's loader looks for manifests, of the documented places those that distributions use. */
function manifestFolders(): string[] {
  const home = optional("HOME");
  const data = optional("XDG_DATA_HOME") ?? (home === undefined ? undefined : `${home}/.local/share`);
  const shared = optional("XDG_DATA_DIRS")?.split(":").filter((path) => path !== "");
  return [
    "/etc/xdg",
    "/usr/local/etc",
    "/etc",
    ...(data === undefined ? [] : [data]),
    ...(shared ?? ["/usr/local/share", "/usr/share"]),
  ]
    .map((folder) => `${folder}/vulkan/icd.d`);
}

/** A variable, or nothing where it may not be read: it only names further places to look at. */
function optional(variable: string): string | undefined {
  if (Deno.permissions.querySync({ name: "env", variable }).state !== "granted") return undefined;
  const value = Deno.env.get(variable);
  return value === "" ? undefined : value;
}

function manifestsIn(folder: string): string[] {
  requirePermission({ name: "read", path: folder }, "--allow-read", "look for Vulkan drivers");
  try {
    return [...Deno.readDirSync(folder)]
      .filter((entry) => entry.name.endsWith(".json"))
      .map((entry) => `${folder}/${entry.name}`)
      .sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return [];
    throw error;
  }
}

function exists(path: string): boolean {
  requirePermission({ name: "read", path }, "--allow-read", "look for Vulkan drivers");
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
