"""CIFAR-10: where its files are, and how they become arrays."""

import hashlib
import io
import os
import pickle
from pathlib import Path

import numpy as np

TRAINING_FILES = tuple(f"data_batch_{i}" for i in range(1, 6))
TEST_FILE = "test_batch"


class DataError(OSError):
    """The data set is missing or damaged; the message says what is wrong, and what mends it."""


def data_folder():
    """Folder of the data files, whether it exists or not.

    Returns
    -------
    folder : pathlib.Path
        ``cifar-10-batches-py`` in the folder that the environment variable ``DASECV_DATA`` names,
        or in ``daseCV/datasets/`` when it is not set. No other place is searched.

    Raises
    ------
    DataError
        If ``DASECV_DATA`` is not an absolute path.
    """
    parent = Path(os.environ.get("DASECV_DATA") or Path(__file__).resolve().parent / "datasets")
    if not parent.is_absolute():
        raise DataError(f"DASECV_DATA must be an absolute path / 必须是绝对路径: {parent}")
    return parent / "cifar-10-batches-py"


def data_digest(folder=None):
    """Name of the data set at hand: SHA-256 of the bytes of ``data_batch_1``, in hexadecimal.

    Parameters
    ----------
    folder : path, optional
        Folder of the data files, `data_folder` by default.

    Raises
    ------
    DataError
        If the file is missing.
    """
    return hashlib.sha256(_read(_folder(folder) / TRAINING_FILES[0])).hexdigest()


def load_pickle(f):
    """Read a data file that was pickled by Python 2 or 3.

    Data files come from the internet, and a pickle can name any function to be called. Only those
    that rebuild an array are admitted here.

    Parameters
    ----------
    f : binary file
        Open for reading.

    Raises
    ------
    pickle.UnpicklingError
        If the file names anything else, or is damaged.
    """
    return _ArrayUnpickler(f, encoding="latin1").load()


def load_CIFAR_batch(filename):
    """Read one data file.

    Parameters
    ----------
    filename : path
        ``data_batch_1`` to ``data_batch_5`` or ``test_batch``.

    Returns
    -------
    X : ndarray of float64, shape (n, 32, 32, 3)
        Images, 0 to 255, red, green, blue.
    Y : ndarray of int, shape (n,)
        Labels, 0 to 9.

    Raises
    ------
    DataError
        If the file is missing or damaged.
    """
    X, Y = _load_uint8(filename)
    return _channels_last(X), Y


def load_CIFAR10(ROOT):
    """Read all data files in a folder.

    Parameters
    ----------
    ROOT : path
        Folder of the data files.

    Returns
    -------
    Xtr, Xte : ndarray of float64, shapes (n, 32, 32, 3) and (m, 32, 32, 3)
        Training and test images, 0 to 255; the official data has n = 50000 and m = 10000.
    Ytr, Yte : ndarray of int, shapes (n,) and (m,)
        Labels, 0 to 9. They are returned in the order Xtr, Ytr, Xte, Yte.

    Raises
    ------
    DataError
        If a file is missing or damaged.
    """
    (Xtr, Ytr), (Xte, Yte) = _load_all(Path(ROOT))
    return _channels_last(Xtr), Ytr, _channels_last(Xte), Yte


def get_CIFAR10_data(
    num_training=49000, num_validation=1000, num_test=1000, subtract_mean=True, folder=None
):
    """Training, validation and test images, ready for a network.

    The first ``num_training`` training images are for training, the next ``num_validation`` for
    validation, the first ``num_test`` test images for testing. When the data set has fewer,
    training gets what validation leaves, testing what there is, and one printed line says so.

    Parameters
    ----------
    num_training, num_validation, num_test : int
        Numbers of images.
    subtract_mean : bool
        Subtract the mean image of the training part from all three.
    folder : path, optional
        Folder of the data files, `data_folder` by default.

    Returns
    -------
    data : dict of str to ndarray
        ``X_train``, ``X_val``, ``X_test``: float64, shape (n, 3, 32, 32), contiguous;
        ``y_train``, ``y_val``, ``y_test``: int, shape (n,).

    Raises
    ------
    DataError
        If a file is missing or damaged.
    ValueError
        If a number is negative, or validation leaves nothing to train with.
    """
    (X, y), (X_test, y_test) = _load_all(_folder(folder))
    num_training, num_test = _fit(num_training, num_validation, num_test, len(X), len(X_test))
    split = num_training + num_validation
    data = {
        "X_train": X[:num_training].astype(np.float64),
        "y_train": y[:num_training],
        "X_val": X[num_training:split].astype(np.float64),
        "y_val": y[num_training:split],
        "X_test": X_test[:num_test].astype(np.float64),
        "y_test": y_test[:num_test],
    }
    if subtract_mean:
        mean_image = data["X_train"].mean(axis=0)  # (3, 32, 32)
        for part in ("X_train", "X_val", "X_test"):
            data[part] -= mean_image
    return data


