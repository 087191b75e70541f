"""PyTorch.ipynb graded: its cells in a world with torch, left out with a line where it is not.

Most of it needs torch (`pip install torch==2.13.0`) and is skipped without.
"""

import json
import types

import numpy as np
import pytest
from torch_notebook import (
    BARE,
    CLASS,
    FORWARD,
    FUNCTION,
    INIT,
    MODULE,
    NAME,
    OPEN,
    SEQUENTIAL,
    SOURCE,
    cell_of,
    params_of,
    saved,
    solved,
    torch_only,
)

from autograder import demo_class, plugins, runner, slips, solution
from autograder.checks.tasks import test_pytorch_tasks as tasks
from autograder.graded import grade_id, nbgrader_part
from autograder.intake import Submission
from autograder.results import Verdict
from autograder.sandbox import WORLDS
from autograder.sandbox.worlds import World

EXERCISES = [FUNCTION, BARE, INIT, FORWARD, MODULE, SEQUENTIAL, OPEN]
SHARES = {"much": (0.0, 0.5), "some": (0.5, 0.75), "little": (0.75, 1.0)}  # what a slip leaves


# --- without torch -------------------------------------------------------------------------------


@pytest.fixture
def no_torch(monkeypatch):
    """A machine without torch."""
    monkeypatch.setitem(WORLDS, "torch", World(package="no_torch_here", version="torch==2.13.0"))


LEFT_OUT = (
    "PyTorch.ipynb was not graded: where grades are made there is no no_torch_here "
    "(there: pip install torch==2.13.0) / "
)


def test_without_torch_the_exercises_are_left_out(zygote, no_torch):
    submission = Submission.from_files("someone", {NAME: SOURCE.read_bytes()})
    asked = [*EXERCISES, "relu_forward"]
    result = runner.grade(submission, "assignment2", select=asked, zygote=zygote)
    assert [exercise.exercise for exercise in result.exercises] == ["relu_forward"]
    (note,) = result.notes
    assert note.startswith(LEFT_OUT)
    assert "PyTorch.ipynb 未评分" in note


def test_without_torch_there_may_be_nothing_left_to_grade(zygote, no_torch):
    submission = Submission.from_files("someone", {})
    result = runner.grade(submission, "assignment2", select=EXERCISES, zygote=zygote)
    assert (result.exercises, result.earned) == ((), 0)


def test_without_torch_the_form_grader_waits_for_a_person(no_torch):
    part = {"grade_id": grade_id(OPEN), "points": 2}
    result = plugins._unjudged(part, "assignment2")
    assert (result.verdict, result.earned) == (Verdict.GRADER_ERROR, None)
    assert result.checks[0].message.startswith(LEFT_OUT)


def test_the_model_hand_in_trains_nothing_without_torch(no_torch, pytorch_course):
    assert solution.saved_work("assignment2", pytorch_course) == {}


@torch_only
def test_who_hands_in_no_notebook_loses_all_that_lives_in_it(zygote, pytorch_files):
    files = {name: data for name, data in pytorch_files.items() if name != NAME}
    submission = Submission.from_files("someone", files)
    result = runner.grade(submission, "assignment2", select=EXERCISES, zygote=zygote)
    assert {e.exercise for e in result.exercises if e.earned == 0} == set(EXERCISES)
    assert set(EXERCISES) <= demo_class.IN_CELLS


def test_every_cell_of_the_table_is_there_and_every_slip_fits():
    for edit in (*slips.CELL_SLIPS, *slips.CELL_STYLES):
        assert edit.apply(solved(cell_of(edit))) != solved(cell_of(edit))
    for exercise in (FUNCTION, INIT, FORWARD):
        assert sum(slip.exercise == exercise for slip in slips.CELL_SLIPS) >= 3
        assert any(style.exercise == exercise for style in slips.CELL_STYLES)


# --- a whole hand-in -----------------------------------------------------------------------------


def notebook(edits):
    """The solved notebook with the code of some solution cells replaced."""
    made = json.loads(SOURCE.read_text(encoding="utf-8"))
    for cell in made["cells"]:
        name = nbgrader_part(cell).get("grade_id", "").removesuffix("-solution")
        for exercise, code in edits.items():
            if name == grade_id(exercise) and nbgrader_part(cell)["solution"]:
                cell["source"] = code
    return json.dumps(made).encode()


@pytest.fixture
def judged(zygote, pytorch_files, pytorch_course):
    """Grade the model hand-in with some cells, and files, replaced: exercises by name."""

    def judged(edits=None, files=None, select=EXERCISES):
        changed = {**pytorch_files, NAME: notebook(edits or {}), **(files or {})}
        submission = Submission.from_files("someone", changed)
        result = runner.grade(
            submission, "assignment2", select=select, zygote=zygote, course=pytorch_course
        )
        return {e.exercise: e for e in result.exercises}

    return judged


def lost(found):
    return {name for name, exercise in found.items() if exercise.earned != exercise.possible}


@torch_only
def test_the_model_hand_in_earns_everything(judged):
    found = judged()
    assert set(found) == set(EXERCISES)
    assert lost(found) == set()


@torch_only
def test_the_released_notebook_earns_nothing(zygote, pytorch_course):
    files = solution.handed_out("assignment2", pytorch_course, solved=False)
    submission = Submission.from_files("someone", files)
    result = runner.grade(submission, "assignment2", zygote=zygote, course=pytorch_course)
    for exercise in result.exercises:
        there = exercise.exercise in (FUNCTION, INIT, FORWARD)
        verdict = Verdict.NOT_IMPLEMENTED if there else Verdict.NOT_HANDED_IN
        assert {check.verdict for check in exercise.checks} == {verdict}, exercise.exercise


