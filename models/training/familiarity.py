"""How unlike the training an image is: the distance of what a network's first levels see of it from what they saw there.

Features are mean and deviation of each channel of two early maps, as log(1 + x), standardized by the training; the score
is the squared Mahalanobis distance in their first principal components, divided by their number: about 1 for images like
those of the training.
"""

import torch
from torch import nn

COMPONENTS = 0.99
QUANTILE = 0.99


def statistics_of(maps):
    """[N,2C] of each [N,C,H,W], side by side."""
    parts = []
    for x in maps:
        mean = x.mean((2, 3), keepdim=True)
        deviation = ((x - mean) ** 2).mean((2, 3), keepdim=True).sqrt()
        parts += [mean, deviation]
    return torch.log(torch.cat(parts, 1).clamp(min=0) + 1).flatten(1)


class Unfamiliarity(nn.Module):
    """Early maps, not negative, to scores [N,1]."""

    def __init__(self, features):
        super().__init__()
        mean, deviation = features.mean(0), features.std(0).clamp(min=1e-4)
        scaled = (features - mean) / deviation
        _, values, directions = torch.linalg.svd(scaled, full_matrices=False)
        variance = values**2 / (len(features) - 1)
        count = int((variance.cumsum(0) / variance.sum() < COMPONENTS).sum()) + 1
        whitening = directions[:count].T / variance[:count].sqrt() / deviation[:, None] / count**0.5
        self.register_buffer("whitening", whitening)
        self.register_buffer("shift", -(mean[None] @ whitening))

    def forward(self, maps):
        return ((statistics_of(maps) @ self.whitening + self.shift) ** 2).sum(1, keepdim=True)
