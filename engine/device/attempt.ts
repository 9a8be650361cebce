import type { AdapterChoice, AdapterDescription, AdapterKind } from "./adapter.ts";
import { DeviceError } from "../errors.ts";

/** The variables that steer which driver a thread gets; `undefined` is unset. */
export type DriverVariables = Readonly<
  Record<"DENO_WEBGPU_BACKEND" | "VK_DRIVER_FILES" | "VK_ICD_FILENAMES", string | undefined>
>;

/** What the choice is made from, as found on this machine. */
export interface Surroundings {
  readonly os: typeof Deno.build.os;
  readonly arch: typeof Deno.build.arch;
  /** The variables as the user set them. */
  readonly variables: DriverVariables;
  /** Those of the files named by the variables that exist; `undefined` where no variable names any. */
  readonly named: readonly string[] | undefined;
  /** Manifests of the Vulkan drivers installed. */
  readonly installed: readonly string[];
}

/** One way to get an adapter. */
export interface Attempt {
  readonly label: string;
  /** The kinds of adapter that end the search. */
  readonly accepts: readonly AdapterKind[];
  /** The variables to set; none where the platform's own choice stands. */
  readonly variables?: DriverVariables;
  /** SwiftShader has to be brought in first; it adds its variables. */
  readonly bringIn?: boolean;
  /** The driver may end the process that opens it, so a child tries it first. */
  readonly isRisky?: boolean;
}

/** The ways to try in order, and what was passed over without a try. */
export interface Plan {
  readonly attempts: readonly Attempt[];
  readonly notes: readonly string[];
}

const VULKAN: DriverVariables = {
  DENO_WEBGPU_BACKEND: "vulkan",
  VK_DRIVER_FILES: undefined,
  VK_ICD_FILENAMES: undefined,
};

/** The manifests of lavapipe for a processor, by the names that Mesa gives them: `lvp_icd.json`, `lvp_icd.x86_64.json`. */
export function lavapipeManifests(installed: readonly string[], arch: string): string[] {
  return installed.filter((path) => path.endsWith("/lvp_icd.json") || path.endsWith(`/lvp_icd.${arch}.json`));
}

/** Whether there is a SwiftShader for this machine. */
export function hasSwiftShader(machine: Pick<Surroundings, "os" | "arch">): boolean {
  return machine.os === "linux" && machine.arch === "x86_64";
}

/** What a machine of each platform gets that has no driver of a graphics card, one line each; the machine's own comes first. */
export function withoutDriver(machine: { readonly os: string; readonly arch: string }): string[] {
  const platforms = [
    { os: "linux", arch: "x86_64", gets: "Linux on x86_64: SwiftShader from npm, fetched once (70 MB)" },
    {
      os: "linux",
      arch: "aarch64",
      gets: "Linux on Arm: nothing, as npm has no SwiftShader for it; install lavapipe (mesa-vulkan-drivers)",
    },
    { os: "darwin", gets: "macOS: nothing but Metal, which is part of the system" },
    { os: "windows", gets: "Windows: nothing, as npm has no SwiftShader for it; install the graphics card's driver" },
  ];
  const isOwn = ({ os, arch }: typeof platforms[number]) =>
    os === machine.os && (arch === undefined || arch === machine.arch);
  return [...platforms.filter(isOwn), ...platforms.filter((each) => !isOwn(each))].map(({ gets }) => gets);
}

