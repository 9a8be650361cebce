"""What a U-Net takes for a tumor in slices that it was not trained on: the hard negatives of the classifiers.

    python3 out_of_fold.py OUT --phantoms FOLDER [--steps 900]

The series of the training are drawn into two folds. A U-Net is trained from nothing on each and shown the other, and
`OUT/out_of_fold.pt` gets what it suspects there: for the slices and for the mirrored healthy sides the positions and the
boxes. The shipped networks hardly suspect anything in the slices that they have learned. `OUT/regions.pt` gets the boxes
[N,3] of the regions that they find, of the slices and then of those that are held back; NaN where there is none.
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
# Of a region, as in the stage `segment`.
THRESHOLD = 0.5
REGIONS = "regions.pt"


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


def probabilities(network, slices):
    """[N,1,256,256] of each pixel."""
    found = answers(network, data.halve(slices.images[:, None]))[0]
    return F.interpolate(found, scale_factor=2, mode="bilinear", align_corners=False)


def regions(found):
    """The box [N,3] of the largest region of each."""
    masks = crops.largest((found >= THRESHOLD).float())[:, 0]
    boxes = torch.full((len(masks), 3), torch.nan)
    some = masks.amax((1, 2)) > 0
    boxes[some] = crops.boxes_of(masks[some])
    return boxes


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--phantoms", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=900)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)

    train = data.load("train")
    known = train.followed_by(data.load("hold"))
    sources = train, healthy.halves(train)[0]
    folds = [folds_of(slices.series) for slices in sources]
    found = [([], []) for _ in sources]
    boxes_found = torch.empty(len(known), 3)
    # What is held back is in no fold: either network may be asked.
    fold_of_known = torch.cat([folds[0], folds_of(known.series[len(train):])])
    for fold in range(FOLDS):
        network = trained(fold, train.of(torch.nonzero(folds[0] == fold)[:, 0]), options)
        for slices, own, (positions, boxes) in zip(sources, folds, found):
            others = torch.nonzero(own != fold)[:, 0]
            at, of_them = crops.regions_apart(
                probabilities(network, slices.of(others))[:, 0], slices.masks[others], THRESHOLDS, MOST
            )
            positions.append(others[at])
            boxes.append(of_them)
            print(f"fold {fold}: {len(at)} suspicions in {len(others)} slices", flush=True)
        others = fold_of_known != fold
        boxes_found[others] = regions(probabilities(network, known.of(torch.nonzero(others)[:, 0])))
    torch.save([(torch.cat(positions), torch.cat(boxes)) for positions, boxes in found], options.out / "out_of_fold.pt")
    torch.save(boxes_found, options.out / REGIONS)


if __name__ == "__main__":
    main()
