"""Hidden checks of daseCV/classifiers/k_nearest_neighbor.py: three ways to distances, and the vote.

Neither the distance between equal points is judged, where rounding may end in nan, nor the order of
neighbours that are equally near.
"""

import numpy as np
import pytest

from daseCV.classifiers.k_nearest_neighbor import KNearestNeighbor
from daseCV.compare import expect_close, expect_labels

FLOAT32 = 1e-4  # tolerance where a student computes in single precision
ROOT = "squares, their sum, its root / 先平方，再求和，最后开平方根"
TIES = "of equally common labels the smallest / 票数相同时取最小的类别"


def _distances(student, method, X_train, X):
    """The student's distances of two sets of points."""
    neighbours = student.k_nearest_neighbor.KNearestNeighbor()
    neighbours.train(X_train, np.zeros(len(X_train), dtype=int))
    return getattr(neighbours, method)(X)


def _expect_distances(student, method, X_train, X, tol=1e-7):
    """The distances are those of the kit, taken pair by pair, also when the points are views."""
    kit = KNearestNeighbor()
    kit.train(X_train, None)
    dists = _distances(student, method, X_train, X)
    expect_close(dists, kit.compute_distances_two_loops(X), "dists", tol, ROOT)


def _expect_published(student, method):
    """The distances of a few points with whole coordinates are right."""
    X_train = np.array([[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]])
    dists = _distances(student, method, X_train, np.array([[3.0, 0.0], [0.0, 8.0]]))
    right = [[3.0, 4.0, 8.54400374531753], [8.0, 5.0, 6.0]]  # knn.distances.small, and its like
    expect_close(dists, right, "dists", hint=ROOT)


def _images(rng, *shape):
    """Rows of pixels from 0 to 255."""
    return rng.uniform(0.0, 255.0, size=shape)


# --- compute_distances_two_loops -----------------------------------------------------------------

TWO = "compute_distances_two_loops"


@pytest.mark.exercise("KNearestNeighbor.compute_distances_two_loops")
def test_two_loops_numbers(student):
    """The distances on the published example are right / 公开示例上的距离正确"""
    _expect_published(student, TWO)


@pytest.mark.exercise("KNearestNeighbor.compute_distances_two_loops")
def test_two_loops_random(student, rng):
    """There is a row for each test example / 每个测试样本对应一行"""
    _expect_distances(student, TWO, rng.normal(size=(7, 6)), rng.normal(size=(4, 6)))


@pytest.mark.exercise("KNearestNeighbor.compute_distances_two_loops")
def test_two_loops_images(student, rng):
    """Images work, also when there are more to test than to train / 图像以及测试样本更多时也正确"""
    _expect_distances(student, TWO, _images(rng, 3, 48), _images(rng, 8, 48))


@pytest.mark.exercise("KNearestNeighbor.compute_distances_two_loops")
@pytest.mark.beyond
def test_two_loops_single(student, rng):
    """One test example and one training example work too / 各只有一个样本时也正确"""
    _expect_distances(student, TWO, rng.normal(size=(1, 6)), rng.normal(size=(1, 6)))


@pytest.mark.exercise("KNearestNeighbor.compute_distances_two_loops")
@pytest.mark.beyond
def test_two_loops_float32(student, rng):
    """Single precision works too / 单精度输入也正确"""
    X_train, X = (rng.normal(size=(n, 6)).astype(np.float32) for n in (5, 3))
    _expect_distances(student, TWO, X_train, X, tol=FLOAT32)


# --- compute_distances_one_loop ------------------------------------------------------------------

ONE = "compute_distances_one_loop"


@pytest.mark.exercise("KNearestNeighbor.compute_distances_one_loop")
def test_one_loop_numbers(student):
    """The distances on the published example are right / 公开示例上的距离正确"""
    _expect_published(student, ONE)


@pytest.mark.exercise("KNearestNeighbor.compute_distances_one_loop")
def test_one_loop_random(student, rng):
    """There is a row for each test example / 每个测试样本对应一行"""
    _expect_distances(student, ONE, rng.normal(size=(7, 6)), rng.normal(size=(4, 6)))


@pytest.mark.exercise("KNearestNeighbor.compute_distances_one_loop")
def test_one_loop_images(student, rng):
    """Images work, also when there are more to test than to train / 图像以及测试样本更多时也正确"""
    _expect_distances(student, ONE, _images(rng, 3, 48), _images(rng, 8, 48))


@pytest.mark.exercise("KNearestNeighbor.compute_distances_one_loop")
@pytest.mark.beyond
def test_one_loop_single(student, rng):
    """One test example and one training example work too / 各只有一个样本时也正确"""
    _expect_distances(student, ONE, rng.normal(size=(1, 6)), rng.normal(size=(1, 6)))


@pytest.mark.exercise("KNearestNeighbor.compute_distances_one_loop")
@pytest.mark.beyond
def test_one_loop_float32(student, rng):
    """Single precision works too / 单精度输入也正确"""
    X_train, X = (rng.normal(size=(n, 6)).astype(np.float32) for n in (5, 3))
    _expect_distances(student, ONE, X_train, X, tol=FLOAT32)


