/** Finds the region of interest by a segmentation network. */
import { z } from "npm:zod@4.6.7";
import {
  type Case,
  type CaseFace,
  definePlugin,
  defineStage,
  type Geometry,
  geometryOfSpacing,
  InputError,
  measuredAlone,
  type Net,
  onImageGrid,
  optionsOf,
  type Outputs,
  type Padding,
  paddingOn,
  type PipelineEngine,
  type Placed,
  placementOf,
  type Plugin,
  recordJoined,
  runForEach,
  type SomeValues,
  type Stage,
  type Tensor,
  withoutPadding,
} from "../../engine/pipeline/mod.ts";
import { image as ops, nn, type Recorder, type Value } from "../../shaders/mod.ts";
import { answersOf } from "./answers.ts";
import { labelsOf, type Normalization, refusal, type SegmentationContract, segmentationContract } from "./contract.ts";
import { normalized } from "./normalize.ts";
import { recordSlices } from "./slices.ts";
import { recordWindows } from "./windows.ts";

/** Options of the stage. */
export interface SegmentOptions {
  /** Folder of the model: `model.onnx` and `model.json`. */
  readonly model: string;
  /** Probability above which a pixel belongs to the region: 0 to 1. Default: the model's. */
  readonly threshold?: number;
  /** Keep only the largest connected component. Default: true for a model of one class. */
  readonly largest?: boolean;
  /** Average a 3-D network's answers over the mirrorings that its model allows. Default false. */
  readonly mirror: boolean;
}

/**
 * `segment`: the mask of the region, of an image also the probability that it was cut from. A volume is segmented slice by
 * slice by a 2-D network, each slice as an image is, and by windows that slide by a 3-D network. A 2-D network whose model states
 * an overlap sees slices and images by windows, too; images then have no map. Labels of several classes are 1, 2 and so on.
 * A network that was trained on crops sees the box of a stage `crop` before, and finds nothing outside of it.
 */
export const segment: Stage = defineStage({
  name: "segment",
  description: "Segments the region of interest with a network.",
  needs: ["image"],
  uses: ["padding", "boxes"],
  gives: ["mask", "maps", "checks", "segment.evidence"],
  reads: [],
  options: optionsOf<SegmentOptions>(z.strictObject({
    model: z.string().default("models/resnet_unet_tumor").describe("Folder of the model"),
    threshold: z.number().min(0).max(1).optional().describe(
      "Probability above which a pixel is set; default: the model's",
    ),
    largest: z.boolean().optional().describe(
      "Keep only the largest connected component; default: true for a model of one class",
    ),
    mirror: z.boolean().default(false).describe(
      "Average a 3-D network's outputs over the mirrored inputs that its model allows: up to 8 times the work",
    ),
  })),
  models: ({ model }) => [model],
  refuses: (contract) => refusal(contract),
  expects: (contract) => {
    const { input, output, classes } = segmentationContract.parse(contract);
    return {
      output: output.name,
      shape: [classes.length, ...input.size],
      why: "a map for each class, at the input's size",
    };
  },
  open: async ({ engine, loadModel, signal }, options) => {
    const { net, folds, contract } = await loadModel(options.model);
    const model = segmentationContract.parse(contract);
    const work: Work = {
      engine,
      nets: [net, ...folds],
      model,
      threshold: options.threshold ?? model.output.threshold,
      largest: options.largest ?? model.output.largest ?? labelsOf(model).length === 1,
      mirror: options.mirror,
      signal,
    };
    return {
      prepare: async (signal) => {
        const shape = [1, 1, ...model.input.size];
        for (const each of work.nets) await each.compile({ [model.input.name]: shape }, { signal });
      },
      run: (current) => {
        const { image, ...face } = current;
        const padding = paddingOn(image.tensor, face.padding);
        checkImage(image, model, face.source);
        if (model.input.crop) return segmentBox(work, image, boxOf(face, model), padding);
        noteSpacing(current, model);
        return isSeenWhole(image, model) ? segmentImages(work, [current])[0] : segmentStack(work, image, face, padding);
      },
      runTogether: (cases) => {
        if (model.input.crop || !cases.every(({ image }) => isSeenWhole(image, model))) return undefined;
        for (const current of cases) {
          checkImage(current.image, model, current.source);
          noteSpacing(current, model);
        }
        return segmentImages(work, cases);
      },
    };
  },
});

type SegmentCase = Case<"image", "padding" | "boxes">;

/** Whether a case is an image that the network sees at once, with a single map. */
function isSeenWhole({ tensor }: Placed, { input, classes }: SegmentationContract): boolean {
  return tensor.shape.length === 3 && input.size.length === 2 && input.overlap === undefined && classes.length === 1;
}

