"""The hidden checks against wrong programs, and against right ones in unusual styles."""

import io
import json
import re

import nbformat
import numpy as np
import pytest

from autograder import CHECKS, KIT, assignments, held_out, slips
from autograder.graded import grade_id
from autograder.intake import Submission
from autograder.judge import module_of
from autograder.results import Verdict
from autograder.runner import grade, reference_submission
from daseCV import data_utils, layers

GIVEN = {name for entry in assignments.ASSIGNMENTS.values() for name in entry.given}
SHARES = {"much": (0.0, 0.5), "some": (0.5, 0.75), "little": (0.75, 1.0)}  # what a slip leaves
# Of functions that this arrangement of the course gives away, and another asks for.
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
        "svm-own-class", "svm_loss", "layers.py", "margins[rows, y] = 0", "pass",
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
    slips.Slip(
        "conv-relu-without-relu", "conv_relu_forward", "layer_utils.py",
        "out, relu_cache = relu_forward(responses)", "out, relu_cache = responses, responses",
        "the ReLU is left out", loses="much",
    ),
    slips.Slip(
        "conv-relu-skipped", "conv_relu_backward", "layer_utils.py",
        "conv_backward_fast(relu_backward(dout, relu_cache), conv_cache)",
        "conv_backward_fast(dout, conv_cache)",
        "the gradient goes round the ReLU", loses="much",
    ),
    slips.Slip(
        "conv-bn-relu-without-bn", "conv_bn_relu_forward", "layer_utils.py",
        "out, relu_cache = relu_forward(normalised)",
        "out, relu_cache = relu_forward(responses)[0], normalised",
        "the normalisation is left out", loses="much",
    ),
    slips.Slip(
        "conv-bn-relu-order", "conv_bn_relu_backward", "layer_utils.py",
        "return dx, dw, db, dgamma, dbeta", "return dx, dw, db, dbeta, dgamma",
        "dgamma and dbeta are swapped", loses="much",
    ),
    slips.Slip(
        "conv-relu-pool-without-relu", "conv_relu_pool_forward", "layer_utils.py",
        "max_pool_forward_fast(rectified, pool_param)",
        "max_pool_forward_fast(responses, pool_param)",
        "the pooling goes round the ReLU", loses="much",
    ),
    slips.Slip(
        "conv-relu-pool-skipped", "conv_relu_pool_backward", "layer_utils.py",
        "relu_backward(drectified, relu_cache)", "drectified",
        "the gradient goes round the ReLU", loses="much",
    ),
]  # fmt: skip


NAMES = sorted(assignments.ASSIGNMENTS)


def modules_of(assignment):
    """The module of each function of an assignment that has hidden checks, given ones too."""
    entry = assignments.find(assignment)
    return {
        line.split('"')[1]: module
        for path in sorted(CHECKS.glob("test_*.py")) if (module := module_of(path, entry))
        for line in path.read_text("utf-8").splitlines()
        if line.startswith("@pytest.mark.exercise(")
    }  # fmt: skip


GRADED = {exercise: name for name in NAMES for exercise in modules_of(name)}  # and where
MODULES = {exercise: module for name in NAMES for exercise, module in modules_of(name).items()}


def exercises_of(assignment):
    return [exercise for exercise, name in GRADED.items() if name == assignment]


def sees(module, others):
    """Whether a module is one of the others, or imports one, or one that does."""
    names = re.findall(r"^from daseCV\.(\S+) import", (KIT / module).read_text("utf-8"), re.M)
    imported = {f"{name.replace('.', '/')}.py" for name in names}
    return module in others or any(sees(name, others) for name in imported & set(MODULES.values()))


def touched(assignment, edits):
    """The exercises of an assignment that an edit could change at all."""
    edited = {edit.module for edit in edits}
    return [name for name in exercises_of(assignment) if sees(MODULES[name], edited)]


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
    """A course in which each function that has hidden checks is graded, with 4 points."""
    folder = tmp_path_factory.mktemp("course")
    for assignment in NAMES:
        cells = [nbformat.v4.new_code_cell("", id=f"cell-{i}") for i in range(99)]
        for exercise, cell in zip(exercises_of(assignment), cells, strict=False):
            part = {"grade": True, "solution": False, "points": 4, "grade_id": grade_id(exercise)}
            cell.metadata["nbgrader"] = part
        place = folder / "source" / assignment
        place.mkdir(parents=True)
        nbformat.write(nbformat.v4.new_notebook(cells=cells), place / "All.ipynb")
    return folder


