"""The data files are found, read and split as promised, and a bad file is one clear error."""

import hashlib
import io
import os
import pickle
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from daseCV import data_utils
from daseCV.data_utils import DataError, get_CIFAR10_data, load_CIFAR10, load_CIFAR_batch

NAMES = (*data_utils.TRAINING_FILES, "test_batch")


def write_batch(path, n, seed):
    rng = np.random.RandomState(seed)
    data = rng.randint(0, 256, (n, 3072)).astype(np.uint8)
    batch = {"data": data, "labels": rng.randint(0, 10, n).tolist()}
    path.write_bytes(pickle.dumps(batch, protocol=2))
    return batch


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Five training files of 4 images, and a test file of 4."""
    monkeypatch.setenv("DASECV_DATA", str(tmp_path))
    made = tmp_path / "cifar-10-batches-py"
    made.mkdir()
    for seed, name in enumerate(NAMES):
        write_batch(made / name, 4, seed)
    return made


def test_a_batch_becomes_images(folder):
    batch = write_batch(folder / "data_batch_2", 7, 9)
    X, Y = load_CIFAR_batch(folder / "data_batch_2")
    assert (X.shape, X.dtype, Y.tolist()) == ((7, 32, 32, 3), np.float64, batch["labels"])
    assert X[3, 5, 6, 2] == batch["data"][3, 2 * 1024 + 5 * 32 + 6]  # the file has one plane each


def test_all_batches_in_order(folder):
    Xtr, Ytr, Xte, Yte = load_CIFAR10(str(folder))
    assert (Xtr.shape, Ytr.shape, Xte.shape, Yte.shape) == (
        (20, 32, 32, 3), (20,), (4, 32, 32, 3), (4,)
    )  # fmt: skip
    for i, name in enumerate(NAMES[:5]):
        assert np.array_equal(Xtr[4 * i : 4 * i + 4], load_CIFAR_batch(folder / name)[0])
    assert np.array_equal(Yte, load_CIFAR_batch(folder / "test_batch")[1])


def test_the_split(folder, capsys):
    data = get_CIFAR10_data(12, 5, 3, subtract_mean=False)
    Xtr, Ytr, Xte, _ = load_CIFAR10(folder)
    assert np.array_equal(data["X_train"], Xtr[:12].transpose(0, 3, 1, 2))
    assert np.array_equal(data["X_val"], Xtr[12:17].transpose(0, 3, 1, 2))
    assert np.array_equal(data["y_val"], Ytr[12:17])
    assert np.array_equal(data["X_test"], Xte[:3].transpose(0, 3, 1, 2))
    assert all(data[part].flags.c_contiguous for part in data)
    assert capsys.readouterr().out == ""


def test_the_mean_image_is_that_of_the_training_part(folder):
    raw = get_CIFAR10_data(12, 5, 3, subtract_mean=False)
    data = get_CIFAR10_data(12, 5, 3)
    for part in ("X_train", "X_val", "X_test"):
        assert_allclose(data[part], raw[part] - raw["X_train"].mean(axis=0))


@pytest.mark.parametrize(
    ("asked", "got"),
    [((49000, 5, 3), (15, 5, 3)), ((16, 5, 3), (15, 5, 3)), ((3, 2, 99), (3, 2, 4))],
)
def test_fewer_images_than_asked_for(folder, capsys, asked, got):
    data = get_CIFAR10_data(*asked)
    assert tuple(len(data[f"y_{part}"]) for part in ("train", "val", "test")) == got
    _, Ytr, _, _ = load_CIFAR10(folder)
    used = np.concatenate([data["y_train"], data["y_val"]])
    assert np.array_equal(used, Ytr[: len(used)])  # one after the other, never overlapping
    (line,) = capsys.readouterr().out.splitlines()
    assert f"training {got[0]} / {asked[0]}, validation {got[1]} / {got[1]}, test {got[2]}" in line


@pytest.mark.parametrize("numbers", [(10, 20, 3), (-1, 5, 3), (10, 5, -3)])
def test_impossible_numbers(folder, numbers):
    with pytest.raises(ValueError, match=f"cannot take {numbers[0]} training, {numbers[1]} valid"):
        get_CIFAR10_data(*numbers)


def test_memory_stays_near_the_result(folder):
    write_batch(folder / "data_batch_1", 2000, 0)
    tracemalloc.start()
    data = get_CIFAR10_data(2000, 10, 4)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1.6 * sum(array.nbytes for array in data.values())


def test_where_the_data_is(monkeypatch, tmp_path):
    monkeypatch.setenv("DASECV_DATA", str(tmp_path))
    assert data_utils.data_folder() == tmp_path / "cifar-10-batches-py"
    monkeypatch.delenv("DASECV_DATA")
    package = Path(data_utils.__file__).parent
    assert data_utils.data_folder() == package / "datasets/cifar-10-batches-py"


def test_a_relative_place_is_refused(monkeypatch):
    monkeypatch.setenv("DASECV_DATA", "data")
    with pytest.raises(DataError, match="DASECV_DATA must be an absolute path .*: data$"):
        data_utils.data_folder()


def test_the_digest_names_the_first_training_file(folder):
    expected = hashlib.sha256((folder / "data_batch_1").read_bytes()).hexdigest()
    assert data_utils.data_digest() == data_utils.data_digest(folder) == expected


def check_error(path, problem):
    """Reading everything fails with one short message: the file, what is wrong, what mends it."""
    with pytest.raises(DataError) as caught:
        get_CIFAR10_data(10, 5, 3)
    first, *commands = str(caught.value).splitlines()
    assert first.startswith(f"{path}: {problem}")
    assert [line.split(": ")[1] for line in commands] == [
        "python -m daseCV.datasets download", "python -m daseCV.datasets synthesize"
    ]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_file(folder, name):
    (folder / name).unlink()
    check_error(folder / name, "missing")


def test_an_unreadable_file(folder):
    (folder / "data_batch_4").unlink()
    (folder / "data_batch_4").mkdir()
    check_error(folder / "data_batch_4", "cannot be read")


def write_raw(batch):
    return lambda path: path.write_bytes(pickle.dumps(batch, protocol=2))


PIXELS, ONE = np.zeros((2, 3072), np.uint8), [1, 2]
DAMAGE = {
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-5000]),
    "empty": lambda path: path.write_bytes(b""),
    "a web page": lambda path: path.write_bytes(b"<html>404 Not Found</html>"),
    "no labels": write_raw({"data": PIXELS}),
    "one label too few": write_raw({"data": PIXELS, "labels": [1]}),
    "a label out of range": write_raw({"data": PIXELS, "labels": [1, 10]}),
    "half images": write_raw({"data": PIXELS[:, :1536], "labels": ONE}),
    "other numbers": write_raw({"data": PIXELS.astype(float), "labels": ONE}),
    "not a dictionary": write_raw([1, 2, 3]),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file(folder, damage):
    DAMAGE[damage](folder / "data_batch_3")
    check_error(folder / "data_batch_3", "damaged")


class Command:
    """A pickle of this one runs a command when it is loaded."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("function", [os.system, eval, np.load])
