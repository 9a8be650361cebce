"""Networks as they are exported: with probabilities, a gate, maps of attention and scores of unfamiliarity as outputs."""

from dataclasses import dataclass, field

import torch
from torch import nn
from torch.nn import functional as F

import crops
import data
import train_classifier
import train_detector
import train_segmentation
from classifiers import CLASSIFIERS
from denoiser import MULTIPLE, Denoiser
from detector import detector
from familiarity import fitted, statistics_of
from networks import ENCODERS, UNet
from out_of_fold import REGIONS
from training_run import full

# The share of held-back tumors that the gate must let through.
GATE_SENSITIVITY = 0.99
# The share of held-back tumors whose surest box counts.
BOX_SENSITIVITY = 0.95
# What phantoms weigh in a score of unfamiliarity, see "Choices" in README.md.
PHANTOMS_OF_SLICES, PHANTOMS_OF_CROPS = 0.02, 0.1
# The share of the variance that such a score looks at.
COMPONENTS_OF_SLICES, COMPONENTS_OF_CROPS = 0.99, 0.999
THRESHOLDS = (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7)


@dataclass
class Made:
    """What is written, and the facts that go into `model.json`."""

    module: nn.Module
    example: tuple
    sample: torch.Tensor
    inputs: list
    outputs: list
    axes: dict
    facts: dict = field(default_factory=dict)


def trained(network, checkpoint):
    network.load_state_dict(full(torch.load(checkpoint)["average"]))
    return network.eval()


@torch.no_grad()
def features_of(early, images):
    return torch.cat([statistics_of(early(part)) for part in images.split(32)])


class Segmentation(nn.Module):
    """A slice to `probability`, emptied where no tumor is likely, `presence` [N,1] and `unfamiliarity` [N,1]."""

    def __init__(self, network, gate, unfamiliarity):
        super().__init__()
        self.network, self.gate, self.unfamiliarity = network, gate, unfamiliarity

    def early(self, skips):
        return [F.max_pool2d(skip, 2) for skip in skips[:2]]

    def forward(self, image):
        skips = self.network.encoded(image)
        presence = 1 - torch.softmax(self.network.slice_class(skips), 1)[:, 3:4]
        open_gate = (presence >= self.gate).float()[:, :, None, None]
        probability = torch.sigmoid(self.network.region(skips)) * open_gate
        return probability, presence, self.unfamiliarity(self.early(skips))


def segmentation(name, checkpoint, phantoms):
    network = trained(UNet(name), checkpoint)
    hold = data.load("hold")
    images, masks = data.segmentation_pairs(hold, network.size)
    found, presence = train_segmentation.answers(network, images)
    # A slice of them, not what lies between two: at least that share passes.
    gate = presence.quantile(1 - GATE_SENSITIVITY, interpolation="lower").item()
    found = found * (presence >= gate).float()[:, None, None, None]
    means = {t: train_segmentation.dice(crops.largest((found >= t).float()), masks).mean().item() for t in THRESHOLDS}
    threshold = max(means, key=means.get)
    module = Segmentation(network, gate, None)

    def early(images):
        return module.early(network.encoded(images))

    train = data.load("train")
    known = torch.cat([data.segmentation_pairs(train, network.size)[0], images])
    features = features_of(early, data.standardize(known))
    made = features_of(early, data.standardize(data.segmentation_pairs(data.load_phantoms(phantoms), network.size)[0]))
    module.unfamiliarity, limit = fitted(
        features, train.series + hold.series, made, PHANTOMS_OF_SLICES, COMPONENTS_OF_SLICES
    )
    network.export()
    sample = data.standardize(images[:2])
    return Made(
        module.eval(), (sample,), sample, ["image"], ["probability", "presence", "unfamiliarity"],
        {name: {0: "N"} for name in ("image", "probability", "presence", "unfamiliarity")},
        {"threshold": threshold, "gate": gate, "limit": limit, "heldBackDice": means[threshold]},
    )


class Classification(nn.Module):
    """Crops to `probabilities` [N,4], maps of `attention` [N,4,h,w] and `unfamiliarity` [N,1].

    Logits are divided by a temperature, then that of `none` is shifted.
    """

    def __init__(self, network, temperature, offset, unfamiliarity):
        super().__init__()
        self.network, self.unfamiliarity = network, unfamiliarity
        self.head = nn.Conv2d(network.head.in_features, network.head.out_features, 1)
        self.head.weight.data = network.head.weight.data[:, :, None, None] / temperature
        self.head.bias.data = network.head.bias.data / temperature
        self.head.bias.data[train_classifier.NONE] += offset

    def forward(self, crop):
        attention = self.head(self.network.features(crop))
        return torch.softmax(attention.mean((2, 3)), 1), attention, self.unfamiliarity([self.network.early(crop)])


def temperature_of(logits, labels):
    """By which logits are divided so that the held-back negative log-likelihood is least."""
    grid = torch.exp(torch.linspace(-1.5, 1.5, 301))
    losses = torch.stack([F.cross_entropy(logits / t, labels) for t in grid])
    return grid[losses.argmin()].item()


