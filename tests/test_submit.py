"""Handing in: what is in the zip file, what is refused, and the receipt."""

import hashlib
import json
import zipfile

import numpy as np
import pytest
from workspace import EDITED, Workspace

from daseCV import submit
from daseCV.checks import process

NOTEBOOK = json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
ROWS = [
    {"exercise": name, "notebook": "FullyConnectedNets", "points": 2, "task": False}
    for name in ("affine_forward", "relu_forward")
]
TABLE = {
    "assignment": "assignment2",
    "version": "0.1",
    "language": "zh",
    "exercises": ROWS,
    "hand_in": ["FullyConnectedNets.ipynb", *(f"daseCV/{name}" for name in EDITED)],
    "provided": ["daseCV/checks/run.py", "daseCV/datasets/fetch.py", "daseCV/solver.py"],
}


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    work = Workspace(tmp_path / "作业 2" / "my work", monkeypatch)
    table = json.dumps(TABLE)
    (work.folder / "daseCV" / "assignment.json").write_text(table, encoding="utf-8")
    (work.folder / "FullyConnectedNets.ipynb").write_text(NOTEBOOK, encoding="utf-8")
    (work.folder / "saved").mkdir()
    np.savez(work.folder / "saved" / "TwoLayerNet.accuracy.npz", W1=np.zeros(3))
    return work


def hand_in(workspace, *words, **options):
    return workspace.run("daseCV.submit", *words, **options)


