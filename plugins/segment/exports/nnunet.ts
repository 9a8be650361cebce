/** The contract of a network that nnU-Net has trained, from its `plans.json` and `dataset.json` (version 2). */
import { z } from "npm:zod@4.6.7";
import { ModelError } from "../../../engine/pipeline/mod.ts";
import { classesOf, type ContractDraft, kindOfImages } from "./draft.ts";

const intensity = z.object({
  mean: z.number(),
  std: z.number(),
  percentile_00_5: z.number(),
  percentile_99_5: z.number(),
});

const plansSchema = z.object({
  plans_name: z.string().optional(),
  dataset_name: z.string(),
  transpose_forward: z.array(z.int().min(0).max(2)).length(3),
  configurations: z.record(
    z.string(),
    z.looseObject({
      inherits_from: z.string().optional(),
      patch_size: z.array(z.int().positive()).min(2).max(3).optional(),
      spacing: z.array(z.number().positive()).min(2).max(3).optional(),
      normalization_schemes: z.array(z.string()).optional(),
      use_mask_for_norm: z.array(z.boolean()).optional(),
      previous_stage: z.string().optional(),
      resampling_fn_data: z.string().optional(),
      resampling_fn_data_kwargs: z.looseObject({ order: z.number().optional() }).optional(),
    }),
  ),
  foreground_intensity_properties_per_channel: z.record(z.string(), intensity),
});

const datasetSchema = z.object({
  channel_names: z.record(z.string(), z.string()),
  labels: z.record(z.string(), z.union([z.int().min(0), z.array(z.int().min(0))])),
  regions_class_order: z.array(z.int()).optional(),
});

/** How nnU-Net brings voxels to the network's millimeters unless a plan says otherwise. */
const usualResampling = "resample_data_or_seg_to_shape";

/** What of an export can't be taken as it is, as words after "as". Throws a `ModelError` where it can't be taken at all. */
export function nnunetContract(plansJson: unknown, datasetJson: unknown, configuration: string): ContractDraft {
  const plans = parsed(plansSchema, plansJson, "plans.json");
  const dataset = parsed(datasetSchema, datasetJson, "dataset.json");
  const found = configurationOf(plans.configurations, configuration);
  const { patch_size: size, spacing: spacingMm, normalization_schemes: [scheme] = [], use_mask_for_norm } = found;
  const channels = Object.values(dataset.channel_names);
  if (channels.length !== 1) refuse(`it takes ${channels.length} channels (${channels.join(", ")}): segment takes one`);
  if (size === undefined || spacingMm === undefined || size.length !== spacingMm.length) {
    return refuse(`configuration ${configuration} lacks patch_size or spacing in plans.json`);
  }
  if (found.previous_stage !== undefined) {
    refuse(
      `configuration ${configuration} goes on from ${found.previous_stage}: export one that doesn't build on another`,
    );
  }
  const isTransposed = plans.transpose_forward.some((axis, at) => axis !== at);
  if (size.length === 2 && isTransposed) {
    refuse(`configuration ${configuration} transposes the axes by [${plans.transpose_forward}]: only 3-D ones may`);
  }
  const notes: string[] = [];
  const regions = Object.values(dataset.labels).some((value) => Array.isArray(value));
  if (regions && dataset.regions_class_order === undefined) {
    refuse("dataset.json has regions and no regions_class_order");
  }
  const isMasked = use_mask_for_norm?.[0] ?? false;
  if (scheme === "ZScoreNormalization") {
    notes.push(
      isMasked
        ? "Statistics are those of the voxels above 0, as the training's were of those that are not 0 or enclosed by such."
        : "Statistics are those of all voxels: nnU-Net cuts off beforehand what is 0 around the body.",
    );
  }
  const { resampling_fn_data: method = usualResampling, resampling_fn_data_kwargs: { order = 3 } = {} } = found;
  if (method !== usualResampling || order !== 3) {
    notes.push(`Voxels are resampled by splines of order 3 instead of ${method} of order ${order}.`);
  }
  const ordered = Object.entries(dataset.labels).toSorted(([, a], [, b]) => Number(a) - Number(b));
  return {
    contract: {
      name: plans.dataset_name,
      task: "segmentation",
      ...kindOfImages(channels[0]),
      input: {
        size,
        spacingMm,
        resampling: "spline",
        ...isTransposed ? { order: plans.transpose_forward } : {},
        overlap: 0.5,
      },
      normalization: normalizationOf(scheme, plans.foreground_intensity_properties_per_channel["0"], {
        isMasked,
        over: size.length === 2 ? "volume" : "input",
      }),
      // Regions may overlap: their maps are logits, above 0 where the probability is above 1/2.
      output: { ...regions ? { choice: "threshold", threshold: 0 } : { choice: "greatest" }, largest: false },
      classes: regions
        ? Object.keys(dataset.labels).filter((name) => name !== "background")
        : classesOf(Object.fromEntries(ordered.map(([name, value]) => [String(value), name]))),
    },
    notes,
  };
}

function normalizationOf(
  scheme: string | undefined,
  properties: z.infer<typeof intensity> | undefined,
  { isMasked, over }: { readonly isMasked: boolean; readonly over: "input" | "volume" },
): Record<string, unknown> {
  switch (scheme) {
    case "CTNormalization": {
      if (properties === undefined) return refuse("plans.json lacks the intensities of channel 0");
      const { percentile_00_5: low, percentile_99_5: high, mean, std: deviation } = properties;
      return { kind: "fixed", low, high, mean, deviation };
    }
    case "ZScoreNormalization":
      return { kind: "standardize", over, ...isMasked ? { foreground: 0, outside: 0 } : {} };
    case "RescaleTo01Normalization":
      return { kind: "range" };
    case "RGBTo01Normalization":
      return { kind: "fixed", mean: 0, deviation: 255 };
    case "NoNormalization":
      return { kind: "none" };
    default:
      return refuse(`its normalization is ${scheme}: it must be one of nnU-Net's own`);
  }
}

type Configurations = z.infer<typeof plansSchema>["configurations"];

function configurationOf(all: Configurations, name: string): Configurations[string] {
  const own = all[name];
  if (own === undefined) {
    return refuse(`plans.json has no configuration ${name}: it has ${Object.keys(all).join(", ")}`);
  }
  const { inherits_from: parent, ...rest } = own;
  if (parent === name) refuse(`configuration ${name} inherits from itself`);
  return parent === undefined ? own : { ...configurationOf(without(all, name), parent), ...rest };
}

function without(all: Configurations, name: string): Configurations {
  return Object.fromEntries(Object.entries(all).filter(([key]) => key !== name));
}

function parsed<T>(schema: z.ZodType<T>, content: unknown, file: string): T {
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  const [{ path, message }] = result.error.issues;
  return refuse(`${path.join(".")} of ${file}: ${message}`);
}

function refuse(reason: string): never {
  throw new ModelError(`Cannot take this nnU-Net export as ${reason}`);
}