@torch_only
@pytest.mark.parametrize("slip", slips.CELL_SLIPS, ids=lambda slip: slip.name)
def test_a_slip_loses_points_in_its_exercise_and_in_no_other(judged, slip):
    code = slip.apply(solved(cell_of(slip)))
    found = judged({cell_of(slip): code})
    assert lost(found) == {slip.exercise}
    low, high = SHARES[slip.loses]
    assert low <= found[slip.exercise].earned / found[slip.exercise].possible < high


@torch_only
@pytest.mark.parametrize("style", slips.CELL_STYLES, ids=lambda style: style.name)
def test_a_style_keeps_everything(judged, style):
    code = style.apply(solved(cell_of(style)))
    assert lost(judged({cell_of(style): code}, select=[FUNCTION, INIT, FORWARD])) == set()


@torch_only
@pytest.mark.parametrize(
    ("cell", "code", "loses"),
    [
        (FUNCTION, "def three_layer_convnet(x, params:", {FUNCTION}),
        (CLASS, "raise ValueError", {INIT, FORWARD}),
        (BARE, "1 / 0", set()),  # what was trained is there, and so is the function
        (SEQUENTIAL, "import os; os._exit(3)", {SEQUENTIAL}),
        (OPEN, "model = nn.Linear(3, 2", {OPEN}),
    ],
)
def test_a_broken_cell_hurts_its_own_exercise(judged, cell, code, loses):
    assert lost(judged({cell: code})) == loses


@torch_only
def test_a_task_on_a_wrong_class_is_judged_with_the_kit_s(judged):
    """A fault is paid for once, and the report says what was lent."""
    found = judged({CLASS: solved(CLASS).replace("self.conv2(hidden)", "hidden")})
    assert lost(found) == {FORWARD}
    said = {check.message for check in found[MODULE].checks}
    assert any(f"judged with the kit's {CLASS}" in message for message in said)


@torch_only
@pytest.mark.parametrize(
    ("code", "module"),
    [
        ("from torchvision.models import resnet18\nmodel = resnet18()", "torchvision"),
        ("import timm\nmodel = timm.create_model('x')", "timm"),
        ("model = torch.hub.load('pytorch/vision', 'resnet18')", "torch.hub"),
        ("from torch.hub import load\nmodel = load('pytorch/vision', 'resnet18')", "torch.hub"),
    ],
)
def test_pretrained_weights_are_not_there(judged, code, module):
    found = judged({OPEN: code}, select=[OPEN])[OPEN]
    assert (found.verdict, found.earned) == (Verdict.CRASHED, 0)
    message = found.checks[0].message
    assert message.startswith(f"imports '{module}', which is not available here")
    assert f"({NAME}: {OPEN}, line " in message


@torch_only
def test_a_cell_that_trains_is_through_at_once(judged):
    more = "\ntrain_part34(model, optimizer, epochs=1000)\ncheck_accuracy_part34(loader_val, model)"
    assert lost(judged({OPEN: solved(OPEN) + more}, select=[OPEN])) == set()


@torch_only
def test_a_cell_that_never_ends_is_stopped(judged, monkeypatch):
    limits = types.SimpleNamespace(check_seconds=1.0)
    monkeypatch.setattr(runner.Judge, "_seconds", lambda *_: limits.check_seconds)
    found = judged({OPEN: "while True: pass"}, select=[OPEN, SEQUENTIAL])
    assert found[OPEN].verdict is Verdict.TIMED_OUT
    assert found[SEQUENTIAL].verdict is Verdict.PASSED


@torch_only
def test_a_cell_that_wants_all_memory_is_told_so(judged):
    found = judged({OPEN: "model = torch.zeros(10**11)"}, select=[OPEN])[OPEN]
    assert found.verdict is Verdict.OUT_OF_MEMORY


# --- what was saved ------------------------------------------------------------------------------


@torch_only
@pytest.mark.parametrize("exercise", [BARE, MODULE, SEQUENTIAL, OPEN])
def test_a_near_miss_keeps_two_thirds(judged, monkeypatch, exercise):
    monkeypatch.setitem(tasks.STEPS, exercise, ([0, 0, 0], [0.0, 0.01, 1.0]))
    found = judged(select=[exercise])[exercise]
    assert [check.verdict is Verdict.PASSED for check in found.checks] == [True, True, False]
    assert "it should be at least 100%" in found.checks[2].message
    assert found.earned == pytest.approx(2 / 3 * found.possible, abs=1e-3)


@torch_only
@pytest.mark.parametrize("exercise", [BARE, MODULE, SEQUENTIAL, OPEN])
def test_what_has_learnt_nothing_earns_nothing(judged, pytorch_files, exercise):
    noise = np.random.default_rng(0)
    params = {
        name: noise.normal(size=value.shape).astype(value.dtype)
        for name, value in params_of(pytorch_files, exercise).items()
    }
    params = {n: abs(v) if "running" in n else v for n, v in params.items()}
    files = {f"saved/{exercise}.npz": saved(params)}
    assert judged(files=files, select=[exercise])[exercise].earned == 0


@torch_only
@pytest.mark.parametrize("exercise", [BARE, SEQUENTIAL])
def test_parameters_that_do_not_fit_are_told(judged, pytorch_files, exercise):
    params = params_of(pytorch_files, exercise)
    name = max(params)
    for change, text in [
        ({name: np.full_like(params[name], np.nan)}, f"{name} has entries that are nan or inf"),
        ({"more": np.zeros(3)}, "a model of other parameters than were saved"),
    ]:
        files = {f"saved/{exercise}.npz": saved({**params, **change})}
        found = judged(files=files, select=[exercise])[exercise]
        assert (found.verdict, found.earned) == (Verdict.FAILED, 0)
        assert text in found.checks[0].message
