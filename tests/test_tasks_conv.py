"""The hidden checks of the student's own network: near misses, and hand-ins that are none."""

import io
import json
import textwrap

import nbformat
import numpy as np
import pytest

from autograder import held_out
from autograder.graded import grade_id
from autograder.intake import Submission
from autograder.results import Verdict
from autograder.runner import grade, reference_submission
from daseCV import data_utils
from daseCV.classifiers.cnn import BestConvNet

TASK = "BestConvNet.accuracy"
LINEAR = """
    class BestConvNet:
        def __init__(self, reg=0.0):
            self.params = {"A": np.zeros((3072, 10))}

        def loss(self, X):
            return X.reshape(len(X), -1) @ self.params["A"]
"""


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    """A course in which the task is graded, with 6 points."""
    folder = tmp_path_factory.mktemp("course")
    cell = nbformat.v4.new_code_cell("", id="cell")
    part = {"grade": True, "solution": False, "points": 6, "grade_id": grade_id(TASK)}
    cell.metadata["nbgrader"] = part
    (folder / "source" / "assignment2").mkdir(parents=True)
    path = folder / "source" / "assignment2" / "All.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    return folder


@pytest.fixture
def task(zygote, course):
    """Grade the task: parameters, arguments, and the student's cnn.py when it is not ours."""

    def task(params, arguments=None, code=None):
        arrays = {f"params.{name}": value for name, value in params.items()}
        digest = data_utils.data_digest(held_out.stand_in())
        text, file = json.dumps(arguments or {}), io.BytesIO()
        np.savez(file, **arrays, arguments=np.array(text), data=np.array(digest))
        files = {**reference_submission().modules, f"saved/{TASK}.npz": file.getvalue()}
        if code is not None:
            text = "import numpy as np\n" + textwrap.dedent(code)
            files["daseCV/classifiers/cnn.py"] = text.encode()
        submission = Submission.from_files("someone", files)
        options = {"select": [TASK], "zygote": zygote, "course": course}
        return grade(submission, "assignment2", **options).find(TASK)

    return task


@pytest.fixture(scope="session")
def A():
    """Weights of a linear classifier that is right on 56 % of the images it is judged with."""
    data = held_out.data(data_utils.data_digest(held_out.stand_in()))
    X, y = data["X_held_out"][:1000].reshape(1000, -1), data["y_held_out"][:1000]
    learnt = np.where(np.arange(1000) < 560, y, (y + 1) % 10)
    return np.linalg.lstsq(X, np.eye(10)[learnt], rcond=None)[0]  # more pixels than images: exact


def passed(result):
    return [check.verdict is Verdict.PASSED for check in result.checks]


def test_without_a_file_it_is_not_handed_in(zygote, course):
    options = {"select": [TASK], "zygote": zygote, "course": course}
    result = grade(reference_submission(), "assignment2", **options).find(TASK)
    assert (result.verdict, result.earned) == (Verdict.NOT_HANDED_IN, 0)


def test_a_near_miss_keeps_two_thirds(task, A):
    result = task({"A": A}, {"reg": 0.5}, LINEAR)
    assert passed(result) == [True, True, False]
    assert "it is 56.0%, it should be at least 58%" in result.checks[2].message
    assert result.earned == pytest.approx(4, abs=1e-3)


def test_single_precision_is_enough(task, A):
    assert passed(task({"A": A.astype(np.float32)}, {}, LINEAR)) == [True, True, False]


def test_our_own_network_is_built_from_its_arguments(task):
    net = BestConvNet((2, 3))
    result = task(net.params, net.arguments)
    assert (result.verdict, result.earned) == (Verdict.FAILED, 0)
    assert "the accuracy on new images is too low" in result.checks[0].message


def test_it_runs_once_for_all_steps(task, A):
    once = LINEAR.replace("self.params = ", "made.append(1); assert len(made) == 1; self.params = ")
    assert passed(task({"A": A}, {}, "made = []\n" + textwrap.dedent(once))) == [True, True, False]


def test_running_averages_are_restored(task, A):
    code = """
        class BestConvNet:
            def __init__(self):
                self.params, self.bn_params = {"A": np.zeros((3072, 10))}, [{}, {}]

            def loss(self, X):
                on = self.bn_params[1]["running_mean"] + self.bn_params[0]["running_var"]
                return on * (X.reshape(len(X), -1) @ self.params["A"])
    """
    params = {"A": A, "running_mean2": np.zeros(1), "running_var1": np.ones(1)}
    assert passed(task(params, {}, code)) == [True, True, False]


SOUND = {"A": np.zeros((3072, 10))}
FAULTS = {
    "is missing": ({}, {}, LINEAR),
    "has the wrong shape": ({"A": np.zeros((3, 10))}, {}, LINEAR),
    "has entries that are nan or inf": ({"A": np.full((3072, 10), np.nan)}, {}, LINEAR),
    "there are more than 5,000,000 weights": ({"B": np.zeros(5_000_001, np.int8)}, {}, LINEAR),
    "too long, or nested too deep": (SOUND, {"reg": [[[[1]]]]}, LINEAR),
    "arguments are too long": (SOUND, {"reg": "1" * 2000}, LINEAR),
    "params is no dictionary of arrays": (
        SOUND, {}, LINEAR.replace("np.zeros((3072, 10))", '"A"'),
    ),
    "scores has the wrong shape": (SOUND, {}, LINEAR.replace('["A"]', '["A"][:, :9]')),
    "scores is not an array": (SOUND, {}, LINEAR.replace("return X", "return 0, X")),
}  # fmt: skip


@pytest.mark.parametrize("text", FAULTS)
def test_a_network_that_cannot_be_judged_says_why(task, text):
    result = task(*FAULTS[text])
    assert (result.verdict, result.earned) == (Verdict.FAILED, 0)
    assert text in result.checks[0].message


CRASHES = {
    "unknown argument": (SOUND, {"depth": 3}, LINEAR),
    "argument of another name": (SOUND, {"self": 3, "op": 4}, LINEAR),
    "no class": (SOUND, {}, "class Net: pass"),
    "no lists": ({**SOUND, "running_mean1": np.zeros(3)}, {}, LINEAR),
    "its own exception": (SOUND, {}, LINEAR.replace("return X", "raise OSError; return X")),
}


@pytest.mark.parametrize("name", CRASHES)
def test_a_network_that_crashes_is_no_fault_of_the_grader(task, name):
    result = task(*CRASHES[name])
    assert (result.verdict, result.earned) == (Verdict.CRASHED, 0)
    assert "was raised" in result.checks[0].message


def test_a_network_too_large_for_the_memory(task):
    result = task(SOUND, {"reg": 10**9}, LINEAR.replace("3072, 10", "int(reg), 1000"))
    assert (result.verdict, result.earned) == (Verdict.OUT_OF_MEMORY, 0)
