/** Tables of the forms that `bench --tune` measured as fastest: one for each adapter and version of this program. */

import config from "../deno.json" with { type: "json" };
import type { DeviceInfo } from "./device/mod.ts";
import { DeviceError } from "./errors.ts";

/** Forms of operations by class of shapes (see shaders/forms.ts). */
export type TunedForms = Readonly<Record<string, string>>;

/** The file of a device's table in a folder. */
export function tunedFile(folder: string, { adapter, name }: Pick<DeviceInfo, "adapter" | "name">): string {
  return `${folder}/${`${config.version} ${adapter} ${name}`.replace(/[^\w.]+/g, "_")}.json`;
}

/** The table of a device; an empty one where none was written. Throws a `DeviceError` for a file that is no table. */
export async function readTunedForms(
  folder: string,
  info: Pick<DeviceInfo, "adapter" | "name">,
): Promise<TunedForms> {
  const file = tunedFile(folder, info);
  let text: string;
  try {
    text = await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
  try {
    const table = JSON.parse(text);
    if (Object.values(table).every((form) => typeof form === "string")) return table;
  } catch {
    // Said below.
  }
  throw new DeviceError(`${file} is no table of measured forms: write it anew by bench --tune, or delete it`);
}

/** Adds forms to the table of a device and gives the table's file. */
export async function writeTunedForms(
  folder: string,
  info: Pick<DeviceInfo, "adapter" | "name">,
  forms: TunedForms,
): Promise<string> {
  const file = tunedFile(folder, info);
  await Deno.mkdir(folder, { recursive: true });
  const written = `${file}.${crypto.randomUUID()}`;
  await Deno.writeTextFile(written, JSON.stringify(forms, null, 2) + "\n");
  await Deno.rename(written, file);
  return file;
}