def contents(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_everything_is_handed_in_with_a_receipt(workspace):
    (workspace.folder / "daseCV" / "my_layers.py").write_text("x = 1\n", encoding="utf-8")
    (workspace.folder / "帮手.py").write_text("y = 2\n", encoding="utf-8")
    done = hand_in(workspace, "--student", "20231234")
    assert (done.returncode, done.stderr) == (0, "")
    path = workspace.folder / "assignment2-20231234.zip"
    files = contents(path)
    assert {*TABLE["hand_in"], "daseCV/my_layers.py", "帮手.py"} <= set(files)
    assert "saved/TwoLayerNet.accuracy.npz" in files
    receipt = json.loads(files.pop("receipt.json"))
    assert receipt["assignment"] == "assignment2"
    assert receipt["version"] == "0.1"
    assert receipt["student"] == "20231234"
    assert receipt["visible_checks"] == {"affine_forward": "passed", "relu_forward": "passed"}
    assert receipt["files"] == {
        name: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
        for name, data in files.items()
    }
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    end = f"assignment2-20231234.zip ({path.stat().st_size} bytes)\nsha256 {digest}\n"
    assert end in done.stdout
    assert "2 of 2 exercises pass" in done.stdout


def test_data_sets_and_the_files_of_the_kit_stay_at_home(workspace):
    data = workspace.folder / "daseCV" / "datasets" / "cifar-10-batches-py"
    data.mkdir()
    (data / "data_batch_1").write_bytes(b"images")
    (workspace.folder / ".ipynb_checkpoints").mkdir()
    hidden = workspace.folder / "daseCV" / ".ipynb_checkpoints"
    hidden.mkdir()
    (hidden / "layers-checkpoint.py").write_text("old", encoding="utf-8")
    files, _ = submit.gather(workspace.folder, TABLE["hand_in"], TABLE["provided"])
    parts = {part for name in files for part in name.split("/")}
    assert not parts & {"cifar-10-batches-py", ".ipynb_checkpoints"}
    assert not set(files) & set(TABLE["provided"])


def write(folder, **files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_packages_of_ones_own_are_handed_in(workspace):
    call = "x.reshape(x.shape[0], -1) @ w + b"
    workspace.edit("layers.py", call, "__import__('mine.ops').ops.flat(x) @ w + b")
    write(workspace.folder, **{"mine/ops.py": "def flat(x): return x.reshape(len(x), -1)\n"})
    assert "2 of 2 exercises pass" in hand_in(workspace, "--output", "a.zip").stdout
    assert "mine/ops.py" in contents(workspace.folder / "a.zip")


def test_what_is_no_work_of_ones_own_stays_at_home(workspace):
    ours = ["mine/ops.py", "mine/deep/__init__.py", "tools/x.py"]
    others = [
        ".history/layers.py", ".venv/a.py", "env/lib/python3.11/a.py", "conda/lib/a.py",
        "lib/python3.11/site-packages/a.py", "mine/__pycache__/a.py", "mine/._ops.py",
        "daseCV/._layers.py", "._x.py", "data/notes.txt",
    ]  # fmt: skip
    write(workspace.folder, **dict.fromkeys(ours + others, "x = 1\n"))
    write(workspace.folder, **{"env/pyvenv.cfg": "", "conda/conda-meta/history": ""})
    write(workspace.folder, **{"old/layers.py": "print 'Python 2'\n"})
    before = {*TABLE["hand_in"], "saved/TwoLayerNet.accuracy.npz"}
    files, missing = submit.gather(workspace.folder, TABLE["hand_in"], TABLE["provided"])
    in_package = {name for name in files if name.startswith("daseCV/")}
    assert set(files) - in_package - before == set(ours)
    assert not in_package & set(others)
    assert missing == []


def test_more_files_than_anybody_writes_are_not_packed_and_it_is_said(workspace, monkeypatch):
    monkeypatch.setattr(submit, "MOST_OTHERS", 3)
    write(workspace.folder, **{f"many/{n}.py": "" for n in range(4)})
    files, missing = submit.gather(workspace.folder, TABLE["hand_in"], TABLE["provided"])
    assert set(TABLE["hand_in"]) <= set(files)
    assert not any(name.startswith("many/") for name in files)
    assert missing == ["*/*.py (> 3); only daseCV/ is packed / 只打包 daseCV/"]


def test_the_same_work_gives_the_same_bytes(workspace, monkeypatch):
    monkeypatch.setattr(process, "FOLDER", workspace.folder)
    for name in ("one.zip", "two.zip"):
        submit.submit("s", workspace.folder / name, workspace.folder)
    assert (workspace.folder / "one.zip").read_bytes() == (
        workspace.folder / "two.zip"
    ).read_bytes()
    with zipfile.ZipFile(workspace.folder / "one.zip") as archive:
        assert archive.namelist() == sorted(archive.namelist())
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_unfinished_work_is_listed_and_handed_in(workspace):
    workspace.stub()
    workspace.edit("layers.py", 'raise NotImplementedError("relu_forward")', "out = x")
    (workspace.folder / "FullyConnectedNets.ipynb").unlink()
    done = hand_in(workspace)
    assert done.returncode == 0
    assert "missing / 缺少: FullyConnectedNets.ipynb" in done.stdout
    assert "[todo] affine_forward: not implemented / 尚未实现" in done.stdout
    assert "[fail] relu_forward: out has wrong values" in done.stdout
    receipt = json.loads(contents(workspace.folder / "assignment2.zip")["receipt.json"])
    verdicts = {"affine_forward": "not implemented", "relu_forward": "failed"}
    assert receipt["visible_checks"] == verdicts


def refusal(workspace, *words):
    """What is said when nothing is written."""
    before = set(workspace.folder.rglob("*"))
    done = hand_in(workspace, *words)
    assert (done.returncode, done.stderr) == (1, "")
    assert set(workspace.folder.rglob("*")) == before
    assert done.stdout.endswith("nothing was written / 没有生成文件\n")
    return done.stdout


def test_a_syntax_error_is_refused(workspace):
    workspace.edit("optim.py", "next_w = w + v", "next_w = (w + v")
    said = refusal(workspace)
    assert said.startswith("daseCV/optim.py, line ")
    assert ": syntax error / 语法错误: " in said
    assert "next_w = (w + v" in said


@pytest.mark.parametrize("text", ["<<<<<<< HEAD", "[]", '{"cells"', "{}", '"cells"'])
def test_an_unreadable_notebook_is_refused(workspace, text):
    (workspace.folder / "FullyConnectedNets.ipynb").write_text(text, encoding="utf-8")
    said = refusal(workspace)
    assert said.startswith("FullyConnectedNets.ipynb cannot be read / 无法读取: ")
    assert "restore a checkpoint / 请重新保存，或恢复检查点" in said


def test_a_file_that_is_not_text_is_refused(workspace):
    (workspace.folder / "notes.py").write_bytes(b"# \xb1\xcf\n\x00")
    assert refusal(workspace).startswith("notes.py")


def test_a_hand_in_that_is_too_large_is_refused(workspace):
    noise = np.random.default_rng(0).bytes(21_000_000)
    (workspace.folder / "saved" / "best.npz").write_bytes(noise)
    said = refusal(workspace)
    assert "too large / 文件过大: 21." in said
    assert "20 MB are allowed; the largest / 最大的文件:\n    saved/best.npz: 21.0 MB" in said


@pytest.mark.parametrize("student", ["../x", "a/b", "a b", ".x", "小/明"])
def test_a_student_is_a_plain_name(workspace, student):
    assert f"学号只含字母和数字: {student}" in refusal(workspace, "--student", student)


def test_a_folder_that_does_not_exist_is_refused(workspace):
    assert "cannot be written / 无法写入" in refusal(workspace, "--output", "nowhere/a.zip")


def test_a_folder_that_is_no_assignment_is_refused(workspace):
    (workspace.folder / "daseCV" / "assignment.json").unlink()
    assert "is this your assignment? / 缺少该文件：这是作业目录吗？" in refusal(workspace)


def test_checks_that_cannot_start_do_not_stop_a_hand_in(workspace):
    compare = workspace.folder / "daseCV" / "compare.py"
    compare.write_text("import numpy_of_mine\n", encoding="utf-8")
    done = hand_in(workspace)
    assert done.returncode == 0
    assert "the checks cannot start" in done.stdout
    assert (workspace.folder / "assignment2.zip").is_file()


def test_an_old_terminal_will_do(workspace):
    done = hand_in(workspace, "--student", "小明", encoding="gbk", PYTHONUTF8="0")
    assert (done.returncode, done.stderr) == (0, "")
    assert "assignment2-小明.zip" in done.stdout


def test_unfinished_writing_leaves_the_old_hand_in(tmp_path, monkeypatch):
    path = tmp_path / "a.zip"
    path.write_bytes(b"old")

    def fail(*_):
        raise PermissionError(13, "in use")

    monkeypatch.setattr(submit.os, "replace", fail)
    with pytest.raises(submit.SubmitError, match="cannot be written / 无法写入: in use"):
        submit.write(path, b"new")
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.zip"]
    assert path.read_bytes() == b"old"
