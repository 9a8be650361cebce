/** Tables of the forms and tile sizes that `bench --tune` measured as fastest: one for each adapter and version of this program. */

import { fileURLToPath } from "node:url";
import config from "../../deno.json" with { type: "json" };
import type { DeviceInfo } from "../device/mod.ts";
import { DeviceError } from "../errors.ts";
import lavapipe256 from "./lavapipe_256_bits.json" with { type: "json" };
import swiftshader from "./swiftshader.json" with { type: "json" };

/** Variants of operations by class of shapes (see shaders/forms.ts). */
export type TunedForms = Readonly<Record<string, string>>;

type Named = Pick<DeviceInfo, "adapter" | "name">;

/** The file of a device's table in a folder. */
export function tunedFile(folder: string, { adapter, name }: Named): string {
  return `${folder}/${`${config.version} ${adapter} ${name}`.replace(/[^\w.]+/g, "_")}.json`;
}

/** The tables that this program brings along, by their files. */
const shipped: Readonly<Record<string, TunedForms>> = {
  "swiftshader.json": swiftshader,
  "lavapipe_256_bits.json": lavapipe256,
};

function shippedName({ adapter, name }: Named): string | undefined {
  if (adapter === "swiftshader") return "swiftshader.json";
  return adapter === "lavapipe" && name.includes("256 bits") ? "lavapipe_256_bits.json" : undefined;
}

/** The file of the table that this program brings along for a software adapter; nothing for others. */
export function shippedFile(info: Named): string | undefined {
  const name = shippedName(info);
  return name && fileURLToPath(new URL(name, import.meta.url));
}

/**
 * The table of a device: what is shipped, and before that what was measured here. Throws a `DeviceError` for a file that is
 * no table.
 */
export async function readTunedForms(folder: string, info: Named): Promise<TunedForms> {
  return { ...shipped[shippedName(info) ?? ""], ...await readTable(tunedFile(folder, info)) };
}

async function readTable(file: string): Promise<TunedForms> {
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

/** Adds what was measured to a table's file, in the order of the classes. */
export async function addTunedForms(file: string, forms: TunedForms): Promise<void> {
  const table = { ...await readTable(file), ...forms };
  await writeJson(file, Object.fromEntries(Object.entries(table).sort(([a], [b]) => a < b ? -1 : 1)));
}

/** Writes a file as a whole, with the folder around it: nobody reads half of it. */
export async function writeJson(file: string, value: object): Promise<void> {
  await Deno.mkdir(file.replace(/[^/\\]*$/, "") || ".", { recursive: true });
  const written = `${file}.${crypto.randomUUID()}`;
  await Deno.writeTextFile(written, JSON.stringify(value, null, 2) + "\n");
  await Deno.rename(written, file);
}
