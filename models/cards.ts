/**
 * Writes `README.md` of each model, its card, from `model.json`, `quality.json` and what is known of its kind.
 *
 *     deno run -A models/cards.ts
 */

const root = new URL("./", import.meta.url).pathname;

// deno-lint-ignore no-explicit-any -- figures by path
type Figures = any;

const names: Readonly<Record<string, { title: string; body: string }>> = {
  unet_tumor: {
    title: "Marks the tumor in a contrast-enhanced T1-weighted slice of the head.",
    body: "A U-Net of five levels (8, 24, 48, 96, 128 channels) with a second head for the class of the whole slice.",
  },
  resnet_unet_tumor: {
    title: "Marks the tumor in a contrast-enhanced T1-weighted slice of the head.",
    body: "A U-Net whose encoder has residual blocks, two per level (ResNet-18's shape), grown out of `unet_tumor`.",
  },
  vgg_unet_tumor: {
    title: "Marks the tumor in a contrast-enhanced T1-weighted slice of the head.",
    body: "A U-Net whose encoder has VGG-16's 2, 2, 3, 3, 3 convolutions per level, grown out of `unet_tumor`.",
  },
  resnet50_tumor: {
    title: "Names the type of what a box in a contrast-enhanced T1-weighted slice of the head holds.",
    body: "ResNet-50 (3, 4, 6, 3 bottlenecks) of width 16; the last stage keeps its resolution, for maps of 6 x 6.",
  },
  inception_v3_tumor: {
    title: "Names the type of what a box in a contrast-enhanced T1-weighted slice of the head holds.",
    body: "InceptionV3, all branches an eighth as wide; the first convolution keeps the resolution, for small crops.",
  },
  vgg16_tumor: {
    title: "Names the type of what a box in a contrast-enhanced T1-weighted slice of the head holds.",
    body: "VGG-16, a quarter as wide, with batch normalization and global pooling in place of the three large layers.",
  },
  denoise_autoencoder: {
    title: "Takes Gaussian or Rician noise of unknown level out of a slice.",
    body:
      "A convolutional autoencoder with bridges that finds the noise and subtracts it, 48, 96, 128 channels; a small network " +
      "that sees the whole slice tells it how strong the noise is and of which kind.",
  },
  maskrcnn_tumor: {
    title: "Finds tumors in a contrast-enhanced T1-weighted slice of the head: box, score and mask of each.",
    body: "torchvision's Mask R-CNN on a ResNet-18 of width 32 with a pyramid of 64 channels; images of any size.",
  },
};

const limits: Readonly<Record<string, readonly string[]>> = {
  segmentation: [
    "Gliomas without enhancement are missed or drawn badly.",
    "Treated patients, metastases, bleeding and children are not in the data: two hospitals, 2005 to 2010, slices of 6 mm.",
    "The gate (`presence`) empties the region of some slices with a small or faint tumor.",
  ],
  classification: [
    "Three types only; any other lesion gets one of their names or `none`.",
    "Measured on boxes round the truth and round what `resnet_unet_tumor` finds; a box elsewhere is another matter.",
  ],
  denoising: [
    "Trained on slices of one data set and phantoms; noise that is correlated between pixels is not removed.",
    "Spots of two pixels keep most of their contrast where they exceed the noise many times, little where they do not.",
  ],
  detection: [
    "It has no restraint: it was trained on slices with a tumor and on phantoms, so it finds something in most heads without one. " +
    "Where `segment` stands before it, the presence of a region is the better sign of a tumor.",
    "One box a slice was the truth of its training: of several tumors it may name one.",
  ],
};

/** What looking at cases showed. */
const seen: Readonly<Record<string, readonly string[]>> = {
  resnet_unet_tumor: [
    "Looked at, ten each of right, wrong, missed (with `vgg16_tumor` after it): large enhancing tumors are drawn within a few " +
    "pixels. Missed are small meningiomas on the convexity and by the sagittal sinus, dark gliomas without enhancement " +
    "(another bright structure is marked instead) and adenomas whose gland is marked below them.",
    "In the two healthy slices that get a name it marks the fat behind the eye and the veins behind the corpus callosum.",
  ],
  unet_tumor: ["The same slices fail as with `resnet_unet_tumor`: it has the same decoder and data."],
  vgg_unet_tumor: ["The same slices fail as with `unet_tumor`, out of which it grew, with 80 steps of its own."],
  vgg16_tumor: [
    "Looked at: meningiomas by the sella and the cavernous sinus are taken for pituitary tumors, gliomas that enhance as a " +
    "whole, and those at the surface, for meningiomas, and small adenomas for nothing.",
  ],
  resnet50_tumor: [
    "Fails on the same kinds as `vgg16_tumor`, more often; every eighth tumor is taken for other tissue.",
  ],
  maskrcnn_tumor: [
    "Looked at, the six worst of each type: it takes the orbit's fat, the nasal mucosa, the sinuses' confluence and the " +
    "ventricles for tumors where the real one is small or dark, and the sphenoid sinus below an adenoma for the adenoma.",
  ],
};

