/** The options of `denoise`: the name of a filter with that filter's own options beside it, or a network. */
import type { OptionsSchema } from "../../shaders/mod.ts";
import { type Geometry, InputError } from "../../engine/pipeline/mod.ts";
import { type Denoiser, denoisers } from "./denoisers.ts";

/** Name of the filter, and its own options beside it. */
export interface DenoiseOptions {
  /** Name of a filter, `autoencoder`, or `none`. Default `gaussian` with a `sigmaPx` of 0.4. */
  readonly filter: string;
  /** Chooses the filter's strength for each image, without a clean one to compare with. Default false. */
  readonly calibrate?: boolean;
  /** Folder of the network; only with `autoencoder`. */
  readonly model?: string;
  readonly [option: string]: unknown;
}

/** The name that leaves the image as it is. */
export const none = "none";
/** The name that stands for a network. */
export const network = "autoencoder";

/** The filter where none is named. */
const first = "gaussian";

/** All values of the option `filter`. */
export const names: readonly string[] = [...Object.keys(denoisers), network, none];

/** Checks the options and fills in the filter's defaults. */
export const denoiseOptions: OptionsSchema<DenoiseOptions> = {
  parse(given) {
    const asked = given as Partial<DenoiseOptions>;
    const { filter = "model" in asked ? network : first, ...rest } = asked;
    if (!names.includes(filter)) {
      throw new RangeError(`filter is ${JSON.stringify(filter)}: it must be one of ${names.join(", ")}`);
    }
    if (filter === none) {
      refuseOthers(rest, filter, []);
      return { filter };
    }
    if (filter === network) {
      refuseOthers(rest, filter, ["model"]);
      const { model } = rest;
      if (typeof model !== "string") throw new RangeError("model is not given: filter autoencoder needs its folder");
      return { filter, model };
    }
    return { filter, ...filterOptions(denoisers[filter], rest) };
  },
  toJSONSchema() {
    const forms = [
      ...Object.entries(denoisers).map(([filter, { filter: { options } }]) => form(filter, options)),
      { filter: { const: network }, model: { type: "string", description: "Folder of the model" } },
      { filter: { const: none } },
    ];
    const properties: Record<string, unknown> = {};
    for (const [key, schemas] of Object.entries(Object.groupBy(forms.flatMap(Object.entries), ([key]) => key))) {
      const alternatives = distinct(schemas?.map(([, schema]) => schema) ?? []);
      properties[key] = alternatives.length === 1 ? alternatives[0] : { anyOf: alternatives };
    }
    return {
      type: "object",
      properties: { ...properties, filter: { enum: names, type: "string", default: first } },
      anyOf: forms.map((properties) => ({
        type: "object",
        properties,
        additionalProperties: false,
        ...("model" in properties ? { required: ["model"] } : {}),
      })),
    };
  },
};

/** Throws where there is an option besides those allowed. */
function refuseOthers(given: Partial<DenoiseOptions>, filter: string, allowed: readonly string[]): void {
  const strange = Object.keys(given).find((key) => !allowed.includes(key));
  if (strange === undefined) return;
  const takes = allowed.length === 0 ? "no options" : `${allowed.join(", ")} only`;
  throw new RangeError(`${strange} is given: filter ${filter} takes ${takes}`);
}

function filterOptions(
  { filter, grid, presumed, otherwise }: Denoiser,
  given: Partial<DenoiseOptions>,
): Record<string, unknown> {
  const { calibrate = false, ...rest } = given;
  if (typeof calibrate !== "boolean") throw new RangeError(`calibrate is ${JSON.stringify(calibrate)}: give a boolean`);
  if ("spacing" in rest) throw new RangeError("spacing is given: it comes from the image");
  // Options in millimeters need a spacing, which comes with each image.
  const standIn = inMillimeters(rest) === undefined ? {} : { spacing: [1, 1] };
  const chosen = calibrate ? Object.keys(grid(2)) : [];
  const clash = chosen.find((name) => name in rest);
  if (clash !== undefined) throw new RangeError(`${clash} is given: calibrate chooses it`);
  // What calibrate chooses may have no default; it stands in for the check.
  const tried = calibrate ? Object.fromEntries(Object.entries(grid(2)).map(([name, [value]]) => [name, value])) : {};
  const basis = calibrate ? presumed?.(rest) : otherwise?.(rest);
  const parsed = filter.options.parse({ ...basis, ...rest, ...standIn, ...tried }) as Record<string, unknown>;
  const own = Object.entries(parsed).filter(([name]) => name !== "spacing" && !chosen.includes(name));
  return { ...Object.fromEntries(own), ...(calibrate ? { calibrate } : {}) };
}

/** The properties of a pipeline's options for one filter. */
function form(filter: string, schema: OptionsSchema<unknown>): Record<string, unknown> {
  const { spacing: _, ...own } = (schema.toJSONSchema().properties ?? {}) as Record<string, unknown>;
  const calibrate = { type: "boolean", default: false, description: "Choose the filter's strength for each image" };
  return { filter: { const: filter }, calibrate, ...own };
}

function distinct(schemas: readonly unknown[]): unknown[] {
  return [...new Map(schemas.map((schema) => [JSON.stringify(schema), schema])).values()];
}

/** The option that is given in millimeters, if there is one. */
function inMillimeters(given: Readonly<Record<string, unknown>>): string | undefined {
  return Object.keys(given).find((key) => key.endsWith("Mm") && given[key] !== undefined);
}

/**
 * What the filter gets: its options, and the spacing where one is in millimeters or the filter goes by the pixels'
 * proportions. Throws an `InputError` for millimeters without a known spacing.
 */
export function completed(
  { proportional }: Denoiser,
  given: Readonly<Record<string, unknown>>,
  geometry: Geometry,
  source: string,
): Record<string, unknown> {
  const inMm = inMillimeters(given);
  if (inMm === undefined) {
    if (!proportional || !geometry.spacingKnown) return { ...given };
    const least = Math.min(...geometry.spacing);
    return { ...given, spacing: geometry.spacing.map((distance) => distance / least) };
  }
  if (!geometry.spacingKnown) {
    throw new InputError(
      `Cannot denoise ${source} with ${inMm} as it doesn't state the size of its pixels: give ${
        inMm.replace(/Mm$/, "Px")
      }`,
    );
  }
  return { ...given, spacing: geometry.spacing };
}
