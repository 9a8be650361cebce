"""How unlike the training an image is: the distance of what a network's first levels see of it from what they saw there.

Features are mean and deviation of each channel of two early maps, as log(1 + x), standardized by the training; the score
is the squared Mahalanobis distance in their first principal components, divided by their number: about 1 for images like
those of the training.

Its threshold is the 99 % quantile of what it gives slices of series that it wasn't fitted on, in ten folds by series; crops
are fitted to the tumors' own boxes, and their threshold to the boxes that a U-Net finds, as the chain does it. The quantile
of the held-back series alone is lower by a quarter: they are 38 of 317, and none of the odd ones is among them.
Phantoms are known as well, with little weight; they have no say in the threshold.
"""

import random

import torch
from torch import nn

QUANTILE = 0.99
FOLDS = 10


def statistics_of(maps):
    """[N,2C] of each [N,C,H,W], side by side."""
    parts = []
    for x in maps:
        mean = x.mean((2, 3), keepdim=True)
        deviation = ((x - mean) ** 2).mean((2, 3), keepdim=True).sqrt()
        parts += [mean, deviation]
    return torch.log(torch.cat(parts, 1).clamp(min=0) + 1).flatten(1)


class Unfamiliarity(nn.Module):
    """Early maps, not negative, to scores [N,1]. All phantoms together weigh `share` of the slices.

    As many principal components count as have the share `components` of the variance.
    """

    def __init__(self, slices, phantoms, share, components):
        super().__init__()
        features = torch.cat([slices, phantoms])
        weights = torch.ones(len(features), 1)
        weights[len(slices):] = share * len(slices) / len(phantoms)
        mean = (weights * features).sum(0) / weights.sum()
        centered = weights.sqrt() * (features - mean) / (weights.sum() - 1).sqrt()
        deviation = centered.square().sum(0).sqrt().clamp(min=1e-4)
        _, values, directions = torch.linalg.svd(centered / deviation, full_matrices=False)
        variance = values**2
        count = int((variance.cumsum(0) / variance.sum() < components).sum()) + 1
        whitening = directions[:count].T / variance[:count].sqrt() / deviation[:, None] / count**0.5
        self.register_buffer("whitening", whitening)
        self.register_buffer("shift", -(mean[None] @ whitening))

    def scores(self, features):
        return ((features @ self.whitening + self.shift) ** 2).sum(1)

    def forward(self, maps):
        return self.scores(statistics_of(maps))[:, None]


def fitted(features, groups, phantoms, share, components, shown=None):
    """The score of all images, and the threshold that 99 % of them stay below while their group is left out.

    Features [N,F] of slices; a group for each of N; features [M,F] of phantoms, which are known as well and
    weigh `share` of the slices together. `shown` [N,F] is what the threshold is for where that is something else than
    what the score is fitted to, NaN where there is nothing.
    """
    shown = features if shown is None else shown
    names = sorted(set(groups))
    random.Random(0).shuffle(names)
    fold_of = {name: index % FOLDS for index, name in enumerate(names)}
    folds = torch.tensor([fold_of[group] for group in groups])
    scores = torch.empty(len(features))
    for fold in range(FOLDS):
        left_out = folds == fold
        scores[left_out] = Unfamiliarity(features[~left_out], phantoms, share, components).scores(shown[left_out])
    limit = scores[~scores.isnan()].quantile(QUANTILE).item()
    return Unfamiliarity(features, phantoms, share, components), limit