const quality: Figures = JSON.parse(await Deno.readTextFile(`${root}quality.json`));
for (const [name, { title, body }] of Object.entries(names)) {
  const text = await Deno.readTextFile(`${root}${name}/model.json`).catch(() => undefined);
  if (text === undefined) continue;
  const model: Figures = JSON.parse(text);
  const { size } = await Deno.stat(`${root}${name}/model.onnx`);
  const pictures = await Deno.stat(`${root}${name}/failures.png`).then(() => true, () => false);
  const lines = [
    `# ${name}`,
    "",
    `${title} **Not a medical device**: for research and demonstration, not for diagnosis, planning or any decision about a`,
    "patient.",
    "",
    `${body} ${
      (size / 1e6).toFixed(1)
    } MB, ONNX opset 16. Inputs, outputs, thresholds and normalization: \`model.json\`.`,
    "",
    "## Data",
    "",
    `${model.data.source} **${model.data.license}**. Changed: ${model.data.changes}. ${sentence(model.data.split)}`,
    `Phantoms: ${model.data.phantoms}.`,
    ...healthyData(model.data.healthyHeads),
    "",
    "## Quality",
    "",
    `On \`split = val\`, which ${
      unused(model.task)
    }; 95 % intervals by bootstrap over series; one training run, so the`,
    "spread between runs is not known.",
    "",
    ...figures(name, model.task),
    "",
    "## Limits",
    "",
    ...[...limits[model.task] ?? [], ...seen[name] ?? []].map((line) => `- ${line}`),
    ...agreement(quality.agreement?.[name]),
    ...pictures ? ["", "## Failures", "", caption(model.task), "", "![the worst cases](failures.png)"] : [],
    "",
  ];
  await Deno.writeTextFile(`${root}${name}/README.md`, lines.join("\n"));
}

function healthyData(heads: { train: string[]; heldBack: string[]; halves: string } | undefined): string[] {
  if (heads === undefined) return [];
  return [
    "",
    `Heads without a tumor: ${heads.train.join("; ")}; ${heads.halves}. Held back whole, for measuring: ${
      heads.heldBack.join("; ")
    }.`,
  ];
}

function agreement(found: Readonly<Record<string, Figures>> | undefined): string[] {
  if (found === undefined) return [];
  const said = Object.entries(found).map(([adapter, { n, error, differ }]) =>
    `- ${adapter}: ${n} validation ${
      n === 1 ? "input" : "inputs"
    }, greatest difference ${error}, another class or detection in ${differ}`
  );
  return ["", "## Beside onnxruntime", "", ...said];
}

function caption(task: string): string {
  const what = task === "segmentation"
    ? "least Dice (red: found, cyan: outline of the truth)"
    : task === "detection"
    ? "least overlap of the surest box (red) and the truth's (cyan: the truth's outline)"
    : "least probability of their own type (the box is the truth's)";
  return `Of each type the six validation slices with the ${what}: meningioma, glioma, pituitary tumor. Slices: Jun Cheng, CC BY 4.0, changed.`;
}

function figures(name: string, task: string): string[] {
  const found = quality.models?.[name];
  if (task === "segmentation" && found) return segmentationFigures(found);
  if (task === "classification" && found) return classificationFigures(found);
  if (task === "detection" && found) {
    const { ap50, recallAtOne, slices } = found.detection;
    return table([
      ["average precision at an overlap (IoU) of 0.5", digits(ap50)],
      ["recall at one false positive an image", digits(recallAtOne)],
      ["slices", `${slices}, by onnxruntime, placed and mapped back as the stage \`crop\` does it`],
    ]);
  }
  if (task === "denoising" && quality.denoising) return denoisingFigures(quality.denoising);
  return ["Not measured."];
}

