/** What contracts from the exports of others have in common. */

/** A `model.json` that lacks the names of the file's input and output. */
export interface ContractDraft {
  readonly contract: {
    readonly name: string;
    readonly task: "segmentation";
    readonly input: Readonly<Record<string, unknown>>;
    readonly output: Readonly<Record<string, unknown>>;
    readonly classes: readonly string[];
    readonly [field: string]: unknown;
  };
  /** In what the engine differs from where the network was trained, a sentence each. */
  readonly notes: readonly string[];
}

/** Names of channels by their numbers, in order. */
export function classesOf(names: Readonly<Record<string, string>>): string[] {
  return Object.keys(names).toSorted((a, b) => Number(a) - Number(b)).map((key) => names[key]);
}

/** The images that a network was made for, by the name that its training gave its channel. */
export function kindOfImages(channel: string): { madeFor?: { modality: string; sequence: string } } {
  const kinds: readonly (readonly [RegExp, string])[] = [
    [/^ct\b|^ct$|computed/i, "CT"],
    [/^pet|^pt$/i, "PT"],
    [/^(mr|mri|t1|t2|flair|adc|dwi)/i, "MR"],
    [/^us$|ultrasound/i, "US"],
  ];
  const modality = kinds.find(([pattern]) => pattern.test(channel.trim()))?.[1];
  return modality === undefined ? {} : { madeFor: { modality, sequence: channel } };
}
