"""Writes `model.json`: what the engine must know to feed a model, where it comes from, how it was trained.

    python3 contract.py NAME CHECKPOINT FOLDER

FOLDER holds the `model.onnx` that `export.py` wrote, and CHECKPOINT's folder its facts. The quality is put in by
`evaluate.ts`.
"""

import argparse
import hashlib
import json
import platform
from importlib.metadata import version
from pathlib import Path

import one_thread  # noqa: F401
import torch

import crops
import healthy
from classifiers import CLASSIFIERS
from data import CLASSES, FOREGROUND
from denoiser import MULTIPLE
from detector import SIZE as DETECTOR_SIZE
from networks import ENCODERS

TUMORS = {
    "source": "Cheng, Jun (2017): brain tumor dataset. figshare. https://doi.org/10.6084/m9.figshare.1512427.v5",
    "license": "CC BY 4.0",
    "changes": "1606 slices averaged to 256 x 256 pixels, 8 bits, scaled per slice to the 99.9th percentile",
    "split": "three of the author's five folds for training (12 % of their series for choices), one for quality",
    "phantoms": "procedural, plugins/demonstration/phantom.ts, seeds from 1000",
}
HEADS = {
    "train": [f"{name}: {license}" for part, name, license, *_ in healthy.HEADS if part == "train"],
    "heldBack": [f"{name}: {license}" for part, name, license, *_ in healthy.HEADS if part == "held"],
    "halves": "healthy sides of training slices with a tumor on one side, mirrored over the midline",
}
MADE_FOR = {"modality": "MR", "sequence": "T1 with contrast"}
STANDARDIZE = {"kind": "standardize", "foreground": FOREGROUND}


def contract(name, facts):
    unfamiliarity = {"output": "unfamiliarity", "threshold": facts.get("limit"), "below": "99 % of slices of series that it was not fitted on, in ten folds"}
    if name in ENCODERS:
        size = ENCODERS[name].size
        return {
            "task": "segmentation",
            "input": {"name": "image", "channels": 1, "size": [size, size], "spacingMm": [256 * 0.98 / size] * 2},
            "normalization": {**STANDARDIZE, "over": "input"},
            "output": {"name": "probability", "threshold": facts["threshold"]},
            "presence": {"output": "presence", "threshold": facts["gate"], "lets": "99 % of the held-back tumors through"},
            "unfamiliarity": unfamiliarity,
            "madeFor": MADE_FOR,
            "classes": ["tumor"],
        }
    if name in CLASSIFIERS:
        size = CLASSIFIERS[name].size
        return {
            "task": "classification",
            "input": {
                "name": "crop", "channels": 1, "size": [size, size],
                "crop": {"margin": crops.MARGIN, "minSidePx": crops.MIN_SIDE, "sampledAt": [2 * size, 2 * size]},
            },
            "normalization": {**STANDARDIZE, "over": "slice"},
            "output": {"name": "probabilities"},
            "attention": {"output": "attention"},
            "unfamiliarity": {**unfamiliarity, "below": "99 % of what a U-Net finds in slices that neither it nor the score was fitted on, in ten folds"},
            "calibration": {
                "temperature": facts["temperature"], "offsetOfNone": facts["offset"], "within": "the network", "expectedCalibrationError": facts["heldBackEce"],
            },
            "madeFor": MADE_FOR,
            "classes": list(CLASSES),
        }
    if name == "denoise_autoencoder":
        return {
            "task": "denoising",
            "input": {"name": "image", "channels": 1, "size": [MULTIPLE, MULTIPLE]},
            "normalization": {**STANDARDIZE, "over": "input"},
            "output": {"name": "denoised"},
            "classes": [],
        }
    return {
        "task": "detection",
        "input": {
            "name": "image", "channels": 1, "size": [DETECTOR_SIZE, DETECTOR_SIZE],
            "spacingMm": [round(256 * 0.98 / DETECTOR_SIZE, 4)] * 2, "anySize": True,
        },
        "normalization": {**STANDARDIZE, "over": "input"},
        "output": {
            "boxes": "boxes", "labels": "labels", "scores": "scores", "masks": "masks", "threshold": facts["threshold"],
        },
        "lets": "95 % of the surest boxes of held-back tumors count",
        "madeFor": MADE_FOR,
        "classes": ["tumor"],
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    facts = json.loads((options.checkpoint.parent / f"{options.name}.json").read_text())
    state = torch.load(options.checkpoint)
    stated = contract(options.name, facts)
    script = {"segmentation": "segmentation", "classification": "classifier", "denoising": "denoiser"}
    recipe = f"models/training/train_{script.get(stated['task'], 'detector')}.py"
    uses_heads = stated["task"] in ("segmentation", "classification")
    model = {
        "schemaVersion": 1,
        "name": options.name,
        "task": stated.pop("task"),
        "file": "model.onnx",
        "sha256": hashlib.sha256((options.folder / "model.onnx").read_bytes()).hexdigest(),
        **stated,
        "data": {**TUMORS, **({"healthyHeads": HEADS} if uses_heads else {})},
        "license": "MIT",
        "trained": {
            "recipe": recipe, "steps": state["step"], "planned": state["steps"], "seed": state["seed"],
            "versions": {
                "python": platform.python_version(),
                **{package: version(package) for package in ("torch", "torchvision", "onnx", "numpy")},
            },
        },
    }
    (options.folder / "model.json").write_text(json.dumps(model, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
