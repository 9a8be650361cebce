"""Trains a classifier of crops. Give the same command again to go on from the last checkpoint.

    python3 train_classifier.py NAME OUT --phantoms FOLDER --from MODEL.onnx [--steps 1500]

NAME is a key of `classifiers.CLASSIFIERS`; `--from` is a shipped `unet_tumor`, whose false positives are negatives.
"""

import argparse
import math
from pathlib import Path

import one_thread  # noqa: F401
import torch
from torch.nn import functional as F

import augment
import crops
import data
import growing
import healthy
from classifiers import CLASSIFIERS
from networks import UNet
from train_segmentation import answers as regions_of
from train_segmentation import area_under_curve
from training_run import Run

# Of a batch: lesions of slices and of phantoms; other tissue of the same slices and phantoms; boxes of healthy heads and
# halves at random; boxes that a segmentation finds where no tumor is.
LESIONS, PHANTOMS, TISSUE, HEALTHY, FALSE = 18, 2, 5, 4, 6
RATE = 2e-3
NONE = data.CLASSES.index("none")
# A lower threshold than any in use, for more of them.
SUSPICION = 0.05


class Source:
    """Standardized slices, and the boxes of their lesions where they have any."""

    def __init__(self, slices):
        self.raw, self.masks, self.labels = slices.images, slices.masks, slices.labels
        self.images = data.standardize(self.raw[:, None])
        self.lesions = torch.nonzero(self.masks.amax((1, 2)) > 0)[:, 0]
        self.boxes = torch.full((len(self.labels), 3), float("nan"))
        if len(self.lesions):
            self.boxes[self.lesions] = crops.boxes_of(self.masks[self.lesions])

    def balanced(self, count):
        """Lesions, each type equally often."""
        labels = self.labels[self.lesions]
        weights = 1.0 / labels.bincount(minlength=NONE)[labels]
        return self.lesions[torch.multinomial(weights, count, replacement=True)]

    def other_tissue(self, picked, sides, generator=None):
        return crops.other_tissue(self.raw[picked], self.masks[picked], sides, generator)


def false_positives(network, sources, kept_in):
    """Places that look like a tumor to a segmentation: of each source the slices, with their boxes.

    They are kept in a file, which all classifiers of one folder share.
    """
    if kept_in.exists():
        return [(source, *one) for source, one in zip(sources, torch.load(kept_in))]
    found = []
    for source in sources:
        images, masks = data.halve(source.raw[:, None]), data.halve(source.masks[:, None])
        suspected = (regions_of(network, images)[0] >= SUSPICION) & (masks == 0)
        boxes = crops.largest_regions(suspected[:, 0].repeat_interleave(2, 1).repeat_interleave(2, 2))
        apart = torch.ones(len(boxes), dtype=torch.bool)
        for k in source.lesions.tolist():
            apart[k] = not boxes[k].isnan().any() and not overlapping(boxes[k], source.boxes[k])
        kept = torch.nonzero(apart & ~boxes[:, 0].isnan() & (boxes[:, 2] >= 6))[:, 0]
        found.append((source, kept, boxes[kept]))
    torch.save([(kept, boxes) for _, kept, boxes in found], kept_in)
    return found


def overlapping(one, other):
    return bool((abs(one[:2] - other[:2]) < (one[2] + other[2]) / 2).all())


def jittered(boxes):
    """Boxes as a segmentation would give them: off by some 15 % of the side, and smaller or larger."""
    side = boxes[:, 2:]
    center = boxes[:, :2] + (torch.rand(len(boxes), 2) * 2 - 1) * 0.15 * side
    return torch.cat([center, side * torch.exp((torch.rand(len(boxes), 1) * 2 - 1) * 0.25)], 1)


def turns(count, degrees=25):
    angle = (torch.rand(count) * 2 - 1) * math.radians(degrees)
    mirror = 1 - 2 * (torch.rand(count) < 0.5).float()
    flip = 1 - 2 * (torch.rand(count) < 0.25).float()
    rows = [torch.cos(angle) * mirror, -torch.sin(angle) * flip], [torch.sin(angle) * mirror, torch.cos(angle) * flip]
    return torch.stack([torch.stack(row, 1) for row in rows], 1)


