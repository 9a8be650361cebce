"""Random changes of whole batches: cheap enough to need no worker processes."""

import math

import torch
from torch.nn import functional as F


def uniform(count, low, high):
    return torch.empty(count, 1, 1, 1).uniform_(low, high)


def sometimes(count, probability):
    """[count,1,1,1] of 0 and 1."""
    return (torch.rand(count, 1, 1, 1) < probability).float()


def moved(images, masks, degrees=15, log_scale=0.15, shift=0.06, mirror=(0.5, 0.25), elastic=0.02):
    """Rotation, scale, shift, mirroring and a smooth bending of image and mask together. [N,1,H,W] each.

    The mask stays 0 or 1.
    """
    count = len(images)
    angle = (torch.rand(count) * 2 - 1) * math.radians(degrees)
    scale = torch.exp((torch.rand(count) * 2 - 1) * log_scale)
    flip_x = 1 - 2 * (torch.rand(count) < mirror[0]).float()
    flip_y = 1 - 2 * (torch.rand(count) < mirror[1]).float()
    offset = (torch.rand(count, 2) * 2 - 1) * shift * 2
    cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
    rows = [cos * flip_x, -sin * flip_y, offset[:, 0]], [sin * flip_x, cos * flip_y, offset[:, 1]]
    affine = torch.stack([torch.stack(row, 1) for row in rows], 1)
    grid = F.affine_grid(affine, list(images.shape), align_corners=False)
    bend = F.interpolate(torch.randn(count, 2, 5, 5) * elastic, images.shape[2:], mode="bicubic", align_corners=True)
    grid = grid + bend.permute(0, 2, 3, 1) * sometimes(count, 0.5)
    both = F.grid_sample(torch.cat([images, masks], 1), grid, align_corners=False)
    return both[:, :1], (both[:, 1:] >= 0.5).float()


def blurred(images, strength):
    """A 3x3 binomial filter, mixed in by `strength` (0 to 1, [N,1,1,1])."""
    line = torch.tensor([0.25, 0.5, 0.25])
    kernel = (line[:, None] * line[None])[None, None]
    soft = F.conv2d(F.pad(images, (1, 1, 1, 1), mode="replicate"), kernel)
    return images + (soft - images) * strength


def recorded(images):
    """What another scanner could have made of it: gamma, slow bias, Rician noise, and a light denoising of some.

    [N,1,H,W], non-negative; the maximum of each is about 1 afterwards.
    """
    count, _, height, width = images.shape
    images = images / images.amax((2, 3), keepdim=True).clamp(min=1e-6)
    images = images.clamp(min=0) ** torch.exp(uniform(count, -0.3, 0.3))
    slow = F.interpolate(torch.randn(count, 1, 3, 3) * 0.15, size=(height, width), mode="bicubic", align_corners=True)
    images = images * torch.exp(slow * sometimes(count, 0.5))
    sigma = uniform(count, 0, 0.03) * sometimes(count, 0.4)
    real = images + torch.randn_like(images) * sigma
    images = torch.sqrt(real**2 + (torch.randn_like(images) * sigma) ** 2)
    return blurred(images, uniform(count, 0, 1) * sometimes(count, 0.4))


def shifted_scale(images):
    """A small gain and offset after the standardization: the lesion itself moves the mean and the deviation."""
    count = len(images)
    return images * uniform(count, 0.9, 1.1) + uniform(count, -0.1, 0.1)


def other_contrast(images):
    """Another curve from intensity to intensity for each, rising or not: what other sequences could show. Maximum 1."""
    count, knots = len(images), 6
    images = images / images.amax((2, 3), keepdim=True).clamp(min=1e-6)
    heights = torch.cat([torch.zeros(count, 1), torch.rand(count, knots)], 1)
    at = (images * knots).clamp(0, knots - 1e-4)
    low = at.floor().long()
    flat = low.flatten(1)
    left, right = heights.gather(1, flat).view_as(images), heights.gather(1, flat + 1).view_as(images)
    return left + (right - left) * (at - low)