function segmentationFigures({ segmentation, unfamiliarTumors, healthy, foreign }: Figures): string[] {
  const { dice, iou, intervals, byClass, hd95Mm, cases, precision, recall, accuracy, mcc } = segmentation;
  const rows = [
    ["mean Dice", digits(dice.mean) + interval(intervals.dice)],
    ["median Dice", digits(dice.median)],
    ...Object.entries(byClass as Figures).map((
      [type, one],
    ) => [`mean Dice, ${type}`, digits((one as Figures).dice.mean)]),
    ["mean IoU", digits(iou) + interval(intervals.iou)],
    ["95 % Hausdorff distance, mm", `${hd95Mm.mean.toFixed(1)} of ${hd95Mm.n} slices`],
    ["accuracy, precision, recall, MCC of pixels", [accuracy, precision, recall, mcc].map(digits).join(", ")],
    ["slices hit and missed", `${cases.tp} and ${cases.fn}`],
    ["tumors called unfamiliar", share(unfamiliarTumors)],
    ["healthy heads held back: a region found", share(healthy.regions)],
    ["healthy heads held back: called unfamiliar", share(healthy.unfamiliar)],
    ...Object.entries((foreign ?? {}) as Figures).map(([kind, one]) => [
      `${kind.replaceAll("_", " ")}: called unfamiliar`,
      share(one as Figures),
    ]),
  ];
  return table(rows);
}

function classificationFigures({ truthBoxes, detectedBoxes, hardNegatives, chain }: Figures): string[] {
  const { tumor } = truthBoxes;
  return table([
    ["type accuracy, boxes of the truth", digits(truthBoxes.typeAccuracy)],
    ["type accuracy, boxes found", digits(detectedBoxes.typeAccuracy)],
    ["tumor or not, AUC on other tissue", digits(tumor.auc) + interval(tumor.intervals.auc)],
    ["tumor or not, AUC on what looks like one", `${digits(hardNegatives.tumor.auc)} (${hardNegatives.n} boxes)`],
    ["sensitivity", digits(tumor.recall) + interval(tumor.intervals.recall)],
    ["specificity", digits(tumor.specificity) + interval(tumor.intervals.specificity)],
    ["expected calibration error", digits(truthBoxes.calibration.error)],
    [
      `whole chain after \`${chain.segmentation}\`: sensitivity`,
      digits(chain.sensitivity.share) + interval(chain.sensitivity.interval),
    ],
    [
      "whole chain: type named right (missed is wrong)",
      digits(chain.typeNamed.share) + interval(chain.typeNamed.interval),
    ],
    ["whole chain: tumors called unfamiliar", share(chain.unfamiliarTumors)],
    [
      "whole chain: specificity in healthy heads held back",
      `${digits(1 - chain.healthy.named)} of ${chain.healthy.n} slices of 2 heads`,
    ],
    ["whole chain: a tumor named in them and not marked as unfamiliar", digits(chain.healthy.namedUnmarked)],
  ]);
}

function denoisingFigures({ rows, slices, unit }: Figures): string[] {
  const cells = (rows as Figures[]).map((row) => {
    const filters = Object.entries(row).filter(([key]) =>
      !["noise", "level", "noisy", "autoencoder", "ahead", "chosen"].includes(key)
    );
    const [best, value] = filters.toSorted(([, a], [, b]) => (b as number) - (a as number))[0];
    return `| ${row.noise} ${
      100 * row.level
    } % | ${row.noisy} | ${value} (${best}) | ${row.autoencoder} | ${row.ahead} |`;
  });
  return [
    `${unit}, ${slices} slices; each filter at the setting that was best on slices of the training.`,
    "",
    "| noise | noisy | best filter | autoencoder | ahead |",
    "| --- | --- | --- | --- | --- |",
    ...cells,
  ];
}

function table(rows: readonly (readonly string[])[]): string[] {
  return ["| | |", "| --- | --- |", ...rows.map((row) => `| ${row.join(" | ")} |`)];
}

function digits(value: number): string {
  return value.toFixed(3);
}

function interval(given?: readonly [number, number]): string {
  return given ? ` (${digits(given[0])} – ${digits(given[1])})` : "";
}

function share({ n, share }: { n: number; share: number }): string {
  return `${(100 * share).toFixed(1)} % of ${n} slices`;
}

function sentence(text: string): string {
  return `${text[0].toUpperCase()}${text.slice(1)}.`;
}

/** What has had no part of `val`; of the region's thresholds `training/README.md` tells the exception. */
function unused(task: string): string {
  if (task !== "segmentation") return "no training and no choice used";
  return "no training used, and of the choices only the span of the threshold (see `training/README.md`)";
}
