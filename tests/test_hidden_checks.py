"""The hidden checks against wrong programs, and against right ones in unusual styles."""

import io
import itertools
import json
from collections import defaultdict

import nbformat
import numpy as np
import pytest

from autograder import KIT, held_out, slips
from autograder.graded import grade_id
from autograder.intake import Submission
from autograder.results import Verdict
from autograder.runner import grade, reference_submission
from daseCV import data_utils

GRADED = [
    "affine_forward", "affine_backward", "relu_forward", "relu_backward",
    "TwoLayerNet.__init__", "TwoLayerNet.loss",
    "FullyConnectedNet.__init__", "FullyConnectedNet.loss",
    "sgd_momentum", "rmsprop", "adam",
]  # fmt: skip
GIVEN = ["svm_loss", "softmax_loss", "affine_relu_forward", "affine_relu_backward", "sgd"]
SHARES = {"much": (0.0, 0.5), "some": (0.5, 0.75), "little": (0.75, 1.0)}  # what a slip leaves
GIVEN_SLIPS = [
    slips.Slip(
        "softmax-unshifted", "softmax_loss", "layers.py",
        "shifted = x - x.max(axis=1, keepdims=True)", "shifted = x * 1",
        "the maximum is not subtracted", loses="little",
    ),
    slips.Slip(
        "softmax-sum", "softmax_loss", "layers.py",
        "loss = -log_p[rows, y].sum() / len(x)", "loss = -log_p[rows, y].sum()",
        "the loss is not averaged", loses="much",
    ),
    slips.Slip(
        "svm-own-class", "svm_loss", "layers.py", "    margins[rows, y] = 0\n", "",
        "the right class counts, too", loses="much",
    ),
    slips.Slip(
        "sgd-uphill", "sgd", "optim.py",
        'w -= config["learning_rate"] * dw', 'w += config["learning_rate"] * dw',
        "the step goes along the gradient", loses="much",
    ),
    slips.Slip(
        "affine-relu-without-relu", "affine_relu_forward", "layer_utils.py",
        "out, relu_cache = relu_forward(scores)", "out, relu_cache = scores, scores",
        "the ReLU is left out", loses="much",
    ),
    slips.Slip(
        "affine-relu-skipped", "affine_relu_backward", "layer_utils.py",
        "affine_backward(relu_backward(dout, relu_cache), affine_cache)",
        "affine_backward(dout, affine_cache)",
        "the gradient goes round the ReLU", loses="much",
    ),
]  # fmt: skip


def names(edits):
    return [edit.name for edit in edits]


def edited(*edits):
    """The solution as if handed in, with these changes made."""
    texts = {}
    for edit in edits:
        name = f"daseCV/{edit.module}"
        texts[name] = edit.apply(texts.get(name) or (KIT / edit.module).read_text("utf-8"))
    return reference_submission(texts)


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    """A course whose only notebook grades each exercise that has hidden checks, with 4 points."""
    folder = tmp_path_factory.mktemp("course")
    cells = [nbformat.v4.new_code_cell("", id=f"cell-{i}") for i in range(99)]
    for exercise, cell in zip(GRADED + GIVEN, cells, strict=False):
        part = {"grade": True, "solution": False, "points": 4, "grade_id": grade_id(exercise)}
        cell.metadata["nbgrader"] = part
    (folder / "source" / "assignment2").mkdir(parents=True)
    path = folder / "source" / "assignment2" / "All.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return folder


@pytest.fixture
def left(zygote, course):
    """Grade the solution with some changes: the share of the points that each exercise keeps."""

    def left(*edits):
        result = grade(edited(*edits), "assignment2", zygote=zygote, course=course)
        return {e.exercise: e.earned / e.possible for e in result.exercises}

    return left


# --- functions -----------------------------------------------------------------------------------


def test_the_solution_keeps_everything(left):
    assert left() == dict.fromkeys(GRADED + GIVEN, 1.0)


@pytest.mark.parametrize("slip", slips.SLIPS + GIVEN_SLIPS, ids=lambda slip: slip.name)
def test_a_slip_loses_points_in_its_exercise_and_in_no_other(left, slip):
    shares = left(slip)
    assert {exercise for exercise, share in shares.items() if share < 1} == {slip.exercise}
    low, high = SHARES[slip.loses]
    assert low <= shares[slip.exercise] < high


def rounds():
    """The styles, as many at a time as there are exercises."""
    by_exercise = defaultdict(list)
    for style in slips.STYLES:
        by_exercise[style.exercise].append(style)
    together = itertools.zip_longest(*by_exercise.values())
    return [[style for style in some if style] for some in together]


@pytest.mark.parametrize("styles", rounds(), ids=lambda styles: "+".join(names(styles)))
def test_styles_keep_everything(left, styles):
    assert left(*styles) == dict.fromkeys(GRADED + GIVEN, 1.0)


def test_every_exercise_has_three_slips_and_a_style():
    for exercise in GRADED:
        assert sum(slip.exercise == exercise for slip in slips.SLIPS) >= 3
        assert any(style.exercise == exercise for style in slips.STYLES)


def test_the_class_makes_five_slips_in_five_exercises():
    assert len({slip.exercise for slip in slips.demo()}) == len(slips.demo()) == 5


def test_names_are_unique():
    everything = names([*slips.SLIPS, *slips.STYLES])
    assert len(set(everything)) == len(everything)


def test_an_edit_applies_once_or_not_at_all():
    slip = slips.Slip("no-t", "adam", "optim.py", "t += 1", "", "t never grows")
    assert slip.apply("t += 1; m = 0") == "; m = 0"
    with pytest.raises(ValueError, match="no-t: 't \\+= 1' stands there 2 times, not once"):
        slip.apply("t += 1; t += 1")


