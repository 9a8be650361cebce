import { DeviceError } from "../errors.ts";
import { type AdapterChoice, adapterChoice } from "./adapter.ts";
import { type Attempt, type DriverVariables, lavapipeManifests, passedOver, planAttempts } from "./attempt.ts";
import { type DeviceInfo, openDevice } from "./open.ts";
import { tryInWorker } from "./search.ts";
import { lookAround } from "./surroundings.ts";
import { bringInSwiftShader } from "./swiftshader.ts";

/** What the device floor finds on this machine. */
export interface Diagnosis {
  /** System, processor, number of cores and version of Deno. */
  readonly platform: { readonly os: string; readonly arch: string; readonly cores: number; readonly deno: string };
  /** The adapter asked for, by the caller or by `ISOCENTER_ADAPTER`. */
  readonly choice: AdapterChoice;
  /** The driver variables that the user has set. */
  readonly variables: Readonly<Record<string, string>>;
  /** Manifests of the Vulkan drivers installed. */
  readonly drivers: readonly string[];
  /** What was passed over without a try, one line each. */
  readonly notes: readonly string[];
  /** Each way to an adapter in order, and what it gave. */
  readonly tried: readonly { readonly what: string; readonly outcome: string; readonly chosen: boolean }[];
  /** The device that was opened and passed the self-test. */
  readonly device?: DeviceInfo;
  /** Milliseconds to open the device, the self-test included. */
  readonly openMs?: number;
  /** Why there is no device. */
  readonly error?: string;
  /** What would be faster, one line each. */
  readonly advice: readonly string[];
}

/**
 * Tries the ways to an adapter in turn and opens the one that a program would get. Throws a `UsageError` where the
 * choice is no known word; all else that goes wrong is in the answer.
 */
export async function probe(options: { readonly adapter?: AdapterChoice } = {}): Promise<Diagnosis> {
  const choice = adapterChoice(options.adapter);
  const { os, arch } = Deno.build;
  const platform = { os, arch, cores: navigator.hardwareConcurrency, deno: Deno.version.deno };
  let seen: Diagnosis = { platform, choice, variables: {}, drivers: [], notes: [], tried: [], advice: [] };
  try {
    const surroundings = lookAround();
    seen = { ...seen, variables: setVariables(surroundings.variables), drivers: surroundings.installed };
    const { attempts, notes } = planAttempts(choice, surroundings);
    seen = { ...seen, notes, tried: await tryAll(attempts) };
    return { ...seen, ...await openChosen(choice, surroundings.installed) };
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    return { ...seen, error: error.message };
  }
}

function setVariables(variables: DriverVariables): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => value === undefined ? [] : [[name, value]]),
  );
}

async function tryAll(attempts: readonly Attempt[]): Promise<Diagnosis["tried"]> {
  const tried: { what: string; outcome: string; chosen: boolean }[] = [];
  for (const attempt of attempts) {
    const what = attempt.label;
    if (tried.some((each) => each.chosen)) tried.push({ what, outcome: "not needed", chosen: false });
    else tried.push({ what, ...await tryOne(attempt) });
  }
  return tried;
}

async function tryOne(attempt: Attempt): Promise<{ outcome: string; chosen: boolean }> {
  try {
    const got = await tryInWorker(attempt.bringIn ? await bringInSwiftShader() : attempt.variables);
    const outcome = got === null ? "no adapter" : `${got.name} (${got.kind})`;
    return { outcome, chosen: passedOver(attempt, got) === undefined };
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    return { outcome: error.message, chosen: false };
  }
}

async function openChosen(
  choice: AdapterChoice,
  installed: readonly string[],
): Promise<Pick<Diagnosis, "device" | "openMs" | "advice">> {
  const start = performance.now();
  const { info, close } = await openDevice({ adapter: choice });
  const openMs = Math.round(performance.now() - start);
  close();
  return { device: info, openMs, advice: advise(info.adapter, installed) };
}

/** What would be faster than what there is. */
export function advise(adapter: DeviceInfo["adapter"], installed: readonly string[]): string[] {
  if (adapter === "gpu") return [];
  const gpu = "a graphics card with a Vulkan driver is faster than any software driver";
  if (adapter === "lavapipe") return [gpu];
  const gain = adapter === "opengl"
    ? "up to 2 times faster than OpenGL in software"
    : "3 to 19 times faster than SwiftShader";
  const remedy = lavapipeManifests(installed, Deno.build.arch).length > 0
    ? "it is installed, so leave out the choice"
    : "apt-get install mesa-vulkan-drivers (Debian, Ubuntu)";
  return [`lavapipe is ${gain}: ${remedy}`, gpu];
}
