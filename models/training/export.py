"""Writes a trained network as `model.onnx`: weights averaged, with probabilities as output.

    python3 export.py unet_tumor CHECKPOINT FOLDER
    python3 export.py resnet_tumor_type CHECKPOINT FOLDER

CHECKPOINT may be `untrained`: the very graph with random weights, for tests of what runs it.
"""

import argparse
import hashlib
from pathlib import Path

import one_thread  # noqa: F401
import numpy as np
import onnx
import torch
from torch import nn

from networks import ResNet, UNet

OPSET = 16
OPERATORS = {
    "Conv", "ConvTranspose", "BatchNormalization", "Relu", "MaxPool", "AveragePool", "GlobalAveragePool", "Concat",
    "Add", "Sigmoid", "Softmax", "Gemm", "Flatten", "Reshape", "Constant", "Identity",
}
MODELS = {
    "unet_tumor": {
        "network": UNet, "input": "image", "size": 128, "output": "probability", "end": nn.Sigmoid(),
    },
    "resnet_tumor_type": {
        "network": ResNet, "input": "crop", "size": 64, "output": "probabilities", "end": nn.Softmax(1),
    },
}


def trained(name, checkpoint):
    network = MODELS[name]["network"]()
    if str(checkpoint) != "untrained":
        network.load_state_dict(torch.load(checkpoint)["average"])
    return network.eval()


def exportable(network, end):
    if isinstance(network, UNet):
        network.up = nn.ModuleList(layer.exported() for layer in network.up)
    return nn.Sequential(network, end).eval()


def export(name, checkpoint, folder):
    model = MODELS[name]
    folder.mkdir(parents=True, exist_ok=True)
    network = trained(name, checkpoint)
    torch.manual_seed(1)
    example = torch.randn(2, 1, model["size"], model["size"])
    with torch.no_grad():
        expected = model["end"](network(example))
    file = folder / "model.onnx"
    torch.onnx.export(
        exportable(network, model["end"]), (example,), str(file), opset_version=OPSET,
        input_names=[model["input"]], output_names=[model["output"]],
        dynamic_axes={model["input"]: {0: "N"}, model["output"]: {0: "N"}},
    )
    graph = onnx.load(str(file))
    onnx.checker.check_model(graph, full_check=True)
    operators = {node.op_type for node in graph.graph.node}
    if operators - OPERATORS:
        raise SystemExit(f"{file}: operators that the engine was not promised: {sorted(operators - OPERATORS)}")
    return file, example.numpy(), expected.numpy()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=MODELS)
    parser.add_argument("checkpoint")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--check", type=Path, help="folder for an input and torch's answer, for verify.ts")
    options = parser.parse_args()
    file, example, expected = export(options.name, options.checkpoint, options.folder)
    if options.check:
        options.check.mkdir(parents=True, exist_ok=True)
        np.save(options.check / "input.npy", example)
        np.save(options.check / "expected.npy", expected)
    content = file.read_bytes()
    print(f"{file}: {len(content)} bytes, sha256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
