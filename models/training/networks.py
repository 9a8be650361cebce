"""The two networks. What differs between training and export is the upsampling of the U-Net, see `Upsample`."""

import torch
from torch import nn
from torch.nn import functional as F


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


class UNet(nn.Module):
    """U-Net of five levels. [N,1,H,W] to logits [N,1,H,W]; H and W are multiples of 16.

    The way down has two convolutions a level, the way up one. The finest level is narrow: it holds little but edges and
    would take half of the time.
    """

    def __init__(self, widths=(8, 24, 48, 96, 128)):
        super().__init__()
        self.down = nn.ModuleList(convolutions(i, o, 2) for i, o in zip((1,) + widths[:-1], widths))
        self.up = nn.ModuleList()
        self.merge = nn.ModuleList()
        for inputs, outputs in zip(widths[:0:-1], widths[-2::-1]):
            raised = max(8, outputs // 2)
            self.up.append(Upsample(inputs, raised))
            self.merge.append(convolutions(raised + outputs, outputs, 1))
        self.head = nn.Conv2d(widths[0], 1, 1)
        # Few pixels are tumor: starting near their share spares the first steps.
        nn.init.constant_(self.head.bias, -3.0)

    def forward(self, x):
        skips = []
        for level, block in enumerate(self.down):
            x = block(x if level == 0 else F.max_pool2d(x, 2))
            skips.append(x)
        for up, merge, skip in zip(self.up, self.merge, skips[-2::-1]):
            x = merge(torch.cat([up(x), skip], 1))
        return self.head(x)


class ResidualBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
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


class ResNet(nn.Module):
    """ResNet-18 with a stem for small crops (3x3, stride 1, max pool). [N,1,64,64] to logits [N,classes]."""

    def __init__(self, classes=4, width=16):
        super().__init__()
        self.stem = nn.Conv2d(1, width, 3, 1, 1, bias=False)
        self.stem_norm = nn.BatchNorm2d(width)
        widths = [width, width * 2, width * 4, width * 8]
        blocks = []
        inputs = width
        for level, outputs in enumerate(widths):
            blocks += [ResidualBlock(inputs, outputs, 1 if level == 0 else 2), ResidualBlock(outputs, outputs, 1)]
            inputs = outputs
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Linear(inputs, classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.stem_norm(self.stem(x))), 3, 2, 1)
        return self.head(torch.flatten(F.adaptive_avg_pool2d(self.blocks(x), 1), 1))
