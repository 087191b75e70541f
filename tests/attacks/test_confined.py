"""The wall where the grader itself is confined: a container, a pod, an ordinary user's account."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("confinement.py")
HOME = SCRIPT.parents[2]
# How it is confined, the tiers one of which must be taken, and what they do not promise.
TAKEN = {
    "docker": (["landlock+uid"], ["see-that-a-file-exists"]),
    "kubernetes": (["landlock"], ["see-that-a-file-exists"]),
    "user": (["namespaces", "namespaces-shared"], []),
}


def run(how, *command):
    """What a command says that is confined."""
    done = subprocess.run(
        [sys.executable, str(SCRIPT), how, sys.executable, "-B", *command],
        cwd="/", env={**os.environ, "PYTHONPATH": str(HOME)}, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode and "PermissionError" in done.stderr and "confine(" in done.stderr:
        pytest.skip("only root can confine itself like that")
    return done


@pytest.mark.parametrize("how", TAKEN)
def test_the_strongest_tier_that_stands_is_taken_and_holds(how):
    done = run(how, str(SCRIPT.with_name("confined.py")))
    assert not done.returncode, done.stderr
    said = json.loads(done.stdout)
    tiers, not_promised = TAKEN[how]
    assert said["tier"] in tiers, said["fallen"]
    assert said["through"] == not_promised
    solved, *forged = said["graded"].values()
    assert solved == ["passed", 2.0, 2]
    assert [earned for _, earned, _ in forged] == [0, 0, 0]


@pytest.mark.parametrize("how", TAKEN)
def test_the_doctor_names_it(how):
    said = run(how, "-m", "autograder", "doctor").stdout
    assert any(f"wall: tier '{tier}'" in said for tier in TAKEN[how][0])
    assert "12 of 12 attacks failed" in said


def test_without_any_wall_nobody_is_graded_and_it_says_what_to_do(tmp_path):
    tmp_path.joinpath("daseCV").mkdir()
    tmp_path.joinpath("daseCV", "layers.py").write_text("raise SystemExit")
    command = ("-m", "autograder", "grade", str(tmp_path), "--assignment", "assignment2")
    done = run("old-kernel", *command)
    assert done.returncode == 1
    assert "strangers' code is not run here" in done.stderr
    assert "Linux 5.13 or newer" in done.stderr
    assert "Fedora: dnf install" in done.stderr
