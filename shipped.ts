/** What the program brings along: plugins, models and the pipelines that commands run where none is named. */
import { fileURLToPath } from "node:url";
import type { OfferedModels } from "./engine/pipeline/mod.ts";
import type { DeviceProgram } from "./engine/service/device_messages.ts";

/** The stages of the pipeline that `process` runs where none is named. */
export const defaultStages: readonly string[] = [
  "acquire",
  "denoise",
  "segment",
  "crop",
  "classify",
  "evaluate",
  "export",
  "report",
];

/** The stages of `process --gallery`. */
export const galleryStages: readonly string[] = ["acquire", "gallery"];

/** Modules of the plugins that come along: each has the name of its first stage. */
export const pluginModules: readonly string[] = defaultStages.map((name) =>
  import.meta.resolve(`./plugins/${name}/${name}.ts`)
);

/** The models that come along, by the names that stages' options give them: what pipelines of a service's clients may name. */
export const shippedModels: OfferedModels = Object.fromEntries(
  [
    "denoise_autoencoder",
    "inception_v3_tumor",
    "maskrcnn_tumor",
    "resnet50_tumor",
    "resnet_unet_tumor",
    "unet_tumor",
    "vgg16_tumor",
    "vgg_unet_tumor",
  ].map((name) => [`models/${name}`, pathOf(import.meta.resolve(`./models/${name}`))]),
);

/** The models of the default stages, which a service opens before it says that it is ready. */
export const warmModels: readonly string[] = ["models/resnet_unet_tumor", "models/vgg16_tumor"];

/** The path of a URL of a file; other URLs as they are. */
function pathOf(url: string): string {
  return url.startsWith("file:") ? fileURLToPath(url) : url;
}

/** What a service's process brings along. */
export const program: DeviceProgram = { plugins: pluginModules, models: shippedModels, warm: warmModels };
