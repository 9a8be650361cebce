/** Files, folders and archives as cases: pictures, volumes and series of slices become tensors on the device. */
import { z } from "npm:zod@4.6.7";
import {
  definePlugin,
  defineSource,
  InputError,
  type Json,
  type LoadContext,
  optionsOf,
  type Plugin,
  type Source,
} from "../../engine/pipeline/mod.ts";
import { DEFAULT_LIMITS } from "../formats/limits.ts";
import { type DecodedCase, Decoder, type Files } from "./decoder.ts";
import { type FileRef, listFiles } from "./listing.ts";
import { paddingOf, withoutColor, withoutNonFinite } from "./pixels.ts";
import { TruthFolder } from "./truth.ts";

/** Options of `acquire`. */
export interface AcquireOptions {
  /** What happens to NaN and infinite values: they are refused, or this number takes their place. Default `refuse`. */
  nonFinite: "refuse" | number;
  /** What DICOM series become: volumes, or one case per file. Default `volumes`. */
  series: "volumes" | "slices";
  /**
   * What happens to a series whose slices make up no even stack: it is refused, resampled to one, or taken as it is with a warning.
   * Default `block`.
   */
  geometry: "block" | "repair" | "warn";
  /** Most values of an image or volume. Default 2^29. */
  maxVoxels: number;
  /** Most bytes that compressed content may become. Default 2 GiB. */
  maxInflatedBytes: number;
  /** Most seconds that decoding a file or series may take. Default 120. */
  timeLimit: number;
}

/** Axes that the device's grids take. */
const MOST_ALONG_AXIS = 65_535;

/**
 * A file is a case, and so is a series of DICOM slices. `image` and `original` are the same tensor: f32 [C, H, W] or [C, D, H, W] in
 * the file's real unit; color becomes luma. `measures.volume` says what was found of a series' geometry, and done about it. With
 * truth, `truth` holds the case's mask and class, as far as they are known.
 */
export const acquire: Source = defineSource<AcquireOptions, FileRef>({
  name: "acquire",
  description: "Reads PNG, JPEG, TIFF, NIfTI, NRRD, MetaImage, MGZ, npy and DICOM from files, folders and archives.",
  gives: ["original", "image", "header?", "measures?", "truth?", "padding?"],
  options: optionsOf<AcquireOptions>(z.strictObject({
    nonFinite: z.union([z.literal("refuse"), z.number()]).default("refuse"),
    series: z.enum(["volumes", "slices"]).default("volumes").describe("DICOM series as volumes, or slice by slice"),
    geometry: z.enum(["block", "repair", "warn"]).default("block").describe("What to do with uneven or tilted series"),
    maxVoxels: z.int().positive().default(DEFAULT_LIMITS.voxels).describe("Most values of an image"),
    maxInflatedBytes: z.int().positive().default(DEFAULT_LIMITS.inflatedBytes).describe("Most bytes after inflating"),
    timeLimit: z.number().positive().default(120).describe("Most seconds that decoding a file or series may take"),
  })),
  async open({ inputs, truth, signal, kept, note, progress }, options) {
    const { nonFinite, series, geometry: policy } = options;
    const limits = { inflatedBytes: options.maxInflatedBytes, voxels: options.maxVoxels };
    const truths = truth === undefined ? undefined : await TruthFolder.open(truth.replace(/(?<=.)\/+$/, ""), note);
    const decoder = new Decoder(options.timeLimit, kept);

    async function decodedFile(name: string, files: Files): Promise<DecodedCase> {
      return await decoder.run({ type: "decode", bytes: await files.read(name), name, limits }, files);
    }

    async function decoded(ref: FileRef, context: LoadContext): Promise<DecodedCase> {
      const files = filesOf(ref, context);
      const { source: name, slices } = ref;
      if (slices === undefined) return await decodedFile(name, files);
      return await decoder.run({ type: "volume", slices, name, limits, policy }, files);
    }

    return {
      list: () => listFiles(inputs, { limits, series }, signal, progress),
      async load(ref, context) {
        const { source, warnings: noted, refusal } = ref;
        if (refusal !== undefined) throw new InputError(refusal);
        noted.forEach(context.warn);
        const read = await decoded(ref, context);
        const { pixels, shape, warnings } = withoutNonFinite(withoutColor(read), nonFinite, source);
        const padding = paddingOf(read);
        [...warnings, ...(padding === undefined ? [] : [padding.note])].forEach(context.warn);
        checkAxes(shape, source);
        const { geometry, header, report } = read;
        const measures = report === undefined || report.slices === 1
          ? undefined
          : { volume: report as unknown as Json };
        const known = await truths?.of(source, shape.slice(1), geometry, {
          decode: (path) => decodedFile(path, filesBeside(path, context)),
          warn: context.warn,
        });
        if (truths !== undefined && known === undefined) context.warn("The truth folder knows nothing of this case.");
        const image = { tensor: context.engine.tensor(pixels, shape), geometry };
        const padded = padding && {
          valid: context.engine.tensor(padding.valid, shape),
          least: padding.least,
          greatest: padding.greatest,
        };
        return { image, original: image, header, measures, truth: known, padding: padded };
      },
      close: () => decoder[Symbol.dispose](),
    };
  },
});

/** The files of a case, read through the context, which notes them. Archives are read once. */
function filesOf({ files, source }: FileRef, context: LoadContext): Files {
  const read = new Map<string, Promise<Uint8Array>>();
  const once = (path: string): Promise<Uint8Array> => {
    if (!read.has(path)) read.set(path, context.read(path));
    return read.get(path)!;
  };
  return {
    read: async (path) => {
      const file = files.get(path);
      const bytes = file === undefined
        ? await context.read(path)
        : file.source === path
        ? await context.read(path)
        : await file.content(once);
      return bytes as Uint8Array<ArrayBuffer>;
    },
    sibling: filesBeside(source, context).sibling,
  };
}

/** A file that lies in a folder, and those beside it. */
function filesBeside(source: string, context: LoadContext): Files {
  return {
    read: async (path) => await context.read(path) as Uint8Array<ArrayBuffer>,
    sibling: async (name) => {
      // A bare name: nothing outside of the folder is read.
      if (!/^[^/\\]+$/.test(name) || name === "." || name === "..") return undefined;
      try {
        return await context.read(source.replace(/[^/\\]*$/, name)) as Uint8Array<ArrayBuffer>;
      } catch (error) {
        if (error instanceof InputError) return undefined;
        throw error;
      }
    },
  };
}

function checkAxes(shape: readonly number[], source: string): void {
  const axis = shape.findIndex((size) => size > MOST_ALONG_AXIS);
  if (axis < 0) return;
  const reason = `it has ${shape[axis]} elements along axis ${axis} of [${
    shape.join(", ")
  }], more than ${MOST_ALONG_AXIS}`;
  throw new InputError(`Cannot open ${source} as ${reason}: split it`);
}

/** The plugin with the source `acquire`. */
const plugin: Plugin = definePlugin({ name: "acquire", sources: [acquire] });

export default plugin;
