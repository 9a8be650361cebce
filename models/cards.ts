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
    body:
      "A U-Net of five levels (8, 24, 48, 96 and 128 channels) with a second head that predicts the class of the slice.",
  },
  resnet_unet_tumor: {
    title: "Marks the tumor in a contrast-enhanced T1-weighted slice of the head.",
    body:
      "A U-Net of five levels (16, 32, 64, 160 and 256 channels) whose encoder has residual blocks, two per level " +
      "(ResNet-18's shape), grown out of `unet_tumor`. Its first level takes 2x2 pixels as four channels, so it sees and " +
      "draws 256x256.",
  },
  vgg_unet_tumor: {
    title: "Marks the tumor in a contrast-enhanced T1-weighted slice of the head.",
    body: "A U-Net whose encoder has VGG-16's 2, 2, 3, 3, 3 convolutions per level, grown out of `unet_tumor`.",
  },
  resnet50_tumor: {
    title:
      "Classifies what is in a box of a contrast-enhanced T1-weighted slice of the head: one of three tumors, or none.",
    body:
      "ResNet-50 (3, 4, 6 and 3 bottlenecks) with a width of 16; the last stage keeps the resolution, so that the maps of " +
      "attention are 8 x 8.",
  },
  inception_v3_tumor: {
    title:
      "Classifies what is in a box of a contrast-enhanced T1-weighted slice of the head: one of three tumors, or none.",
    body:
      "InceptionV3 with all branches an eighth as wide; the first convolution keeps the resolution, as the crops are small.",
  },
  vgg16_tumor: {
    title:
      "Classifies what is in a box of a contrast-enhanced T1-weighted slice of the head: one of three tumors, or none.",
    body:
      "VGG-16, a quarter as wide, with batch normalization, and with global pooling in place of the three large layers.",
  },
  denoise_autoencoder: {
    title: "Removes Gaussian or Rician noise of unknown strength from a slice.",
    body:
      "A convolutional autoencoder with skip connections (48, 96 and 128 channels) that estimates the noise and subtracts it; " +
      "a small network that sees the whole slice tells it how strong the noise is, and of which kind.",
  },
  maskrcnn_tumor: {
    title: "Finds tumors in a contrast-enhanced T1-weighted slice of the head: the box, score and mask of each.",
    body:
      "torchvision's Mask R-CNN on a ResNet-18 of width 32 with a feature pyramid of 64 channels, for images of any size.",
  },
};

const limits: Readonly<Record<string, readonly string[]>> = {
  segmentation: [
    "Gliomas without enhancement are missed or outlined poorly.",
    "The data has no treated patients, metastases, hemorrhages or children; it comes from two hospitals, 2005 to 2010, in slices of 6 mm.",
    "The gate (`presence`) empties the region of some slices with a small or faint tumor.",
  ],
  classification: [
    "It knows three types only; any other lesion is given one of their names, or `none`.",
    "It was measured on boxes around the truth and around what `resnet_unet_tumor` finds; boxes from elsewhere may do worse.",
  ],
  denoising: [
    "It was trained on the slices of one data set and on phantoms; noise that is correlated between pixels is not removed.",
    "Spots of two pixels keep most of their contrast if they exceed the noise many times over, and little of it if they do not.",
  ],
  detection: [
    "It has no restraint: it was trained on slices with a tumor and on phantoms, so it finds something in most heads without one. " +
    "If `segment` runs before it, whether there is a region is the better sign of a tumor.",
    "In training each slice had one true box, so of several tumors it may find only one.",
  ],
};

/** What was seen in cases that were looked at. */
const seen: Readonly<Record<string, readonly string[]>> = {
  resnet_unet_tumor: [
    "Ten slices each of tumors named right, named wrong and missed (with `vgg16_tumor` after it) were looked at: large " +
    "enhancing tumors are outlined to within a few pixels. What is missed are small meningiomas on the convexity and " +
    "along the sagittal sinus, and gliomas without enhancement (another structure is marked instead, such as the " +
    "choroid plexus or the gland). Around the sella the region may be drawn too low or too high.",
    "In the held-back healthy slices where it finds a region, that is the pituitary gland or what lies next to it; " +
    "`vgg16_tumor` calls all of these `none`.",
    "Its score of unfamiliarity is fitted to slices and, with little weight, to the training's phantoms. It calls none of the " +
    "demonstration's 12 phantoms unfamiliar (4 while it was fitted to slices alone).",
  ],
  unet_tumor: ["It fails on the same kinds of slices as `resnet_unet_tumor`, and on more of them."],
  vgg_unet_tumor: ["It fails on the same slices as `unet_tumor`, from which it grew; it had 80 steps of its own."],
  vgg16_tumor: [
    "Its worst cases were looked at: meningiomas near the sella and the cavernous sinus are taken for pituitary tumors, " +
    "gliomas at the surface or that enhance as a whole for meningiomas, and small adenomas for healthy tissue.",
  ],
  resnet50_tumor: [
    "It fails on the same kinds of cases as `vgg16_tumor`, but more often.",
  ],
  maskrcnn_tumor: [
    "The six worst slices of each type were looked at: where the tumor is small or dark, it marks the fat of the orbit, the " +
    "nasal mucosa, the confluence of the sinuses or the ventricles instead, and below an adenoma the sphenoid sinus.",
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
    }; 95 % intervals by bootstrap over series. There was one training run, so`,
    "the spread between runs is not known.",
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
    }, largest difference ${error}, a different class or detection in ${differ}`
  );
  return ["", "## Agreement with onnxruntime", "", ...said];
}

