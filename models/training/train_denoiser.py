"""Trains the autoencoder. Give the same command again to go on from the last checkpoint.

    python3 train_denoiser.py OUT --phantoms FOLDER [--steps 1500]
"""

import argparse
from pathlib import Path

import one_thread  # noqa: F401
import torch

import augment
import data
from denoiser import Denoiser
from training_run import Run

SLICES, SIDE = 8, 112
PHANTOM_SHARE = 0.125
# Interpolation makes images smoother than they are recorded, so most are turned and mirrored only.
MOVED_SHARE = 0.25
DOTTED_SHARE = 0.5
DIM_SHARE = 0.25
CLIPPED_SHARE = 0.2
RATE = 1.5e-3
# Standard deviations as shares of the range; one in two is of the narrower span, which is met most.
LEVELS = (0.015, 0.16)
USUAL = (0.035, 0.12)


def dotted(images, count=40):
    """Small bright and dark spots of 1 to 3 pixels: what a denoiser must not take for noise."""
    total, _, height, width = images.shape
    images = images.clone()
    for _ in range(count):
        rows, columns = torch.randint(height - 3, (total,)), torch.randint(width - 3, (total,))
        sides = torch.randint(1, 4, (total,))
        change = (torch.rand(total) - 0.4) * 0.8
        for k in range(total):
            images[k, 0, rows[k]:rows[k] + sides[k], columns[k]:columns[k] + sides[k]] += change[k]
    return images.clamp(0, 1)


def noisy(clean, kind_rician, sigma, clipped):
    """Gaussian or Rician, of a standard deviation in units of the range of 1; all arguments [N,1,1,1] but the images."""
    real = clean + torch.randn_like(clean) * sigma
    magnitude = torch.sqrt(real**2 + (torch.randn_like(clean) * sigma) ** 2)
    image = torch.where(kind_rician, magnitude, real)
    return torch.where(clipped, image.clamp(0, 1), image)


def psnr(image, clean):
    """Of each image, in dB for a range of 1."""
    return -10 * torch.log10(((image - clean) ** 2).mean((1, 2, 3)))


@torch.no_grad()
def denoised(network, image):
    network.eval()
    mean, deviation = data.foreground_statistics(image)
    return torch.cat([network(part) for part in ((image - mean) / deviation).split(8)]) * deviation + mean


class Batches:
    def __init__(self, phantoms):
        self.real = data.load("train").images[:, None] / 255
        self.phantoms = data.load_phantoms(phantoms).images[:, None] / 255

    def clean(self):
        """One slice [1,1,256,256], turned and mirrored, some resampled, dimmed or with spots."""
        images = self.phantoms if torch.rand(1) < PHANTOM_SHARE else self.real
        image = images[torch.randint(len(images), (1,))]
        if torch.rand(1) < MOVED_SHARE:
            image, _ = augment.moved(image, torch.zeros_like(image), degrees=45, log_scale=0.3)
        else:
            image = torch.rot90(image, torch.randint(4, (1,)).item(), (2, 3))
            image = image.flip(3) if torch.rand(1) < 0.5 else image
        if torch.rand(1) < DIM_SHARE:
            image = image * augment.uniform(1, 0.5, 1.0)
        return dotted(image) if torch.rand(1) < DOTTED_SHARE else image

    def next(self):
        """Noisy slices [N,1,256,256] and of each a part [N,1,SIDE,SIDE], noisy and clean."""
        clean = torch.cat([self.clean() for _ in range(SLICES)])
        usual = torch.rand(SLICES, 1, 1, 1) < 0.5
        sigma = torch.where(usual, augment.uniform(SLICES, *USUAL), augment.uniform(SLICES, *LEVELS))
        rician = torch.rand(SLICES, 1, 1, 1) < 0.5
        image = noisy(clean, rician, sigma, torch.rand(SLICES, 1, 1, 1) < CLIPPED_SHARE)
        mean, deviation = data.foreground_statistics(image)
        both = torch.cat([(image - mean) / deviation, (clean - mean) / deviation], 1)
        parts = []
        for one in both:
            y, x = torch.randint(256 - SIDE + 1, (2,)).tolist()
            parts.append(one[:, y:y + SIDE, x:x + SIDE])
        parts = torch.stack(parts)
        return both[:, :1], parts[:, :1], parts[:, 1:]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--phantoms", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=1500)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)

    batches = Batches(options.phantoms)
    hold = data.load("hold").images[::8, None] / 255
    network = Denoiser().to(memory_format=torch.channels_last)
    run = Run(network, options.out / "denoise_autoencoder.pt", options.steps, RATE, weight_decay=1e-4, clip=1.0)

    def loss():
        network.train()
        whole, part, clean = (images.contiguous(memory_format=torch.channels_last) for images in batches.next())
        with torch.autocast("cpu", dtype=torch.bfloat16):
            found = network.restored(part, network.seen(whole))
        error = ((found.float() - clean) ** 2).mean((1, 2, 3))
        return torch.log(error + 1e-4).mean()

    def figures(average):
        generator = torch.Generator().manual_seed(3)
        found = []
        for rician in (False, True):
            for level in (0.05, 0.1):
                one, two = (torch.randn(hold.shape, generator=generator) * level for _ in range(2))
                image = torch.hypot(hold + one, two) if rician else hold + one
                found.append(f"{psnr(image, hold).mean():.2f}->{psnr(denoised(average, image), hold).mean():.2f}")
        return "PSNR gaussian 5 10, rician 5 10: " + " ".join(found)

    run.go(loss, figures, figures_every=5)


if __name__ == "__main__":
    main()
