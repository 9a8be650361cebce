/** The contract of a network in a MONAI bundle, from its `metadata.json` and `inference.json`. */
import { z } from "npm:zod@4.6.7";
import { ModelError } from "../../../engine/pipeline/mod.ts";
import { classesOf, type ContractDraft, kindOfImages } from "./draft.ts";

const channels = z.record(z.string(), z.string());

const metadataSchema = z.object({
  name: z.string().optional(),
  task: z.string().optional(),
  network_data_format: z.object({
    inputs: z.record(
      z.string(),
      z.looseObject({
        modality: z.string().optional(),
        num_channels: z.int(),
        spatial_shape: z.array(z.union([z.int(), z.string()])),
      }),
    ),
    outputs: z.record(z.string(), z.looseObject({ num_channels: z.int(), channel_def: channels })),
  }),
});

type Transform = Readonly<Record<string, unknown>>;

/** Throws a `ModelError` where the bundle can't be taken. `inference` is what `configs/inference.json` holds, where it is there. */
export function monaiContract(metadataJson: unknown, inference: unknown): ContractDraft {
  const result = metadataSchema.safeParse(metadataJson);
  if (!result.success) {
    const [{ path, message }] = result.error.issues;
    return refuse(`${path.join(".")} of metadata.json: ${message}`);
  }
  const { name, task, network_data_format: { inputs, outputs } } = result.data;
  const [input] = Object.values(inputs);
  const [output] = Object.values(outputs);
  if (input === undefined || output === undefined) return refuse("metadata.json names no input or no output");
  if (input.num_channels !== 1) refuse(`it takes ${input.num_channels} channels: segment takes one`);
  const transforms = transformsOf(inference, "preprocessing");
  const after = transformsOf(inference, "postprocessing");
  const inferer = (inference as { inferer?: Transform } | undefined)?.inferer;
  const size = numbersIn(inferer?.roi_size) ?? input.spatial_shape.map(Number);
  if (size.length < 2 || size.length > 3 || !size.every((length) => Number.isInteger(length) && length > 0)) {
    return refuse(`its window is [${input.spatial_shape}]: set roi_size in inference.json to whole numbers`);
  }
  const spacing = numbersIn(named(transforms, "Spacing")?.pixdim);
  const axes = named(transforms, "Orientation")?.axcodes;
  const overlap = inferer?.overlap;
  const isSigmoid = named(after, "Activations")?.sigmoid === true;
  const notes = transforms.length === 0
    ? ["There is no inference.json with transforms: spacing, orientation and normalization are to be added by hand."]
    : [];
  const unknown = transforms.map(({ _target_ }) => String(_target_)).filter((target) => !taken.test(target));
  if (unknown.length > 0) notes.push(`Left out: ${unknown.join(", ")}.`);
  return {
    contract: {
      name: name ?? task ?? "bundle",
      task: "segmentation",
      ...kindOfImages(input.modality ?? ""),
      input: {
        size,
        ...spacing?.length === size.length ? { spacingMm: spacing } : {},
        ...typeof axes === "string" && size.length === 3 ? { axes } : {},
        ...typeof overlap === "number" ? { overlap } : {},
      },
      normalization: normalizationOf(transforms),
      output: {
        ...isSigmoid || output.num_channels === 1 ? { choice: "threshold", threshold: 0 } : { choice: "greatest" },
        largest: named(after, "KeepLargestConnectedComponent") !== undefined,
      },
      classes: classesOf(output.channel_def),
    },
    notes,
  };
}

/** Transforms that a contract states or that reading does. */
const taken =
  /(LoadImage|EnsureChannelFirst|AddChannel|EnsureType|ToTensor|CastToType|Orientation|Spacing|ScaleIntensityRange|ScaleIntensity|NormalizeIntensity)d?$/;

function normalizationOf(transforms: readonly Transform[]): Record<string, unknown> {
  const range = named(transforms, "ScaleIntensityRange");
  if (range !== undefined) {
    const [low, high, from, to] = ["a_min", "a_max", "b_min", "b_max"].map((key) => Number(range[key]));
    const deviation = (high - low) / (to - from);
    if (!(deviation > 0)) return refuse(`ScaleIntensityRange goes from [${low}, ${high}] to [${from}, ${to}]`);
    return { kind: "fixed", ...range.clip === true ? { low, high } : {}, mean: low - from * deviation, deviation };
  }
  const normalize = named(transforms, "NormalizeIntensity");
  if (normalize !== undefined) {
    return { kind: "standardize", over: "input", ...normalize.nonzero === true ? { foreground: 0, outside: 0 } : {} };
  }
  return { kind: named(transforms, "ScaleIntensity") === undefined ? "none" : "range" };
}

function transformsOf(inference: unknown, part: string): Transform[] {
  const list = (inference as Record<string, { transforms?: unknown }> | undefined)?.[part]?.transforms;
  return Array.isArray(list) ? list.filter((one) => typeof one === "object" && one !== null) : [];
}

function named(transforms: readonly Transform[], name: string): Transform | undefined {
  return transforms.find(({ _target_ }) => new RegExp(`(^|\\.)${name}d?$`).test(String(_target_)));
}

function numbersIn(value: unknown): number[] | undefined {
  return Array.isArray(value) && value.every((one) => typeof one === "number") ? value : undefined;
}

function refuse(reason: string): never {
  throw new ModelError(`Cannot take this MONAI bundle as ${reason}`);
}
