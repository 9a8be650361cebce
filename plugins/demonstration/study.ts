/**
 * The built-in demonstration study: slices of three procedural heads, one with each kind of lesion, as DICOM files with their
 * truth. They are phantoms and show nobody's head.
 */
import { OutputError } from "../../engine/pipeline/mod.ts";
import { encodePng } from "../formats/png/png.ts";
import { openWriter } from "./dicom.ts";
import { phantomStudy } from "./phantom.ts";

/** Where the study lies: what to give to `runPipeline` as inputs and truth. */
export interface Demonstration {
  /** The folder with the images. */
  readonly inputs: readonly string[];
  /** One of the images, with a lesion. */
  readonly slice: string;
  /** The folder with `masks/` and `index.csv`. */
  readonly truth: string;
}

/** Name of the study's folder. Its number grows with each change of what is written, so that no cache is outdated. */
export const demonstrationName = "demonstration-2";

/** Seeds of the heads; phantoms for training have seeds of 1,000 and more. */
const SEEDS = [1, 2, 3];
const SLICES = 4;

/**
 * The study in a folder of `cacheFolder`, where it is written the first time (under another name that is renamed at the end: a
 * study that is there is complete). Throws an `OutputError` where it can't be written.
 */
export async function prepareDemonstration(cacheFolder: string): Promise<Demonstration> {
  const folder = `${cacheFolder}/${demonstrationName}`;
  try {
    if (!await exists(folder)) await writeOnce(cacheFolder, folder);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OutputError(`Cannot write the demonstration study to ${folder} (${reason}): make the folder writable`, {
      cause: error,
    });
  }
  return { inputs: [`${folder}/images`], slice: `${folder}/images/head1_slice2.dcm`, truth: folder };
}

async function writeOnce(cacheFolder: string, folder: string): Promise<void> {
  await Deno.mkdir(cacheFolder, { recursive: true });
  const temporary = await Deno.makeTempDir({ dir: cacheFolder, prefix: `.${demonstrationName}-` });
  try {
    await writeStudy(temporary);
    await Deno.rename(temporary, folder);
  } catch (error) {
    await Deno.remove(temporary, { recursive: true });
    // Another process may have been faster: its study is the same.
    if (!await exists(folder)) throw error;
  }
}

async function writeStudy(folder: string): Promise<void> {
  const writeSlice = await openWriter();
  await Deno.mkdir(`${folder}/images`);
  await Deno.mkdir(`${folder}/masks`);
  const rows = ["id,class"];
  for (const [at, seed] of SEEDS.entries()) {
    const study = phantomStudy({ seed, slices: SLICES });
    for (const [index, { mask }] of study.slices.entries()) {
      const name = `head${at + 1}_slice${index + 1}`;
      const picture = encodePng(mask.map((value) => 255 * value), [1, study.height, study.width], { bits: 8 });
      await Deno.writeFile(`${folder}/images/${name}.dcm`, await writeSlice(study, at + 1, index));
      await Deno.writeFile(`${folder}/masks/${name}.png`, picture);
      rows.push(`${name},${mask.includes(1) ? study.kind : "none"}`);
    }
  }
  await Deno.writeTextFile(`${folder}/index.csv`, rows.join("\n") + "\n");
}

async function exists(folder: string): Promise<boolean> {
  try {
    return (await Deno.stat(folder)).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
