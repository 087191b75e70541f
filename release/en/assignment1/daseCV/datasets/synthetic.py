"""The stand-in: images that no camera took, in CIFAR-10's files, for those who are offline.

A class has six patterns of 8 x 8 coloured blocks. An image is one of them, shifted by up to two
pixels, with a contrast of its own, and now and then as a negative; on top of blotches, a brightness
and noise that tell nothing, and of a few small stamps of the class's texture, anywhere. So
neighbours in pixel space mean little, one template per class is too few (and a negative defeats
it), hidden units that stand for patterns do better, and small filters find the stamps.

Everything is integer arithmetic on draws of `numpy.random.RandomState`, whose stream NumPy has
promised not to change: the files have the same bytes on every machine.
"""

import pickle
from pathlib import Path

import numpy as np

from daseCV.data_utils import TEST_FILE, TRAINING_FILES, DataError, data_folder
from daseCV.datasets.folder import META_FILE, kind_of, replacing

SEED = 2021
IMAGES_PER_TRAINING_FILE = 1400
TEST_IMAGES = 2000
CLASSES = 10


def synthesize(folder=None):
    """Write the stand-in: five training files of 1400 images, and a test file of 2000.

    Parameters
    ----------
    folder : path, optional
        ``cifar-10-batches-py``, `daseCV.data_utils.data_folder` by default. A stand-in in it is
        made again; unknown files in it are kept under another name.

    Returns
    -------
    folder : pathlib.Path
        The folder.

    Raises
    ------
    DataError
        If the folder holds the official data.
    """
    folder = data_folder() if folder is None else Path(folder)
    if kind_of(folder) == "official":
        raise DataError(
            f"{folder} holds the official CIFAR-10, which is better: move it away first "
            "/ 文件夹中已有官方 CIFAR-10，如需替换请先移走"
        )
    rng = np.random.RandomState(SEED)
    patterns = _integers(rng, -40, 40, (CLASSES, 6, 8, 8, 3))
    stamps = 16 * (2 * _integers(rng, 0, 1, (CLASSES, 5, 5, 3)) - 1)
    with replacing(folder) as unfinished:
        for i, name in enumerate(TRAINING_FILES, start=1):
            images, labels = _draw(rng, IMAGES_PER_TRAINING_FILE, patterns, stamps)
            title = f"training batch {i} of {len(TRAINING_FILES)}"
            _write(unfinished / name, _batch(title, images, labels))
        images, labels = _draw(rng, TEST_IMAGES, patterns, stamps)
        _write(unfinished / TEST_FILE, _batch("testing batch 1 of 1", images, labels))
        _write(unfinished / META_FILE, _meta())
    return folder


def _integers(rng, low, high, shape):
    """Integers from low to high, both included; the dtype is named as it decides the stream."""
    return rng.randint(low, high + 1, shape, dtype=np.int32)


def _draw(rng, n, patterns, stamps):
    """Images (n, 3, 32, 32) of uint8, and their labels (n,)."""
    labels = _integers(rng, 0, CLASSES - 1, n)
    which = _integers(rng, 0, patterns.shape[1] - 1, n)
    images = _shifted(rng, _enlarged(patterns[labels, which], 4))  # (n, 32, 32, 3)
    negative = _integers(rng, 0, 99, n) < 22
    contrast = np.where(negative, -1, 1) * _integers(rng, 20, 63, n)
    images = images * contrast[:, None, None, None] // 64

    images += _enlarged(_integers(rng, -38, 38, (n, 4, 4, 3)), 8)  # blotches
    images += _integers(rng, -30, 30, (n, 1, 1, 1))  # brightness
    images += _integers(rng, -40, 40, images.shape)  # noise
    for _ in range(4):
        _stamp(rng, images, stamps[labels])
    return np.clip(128 + images, 0, 255).astype(np.uint8).transpose(0, 3, 1, 2), labels


def _enlarged(images, factor):
    """Every pixel becomes a block."""
    return images.repeat(factor, axis=1).repeat(factor, axis=2)


def _shifted(rng, images):
    """Each image moved by up to two pixels both ways, around the edges."""
    n, size = images.shape[:2]
    rows = (np.arange(size) + _integers(rng, -2, 2, (n, 1))) % size  # (n, 32)
    columns = (np.arange(size) + _integers(rng, -2, 2, (n, 1))) % size
    return images[np.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]]


def _stamp(rng, images, stamps):
    """Add a small texture to each image, in place, anywhere, as it is or as a negative."""
    n, size = stamps.shape[:2]
    rows = _integers(rng, 0, images.shape[1] - size, (n, 1)) + np.arange(size)  # (n, 5)
    columns = _integers(rng, 0, images.shape[2] - size, (n, 1)) + np.arange(size)
    signs = 2 * _integers(rng, 0, 1, (n, 1, 1, 1)) - 1
    images[np.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]] += signs * stamps


def _batch(title, images, labels):
    """A data file's dictionary, with the keys of the official ones."""
    names = [f"stand-in_{label}_{i:04d}.png" for i, label in enumerate(labels.tolist())]
    return {
        "batch_label": title,
        "labels": labels.tolist(),
        "data": np.ascontiguousarray(images).reshape(len(images), -1),
        "filenames": names,
    }


def _meta():
    """The dictionary of ``batches.meta``; ``stand_in`` tells it from the official one."""
    return {
        "num_cases_per_batch": IMAGES_PER_TRAINING_FILE,
        "label_names": [f"pattern {c}" for c in range(CLASSES)],
        "num_vis": 3072,
        "stand_in": SEED,
    }


def _write(path, content):
    """Pickle with the bytes of NumPy 1: NumPy 2 has moved the function that rebuilds an array."""
    data = pickle.dumps(content, protocol=3)
    path.write_bytes(data.replace(b"cnumpy._core.multiarray\n", b"cnumpy.core.multiarray\n", 1))
