#!/usr/bin/env python3
"""Makes pytorch-*.json: what PyTorch computes, in float64, for the published networks.

    pip install torch numpy
    python make-pytorch.py [NAME ...]

Weights, statistics, inputs and directions are not kept: element j of the array called `name` is

    centre + spread · (2 u − 1),  u = (mix(fnv(name) + salt · 0x9E3779B97F4A7C15 + j) >> 40) / 2²⁴,

with FNV-1a of the name's bytes and the finaliser of SplitMix64, all modulo 2⁶⁴; the sum is rounded
once to float32. `Formula` in Tests/TestSupport is the same. Kept are outputs and mean losses in both
modes, statistics after the pass in training mode, losses of ten steps of SGD on the same batch, and
of the gradient of every tensor its norm, its products with two directions and 24 of its elements.

Where the input of a ReLU is nearer to zero than float32 rounds, two correct implementations differ
by the whole gradient through that unit. So salts are tried until no such input (and no two largest
of a pooling window) is nearer than `MARGIN`; the large networks are taken as they come, and without
the ten steps, which would be chaotic.
"""
import json
import math
import os
import sys

import numpy as np
import torch
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
MARGIN = 1e-5
SAMPLES = 24


# The published networks, under the names of their state dicts.
class MLP(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        layers = []
        for i in range(len(sizes) - 1):
            layers += [nn.Linear(sizes[i], sizes[i + 1]), nn.ReLU()]
        self.model = nn.Sequential(*layers[:-1])

    def forward(self, x):
        return self.model(x.flatten(1))


class LeNet5(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.conv_part = nn.Sequential(
            nn.Conv2d(1, 20, 5), nn.ReLU(), nn.MaxPool2d(2, 2),
            nn.Conv2d(20, 50, 5), nn.ReLU(), nn.MaxPool2d(2, 2))
        self.fc_part = nn.Sequential(nn.Linear(800, 500), nn.ReLU(), nn.Linear(500, classes))

    def forward(self, x):
        return self.fc_part(self.conv_part(x).flatten(1))


class ConvFC(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        layers = []
        for c, d in [(3, 32), (32, 64), (64, 128)]:
            layers += [nn.Conv2d(c, d, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2)]
        self.conv_part = nn.Sequential(*layers)
        self.fc_part = nn.Sequential(
            nn.Linear(1152, 1000), nn.ReLU(), nn.Linear(1000, 1000), nn.ReLU(),
            nn.Linear(1000, classes))

    def forward(self, x):
        return self.fc_part(self.conv_part(x).flatten(1))


class VGG(nn.Module):
    """The classifier's dropout is left out, and with it the gaps in the published names are kept."""

    def __init__(self, convolutions, norm, classes=10):
        super().__init__()
        layers, c = [], 3
        for n, d in zip(convolutions, [64, 128, 256, 512, 512]):
            for _ in range(n):
                layers.append(nn.Conv2d(c, d, 3, padding=1))
                if norm:
                    layers.append(nn.BatchNorm2d(d))
                layers.append(nn.ReLU())
                c = d
            layers.append(nn.MaxPool2d(2, 2))
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(
            nn.Identity(), nn.Linear(512, 512), nn.ReLU(),
            nn.Identity(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, classes))

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


class BasicBlock(nn.Module):
    def __init__(self, c, d, stride):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(c)
        self.conv1 = nn.Conv2d(c, d, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(d)
        self.conv2 = nn.Conv2d(d, d, 3, 1, 1, bias=False)
        self.relu = nn.ReLU()
        self.downsample = None
        if stride != 1 or c != d:
            self.downsample = nn.Sequential(nn.Conv2d(c, d, 1, stride, bias=False))

    def forward(self, x):
        y = self.conv1(self.relu(self.bn1(x)))
        y = self.conv2(self.relu(self.bn2(y)))
        return y + (x if self.downsample is None else self.downsample(x))


class Bottleneck(nn.Module):
    def __init__(self, c, d, stride):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(c)
        self.conv1 = nn.Conv2d(c, d, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(d)
        self.conv2 = nn.Conv2d(d, d, 3, stride, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(d)
        self.conv3 = nn.Conv2d(d, 4 * d, 1, bias=False)
        self.relu = nn.ReLU()
        self.downsample = None
        if stride != 1 or c != 4 * d:
            self.downsample = nn.Sequential(nn.Conv2d(c, 4 * d, 1, stride, bias=False))

    def forward(self, x):
        y = self.conv1(self.relu(self.bn1(x)))
        y = self.conv2(self.relu(self.bn2(y)))
        y = self.conv3(self.relu(self.bn3(y)))
        return y + (x if self.downsample is None else self.downsample(x))


class PreResNet(nn.Module):
    def __init__(self, depth, classes):
        super().__init__()
        block, n, e = (Bottleneck, (depth - 2) // 9, 4) if depth >= 44 else (BasicBlock, (depth - 2) // 6, 1)
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        c = 16
        for stage, d in enumerate([16, 32, 64]):
            blocks = []
            for i in range(n):
                blocks.append(block(c, d, 2 if stage > 0 and i == 0 else 1))
                c = d * e
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.bn = nn.BatchNorm2d(c)
        self.relu = nn.ReLU()
        self.fc = nn.Linear(c, classes)

    def forward(self, x):
        x = self.layer3(self.layer2(self.layer1(self.conv1(x))))
        return self.fc(nn.functional.avg_pool2d(self.relu(self.bn(x)), 8).flatten(1))


class WideBasic(nn.Module):
    def __init__(self, c, d, stride):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(c)
        self.conv1 = nn.Conv2d(c, d, 3, padding=1)
        self.bn2 = nn.BatchNorm2d(d)
        self.conv2 = nn.Conv2d(d, d, 3, stride, 1)
        self.relu = nn.ReLU()
        self.shortcut = nn.Sequential()
        if stride != 1 or c != d:
            self.shortcut = nn.Sequential(nn.Conv2d(c, d, 1, stride))

    def forward(self, x):
        y = self.conv2(self.relu(self.bn2(self.conv1(self.relu(self.bn1(x))))))
        return y + self.shortcut(x)


class WideResNet(nn.Module):
    def __init__(self, depth, width, classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1)
        c = 16
        for stage, base in enumerate([16, 32, 64]):
            blocks = []
            for i in range((depth - 4) // 6):
                blocks.append(WideBasic(c, base * width, 2 if stage > 0 and i == 0 else 1))
                c = base * width
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.bn1 = nn.BatchNorm2d(c, momentum=0.9)
        self.relu = nn.ReLU()
        self.linear = nn.Linear(c, classes)

    def forward(self, x):
        x = self.relu(self.bn1(self.layer3(self.layer2(self.layer1(self.conv1(x))))))
        return self.linear(nn.functional.avg_pool2d(x, 8).flatten(1))


class VarSplit(nn.Module):
    def __init__(self):
        super().__init__()
        self.var = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        softplus = nn.functional.softplus
        mean, raw = x.chunk(2, dim=1)
        return torch.cat([mean, softplus(raw) + softplus(self.var)], dim=1)


class RegNet(nn.Sequential):
    def __init__(self, inputs, hidden):
        super().__init__()
        for i, (c, d) in enumerate(zip([inputs] + hidden, hidden + [2])):
            if i > 0:
                self.add_module(f"relu{i - 1}", nn.ReLU())
            self.add_module(f"linear{i}", nn.Linear(c, d))
        self.add_module("var_split", VarSplit())


# name: model as the tools call it, network, input shape, classes (0: a regression), examples,
# rate of the ten steps, and whether a salt is looked for.
CASES = {
    "mlp": ("mlp:32,32", lambda: MLP([784, 32, 32, 10]), [1, 28, 28], 10, 8, 0.05, True),
    "lenet5": ("lenet5", LeNet5, [1, 28, 28], 10, 4, 0.01, True),
    "preresnet8": ("preresnet8", lambda: PreResNet(8, 10), [3, 32, 32], 10, 4, 0.05, True),
    "preresnet20": ("preresnet20", lambda: PreResNet(20, 100), [3, 32, 32], 100, 2, 0.05, True),
    "wrn10x1": ("wrn10x1", lambda: WideResNet(10, 1), [3, 32, 32], 10, 4, 0.05, True),
    "regnet": ("regnet:50,50", lambda: RegNet(13, [50, 50]), [13], 0, 8, 0.001, True),
    "preresnet56": ("preresnet56", lambda: PreResNet(56, 10), [3, 32, 32], 10, 4, 0, False),
    "convfc": ("convfc", ConvFC, [3, 32, 32], 10, 4, 0, False),
    "vgg16": ("vgg16", lambda: VGG([2, 2, 3, 3, 3], False), [3, 32, 32], 10, 4, 0, False),
    "vgg16bn": ("vgg16bn", lambda: VGG([2, 2, 3, 3, 3], True), [3, 32, 32], 10, 4, 0, False),
}


def formula(name, salt, count):
    """2 u − 1 for j = 0 … count − 1, exact in float32."""
    h = 0xCBF29CE484222325
    for byte in name.encode():
        h = ((h ^ byte) * 0x100000001B3) % 2**64
    start = (h + salt * 0x9E3779B97F4A7C15) % 2**64
    with np.errstate(over="ignore"):
        z = np.arange(count, dtype=np.uint64) + np.uint64(start) + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(40)).astype(np.float64) / 2**23 - 1


def array(name, salt, shape, centre, spread):
    values = centre + spread * formula(name, salt, math.prod(shape))
    return torch.from_numpy(values.astype(np.float32).astype(np.float64)).reshape(shape)


def place(name, shape):
    """Centre and spread of a tensor: about those of training, powers of two."""
    if len(shape) > 1:
        return 0, 2.0 ** round(math.log2(math.sqrt(6 / math.prod(shape[1:]))))
    if name.endswith("running_var"):
        return 1, 0.5
    if name.endswith("weight"):  # of a BatchNorm
        return 1, 0.25
    return 0, 0.25


def loss_of(outputs, targets, classes):
    if classes:
        return nn.functional.cross_entropy(outputs, targets)
    mean, variance = outputs.chunk(2, dim=1)
    return ((mean - targets) ** 2 / (2 * variance) + 0.5 * torch.log(variance)).mean()


def margin_of(network, inputs):
    """The least distance of a ReLU's input from zero, and between a window's two largest."""
    least = [math.inf]

    def relu(module, x, y):
        least[0] = min(least[0], x[0].abs().min().item())

    def pool(module, x, y):
        k, s = module.kernel_size, module.stride
        windows = x[0].unfold(2, k, s).unfold(3, k, s).flatten(4)
        top = windows.topk(2, dim=-1).values
        gap = (top[..., 0] - top[..., 1])[top[..., 0] > 0]
        least[0] = min(least[0], gap.min().item())

    hooks = [m.register_forward_hook(relu) for m in network.modules() if isinstance(m, nn.ReLU)]
    hooks += [m.register_forward_hook(pool) for m in network.modules() if isinstance(m, nn.MaxPool2d)]
    with torch.no_grad():
        network(inputs)
    for hook in hooks:
        hook.remove()
    return least[0]


def fill(network, salt):
    network.load_state_dict(
        {k: array(k, salt, list(v.shape), *place(k, list(v.shape))) if v.dtype.is_floating_point else v
         for k, v in network.state_dict().items()})


def numbers(values):
    return [float(f"{v:.9g}") for v in values]


def make(name):
    model, build, shape, classes, count, rate, smooth = CASES[name]
    network = build().double()
    salt = 0
    while True:
        fill(network, salt)
        inputs = array("inputs", salt, [count] + shape, 0, 2)
        network.train()
        margin = margin_of(network, inputs)
        if not smooth or margin > MARGIN:
            break
        salt += 1
    fill(network, salt)
    targets = torch.tensor([(7 * n + 3) % classes for n in range(count)]) if classes \
        else array("targets", salt, [count, 1], 0, 2)
    result = {
        "model": model, "input": shape, "outputs": classes or 2, "count": count, "salt": salt,
        "loss": "cross-entropy" if classes else "gaussian", "margin": float(f"{margin:.2g}"),
        "torch": torch.__version__.split("+")[0]}

    network.eval()
    with torch.no_grad():
        outputs = network(inputs)
        result["outputsInEvaluation"] = numbers(outputs.flatten().tolist())
        result["lossInEvaluation"] = loss_of(outputs, targets, classes).item()
    network.train()
    outputs = network(inputs)
    loss = loss_of(outputs, targets, classes)
    loss.backward()
    result["outputsInTraining"] = numbers(outputs.flatten().tolist())
    result["lossInTraining"] = loss.item()

    result["tensors"] = []
    for key, p in network.named_parameters():
        centre, spread = place(key, list(p.shape))
        g = p.grad.flatten().numpy()
        samples = min(g.size, SAMPLES)
        result["tensors"].append({
            "name": key, "shape": list(p.shape), "centre": centre, "spread": spread,
            "norm": float(f"{np.linalg.norm(g):.9g}"),
            "products": numbers(g @ formula(f"direction {r} {key}", salt, g.size) for r in (1, 2)),
            "samples": numbers(g[i * g.size // samples] for i in range(samples))})
    result["statistics"] = []
    for key, b in network.named_buffers():
        if b.dtype.is_floating_point:
            centre, spread = place(key, list(b.shape))
            result["statistics"].append({
                "name": key, "shape": list(b.shape), "centre": centre, "spread": spread,
                "after": numbers(b.tolist())})

    if smooth:
        fill(network, salt)
        network.train()
        sgd = torch.optim.SGD(network.parameters(), lr=rate, momentum=0.9, weight_decay=5e-4)
        losses = []
        for _ in range(10):
            sgd.zero_grad()
            loss = loss_of(network(inputs), targets, classes)
            loss.backward()
            losses.append(loss.item())
            sgd.step()
        result["sgd"] = {"rate": rate, "momentum": 0.9, "weightDecay": 5e-4, "losses": numbers(losses)}
    write(name, result)
    print(f"{name}: salt {salt}, margin {margin:.2g}")


def write(name, result):
    """JSON with a line for each tensor."""
    lines = []
    for key, value in result.items():
        if key in ("tensors", "statistics"):
            rows = ",\n  ".join(json.dumps(row) for row in value)
            lines.append(f"{json.dumps(key)}: [{rows}]")
        else:
            lines.append(f"{json.dumps(key)}: {json.dumps(value)}")
    with open(os.path.join(HERE, f"pytorch-{name}.json"), "w") as file:
        file.write("{" + ",\n".join(lines) + "}\n")


if __name__ == "__main__":
    torch.manual_seed(0)
    for name in sys.argv[1:] or CASES:
        make(name)
