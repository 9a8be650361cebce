"""Measures a trained network on the validation split and on fresh phantoms; writes `model.json` next to `model.onnx`.

    python3 measure.py unet_tumor CHECKPOINT FOLDER --phantoms FRESH --demonstration SEED_1
    python3 measure.py resnet_tumor_type CHECKPOINT FOLDER --phantoms FRESH --demonstration SEED_1 [--unet CHECKPOINT]

The threshold of the segmentation is chosen on what was held back of the training split.
"""

import argparse
from pathlib import Path

import one_thread  # noqa: F401
import numpy as np
import torch
from scipy import ndimage

import contract
import crops
import data
import train_classifier
import train_unet
from export import trained

THRESHOLDS = (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7)


def rounded(value):
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    return round(value, 4) if isinstance(value, float) else value


def recipe(checkpoint, script):
    state = torch.load(checkpoint)
    return {"recipe": f"models/training/{script}", "steps": state["step"], "seed": state["seed"]}


def segmentation_scores(network, slices, threshold):
    """Dice of each slice with a lesion, and the share of the others where something was found."""
    images, masks = data.segmentation_pairs(slices)
    predicted = (train_unet.probabilities(network, images) >= threshold).float()
    lesion = masks.amax((1, 2, 3)) > 0
    found = predicted.amax((1, 2, 3)) > 0
    return train_unet.dice(predicted[lesion], masks[lesion]), slices.labels[lesion], found[lesion], found[~lesion]


def segmentation_quality(network, slices, threshold):
    dice, labels, found, false_alarms = segmentation_scores(network, slices, threshold)
    quality = {
        "slices": len(dice),
        "diceMean": dice.mean().item(),
        "diceMedian": dice.quantile(0.5).item(),
        "byClass": {
            name: {"diceMean": dice[labels == k].mean().item(), "diceMedian": dice[labels == k].quantile(0.5).item()}
            for k, name in enumerate(data.CLASSES[:3])
            if (labels == k).any()
        },
        "nothingFound": int((~found).sum()),
        "diceBelow0.1": int((dice < 0.1).sum()),
    }
    if len(false_alarms):
        quality["slicesWithoutLesion"] = len(false_alarms)
        quality["falseAlarms"] = int(false_alarms.sum())
    return quality


def measure_segmentation(options):
    network = trained(options.name, options.checkpoint)
    hold = data.load("hold")
    held = {t: segmentation_scores(network, hold, t)[0].mean().item() for t in THRESHOLDS}
    threshold = max(held, key=held.get)
    quality = {
        "split": "val",
        **segmentation_quality(network, data.load("val"), threshold),
        "heldBack": segmentation_quality(network, hold, threshold),
        "phantoms": segmentation_quality(network, data.load_phantoms(options.phantoms), threshold),
        "demonstration": segmentation_quality(network, data.load_phantoms(options.demonstration), threshold),
    }
    return {**recipe(options.checkpoint, "train_unet.py"), "batch": train_unet.BATCH}, quality, threshold


def largest_regions(masks):
    """Boxes [N,3] of the largest connected region of each mask [N,H,W], NaN where the mask is empty."""
    boxes = torch.full((len(masks), 3), float("nan"))
    for index, mask in enumerate(masks.numpy()):
        regions, count = ndimage.label(mask, structure=np.ones((3, 3)))
        if count:
            largest = 1 + np.argmax(ndimage.sum_labels(mask, regions, range(1, count + 1)))
            boxes[index] = crops.boxes_of(torch.from_numpy(regions == largest).float()[None])[0]
    return boxes


def after_segmentation(network, unet, slices, threshold):
    """The whole way: accuracy of types on the box of the largest region found; nothing found counts as wrong."""
    images, _ = data.segmentation_pairs(slices)
    masks = (train_unet.probabilities(unet, images)[:, 0] >= threshold).float()
    boxes = largest_regions(masks.repeat_interleave(2, 1).repeat_interleave(2, 2))
    found = ~boxes[:, 0].isnan()
    whole = data.standardize(slices.images[:, None])
    predicted = train_classifier.answers(network, crops.crop(whole[found], boxes[found])).argmax(1)
    right = (predicted == slices.labels[found]).float()
    return {"slices": len(masks), "found": int(found.sum()), "accuracy": right.sum().item() / len(masks)}


def measure_classifier(options):
    network = trained(options.name, options.checkpoint)

    def quality_of(slices):
        probabilities, labels = train_classifier.evaluation(train_classifier.Source(slices))
        lesions = train_classifier.answers(network, probabilities)
        return {"slices": int((labels != train_classifier.NONE).sum()), **train_classifier.quality(lesions, labels)}

    val = data.load("val")
    quality = {
        "split": "val",
        **quality_of(val),
        "heldBack": quality_of(data.load("hold")),
        "phantoms": quality_of(data.load_phantoms(options.phantoms)),
        "demonstration": quality_of(data.load_phantoms(options.demonstration)),
    }
    if options.unet:
        unet = trained("unet_tumor", options.unet)
        quality["afterSegmentation"] = after_segmentation(network, unet, val, options.threshold)
    batch = train_classifier.REAL + train_classifier.PHANTOMS + train_classifier.OTHER
    return {**recipe(options.checkpoint, "train_classifier.py"), "batch": batch}, quality, None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=contract.CONTRACTS)
    parser.add_argument("checkpoint")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--phantoms", required=True, help="folder of phantoms of seeds not trained on")
    parser.add_argument("--demonstration", required=True, help="folder of the phantom of seed 1")
    parser.add_argument("--unet", help="checkpoint, to measure the classifier on what the segmentation finds")
    parser.add_argument("--threshold", type=float, default=0.5, help="of the segmentation before the classifier")
    parser.add_argument("--note", help="what this training did differently from the recipe")
    options = parser.parse_args()
    measure = measure_segmentation if options.name == "unet_tumor" else measure_classifier
    trained_with, quality, threshold = measure(options)
    if options.note:
        trained_with["note"] = options.note
    contract.write(options.name, options.folder, trained_with, rounded(quality), threshold)
    print((options.folder / "model.json").read_text())


if __name__ == "__main__":
    main()
