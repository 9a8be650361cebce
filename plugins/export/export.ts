/** Writes what a case holds as files of common formats. */
import { z } from "npm:zod@4.6.7";
import { definePlugin, defineStage, optionsOf, type Plugin, type Stage } from "../../engine/pipeline/mod.ts";
import { dicomSc, dicomSeg, dicomSr } from "./dicom_writers.ts";
import { nifti, nrrd } from "./volume_writers.ts";
import { npy, png } from "./writers.ts";

/** Options of the stage. */
export interface ExportOptions {
  /** Names of writers: `png`, `npy`, `nifti`, `nrrd`, `dicom-seg`, `dicom-sr`, `dicom-sc`, or those of other plugins. */
  readonly formats: readonly string[];
  /** Whether names, identifiers, dates and UIDs of the source may stand in what is written. Default false. */
  readonly keepIdentity: boolean;
  /** Bits of the values of `image.png` and the crops, whose display window is stretched over them. Default 8. */
  readonly pngBits: 8 | 16;
}

/** `export`: files of each case under `cases/ID/`, each kind by a writer. */
export const exporter: Stage = defineStage({
  name: "export",
  description: "Writes image, mask, overlay and crops as files: formats are names of writers, such as png and npy.",
  needs: ["image"],
  uses: [],
  gives: [],
  reads: [],
  options: optionsOf<ExportOptions>(z.strictObject({
    formats: z.union([z.string().transform((format) => [format]), z.array(z.string()).min(1)]).default(["png"])
      .describe("Names of writers: png, npy, nifti, nrrd, dicom-seg, dicom-sr, dicom-sc, or those of other plugins"),
    keepIdentity: z.boolean().default(false).describe("Keep names, identifiers, dates and UIDs of the source"),
    pngBits: z.union([z.literal(8), z.literal(16)]).default(8).describe(
      "Bits of image and crops written as png: 8 or 16",
    ),
  }) as z.ZodType<ExportOptions>),
  writers: ({ formats }) => formats,
  open: ({ writer }, { formats, ...options }) => {
    const writers = formats.map(writer);
    return {
      run: async (current) => {
        for (const { write } of writers) await write(current as never, options);
        return {};
      },
    };
  },
});

const plugin: Plugin = definePlugin({
  name: "export",
  stages: [exporter],
  writers: [png, npy, nifti, nrrd, dicomSeg, dicomSr, dicomSc],
});

export default plugin;
