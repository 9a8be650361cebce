/**
 * How many bits the vectors have that lavapipe's compiler makes. Mesa takes 256 where the processor has more, as wide vectors
 * slow some processors down and others not: a fact of the machine, which `bench --tune` measures and its cache remembers.
 */

import config from "../../deno.json" with { type: "json" };
import { DeviceError } from "../errors.ts";
import { writeJson } from "./tables.ts";

/** Widths that Mesa can be told. */
export const vectorWidths = [128, 256, 512] as const;

const fileIn = (folder: string) => `${folder}/${config.version}_lavapipe_vector_width.json`;

/** The width that was measured as fastest, or nothing where none was. Throws a `DeviceError` for a file that holds none. */
export async function readVectorWidth(folder: string): Promise<number | undefined> {
  const file = fileIn(folder);
  let text: string;
  try {
    text = await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  try {
    const { bits } = JSON.parse(text);
    if (vectorWidths.includes(bits)) return bits;
  } catch {
    // Said below.
  }
  throw new DeviceError(`${file} holds no width of vectors: write it anew by bench --tune, or delete it`);
}

/** Remembers the fastest width in a folder, beside what each took over the time of the driver's own; gives the file. */
export async function writeVectorWidth(
  folder: string,
  bits: number,
  timesByWidth: Readonly<Record<number, number>>,
): Promise<string> {
  const file = fileIn(folder);
  await writeJson(file, { bits, timesByWidth });
  return file;
}
