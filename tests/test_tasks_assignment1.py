"""The hidden checks of the tasks of assignment 1: near misses, and hand-ins that are no work."""

import io
import json

import nbformat
import numpy as np
import pytest

from autograder import assignments, held_out
from autograder.checks.tasks import test_features, test_knn
from autograder.checks.tasks.models import rows
from autograder.graded import grade_id
from autograder.intake import Submission
from autograder.results import Verdict
from autograder.runner import grade, reference_submission
from daseCV import data_utils

TASKS = assignments.find("assignment1").tasks
SAVED = [name for name, what in TASKS.items() if what in ("model", "values")]
FOLDS, TABLE, BEST = (f"KNearestNeighbor.{n}" for n in ("folds", "cross_validation", "best_k"))
NET, LINEAR, NETWORK = SAVED[-3:]
PASSED = {"all": [True] * 3, "two": [True, True, False], "one": [True, False, False]}


@pytest.fixture(scope="session")
def digest():
    return data_utils.data_digest(held_out.stand_in())


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    """A course in which each task that is handed in as a file is graded."""
    folder = tmp_path_factory.mktemp("course")
    cells = [nbformat.v4.new_code_cell("", id=f"cell-{i}") for i in range(len(SAVED))]
    for exercise, cell in zip(SAVED, cells, strict=True):
        part = {"grade": True, "solution": False, "points": 6, "grade_id": grade_id(exercise)}
        cell.metadata["nbgrader"] = part
    place = folder / "source" / "assignment1"
    place.mkdir(parents=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), place / "All.ipynb")
    return folder


@pytest.fixture
def task(zygote, course, digest):
    """Grade one task with what is saved for it: parameters and arguments."""

    def task(exercise, params=None, arguments=None, *, data=digest):
        arrays = {f"params.{name}": value for name, value in (params or {}).items()}
        text = arguments if isinstance(arguments, str) else json.dumps(arguments or {})
        file = io.BytesIO()
        np.savez(file, **arrays, arguments=np.array(text), data=np.array(data))
        modules = dict(reference_submission().modules)
        files = {**modules, f"saved/{exercise}.npz": file.getvalue()}
        submission = Submission.from_files("someone", files)
        options = {"select": [exercise], "zygote": zygote, "course": course}
        return grade(submission, "assignment1", **options).find(exercise)

    return task


def passed(result):
    """Which checks passed; the others found fault with the work and are no fault of the grader."""
    assert {check.verdict for check in result.checks} <= {Verdict.PASSED, Verdict.FAILED}
    return [check.verdict is Verdict.PASSED for check in result.checks]


def expect_refused(result, text):
    """Every check fails, and the first says this."""
    assert not any(passed(result))
    assert result.earned == 0
    assert text in result.checks[0].message


@pytest.mark.parametrize("exercise", SAVED)
def test_a_task_without_a_file_is_not_handed_in(zygote, course, exercise):
    options = {"select": [exercise], "zygote": zygote, "course": course}
    result = grade(reference_submission(), "assignment1", **options).find(exercise)
    assert (result.verdict, result.earned) == (Verdict.NOT_HANDED_IN, 0)


@pytest.mark.parametrize("exercise", SAVED)
def test_work_on_data_that_nobody_has_is_told(task, exercise):
    for data in ("", "0" * 64):
        arguments = {"nbin": 10, "classifier": "Softmax", "best_k": 10}
        arguments["k_to_accuracies"] = {str(k): [0.1] * 5 for k in test_knn.KS}
        params = {"W": np.zeros((3073, 10)), "W1": np.zeros((3072, 1)), "b1": np.zeros(1)}
        params |= {"W2": np.zeros((1, 10)), "b2": np.zeros(10)}
        result = task(exercise, params, arguments, data=data)
        expect_refused(result, "trained on a data set that is neither CIFAR-10 nor the stand-in")


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000, "9" * 5000])
def test_arguments_that_are_no_table_are_told(task, text):
    assert not any(passed(task(BEST, arguments=text)))


# --- nearest neighbours --------------------------------------------------------------------------


@pytest.fixture(scope="session")
def folds(digest):
    """What the line of the notebook saves of the right folds."""
    data = held_out.pixels(digest)
    sums = data["X_train"].reshape(5, 1000, -1).sum(axis=2)
    return {"X_sums": sums.astype(np.float64), "y": data["y_train"].reshape(5, 1000)}