class _ArrayUnpickler(pickle.Unpickler):
    """An unpickler that knows arrays of numbers, and nothing else."""

    def find_class(self, module, name):
        reconstruct = np.empty(0).__reduce__()[0]  # its module has moved between NumPy 1 and 2
        admitted = {
            ("numpy.core.multiarray", "_reconstruct"): reconstruct,
            ("numpy._core.multiarray", "_reconstruct"): reconstruct,
            ("numpy", "ndarray"): np.ndarray,
            ("numpy", "dtype"): np.dtype,
            ("_codecs", "encode"): _encode,
        }
        if (module, name) not in admitted:
            raise pickle.UnpicklingError(f"a data file must not name {module}.{name}")
        return admitted[module, name]


def _encode(text, encoding):
    """`codecs.encode` for text only: the way Python 2 bytes are written by Python 3."""
    return str.encode(text, encoding)


def _folder(folder):
    return data_folder() if folder is None else Path(folder)


def _data_error(path, problem):
    """An error that ends with the commands that mend it."""
    return DataError(
        f"{path}: {problem}\n"
        "Run / 请运行: python -m daseCV.datasets download\n"
        "Offline / 离线时: python -m daseCV.datasets synthesize"
    )


def _read(path):
    """Bytes of a data file."""
    try:
        return Path(path).read_bytes()
    except FileNotFoundError as error:
        raise _data_error(path, "missing / 文件缺失") from error
    except OSError as error:
        raise _data_error(path, f"cannot be read / 无法读取: {error.strerror}") from error


def _load_uint8(path):
    """One data file as uint8 images (n, 3, 32, 32) and labels (n,)."""
    raw = _read(path)
    try:
        batch = load_pickle(io.BytesIO(raw))
        X, y = np.asarray(batch["data"]), np.array(batch["labels"])
        known = set(y.tolist()) <= set(range(10))
        if X.dtype != np.uint8 or X.shape != (len(y), 3072) or not known:
            raise ValueError(f"images {X.dtype} {X.shape}, labels {y.dtype} {y.shape}")
    except Exception as error:  # a damaged pickle may raise anything
        raise _data_error(path, "damaged / 文件损坏") from error
    return X.reshape(-1, 3, 32, 32), y


def _load_all(folder):
    """Training and test set as pairs of uint8 images (n, 3, 32, 32) and labels (n,)."""
    batches = [_load_uint8(folder / name) for name in TRAINING_FILES]
    images, labels = zip(*batches, strict=True)
    return (np.concatenate(images), np.concatenate(labels)), _load_uint8(folder / TEST_FILE)


def _channels_last(X):
    """Images (n, 3, 32, 32) as float64 (n, 32, 32, 3)."""
    return X.transpose(0, 2, 3, 1).astype(np.float64, order="C")


def _fit(num_training, num_validation, num_test, n, n_test):
    """Numbers of training and test images that there are, the first after the validation part."""
    if min(num_training, num_validation, num_test) < 0 or num_validation >= n:
        raise ValueError(
            f"cannot take {num_training} training, {num_validation} validation and {num_test} test "
            f"images from {n} training and {n_test} test images"
        )
    training, test = min(num_training, n - num_validation), min(num_test, n_test)
    if (training, test) != (num_training, num_test):
        print(
            f"Fewer images than asked for / 图像数量不足: training {training} / {num_training}, "
            f"validation {num_validation} / {num_validation}, test {test} / {num_test}."
        )
    return training, test
