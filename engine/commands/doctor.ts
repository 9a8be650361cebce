import { parseArgs } from "@std/cli";
import { type DeviceInfo, type Diagnosis, parseChoice, probe, withoutDriver } from "../device/mod.ts";
import { UsageError } from "../errors.ts";

const USAGE = "deno task doctor [--adapter auto|gpu|lavapipe|swiftshader|opengl] [--json]";

/**
 * The command `doctor`: says which adapters were found, tried and chosen, why, and what would be faster.
 * Gives the exit status: 0, or 3 where there is no usable device. Throws a `UsageError` for unknown arguments.
 */
export async function doctor(args: string[], write: (line: string) => void = console.log): Promise<number> {
  const unknown: string[] = [];
  const options = parseArgs(args, {
    string: ["adapter"],
    boolean: ["json"],
    unknown: (arg) => {
      unknown.push(arg);
      return false;
    },
  });
  if (unknown.length > 0) throw new UsageError(`doctor has no argument ${unknown.join(" ")}: ${USAGE}`);
  const adapter = options.adapter === undefined ? undefined : parseChoice(String(options.adapter), "--adapter");
  const diagnosis = await probe({ adapter });
  for (const line of options.json ? [JSON.stringify(diagnosis, null, 2)] : describe(diagnosis)) write(line);
  return diagnosis.device === undefined ? 3 : 0;
}

/** The lines that `doctor` prints. */
export function describe(diagnosis: Diagnosis): string[] {
  const { platform, device } = diagnosis;
  const variables = Object.entries(diagnosis.variables).map(([name, value]) => `${name}=${value}`);
  const width = Math.max(0, ...diagnosis.tried.map((each) => each.what.length));
  const tried = diagnosis.tried.map(({ what, outcome, chosen }) =>
    `${chosen ? "*" : "-"} ${what.padEnd(width)}  ${outcome}`
  );
  return [
    ...section("machine", [`${platform.os} ${platform.arch}, ${platform.cores} cores, Deno ${platform.deno}`]),
    ...section("asked for", [diagnosis.choice]),
    ...section("variables", variables),
    ...section("installed", diagnosis.drivers),
    ...section("tried", [...diagnosis.notes.map((note) => `- ${note}`), ...tried]),
    "",
    ...(device === undefined ? section("no device", [diagnosis.error ?? ""]) : describeDevice(device, diagnosis)),
    ...(diagnosis.advice.length === 0 ? [] : ["", ...section("faster", diagnosis.advice)]),
    "",
    ...section("no driver", withoutDriver(platform)),
  ];
}

function describeDevice(device: DeviceInfo, { openMs = 0, notes, tried }: Diagnosis): string[] {
  const { limits } = device;
  const said = [...notes, ...tried.map((each) => each.what)];
  const mebibytes = (bytes: number) => `${Math.floor(bytes / 2 ** 20).toLocaleString("en-US")} MiB`;
  const count = (value: number) => value.toLocaleString("en-US");
  return [
    ...section("chosen", [`${device.adapter}: ${device.name}, ${device.vendor}`]),
    ...section("driver", device.driver === undefined ? [] : [device.driver]),
    ...section("self-test", [`passed, opened in ${count(openMs)} ms`]),
    ...section("notes", device.notes.filter((note) => !said.some((each) => note.startsWith(each)))),
    ...section("limits", [
      `buffer ${mebibytes(limits.maxBufferSize)}, of which ${mebibytes(limits.maxStorageBufferBindingSize)} at once`,
      `texture ${count(limits.maxTextureDimension2D)} texels per side, ${count(limits.maxTextureArrayLayers)} layers`,
      `workgroup ${count(limits.maxComputeInvocationsPerWorkgroup)} invocations, ` +
      `${limits.maxComputeWorkgroupStorageSize / 1024} KiB`,
    ]),
    ...section("features", [device.features.length === 0 ? "none" : device.features.join(", ")]),
    ...section("proven", [provenWords(device.proven)]),
  ];
}

function provenWords({ subgroupSize, f16, mappableBuffers }: DeviceInfo["proven"]): string {
  const words = [
    ...(subgroupSize > 0 ? [`subgroups of ${subgroupSize}`] : []),
    ...(f16 ? ["f16"] : []),
    ...(mappableBuffers ? ["mappable buffers"] : []),
  ];
  return words.length === 0 ? "no optional feature" : words.join(", ");
}

/** Lines under a label, which stands before the first. */
function section(label: string, lines: readonly string[]): string[] {
  return lines.map((line, index) => `${(index === 0 ? label : "").padEnd(11)} ${line}`);
}