function caption(task: string): string {
  const what = task === "segmentation"
    ? "lowest Dice (red: found, cyan: outline of the truth)"
    : task === "detection"
    ? "least overlap between the box of the highest score (red) and the true one (cyan: outline of the truth)"
    : "lowest probability of their true type (in the true box)";
  return `The six validation slices of each type with the ${what}: meningioma, glioma, pituitary tumor. Slices by Jun Cheng, CC BY 4.0, changed.`;
}

function figures(name: string, task: string): string[] {
  const found = quality.models?.[name];
  if (task === "segmentation" && found) return segmentationFigures(found);
  if (task === "classification" && found) return classificationFigures(found);
  if (task === "detection" && found) {
    const { ap50, recallAtOne, slices } = found.detection;
    return table([
      ["average precision at an IoU of 0.5", digits(ap50)],
      ["recall at one false positive per image", digits(recallAtOne)],
      ["slices", `${slices}, run by onnxruntime, placed and mapped back as the stage \`crop\` does`],
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
    ["slices with the tumor hit, and missed", `${cases.tp} and ${cases.fn}`],
    ["tumors called unfamiliar", share(unfamiliarTumors)],
    ["held-back healthy heads: a region found", share(healthy.regions)],
    ["held-back healthy heads: called unfamiliar", share(healthy.unfamiliar)],
    ...Object.entries((foreign ?? {}) as Figures).map(([kind, one]) => [
      `${kind.replaceAll("_", " ").trim()}: called unfamiliar`,
      share(one as Figures),
    ]),
  ];
  return table(rows);
}

function classificationFigures({ truthBoxes, detectedBoxes, hardNegatives, chain }: Figures): string[] {
  const { tumor } = truthBoxes;
  return table([
    ["type accuracy, true boxes", digits(truthBoxes.typeAccuracy)],
    ["type accuracy, boxes that were found", digits(detectedBoxes.typeAccuracy)],
    ["tumor or not, AUC on other tissue", digits(tumor.auc) + interval(tumor.intervals.auc)],
    ["tumor or not, AUC on hard negatives", `${digits(hardNegatives.tumor.auc)} (${hardNegatives.n} boxes)`],
    ["sensitivity", digits(tumor.recall) + interval(tumor.intervals.recall)],
    ["specificity", digits(tumor.specificity) + interval(tumor.intervals.specificity)],
    ["expected calibration error", digits(truthBoxes.calibration.error)],
    [
      `whole chain after \`${chain.segmentation}\`: sensitivity`,
      digits(chain.sensitivity.share) + interval(chain.sensitivity.interval),
    ],
    [
      "whole chain: type named right (a missed tumor is wrong)",
      digits(chain.typeNamed.share) + interval(chain.typeNamed.interval),
    ],
    ["whole chain: tumors called unfamiliar", share(chain.unfamiliarTumors)],
    [
      "whole chain: specificity in held-back healthy heads",
      `${digits(1 - chain.healthy.named)} in ${chain.healthy.n} slices of 2 heads`,
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
    `${unit}, ${slices} slices; each filter at the setting that was best on training slices.`,
    "",
    "| noise | noisy | best filter | autoencoder | gain |",
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
  return `${(100 * share).toFixed(1)} % of ${n} ${n === 1 ? "slice" : "slices"}`;
}

function sentence(text: string): string {
  return `${text[0].toUpperCase()}${text.slice(1)}.`;
}

/** What has had no part of `val`; of the region's thresholds `training/README.md` tells the exception. */
function unused(task: string): string {
  if (task !== "segmentation") return "no training and no choice used";
  return "no training used, and no choice but that of the range of thresholds (see `training/README.md`)";
}
