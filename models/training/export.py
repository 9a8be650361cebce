"""Writes a trained network as `model.onnx` with all that it tells, and `trained.json` beside the checkpoint.

    python3 export.py NAME CHECKPOINT FOLDER [--phantoms FOLDER] [--check FOLDER]

NAME is that of a network of `networks.py`, `classifiers.py`, `denoiser.py` or `detector.py`. Thresholds and temperature
come from what was held back of the training. Segmentations and classifiers need the phantoms: their scores of
unfamiliarity know them as well.
"""

import argparse
import hashlib
import json
from pathlib import Path

import one_thread  # noqa: F401
import numpy as np
import onnx
import torch
from torch import nn
from torch.nn import functional as F

import data
import exported
from classifiers import CLASSIFIERS
from networks import ENCODERS

OPSET = 16
# Files above so many bytes keep their large weights as f16.
LARGE = 12e6
# What the engine was promised, besides the detector's.
OPERATORS = {
    "Conv", "ConvTranspose", "BatchNormalization", "Relu", "MaxPool", "AveragePool", "GlobalAveragePool",
    "GlobalMaxPool", "Concat", "Add", "Sub", "Mul", "Div", "Pow", "Log", "Sqrt", "Clip", "Sigmoid", "Softmax", "Gemm",
    "MatMul", "Flatten", "Reshape", "Constant", "Identity", "ReduceMean", "ReduceSum", "GreaterOrEqual", "Less", "Not",
    "Cast", "Slice", "Unsqueeze", "Pad",
}


def write(module, example, file, inputs, outputs, axes):
    torch.onnx.export(
        module, example, str(file), opset_version=OPSET, input_names=inputs, output_names=outputs, dynamic_axes=axes,
    )
    graph = onnx.load(str(file))
    onnx.checker.check_model(graph, full_check=True)
    return graph


def all_nodes(graph):
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from all_nodes(attribute.g)


def mend_detector(graph):
    """RoiAlign as it was trained: opset 16 changed a default that torchvision leaves out."""
    for node in all_nodes(graph.graph):
        if node.op_type == "RoiAlign":
            node.attribute.append(onnx.helper.make_attribute("coordinate_transformation_mode", "output_half_pixel"))


def keep_as_f16(graph):
    """The large weights as f16, each with a cast to f32."""
    casts = []
    for tensor in graph.graph.initializer:
        values = onnx.numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < 4096:
            continue
        name = tensor.name
        tensor.CopyFrom(onnx.numpy_helper.from_array(values.astype(np.float16), f"{name}.f16"))
        casts.append(onnx.helper.make_node("Cast", [f"{name}.f16"], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *graph.graph.node]
    del graph.graph.node[:]
    graph.graph.node.extend(nodes)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=[*ENCODERS, *CLASSIFIERS, "denoise_autoencoder", "maskrcnn_tumor"])
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--phantoms", type=Path, help="folder that phantoms.ts wrote")
    parser.add_argument("--check", type=Path, help="folder for an input and torch's answer, for verify.ts")
    options = parser.parse_args()
    scored = options.name in ENCODERS or options.name in CLASSIFIERS
    if scored != (options.phantoms is not None):
        parser.error(f"{options.name} {'needs' if scored else 'takes no'} --phantoms")
    options.folder.mkdir(parents=True, exist_ok=True)
    file = options.folder / "model.onnx"
    made = exported.make(options.name, options.checkpoint, options.phantoms)
    graph = write(made.module, made.example, file, made.inputs, made.outputs, made.axes)
    if options.name == "maskrcnn_tumor":
        mend_detector(graph)
    else:
        strange = {node.op_type for node in all_nodes(graph.graph)} - OPERATORS
        if strange:
            raise SystemExit(f"{file}: operators that the engine was not promised: {sorted(strange)}")
    if file.stat().st_size > LARGE:
        keep_as_f16(graph)
    onnx.checker.check_model(graph, full_check=True)
    onnx.save(graph, str(file))
    if options.check:
        options.check.mkdir(parents=True, exist_ok=True)
        with torch.no_grad():
            answers = made.module(*made.example)
        np.save(options.check / "input.npy", made.sample.numpy())
        for name, answer in zip(made.outputs, answers):
            np.save(options.check / f"{name}.npy", answer.float().numpy())
    (options.checkpoint.parent / f"{options.name}.json").write_text(json.dumps(made.facts, indent=2) + "\n")
    content = file.read_bytes()
    print(f"{file}: {len(content)} bytes, sha256 {hashlib.sha256(content).hexdigest()}")
    print(json.dumps(made.facts))


if __name__ == "__main__":
    main()
