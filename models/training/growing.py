"""Starts a U-Net from the weights of a shipped `unet_tumor`: the function is the same, the encoder deeper and wider.

Convolutions that the deeper encoder has besides begin as the identity, residual branches as zero (Net2Net). Channels
that it has besides begin at random, and what comes after them with a weight of zero for them. The shipped file's normalization is folded into its convolutions: scale and shift of each layer are set by a batch so that it does
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
    """`images` [N,1,S,S], standardized: the batch that sets scale and shift."""
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
    if network.unshuffles:
        layer, norm, (weight, bias) = pairs[0]
        pairs[0] = layer, norm, (weight.repeat(1, 4, 1, 1) / 4, bias)
    for up, (weight, bias) in zip(network.up, transposed):
        inputs, outputs = weight.shape[:2]
        place(up.expand.weight, weight.permute(1, 2, 3, 0).reshape(outputs * 4, inputs, 1, 1))
        up.bias[:outputs] = bias
    for merge, up, (_, bias) in zip(network.merge, network.up, transposed):
        weight, own = next(source)
        raised = weight[:, :len(bias)], weight[:, len(bias):]
        wide = torch.zeros(len(weight), merge[0].in_channels, *weight.shape[2:])
        place(wide[:, :len(up.bias)], raised[0])
        place(wide[:, len(up.bias):], raised[1])
        pairs.append((merge[0], merge[1], (wide, own)))
    weight, bias = next(source)
    if network.unshuffles:
        place(network.head.expand.weight, weight.repeat(4, 1, 1, 1))
        network.head.bias.copy_(bias)
    else:
        network.head.weight.copy_(weight)
        network.head.bias.copy_(bias)
    for weight, bias in linear:
        wide = torch.zeros_like(network.slice_head.weight)
        own = [network.up[at].expand.in_channels for at in (1, 0) for _ in range(2)]
        theirs = [len(convolutions[at][0]) for at in (7, 9) for _ in range(2)]
        for part, values in zip(wide.split(own, 1), weight.split(theirs, 1)):
            place(part, values)
        network.slice_head.weight.copy_(wide)
        network.slice_head.bias.copy_(bias)
    network.eval()
    for convolution, norm, (weight, bias) in pairs:
        place(convolution.weight, weight)
        settle(network, convolution, norm, bias, images)


def identity(layer):
    weight = torch.zeros_like(layer.weight)
    nn.init.dirac_(weight)
    return weight, torch.zeros(len(weight))


def place(target, values):
    """`values` in the first rows and columns of `target`; the rest of those rows is zero, other rows stay as they are."""
    rows, columns = values.shape[:2]
    target[:rows] = 0
    target[:rows, :columns] = values


def settle(network, convolution, norm, bias, images):
    """Sets the statistics of `norm` from a batch, and scale and shift of the channels of `bias` so that it only adds that."""
    seen = []
    hook = convolution.register_forward_hook(lambda _module, _inputs, output: seen.append(output))
    network(images)
    hook.remove()
    mean, variance = seen[0].mean((0, 2, 3)), seen[0].var((0, 2, 3))
    norm.running_mean.copy_(mean)
    norm.running_var.copy_(variance)
    own = len(bias)
    norm.weight[:own] = (variance + norm.eps).sqrt()[:own]
    norm.bias[:own] = mean[:own] + bias