/** The ways in which a choice can be met. Throws a {@linkcode DeviceError} where there is none. */
export function planAttempts(choice: AdapterChoice, found: Surroundings): Plan {
  if (found.os !== "linux") return { attempts: [platformAttempt(choice, found.os)], notes: [] };
  if (choice === "opengl") return { attempts: [openglAttempt()], notes: [] };
  const notes: string[] = [];
  const attempts: Attempt[] = [];
  const wanted: AdapterKind[] = choice === "auto" ? ["gpu", "lavapipe"] : [choice];
  if (choice !== "swiftshader") {
    attempts.push(...namedAttempt(found, choice === "auto" ? [...wanted, "swiftshader"] : wanted, notes));
    // Without a manifest the loader finds no driver, so no Worker is spent on it.
    if (found.installed.length > 0 && choice !== "lavapipe") {
      attempts.push({ label: "the installed Vulkan drivers", accepts: wanted, variables: VULKAN });
    }
    if (choice !== "gpu") attempts.push(...lavapipeAttempts(found));
  }
  if (choice === "auto" || choice === "swiftshader") {
    if (hasSwiftShader(found)) {
      attempts.push({ label: "SwiftShader from npm", accepts: ["swiftshader"], variables: VULKAN, bringIn: true });
    } else if (choice === "swiftshader") {
      throw new DeviceError(
        `adapter is "swiftshader" but npm has it for Linux on x86_64 only, and this is ${found.arch}: ` +
          "install a Vulkan driver, such as Debian's mesa-vulkan-drivers",
      );
    }
  }
  return { attempts, notes };
}

/** One line for what an attempt gave, if that doesn't end the search. */
export function passedOver(attempt: Attempt, got: AdapterDescription | null): string | undefined {
  if (got === null) return `${attempt.label}: no adapter, passed over`;
  if (attempt.accepts.includes(got.kind)) return undefined;
  return `${attempt.label}: ${got.name} (${got.kind}) is not ${attempt.accepts.join(" or ")}, passed over`;
}

/** The error where no attempt gave what was asked for. */
export function nothingFound(choice: AdapterChoice, found: Surroundings, notes: readonly string[]): DeviceError {
  const what = choice === "auto" ? "There is no usable adapter" : `adapter is "${choice}" but there is none`;
  const seen = notes.length === 0 ? "" : ` (${notes.join("; ")})`;
  return new DeviceError(`${what}${seen}: ${remedy(choice, found)}`);
}

function remedy(choice: AdapterChoice, found: Surroundings): string {
  if (found.os !== "linux") return "install the driver of the graphics card";
  if (choice === "opengl") return "install Mesa's libegl1 and libgl1-mesa-dri, or ask for another adapter";
  if (choice === "gpu") return 'install the Vulkan driver of the graphics card, or ask for adapter "auto"';
  return "install a Vulkan driver, such as Debian's mesa-vulkan-drivers";
}

function platformAttempt(choice: AdapterChoice, os: string): Attempt {
  if (choice === "lavapipe" || choice === "swiftshader") {
    throw new DeviceError(
      `adapter is "${choice}" but software Vulkan is for Linux on x86_64 only, and this is ${os}: use adapter "auto"`,
    );
  }
  if (choice === "opengl") return openglAttempt();
  return { label: "the platform's adapter", accepts: ["gpu"] };
}

function openglAttempt(): Attempt {
  const variables = { ...VULKAN, DENO_WEBGPU_BACKEND: "gl" };
  return { label: "OpenGL", accepts: ["opengl", "gpu"], variables, isRisky: true };
}

/** The drivers that the user's variables name, where they name any that can be used. */
function namedAttempt(found: Surroundings, accepts: readonly AdapterKind[], notes: string[]): Attempt[] {
  const { DENO_WEBGPU_BACKEND: backend } = found.variables;
  if (backend !== undefined && backend !== "" && !/\b(vulkan|vk)\b/i.test(backend)) {
    notes.push(`DENO_WEBGPU_BACKEND=${backend}: passed over, as only Vulkan is used unless "opengl" is asked for`);
  }
  if (found.named === undefined) return [];
  const name = found.variables.VK_DRIVER_FILES === undefined ? "VK_ICD_FILENAMES" : "VK_DRIVER_FILES";
  const label = `${name}=${found.variables[name]}`;
  if (found.named.length === 0) {
    notes.push(`${label}: names no file, passed over`);
    return [];
  }
  return [{ label, accepts, variables: { ...found.variables, DENO_WEBGPU_BACKEND: "vulkan" } }];
}

/** lavapipe alone, as another driver can hide it or break the loader. */
function lavapipeAttempts({ installed, arch }: Surroundings): Attempt[] {
  return lavapipeManifests(installed, arch).slice(0, 1).map((path) => ({
    label: `lavapipe (${path})`,
    accepts: ["lavapipe"],
    variables: { ...VULKAN, VK_DRIVER_FILES: path },
  }));
}
