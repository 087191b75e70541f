"""Work comes back from its file as it was, and the file holds data only."""

import hashlib
import json
import re

import numpy as np
import pytest

from daseCV.saving import Work, load_work, save_work


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DASECV_DATA", str(tmp_path / "data"))
    return tmp_path


def test_params_and_arguments_come_back(capsys):
    params = {"W1": np.ones((2, 3), np.float32), "b1": np.arange(3.0)}
    path = save_work("TwoLayerNet.accuracy", params=params, arguments={"reg": 0.5, "dims": (2, 3)})
    assert path.as_posix() == "saved/TwoLayerNet.accuracy.npz"
    work = load_work("TwoLayerNet.accuracy")
    assert work.params.keys() == params.keys()
    assert work.params["W1"].dtype == np.float32
    assert np.array_equal(work.params["b1"], params["b1"])
    assert (work.arguments, work.data) == ({"reg": 0.5, "dims": [2, 3]}, "")
    lines = ["saved/TwoLayerNet.accuracy.npz saved.", "saved/TwoLayerNet.accuracy.npz loaded."]
    assert capsys.readouterr().out.splitlines() == lines


def test_the_format(folder):
    save_work("x", params={"W": np.zeros(2)}, arguments={"learning_rate": 1e-3})
    with np.load(folder / "saved/x.npz", allow_pickle=False) as file:
        assert sorted(file) == ["arguments", "data", "params.W"]
        assert file["arguments"].shape == file["data"].shape == ()
        assert json.loads(str(file["arguments"])) == {"learning_rate": 1e-3}


def test_the_training_data_is_named(folder):
    (folder / "data/cifar-10-batches-py").mkdir(parents=True)
    (folder / "data/cifar-10-batches-py/data_batch_1").write_bytes(b"images")
    save_work("x")
    assert load_work("x").data == hashlib.sha256(b"images").hexdigest()


def test_numpy_numbers_and_dtypes_are_written_plainly():
    arguments = {"a": np.float32(0.5), "b": np.int64(3), "c": np.arange(2), "d": np.float64}
    save_work("x", arguments={**arguments, "e": np.dtype("float32")})
    assert load_work("x").arguments == {
        "a": 0.5, "b": 3, "c": [0, 1], "d": "float64", "e": "float32"
    }  # fmt: skip


@pytest.mark.parametrize("name", ["softmax", "softmax.npy", "softmax.npz"])
def test_endings_are_dropped(name, capsys):
    save_work(name)
    assert capsys.readouterr().out == "saved/softmax.npz saved.\n"
    assert load_work(name) == Work({}, {}, "")


def test_nothing_saved(capsys):
    assert load_work("softmax") is None
    assert capsys.readouterr().out == "saved/softmax.npz not available.\n"


@pytest.mark.parametrize("name", ["", "a/b", "../a", "a\\b"])
def test_names_have_no_folder(name):
    with pytest.raises(ValueError, match="name your work without a folder"):
        save_work(name)


def test_what_json_cannot_hold_is_refused(folder):
    with pytest.raises(TypeError, match="cannot be saved as an argument: use numbers, strings"):
        save_work("x", arguments={"model": object()})
    assert not list(folder.rglob("*.npz"))


def test_params_are_arrays_of_numbers():
    with pytest.raises(ValueError, match=r"params.W is not an array of numbers \(dtype object\)"):
        save_work("x", params={"W": np.array([None])})


def test_a_failed_save_keeps_the_old_file(folder, monkeypatch):
    save_work("x", arguments={"reg": 1})

    def fail(*_, **__):
        raise OSError("disk full")

    monkeypatch.setattr("numpy.savez", fail)
    with pytest.raises(OSError, match="disk full"):
        save_work("x", arguments={"reg": 2})
    assert load_work("x").arguments == {"reg": 1}
    assert [path.name for path in (folder / "saved").iterdir()] == ["x.npz"]


def npy(path):
    with open(path, "wb") as file:
        np.save(file, np.zeros(3))


def pickled(path):
    np.savez(path, arguments=np.array([print], dtype=object), data=np.array(""))


DAMAGE = {
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-40]),
    "flipped": lambda path: path.write_bytes(path.read_bytes().replace(b"{\0\0\0", b"[\0\0\0")),
    "empty": lambda path: path.write_bytes(b""),
    "of another format": lambda path: np.savez(path, W=np.zeros(3)),
    "a single array": npy,
    "a pickle": pickled,
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_named(folder, damage):
    save_work("x", params={"W": np.zeros(3)})
    DAMAGE[damage](folder / "saved/x.npz")
    with pytest.raises(ValueError, match=re.escape("saved/x.npz cannot be read: save it again (")):
        load_work("x")


def test_same_work_same_bytes(folder):
    for name in ("a", "b"):
        save_work(name, params={"W": np.arange(6.0)}, arguments={"reg": 1})
    assert (folder / "saved/a.npz").read_bytes() == (folder / "saved/b.npz").read_bytes()
