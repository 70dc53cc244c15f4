#!/usr/bin/env python3
"""Small pictures, and what torchvision on Pillow makes of them: pictures.npz.

Needs numpy, Pillow up to version 12 (13 takes the passes of a resize in another order for some shapes)
and torchvision. An array NAME/FRAMING is [C, H, W]; FRAMING is own, fit-N, size-N or size-N-crop-M, and
-grey behind it where convert("L") came first.
"""
import io
import os

import numpy as np
from PIL import Image
from torchvision import transforms as T

here = os.path.dirname(os.path.abspath(__file__))
random = np.random.default_rng(7)


def picture(width, height, channels):
    x, y = np.linspace(0, 6, width)[None, :, None], np.linspace(0, 5, height)[:, None, None]
    k = np.arange(1, channels + 1)
    noise = random.normal(0, 12, (height, width, channels))
    wave = 127 + 100 * np.sin(x * k + k) * np.cos(y * (4 - k) + k * x / 3) + noise
    return np.clip(wave, 0, 255).astype(np.uint8)


def saved(name, image, kind, **options):
    image.save(os.path.join(here, name), kind, **options)
    return name


rgb = Image.fromarray
names = [
    saved("tall.jpg", rgb(picture(13, 23, 3)), "JPEG", quality=80, subsampling=2),
    saved("wide.jpg", rgb(picture(29, 18, 3)), "JPEG", quality=90, progressive=True),
    saved("grey.jpg", rgb(picture(17, 17, 1)[:, :, 0]), "JPEG"),
    saved("cmyk.jpg", Image.fromarray(picture(13, 10, 4), "CMYK"), "JPEG"),
    saved("rgb.png", rgb(picture(14, 9, 3)), "PNG"),
    saved("alpha.png", Image.fromarray(picture(9, 12, 4), "RGBA"), "PNG"),
    saved("palette.png", rgb(picture(12, 11, 3)).quantize(11), "PNG", bits=4),
    saved("bits.png", rgb(picture(12, 11, 1)[:, :, 0]).convert("1"), "PNG"),
]
framings = {
    "own": [],
    "fit-6": [T.Resize((6, 6))],
    "fit-15": [T.Resize((15, 15))],
    "size-8": [T.Resize(8)],
    "size-10-crop-7": [T.Resize(10), T.CenterCrop(7)],
}
arrays = {}
for name in names:
    for framing, steps in framings.items():
        for mode, suffix in (("RGB", ""), ("L", "-grey")):
            colours = name in ("tall.jpg", "cmyk.jpg", "palette.png")
            if suffix and not (colours and framing in ("own", "fit-6")):
                continue
            if framing in ("fit-15", "size-8") and name not in ("tall.jpg", "wide.jpg", "grey.jpg"):
                continue
            image = Image.open(os.path.join(here, name)).convert(mode)
            for step in steps:
                image = step(image)
            array = np.asarray(image)
            array = array[None] if array.ndim == 2 else array.transpose(2, 0, 1)
            arrays[f"{name}/{framing}{suffix}"] = np.ascontiguousarray(array)
np.savez_compressed(os.path.join(here, "pictures.npz"), **arrays)
