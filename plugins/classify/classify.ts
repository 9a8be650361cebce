/** Tells the type of what was found by a classification network. */
import { z } from "npm:zod@4.6.7";
import {
  type Case,
  definePlugin,
  defineStage,
  type Geometry,
  measuredAlone,
  optionsOf,
  type Outputs,
  paddingOn,
  type Plugin,
  recordJoined,
  runForEach,
  slicingOf,
  type Stage,
} from "../../engine/pipeline/mod.ts";
import { image as ops, nn, type Recorder, type Value } from "../../shaders/mod.ts";
import { type ClassificationContract, classificationContract, refusal } from "./contract.ts";

/** Options of the stage. */
export interface ClassifyOptions {
  /** Folder of the model: `model.onnx` and `model.json`. */
  readonly model: string;
}

/** The class of an image in which nothing was found. */
const none = "none";

/**
 * `classify`: probabilities of the classes for each box. An empty box is of class `none`.
 *
 * The network sees what the box holds of the standardized image, as in its training: mean and deviation are those of the
 * whole image, and what lies outside of it is 0, their mean. So it cuts from the image itself rather than taking `crops`. Of
 * a volume it sees the slice of each box, turned as such slices are looked at.
 */
export const classify: Stage = defineStage({
  name: "classify",
  description: "Classifies the content of the boxes with a network.",
  needs: ["image", "boxes"],
  uses: ["padding"],
  gives: ["classes", "classify.evidence"],
  reads: [],
  options: optionsOf<ClassifyOptions>(z.strictObject({
    model: z.string().default("models/vgg16_tumor").describe("Folder of the model"),
  })),
  models: ({ model }) => [model],
  refuses: (contract) => refusal(contract),
  expects: (contract) => {
    const { output, classes } = classificationContract.parse(contract);
    return { output: output.name, shape: [classes.length], why: `a probability of each of ${classes.join(", ")}` };
  },
  open: async ({ engine, loadModel }, { model: path }) => {
    const { net, contract } = await loadModel(path);
    const model = classificationContract.parse(contract);
    const classifyAll = (cases: readonly ClassifyCase[]) =>
      runForEach(engine, (r) => {
        const crops = cases.map((current) => cropsOf(r, current, model));
        return recordJoined(r, [net], crops, (seen) => net.record(r, { [model.input.name]: seen }))
          .map((outputs, at) => answersOf(r, outputs, cases[at].boxes.tensor, model));
      }).map(({ probabilities, unfamiliarity, attention }) => ({
        classes: { labels: model.classes, probabilities },
        "classify.evidence": {
          model: model.name,
          limit: model.unfamiliarity?.threshold ?? null,
          unfamiliarity,
          attention,
        },
      }));
    return {
      prepare: (signal) => net.compile({ [model.input.name]: [1, 1, ...model.input.size] }, { signal }),
      run: (current) => classifyAll([current])[0],
      runTogether: classifyAll,
    };
  },
});

type ClassifyCase = Case<"image" | "boxes", "padding">;

/** `[N, 1, h, w]`: what the network sees of a case. */
function cropsOf(
  r: Recorder,
  { image: { tensor, geometry }, boxes: { tensor: boxes, slices }, padding }: ClassifyCase,
  model: ClassificationContract,
): Value {
  const measured = measuredAlone(r, tensor, paddingOn(tensor, padding), model.normalization.foreground);
  const image = slices === undefined ? measured.image : ops.takeSlice(r, measured.image, slices);
  const crops = cropsFor(r, image, boxes, model.input, measured.foreground);
  return slices === undefined ? crops : asLookedAt(r, crops, geometry);
}

/** What the network says of each box; an empty one is of class `none`, and holds nothing that could be unlike anything. */
function answersOf(r: Recorder, outputs: Outputs, boxes: Value, model: ClassificationContract): Outputs {
  const row = model.classes.map((label) => label === none ? 1 : 0);
  const unfamiliarity = model.unfamiliarity && outputs[model.unfamiliarity.output];
  return {
    probabilities: ops.replaceEmpty(r, outputs[model.output.name], boxes, { row }),
    ...unfamiliarity && { unfamiliarity: ops.replaceEmpty(r, unfamiliarity, boxes, { row: [0] }) },
    ...model.attention && { attention: outputs[model.attention.output] },
  };
}

/** `[N, 1, h, w]`: the boxes of the standardized image at the model's size. */
function cropsFor(
  r: Recorder,
  image: Value,
  boxes: Value,
  input: ClassificationContract["input"],
  foreground: number | undefined,
): Value {
  const statistics = ops.statistics(r, image, { foreground });
  const standardized = ops.standardize(r, image, statistics);
  const [height, width] = input.crop.sampledAt ?? input.size;
  const crops = ops.crop(r, standardized, boxes, { size: [height, width] });
  return input.crop.sampledAt ? ops.resample(r, crops, { size: input.size, method: "area" }) : crops;
}

/** Crops `[N, 1, h, w]` of a volume's slice turned as such slices are looked at, and were in the training. */
function asLookedAt(r: Recorder, crops: Value, geometry: Geometry): Value {
  const { axes, flipped } = slicingOf(geometry);
  const [turned] = axes[1] < axes[2] ? [crops] : r.apply(nn.transpose, [crops], { permutation: [0, 1, 3, 2] });
  if (!flipped.includes(true)) return turned;
  const flips = [false, false, ...flipped];
  return r.apply(nn.slice, [turned], {
    starts: turned.shape.map((size, axis) => flips[axis] ? size - 1 : 0),
    steps: flips.map((flip) => flip ? -1 : 1),
    sizes: turned.shape,
  })[0];
}

const plugin: Plugin = definePlugin({
  name: "classify",
  stages: [classify],
  keys: { "classify.evidence": "How unlike the training each crop is, and where the network looked" },
});

export default plugin;
