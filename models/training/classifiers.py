"""ResNet-50, InceptionV3 and VGG-16 of torchvision, narrowed, for one channel, with heads that show where they looked.

Each is [N,1,S,S] to logits [N,4]. `features` gives the last maps, [N,C,h,w]; the head is a linear layer on their mean, so
the same layer applied to each place is the class-activation map (Zhou et al. 2016).
"""

import torch
from torch import nn
from torch.nn import functional as F
from torchvision.models.inception import (
    BasicConv2d, InceptionA, InceptionAux, InceptionB, InceptionC, InceptionD, InceptionE, Inception3,
)
from torchvision.models.resnet import Bottleneck, ResNet

from networks import CLASSES


class Classifier(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.dropout = nn.Dropout(0.2)
        self.head = nn.Linear(channels, CLASSES)

    def forward(self, x):
        return self.head(self.dropout(self.features(x).mean((2, 3))))


class ResNet50(Classifier):
    """3, 4, 6, 3 bottlenecks of width 16; the last stage keeps its resolution, so that its maps are 8x8."""

    size = 128
    width = 16

    def __init__(self):
        super().__init__(self.width * 8 * Bottleneck.expansion)
        body = ResNet(Bottleneck, [1, 1, 1, 1])
        body.inplanes = self.width
        self.stem = nn.Sequential(
            nn.Conv2d(1, self.width, 7, 2, 3, bias=False), nn.BatchNorm2d(self.width), nn.ReLU(True),
            nn.MaxPool2d(3, 2, 1),
        )
        self.stages = nn.ModuleList(
            body._make_layer(Bottleneck, self.width << level, count, stride)
            for level, (count, stride) in enumerate(zip((3, 4, 6, 3), (1, 2, 2, 1)))
        )
        for module in self.modules():
            if isinstance(module, Bottleneck):
                nn.init.zeros_(module.bn3.weight)

    def early(self, x):
        return self.stages[0](self.stem(x))

    def features(self, x):
        x = self.early(x)
        for stage in self.stages[1:]:
            x = stage(x)
        return x


NARROW = 8


def narrow(inputs, outputs, **options):
    return BasicConv2d(1 if inputs == 3 else inputs // NARROW, outputs // NARROW, **options)


class InceptionV3(Classifier):
    """All branches an eighth as wide; the first convolution keeps the resolution, for small crops: maps of 5x5."""

    size = 112

    def __init__(self):
        super().__init__(2048 // NARROW)

        def block(kind):
            return lambda *sizes, **options: kind(*sizes, conv_block=narrow, **options)

        blocks = [narrow, *map(block, (InceptionA, InceptionB, InceptionC, InceptionD, InceptionE)), InceptionAux]
        self.body = Inception3(aux_logits=False, inception_blocks=blocks, init_weights=False)
        self.body.Conv2d_1a_3x3 = narrow(3, 32, kernel_size=3)
        del self.body.fc

    def early(self, x):
        body = self.body
        x = body.Conv2d_2b_3x3(body.Conv2d_2a_3x3(body.Conv2d_1a_3x3(x)))
        return body.Conv2d_4a_3x3(body.Conv2d_3b_1x1(body.maxpool1(x)))

    def features(self, x):
        body = self.body
        x = body.maxpool2(self.early(x))
        for name in ("5b", "5c", "5d", "6a", "6b", "6c", "6d", "6e", "7a", "7b", "7c"):
            x = getattr(body, f"Mixed_{name}")(x)
        return x


class VGG16(Classifier):
    """A quarter as wide, with batch normalization; global pooling in place of the three large layers; maps of 5x5."""

    size = 80
    plan = ((16, 2), (32, 2), (64, 3), (128, 3), (128, 3))

    def __init__(self):
        super().__init__(self.plan[-1][0])
        self.stages = nn.ModuleList()
        inputs = 1
        for outputs, count in self.plan:
            layers = []
            for _ in range(count):
                layers += [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(True)]
                inputs = outputs
            self.stages.append(nn.Sequential(*layers))

    def early(self, x):
        return self.stages[1](F.max_pool2d(self.stages[0](x), 2))

    def features(self, x):
        x = self.early(x)
        for stage in self.stages[2:]:
            x = stage(F.max_pool2d(x, 2))
        return x


CLASSIFIERS = {"resnet50_tumor": ResNet50, "inception_v3_tumor": InceptionV3, "vgg16_tumor": VGG16}
