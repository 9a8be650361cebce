import { DeviceError, UsageError } from "../errors.ts";

/** What drives the pages: hardware, or one of three software drivers. */
export type AdapterKind = "gpu" | "lavapipe" | "swiftshader" | "opengl";

/** Which adapter to use. `auto` is hardware, else an installed lavapipe, else SwiftShader from npm. */
export type AdapterChoice = "auto" | AdapterKind;

const CHOICES: readonly AdapterChoice[] = ["auto", "gpu", "lavapipe", "swiftshader", "opengl"];

/** What an adapter says of itself, as plain data that can leave a Worker. */
export interface AdapterDescription {
  readonly kind: AdapterKind;
  readonly name: string;
  readonly vendor: string;
  readonly features: readonly string[];
}

/** A choice from a word that a user typed. Throws a {@linkcode UsageError} that names the words there are. */
export function parseChoice(word: string, source: string): AdapterChoice {
  const choice = CHOICES.find((each) => each === word);
  if (choice === undefined) {
    throw new UsageError(`${source} is ${JSON.stringify(word)}: it must be one of ${CHOICES.join(", ")}`);
  }
  return choice;
}

/** The choice given, else that of `ISOCENTER_ADAPTER`, else `auto`. */
export function adapterChoice(given: string | undefined): AdapterChoice {
  if (given !== undefined) return parseChoice(given, "adapter");
  if (Deno.permissions.querySync({ name: "env", variable: "ISOCENTER_ADAPTER" }).state !== "granted") return "auto";
  const word = Deno.env.get("ISOCENTER_ADAPTER");
  return word === undefined || word === "" ? "auto" : parseChoice(word, "ISOCENTER_ADAPTER");
}

/** What an adapter is. WebGPU names neither the backend nor the driver, so it is told by vendor, name and features. */
export function describeAdapter(adapter: GPUAdapter): AdapterDescription {
  const { description, device, vendor } = adapter.info;
  const features = [...adapter.features].sort();
  return {
    kind: adapterKind({ name: description, vendor, device, features }),
    name: description === "" ? `adapter ${device} of vendor ${vendor}` : description,
    vendor: vendorName(vendor),
    features,
  };
}

/** The kind of an adapter from what it says of itself. */
export function adapterKind(
  said: { name: string; vendor: string; device: string; features: readonly string[] },
): AdapterKind {
  if (/swiftshader/i.test(said.name) || (said.vendor === "6880" && said.device === "49374")) return "swiftshader";
  if (!/llvmpipe|softpipe|lavapipe/i.test(said.name)) return "gpu";
  // Mesa's two software drivers share a name; only the Vulkan one filters 32-bit floats.
  return said.features.includes("float32-filterable") ? "lavapipe" : "opengl";
}

const VENDORS: Readonly<Record<string, string>> = {
  "4098": "AMD",
  "4112": "Imagination",
  "4203": "Apple",
  "4318": "NVIDIA",
  "5045": "ARM",
  "5140": "Microsoft",
  "6880": "Google",
  "20803": "Qualcomm",
  "32902": "Intel",
  "65541": "Mesa",
};

function vendorName(vendor: string): string {
  return VENDORS[vendor] ?? (vendor === "" || vendor === "0" ? "unknown" : vendor);
}

/** Requires a permission, or throws a {@linkcode DeviceError} that names its flag. */
export function requirePermission(descriptor: Deno.PermissionDescriptor, flag: string, purpose: string): void {
  if (Deno.permissions.querySync(descriptor).state !== "granted") {
    throw new DeviceError(`Cannot ${purpose} without a permission: run Deno with ${flag}`);
  }
}
