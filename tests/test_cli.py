"""The exit status and the JSON file of `python -m autograder grade` say the same."""

import json
import zipfile

import pytest
from click.testing import CliRunner

from autograder import cli, runner
from autograder.judge import Judge
from autograder.results import Verdict
from autograder.sandbox import WORLDS
from autograder.sandbox.worlds import World

A2 = "assignment2"


@pytest.fixture
def grade(tmp_path, strangers_welcome):
    """Grade a folder; the result is the exit status, what was printed, and what was written."""
    (tmp_path / "in" / "daseCV").mkdir(parents=True)
    (tmp_path / "in" / "daseCV" / "optim.py").write_text("def adam(w, dw, config=None): return w\n")

    def run(place=tmp_path / "in", target=tmp_path / "new" / "r.json"):
        words = ["grade", str(place), "--assignment", A2, "--json", str(target)]
        done = CliRunner().invoke(cli.main, words)
        written = json.loads(target.read_text(encoding="utf-8")) if target.is_file() else None
        return done.exit_code, done.output, written

    return run


def test_a_submission_without_points_is_graded(grade):
    code, printed, record = grade()
    assert code == 0, printed
    assert record["earned"] == 0
    assert "error" not in record
    assert {e["verdict"] for e in record["exercises"]} >= {"failed", "crashed", "not handed in"}


def test_what_is_not_there_is_an_error(grade, tmp_path):
    code, printed, record = grade(tmp_path / "nobody")
    assert code == 1
    assert "nobody" in record["error"]
    assert record["error"] in printed


def test_a_folder_of_hand_ins_is_none(grade, tmp_path):
    (tmp_path / "class").mkdir()
    zipfile.ZipFile(tmp_path / "class" / "ada.zip", "w").close()
    for student in ("ben", "cai"):  # alone with the zip file, and two folders
        code, _, record = grade(tmp_path / "class")
        assert code == 1
        assert "name the folder or the zip file of one student" in record["error"]
        (tmp_path / "class" / student / "daseCV").mkdir(parents=True)
        (tmp_path / "class" / student / "daseCV" / "optim.py").touch()
    (tmp_path / "class" / "ada.zip").unlink()
    assert "it holds several hand-ins" in grade(tmp_path / "class")[2]["error"]


def test_a_fault_of_the_grader_is_an_error_and_no_score(grade, monkeypatch):
    monkeypatch.setattr(Judge, "_attempt", lambda *_: (Verdict.GRADER_ERROR, ""))
    code, printed, record = grade()
    assert code == 1
    assert record["earned"] is None
    assert "a fault of the grader in sgd_momentum" in record["error"]
    assert record["error"] in printed


def test_a_fault_that_nobody_foresaw_is_an_error(grade, monkeypatch):
    def broken(*_, **__):
        raise KeyError("what")

    monkeypatch.setattr(runner, "grade", broken)
    code, _, record = grade()
    assert code == 1
    assert record["error"] == "'what'"


def test_a_file_that_cannot_be_written_is_named(grade, tmp_path):
    (tmp_path / "file").touch()
    code, printed, _ = grade(target=tmp_path / "file" / "r.json")
    assert code == 1
    assert "r.json cannot be written" in printed


def test_the_doctor_says_what_is_missing(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("DASECV_DATA", str(tmp_path))
    monkeypatch.setitem(WORLDS, "torch", World(package="no_torch_here", version="torch==2.13.0"))
    done = CliRunner().invoke(cli.main, ["doctor"])
    assert done.exit_code == 1
    assert "NO  alembic: not on PATH" in done.output
    assert "ok  data set: none; the stand-in is used" in done.output
    assert "ok  PyTorch: none; PyTorch.ipynb is not graded (`pip install torch==2" in done.output
    assert "ok  C compiler: none; everything runs on the NumPy path" in done.output
    assert "ok  wall: tier '" in done.output or "NO  wall: strangers' code" in done.output
