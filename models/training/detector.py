"""Mask R-CNN of torchvision with a narrow ResNet and pyramid, for one channel and one class."""

import torch
from torch import nn
from torchvision.models.detection import MaskRCNN
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.backbone_utils import BackboneWithFPN
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
from torchvision.models.detection.mask_rcnn import MaskRCNNHeads, MaskRCNNPredictor
from torchvision.models.resnet import BasicBlock, ResNet

SIZE = 192
WIDTH = 32
PYRAMID = 64
BOX_HEAD = 128
LEVELS = ((8,), (16,), (32,), (64,), (96,))
RATIOS = ((0.5, 1.0, 2.0),) * 5


class HalfPrecision(nn.Module):
    """The backbone, in bf16 while it trains: twice as fast, and the heads need f32."""

    def __init__(self, body):
        super().__init__()
        self.body = body
        self.out_channels = body.out_channels

    def forward(self, x):
        if not self.training:
            return self.body(x)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            levels = self.body(x.contiguous(memory_format=torch.channels_last))
        return {name: level.float() for name, level in levels.items()}


class NarrowResNet(ResNet):
    """ResNet-18's shape, of width 32 and one channel."""

    def __init__(self):
        super().__init__(BasicBlock, [2, 2, 2, 2])
        self.inplanes = WIDTH
        self.conv1 = nn.Conv2d(1, WIDTH, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(WIDTH)
        for level in range(4):
            layer = self._make_layer(BasicBlock, WIDTH << level, 2, 1 if level == 0 else 2)
            setattr(self, f"layer{level + 1}", layer)


def detector():
    channels = [WIDTH << level for level in range(4)]
    layers = {f"layer{level + 1}": str(level) for level in range(4)}
    backbone = HalfPrecision(BackboneWithFPN(NarrowResNet(), layers, channels, PYRAMID))
    return MaskRCNN(
        backbone, num_classes=None, min_size=SIZE, max_size=SIZE, image_mean=[0.0], image_std=[1.0],
        rpn_anchor_generator=AnchorGenerator(LEVELS, RATIOS),
        rpn_pre_nms_top_n_train=400, rpn_post_nms_top_n_train=100,
        rpn_pre_nms_top_n_test=200, rpn_post_nms_top_n_test=50, rpn_batch_size_per_image=128,
        box_batch_size_per_image=32, box_detections_per_img=20,
        box_head=TwoMLPHead(PYRAMID * 49, BOX_HEAD), box_predictor=FastRCNNPredictor(BOX_HEAD, 2),
        mask_head=MaskRCNNHeads(PYRAMID, (PYRAMID,) * 3, 1), mask_predictor=MaskRCNNPredictor(PYRAMID, PYRAMID, 2),
    )