def test_folds_in_order_are_right(task, folds):
    assert task(FOLDS, folds).earned == 6
    assert task(FOLDS, {name: value.astype(np.float32) for name, value in folds.items()}).earned > 5


def test_folds_of_images_and_of_labels_share_the_points(task, folds):
    result = task(FOLDS, {**folds, "y": folds["y"][::-1]})
    assert passed(result) == [True, False]
    assert "y, the labels of each fold, has wrong values" in result.checks[1].message
    result = task(FOLDS, {**folds, "X_sums": np.roll(folds["X_sums"], 1)})
    assert passed(result) == [False, True]
    assert "np.array_split of all rows, in their order" in result.checks[0].message
    assert result.earned == pytest.approx(3)


@pytest.mark.parametrize(
    ("sums", "text"),
    [
        (None, "is not an array"),
        (np.zeros((5, 999)), "it is (5, 999), it should be (5, 1000)"),
        (np.zeros((5, 1000, 50)), "it is (5, 1000, 50)"),
        (np.full((5, 1000), np.nan), "has entries that are nan or inf"),
        (np.zeros((5, 1000), complex), "has the wrong kind of numbers"),
        (np.full((5, 1000), 10**18), "5000 of 5000 entries differ"),
    ],
)
def test_folds_that_are_no_folds_are_told(task, sums, text):
    params = {} if sums is None else {"X_sums": sums}
    expect_refused(task(FOLDS, params), text)


@pytest.fixture(scope="session")
def table(digest):
    """The right accuracies when ties go to the smaller label."""
    return {
        str(k): (wins.argmax(axis=2) == labels).mean(axis=1).tolist()
        for k in test_knn.KS
        for labels, wins, _ in [test_knn._is_right(digest, k)]
    }


