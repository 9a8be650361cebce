"""Trains a classifier of crops. Give the same command again to go on from the last checkpoint.

    python3 train_classifier.py NAME OUT --phantoms FOLDER --from MODEL.onnx [--teacher CHECKPOINT] [--steps 1500]

NAME is a key of `classifiers.CLASSIFIERS`. `OUT/out_of_fold.pt` is what `out_of_fold.py` wrote; `--from` is a shipped
`unet_tumor`, whose false positives are negatives in healthy heads and tell how well it does in what was held back. A
teacher is a trained `vgg16_tumor` whose answers count beside the truth.
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
from training_run import Run, full

# Of a batch: lesions of slices and of phantoms; other tissue of the same slices and phantoms at random, and where slices
# that look alike have their lesion; boxes of healthy heads and halves at random; boxes that a segmentation finds where no
# tumor is: in slices with a tumor elsewhere, in mirrored healthy sides, and in healthy heads.
LESIONS, PHANTOMS, TISSUE, ALIKE, HEALTHY, FALSE = 20, 2, 3, 5, 2, (9, 3, 1)
# Of the loss by which lesions must rank above such boxes, beside the cross-entropy.
RANKING = 1.0
RATE = 2e-3
NONE = data.CLASSES.index("none")
# What a segmentation has learned it hardly takes for a tumor any more: where nothing is above a threshold the next one counts.
SUSPICIONS = (0.05, 0.02, 0.01, 0.005, 0.002)
NEIGHBORS = 60
TEACHER, TEACHER_SHARE, TEACHER_TEMPERATURE = "vgg16_tumor", 0.5, 2.0


class Source:
    """Standardized slices, and the boxes of their lesions where they have any."""

    def __init__(self, slices):
        self.raw, self.masks, self.labels, self.series = slices.images, slices.masks, slices.labels, slices.series
        self.neighbors = None
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

    def alike(self, count):
        """Slices, and boxes on them where another series' slice that looks alike has its lesion; NaN where their own is."""
        if self.neighbors is None:
            seen = F.avg_pool2d(self.images, 16).flatten(1)
            seen = F.normalize(seen - seen.mean(1, keepdim=True), dim=1)
            own = torch.tensor([[one == other for other in self.series] for one in self.series])
            self.neighbors = (seen @ seen.T - 2 * own.float()).topk(NEIGHBORS, 1).indices
        picked = torch.randint(len(self.labels), (count,))
        boxes = self.boxes[self.neighbors[picked, torch.randint(NEIGHBORS, (count,))]].clone()
        for k, at in enumerate(picked):
            if overlapping(boxes[k], self.boxes[at]):
                boxes[k] = float("nan")
        return picked, boxes


def false_positives(network, source, thresholds=SUSPICIONS, most=2):
    """Places that look like a tumor to a segmentation: the slices, with their boxes."""
    found = regions_of(network, data.halve(source.raw[:, None]))[0]
    found = F.interpolate(found, scale_factor=2, mode="bilinear", align_corners=False)[:, 0]
    return crops.regions_apart(found, source.masks, thresholds, most)


def kept(file, make):
    """What `make` gives, from a file where that is there."""
    if not file.exists():
        torch.save(make(), file)
    return torch.load(file)


def overlapping(one, other):
    return bool((abs(one[:2] - other[:2]) < (one[2] + other[2]) / 2).all())


def jittered(boxes):
    """Boxes as a segmentation would give them: off by some 15 % of the side, and smaller or larger."""
    side = boxes[:, 2:]
    center = boxes[:, :2] + (torch.rand(len(boxes), 2) * 2 - 1) * 0.15 * side
    return torch.cat([center, side * torch.exp((torch.rand(len(boxes), 1) * 2 - 1) * 0.25)], 1)


def turns(count, degrees=20):
    angle = (torch.rand(count) * 2 - 1) * math.radians(degrees)
    mirror = 1 - 2 * (torch.rand(count) < 0.5).float()
    flip = 1 - 2 * (torch.rand(count) < 0.1).float()
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
        sources = [self.real, *self.healthy]
        found = torch.load(out / "out_of_fold.pt")
        found.append(kept(out / "false_positives.pt", lambda: false_positives(segmentation, self.healthy[1])))
        self.false = [(source, *one) for source, one in zip(sources, found)]
        print("false positives:", [len(slices) for _, slices, _ in self.false], flush=True)

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
        picked, boxes = self.real.alike(ALIKE)
        parts.append((self.real.images[picked], boxes, torch.full((ALIKE,), NONE)))
        for (source, slices, boxes), count in zip(self.false, FALSE):
            at = torch.randint(len(slices), (count,))
            parts.append((source.images[slices[at]], boxes[at], torch.full((count,), NONE)))
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


def misranked(logits, labels):
    """How far negatives rank above lesions, over all pairs: a smooth form of what the area under the ROC curve counts."""
    score = logits[:, :NONE].logsumexp(1) - logits[:, NONE]
    return F.softplus(score[labels == NONE][None] - score[labels != NONE][:, None]).mean()


def divergence(logits, teacher, inputs):
    """How far answers are from a teacher's of the same crops, both softened (Hinton et al. 2015)."""
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        size = (teacher.size, teacher.size)
        wanted = teacher(F.interpolate(inputs, size, mode="bilinear", align_corners=False, antialias=True)).float()
    t = TEACHER_TEMPERATURE
    return F.kl_div(torch.log_softmax(logits / t, 1), torch.softmax(wanted / t, 1), reduction="batchmean") * t * t


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=CLASSIFIERS)
    parser.add_argument("out", type=Path)
    parser.add_argument("--phantoms", type=Path, required=True)
    parser.add_argument("--from", dest="source", type=Path, required=True)
    parser.add_argument("--teacher", type=Path)
    parser.add_argument("--steps", type=int, default=1500)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)

    segmentation = UNet("unet_tumor")
    hold = data.load("hold")
    growing.grow(segmentation, options.source, data.standardize(data.segmentation_pairs(hold)[0][::4]))
    batches = Batches(options.phantoms, segmentation, options.out)
    network = CLASSIFIERS[options.name]().to(memory_format=torch.channels_last)
    held_back = Source(hold)
    held, truth = evaluation(held_back, network.size)
    slices, boxes = false_positives(segmentation, held_back, SUSPICIONS[:1], 1)
    hard = torch.cat([held[truth != NONE], crops.crop(held_back.images[slices], boxes, network.size)])
    is_lesion = torch.arange(len(hard)) < (truth != NONE).sum()
    teacher = None
    if options.teacher:
        teacher = CLASSIFIERS[TEACHER]().eval()
        teacher.load_state_dict(full(torch.load(options.teacher)["average"]))
    run = Run(network, options.out / f"{options.name}.pt", options.steps, RATE, weight_decay=5e-2)

    def loss():
        network.train()
        inputs, labels = batches.next(network.size)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = network(inputs.contiguous(memory_format=torch.channels_last))
        logits = logits.float()
        truth_only = F.cross_entropy(logits, labels, label_smoothing=0.05) + misranked(logits, labels) * RANKING
        if teacher is None:
            return truth_only
        return truth_only * (1 - TEACHER_SHARE) + divergence(logits, teacher, inputs) * TEACHER_SHARE

    def figures(average):
        found = quality(torch.softmax(answers(average, held), 1), truth)
        scores = 1 - torch.softmax(answers(average, hard), 1)[:, NONE]
        found["hardAuc"] = area_under_curve(scores, is_lesion)
        return " ".join(f"{name} {value:.4f}" for name, value in found.items())

    run.go(loss, figures, figures_every=2)


if __name__ == "__main__":
    main()