@pytest.fixture
def judged(zygote, course):
    """Grade a submission: its exercises by name."""

    def judged(submission, assignment, select=None):
        result = grade(submission, assignment, zygote=zygote, course=course, select=select)
        return {e.exercise: e for e in result.exercises}

    return judged


def shares(found):
    """The share of its points that each exercise keeps."""
    return {name: exercise.earned / exercise.possible for name, exercise in found.items()}


# --- functions -----------------------------------------------------------------------------------


def level(exercise):
    """What an exercise stands on: nothing, functions, all layers."""
    under = assignments.find(GRADED[exercise]).under.get(exercise, ())
    return bool(under) + any(name.endswith("*") for name in under)


def rounds(edits):
    """The edits in as few submissions as will do: each makes one in each of some functions.

    Exercises that stand on others are not edited along with those, so that each round shows of
    all exercises above and beside its own that they lose nothing.
    """
    made = []
    for edit in edits:
        place = (edit.module, edit.span((KIT / edit.module).read_text("utf-8")))
        kind = (GRADED[edit.exercise], level(edit.exercise))
        for known, places, together in made:
            if known == kind and not any(overlap(place, other) for other in places):
                places.append(place)
                together.append(edit)
                break
        else:
            made.append((kind, [place], [edit]))
    return [pytest.param(k[0], together, id="+".join(names(together))) for k, _, together in made]


def overlap(one, other):
    (module, (start, end)), (other_module, (other_start, other_end)) = one, other
    return module == other_module and start < other_end and other_start < end


@pytest.mark.parametrize("assignment", NAMES)
def test_the_solution_keeps_everything(judged, assignment):
    kept = shares(judged(reference_submission(), assignment))
    assert kept == dict.fromkeys(exercises_of(assignment), 1.0)


@pytest.mark.parametrize(("assignment", "made"), rounds([*slips.SLIPS, *GIVEN_SLIPS]))
def test_slips_lose_points_in_their_exercises_and_in_no_other(judged, assignment, made):
    found = judged(edited(*made), assignment, touched(assignment, made))
    kept = shares(found)
    assert {name for name, share in kept.items() if share < 1} == {slip.exercise for slip in made}
    for slip in made:
        low, high = SHARES[slip.loses]
        assert low <= kept[slip.exercise] < high, slip.name
        assert (found[slip.exercise].verdict is Verdict.REFUSED) == slip.refused, slip.name


@pytest.mark.parametrize(("assignment", "made"), rounds(slips.STYLES))
def test_styles_keep_everything(judged, assignment, made):
    kept = shares(judged(edited(*made), assignment, touched(assignment, made)))
    assert kept == dict.fromkeys(touched(assignment, made), 1.0)


NETWORKS = [name for name in GRADED if level(name) == 2]
LAYERS = [name for name in GRADED if name in dir(layers) and name not in GIVEN]


@pytest.mark.parametrize("layer", LAYERS)
def test_a_fault_in_a_layer_is_paid_for_once(judged, layer):
    """Each layer in turn is off by a factor of two; no network above it loses a point."""
    broken = f"""
_right_{layer} = {layer}
def {layer}(*arguments):
    out = _right_{layer}(*arguments)
    return (2 * out[0], *out[1:]) if isinstance(out, tuple) else 2 * out
"""
    text = (KIT / "layers.py").read_text("utf-8") + broken
    found = judged(reference_submission({"daseCV/layers.py": text}), "assignment2", NETWORKS)
    assert shares(found) == dict.fromkeys(NETWORKS, 1.0)


@pytest.mark.parametrize("exercise", sorted(set(GRADED) - GIVEN))
def test_every_exercise_has_three_slips_and_a_style(exercise):
    assert sum(slip.exercise == exercise for slip in slips.SLIPS) >= 3
    assert any(style.exercise == exercise for style in slips.STYLES)


@pytest.mark.parametrize("assignment", NAMES)
def test_the_class_makes_slips_in_five_exercises(assignment):
    made = [slip for slip in slips.demo() if slip.module in assignments.find(assignment).edited]
    assert len({slip.exercise for slip in made}) == len(made) == 5


def test_names_are_unique():
    everything = names([*slips.SLIPS, *slips.STYLES])
    assert len(set(everything)) == len(everything)


def test_an_edit_applies_once_or_not_at_all():
    slip = slips.Slip("no-t", "adam", "optim.py", "t += 1", "", "t never grows")
    assert slip.apply("t += 1; m = 0") == "; m = 0"
    elsewhere = "t += 1\ndef adam():\n    t += 1\n"
    assert slip.apply(elsewhere) == "t += 1\ndef adam():\n    \n"
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
        ({"hidden_dims": [1, 2_400_000, 1]}, {}, "there are more than 15,000 hidden units"),
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