def test_the_kit_finds_the_neighbours_that_a_plain_search_finds(digest):
    data = held_out.pixels(digest)
    X, y = data["X_train"].reshape(5000, -1).astype(np.float64), data["y_train"]
    labels, found = test_knn._neighbours(digest)
    for i in (0, 2437, 4999):
        others = np.arange(5000) // 1000 != i // 1000
        far = np.sum((X[others] - X[i]) ** 2, axis=1)
        nearest = y[others][np.argsort(far, kind="stable")[:100]]
        assert np.array_equal(found[i // 1000, i % 1000], nearest)
        assert labels[i // 1000, i % 1000] == y[i]


def test_a_right_table_is_right_whichever_way_ties_go(task, table, digest):
    assert task(TABLE, arguments={"k_to_accuracies": table}).earned == 6
    larger = {}
    for k in test_knn.KS:
        labels, wins, _ = test_knn._is_right(digest, k)
        larger[str(k)] = (9 - wins[..., ::-1].argmax(axis=2) == labels).mean(axis=1).tolist()
    assert larger != table
    assert task(TABLE, arguments={"k_to_accuracies": larger}).earned == 6


@pytest.mark.parametrize(("off", "share"), [(0.002, "all"), (0.009, "two"), (0.03, "one")])
def test_a_table_a_little_off_keeps_a_part(task, table, off, share):
    changed = {**table, "1": [*table["1"][:4], table["1"][4] + off]}
    result = task(TABLE, arguments={"k_to_accuracies": changed})
    assert passed(result) == PASSED[share]
    if share == "two":
        text = "k_to_accuracies[1][4] is off by 0.009, allowed 0.003"
        assert text in result.checks[2].message


def test_a_table_of_training_images_or_of_one_fold_is_wrong(task, table):
    learnt = {**table, "1": [1.0] * 5}
    expect_refused(task(TABLE, arguments={"k_to_accuracies": learnt}), "is off by")
    same = {k: row[:1] * 5 for k, row in table.items()}
    assert not all(passed(task(TABLE, arguments={"k_to_accuracies": same}))[1:])


ROW = "k = 8 has not five accuracies between 0 and 1"


@pytest.mark.parametrize(
    "row",
    [None, [], [0.3] * 4, [0.3] * 6, 0.3, ["0.3"] * 5, [float("nan")] * 5, [True] * 5, [28.1] * 5,
     [[0.3] * 5] * 5, {"0": 0.3}],
)  # fmt: skip
def test_a_table_that_is_not_whole_is_told(task, table, row):
    expect_refused(task(TABLE, arguments={"k_to_accuracies": {**table, "8": row}}), ROW)


@pytest.mark.parametrize("arguments", [{}, {"k_to_accuracies": [[0.3] * 5] * 10}])
def test_a_table_that_is_none_is_told(task, arguments):
    expect_refused(task(TABLE, arguments=arguments), "k_to_accuracies is not saved as a dict")


@pytest.mark.parametrize(("k", "share"), [(50, "all"), (20, "all"), (15, "two"), (100, "one")])
def test_the_best_k_is_near_the_best(task, k, share):
    assert passed(task(BEST, arguments={"best_k": k})) == PASSED[share]


def test_a_poor_k_is_told(task):
    text = "the mean accuracy of k = 3 is too far below the best"
    expect_refused(task(BEST, arguments={"best_k": 3}), text)


@pytest.mark.parametrize("k", [None, 0, -3, 101, 10**100, 10.5, "10", True, [10]])
def test_a_k_that_is_none_is_told(task, k):
    expect_refused(task(BEST, arguments={"best_k": k}), "best_k is no whole number from 1 to 100")


# --- models of pixels ----------------------------------------------------------------------------


def exact(X, y, share):
    """Weights that recognise that share of the rows, which are fewer than the columns."""
    learnt = np.where(np.arange(len(y)) < share * len(y), y, (y + 1) % 10)
    return np.linalg.lstsq(X, np.eye(10)[learnt], rcond=None)[0]


@pytest.fixture(scope="session")
def pixels(digest):
    """Rows of the images nobody tuned on, and their labels."""
    data = held_out.data(digest)
    return rows(data["X_held_out"]), data["y_held_out"]


@pytest.mark.parametrize(
    ("exercise", "share", "text"),
    [
        ("LinearSVM.accuracy", 0.355, "it is 35.5%, it should be at least 36%"),
        ("Softmax.accuracy", 0.325, "it is 32.5%, it should be at least 33%"),
    ],
)
def test_a_near_miss_of_a_linear_classifier_keeps_two_thirds(task, pixels, exercise, share, text):
    X, y = pixels
    W = exact(np.hstack([X, np.ones((len(X), 1))]), y, share)
    result = task(exercise, {"W": W})
    assert passed(result) == PASSED["two"]
    assert text in result.checks[2].message
    assert result.earned == pytest.approx(4, abs=1e-3)


@pytest.fixture(scope="session")
def params(pixels):
    """Of a network that is right on 45 % of the images nobody tuned on."""
    A = exact(*pixels, 0.45)
    both = {"W1": np.hstack([A, -A]), "W2": np.vstack([np.eye(10), -np.eye(10)])}
    return {**both, "b1": np.zeros(20), "b2": np.zeros(10)}


@pytest.mark.parametrize("more", [{}, {"b1": np.zeros((1, 20), np.float32), "other": np.ones(3)}])
def test_a_near_miss_of_the_network_keeps_two_thirds(task, params, more):
    result = task(NET, {**params, **more})
    assert passed(result) == PASSED["two"]
    assert "it is 45.0%, it should be at least 46%" in result.checks[2].message


LARGE = np.full((3073, 10), 1e300)


@pytest.mark.parametrize(
    ("W", "text"),
    [
        (None, "W is missing"),
        (np.zeros((3073, 10), int), "W is missing"),
        (np.array("W"), "W is missing"),
        (np.zeros((3072, 10)), "W has the wrong shape"),
        (np.zeros((10, 3073)), "W has the wrong shape"),
        (np.zeros(()), "W has the wrong shape"),
        (np.full((3073, 10), np.nan), "W has entries that are nan or inf"),
        (LARGE, "W has entries that are nan or inf"),
        (np.zeros((3073, 10)), "the accuracy on new images is too low"),
        (np.full((3073, 10), 3e38), "the accuracy on new images is too low"),
    ],
)
def test_a_linear_classifier_that_cannot_be_judged_says_why(task, W, text):
    expect_refused(task("LinearSVM.accuracy", {} if W is None else {"W": W}), text)


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"W1": np.zeros(3072)}, "W1 is no matrix"),
        ({"W1": np.zeros((3072, 0))}, "the hidden layer has 0 units, it should have 1 to 1500"),
        ({"W1": np.zeros((2, 1501))}, "the hidden layer has 1501 units"),
        ({"W1": np.zeros((154, 20))}, "W1 has the wrong shape"),
        ({"b1": np.zeros(19)}, "b1 has the wrong shape"),
        ({"W2": np.zeros((10, 20))}, "W2 has the wrong shape"),
        ({"b2": np.full(10, np.inf)}, "b2 has entries that are nan or inf"),
        ({"b2": np.zeros(10, np.uint8)}, "b2 is missing"),
    ],
)
def test_a_network_that_cannot_be_judged_says_why(task, params, more, text):
    expect_refused(task(NET, {**params, **more}), text)