def offset_of(logits, labels):
    """What is added to the logit of `none` so that the lesser of sensitivity and specificity is the greatest."""
    lesion = labels != train_classifier.NONE

    def worst(offset):
        shifted = logits.clone()
        shifted[:, train_classifier.NONE] += offset
        named = shifted.argmax(1) != train_classifier.NONE
        return min(named[lesion].float().mean().item(), (~named[~lesion]).float().mean().item())

    # The least shift of equal ones.
    return max(sorted((k / 20 for k in range(-30, 31)), key=abs), key=worst)


def calibration_error(probabilities, labels, bins=10):
    """Expected calibration error of the class that is named, in equal bins of its probability (Guo et al. 2017)."""
    confidence, predicted = probabilities.max(1)
    right = (predicted == labels).float()
    which = (confidence * bins).long().clamp(max=bins - 1)
    return sum(
        ((which == k).float().mean() * (right[which == k].mean() - confidence[which == k].mean()).abs()).item()
        for k in range(bins) if (which == k).any()
    )


def features_of_crops(early, slices, boxes, size):
    """[N,F] of the boxes [N,3] of as many slices; NaN where there is no box."""
    found = torch.nonzero(~boxes[:, 0].isnan())[:, 0]
    images = data.standardize(slices.images[found, None])
    features = features_of(early, crops.crop(images, boxes[found], size))
    return torch.full((len(boxes), features.shape[1]), torch.nan).index_copy(0, found, features)


def classification(name, checkpoint, phantoms):
    network = trained(CLASSIFIERS[name](), checkpoint)
    hold, train = data.load("hold"), data.load("train")
    held, labels = train_classifier.evaluation(train_classifier.Source(hold), network.size)
    logits = train_classifier.answers(network, held)
    temperature = temperature_of(logits, labels)
    offset = offset_of(logits / temperature, labels)
    shifted = logits / temperature
    shifted[:, train_classifier.NONE] += offset

    def early(inputs):
        return [network.early(inputs)]

    known, made = train.followed_by(hold), data.load_phantoms(phantoms)
    made = made.of(torch.nonzero(made.masks.amax((1, 2)) > 0)[:, 0])
    tumors, shown, made = (
        features_of_crops(early, slices, boxes, network.size)
        for slices, boxes in (
            (known, crops.boxes_of(known.masks)),
            (known, torch.load(checkpoint.parent / REGIONS)),
            (made, crops.boxes_of(made.masks)),
        )
    )
    score, limit = fitted(tumors, known.series, made, PHANTOMS_OF_CROPS, COMPONENTS_OF_CROPS, shown)
    facts = {
        "temperature": temperature, "offset": offset, "limit": limit,
        "heldBack": train_classifier.quality(torch.softmax(shifted, 1), labels),
        "heldBackEce": {
            "before": calibration_error(torch.softmax(logits, 1), labels),
            "after": calibration_error(torch.softmax(shifted, 1), labels),
        },
    }
    sample = torch.cat([held[:1], held[-1:]])
    outputs = ["probabilities", "attention", "unfamiliarity"]
    return Made(
        Classification(network, temperature, offset, score).eval(), (sample,), sample, ["crop"], outputs,
        {name: {0: "N"} for name in ("crop", *outputs)}, facts,
    )


class OneOutput(nn.Module):
    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, image):
        return (self.network(image),)


def denoising(_name, checkpoint):
    network = trained(Denoiser(), checkpoint)
    network.leave = nn.ModuleList(layer.exported() for layer in network.leave)
    network.noise = network.noise.exported()
    sample = data.standardize(data.load("hold").images[:1, None, :64, :96])
    assert sample.shape[2] % MULTIPLE == 0
    axes = {0: "N", 2: "H", 3: "W"}
    return Made(OneOutput(network).eval(), (sample,), sample, ["image"], ["denoised"], {"image": axes, "denoised": axes})


class Detection(nn.Module):
    """One image [1,1,H,W] of any size to boxes, labels, scores and masks of it."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, image):
        found = self.network([image[0]])[0]
        return found["boxes"], found["labels"], found["scores"], found["masks"]


def detection(_name, checkpoint):
    network = trained(detector(), checkpoint)
    images, masks = train_detector.pairs(data.load("hold"))
    found = train_detector.detections(network, images)
    surest = torch.tensor([one["scores"].max().item() if len(one["scores"]) else 0.0 for one in found])
    ap50, recall = train_detector.average_precision(found, train_detector.targets_of(masks))
    sample = data.standardize(images[:1])
    return Made(
        Detection(network).eval(), (sample,), sample, ["image"], ["boxes", "labels", "scores", "masks"],
        {"image": {2: "H", 3: "W"}, "boxes": {0: "N"}, "labels": {0: "N"}, "scores": {0: "N"}, "masks": {0: "N", 2: "H", 3: "W"}},
        {"threshold": surest.quantile(1 - BOX_SENSITIVITY).item(), "heldBack": {"ap50": ap50, "recallAtOne": recall}},
    )


def make(name, checkpoint, phantoms=None):
    """`phantoms` is the folder that `phantoms.ts` wrote: networks with a score of unfamiliarity know them as well."""
    if name in ENCODERS:
        return segmentation(name, checkpoint, phantoms)
    if name in CLASSIFIERS:
        return classification(name, checkpoint, phantoms)
    return denoising(name, checkpoint) if name == "denoise_autoencoder" else detection(name, checkpoint)
