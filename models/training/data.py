"""The training data: real slices of `brain_tumor_t1c` and procedural phantoms, all as 256x256 images with a mask.

`TEST_DATA` names the folder that holds `brain_tumor_t1c` (default `../shared/data`, seen from the repository's root).
"""

import csv
import os
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

CLASSES = ("meningioma", "glioma", "pituitary", "none")
FOREGROUND = 0.02
HELD_BACK = 0.12

ROOT = Path(__file__).resolve().parents[2]
DATA = (ROOT / os.environ.get("TEST_DATA", "../shared/data") / "brain_tumor_t1c").resolve()


@dataclass
class Slices:
    """Images [N,256,256] as float32 (unsigned 8-bit values), masks [N,256,256] as 0 or 1, labels [N] into CLASSES.

    The series of each where it is known.
    """

    images: torch.Tensor
    masks: torch.Tensor
    labels: torch.Tensor
    series: tuple = ()

    def __len__(self):
        return len(self.images)

    def of(self, picked):
        """Those at the positions `picked` [K]."""
        own = tuple(self.series[at] for at in picked.tolist()) if self.series else ()
        return Slices(self.images[picked], self.masks[picked], self.labels[picked], own)

    def followed_by(self, other):
        """These slices, then those of `other`."""
        tensors = (torch.cat([getattr(self, name), getattr(other, name)]) for name in ("images", "masks", "labels"))
        return Slices(*tensors, self.series + other.series)


def held_back_series(rows):
    """Whole series of the training split, the same share of each class, for stopping and choice."""
    held = set()
    for name in CLASSES[:3]:
        series = sorted({row["series"] for row in rows if row["class"] == name and row["split"] == "train"}, key=int)
        random.Random(7).shuffle(series)
        held.update(series[: round(len(series) * HELD_BACK)])
    return held


def load(part):
    """`train` (without what is held back), `hold` or `val`."""
    with open(DATA / "index.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    held = held_back_series(rows)
    if part == "val":
        rows = [row for row in rows if row["split"] == "val"]
    else:
        rows = [row for row in rows if row["split"] == "train" and (row["series"] in held) == (part == "hold")]
    names = [f"{int(row['id']):04d}_{row['class']}.png" for row in rows]
    images = np.stack([np.asarray(Image.open(DATA / "images" / name)) for name in names])
    masks = np.stack([np.asarray(Image.open(DATA / "masks" / name)) for name in names])
    labels = torch.tensor([CLASSES.index(row["class"]) for row in rows])
    series = tuple(row["series"] for row in rows)
    return Slices(torch.from_numpy(images).float(), torch.from_numpy(masks).float(), labels, series)


def load_phantoms(folder):
    """What `phantoms.ts` wrote; the label of a slice without lesion is `none`."""
    folder = Path(folder)
    images, masks, labels = (np.load(folder / f"{name}.npy") for name in ("images", "masks", "labels"))
    return Slices(
        torch.from_numpy(images).float(), torch.from_numpy(masks).float(), torch.from_numpy(labels.astype(np.int64))
    )


def foreground_statistics(images):
    """Mean and population standard deviation of the pixels above FOREGROUND * maximum, each [N,1,1,1].

    Images are [N,1,H,W].
    """
    inside = (images > FOREGROUND * images.amax((2, 3), keepdim=True)).float()
    count = inside.sum((2, 3), keepdim=True).clamp(min=1)
    mean = (images * inside).sum((2, 3), keepdim=True) / count
    variance = ((images - mean) ** 2 * inside).sum((2, 3), keepdim=True) / count
    return mean, variance.sqrt().clamp(min=1e-6)


def standardize(images):
    mean, deviation = foreground_statistics(images)
    return (images - mean) / deviation


def halve(images):
    """Area average to half the size."""
    return F.avg_pool2d(images, 2)


def segmentation_pairs(slices, size=128):
    """Images [N,1,S,S], not standardized, and masks of the same shape (128: set where half of the area is tumor)."""
    if size == slices.images.shape[-1]:
        return slices.images[:, None], slices.masks[:, None]
    return halve(slices.images[:, None]), (halve(slices.masks[:, None]) >= 0.5).float()
