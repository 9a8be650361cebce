"""The autoencoder that takes noise away."""

import torch
from torch import nn
from torch.nn import functional as F

from networks import Upsample

WIDTHS = (48, 96, 128)
SEEN = (16, 32, 64)
MULTIPLE = 8


def convolution(inputs, outputs, stride=1):
    return nn.Conv2d(inputs, outputs, 3, stride, 1)


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.first, self.second = convolution(width, width), convolution(width, width)

    def forward(self, x):
        return x + self.second(F.relu(self.first(x)))


class Denoiser(nn.Module):
    """A convolutional autoencoder with bridges, [N,1,H,W] to the same; it finds the noise and subtracts it.

    Three halvings by strided convolutions, H and W multiples of 8; no normalization layer, so that the level of the noise
    stays visible. How strong the noise is and whether it lifts the background shows in the whole slice only: a small
    network of its own sees all of it and gives each channel of each level a scale and an offset.
    """

    def __init__(self, widths=WIDTHS):
        super().__init__()
        self.look = nn.ModuleList(convolution(i, o, 2) for i, o in zip((1,) + SEEN[:-1], SEEN))
        self.recall = nn.Conv2d(SEEN[-1], SEEN[-1], 1)
        self.adjust = nn.ModuleList(nn.Conv2d(SEEN[-1], 2 * width, 1) for width in widths)
        self.enter = nn.ModuleList(nn.Conv2d(i, o, 2, 2) for i, o in zip((1,) + widths[:-1], widths))
        self.encode = nn.ModuleList(Block(width) for width in widths)
        self.bottom = Block(widths[-1])
        self.leave = nn.ModuleList(Upsample(i, o) for i, o in zip(widths[:0:-1], widths[-2::-1]))
        self.decode = nn.ModuleList(Block(width) for width in widths[-2::-1])
        self.noise = Upsample(widths[0], 1)
        for layer in (*self.adjust, self.noise.expand):
            nn.init.zeros_(layer.weight)

    def seen(self, image):
        """What the whole of an image tells about its noise, [N,64,1,1]."""
        for look in self.look:
            image = F.relu(look(image))
        return F.relu(self.recall(F.adaptive_avg_pool2d(image, 1)))

    def restored(self, part, seen):
        """A part of an image without its noise; `seen` is of the whole of it."""
        x, bridges = part, []
        for enter, adjust, encode in zip(self.enter, self.adjust, self.encode):
            x = enter(x)
            factors = adjust(seen)
            width = adjust.out_channels // 2
            x = encode(x + x * factors[:, :width] + factors[:, width:])
            bridges.append(x)
        x = self.bottom(x)
        for leave, decode, bridge in zip(self.leave, self.decode, bridges[-2::-1]):
            x = decode(leave(x) + bridge)
        return part - self.noise(x)

    def forward(self, image):
        return self.restored(image, self.seen(image))
