#!/usr/bin/env python3
"""Makes curvature-*.json: products with the Hessian and the Gauss-Newton matrix that PyTorch's double
backward computes in float64.

    pip install torch numpy
    python make-curvature.py [NAME ...]

Networks, weights, statistics and inputs are as in make-pytorch.py; the direction is the array called
"v " and the tensor's name, with centre 0 and the tensor's own spread. Kept are, for BatchNorm with the
batch's statistics ("training") and with running ones ("evaluation"), of each tensor's part of Hv and
Gv its norm, its products with two directions and 12 of its elements. Salts are tried until no ReLU's
input and no two largest of a pooling window are nearer than `MARGIN` in either mode.
"""
import importlib.util
import json
import os
import sys

import numpy as np
import torch
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
spec = importlib.util.spec_from_file_location("golden", os.path.join(HERE, "make-pytorch.py"))
golden = importlib.util.module_from_spec(spec)
spec.loader.exec_module(golden)

MARGIN = 1e-5
SAMPLES = 12


def small_vgg():
    """Two groups of convolutions with BatchNorm, of whole blocks of channels and of others."""
    features, layers, c = [], [], 3
    for group in [[16, 16], [32, 20]]:
        for d in group:
            i = len(features)
            features += [nn.Conv2d(c, d, 3, padding=1), nn.BatchNorm2d(d), nn.ReLU()]
            layers += [
                {"name": f"features.{i}", "type": "convolution", "outputs": d, "kernel": 3, "padding": 1},
                {"name": f"features.{i + 1}", "type": "batch-norm"}, {"name": f"relu{i}", "type": "relu"}]
            c = d
        features.append(nn.MaxPool2d(2, 2))
        layers.append({"name": f"pool{len(features)}", "type": "max-pool", "kernel": 2})
    network = nn.Sequential()
    network.add_module("features", nn.Sequential(*features))
    network.add_module("flatten", nn.Flatten())
    network.add_module("classifier", nn.Linear(9 * c, 10))
    layers += [{"name": "flatten", "type": "flatten"},
               {"name": "classifier", "type": "dense", "outputs": 10}]
    architecture = {"name": "small-vgg", "input": [3, 12, 12], "outputs": 10, "layers": layers}
    return network, json.dumps(architecture)


# name: network, what the engine makes it from, input shape, examples
CASES = {
    "lenet5": (lambda: (golden.LeNet5(), '{"name": "lenet5", "input": [1, 28, 28], "outputs": 10}'),
               [1, 28, 28], 4),
    "preresnet8": (lambda: (golden.PreResNet(8, 10),
                            '{"name": "preresnet8", "input": [3, 32, 32], "outputs": 10}'), [3, 32, 32], 4),
    "small-vgg": (small_vgg, [3, 12, 12], 4),
}


def products(network, inputs, targets, direction):
    """The loss, Hv and Gv as lists of arrays."""
    weights = list(network.parameters())
    outputs = network(inputs)
    loss = nn.functional.cross_entropy(outputs, targets)
    gradient = torch.autograd.grad(loss, weights, create_graph=True)
    slope = sum((g * v).sum() for g, v in zip(gradient, direction))
    hessian = torch.autograd.grad(slope, weights, retain_graph=True)
    # Jv by two backward passes: Jᵀu is linear in u.
    u = torch.zeros_like(outputs, requires_grad=True)
    pulled = torch.autograd.grad(outputs, weights, grad_outputs=u, create_graph=True)
    moved, = torch.autograd.grad(pulled, u, grad_outputs=direction, retain_graph=True)
    p = torch.softmax(outputs.detach(), dim=1)
    curved = p * (moved - (p * moved).sum(1, keepdim=True)) / len(inputs)
    gauss_newton = torch.autograd.grad(outputs, weights, grad_outputs=curved)
    return loss.item(), hessian, gauss_newton


def trace(name, salt, values):
    g = values.detach().flatten().numpy()
    samples = min(g.size, SAMPLES)
    return {
        "norm": float(f"{np.linalg.norm(g):.9g}"),
        "products": golden.numbers(g @ golden.formula(f"direction {r} {name}", salt, g.size) for r in (1, 2)),
        "samples": golden.numbers(g[i * g.size // samples] for i in range(samples))}


def make(name):
    build, shape, count = CASES[name]
    network, architecture = build()
    network = network.double()
    salt = -1
    margin = 0
    while margin < MARGIN:
        salt += 1
        golden.fill(network, salt)
        inputs = golden.array("inputs", salt, [count] + shape, 0, 2)
        margin = min(golden.margin_of(network.train(on), inputs) for on in (False, True))
    targets = torch.tensor([(7 * n + 3) % 10 for n in range(count)])
    result = {
        "architecture": architecture, "count": count, "salt": salt, "margin": float(f"{margin:.2g}"),
        "torch": torch.__version__.split("+")[0]}
    names = [key for key, _ in network.named_parameters()]
    places = {k: golden.place(k, list(v.shape)) for k, v in network.state_dict().items()}
    direction = [golden.array(f"v {k}", salt, list(p.shape), 0, places[k][1])
                 for k, p in network.named_parameters()]
    for mode in ("training", "evaluation"):
        golden.fill(network, salt)
        network.train(mode == "training")
        loss, hessian, gauss_newton = products(network, inputs, targets, direction)
        result[mode] = {"loss": loss, "tensors": [
            {"name": k, "hessian": trace(k, salt, h), "gaussNewton": trace(k, salt, g)}
            for k, h, g in zip(names, hessian, gauss_newton)]}
    result["tensors"] = [
        {"name": k, "shape": list(p.shape), "centre": places[k][0], "spread": places[k][1]}
        for k, p in network.named_parameters()]
    result["statistics"] = [
        {"name": k, "shape": list(b.shape), "centre": places[k][0], "spread": places[k][1]}
        for k, b in network.named_buffers() if b.dtype.is_floating_point]
    with open(os.path.join(HERE, f"curvature-{name}.json"), "w") as file:
        json.dump(result, file, indent=None, separators=(",", ":"))
        file.write("\n")
    print(f"{name}: salt {salt}, margin {margin:.2g}")


if __name__ == "__main__":
    for name in sys.argv[1:] or CASES:
        make(name)
