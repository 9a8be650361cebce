"""What a U-Net takes for a tumor in slices that it was not trained on: the hard negatives of the classifiers.

    python3 out_of_fold.py OUT --phantoms FOLDER [--steps 900]

The series of the training are drawn into two folds. A U-Net is trained from nothing on each and shown the other, and
`OUT/out_of_fold.pt` gets what it suspects there: for the slices and for the mirrored healthy sides the positions and the
boxes. The shipped networks hardly suspect anything in the slices that they have learned.
"""

import argparse
import random
from pathlib import Path

import one_thread  # noqa: F401
import torch
from torch.nn import functional as F

import crops
import data
import healthy
from networks import UNet
from train_segmentation import Batches, answers, batch_loss, dice
from training_run import Run

FOLDS = 2
RATE = 2e-3
# `evaluate.ts` takes the largest region above the first; the others add places that are nearly as suspicious.
THRESHOLDS, MOST = (0.05, 0.02), 3


def folds_of(series):
    """The fold of each slice; a series is in one only."""
    names = sorted(set(series), key=int)
    random.Random(5).shuffle(names)
    fold = {name: at % FOLDS for at, name in enumerate(names)}
    return torch.tensor([fold[name] for name in series])


def trained(fold, train, options):
    network = UNet("unet_tumor").to(memory_format=torch.channels_last)
    batches = Batches(options.phantoms, network.size, train)
    hold = data.load("hold")
    images, masks = data.segmentation_pairs(hold, network.size)
    run = Run(network, options.out / f"fold{fold}.pt", options.steps, RATE)

    def figures(average):
        return f"dice {dice((answers(average, images)[0] >= 0.5).float(), masks).mean():.4f}"

    return run.go(lambda: batch_loss(network, batches), figures)


def suspicions(network, slices):
    found = answers(network, data.halve(slices.images[:, None]))[0]
    found = F.interpolate(found, scale_factor=2, mode="bilinear", align_corners=False)[:, 0]
    return crops.regions_apart(found, slices.masks, THRESHOLDS, MOST)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--phantoms", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=900)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)

    train = data.load("train")
    sources = train, healthy.halves(train)[0]
    folds = [folds_of(slices.series) for slices in sources]
    found = [([], []) for _ in sources]
    for fold in range(FOLDS):
        network = trained(fold, train.of(torch.nonzero(folds[0] == fold)[:, 0]), options)
        for slices, own, (positions, boxes) in zip(sources, folds, found):
            others = torch.nonzero(own != fold)[:, 0]
            at, of_them = suspicions(network, slices.of(others))
            positions.append(others[at])
            boxes.append(of_them)
            print(f"fold {fold}: {len(at)} suspicions in {len(others)} slices", flush=True)
    torch.save([(torch.cat(positions), torch.cat(boxes)) for positions, boxes in found], options.out / "out_of_fold.pt")


if __name__ == "__main__":
    main()
