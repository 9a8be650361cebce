"""Starts a U-Net from the weights of a shipped `unet_tumor`: the function is the same, the encoder a deeper one.

Convolutions that the deeper encoder has besides begin as the identity, residual branches as zero (Net2Net). The shipped
file's normalization is folded into its convolutions: scale and shift of each layer are set by a batch so that it does
nothing yet.
"""

import onnx
import torch
from onnx import numpy_helper
from torch import nn

from networks import ResidualBlock


def shipped(path):
    """Weights and biases of the convolutions of a `model.onnx`, in order, of the transposed ones and of linear layers."""
    graph = onnx.load(str(path)).graph
    values = {tensor.name: torch.from_numpy(numpy_helper.to_array(tensor).copy()) for tensor in graph.initializer}
    layers = {"Conv": [], "ConvTranspose": [], "Gemm": []}
    for node in graph.node:
        if node.op_type in layers:
            layers[node.op_type].append((values[node.input[1]], values[node.input[2]]))
    return layers["Conv"], layers["ConvTranspose"], layers["Gemm"]


@torch.no_grad()
def grow(network, path, images):
    """`images` [N,1,128,128], standardized: the batch that sets scale and shift."""
    convolutions, transposed, linear = shipped(path)
    source = iter(convolutions)
    pairs = []
    for level in network.down:
        if isinstance(level[0], ResidualBlock):
            block = level[0]
            pairs += [(block.first, block.first_norm, next(source)), (block.second, block.second_norm, next(source))]
            nn.init.zeros_(block.shortcut[1].weight)
            for more in level[1:]:
                nn.init.zeros_(more.second_norm.weight)
        else:
            layers = list(level)
            for at in range(0, len(layers), 3):
                pairs.append((layers[at], layers[at + 1], next(source) if at < 6 else identity(layers[at])))
    for up, (weight, bias) in zip(network.up, transposed):
        inputs, outputs = weight.shape[:2]
        up.expand.weight.copy_(weight.permute(1, 2, 3, 0).reshape(outputs * 4, inputs, 1, 1))
        up.bias.copy_(bias)
    for merge in network.merge:
        pairs.append((merge[0], merge[1], next(source)))
    weight, bias = next(source)
    network.head.weight.copy_(weight)
    network.head.bias.copy_(bias)
    for weight, bias in linear:
        network.slice_head.weight.copy_(weight)
        network.slice_head.bias.copy_(bias)
    network.eval()
    for convolution, norm, (weight, bias) in pairs:
        convolution.weight.copy_(weight)
        settle(network, convolution, norm, bias, images)


def identity(layer):
    weight = torch.zeros_like(layer.weight)
    nn.init.dirac_(weight)
    return weight, torch.zeros(len(weight))


def settle(network, convolution, norm, bias, images):
    """Sets the statistics of `norm` from a batch, and its scale and shift so that it only adds `bias`."""
    seen = []
    hook = convolution.register_forward_hook(lambda _module, _inputs, output: seen.append(output))
    network(images)
    hook.remove()
    mean, variance = seen[0].mean((0, 2, 3)), seen[0].var((0, 2, 3))
    norm.running_mean.copy_(mean)
    norm.running_var.copy_(variance)
    norm.weight.copy_((variance + norm.eps).sqrt())
    norm.bias.copy_(mean + bias)