def test_a_network_without_parameters_is_told(task):
    expect_refused(task(NET), "W1 is no matrix")


# --- models of features --------------------------------------------------------------------------


@pytest.fixture(scope="session")
def described(digest):
    """Parameters of a linear classifier of features that recognises 12 to 13 % of the new images.

    A good one, spoilt by a preference for one class that grows until it is as poor as that.
    """
    features, y = test_features._features(digest, 10), held_out.pixels(digest)["y_held_out"]
    scaling = {"mean_feat": features.mean(axis=0, keepdims=True), "std_feat": features.std(axis=0)}
    X = (features - scaling["mean_feat"]) / scaling["std_feat"]
    X = np.hstack([X, np.ones((len(X), 1))])
    W = np.linalg.lstsq(X, np.eye(10)[y], rcond=None)[0]
    while np.mean((X @ W).argmax(axis=1) == y) >= 0.13:
        W[-1, 0] += 0.005
    assert np.mean((X @ W).argmax(axis=1) == y) >= 0.12
    return {**scaling, "W": W}


@pytest.fixture(scope="session")
def described_by_network(described):
    """The same as a network, with the bias row as second bias."""
    W = described["W"]
    both = {"W1": np.hstack([W[:-1], -W[:-1]]), "W2": np.vstack([np.eye(10), -np.eye(10)])}
    return {**described, **both, "b1": np.zeros(20), "b2": W[-1]}


LINEAR_ARGUMENTS = {"nbin": 10, "classifier": "LinearSVM"}


def test_a_near_miss_on_features_keeps_two_thirds(task, described, described_by_network):
    for result in (
        task(LINEAR, described, LINEAR_ARGUMENTS),
        task(NETWORK, described_by_network, {"nbin": 10}),
    ):
        assert passed(result) == PASSED["two"]
        assert "it should be at least 13%" in result.checks[2].message


def test_real_images_ask_for_more_and_each_classifier_for_its_own(
    task, described, described_by_network, digest, monkeypatch
):
    monkeypatch.setattr(held_out, "OFFICIAL", digest)
    for kind, least in (("LinearSVM", "36%"), ("Softmax", "34%")):
        result = task(LINEAR, described, {"nbin": 10, "classifier": kind})
        expect_refused(result, f"it should be at least {least}")
    expect_refused(task(NETWORK, described_by_network, {"nbin": 10}), "it should be at least 44%")


NBIN = "nbin is no whole number from 1 to 100"


@pytest.mark.parametrize(
    ("exercise", "arguments", "more", "text"),
    [
        (LINEAR, {"classifier": "KNearestNeighbor"}, {}, "neither LinearSVM nor Softmax"),
        (LINEAR, {"classifier": ["Softmax"]}, {}, "neither LinearSVM nor Softmax"),
        (LINEAR, {"nbin": None}, {}, NBIN),
        (LINEAR, {"nbin": 10**9}, {}, NBIN),
        (LINEAR, {"nbin": 10.0}, {}, NBIN),
        (NETWORK, {"nbin": "10"}, {}, NBIN),
        (LINEAR, {"nbin": 25}, {}, "mean_feat has the wrong shape"),
        (LINEAR, {}, {"mean_feat": np.zeros(0)}, "mean_feat has the wrong shape"),
        (LINEAR, {}, {"std_feat": np.full(154, np.nan)}, "std_feat has entries that are nan"),
        (LINEAR, {}, {"std_feat": np.array("?")}, "std_feat is missing"),
        (LINEAR, {}, {"std_feat": np.zeros(154)}, "the accuracy on new images is too low"),
        (LINEAR, {}, {"W": np.zeros((154, 10))}, "W has the wrong shape"),
        (NETWORK, {}, {"W1": np.zeros((155, 20))}, "W1 has the wrong shape"),
        (NETWORK, {}, {"W1": np.zeros((154, 1501))}, "the hidden layer has 1501 units"),
    ],
)
def test_work_on_features_that_cannot_be_judged_says_why(
    task, described_by_network, exercise, arguments, more, text
):
    params, arguments = {**described_by_network, **more}, {**LINEAR_ARGUMENTS, **arguments}
    expect_refused(task(exercise, params, arguments), text)