# --- tasks ---------------------------------------------------------------------------------------

TWO, DEEP = "TwoLayerNet.accuracy", "FullyConnectedNet.accuracy"
THREE, FIVE = "FullyConnectedNet.overfit_three_layers", "FullyConnectedNet.overfit_five_layers"


def saved(params=None, arguments=None):
    """A file as `daseCV.saving` writes it, made with the stand-in."""
    arrays = {f"params.{name}": value for name, value in (params or {}).items()}
    digest = data_utils.data_digest(held_out.stand_in())
    file = io.BytesIO()
    np.savez(file, **arrays, arguments=np.array(json.dumps(arguments)), data=np.array(digest))
    return file.getvalue()


@pytest.fixture
def task(zygote):
    """Grade one task with what is handed in for it."""

    def task(exercise, *work):
        modules = dict(reference_submission().modules)
        files = {f"saved/{exercise}.npz": saved(*each) for each in work}
        submission = Submission.from_files("someone", {**modules, **files})
        return grade(submission, "assignment2", select=[exercise], zygote=zygote).find(exercise)

    return task


@pytest.fixture(scope="session")
def params():
    """Of a two-layer network that is right on 45 % of the images nobody tuned on."""
    data = held_out.data(data_utils.data_digest(held_out.stand_in()))
    X, y = data["X_held_out"].reshape(-1, 3072), data["y_held_out"]
    learnt = np.where(np.arange(len(y)) < 0.45 * len(y), y, (y + 1) % 10)
    A = np.linalg.lstsq(X, np.eye(10)[learnt], rcond=None)[0]  # more pixels than images: exact
    both = {"W1": np.hstack([A, -A]), "W2": np.vstack([np.eye(10), -np.eye(10)])}
    return {**both, "b1": np.zeros(20), "b2": np.zeros(10)}


NORMS = {"gamma1": np.ones(20), "beta1": np.zeros(20)}
RUNNING = {"running_mean1": np.zeros(20), "running_var1": np.ones(20)}


@pytest.mark.parametrize("exercise", [TWO, DEEP, THREE, FIVE])
def test_a_task_without_a_file_is_not_handed_in(task, exercise):
    assert (task(exercise).verdict, task(exercise).earned) == (Verdict.NOT_HANDED_IN, 0)


@pytest.mark.parametrize(
    ("exercise", "arguments", "more"),
    [
        (TWO, {"hidden_dim": 20}, {}),
        (TWO, {"hidden_dim": 20}, {"b1": np.zeros((1, 20), np.float32)}),
        (DEEP, {"hidden_dims": [20], "normalization": None}, {}),
        (DEEP, {"hidden_dims": [20], "normalization": "batchnorm"}, {**NORMS, **RUNNING}),
    ],
)
def test_a_near_miss_of_the_accuracy_keeps_two_thirds(task, params, exercise, arguments, more):
    result = task(exercise, ({**params, **more}, arguments))
    assert [check.verdict is Verdict.PASSED for check in result.checks] == [True, True, False]
    assert "it is 45.0%, it should be at least 48%" in result.checks[2].message
    assert result.earned == pytest.approx(2 / 3 * result.possible, abs=1e-3)


SIZES = "the hidden sizes are no list of positive integers"


@pytest.mark.parametrize(
    ("arguments", "more", "text"),
    [
        ({"hidden_dims": 20}, {}, SIZES),
        ({"hidden_dims": [True]}, {}, SIZES),
        ({"hidden_dims": [10**9]}, {}, "there are more than 5,000,000 weights"),
        ({"hidden_dims": [1] * 51}, {}, "there are too many layers"),
        ({"hidden_dims": [21]}, {}, "W1 has the wrong shape"),
        ({"hidden_dims": [20, 10]}, {}, "W3 is missing"),
        ({"hidden_dims": [20], "normalization": "?"}, {}, "its normalization is none there is"),
        ({"hidden_dims": [20], "normalization": "batchnorm"}, NORMS, "running_mean1 is missing"),
        ({"hidden_dims": [20]}, {"b2": np.full(10, np.nan)}, "b2 has entries that are nan or inf"),
        ({"hidden_dims": [20]}, {"b2": np.full(10, 1e300)}, "b2 has entries that are nan or inf"),
        ({"hidden_dims": [20]}, {"b2": np.zeros(10, complex)}, "b2 is missing"),
    ],
)
def test_a_model_that_cannot_be_judged_says_why(task, params, arguments, more, text):
    result = task(DEEP, ({**params, **more}, arguments))
    assert (result.verdict, result.earned) == (Verdict.FAILED, 0)
    assert text in result.checks[0].message


@pytest.mark.parametrize(
    ("exercise", "rate", "scale", "passed"),
    [
        (THREE, 3e-3, 3e-2, [True, True, True]),
        (FIVE, 3e-3, 6e-2, [True, True, True]),
        (THREE, 1e-7, 3e-2, [False, False, False]),
        (FIVE, 1e9, 6e-2, [False, False, False]),
        (THREE, 10**400, 1, [False, False, False]),
    ],
)
def test_hyper_parameters_are_tried_out(task, exercise, rate, scale, passed):
    result = task(exercise, (None, {"learning_rate": rate, "weight_scale": scale}))
    assert [check.verdict is Verdict.PASSED for check in result.checks] == passed
    assert result.verdict in (Verdict.PASSED, Verdict.FAILED)


@pytest.mark.parametrize("value", [None, "0.1", True, 0, -1e-3, float("nan"), float("inf")])
def test_hyper_parameters_are_positive_numbers(task, value):
    result = task(THREE, (None, {"learning_rate": value, "weight_scale": 1e-2}))
    assert result.verdict is Verdict.FAILED
    assert "learning_rate is not saved as a positive number" in result.checks[0].message