def varied(crop):
    """Gain, offset, slow bias, noise and blur of standardized crops."""
    count = len(crop)
    crop = crop * torch.exp(augment.uniform(count, -0.3, 0.3)) + augment.uniform(count, -0.25, 0.25)
    slow = F.interpolate(torch.randn(count, 1, 2, 2) * 0.2, size=crop.shape[2:], mode="bilinear", align_corners=True)
    crop = crop + slow * augment.sometimes(count, 0.5)
    crop = crop + torch.randn_like(crop) * augment.uniform(count, 0, 0.2) * augment.sometimes(count, 0.4)
    return augment.blurred(crop, augment.uniform(count, 0, 1) * augment.sometimes(count, 0.4))


class Batches:
    def __init__(self, phantoms, segmentation, out):
        train = data.load("train")
        self.real, self.phantoms = Source(train), Source(data.load_phantoms(phantoms))
        self.healthy = [Source(healthy.halves(train)[0]), Source(healthy.whole_heads("train"))]
        found = false_positives(segmentation, [self.real, *self.healthy], out / "false_positives.pt")
        self.false = [one for one in found if len(one[1])]
        print("false positives:", [len(kept) for _, kept, _ in self.false], flush=True)

    def sides(self, count):
        return self.real.boxes[self.real.lesions[torch.randint(len(self.real.lesions), (count,))], 2]

    def next(self, size):
        parts = []
        for source, count in ((self.real, LESIONS), (self.phantoms, PHANTOMS)):
            picked = source.balanced(count)
            parts.append((source.images[picked], source.boxes[picked], source.labels[picked]))
        for source, count in ((self.real, TISSUE - 1), (self.phantoms, 1), *((one, HEALTHY // 2) for one in self.healthy)):
            picked = torch.randint(len(source.labels), (count,))
            parts.append((source.images[picked], source.other_tissue(picked, self.sides(count)), torch.full((count,), NONE)))
        for _ in range(FALSE):
            source, kept, boxes = self.false[torch.randint(len(self.false), (1,))]
            at = torch.randint(len(kept), (1,))
            parts.append((source.images[kept[at]], boxes[at], torch.full((1,), NONE)))
        images, boxes, labels = (torch.cat(values) for values in zip(*parts))
        found = ~boxes[:, 0].isnan()
        images, boxes, labels = images[found], boxes[found], labels[found]
        return varied(crops.crop(images, jittered(boxes), size, turns(len(boxes)))), labels


def evaluation(source, size, seed=11):
    """Truth crops of all lesions, then as many of other tissue, with their labels."""
    generator = torch.Generator().manual_seed(seed)
    picked = source.lesions
    sides = source.boxes[picked[torch.randperm(len(picked), generator=generator)], 2]
    boxes = source.other_tissue(picked, sides, generator)
    found = ~boxes[:, 0].isnan()
    lesions = crops.crop(source.images[picked], source.boxes[picked], size)
    others = crops.crop(source.images[picked[found]], boxes[found], size)
    return torch.cat([lesions, others]), torch.cat([source.labels[picked], torch.full((int(found.sum()),), NONE)])


@torch.no_grad()
def answers(network, inputs):
    """Logits."""
    network.eval()
    return torch.cat([network(part) for part in inputs.split(64)])


def quality(probabilities, labels):
    lesion = labels != NONE
    scores = 1 - probabilities[:, NONE]
    return {
        "typeAccuracy": (probabilities[lesion, :NONE].argmax(1) == labels[lesion]).float().mean().item(),
        "auc": area_under_curve(scores, lesion),
        "sensitivity": (scores[lesion] >= 0.5).float().mean().item(),
        "specificity": (scores[~lesion] < 0.5).float().mean().item(),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=CLASSIFIERS)
    parser.add_argument("out", type=Path)
    parser.add_argument("--phantoms", type=Path, required=True)
    parser.add_argument("--from", dest="source", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=1500)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)

    segmentation = UNet("unet_tumor")
    hold = data.load("hold")
    growing.grow(segmentation, options.source, data.standardize(data.segmentation_pairs(hold)[0][::4]))
    batches = Batches(options.phantoms, segmentation, options.out)
    network = CLASSIFIERS[options.name]().to(memory_format=torch.channels_last)
    held, truth = evaluation(Source(hold), network.size)
    run = Run(network, options.out / f"{options.name}.pt", options.steps, RATE, weight_decay=5e-2)

    def loss():
        network.train()
        inputs, labels = batches.next(network.size)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = network(inputs.contiguous(memory_format=torch.channels_last))
        return F.cross_entropy(logits.float(), labels, label_smoothing=0.05)

    def figures(average):
        found = quality(torch.softmax(answers(average, held), 1), truth)
        return " ".join(f"{name} {value:.4f}" for name, value in found.items())

    run.go(loss, figures, figures_every=2)


if __name__ == "__main__":
    main()
