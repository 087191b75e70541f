"""The k-nearest-neighbour classifier agrees with published numbers and with its docstrings."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from daseCV.classifiers import KNearestNeighbor

METHODS = ["two_loops", "one_loop", "no_loops"]
NUMBERS = st.floats(-255, 255, width=32)


def distances(method, X_train, X):
    classifier = KNearestNeighbor()
    classifier.train(X_train, np.zeros(len(X_train), dtype=int))
    return getattr(classifier, f"compute_distances_{method}")(X)


@pytest.mark.parametrize("method", METHODS)
def test_distances(method):  # knn.distances.small
    X_train = np.array([[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]])
    dists = distances(method, X_train, np.array([[0.0, 0.0], [3.0, 0.0]]))
    assert_allclose(dists, [[0.0, 5.0, 10.0], [3.0, 4.0, 8.54400374531753]], atol=1e-9)


def test_distances_agree():  # knn.distances.agreement
    np.random.seed(231)
    X_train, _ = np.random.rand(40, 12) * 255, np.random.randint(5, size=40)
    X = np.random.rand(15, 12) * 255
    two, one, no = (distances(method, X_train, X) for method in METHODS)
    assert two.shape == (15, 40)
    assert two.sum() == pytest.approx(211714.5057500836)
    assert_allclose(one, two, rtol=1e-12)
    assert_allclose(no, two, rtol=1e-10)


@given(arrays(float, (4, 3), elements=NUMBERS), arrays(float, (2, 3), elements=NUMBERS))
def test_ways_to_distances_agree(X_train, X):
    two, one, no = (distances(method, X_train, X) for method in METHODS)
    assert_allclose(one, two, rtol=1e-12)
    assert_allclose(no, two, rtol=1e-6, atol=1e-4)  # what cancels leaves noise under the root


@pytest.mark.parametrize("method", METHODS)
def test_equal_points_are_at_distance_zero(method):
    X = 1e4 + np.random.RandomState(0).rand(30, 50)  # rounding makes squares negative here
    diagonal = np.diag(distances(method, X, X))
    assert np.isfinite(diagonal).all()
    assert_allclose(diagonal, 0, atol=1e-2)


@pytest.mark.parametrize(
    ("k", "labels"), [(1, [4, 2, 0]), (2, [1, 0, 0]), (4, [1, 0, 4]), (6, [1, 1, 1])]
)
def test_predict_labels(k, labels):  # knn.predict_labels.ties
    classifier = KNearestNeighbor()
    classifier.train(np.zeros((6, 1)), np.array([4, 1, 1, 4, 0, 2]))
    dists = np.array([[1.0, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1], [2, 9, 8, 7, 1, 3]])
    y_pred = classifier.predict_labels(dists, k=k)
    assert_array_equal(y_pred, labels)
    assert y_pred.dtype.kind == "i"


@pytest.mark.parametrize("num_loops", [0, 1, 2])
def test_predict_takes_the_way_that_is_asked_for(monkeypatch, num_loops):
    draw = np.random.RandomState(0)
    X, y = draw.rand(20, 3), draw.randint(4, size=20)
    classifier = KNearestNeighbor()
    classifier.train(X, y)
    assert_array_equal(classifier.predict(X, num_loops=num_loops), y)
    for unwanted in set(range(3)) - {num_loops}:
        monkeypatch.delattr(KNearestNeighbor, f"compute_distances_{METHODS[2 - unwanted]}")
    assert set(classifier.predict(X[:5], k=3, num_loops=num_loops)) <= set(y)


def test_predict_by_default_asks_one_neighbour_without_loops(monkeypatch):
    monkeypatch.delattr(KNearestNeighbor, "compute_distances_two_loops")
    monkeypatch.delattr(KNearestNeighbor, "compute_distances_one_loop")
    classifier = KNearestNeighbor()
    classifier.train(np.array([[0.0], [1.0], [1.1]]), np.array([3, 5, 5]))
    assert_array_equal(classifier.predict(np.array([[0.1]])), [3])


def test_predict_knows_three_ways():
    classifier = KNearestNeighbor()
    with pytest.raises(ValueError, match="num_loops must be 0, 1 or 2, not 3"):
        classifier.predict(np.zeros((1, 1)), num_loops=3)