def test_a_pickle_cannot_call_functions(function):
    file = io.BytesIO(pickle.dumps(Command(function, "nothing"), protocol=2))
    with pytest.raises(pickle.UnpicklingError, match="a data file must not name"):
        data_utils.load_pickle(file)


def test_a_hostile_data_file_is_a_damaged_one(folder, tmp_path):
    trace = tmp_path / "trace"
    batch = {"data": PIXELS, "labels": ONE, "x": Command(os.mkdir, str(trace))}
    (folder / "data_batch_3").write_bytes(pickle.dumps(batch, protocol=2))
    check_error(folder / "data_batch_3", "damaged")
    assert not trace.exists()


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4])
def test_arrays_and_bytes_of_any_protocol(protocol):
    content = {"data": np.arange(6, dtype=np.uint8), "bytes": b"\xff", "labels": [1]}
    loaded = data_utils.load_pickle(io.BytesIO(pickle.dumps(content, protocol)))
    assert np.array_equal(loaded["data"], content["data"])
    assert loaded["labels"] == [1]


@pytest.fixture
def official():
    """The folder of the official data, for those who have it."""
    try:
        folder = data_utils.data_folder()
        digest = hashlib.md5((folder / "data_batch_1").read_bytes()).hexdigest()
    except OSError:
        digest = None
    if digest != "c99cafc152244af753f735de768cd75f":
        pytest.skip("needs the official CIFAR-10: set DASECV_DATA")
    return folder


def test_the_official_data(official):  # cifar.shapes, cifar.mean_image_first10
    data = get_CIFAR10_data()
    shapes = {part: data[f"X_{part}"].shape for part in ("train", "val", "test")}
    assert shapes == {
        "train": (49000, 3, 32, 32), "val": (1000, 3, 32, 32), "test": (1000, 3, 32, 32)
    }  # fmt: skip
    assert abs(data["X_train"].mean(axis=0)).max() < 1e-9
    X, _ = load_CIFAR_batch(official / "test_batch")
    mean = (X[:1000].transpose(0, 3, 1, 2) - data["X_test"])[0].transpose(1, 2, 0).ravel()
    expected = [130.64189796, 135.98173469, 132.47391837, 130.05569388, 135.34804082]
    assert_allclose(mean[:5], expected, atol=1e-8)
