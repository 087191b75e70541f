"""A grading is whole and the same everywhere, or there is none."""

import re

import pytest

from autograder import kept, runner
from autograder.judge import Judge
from autograder.results import Verdict
from autograder.sandbox import at_least

A2 = "assignment2"
STUB = "def affine_forward(x, w, b): raise NotImplementedError\n"


def grade(zygote, text=None, exercise="affine_forward"):
    edits = {"daseCV/layers.py": text} if text else {}
    submission = runner.reference_submission(edits)
    (result,) = runner.grade(submission, A2, select={exercise}, zygote=zygote).exercises
    return result


def test_the_pytest_settings_of_a_person_change_nothing(zygote, monkeypatch):
    before = grade(zygote, STUB)
    monkeypatch.setenv("PYTEST_ADDOPTS", "--exitfirst --no-such-option")
    monkeypatch.setenv("PYTEST_PLUGINS", "no_such_plugin")
    assert grade(zygote, STUB) == before
    assert len(before.checks) > 1


def test_a_check_that_did_not_run_leaves_no_score(zygote, monkeypatch):
    kept = Judge.pytest_pyfunc_call

    def forgetful(self, pyfuncitem):
        if pyfuncitem.name.endswith("numbers"):
            pytest.skip("something went wrong before it began")
        return kept(self, pyfuncitem)

    monkeypatch.setattr(Judge, "pytest_pyfunc_call", forgetful)
    result = grade(zygote)
    assert result.verdict is Verdict.GRADER_ERROR
    assert result.earned is None


def test_an_interrupt_stops_the_grading_and_is_no_verdict(zygote, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Judge, "_judge", interrupted)
    with pytest.raises(KeyboardInterrupt):
        grade(zygote)


def test_a_result_is_kept_until_what_decides_it_changes(zygote, tmp_path, monkeypatch):
    """Then `nbgrader autograde --force` is enough: nobody has to delete anything first."""
    folder, target = tmp_path / "ada", tmp_path / "results" / "ada.json"
    (folder / "daseCV").mkdir(parents=True)
    (folder / "daseCV" / "optim.py").write_text("x = 1\n")
    graded = []
    whole = runner.grade
    monkeypatch.setattr(runner, "grade", lambda *a, **k: graded.append(a) or whole(*a, **k))

    def again():
        return kept.grade_folder(folder, A2, target, zygote=zygote)

    assert again() == again()
    assert len(graded) == 1
    monkeypatch.setattr(runner, "checks_sha256", lambda: "of other checks")
    again()
    assert len(graded) == 2
    (folder / "daseCV" / "optim.py").write_text("x = 2\n")
    again()
    assert len(graded) == 3
    target.write_text("{")
    again()
    assert len(graded) == 4
    text = target.read_text(encoding="utf-8")
    target.write_text(text.replace('"possible": 2,', '"possible": 9,'), encoding="utf-8")
    again()  # the points of the grade cells were others then
    assert len(graded) == 5
    text = target.read_text(encoding="utf-8")
    target.write_text(re.sub('"tier": ".*"', '"tier": "rlimits"', text), encoding="utf-8")
    monkeypatch.setattr(zygote, "among", at_least())
    again()  # behind what would not do for strangers' code
    assert len(graded) == 6
