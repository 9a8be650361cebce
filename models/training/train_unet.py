"""Trains the U-Net. Give the same command again to go on from the last checkpoint.

    python3 train_unet.py OUT --phantoms FOLDER [--steps 7000]
"""

import argparse
import math
import time
from pathlib import Path

import one_thread  # noqa: F401
import torch
from torch.nn import functional as F

import augment
import data
from averaging import Average
from networks import UNet

BATCH = 8
PHANTOM_SHARE = 0.125
RATE = 1.5e-3
WARM_UP = 200
CHECKPOINT_EVERY = 200


def rate(step, steps):
    if step < WARM_UP:
        return RATE * (step + 1) / WARM_UP
    return RATE * 0.5 * (1 + math.cos(math.pi * (step - WARM_UP) / max(1, steps - WARM_UP)))


def loss_of(logits, masks):
    """Cross-entropy of the pixels and soft Dice of each slice."""
    overlap = torch.sigmoid(logits)
    common = (overlap * masks).sum((1, 2, 3))
    total = overlap.sum((1, 2, 3)) + masks.sum((1, 2, 3))
    return F.binary_cross_entropy_with_logits(logits, masks) + (1 - (2 * common + 1) / (total + 1)).mean()


@torch.no_grad()
def probabilities(network, images):
    return torch.cat([torch.sigmoid(network(part)) for part in data.standardize(images).split(16)])


def dice(predicted, masks):
    """Of each slice; both [N,1,H,W] of 0 and 1, masks not empty."""
    common = (predicted * masks).sum((1, 2, 3))
    return 2 * common / (predicted.sum((1, 2, 3)) + masks.sum((1, 2, 3)))


class Batches:
    """Endless batches; each real slice once an epoch, and a fixed share of phantoms drawn at random."""

    def __init__(self, real, phantoms):
        self.real = data.segmentation_pairs(real)
        self.phantoms = data.segmentation_pairs(phantoms) if phantoms else None
        self.order = torch.empty(0, dtype=torch.long)

    def next(self):
        n_phantoms = round(BATCH * PHANTOM_SHARE) if self.phantoms else 0
        n_real = BATCH - n_phantoms
        if len(self.order) < n_real:
            self.order = torch.randperm(len(self.real[0]))
        picked, self.order = self.order[:n_real], self.order[n_real:]
        images, masks = (values[picked] for values in self.real)
        if n_phantoms:
            drawn = torch.randint(len(self.phantoms[0]), (n_phantoms,))
            images = torch.cat([images, self.phantoms[0][drawn]])
            masks = torch.cat([masks, self.phantoms[1][drawn]])
        images, masks = augment.moved(images, masks)
        return augment.shifted_scale(data.standardize(augment.recorded(images))), masks


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--phantoms", type=Path)
    parser.add_argument("--steps", type=int, default=7000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(options.seed)

    batches = Batches(data.load("train"), data.load_phantoms(options.phantoms) if options.phantoms else None)
    hold = data.segmentation_pairs(data.load("hold"))
    network = UNet().to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(network.parameters(), RATE, weight_decay=1e-2)
    average = Average(network, 0.995)
    first = 0
    checkpoint = options.out / "unet.pt"
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
        images, masks = batches.next()
        loss = loss_of(network(images.contiguous(memory_format=torch.channels_last)), masks)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        average.update(network, step)
        losses.append(loss.item())
        done = step + 1
        if done % CHECKPOINT_EVERY == 0 or done == options.steps:
            scores = dice((probabilities(average.network, hold[0]) >= 0.5).float(), hold[1])
            loss_mean, seconds = sum(losses) / len(losses), time.time() - started
            found = f"hold dice {scores.mean():.4f} median {scores.median():.4f}"
            print(f"step {done} loss {loss_mean:.4f} {found} seconds {seconds:.0f}", flush=True)
            losses = []
            parts = {"network": network, "average": average.network, "optimizer": optimizer}
            state = {name: part.state_dict() for name, part in parts.items()}
            temporary = checkpoint.with_suffix(".part")
            torch.save({**state, "step": done, "steps": options.steps, "seed": options.seed}, temporary)
            temporary.replace(checkpoint)


if __name__ == "__main__":
    main()