/** Says of a case how it is seen where the size of its pixels is not known but would count. */
function noteSpacing({ image: { tensor, geometry }, warn }: SegmentCase, { input, name }: SegmentationContract): void {
  if (!input.spacingMm || geometry.spacingKnown) return;
  const isVolume = tensor.shape.length === 4;
  const elements = isVolume ? "voxels" : "pixels";
  const done = input.size.length === 3 || input.overlap !== undefined
    ? "taken as they are for"
    : `${isVolume ? "slices " : ""}scaled to the ${input.size.join(" x ")} pixels of`;
  warn(`The size of the ${elements} is not known: ${done} ${name}`);
}

/** What all cases share. */
interface Work {
  readonly engine: PipelineEngine;
  readonly nets: readonly Net[];
  readonly model: SegmentationContract;
  readonly threshold: number;
  readonly largest: boolean;
  readonly mirror: boolean;
  readonly signal: AbortSignal;
}

type Given = SomeValues;

function segmentImages(work: Work, cases: readonly SegmentCase[]): Given[] {
  const { engine, nets, model } = work;
  const { input, output } = model;
  const wanted = wantedOf(model);
  const sizeOf = ({ image: { tensor } }: SegmentCase) => tensor.shape.slice(1);
  const placements = cases.map((current) => placementOf(sizeOf(current), current.image.geometry, input));
  const paddings = cases.map(({ image, padding }) => paddingOn(image.tensor, padding));
  const found = runForEach(engine, (r) => {
    const seen = cases.map(({ image: { tensor } }, at) => {
      const { image, normalization } = seenBy(r, tensor, paddings[at], model);
      const { resampled, method } = placements[at];
      const scaled = ops.resample(r, image, { size: [...resampled], method });
      return networkInput(r, ops.fit(r, scaled, { size: [...input.size] }), normalization);
    });
    return recordJoined(r, nets, seen, (batch) => answersOf(r, nets, { [input.name]: batch }, wanted))
      .map((outputs, at) => {
        const size = sizeOf(cases[at]);
        const map = r.reshape(outputs[output.name], [1, ...input.size]);
        return regionOf(r, work, outputs, onImageGrid(r, map, placements[at], size), size, paddings[at]);
      });
  });
  return cases.map(({ image: { geometry } }, at) => withMaps(found[at], model, geometry));
}

/** What the box holds, at the network's size; the map goes back into the box. */
function segmentBox(
  work: Work,
  { tensor, geometry }: Placed,
  boxes: Value,
  padding: Padding | undefined,
): Given {
  const { engine, nets, model } = work;
  const [height, width] = model.input.size;
  const sampledAt = model.input.crop?.sampledAt ?? model.input.size;
  const [found] = runForEach(engine, (r) => {
    const seen = seenBy(r, tensor, padding, model);
    const crops = ops.crop(r, seen.image, boxes, { size: [sampledAt[0], sampledAt[1]] });
    const crop = ops.resample(r, r.reshape(crops, [1, ...sampledAt]), { size: [height, width], method: "area" });
    const feeds = { [model.input.name]: networkInput(r, crop, seen.normalization) };
    const outputs = answersOf(r, nets, feeds, wantedOf(model));
    const patch = r.reshape(outputs[model.output.name], [1, 1, height, width]);
    const [nothing] = r.apply(nn.expand, [r.constant(new Float32Array(1), [1, 1, 1])], { shape: tensor.shape });
    return [regionOf(r, work, outputs, ops.paste(r, nothing, patch, boxes), tensor.shape.slice(1), padding)];
  });
  return withMaps(found, model, geometry);
}

/** An image `[1, H, W]` of the networks' size as they take it. */
function networkInput(r: Recorder, image: Value, normalization: Normalization): Value {
  const input = normalized(r, image, normalization);
  return r.reshape(input, [1, ...input.shape]);
}

/** Names of the outputs that are used. */
function wantedOf(model: SegmentationContract): string[] {
  return [model.output.name, ...evidenceOf(model).map(([, from]) => from)];
}

/** The region and all that goes with it, from a map on the image's grid. */
function regionOf(
  r: Recorder,
  { model, threshold, largest }: Work,
  outputs: Outputs,
  maps: Value,
  size: readonly number[],
  padding: Padding | undefined,
): Outputs {
  const mask = measuredOnly(r, ops.threshold(r, r.reshape(maps, size), { at: threshold }), padding);
  const [region, unfinished] = largest ? r.apply(ops.largestComponent, [mask], {}) : [mask];
  const evidence = Object.fromEntries(evidenceOf(model).map(([name, from]) => [name, outputs[from]]));
  return { mask: region, maps, ...unfinished && { unfinished }, ...evidence };
}

/** What the stage gives of an image that was seen whole. */
function withMaps(found: Readonly<Record<string, Tensor>>, model: SegmentationContract, geometry: Geometry): Given {
  return { ...valuesOf(found, model, geometry), maps: { tensor: found.maps, geometry } };
}

