"""Trains a U-Net. Give the same command again to go on from the last checkpoint.

    python3 train_segmentation.py NAME OUT --phantoms FOLDER --from MODEL.onnx [--steps 2000]

NAME is a key of `networks.ENCODERS`; `--from` is a shipped `unet_tumor` whose weights it grows out of.
"""

import argparse
from pathlib import Path

import one_thread  # noqa: F401
import torch
from torch.nn import functional as F

import augment
import data
import growing
import healthy
from networks import ENCODERS, UNet
from training_run import Run

REAL, PHANTOMS, DOUBLED, HALVES, HEADS = 10, 1, 1, 2, 2
RATE = 1e-3
# Of the cross-entropy of a slice's class, and of the pixels of healthy slices: the gate keeps those empty.
CLASS_WEIGHT, HEALTHY_WEIGHT = 0.3, 0.1
OTHER_CONTRAST = 0.3


def region_loss(logits, masks):
    """Of each slice: cross-entropy of its pixels, and soft Dice where it has a tumor."""
    entropy = F.binary_cross_entropy_with_logits(logits, masks, reduction="none").mean((1, 2, 3))
    overlap = torch.sigmoid(logits)
    common = (overlap * masks).sum((1, 2, 3))
    total = overlap.sum((1, 2, 3)) + masks.sum((1, 2, 3))
    tumor = (masks.amax((1, 2, 3)) > 0).float()
    dice = 1 - (2 * common + 1) / (total + 1)
    return (entropy * torch.where(tumor > 0, 1.0, HEALTHY_WEIGHT) + dice * tumor).sum() / tumor.sum().clamp(min=1)


@torch.no_grad()
def answers(network, images):
    """Probability of each pixel [N,1,H,W], and of a tumor in each slice [N]."""
    network.eval()
    parts = [network(part) for part in data.standardize(images).split(16)]
    regions, classes = (torch.cat(values) for values in zip(*parts))
    return torch.sigmoid(regions), 1 - torch.softmax(classes, 1)[:, healthy.NONE]


def dice(predicted, masks):
    """Of each slice; both [N,1,H,W] of 0 and 1, masks not empty."""
    common = (predicted * masks).sum((1, 2, 3))
    return 2 * common / (predicted.sum((1, 2, 3)) + masks.sum((1, 2, 3)))


class Pool:
    """Slices drawn without return until all were drawn."""

    def __init__(self, slices, size):
        self.images, self.masks = data.segmentation_pairs(slices, size)
        self.labels = slices.labels
        self.order = torch.empty(0, dtype=torch.long)

    def draw(self, count):
        if len(self.order) < count:
            self.order = torch.randperm(len(self.labels))
        picked, self.order = self.order[:count], self.order[count:]
        return self.images[picked], self.masks[picked], self.labels[picked]


class Batches:
    """Batches of 16: slices with a tumor, phantoms, tumor sides doubled, healthy sides doubled, whole healthy heads."""

    def __init__(self, phantoms, size, train):
        sides, doubled = healthy.halves(train)
        parts = (
            (train, REAL), (data.load_phantoms(phantoms), PHANTOMS), (doubled, DOUBLED), (sides, HALVES),
            (healthy.whole_heads("train"), HEADS),
        )
        self.pools = [(Pool(slices, size), count) for slices, count in parts]

    def next(self):
        drawn = [pool.draw(count) for pool, count in self.pools]
        images, masks, labels = (torch.cat(values) for values in zip(*drawn))
        images[-HEADS:] = torch.where(
            torch.rand(HEADS, 1, 1, 1) < OTHER_CONTRAST, augment.other_contrast(images[-HEADS:]) * 255, images[-HEADS:]
        )
        images, masks = augment.moved(images, masks)
        return augment.shifted_scale(data.standardize(augment.recorded(images))), masks, labels


def batch_loss(network, batches):
    """The loss of the next batch: of the region, and of the class of the slice."""
    network.train()
    inputs, truth, labels = batches.next()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        regions, classes = network(inputs.contiguous(memory_format=torch.channels_last))
    return region_loss(regions.float(), truth) + CLASS_WEIGHT * F.cross_entropy(classes.float(), labels)


def area_under_curve(scores, positive):
    """The share of pairs in the right order."""
    difference = scores[positive][:, None] - scores[~positive][None]
    return ((difference > 0).float() + 0.5 * (difference == 0).float()).mean().item()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=ENCODERS)
    parser.add_argument("out", type=Path)
    parser.add_argument("--phantoms", type=Path, required=True)
    parser.add_argument("--from", dest="source", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--rate", type=float, default=RATE)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)

    network = UNet(options.name)
    batches = Batches(options.phantoms, network.size, data.load("train"))
    hold = data.load("hold")
    images, masks = data.segmentation_pairs(hold, network.size)
    well = data.segmentation_pairs(healthy.halves(hold)[0], network.size)[0]
    growing.grow(network, options.source, data.standardize(batches.pools[0][0].images[::20]))
    network = network.to(memory_format=torch.channels_last)
    run = Run(network, options.out / f"{options.name}.pt", options.steps, options.rate)

    def figures(average):
        found, presence = answers(average, images)
        scores = dice((found >= 0.5).float(), masks)
        none = answers(average, well)[1]
        auc = area_under_curve(torch.cat([presence, none]), torch.arange(len(presence) + len(none)) < len(presence))
        return f"dice {scores.mean():.4f} median {scores.median():.4f} presence AUC {auc:.4f} of {len(none)} halves"

    print(f"step {run.first} hold {figures(network)}", flush=True)
    run.go(lambda: batch_loss(network, batches), figures, figures_every=2)


if __name__ == "__main__":
    main()
