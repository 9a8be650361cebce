"""Trains the classifier of tumor types on crops. Give the same command again to go on from the last checkpoint.

    python3 train_classifier.py OUT --phantoms FOLDER [--steps 2000]
"""

import argparse
import math
import time
from pathlib import Path

import one_thread  # noqa: F401
import torch
from torch.nn import functional as F

import augment
import crops
import data
from averaging import Average
from networks import ResNet

REAL, PHANTOMS, OTHER = 18, 3, 11
RATE = 2e-3
WARM_UP = 100
CHECKPOINT_EVERY = 200
NONE = data.CLASSES.index("none")


def rate(step, steps):
    if step < WARM_UP:
        return RATE * (step + 1) / WARM_UP
    return RATE * 0.5 * (1 + math.cos(math.pi * (step - WARM_UP) / max(1, steps - WARM_UP)))


class Source:
    """Standardized slices with a lesion, and their boxes."""

    def __init__(self, slices):
        kept = slices.masks.amax((1, 2)) > 0
        self.raw, self.masks, self.labels = slices.images[kept], slices.masks[kept], slices.labels[kept]
        self.images = data.standardize(self.raw[:, None])
        self.boxes = crops.boxes_of(self.masks)

    def balanced(self):
        """A weight for each slice with which each class is drawn equally often."""
        return 1.0 / self.labels.bincount(minlength=NONE)[self.labels]

    def other_tissue(self, picked, generator=None):
        sides = self.boxes[torch.randint(len(self.boxes), (len(picked),), generator=generator), 2]
        return crops.other_tissue(self.raw[picked], self.masks[picked], sides, generator)


def jittered(boxes):
    """Boxes as a segmentation would give them: off by some 15 % of the side, and smaller or larger."""
    side = boxes[:, 2:]
    center = boxes[:, :2] + (torch.rand(len(boxes), 2) * 2 - 1) * 0.15 * side
    return torch.cat([center, side * torch.exp((torch.rand(len(boxes), 1) * 2 - 1) * 0.25)], 1)


def turns(count, degrees=25):
    angle = (torch.rand(count) * 2 - 1) * math.radians(degrees)
    mirror = 1 - 2 * (torch.rand(count) < 0.5).float()
    flip = 1 - 2 * (torch.rand(count) < 0.25).float()
    rows = [torch.cos(angle) * mirror, -torch.sin(angle) * flip], [torch.sin(angle) * mirror, torch.cos(angle) * flip]
    return torch.stack([torch.stack(row, 1) for row in rows], 1)


def varied(crop):
    """Gain, offset, slow bias, noise and blur of standardized crops."""
    count = len(crop)
    crop = crop * torch.exp(augment.uniform(count, -0.3, 0.3)) + augment.uniform(count, -0.25, 0.25)
    slow = F.interpolate(torch.randn(count, 1, 2, 2) * 0.2, size=crop.shape[2:], mode="bilinear", align_corners=True)
    crop = crop + slow * augment.sometimes(count, 0.5)
    crop = crop + torch.randn_like(crop) * augment.uniform(count, 0, 0.2) * augment.sometimes(count, 0.4)
    return augment.blurred(crop, augment.uniform(count, 0, 1) * augment.sometimes(count, 0.4))


def batch(real, phantoms):
    """Crops and labels: lesions of real slices and phantoms, and other tissue of both."""
    parts = []
    for source, lesions, others in ((real, REAL, OTHER - 1), (phantoms, PHANTOMS, 1)):
        picked = torch.multinomial(source.balanced(), lesions, replacement=True)
        parts.append((source.images[picked], source.boxes[picked], source.labels[picked]))
        picked = torch.randint(len(source.images), (others,))
        boxes = source.other_tissue(picked)
        found = ~boxes[:, 0].isnan()
        parts.append((source.images[picked[found]], boxes[found], torch.full((int(found.sum()),), NONE)))
    images, boxes, labels = (torch.cat(values) for values in zip(*parts))
    return varied(crops.crop(images, jittered(boxes), turns(len(boxes)))), labels


def evaluation(source, seed=11):
    """Truth crops of all lesions, then as many of other tissue, with their labels."""
    picked = torch.arange(len(source.images))
    boxes = source.other_tissue(picked, torch.Generator().manual_seed(seed))
    found = ~boxes[:, 0].isnan()
    lesions = crops.crop(source.images, source.boxes)
    others = crops.crop(source.images[found], boxes[found])
    return torch.cat([lesions, others]), torch.cat([source.labels, torch.full((int(found.sum()),), NONE)])


@torch.no_grad()
def answers(network, inputs):
    return torch.cat([torch.softmax(network(part), 1) for part in inputs.split(64)])


def auc(scores, positive):
    """Area under the ROC curve: the share of pairs in the right order."""
    difference = scores[positive][:, None] - scores[~positive][None]
    return ((difference > 0).float() + 0.5 * (difference == 0).float()).mean().item()


def quality(probabilities, labels):
    predicted = probabilities.argmax(1)
    right = (predicted == labels).float()
    lesion = labels != NONE
    scores = 1 - probabilities[:, NONE]
    return {
        "accuracy": right.mean().item(),
        "typeAccuracy": (probabilities[lesion, :NONE].argmax(1) == labels[lesion]).float().mean().item(),
        "accuracyOfLesions": right[lesion].mean().item(),
        "auc": auc(scores, lesion),
        "sensitivity": (scores[lesion] >= 0.5).float().mean().item(),
        "specificity": (scores[~lesion] < 0.5).float().mean().item(),
        "byClass": {
            name: right[labels == k].mean().item() for k, name in enumerate(data.CLASSES) if (labels == k).any()
        },
        "confusion": [[int(((labels == i) & (predicted == j)).sum()) for j in range(4)] for i in range(4)],
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--phantoms", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(options.seed)

    real, phantoms = Source(data.load("train")), Source(data.load_phantoms(options.phantoms))
    hold, truth = evaluation(Source(data.load("hold")))
    network = ResNet().to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(network.parameters(), RATE, weight_decay=5e-2)
    average = Average(network, 0.995)
    first = 0
    checkpoint = options.out / "classifier.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint)
        network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
        average.network.load_state_dict(state["average"])
        first = state["step"]
        torch.manual_seed(options.seed + first)

    started, losses = time.time(), []
    for step in range(first, options.steps):
        for group in optimizer.param_groups:
            group["lr"] = rate(step, options.steps)
        inputs, labels = batch(real, phantoms)
        logits = network(inputs.contiguous(memory_format=torch.channels_last))
        loss = F.cross_entropy(logits, labels, label_smoothing=0.05)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        average.update(network, step)
        losses.append(loss.item())
        done = step + 1
        if done % CHECKPOINT_EVERY == 0 or done == options.steps:
            figures = quality(answers(average.network, hold), truth)
            shown = " ".join(f"{name} {figures[name]:.4f}" for name in ("accuracy", "typeAccuracy", "auc"))
            loss_mean, seconds = sum(losses) / len(losses), time.time() - started
            print(f"step {done} loss {loss_mean:.4f} hold {shown} seconds {seconds:.0f}", flush=True)
            losses = []
            parts = {"network": network, "average": average.network, "optimizer": optimizer}
            state = {name: part.state_dict() for name, part in parts.items()}
            temporary = checkpoint.with_suffix(".part")
            torch.save({**state, "step": done, "steps": options.steps, "seed": options.seed}, temporary)
            temporary.replace(checkpoint)


if __name__ == "__main__":
    main()
