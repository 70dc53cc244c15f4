#!/usr/bin/env python3
"""Makes checkpoint-*.pt with torch.save, in both of its forms, and checkpoints.json: what is in them.

    pip install torch
    python make-checkpoints.py

Every tensor is kept as PyTorch reads it back: its name, type, shape, and its elements in row-major
order as numbers.
"""
import argparse
import collections
import json
import os

import torch
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
TYPES = {
    torch.float32: "F32", torch.float64: "F64", torch.float16: "F16", torch.bfloat16: "BF16",
    torch.int64: "I64", torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8",
    torch.bool: "BOOL", torch.uint16: "U16", torch.float8_e4m3fn: "F8_E4M3",
    torch.float8_e5m2: "F8_E5M2", torch.complex64: "C64",
}
answers = {}


def numbers(start, *shape):
    """Numbers that every type of floating point holds exactly."""
    return (torch.arange(start, start + torch.Size(shape).numel()) % 61 - 30).reshape(shape) / 4


def described(tensors):
    def elements(tensor):
        if tensor.is_complex() or tensor.element_size() == 1 and tensor.is_floating_point():
            return []
        return tensor.to(torch.float64).reshape(-1).tolist()
    return [
        {"name": name, "type": TYPES[t.dtype], "shape": list(t.shape), "values": elements(t)}
        for name, t in tensors.items() if t.dtype in TYPES
    ]


def save(name, value, chosen, legacy=True, **options):
    """Saves in both forms; `chosen` are the tensors that a reader is to find."""
    path = os.path.join(HERE, f"checkpoint-{name}")
    torch.save(value, path + ".pt", **options)
    if not name.startswith("protocol"):
        answers[name] = described(chosen)
    if legacy:
        torch.save(value, path + "-legacy.pt", _use_new_zipfile_serialization=False, **options)


def state_dict():
    whole = numbers(7, 40)
    tied = numbers(3, 5, 3)
    return collections.OrderedDict([
        ("conv.weight", numbers(0, 4, 3, 3, 2).to(memory_format=torch.channels_last)),
        ("conv.bias", numbers(11, 4)),
        ("bn.weight", numbers(5, 4)),
        ("bn.running_mean", numbers(9, 4)),
        ("bn.running_var", numbers(0, 4).abs()),
        ("bn.num_batches_tracked", torch.tensor(17)),
        ("encoder.weight", tied),
        ("decoder.weight", tied),
        ("transposed", numbers(2, 6, 5).t()),
        ("permuted", numbers(1, 2, 3, 4, 5).permute(2, 0, 3, 1)),
        ("stepped", whole[3:33:3]),
        ("part", whole[10:20].reshape(2, 5)),
        ("row", numbers(4, 1, 6).expand(1, 6)),
        ("scale", torch.tensor(0.75)),
        ("nothing", torch.zeros(0, 3)),
        ("double", (numbers(0, 3).double() / 3)),
        ("half", numbers(8, 3).half()),
        ("brain", numbers(6, 2, 2).bfloat16().t()),
        ("index", torch.arange(12).reshape(3, 4).t()),
        ("small", torch.tensor([-1, 2], dtype=torch.int8)),
        ("mask", torch.tensor([True, False, True])),
        ("parameter", nn.Parameter(numbers(1, 2))),
    ])


tensors = state_dict()
# A module's state dict has an attribute of its own, which comes as a BUILD.
tensors._metadata = collections.OrderedDict([("", {"version": 1})])
save("plain", tensors, tensors)
for protocol in (3, 4, 5):
    save(f"protocol{protocol}", tensors, tensors, legacy=protocol != 3, pickle_protocol=protocol)

model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
with torch.no_grad():
    for i, parameter in enumerate(model.parameters()):
        parameter.copy_(numbers(i, *parameter.shape))
wrapped = nn.DataParallel(model)
optimizer = torch.optim.Adam(model.parameters())
model(numbers(0, 4, 3)).sum().backward()
before = {k: v.clone() for k, v in model.state_dict().items()}
optimizer.step()
model.load_state_dict(before)
save(
    "nested",
    {
        "epoch": 3, "best": torch.tensor(0.5), "args": argparse.Namespace(lr=0.1, layers=[1, 2]),
        "state_dict": wrapped.state_dict(), "optimizer": optimizer.state_dict(),
        "history": [0.5, 0.25], "name": "x" * 300,
    },
    wrapped.state_dict())
ema = {k: v * 2 for k, v in model.state_dict().items()}
save("several", {"model": model.state_dict(), "ema": ema, "optimizer": optimizer.state_dict()}, ema)
dense = nn.Linear(3, 2)
dense.load_state_dict({"weight": numbers(0, 2, 3), "bias": numbers(1, 2)})
dense = nn.DataParallel(nn.Sequential(dense)).state_dict()
save("dense", {"state_dict": dense, "epoch": 1}, dense)
save("tree", {"params": {"a": {"kernel": numbers(0, 2, 2)}, "b": {"kernel": numbers(3, 2)}}, "step": 1},
     {"a.kernel": numbers(0, 2, 2), "b.kernel": numbers(3, 2)})
odd = {
    "w": numbers(0, 3),
    "f8": torch.tensor([1.0, 2.0]).to(torch.float8_e4m3fn),
    "g8": torch.tensor([1.0, 2.0]).to(torch.float8_e5m2),
    "u16": torch.tensor([1, 60000], dtype=torch.uint16),
    "c": torch.tensor([1 + 2j]),
    "cc": torch.tensor([1 + 2j], dtype=torch.complex128),
    "sparse": torch.eye(2).to_sparse(),
    "quantized": torch.quantize_per_tensor(torch.ones(2), 0.5, 0, torch.qint8),
    "step": 5,
}
save("odd", odd, {k: v for k, v in odd.items()
                  if isinstance(v, torch.Tensor) and not v.is_sparse and not v.is_quantized},
     legacy=False)
torch.save(model, os.path.join(HERE, "checkpoint-module.pt"))
with open(os.path.join(HERE, "checkpoints.json"), "w") as file:
    rows = [f'  "{n}": [\n    ' + ",\n    ".join(map(json.dumps, a)) + "\n  ]" for n, a in answers.items()]
    file.write("{\n" + ",\n".join(rows) + "\n}\n")
