"""What notebook tasks are judged with: the work a student saved, and images nobody tuned on."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np

from daseCV import data_utils, datasets
from daseCV.saving import Work

OFFICIAL = "54636561a3ce25bd3e19253c6b0d8538147b0ae398331ac4a2d86c6d987368cd"  # CIFAR-10
STAND_IN = Path(__file__).parents[1] / ".cache" / "stand-in"
SEEN = 1000  # of the test images, get_CIFAR10_data hands out the first thousand
SMALL = 500  # training images that a task may train on again
NEIGHBOURS = 5000  # training images that nearest neighbours are searched in
DESCRIBED = 2000  # of the held-out images, so many are made features of
VALIDATION = 1000  # of the training images, the last ones; the others make the mean image


class UnreadableError(ValueError):
    """What a student saved cannot be judged; the text tells them why."""


class NoDataError(FileNotFoundError):
    """The data set that a submission was trained on is not on this machine."""


def read_work(arrays: Mapping[str, np.ndarray]) -> Work:
    """The saved work of a task, from the arrays of its npz file.

    Raises
    ------
    UnreadableError
        It is not of the form that `daseCV.saving` writes.
    """
    try:
        arguments = json.loads(str(arrays["arguments"].item()))  # an array as text takes minutes
        data = str(arrays["data"].item())
    except (KeyError, ValueError, IndexError, RecursionError) as error:
        raise UnreadableError(
            "the saved file was not written by save() / 保存的文件不是由 save() 写出的"
        ) from error
    prefix = "params."
    params = {k.removeprefix(prefix): v for k, v in arrays.items() if k.startswith(prefix)}
    if not isinstance(arguments, dict):
        raise UnreadableError("its arguments are no table / 保存的参数格式不对")
    return Work(params=params, arguments=arguments, data=data)


def stand_in() -> Path:
    """The folder of the kit's own copy of the synthetic data set, made on first use."""
    folder = STAND_IN / "cifar-10-batches-py"
    if not folder.exists():
        datasets.synthesize(folder)
    return folder


def _folder(digest: str) -> Path:
    for folder in (data_utils.data_folder(), stand_in()):
        if (folder / "data_batch_1").exists() and data_utils.data_digest(folder) == digest:
            return folder
    if digest == OFFICIAL:
        raise NoDataError(
            "this submission was trained on CIFAR-10, which is not here; "
            "run `python -m daseCV.datasets download` and grade again"
        )
    raise UnreadableError(
        "trained on a data set that is neither CIFAR-10 nor the stand-in / "
        "训练所用的数据既不是 CIFAR-10，也不是替身数据"
    )


@cache
def data(digest: str) -> dict[str, np.ndarray]:
    """Images and labels of one data set, prepared as `get_CIFAR10_data` does, in float32.

    Parameters
    ----------
    digest : str
        Which data set: `daseCV.data_utils.data_digest` of its folder.

    Returns
    -------
    dict
        ``X_train``, ``y_train`` the first 500 training rows; ``X_held_out``, ``y_held_out`` the
        test images from 1000 on; images (N, 3, 32, 32), the mean training image taken off.
    """
    folder = _folder(digest)
    mean = _mean_image(folder)
    X_train, y_train = _rows(folder / data_utils.TRAINING_FILES[0], slice(0, SMALL), mean)
    X_held_out, y_held_out = _rows(folder / data_utils.TEST_FILE, slice(SEEN, None), mean)
    return {
        "X_train": X_train, "y_train": y_train,
        "X_held_out": X_held_out, "y_held_out": y_held_out,
    }  # fmt: skip


@cache
def pixels(digest: str) -> dict[str, np.ndarray]:
    """Images and labels of one data set as they are in its files, for nearest neighbours, features.

    Parameters
    ----------
    digest : str
        As in `data`.

    Returns
    -------
    dict
        ``X_train``, ``y_train`` the first 5000 training rows; ``X_held_out``, ``y_held_out`` 2000
        test images from 1000 on, or as many as there are; images uint8, (N, 3, 32, 32).
    """
    folder = _folder(digest)
    images, labels = [], []
    for name in data_utils.TRAINING_FILES:
        if sum(map(len, labels)) < NEIGHBOURS:
            some, theirs = _batch(folder / name)
            images.append(some)
            labels.append(theirs)
    held_out, theirs = _batch(folder / data_utils.TEST_FILE)
    described = slice(SEEN, SEEN + DESCRIBED)
    return {
        "X_train": np.concatenate(images)[:NEIGHBOURS].reshape(-1, 3, 32, 32),
        "y_train": np.concatenate(labels)[:NEIGHBOURS],
        "X_held_out": held_out[described].reshape(-1, 3, 32, 32).copy(),  # lets the rest go
        "y_held_out": theirs[described],
    }


def _mean_image(folder: Path) -> np.ndarray:
    total, rows = np.zeros(3072, np.int64), 0
    for name in data_utils.TRAINING_FILES:  # one at a time: the real ones are 30 MB each
        images, _ = _batch(folder / name)
        total += images.sum(axis=0, dtype=np.int64)
        rows += len(images)
    total -= images[-VALIDATION:].sum(axis=0, dtype=np.int64)
    return (total / (rows - VALIDATION)).reshape(3, 32, 32).astype(np.float32)


def _rows(path: Path, rows: slice, mean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    images, labels = _batch(path)
    centred = images[rows].reshape(-1, 3, 32, 32).astype(np.float32)
    centred -= mean
    return centred, labels[rows]


def _batch(path: Path) -> tuple[np.ndarray, np.ndarray]:
    with path.open("rb") as file:
        record = data_utils.load_pickle(file)
    return record["data"], np.array(record["labels"])
