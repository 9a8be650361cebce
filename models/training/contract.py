"""Writes `model.json`: what the engine must know to feed a model, where it comes from, and how good it is."""

import hashlib
import json
import platform
from importlib.metadata import version

from data import CLASSES, FOREGROUND

DATA = {
    "source": "Cheng, Jun (2017): brain tumor dataset. figshare. https://doi.org/10.6084/m9.figshare.1512427.v5",
    "license": "CC BY 4.0",
    "changes": "1606 slices averaged to 256 x 256 pixels, 8 bits, scaled per slice to the 99.9th percentile",
    "split": "three of the author's five folds for training (12 % of their series for choices), one for quality",
    "phantoms": "procedural, plugins/demonstration/phantom.ts, seeds from 1000",
}
CONTRACTS = {
    "unet_tumor": {
        "task": "segmentation",
        "input": {"name": "image", "channels": 1, "size": [128, 128], "spacingMm": [1.96, 1.96]},
        "normalization": {"kind": "standardize", "foreground": FOREGROUND, "over": "input"},
        "output": {"name": "probability", "threshold": 0.5},
        "classes": ["tumor"],
    },
    "resnet_tumor_type": {
        "task": "classification",
        "input": {
            "name": "crop",
            "channels": 1,
            "size": [64, 64],
            "crop": {"margin": 1.5, "minSidePx": 24, "sampledAt": [128, 128]},
        },
        "normalization": {"kind": "standardize", "foreground": FOREGROUND, "over": "slice"},
        "output": {"name": "probabilities"},
        "classes": list(CLASSES),
    },
}


def versions():
    return {"python": platform.python_version(), **{name: version(name) for name in ("torch", "onnx", "numpy")}}


def write(name, folder, trained, quality, threshold=None):
    """`folder` holds the model.onnx that the figures were measured with."""
    contract = json.loads(json.dumps(CONTRACTS[name]))
    if threshold is not None:
        contract["output"]["threshold"] = threshold
    content = (folder / "model.onnx").read_bytes()
    model = {
        "schemaVersion": 1,
        "name": name,
        "task": contract.pop("task"),
        "file": "model.onnx",
        "sha256": hashlib.sha256(content).hexdigest(),
        **contract,
        "data": DATA,
        "license": "MIT",
        "trained": {**trained, "versions": versions()},
        "quality": quality,
    }
    (folder / "model.json").write_text(json.dumps(model, indent=2, ensure_ascii=False) + "\n")
