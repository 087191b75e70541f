"""`pytest autograder/checks`, as whoever types it who wants to see why a check fails."""

import re
import subprocess
import sys

import pytest

from autograder import CHECKS, HOME, assignments


def counts(*words):
    """How many checks passed, failed, were left out."""
    command = [sys.executable, "-m", "pytest", str(CHECKS), "-q", "-p", "no:cacheprovider", *words]
    said = subprocess.run(command, cwd=HOME, capture_output=True, text=True).stdout
    found = {what: int(n) for n, what in re.findall(r"(\d+) (\w+)", said.splitlines()[-1])}
    return [found.get(what, 0) for what in ("passed", "failed", "deselected")]


@pytest.mark.parametrize("assignment", assignments.ASSIGNMENTS)
def test_the_solution_passes_what_its_assignment_asks_and_no_other_is_asked(assignment):
    passed, failed, left_out = counts(f"--assignment={assignment}")
    assert passed > 100
    assert failed == 0
    assert left_out > 100


def test_a_hand_in_fails_where_it_is_wrong(tmp_path):
    (tmp_path / "daseCV").mkdir()
    (tmp_path / "daseCV" / "layers.py").write_text("def relu_forward(x): return x, x")
    assert counts(f"--submission={tmp_path}", "-k", "relu_forward")[1] > 0
