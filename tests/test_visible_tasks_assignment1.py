"""The visible checks of the tasks of assignment 1, on the stand-in: what passes, what is told."""

import numpy as np
import pytest

from autograder import held_out
from daseCV import data_utils, saving
from daseCV.checks import Student, discover, run
from daseCV.checks import test_tasks_linear as linear_tasks
from daseCV.classifiers.k_nearest_neighbor import KNearestNeighbor
from daseCV.classifiers.linear_classifier import LinearSVM, Softmax
from daseCV.classifiers.neural_net import TwoLayerNet
from daseCV.features import color_histogram_hsv, extract_features, hog_feature

FOLDS, TABLE, BEST = (f"KNearestNeighbor.{n}" for n in ("folds", "cross_validation", "best_k"))
SVM, SOFTMAX, NET = "LinearSVM.accuracy", "Softmax.accuracy", "neural_net.TwoLayerNet.accuracy"
LINEAR, NETWORK = "features.linear.accuracy", "features.network.accuracy"
TASKS = (FOLDS, TABLE, BEST, SVM, SOFTMAX, NET, LINEAR, NETWORK)
N = np.zeros(1)
KS = (1, 3, 5, 8, 10, 12, 15, 20, 50, 100)
STUDENT = Student()  # one for all: what the checks read of the data set is kept by student


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.setenv("DASECV_DATA", str(held_out.stand_in().parent))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def data():
    return data_utils.get_CIFAR10_data(subtract_mean=False, folder=held_out.stand_in())


def reports(exercise):
    """What comes of each visible check of an exercise."""
    return [run.judge(check, STUDENT) for check in discover()[exercise]]


def told(exercise):
    """All that its checks say; empty when they pass."""
    return " ".join(
        f"{one['what']} {one['detail']} {one['hint']}"
        for one in reports(exercise) if one["verdict"] != "passed"
    )  # fmt: skip


@pytest.mark.parametrize("exercise", TASKS)
def test_a_task_that_was_not_saved_is_named(exercise):
    assert {one["verdict"] for one in reports(exercise)} == {"not implemented"}
    assert f"saved/{exercise}.npz is not there" in told(exercise)


@pytest.mark.parametrize("exercise", TASKS)
def test_work_of_other_data_is_told(exercise, monkeypatch, tmp_path):
    monkeypatch.setenv("DASECV_DATA", str(tmp_path))
    saving.save_work(exercise, params={"W": np.zeros(1)})
    monkeypatch.setenv("DASECV_DATA", str(held_out.stand_in().parent))
    assert "trained on other data than is here" in told(exercise)


# --- nearest neighbours --------------------------------------------------------------------------


@pytest.fixture(scope="session")
def pixels(data):
    """The first 5000 images as rows, and their labels, in five folds."""
    X = data["X_train"][:5000].transpose(0, 2, 3, 1).reshape(5000, -1)
    return np.array_split(X, 5), np.array_split(data["y_train"][:5000], 5)


def test_folds_in_order_pass(pixels):
    X, y = pixels
    saving.save_work(FOLDS, params={"X_sums": [fold.sum(axis=1) for fold in X], "y": y})
    assert told(FOLDS) == ""


def test_folds_in_another_order_are_told(pixels):
    X, y = pixels
    sums = [fold.sum(axis=1) for fold in X]
    saving.save_work(FOLDS, params={"X_sums": sums[::-1], "y": y})
    assert "X_sums, the sums of the rows of each fold, has wrong values" in told(FOLDS)
    saving.save_work(FOLDS, params={"X_sums": sums, "y": y[::-1]})
    assert "np.array_split of all rows, in their order" in told(FOLDS)


@pytest.fixture(scope="session")
def table(pixels):
    """The table of the first and the last fold; the other folds are not tried again."""
    X, y = pixels
    made = {str(k): [0.3] * 5 for k in KS}
    for fold, others in ((0, slice(1, 5)), (4, slice(0, 4))):
        knn = KNearestNeighbor()
        knn.train(np.concatenate(X[others]), np.concatenate(y[others]))
        distances = knn.compute_distances_no_loops(X[fold])
        for k in KS:
            made[str(k)][fold] = np.mean(knn.predict_labels(distances, k=k) == y[fold])
    return made


def test_a_table_that_the_classifier_reaches_passes(table):
    saving.save_work(TABLE, arguments={"k_to_accuracies": table})
    assert told(TABLE) == ""


def test_a_table_that_the_classifier_does_not_reach_is_told(table):
    changed = {**table, "10": [*table["10"][:4], table["10"][4] + 0.02]}
    saving.save_work(TABLE, arguments={"k_to_accuracies": changed})
    assert "k_to_accuracies[10][4] is off by 0.020" in told(TABLE)


@pytest.mark.parametrize("row", [None, [0.3] * 4, [0.3, 0.3, 0.3, 0.3, 1.3], ["0.3"] * 5])
def test_a_table_that_is_not_whole_is_told(table, row):
    saving.save_work(TABLE, arguments={"k_to_accuracies": {**table, "8": row}})
    assert "k = 8 has not five accuracies between 0 and 1" in told(TABLE)
    saving.save_work(TABLE, arguments={"k_to_accuracies": row})
    assert "k_to_accuracies is not saved as a dict" in told(TABLE)


def save_k(k, table):
    saving.save_work(TABLE, arguments={"k_to_accuracies": table})
    saving.save_work(BEST, arguments={"best_k": k})


def test_the_best_k_of_the_own_table_passes():
    table = {str(k): [0.3 + 0.01 * (k == 12) + 0.006 * (k == 15)] * 5 for k in KS}
    for k in (12, 15, 13):  # that of 13 is not known
        save_k(k, table)
        assert told(BEST) == ""
    save_k(8, table)
    assert "the mean accuracy of k = 8 is 0.0100 below the best" in told(BEST)


