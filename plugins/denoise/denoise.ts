/** Denoises the image by a filter of choice, which gets its own options, or by a network. */
import {
  calibrate,
  type CalibrateOptions,
  definePlugin,
  defineStage,
  type LoadedModel,
  type Measures,
  type PipelineEngine,
  type Plugin,
  type Stage,
  type Tensor,
} from "../../engine/pipeline/mod.ts";
import type { Recorder } from "../../shaders/mod.ts";
import { denoisers } from "./denoisers.ts";
import { gallery } from "./gallery.ts";
import { denoiseByNetwork, denoisingContract, refusal } from "./network.ts";
import { completed, denoiseOptions, names, none } from "./options.ts";

/** Images of more elements are filtered in parts, so that the terminal shows how far it is and an interrupt is heard. */
const largest = 1 << 22;

/** `denoise`: filters the current image. */
export const denoise: Stage = defineStage({
  name: "denoise",
  description: `Denoises the image: filter is ${names.join(", ")}, with the filter's own options beside it.`,
  needs: ["image"],
  uses: [],
  gives: ["image", "measures"],
  reads: [],
  options: denoiseOptions,
  models: ({ model }) => model === undefined ? [] : [model],
  refuses: (contract) => refusal(contract),
  open: async ({ engine, loadModel, signal }, { filter: name, model, calibrate: isCalibrated, ...given }) => {
    const loaded = model === undefined ? undefined : await loadModel(model);
    return {
      run: ({ image, geometry, source, progress }) => {
        if (name === none) return {};
        if (loaded !== undefined) return { image: byNetwork(engine, image, loaded) };
        const options = completed(denoisers[name], given, geometry, source);
        if (isCalibrated) return calibrated(engine, name, image, options, { onProgress: progress, signal });
        const { filter } = denoisers[name];
        const work = (r: Recorder) => filter(r, image, options);
        const isLarge = image.shape.reduce((product, size) => product * size, 1) > largest;
        if (!isLarge) return { image: engine.run(work) };
        return engine.runInParts(work, { onProgress: progress, signal }).then((image) => ({ image }));
      },
    };
  },
});

/** Chooses the filter's setting for the image, which takes a readback, and runs it. */
async function calibrated(
  engine: PipelineEngine,
  name: string,
  image: Tensor,
  options: Record<string, unknown>,
  parts: Pick<CalibrateOptions<unknown>, "onProgress" | "signal">,
): Promise<{ image: Tensor; measures: Measures }> {
  const { filter, grid } = denoisers[name];
  const axes = options.slicewise === true ? 2 : image.shape.length - 1;
  const found = await calibrate(engine, filter, image, { grid: grid(axes), options, ...parts });
  return {
    image: engine.run((r) => filter(r, image, found.options)),
    measures: { denoise: { filter: name, chosen: found.chosen, losses: found.losses } },
  };
}

function byNetwork(engine: PipelineEngine, image: Tensor, { net, contract }: LoadedModel): Tensor {
  const model = denoisingContract.parse(contract);
  return engine.run((r) => denoiseByNetwork(r, image, net, model));
}

const plugin: Plugin = definePlugin({ name: "denoise", stages: [denoise, gallery] });

export default plugin;
