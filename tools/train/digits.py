"""Reads handwritten digits from the files in which MNIST is handed around."""
import gzip
import struct
from pathlib import Path

import numpy
import torch


def read_idx(path):
    """An array of an IDX file, compressed or not: two zero bytes, the type (8: bytes), the number of dimensions, their lengths, the values."""
    raw = path.read_bytes()
    data = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    if len(data) < 4 or data[:3] != b"\0\0\x08":
        raise SystemExit(f"{path}: is not an IDX file of bytes")
    dimensions = data[3]
    shape = struct.unpack(f">{dimensions}I", data[4 : 4 + 4 * dimensions])
    values = numpy.frombuffer(data, numpy.uint8, offset=4 + 4 * dimensions)
    if values.size != numpy.prod(shape):
        raise SystemExit(f"{path}: declares shape {shape}, but holds {values.size} values")
    return values.reshape(shape)


def read_folder(folder, part):
    """Pictures and labels of `train` or `t10k` from the four files of the original distribution."""

    def find(kind):
        for separator in "-.":
            for ending in ("", ".gz"):
                path = folder / f"{part}-{kind}{separator}idx{3 if kind == 'images' else 1}-ubyte{ending}"
                if path.exists():
                    return path
        raise SystemExit(f"{folder}: has no {part}-{kind}-idx file")

    return read_idx(find("images")), read_idx(find("labels"))


def read_npz(path, part):
    """Pictures and labels from an archive with x_train, y_train (or x_test, y_test; or images, labels)."""
    with numpy.load(path) as archive:
        for names in ((f"x_{'train' if part == 'train' else 'test'}", f"y_{'train' if part == 'train' else 'test'}"), ("images", "labels")):
            if all(name in archive for name in names):
                return archive[names[0]], archive[names[1]]
        raise SystemExit(f"{path}: has neither x_train and y_train nor images and labels, but {', '.join(archive.files)}")


def load(path, part, size):
    """Pictures [n, 1, size, size] in [-1, 1], padded with black, and their labels [n]."""
    path = Path(path)
    if not path.exists():
        raise SystemExit(f"{path}: does not exist")
    pictures, labels = read_folder(path, part) if path.is_dir() else read_npz(path, part)
    if pictures.ndim != 3 or len(pictures) != len(labels) or max(pictures.shape[1:]) > size:
        raise SystemExit(f"{path}: pictures of shape {pictures.shape} with {len(labels)} labels; expected [n, height, width] up to {size}x{size}")
    rows, columns = size - pictures.shape[1], size - pictures.shape[2]
    padding = ((0, 0), (rows // 2, rows - rows // 2), (columns // 2, columns - columns // 2))
    padded = numpy.pad(pictures.astype(numpy.uint8), padding)
    return torch.from_numpy(padded)[:, None].float() / 127.5 - 1, torch.from_numpy(labels.astype(numpy.int64))
