/** Denoises the image by a filter of choice, which gets its own options, or by a network. */
import {
  calibrate,
  type CalibrateOptions,
  definePlugin,
  defineStage,
  InputError,
  type Measures,
  type Net,
  type Padding,
  paddingOn,
  type PipelineEngine,
  type Plugin,
  type Stage,
  type StageContext,
  type Tensor,
  withoutPadding,
  withPadding,
} from "../../engine/pipeline/mod.ts";
import type { Recorder } from "../../shaders/mod.ts";
import { denoisers } from "./denoisers.ts";
import { gallery } from "./gallery.ts";
import { denoiseByNetwork, type DenoisingContract, denoisingContract, refusal } from "./network.ts";
import { completed, denoiseOptions, names, none } from "./options.ts";

/** Images of more elements are filtered in parts, so that the terminal shows how far it is and an interrupt is heard. */
const largest = 1 << 22;

/**
 * `denoise`: filters the current image. Padding stays as it is: filters see the least measured value in its place, so that it
 * is no edge and no noise.
 */
export const denoise: Stage = defineStage({
  name: "denoise",
  description: `Denoises the image: filter is ${names.join(", ")}, with the filter's own options beside it.`,
  needs: ["image"],
  uses: ["padding"],
  gives: ["image", "measures"],
  reads: [],
  options: denoiseOptions,
  models: ({ model }) => model === undefined ? [] : [model],
  refuses: (contract) => refusal(contract),
  expects: (contract) => {
    const { input, output } = denoisingContract.parse(contract);
    return { output: output.name, shape: [1, ...input.size], why: "an image of the input's size" };
  },
  open: async ({ engine, loadModel, signal }, { filter: name, model, calibrate: isCalibrated, ...given }) => {
    const loaded = model === undefined ? undefined : await loadNetwork(loadModel, model);
    return {
      run: ({ image: { tensor: image, geometry }, source, progress, ...current }) => {
        if (name === none) return {};
        const padding = paddingOn(image, current.padding);
        const placed = (tensor: Tensor) => ({ image: { tensor, geometry } });
        if (loaded !== undefined) {
          const denoised = (r: Recorder) => denoiseByNetwork(r, image, ...loaded, padding);
          return placed(engine.run((r) => withPadding(r, denoised(r), image, padding)));
        }
        const options = completed(denoisers[name], given, geometry, source);
        const parts = { onProgress: progress, signal };
        if (isCalibrated) {
          return calibrated(engine, name, { image, padding }, options, parts).then(
            ({ image, measures }) => ({ ...placed(image), measures }),
            (error) => {
              // The options were proved with the chain, so what is out of range is the image.
              if (!(error instanceof RangeError)) throw error;
              throw new InputError(`Cannot denoise ${source} as ${error.message}`, { cause: error });
            },
          );
        }
        const filtered = run(engine, name, { image, padding }, options, parts);
        return filtered instanceof Promise ? filtered.then(placed) : placed(filtered);
      },
    };
  },
});

type Parts = Pick<CalibrateOptions<unknown>, "onProgress" | "signal">;

/** An image, and where it stands for no measurement. */
interface Padded {
  readonly image: Tensor;
  readonly padding: Padding | undefined;
}

/** Runs a filter: at once, or in parts where the image is large. */
function run(
  engine: PipelineEngine,
  name: string,
  { image, padding }: Padded,
  options: Record<string, unknown>,
  parts: Parts,
): Tensor | Promise<Tensor> {
  const work = (r: Recorder) => {
    const filtered = denoisers[name].filter(r, withoutPadding(r, image, padding), options);
    return withPadding(r, filtered, image, padding);
  };
  const isLarge = image.shape.reduce((product, size) => product * size, 1) > largest;
  return isLarge ? engine.runInParts(work, parts) : engine.run(work);
}

/** Chooses the filter's setting for the image, which takes a readback, and runs it. */
async function calibrated(
  engine: PipelineEngine,
  name: string,
  padded: Padded,
  options: Record<string, unknown>,
  parts: Parts,
): Promise<{ image: Tensor; measures: Measures }> {
  const { filter, grid } = denoisers[name];
  const { image, padding } = padded;
  const axes = options.slicewise === true ? 2 : image.shape.length - 1;
  using filled = padding && engine.run((r) => withoutPadding(r, image, padding));
  const found = await calibrate(engine, filter, filled ?? image, { grid: grid(axes), options, ...parts });
  return {
    image: await run(engine, name, padded, found.options, parts),
    measures: { denoise: { filter: name, chosen: found.chosen, losses: found.losses } },
  };
}

async function loadNetwork(load: StageContext["loadModel"], path: string): Promise<[net: Net, DenoisingContract]> {
  const { net, contract } = await load(path);
  return [net, denoisingContract.parse(contract)];
}

const plugin: Plugin = definePlugin({ name: "denoise", stages: [denoise, gallery] });

export default plugin;
