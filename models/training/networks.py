"""The networks of the region. What differs between training and export is the upsampling, see `Upsample`."""

from dataclasses import dataclass
from typing import Callable

import torch
from torch import nn
from torch.nn import functional as F

WIDTHS = (8, 24, 48, 96, 128)
CLASSES = 4


class Upsample(nn.Module):
    """Doubles width and height: a 1x1 convolution to four values a channel, then a pixel shuffle, one bias a channel.

    The function is that of a transposed convolution with kernel 2 and stride 2, which trains slowly on a CPU;
    `exported` gives that very layer. The bias comes after the shuffle, because such a layer has one a channel.
    """

    def __init__(self, inputs, outputs):
        super().__init__()
        self.expand = nn.Conv2d(inputs, outputs * 4, 1, bias=False)
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x):
        return F.pixel_shuffle(self.expand(x), 2) + self.bias[:, None, None]

    def exported(self):
        """The same function as one transposed convolution."""
        outputs = self.bias.numel()
        weight = self.expand.weight.detach()
        inputs = weight.shape[1]
        layer = nn.ConvTranspose2d(inputs, outputs, 2, 2)
        layer.weight.data = weight.reshape(outputs, 2, 2, inputs).permute(3, 0, 1, 2).contiguous()
        layer.bias.data = self.bias.detach().clone()
        return layer


def convolutions(inputs, outputs, count):
    layers = []
    for index in range(count):
        layers += [
            nn.Conv2d(inputs if index == 0 else outputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(True),
        ]
    return nn.Sequential(*layers)


class ResidualBlock(nn.Module):
    def __init__(self, inputs, outputs, stride=1):
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(outputs)
        self.second = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = F.relu(self.first_norm(self.first(x)))
        return F.relu(self.second_norm(self.second(y)) + self.shortcut(x))


def plain(inputs, outputs, level):
    return convolutions(inputs, outputs, 2)


def vgg(inputs, outputs, level):
    """VGG-16: two convolutions in the two fine levels, three in the others."""
    return convolutions(inputs, outputs, 2 if level < 2 else 3)


def resnet(inputs, outputs, level):
    """ResNet-18: two residual blocks a level. The finest level, the stem, has one; a level begins with max pooling."""
    blocks = [ResidualBlock(inputs, outputs)]
    return nn.Sequential(*blocks) if level == 0 else nn.Sequential(*blocks, ResidualBlock(outputs, outputs))


@dataclass(frozen=True)
class Encoder:
    """`level(inputs, outputs, level)` makes a level. With `fine` the first one takes 2x2 pixels as four channels.

    So such a network sees and draws twice as many pixels a side for the time of one convolution.
    """

    level: Callable
    widths: tuple = WIDTHS
    fine: bool = False

    @property
    def size(self):
        return 256 if self.fine else 128


ENCODERS = {
    "unet_tumor": Encoder(plain),
    "vgg_unet_tumor": Encoder(vgg),
    "resnet_unet_tumor": Encoder(resnet, (16, 32, 64, 160, 256), fine=True),
}


def strided(layer):
    """A convolution of the four channels of 2x2 pixels as one of the image with stride 2."""
    outputs, _, height, width = layer.weight.shape
    weight = layer.weight.detach().reshape(outputs, 2, 2, height, width).permute(0, 3, 1, 4, 2)
    result = nn.Conv2d(1, outputs, 2 * height, 2, 2 * layer.padding[0], bias=False)
    result.weight.data = weight.reshape(outputs, 1, 2 * height, 2 * width).contiguous()
    return result


class UNet(nn.Module):
    """U-Net of five levels. [N,1,H,W] to logits [N,1,H,W] and [N,4] (class of the slice); H, W multiples of 16 (fine: 32).

    The way up has one convolution a level. The finest level is narrow: it holds little but edges and would take half of
    the time.
    """

    def __init__(self, name="unet_tumor"):
        super().__init__()
        encoder = ENCODERS[name]
        widths, self.size, self.unshuffles = encoder.widths, encoder.size, encoder.fine
        inputs = (4 if encoder.fine else 1,) + widths[:-1]
        self.down = nn.ModuleList(encoder.level(i, o, level) for level, (i, o) in enumerate(zip(inputs, widths)))
        self.up = nn.ModuleList()
        self.merge = nn.ModuleList()
        for inputs, outputs in zip(widths[:0:-1], widths[-2::-1]):
            raised = max(8, outputs // 2)
            self.up.append(Upsample(inputs, raised))
            self.merge.append(convolutions(raised + outputs, outputs, 1))
        self.head = Upsample(widths[0], 1) if encoder.fine else nn.Conv2d(widths[0], 1, 1)
        # Few pixels are tumor: starting near their share spares the first steps.
        nn.init.constant_(self.head.bias, -3.0)
        self.slice_head = nn.Linear(2 * (widths[-1] + widths[-2]), CLASSES)

    def encoded(self, x):
        if self.unshuffles:
            x = F.pixel_unshuffle(x, 2)
        skips = []
        for level, block in enumerate(self.down):
            x = block(x if level == 0 else F.max_pool2d(x, 2))
            skips.append(x)
        return skips

    def region(self, skips):
        x = skips[-1]
        for up, merge, skip in zip(self.up, self.merge, skips[-2::-1]):
            x = merge(torch.cat([up(x), skip], 1))
        return self.head(x)

    def slice_class(self, skips):
        """From mean and maximum of the two coarse levels."""
        pooled = [pool(level, 1) for level in skips[-2:] for pool in (F.adaptive_avg_pool2d, F.adaptive_max_pool2d)]
        return self.slice_head(torch.flatten(torch.cat(pooled, 1), 1))

    def forward(self, x):
        skips = self.encoded(x)
        return self.region(skips), self.slice_class(skips)

    def export(self):
        """Turns this network into the one that is exported: the same function, without shuffles of pixels."""
        self.up = nn.ModuleList(layer.exported() for layer in self.up)
        if self.unshuffles:
            self.unshuffles = False
            stem = self.down[0][0]
            stem.first, stem.shortcut[0] = strided(stem.first), strided(stem.shortcut[0])
            self.head = self.head.exported()
