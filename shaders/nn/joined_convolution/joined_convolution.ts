import { z } from "npm:zod@4.6.7";
import type { Facts, Form, Operation, Recorder, Spec, Tune, Value } from "../../contract.ts";
import { checkFloats } from "../../checks.ts";
import { optionsOf } from "../../options.ts";
import { showShape, sizeOf } from "../../shape.ts";
import { concat } from "../concat/concat.ts";
import { convolution, type ConvolutionOptions, convolutionShape } from "../convolution/convolution.ts";
import { convolutionGeometry, type Geometry } from "../convolution/geometry.ts";
import { generalTunes, recordGeneral, type Work } from "../convolution/record.ts";
import { type DoubledMaps, recordWinograd, winogradFlops, winogradTunes } from "../convolution/winograd/winograd.ts";
import { costOf } from "../cost.ts";
import { adds, type Epilogue, epilogueSchema } from "../epilogue.ts";
import { recordNormalized } from "../instance_normalization/normalize.ts";
import { prefersTexels } from "../texels.ts";
import { joinedInputs } from "./inputs.ts";
import { joinedConvolutionCases } from "./joined_convolution_cases.ts";
import { joinedConvolutionTwin } from "./joined_convolution_twin.ts";

/** One of the maps that a convolution sees side by side. */
export interface ConvolutionMap {
  /** How often its axes from the third on are doubled before, by repeating each element. Default never. */
  readonly doublings: number;
  /** Whether it is normalized before, by moments that follow it among the inputs. Default false. */
  readonly normalized: boolean;
}

/** Options of a convolution of joined maps. */
export interface JoinedConvolutionOptions extends ConvolutionOptions {
  /** One or two maps. */
  readonly maps: readonly ConvolutionMap[];
  /** What happens to normalized maps: at most one step, relu, leakyRelu or silu. */
  readonly activation: Epilogue;
}

/** The maps side by side. */
function joinedSpec(inputs: readonly Spec[], options: JoinedConvolutionOptions): Spec {
  const { maps } = joinedInputs(inputs, options);
  for (const { x, moments } of maps) {
    if (moments === undefined || String(moments.shape) === String([x.shape[0], 3, x.shape[1]])) continue;
    throw new RangeError(
      `joinedConvolution: the moments of ${showShape(x.shape)} have the shape ${
        showShape(moments.shape)
      }, but must have [${x.shape[0]}, 3, ${x.shape[1]}]`,
    );
  }
  const doublings = maps.map(({ doublings }) => doublings);
  return concat.outputs(maps.map(({ x }) => x), { axis: 1, doublings })[0];
}

/** The inputs and options of the convolution of what is joined. */
function plainOf<T extends Spec>(inputs: readonly T[], options: JoinedConvolutionOptions) {
  const { maps: _, activation: __, ...plain } = options;
  return { specs: [joinedSpec(inputs, options), ...joinedInputs(inputs, options).rest] as const, options: plain };
}

function geometryOf(inputs: readonly Spec[], options: JoinedConvolutionOptions): Geometry {
  const plain = plainOf(inputs, options);
  return convolutionGeometry(plain.specs, plain.options);
}

/** Whether pages can read the maps where they lie: a second one begins with a whole texel. */
function isReadable(inputs: readonly Spec[], options: JoinedConvolutionOptions): boolean {
  const { maps: [{ x: first }] } = joinedInputs(inputs, options);
  return (options.maps.length === 1 || first.shape[1] % 4 === 0) && sizeOf(first.shape) > 0;
}

/** Where the second map begins, and how both are doubled. */
function doubledMaps(inputs: readonly Spec[], options: JoinedConvolutionOptions): DoubledMaps {
  const { maps: [first, second] } = joinedInputs(inputs, options);
  return { border: first.x.shape[1], doublings: [first.doublings, second?.doublings ?? 0] };
}

type Name = "winograd" | "generalLanes" | "composed";

/** A form in which the convolution of what is joined reads the maps itself, if that serves and they can be read. */
const reading = (form: Exclude<Name, "composed">, tunes: (geometry: Geometry, facts: Facts) => Tune[]) => {
  const own = convolution.forms![form] as Form<ConvolutionOptions>;
  return {
    needs: own.needs,
    serves: (inputs, options) => {
      const plain = plainOf(inputs, options);
      // Moments of one image are loaded once for all pixels.
      const fits = form === "winograd" || plain.specs[0].shape[0] === 1 || !options.maps.some((map) => map.normalized);
      return fits && isReadable(inputs, options) && own.serves?.(plain.specs, plain.options) !== false;
    },
    bound: own.bound,
    tune: (inputs, options, facts) => tunes(geometryOf(inputs, options), facts),
  } satisfies Form<JoinedConvolutionOptions>;
};