/** A volume, or an image of several classes or windows, slice by slice. */
function segmentStack(
  { engine, nets, model, threshold, largest, mirror, signal }: Work,
  { tensor, geometry }: Placed,
  { progress }: CaseFace,
  padding: Padding | undefined,
): Promise<Given> {
  const isVolume = tensor.shape.length === 4;
  const size = tensor.shape.slice(1);
  const stack = isVolume ? size : [1, ...size];
  const place = isVolume ? geometry : {
    ...geometryOfSpacing([1, ...geometry.spacing]),
    spacingKnown: geometry.spacingKnown,
  };
  const is3d = model.input.size.length === 3;
  const evidence = is3d ? [] : evidenceOf(model);
  const work = (r: Recorder): Record<string, Value> => {
    const seen = seenBy(r, tensor, padding, model);
    const volume = r.reshape(seen.image, [1, ...stack]);
    const told = { ...model, normalization: seen.normalization };
    const choice = { threshold, largest: largest && labelsOf(model).length === 1 };
    const { mask, unfinished, evidence: outputs } = is3d
      ? { ...recordWindows(r, nets, volume, place, told, mirror, choice), evidence: {} as Record<string, Value> }
      : recordSlices(r, nets, volume, place, told, evidence.map(([, from]) => from), choice);
    return {
      mask: measuredOnly(r, r.reshape(mask, size), padding),
      ...unfinished ? { unfinished } : {},
      ...Object.fromEntries(evidence.map(([name, from]) => [name, outputs[from]])),
    };
  };
  return engine.runInParts(work, { onProgress: progress, signal }).then(
    (found) => valuesOf(found, model, geometry),
  );
}

/** An image without its padding, and how it is normalized then. */
interface Seen {
  readonly image: Value;
  readonly normalization: Normalization;
}

function seenBy(
  r: Recorder,
  image: Value,
  padding: Padding | undefined,
  { normalization }: SegmentationContract,
): Seen {
  if (padding === undefined || normalization.kind !== "standardize") {
    return { image: withoutPadding(r, image, padding), normalization };
  }
  const alone = measuredAlone(r, image, padding, normalization.foreground);
  return { image: alone.image, normalization: { ...normalization, foreground: alone.foreground } };
}

/** The mask without what lies where nothing was measured. */
function measuredOnly(r: Recorder, mask: Value, padding: Padding | undefined): Value {
  return padding === undefined ? mask : ops.fill(r, mask, r.reshape(padding.valid, mask.shape), { value: 0 });
}

/** What the stage gives besides maps. */
function valuesOf(
  { mask, unfinished, unfamiliarity, presence }: Readonly<Record<string, Placed["tensor"]>>,
  model: SegmentationContract,
  geometry: Geometry,
): Given {
  return {
    mask: {
      tensor: mask,
      geometry,
      labels: labelsOf(model),
      ...model.colors ? { colors: labelsOf(model).map((name) => model.colors?.[name]) } : {},
    },
    ...unfinished ? { checks: { "the components of its mask are too long to follow": unfinished } } : {},
    "segment.evidence": {
      model: model.name,
      limit: model.unfamiliarity?.threshold ?? null,
      ofSlices: mask.shape.length === 3,
      unfamiliarity,
      presence,
    },
  };
}

/** What the network says besides the region, as far as its contract names it: its name here, and the output. */
function evidenceOf({ unfamiliarity, presence }: SegmentationContract): [name: string, output: string][] {
  return Object.entries({ unfamiliarity, presence }).flatMap(([name, one]) => one ? [[name, one.output]] : []);
}

/** The box that a network of crops sees. */
function boxOf(
  { boxes, source }: Pick<Case<"image", "boxes">, "boxes" | "source">,
  { name }: SegmentationContract,
): Tensor {
  if (boxes?.tensor.shape[0] === 1) return boxes.tensor;
  throw new InputError(
    `Cannot segment ${source} as ${name} takes crops and there is no box: put stage crop before segment with from: detector ` +
      "or truth, or choose a model of whole images with --set segment.model=FOLDER",
  );
}

const leaveOut = "leave out segment and what follows from it (--stages acquire,denoise,export)";

function checkImage({ tensor: { shape } }: Placed, { input, name }: SegmentationContract, source: string): void {
  const what = shape.length === 4 ? "a volume" : "an image";
  if (shape[0] !== 1) {
    throw new InputError(
      `Cannot segment ${source} as it is ${what} of ${
        shape[0]
      } channels and ${name} takes one: give them one by one, or ${leaveOut}`,
    );
  }
  if (shape.length === 4 && input.crop) {
    throw new InputError(
      `Cannot segment ${source} as it is a volume and ${name} takes crops of images: give its slices with ` +
        `--set acquire.series=slices, another model with --set segment.model=FOLDER, or ${leaveOut}`,
    );
  }
  if (shape.length === 3 && input.size.length === 3) {
    throw new InputError(
      `Cannot segment ${source} as it is an image and ${name} takes volumes: give the folder of its series, another model ` +
        `with --set segment.model=FOLDER, or ${leaveOut}`,
    );
  }
}

const plugin: Plugin = definePlugin({
  name: "segment",
  stages: [segment],
  keys: { "segment.evidence": "How unlike the training an image is, and how likely it has a tumor at all" },
});

export default plugin;
