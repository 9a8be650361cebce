"""Crops for the classifier. The engine repeats `crop` on the device, so it is a contract, see `contract.py`."""

import numpy as np
import torch
from scipy import ndimage
from torch.nn import functional as F

import data

MARGIN = 2.25
MIN_SIDE = 48


def boxes_of(masks):
    """Center x, center y and larger side of the box of each mask, in pixels, [N,3]; masks [N,H,W], not empty."""
    rows, columns = masks.amax(2) > 0, masks.amax(1) > 0
    size = masks.shape[1]
    index = torch.arange(size)

    def span(line):
        low = torch.where(line, index, size).amin(1)
        high = torch.where(line, index, -1).amax(1) + 1
        return low, high

    (x0, x1), (y0, y1) = span(columns), span(rows)
    return torch.stack([(x0 + x1) / 2, (y0 + y1) / 2, torch.maximum(x1 - x0, y1 - y0).float()], 1)


def crop(standardized, boxes, size, turn=None):
    """[N,1,H,W] and [N,3] to [N,1,S,S]: a square of `MARGIN` times the box, bilinear at 2 S, then the mean of 2x2.

    Pixel centers lie at halves; outside of the image is zero, which is the mean of the foreground. `turn` [N,2,2] may
    be a matrix that rotates or mirrors the sampled square about its center.
    """
    side = (boxes[:, 2] * MARGIN).clamp(min=MIN_SIDE)
    line = (torch.arange(2 * size) + 0.5) / (2 * size) - 0.5
    square = torch.stack(torch.meshgrid(line, line, indexing="xy"), -1)
    offsets = square[None].expand(len(boxes), -1, -1, -1) * side[:, None, None, None]
    if turn is not None:
        offsets = torch.einsum("nij,nhwj->nhwi", turn, offsets)
    points = offsets + boxes[:, None, None, :2]
    grid = points / standardized.shape[-1] * 2 - 1
    return data.halve(F.grid_sample(standardized, grid, align_corners=False))


def other_tissue(images, masks, sides, generator=None, tries=40, foreground=25.0, share=0.7):
    """Boxes [N,3] of the given sides on tissue of the same slices, without overlap with the lesion.

    A box is on tissue where `share` of its pixels exceed `foreground` (of 255). Where no try succeeds the first one
    without overlap stays, else the row is NaN.
    """
    size = images.shape[-1]
    count = len(images)
    tissue = summed(images > foreground)
    lesion = summed(masks > 0)
    boxes = torch.full((count, 3), float("nan"))
    settled = torch.zeros(count, dtype=torch.bool)
    side = sides.round().clamp(4, size / 3).long()
    for _ in range(tries):
        x0 = (torch.rand(count, generator=generator) * (size - side)).long()
        y0 = (torch.rand(count, generator=generator) * (size - side)).long()
        apart = inside(lesion, x0, y0, side) == 0
        good = apart & (inside(tissue, x0, y0, side) >= share * side**2)
        chosen = ~settled & (good | (apart & boxes[:, 0].isnan()))
        candidate = torch.stack([x0 + side / 2, y0 + side / 2, side.float()], 1)
        boxes[chosen] = candidate[chosen]
        settled |= good
    return boxes


def largest(masks):
    """Each mask [1,H,W] without all but its largest connected component, as the stage `segment` leaves it."""
    kept = torch.zeros_like(masks)
    for mask, own in zip(masks, kept):
        regions, count = ndimage.label(mask[0].numpy(), np.ones((3, 3)))
        if count:
            own[0] = torch.from_numpy(regions == 1 + np.bincount(regions.ravel())[1:].argmax())
    return kept


def summed(values):
    """Summed-area table [N,H+1,W+1]."""
    return F.pad(values.float().cumsum(1).cumsum(2), (1, 0, 1, 0))


def inside(table, x0, y0, side):
    rows = torch.arange(len(table))
    x1, y1 = x0 + side, y0 + side
    return table[rows, y1, x1] - table[rows, y0, x1] - table[rows, y1, x0] + table[rows, y0, x0]


def regions_apart(probabilities, masks, thresholds, most, least=25):
    """Where a segmentation [N,H,W] takes other tissue for a lesion: which slices [K], and the boxes [K,3].

    Of each slice the `most` largest connected regions of at least `least` pixels that touch no lesion, at the first of the
    thresholds that has any.
    """
    slices, boxes = [], []
    for index, (probability, mask) in enumerate(zip(probabilities.numpy(), masks.numpy())):
        for threshold in thresholds:
            regions, count = ndimage.label(probability >= threshold)
            numbers = np.arange(1, count + 1)
            sizes = ndimage.sum_labels(np.ones_like(mask), regions, numbers) if count else np.zeros(0)
            touches = ndimage.maximum(mask, regions, numbers) if count else np.zeros(0)
            apart = [k for k in np.argsort(-sizes) if sizes[k] >= least and touches[k] == 0][:most]
            if apart:
                slices += [index] * len(apart)
                boxes += [boxes_of(torch.from_numpy(regions == 1 + k).float()[None])[0] for k in apart]
                break
    return torch.tensor(slices, dtype=torch.long), torch.stack(boxes) if boxes else torch.zeros(0, 3)
