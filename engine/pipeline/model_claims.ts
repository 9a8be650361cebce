/** What a model says of the images that it was made for, and whether an image is one of them. */
import { z } from "npm:zod@4.6.7";
import { InputError } from "../errors.ts";
import type { ModelFile } from "./model_file.ts";
import type { Header } from "./values.ts";

/** The images that a model was made for. */
export interface MadeFor {
  /** DICOM's name of the modality, such as `MR`. */
  readonly modality: string;
  /** For people and messages, such as `T1 with contrast`. */
  readonly sequence: string;
}

/** How a model tells that an image is unlike those that it was trained with. */
export interface Unfamiliarity {
  /** Name of the network's output, `[N, 1]`: 0 and more, the greater the less alike. */
  readonly output: string;
  /** What 99 of 100 held-back images of the training's kind stay below. */
  readonly threshold: number;
}

/** Checks `unfamiliarity` of a `model.json`. */
export const unfamiliarity: z.ZodType<Unfamiliarity> = z.object({
  output: z.string(),
  threshold: z.number().positive(),
});

/** Checks `madeFor` of a `model.json`. */
export const madeFor: z.ZodType<MadeFor> = z.object({ modality: z.string(), sequence: z.string() });

/**
 * Throws an `InputError` where a case is known to be of another kind than a model was made for; `warn` is told where the
 * kind isn't known, or what `forced` has let through.
 */
export function checkMadeFor(
  models: Iterable<ModelFile>,
  header: Header | undefined,
  { source, forced, warn }: {
    readonly source: string;
    readonly forced: boolean;
    readonly warn: (message: string) => void;
  },
): void {
  const unsure = new Map<string, string[]>();
  for (const { contract: { name, madeFor: made } } of models) {
    if (made === undefined) continue;
    const kind = `made for ${made.modality}, ${made.sequence}`;
    const wanted = `${name} was ${kind}`;
    const foreign = foreignTo(made, { modality: header?.modality, description: descriptionOf(header) });
    if (foreign === undefined) {
      if (header?.modality === undefined) unsure.set(kind, [...unsure.get(kind) ?? [], name]);
    } else if (forced) warn(`The image is ${foreign} and ${wanted}; what it says is forced`);
    else {
      throw new InputError(
        `Cannot use ${source} as it is ${foreign} and ${wanted}: give images of that kind, or accept it with --force`,
      );
    }
  }
  for (const [kind, names] of unsure) {
    warn(`The modality of the image is not known; ${names.join(" and ")} ${names.length > 1 ? "were" : "was"} ${kind}`);
  }
}

/**
 * What of an image is known to be of another kind than a model was made for; nothing where it is of the kind or nothing is known.
 * `description` is all that names the weighting of an MR image, for which DICOM has no attribute.
 */
export function foreignTo(
  made: MadeFor,
  { modality, description }: { readonly modality?: string; readonly description: string },
): string | undefined {
  if (modality !== undefined && modality !== made.modality) return `of modality ${modality}`;
  const found = /(?<![a-z0-9])(t1|t2|flair|dwi|dti|adc|swi|bold|tof)(?![0-9])/i.exec(description)?.[1];
  const sequence = found?.toUpperCase();
  return sequence !== undefined && !made.sequence.startsWith(sequence) ? `a ${sequence} image` : undefined;
}

/** SequenceName, SeriesDescription and ProtocolName. */
function descriptionOf(header: Header | undefined): string {
  return ["00180024", "0008103E", "00181030"].flatMap((tag) => {
    const value = (header?.attributes?.[tag] as { Value?: unknown[] } | undefined)?.Value?.[0];
    return typeof value === "string" ? [value] : [];
  }).join(" ");
}
