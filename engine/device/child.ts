import { DeviceError } from "../errors.ts";
import type { DriverVariables } from "./attempt.ts";
import { denoCommand } from "./fetched_package.ts";

/** Opens an adapter and a device, and computes nothing. */
const script = "const adapter = await navigator.gpu.requestAdapter(); const device = await adapter?.requestDevice(); " +
  "device?.destroy();";

/**
 * Opens a device in a child process, as some drivers end the process where they fail. Throws a `DeviceError` with the reason.
 * A driver that gives no adapter passes: who opens it says so.
 */
export async function tryInChild(
  label: string,
  variables: DriverVariables | undefined,
  code: string = script,
): Promise<void> {
  const set = Object.entries(variables ?? {}).filter(([, value]) => value !== undefined) as [string, string][];
  const { success, code: status, signal, stderr } = await new Deno.Command(denoCommand(`try ${label} in a child`), {
    args: ["eval", "--no-lock", "--no-config", code],
    env: { NO_COLOR: "1", XDG_RUNTIME_DIR: "/nonexistent", ...Object.fromEntries(set) },
    stdout: "null",
    stderr: "piped",
  }).output();
  if (success) return;
  const lines = new TextDecoder().decode(stderr).split("\n").map((line) => line.trim());
  const panic = lines.findIndex((line) => line.includes("panicked at"));
  const said = panic < 0 ? lines.find((line) => line !== "") : lines[panic + 1];
  throw new DeviceError(
    `adapter is "opengl", but its driver ends the process (${signal ?? `status ${status}`}: ${
      said ?? "no reason given"
    }): ` +
      'use adapter "auto"',
  );
}
