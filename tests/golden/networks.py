"""Exports networks of today's kinds with random weights, full-size, from Debian's torchvision: networks.py FOLDER [NAME...]

Each is FOLDER/NAME.onnx (opset 16) with FOLDER/NAME.inputs.npy. They are made where a test needs them and never
committed. Seeds are fixed, so that the same versions of torch give the same files.
"""
import os
import sys

import numpy
import onnx
import onnx.numpy_helper
import torch
import torchvision
from torch import nn

SEED = 16


def settle(model, shape, rounds=3):
    """Lets batch normalizations see their inputs: with the means of a fresh network activations grow from layer to layer."""
    for module in model.modules():
        if isinstance(module, (nn.BatchNorm2d, nn.BatchNorm3d)):
            module.momentum = None
    model.train()
    with torch.no_grad():
        for _ in range(rounds):
            model(torch.rand(shape))
    return model.eval()


class First(nn.Module):
    """Gives the result named `out` of a model that gives several."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x):
        return self.model(x)["out"]


def conv3(channels, out, stride=1, norm=nn.InstanceNorm3d):
    """A convolution of nnU-Net."""
    return nn.Sequential(
        nn.Conv3d(channels, out, 3, stride, 1), norm(out, affine=True), nn.LeakyReLU(0.01, inplace=True)
    )


class NnUnet(nn.Module):
    """A plain 3-D U-Net as nnU-Net configures it: instance normalization, strided convolutions, transposed ones back."""

    def __init__(self, widths=(32, 64, 128, 256), classes=4):
        super().__init__()
        self.down = nn.ModuleList()
        before = 1
        for level, width in enumerate(widths):
            self.down.append(nn.Sequential(conv3(before, width, 1 if level == 0 else 2), conv3(width, width)))
            before = width
        pairs = list(zip(widths[:0:-1], widths[-2::-1]))
        self.up = nn.ModuleList(nn.ConvTranspose3d(a, b, 2, 2) for a, b in pairs)
        self.back = nn.ModuleList(nn.Sequential(conv3(2 * b, b), conv3(b, b)) for _, b in pairs)
        self.head = nn.Conv3d(widths[0], classes, 1)

    def forward(self, x):
        levels = []
        for stage in self.down:
            x = stage(x)
            levels.append(x)
        levels.pop()
        for up, back in zip(self.up, self.back):
            x = back(torch.cat([up(x), levels.pop()], 1))
        return self.head(x)


class ResBlock(nn.Module):
    """A block of SegResNet: group normalization, ReLU and convolution, twice, and the way around."""

    def __init__(self, width):
        super().__init__()
        self.body = nn.Sequential(
            nn.GroupNorm(8, width), nn.ReLU(), nn.Conv3d(width, width, 3, 1, 1, bias=False),
            nn.GroupNorm(8, width), nn.ReLU(), nn.Conv3d(width, width, 3, 1, 1, bias=False),
        )

    def forward(self, x):
        return x + self.body(x)


class SegResNet(nn.Module):
    """The encoder and decoder of Myronenko 2018 without its variational branch: trilinear upsampling, sums as skips."""

    def __init__(self, width=16, blocks=(1, 2, 2, 4), classes=3):
        super().__init__()
        widths = [width * 2**level for level in range(len(blocks))]
        self.stem = nn.Conv3d(4, width, 3, 1, 1, bias=False)
        self.down = nn.ModuleList()
        for level, count in enumerate(blocks):
            first = [] if level == 0 else [nn.Conv3d(widths[level - 1], widths[level], 3, 2, 1, bias=False)]
            self.down.append(nn.Sequential(*first, *(ResBlock(widths[level]) for _ in range(count))))
        self.up = nn.ModuleList(
            nn.Sequential(
                nn.Conv3d(2 * narrow, narrow, 1, bias=False),
                nn.Upsample(scale_factor=2, mode="trilinear", align_corners=False),
            )
            for narrow in widths[-2::-1]
        )
        self.back = nn.ModuleList(ResBlock(narrow) for narrow in widths[-2::-1])
        self.head = nn.Sequential(nn.GroupNorm(8, width), nn.ReLU(), nn.Conv3d(width, classes, 1))

    def forward(self, x):
        x = self.stem(x)
        levels = []
        for stage in self.down:
            x = stage(x)
            levels.append(x)
        levels.pop()
        for up, back in zip(self.up, self.back):
            x = back(up(x) + levels.pop())
        return self.head(x)


class UnetResNet34(nn.Module):
    """A U-Net with the encoder of ResNet34 as segmentation_models_pytorch builds it: nearest upsampling, skips beside it."""

    def __init__(self, widths=(256, 128, 64, 32, 16), classes=2):
        super().__init__()
        encoder = torchvision.models.resnet34(weights=None)
        self.stem = nn.Sequential(encoder.conv1, encoder.bn1, encoder.relu)
        self.pool = encoder.maxpool
        self.stages = nn.ModuleList([encoder.layer1, encoder.layer2, encoder.layer3, encoder.layer4])
        self.back = nn.ModuleList()
        before = 512
        for skip, width in zip((256, 128, 64, 64, 0), widths):
            self.back.append(nn.Sequential(*self.block(before + skip, width), *self.block(width, width)))
            before = width
        self.head = nn.Conv2d(before, classes, 3, 1, 1)

    @staticmethod
    def block(channels, out):
        return nn.Conv2d(channels, out, 3, 1, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU(inplace=True)

    def forward(self, x):
        x = self.stem(x)
        levels = [x]
        x = self.pool(x)
        for stage in self.stages:
            x = stage(x)
            levels.append(x)
        levels.pop()
        for back in self.back:
            x = nn.functional.interpolate(x, scale_factor=2, mode="nearest")
            x = back(torch.cat([x, levels.pop()], 1) if levels else x)
        return self.head(x)


class Lstm(nn.Module):
    """Two LSTMs, the first in both directions, and a classifier of the last state."""

    def __init__(self, features=40, hidden=128, classes=10):
        super().__init__()
        self.first = nn.LSTM(features, hidden, bidirectional=True, batch_first=True)
        self.second = nn.LSTM(2 * hidden, hidden, batch_first=True)
        self.head = nn.Linear(hidden, classes)

    def forward(self, x):
        x, _ = self.first(x)
        _, (state, _) = self.second(x)
        return self.head(state[0])


def mask_rcnn(narrow=False):
    """Mask R-CNN with a ResNet and a feature pyramid, class logits scaled so that scores spread."""
    models = torchvision.models
    norm = nn.BatchNorm2d
    if narrow:
        backbone = torchvision.models.detection.backbone_utils._resnet_fpn_extractor(
            models.resnet18(weights=None, norm_layer=norm), 5
        )
        model = models.detection.MaskRCNN(backbone, 5, min_size=128, max_size=128)
    else:
        model = models.detection.maskrcnn_resnet50_fpn(
            weights=None, weights_backbone=None, min_size=256, max_size=256
        )
    side = 128 if narrow else 256
    settle(model.backbone, (2, 3, side, side))
    with torch.no_grad():
        features = model.backbone(model.transform([image(3, side, side)])[0].tensors)
        # Levels of unit size, as a trained pyramid has them.
        for name, block in zip(features, model.backbone.fpn.layer_blocks):
            scale = features[name].std()
            for convolution in block.modules():
                if isinstance(convolution, nn.Conv2d):
                    convolution.weight /= scale
                    convolution.bias /= scale
        model.rpn.head.cls_logits.weight *= 20
        model.rpn.head.bbox_pred.weight *= 5
        model.roi_heads.box_predictor.cls_score.weight *= 12
        model.roi_heads.box_predictor.bbox_pred.weight *= 2
    return model.eval(), side


def export(model, inputs, path, names, outputs, **options):
    """Writes the model. Gradients stay on: without them attention takes a fused way that has no ONNX operator."""
    torch.onnx.export(model, inputs, path, opset_version=16, input_names=names, output_names=outputs, **options)


def coordinates(path, to):
    """A copy in which every RoiAlign states the half pixel that the model was made with; torchvision 0.14 forgets it."""
    model = onnx.load(path)

    def visit(graph):
        for node in graph.node:
            if node.op_type == "RoiAlign":
                node.attribute.append(onnx.helper.make_attribute("coordinate_transformation_mode", "output_half_pixel"))
            for attribute in node.attribute:
                if attribute.HasField("g"):
                    visit(attribute.g)

    visit(model.graph)
    onnx.save(model, to)


def names_read(node):
    """The values that a node reads, itself or in its branches and loops."""
    names = set(node.input)
    for attribute in node.attribute:
        if attribute.HasField("g"):
            names |= {output.name for output in attribute.g.output}
            for inner in attribute.g.node:
                names |= names_read(inner)
    return names


def part(path, to, outputs, inputs=()):
    """The nodes that some outputs need; what is given as an input instead is not made."""
    model = onnx.load(path)
    graph = model.graph
    given, wanted = {value.name for value in inputs}, {value.name for value in outputs}
    nodes = []
    for node in reversed(graph.node):
        if wanted.isdisjoint(set(node.output) - given):
            continue
        nodes.insert(0, node)
        wanted |= names_read(node)
    constants = [each for each in graph.initializer if each.name in wanted]
    kept = [each for each in graph.input if each.name in wanted]
    del graph.node[:], graph.initializer[:], graph.input[:], graph.output[:], graph.value_info[:]
    graph.node.extend(nodes)
    graph.initializer.extend(constants)
    graph.input.extend([*kept, *inputs])
    graph.output.extend(outputs)
    onnx.save(model, to)


def halves(path):
    """A detector up to its proposals, NAME.first.onnx, and from given proposals on, NAME.second.onnx."""
    graph = onnx.load(path).graph
    (name,) = (node.input[0] for node in graph.node if node.name == "/roi_heads/box_roi_pool/Concat")
    proposals = onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["proposals", 4])
    stem = path.removesuffix(".onnx")
    part(path, f"{stem}.first.onnx", [proposals])
    part(path, f"{stem}.second.onnx", list(graph.output), [proposals])


def without_detections(path, to):
    """A copy that takes everything for background."""
    model = onnx.load(path)
    (bias,) = (each for each in model.graph.initializer if each.name == "roi_heads.box_predictor.cls_score.bias")
    values = onnx.numpy_helper.to_array(bias).copy()
    values[0] += 1000
    bias.CopyFrom(onnx.numpy_helper.from_array(values, bias.name))
    onnx.save(model, to)


def image(*shape):
    """Seeded pixels with structure: smooth noise and a few boxes."""
    random = numpy.random.default_rng(SEED)
    pixels = random.random(shape, numpy.float32) * 0.3
    height, width = shape[-2:]
    for _ in range(8):
        top, left = int(random.integers(height * 3 // 4)), int(random.integers(width * 3 // 4))
        pixels[..., top : top + height // 5, left : left + width // 6] += float(random.random()) * 0.7
    return torch.from_numpy(pixels)


def vit():
    """ViT-S; a fresh head would be zero."""
    model = models.VisionTransformer(224, 16, 12, 6, 384, 1536)
    nn.init.normal_(model.heads.head.weight, std=0.05)
    return model


def detector(narrow, name):
    def write(folder):
        model, side = mask_rcnn(narrow)
        path = f"{folder}/{name}.onnx"
        x = image(3, side, side)
        export(model, ([x],), path, ["image"], ["boxes", "labels", "scores", "masks"])
        coordinates(path, f"{folder}/{name}_aligned.onnx")
        without_detections(path, f"{folder}/{name}_nothing.onnx")
        for each in (name, f"{name}_aligned"):
            halves(f"{folder}/{each}.onnx")
        for each in (name, f"{name}_aligned", f"{name}_nothing"):
            numpy.save(f"{folder}/{each}.inputs.npy", x.numpy())

    return write


def plain(name, make, shape, train=True):
    def write(folder):
        model = make()
        model = settle(model, (2, *shape[1:])) if train else model.eval()
        x = image(*shape)
        export(model, x, f"{folder}/{name}.onnx", ["x"], ["y"])
        numpy.save(f"{folder}/{name}.inputs.npy", x.numpy())

    return write


models = torchvision.models
NETWORKS = {
    "resnet50": plain("resnet50", lambda: models.resnet50(weights=None), (1, 3, 224, 224)),
    "inception_v3": plain(
        "inception_v3", lambda: models.inception_v3(weights=None, aux_logits=False, init_weights=False), (1, 3, 299, 299)
    ),
    "vgg16": plain("vgg16", lambda: models.vgg16(weights=None), (1, 3, 224, 224), False),
    "fcn_resnet50": plain(
        "fcn_resnet50", lambda: First(models.segmentation.fcn_resnet50(weights=None, weights_backbone=None)),
        (1, 3, 224, 224),
    ),
    "deeplabv3_resnet50": plain(
        "deeplabv3_resnet50", lambda: First(models.segmentation.deeplabv3_resnet50(weights=None, weights_backbone=None)),
        (1, 3, 224, 224),
    ),
    "unet_resnet34": plain("unet_resnet34", UnetResNet34, (1, 3, 256, 256)),
    "nn_unet": plain("nn_unet", NnUnet, (1, 1, 64, 64, 64), False),
    "seg_res_net": plain("seg_res_net", SegResNet, (1, 4, 64, 64, 64), False),
    "vit_s": plain("vit_s", vit, (1, 3, 224, 224), False),
    "swin_t": plain("swin_t", lambda: models.swin_t(weights=None), (1, 3, 224, 224), False),
    "lstm": plain("lstm", Lstm, (1, 64, 40), False),
    "mask_rcnn": detector(False, "mask_rcnn"),
    "mask_rcnn_narrow": detector(True, "mask_rcnn_narrow"),
}


def main():
    folder, *names = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    torch.set_num_threads(2)
    for name in names or NETWORKS:
        torch.manual_seed(SEED)
        NETWORKS[name](folder)
        print(name, flush=True)


if __name__ == "__main__":
    main()