/** The maps one after the other, made before they are convolved. */
function recordComposed(r: Recorder, inputs: readonly Value[], options: JoinedConvolutionOptions): Value[] {
  const { maps, rest } = joinedInputs(inputs, options);
  const made = maps.map(({ x, moments }) =>
    moments === undefined ? x : recordNormalized(r, [x, moments], options.activation, prefersTexels(x))
  );
  const doublings = maps.map(({ doublings }) => doublings);
  const isPlain = maps.length === 1 && doublings[0] === 0;
  const [joined] = isPlain ? made : r.apply(concat, made, { axis: 1, doublings });
  return r.apply(convolution, [joined, ...rest], plainOf(inputs, options).options);
}

/**
 * Convolution of one map or of two side by side along the channels, each of which may be normalized (see `instanceMoments`),
 * activated and doubled before. Sources: ONNX `Conv`, `Concat`, `Resize`, `InstanceNormalization`. O(as `convolution`).
 *
 * Inputs: for each map x and, where it is normalized, its moments `[N, 3, C]`; weight, bias?, added? (where `epilogue` has the
 * step `add`).
 *
 * Forms: `winograd` and `generalLanes` (those of `convolution`) read the maps where they lie, `composed` makes what is joined
 * first.
 */
export const joinedConvolution: Operation<JoinedConvolutionOptions> = {
  name: "joinedConvolution",
  options: optionsOf<JoinedConvolutionOptions>(z.strictObject({
    ...convolutionShape,
    maps: z.array(z.strictObject({
      doublings: z.int().min(0).max(15).default(0),
      normalized: z.boolean().default(false),
    })).min(1).max(2),
    activation: epilogueSchema.refine(
      (steps) => steps.length <= 1 && steps.every(({ op }) => ["relu", "leakyRelu", "silu"].includes(op)),
      "must be at most one step: relu, leakyRelu or silu",
    ),
  })),
  outputs: (inputs, options) => {
    const { maps, rest } = joinedInputs(inputs, options);
    const given = [...maps.flatMap(({ x, moments }) => moments ? [x, moments] : [x]), ...rest];
    if (rest.length < 1 + Number(adds(options.epilogue)) || given.some((spec) => spec === undefined)) {
      throw new RangeError(`joinedConvolution: ${inputs.length} inputs are too few for its maps and weights`);
    }
    checkFloats("joinedConvolution", given);
    const plain = plainOf(inputs, options);
    return convolution.outputs(plain.specs, plain.options);
  },
  cost: (inputs, options) => {
    const plain = plainOf(inputs, options);
    const { flops } = convolution.cost(plain.specs, plain.options);
    return costOf(inputs, joinedConvolution.outputs(inputs, options), flops);
  },
  forms: {
    winograd: {
      ...reading("winograd", winogradTunes),
      cost: (inputs, options) => ({
        ...joinedConvolution.cost(inputs, options),
        flops: winogradFlops(geometryOf(inputs, options), doubledMaps(inputs, options)),
      }),
    },
    generalLanes: reading("generalLanes", (geometry, facts) => generalTunes(geometry, false, facts, true)),
    composed: {},
  },
  choose: (inputs, options, facts) => {
    const plain = plainOf(inputs, options);
    const form = convolution.choose!(plain.specs, plain.options, facts);
    const serves = joinedConvolution.forms![form]?.serves;
    return serves?.(inputs, options) ? form : "composed";
  },
  record: (r, inputs, options, form, tune) => {
    const y = r.temporary(joinedConvolution.outputs(inputs, options)[0]);
    if (sizeOf(y.shape) === 0) return [y];
    if (form === "composed") return recordComposed(r, inputs, options);
    const { maps: [first, second], rest } = joinedInputs(inputs, options);
    const own = adds(options.epilogue) ? rest.slice(0, -1) : rest;
    const work: Work = {
      geometry: geometryOf(inputs, options),
      x: first.x,
      joined: {
        moments: first.moments,
        second: second?.x,
        secondMoments: second?.moments,
        doublings: [first.doublings, second?.doublings ?? 0],
        activation: options.activation,
      },
      weight: own[0],
      bias: own[1],
      added: adds(options.epilogue) ? rest.at(-1) : undefined,
      y,
      epilogue: options.epilogue,
      transposed: false,
    };
    if (form === "winograd") recordWinograd(r, work, tune);
    else recordGeneral(r, work, tune, true);
    return [y];
  },
  twin: joinedConvolutionTwin,
  bound: convolution.bound,
  bulk: true,
  cases: joinedConvolutionCases,
};