@pytest.mark.parametrize("k", [None, 0, 101, 10.0, "10", True])
def test_a_k_that_is_none_is_told(table, k):
    save_k(k, table)
    assert "best_k is no whole number from 1 to 100" in told(BEST)


# --- models --------------------------------------------------------------------------------------


def flat(images):
    return images.transpose(0, 2, 3, 1).reshape(len(images), -1)


@pytest.fixture(scope="session")
def rows(data):
    """Validation images as rows, the mean of the training images taken off, and their labels."""
    return flat(data["X_val"]) - flat(data["X_train"]).mean(axis=0), data["y_val"]


def exact(X, y, share):
    """Weights that recognise that share of the rows, which are fewer than the columns."""
    learnt = np.where(np.arange(len(y)) < share * len(y), y, (y + 1) % 10)
    return np.linalg.lstsq(X, np.eye(10)[learnt], rcond=None)[0]


@pytest.mark.parametrize(
    ("exercise", "kind", "target"), [(SVM, LinearSVM, 38), (SOFTMAX, Softmax, 35)]
)
def test_a_classifier_passes_when_it_reaches_its_target(rows, exercise, kind, target):
    X, y = linear_tasks.with_ones(rows[0]), rows[1]
    classifier = kind()
    classifier.W = exact(X, y, target / 100)
    classifier.save(exercise)
    assert told(exercise) == ""
    classifier.W = exact(X, y, target / 100 - 0.01)
    classifier.save(exercise)
    assert f"accuracy is {target - 1}.0%, it should reach {target}%" in told(exercise)
    classifier.W = classifier.W[:-1]
    classifier.save(exercise)
    assert "W has the wrong shape" in told(exercise)


@pytest.mark.parametrize(("share", "text"), [(0.48, ""), (0.47, "it should reach 48%")])
def test_a_network_passes_when_it_reaches_its_target(rows, share, text):
    A, net = exact(*rows, share), TwoLayerNet(3072, 20, 10)
    net.params["W1"], net.params["W2"] = np.hstack([A, -A]), np.vstack([np.eye(10), -np.eye(10)])
    net.save(NET)
    assert text in told(NET)
    assert bool(told(NET)) == bool(text)


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({}, "holds no parameters"),
        ({"W1": np.zeros((3072, 2))}, "W1, b1, W2 or b2 is missing"),
        (dict.fromkeys(("W1", "b1", "W2", "b2"), np.zeros((2, 2))), "W1 has the wrong shape"),
        ({"W1": np.zeros((3072, 1501)), "b1": N, "W2": N, "b2": N}, "1500 at most"),
        ({"W1": np.zeros(5_000_001, np.float32)}, "more than 5,000,000 weights"),
    ],
)
def test_a_network_that_cannot_be_checked_says_why(params, text):
    saving.save_work(NET, params=params)
    assert text in told(NET)


@pytest.fixture(scope="session")
def described(data):
    """Parameters of classifiers that are right on more than 15 % of the validation images."""
    X = data["X_train"].transpose(0, 2, 3, 1)
    kinds = [hog_feature, lambda im: color_histogram_hsv(im, nbin=10)]
    features, y = extract_features(X, kinds), data["y_train"]
    mean, std = features.mean(axis=0, keepdims=True), features.std(axis=0, keepdims=True)
    W = np.linalg.lstsq((features - mean) / std, np.eye(10)[y], rcond=None)[0]
    both = {"W1": np.hstack([W, -W]), "W2": np.vstack([np.eye(10), -np.eye(10)])}
    scaling = {"mean_feat": mean, "std_feat": std, "W": np.vstack([W, np.zeros((1, 10))])}
    return {**scaling, **both, "b1": np.zeros(20), "b2": np.zeros(10)}


ARGUMENTS = {"nbin": 10, "classifier": "Softmax"}


@pytest.mark.parametrize("exercise", [LINEAR, NETWORK])
def test_classifiers_of_features_pass_on_the_stand_in(described, exercise):
    saving.save_work(exercise, params=described, arguments=ARGUMENTS)
    assert told(exercise) == ""
    spoilt = {name: value * (not name.startswith("W")) for name, value in described.items()}
    saving.save_work(exercise, params=spoilt, arguments=ARGUMENTS)
    assert "it should reach 15%" in told(exercise)


def test_real_images_ask_for_more(described, monkeypatch):
    monkeypatch.setattr(linear_tasks, "kind_of", lambda folder: "official")
    for kind, target in (("LinearSVM", 44), ("Softmax", 42)):
        saving.save_work(LINEAR, params=described, arguments={"nbin": 10, "classifier": kind})
        assert f"it should reach {target}%" in told(LINEAR)
    saving.save_work(NETWORK, params=described, arguments=ARGUMENTS)
    assert "it should reach 55%" in told(NETWORK)


@pytest.mark.parametrize(
    ("arguments", "more", "text"),
    [
        ({"nbin": None}, {}, "nbin is no whole number from 1 to 100"),
        ({"nbin": 25}, {}, "mean_feat has the wrong shape"),
        ({}, {"std_feat": np.zeros(3)}, "std_feat has the wrong shape"),
        ({"classifier": "?"}, {}, "classifier is neither LinearSVM nor Softmax"),
        ({}, {"W": np.zeros((154, 10))}, "W has the wrong shape"),
    ],
)
def test_work_on_features_that_cannot_be_checked_says_why(described, arguments, more, text):
    options = {"params": {**described, **more}, "arguments": {**ARGUMENTS, **arguments}}
    saving.save_work(LINEAR, **options)
    assert text in told(LINEAR)