# --- compute_distances_no_loops ------------------------------------------------------------------

NO = "compute_distances_no_loops"


@pytest.mark.exercise("KNearestNeighbor.compute_distances_no_loops")
def test_no_loops_numbers(student):
    """The distances on the published example are right / 公开示例上的距离正确"""
    _expect_published(student, NO)


@pytest.mark.exercise("KNearestNeighbor.compute_distances_no_loops")
def test_no_loops_random(student, rng):
    """There is a row for each test example / 每个测试样本对应一行"""
    _expect_distances(student, NO, rng.normal(size=(7, 6)), rng.normal(size=(4, 6)))


@pytest.mark.exercise("KNearestNeighbor.compute_distances_no_loops")
def test_no_loops_images(student, rng):
    """Images work, also when there are more to test than to train / 图像以及测试样本更多时也正确"""
    _expect_distances(student, NO, _images(rng, 3, 48), _images(rng, 8, 48))


@pytest.mark.exercise("KNearestNeighbor.compute_distances_no_loops")
@pytest.mark.beyond
def test_no_loops_many(student, rng):
    """All differences of all pairs at once would take too much memory / 一次算出全部差值内存不够"""
    X_train, X, kit = rng.normal(size=(1000, 300)), rng.normal(size=(1000, 300)), KNearestNeighbor()
    kit.train(X_train, None)
    dists = _distances(student, NO, X_train, X)
    expect_close(dists, kit.compute_distances_no_loops(X), "dists", hint=ROOT)


@pytest.mark.exercise("KNearestNeighbor.compute_distances_no_loops")
@pytest.mark.beyond
def test_no_loops_single(student, rng):
    """One test example and one training example work too / 各只有一个样本时也正确"""
    _expect_distances(student, NO, rng.normal(size=(1, 6)), rng.normal(size=(1, 6)))


@pytest.mark.exercise("KNearestNeighbor.compute_distances_no_loops")
@pytest.mark.beyond
def test_no_loops_float32(student, rng):
    """Single precision works too / 单精度输入也正确"""
    X_train, X = (rng.normal(size=(n, 6)).astype(np.float32) for n in (5, 3))
    _expect_distances(student, NO, X_train, X, tol=FLOAT32)


# --- predict_labels ------------------------------------------------------------------------------

# knn.predict_labels.ties: labels of the training examples, and distances to them.
LABELS = np.array([4, 1, 1, 4, 0, 2])
DISTS = np.array([[1.0, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1], [2, 9, 8, 7, 1, 3]])


def _vote(student, labels, dists, *k):
    """The student's labels for these distances."""
    neighbours = student.k_nearest_neighbor.KNearestNeighbor()
    neighbours.train(np.zeros((len(labels), 1)), labels)
    return neighbours.predict_labels(dists, *k)


def _counts(labels, row, k):
    """How often each label is among the k nearest."""
    return np.bincount(labels[np.argsort(row)[:k]], minlength=9)


def _expect_vote(student, rng, labels, k):
    """Random distances, none of them equal, get the right labels; left out are ties of labels."""
    rows = [rng.permutation(len(labels)) + rng.uniform(0, 0.5) for _ in range(40)]
    clear = [row for row in rows if np.diff(np.sort(_counts(labels, row, k))[-2:]) > 0]
    right = [np.argmax(_counts(labels, row, k)) for row in clear]
    expect_labels(_vote(student, labels, np.array(clear), k), right, "y_pred")


@pytest.mark.exercise("KNearestNeighbor.predict_labels")
def test_predict_labels_nearest(student):
    """By default the nearest example alone decides / 默认只由最近的一个样本决定"""
    expect_labels(_vote(student, LABELS, DISTS), [4, 2, 0], "y_pred")


@pytest.mark.exercise("KNearestNeighbor.predict_labels")
@pytest.mark.parametrize("k", [1, 3, 5, 8])
def test_predict_labels_vote(student, rng, k):
    """The most common label of the k nearest wins / k 个近邻中最常见的类别胜出"""
    _expect_vote(student, rng, rng.choice([1, 4, 5, 8], size=15), k)


@pytest.mark.exercise("KNearestNeighbor.predict_labels")
@pytest.mark.beyond
@pytest.mark.parametrize(("k", "right"), [(2, [1, 0, 0]), (4, [1, 0, 4]), (6, [1, 1, 1])])
def test_predict_labels_ties(student, k, right):
    """Of labels equally common the smallest wins / 票数相同时取最小的类别"""
    expect_labels(_vote(student, LABELS, DISTS, k), right, "y_pred", hint=TIES)


@pytest.mark.exercise("KNearestNeighbor.predict_labels")
@pytest.mark.beyond
@pytest.mark.parametrize("dtype", [np.int32, np.uint8])
def test_predict_labels_integers(student, rng, dtype):
    """Any integers will do as labels, one test example too / 标签可为各种整数，样本可只有一个"""
    labels, row = np.array([7, 3, 3, 7, 3], dtype=dtype), rng.permutation(5.0 * np.arange(5))
    expect_labels(_vote(student, labels, row[None], 5), [3], "y_pred")
