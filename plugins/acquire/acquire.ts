/** Files and folders as cases: PNG, JPEG, NIfTI, npy and uncompressed DICOM become images and volumes on the device. */
import { z } from "zod";
import {
  definePlugin,
  defineSource,
  InputError,
  optionsOf,
  type Plugin,
  type Source,
} from "../../engine/pipeline/mod.ts";
import { decode } from "../formats/detect.ts";
import { type FileRef, listFiles } from "./listing.ts";
import { withoutColor, withoutNonFinite } from "./pixels.ts";
import { TruthFolder } from "./truth.ts";

/** Options of `acquire`. */
export interface AcquireOptions {
  /** What happens to NaN and infinite values: they are refused, or this number takes their place. Default `refuse`. */
  nonFinite: "refuse" | number;
}

/**
 * One file is a case. `image` and `original` are the same tensor: f32 [C, H, W] or [C, D, H, W] in the file's real unit;
 * color becomes luma. With truth, `truth` holds the case's mask and class, as far as they are known.
 */
export const acquire: Source = defineSource<AcquireOptions, FileRef>({
  name: "acquire",
  description: "Reads PNG, JPEG, NIfTI, npy and uncompressed DICOM from files and folders.",
  gives: ["original", "image", "header?", "truth?"],
  options: optionsOf<AcquireOptions>(z.strictObject({
    nonFinite: z.union([z.literal("refuse"), z.number()]).default("refuse"),
  })),
  async open({ inputs, truth, signal, note }, { nonFinite }) {
    const truths = truth === undefined ? undefined : await TruthFolder.open(truth.replace(/(?<=.)\/+$/, ""), note);
    return {
      list: () => listFiles(inputs, signal),
      async load({ source, warnings: noted, refusal }, context) {
        if (refusal !== undefined) throw new InputError(refusal);
        noted.forEach(context.warn);
        const decoded = await decode(await context.read(source) as Uint8Array<ArrayBuffer>, source);
        const { pixels, shape, warnings } = withoutNonFinite(withoutColor(decoded), nonFinite, source);
        warnings.forEach(context.warn);
        const { geometry, header } = decoded;
        const known = await truths?.of(source, shape.slice(1), geometry, context);
        if (truths !== undefined && known === undefined) context.warn("The truth folder knows nothing of this case.");
        const image = { tensor: context.engine.tensor(pixels, shape), geometry };
        return { image, original: image, header, truth: known };
      },
    };
  },
});

/** The plugin with the source `acquire`. */
const plugin: Plugin = definePlugin({ name: "acquire", sources: [acquire] });

export default plugin;
