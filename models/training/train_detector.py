"""Trains Mask R-CNN. Give the same command again to go on from the last checkpoint.

    python3 train_detector.py OUT --phantoms FOLDER [--steps 6000]
"""

import argparse
from pathlib import Path

import one_thread  # noqa: F401
import torch
from torch.nn import functional as F
from torchvision.ops import box_iou

import augment
import data
from detector import SIZE, detector
from training_run import Run

BATCH = 4
RATE = 1e-3
PHANTOM_EVERY = 4


def pairs(slices):
    """Images and masks [N,1,192,192], not standardized."""
    images = F.interpolate(slices.images[:, None], (SIZE, SIZE), mode="bilinear", antialias=True)
    masks = F.interpolate(slices.masks[:, None], (SIZE, SIZE), mode="bilinear", antialias=True)
    return images.clamp(min=0), (masks >= 0.5).float()


def targets_of(masks):
    """Of [N,1,H,W]: one box and mask a slice; an empty mask gives none."""
    targets = []
    for mask in masks[:, 0]:
        rows, columns = torch.nonzero(mask.amax(1)), torch.nonzero(mask.amax(0))
        if len(rows):
            box = torch.tensor([[columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]], dtype=torch.float32)
            targets.append({"boxes": box, "labels": torch.ones(1, dtype=torch.int64), "masks": mask[None].byte()})
        else:
            targets.append({
                "boxes": torch.zeros(0, 4), "labels": torch.zeros(0, dtype=torch.int64),
                "masks": torch.zeros(0, *mask.shape, dtype=torch.uint8),
            })
    return targets


class Batches:
    """Each real slice once an epoch; now and then one of the four is a phantom."""

    def __init__(self, real, phantoms):
        self.real, self.phantoms = pairs(real), pairs(phantoms)
        self.order = torch.empty(0, dtype=torch.long)
        self.drawn = 0

    def next(self):
        self.drawn += 1
        n_real = BATCH - (self.drawn % PHANTOM_EVERY == 0)
        if len(self.order) < n_real:
            self.order = torch.randperm(len(self.real[0]))
        picked, self.order = self.order[:n_real], self.order[n_real:]
        images, masks = (values[picked] for values in self.real)
        if n_real < BATCH:
            drawn = torch.randint(len(self.phantoms[0]), (BATCH - n_real,))
            images, masks = torch.cat([images, self.phantoms[0][drawn]]), torch.cat([masks, self.phantoms[1][drawn]])
        images, masks = augment.moved(images, masks, log_scale=0.2)
        return augment.shifted_scale(data.standardize(augment.recorded(images))), targets_of(masks)


@torch.no_grad()
def detections(network, images):
    network.eval()
    return [found for part in data.standardize(images).split(8) for found in network(list(part))]


def average_precision(found, truths, iou=0.5):
    """AP at one IoU (area under the precision envelope) and the recall at one false positive an image."""
    rows, count = [], 0
    for one, truth in zip(found, truths):
        count += len(truth["boxes"])
        taken = torch.zeros(len(truth["boxes"]), dtype=torch.bool)
        overlaps = box_iou(one["boxes"], truth["boxes"])
        for k in one["scores"].argsort(descending=True).tolist():
            best = overlaps[k].masked_fill(taken, -1).max(0) if len(taken) else None
            hit = best is not None and best.values.item() >= iou
            if hit:
                taken[best.indices] = True
            rows.append((one["scores"][k].item(), hit))
    rows.sort(key=lambda row: -row[0])
    hits = torch.tensor([hit for _, hit in rows], dtype=torch.float64)
    recall = hits.cumsum(0) / max(1, count)
    precision = hits.cumsum(0) / torch.arange(1, len(hits) + 1)
    envelope = precision.flip(0).cummax(0).values.flip(0) if len(hits) else precision
    steps = torch.diff(recall, prepend=torch.zeros(1, dtype=torch.float64)) if len(hits) else recall
    allowed = (1 - hits).cumsum(0) <= len(truths)
    return (envelope * steps).sum().item(), (recall[allowed].max().item() if allowed.any() else 0.0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--phantoms", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=6000)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)

    batches = Batches(data.load("train"), data.load_phantoms(options.phantoms))
    hold, masks = pairs(data.load("hold"))
    truths = targets_of(masks)
    network = detector()
    run = Run(network, options.out / "maskrcnn_tumor.pt", options.steps, RATE, decay=0.998)

    def loss():
        network.train()
        images, targets = batches.next()
        return sum(network(list(images), targets).values())

    def figures(average):
        ap, recall = average_precision(detections(average, hold), truths)
        return f"AP50 {ap:.4f} recall {recall:.4f}"

    run.go(loss, figures)


if __name__ == "__main__":
    main()
