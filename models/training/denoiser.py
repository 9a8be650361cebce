"""The autoencoder that takes noise away."""

import torch
from torch import nn
from torch.nn import functional as F

from networks import Upsample

WIDTHS = (32, 64, 96)
MULTIPLE = 8


def pair(width):
    return nn.Sequential(nn.Conv2d(width, width, 3, padding=1), nn.ReLU(True),
                         nn.Conv2d(width, width, 3, padding=1), nn.ReLU(True))


class Denoiser(nn.Module):
    """A convolutional autoencoder with bridges, [N,1,H,W] to the same; it finds the noise and subtracts it.

    Three halvings by strided convolutions, H and W multiples of 8; no normalization layer, so that the level of the noise
    stays visible.
    """

    def __init__(self, widths=WIDTHS):
        super().__init__()
        self.enter = nn.ModuleList(nn.Conv2d(i, o, 2, 2) for i, o in zip((1,) + widths[:-1], widths))
        self.encode = nn.ModuleList(pair(width) for width in widths)
        self.leave = nn.ModuleList(Upsample(i, o) for i, o in zip(widths[:0:-1], widths[-2::-1]))
        self.decode = nn.ModuleList(pair(width) for width in widths[-2::-1])
        self.noise = Upsample(widths[0], 1)
        nn.init.zeros_(self.noise.expand.weight)

    def forward(self, image):
        x, bridges = image, []
        for enter, encode in zip(self.enter, self.encode):
            x = F.relu(enter(x))
            x = x + encode(x)
            bridges.append(x)
        for leave, decode, bridge in zip(self.leave, self.decode, bridges[-2::-1]):
            x = F.relu(leave(x) + bridge)
            x = x + decode(x)
        return image - self.noise(x)
