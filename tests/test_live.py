"""Checks of work in notebook cells: run in the notebook's kernel, and said to be so elsewhere."""

import json
import sys
import types

import nbclient
import nbformat
import numpy as np
import pytest
from workspace import Workspace

from daseCV import checks
from daseCV.checks import live, process
from daseCV.selfcheck import CheckFailed, check

QUESTION = "knn.Q2"


@pytest.fixture
def variables(monkeypatch):
    """The variables of a notebook, which this process seems to be the kernel of."""
    known = {}
    shell = types.SimpleNamespace(user_ns=known)
    python = types.SimpleNamespace(get_ipython=lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", python)
    return known


def report(exercise=QUESTION):
    return live.run_here(exercise)


def test_a_check_looks_at_the_variables_of_the_notebook(variables):
    (one,) = report().checks
    assert one.verdict == "not implemented"
    assert one.what.startswith("the notebook has no answer yet: run the cell that makes it / ")
    variables["answer"] = {1, 9}
    (one,) = report().checks
    assert (one.verdict, one.what) == ("failed", "the options are 1 to 5 / 选项编号为 1 到 5")
    variables["answer"] = {1, 4}
    assert report().verdict == "passed"


def test_outside_a_notebook_a_check_says_where_it_runs(monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    assert not live.in_notebook()
    (one,) = report().checks
    assert one.what == "this exercise is checked in its notebook / 这个练习要在笔记本中检查"


def test_random_numbers_of_the_notebook_go_on(variables):
    np.random.seed(7)
    expected = np.random.rand(2)
    np.random.seed(7)
    assert np.random.rand() == expected[0]
    report()
    assert np.random.rand() == expected[1]


def test_a_mistake_in_a_cell_is_told_with_its_line(variables, monkeypatch):
    source = "def f():\n    return 1 / 0\n"
    exec(compile(source, "/tmp/ipykernel_12/345.py", "exec"), variables)

    @checks.exercise("mine", live=True)
    def test_mine(student, rng):
        """Mine / 我的"""
        student.notebook.f()

    monkeypatch.setattr(checks, "discover", lambda: {"mine": [test_mine]})
    monkeypatch.setattr(live, "discover", checks.discover)
    (one,) = report("mine").checks
    assert one.verdict == "crashed"
    assert one.what == "crashed with ZeroDivisionError / 运行时出现 ZeroDivisionError"
    assert "a cell of the notebook, line 2" in one.detail


def test_check_runs_them_here_and_the_others_in_a_process(variables, capsys):
    variables["answer"] = {1, 4}
    assert check(QUESTION, "adam") is None
    out = capsys.readouterr().out
    assert out == (
        "[ok]   knn.Q2: the form is right; grading tells whether the answer is / "
        "形式无误，对错由评分判定\n"
        "[ok]   adam: passed / 通过\n2 of 2 exercises pass / 2 个练习中通过 2 个\n"
    )
    variables["answer"] = set()
    with pytest.raises(CheckFailed, match=r"not right yet: knn\.Q2"):
        check(QUESTION)
    assert capsys.readouterr().out == "[todo] knn.Q2: not answered yet / 尚未作答\n"


NOTE = "[note] knn.Q2: checked in the notebook only / 只在笔记本中检查\n"


def test_a_terminal_is_told_that_the_notebook_checks_it(tmp_path, monkeypatch):
    workspace = Workspace(tmp_path / "作业 1", monkeypatch)
    assert workspace.reports(QUESTION)[QUESTION].verdict == process.IN_NOTEBOOK
    done = workspace.run("daseCV.selfcheck", QUESTION, "adam", "relu_forward")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(NOTE)
    assert done.stdout.endswith("2 of 2 exercises pass / 2 个练习中通过 2 个\n")


def test_a_hand_in_says_so_too(tmp_path, monkeypatch):
    workspace = Workspace(tmp_path / "作业 1", monkeypatch)
    rows = [{"exercise": name} for name in (QUESTION, "adam")]
    table = {"assignment": "a", "version": "1", "exercises": rows, "hand_in": [], "provided": []}
    (workspace.folder / "daseCV" / "assignment.json").write_text(json.dumps(table))
    done = workspace.run("daseCV.submit")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{NOTE}1 of 1 exercises pass / ")


def test_in_a_kernel_right_and_wrong_are_told_apart(tmp_path, monkeypatch):
    """As students and `nbgrader validate` run it."""
    workspace = Workspace(tmp_path / "作业 1", monkeypatch)
    sources = ["from daseCV.selfcheck import check", "answer = {1}", f'check("{QUESTION}")']
    sources += ["answer = 'x'", sources[-1]]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])
    options = {"kernel_name": "python3", "allow_errors": True}
    options["extra_arguments"] = ["--IPKernelApp.log_level=ERROR"]
    where = {"metadata": {"path": str(workspace.folder)}}
    nbclient.NotebookClient(notebook, resources=where, **options).execute()
    right, wrong = (
        [o.get("ename", o.get("text")) for o in notebook.cells[n].outputs] for n in (2, 4)
    )
    assert right == [
        "[ok]   knn.Q2: the form is right; grading tells whether the answer is / "
        "形式无误，对错由评分判定\n"
    ]
    assert wrong[-1] == "CheckFailed"
