"""Hidden checks of the tasks of knn.ipynb: the folds, the table of accuracies and the best k.

The kit finds the neighbours itself. Votes that tie are counted both ways: how they are decided is
the matter of `predict_labels`, and a slip there is not paid for a second time here.
"""

import itertools
from functools import lru_cache

import numpy as np
import pytest

from autograder import held_out
from daseCV.compare import Mismatch, expect, expect_close

FOLDS, MOST = 5, 100
KS = [1, 3, 5, 8, 10, 12, 15, 20, 50, 100]  # those of the notebook
OFF = [0.04, 0.01, 0.003]  # how far the worst accuracy may be off: three of a fold's 1000 images
WORSE = [0.02, 0.01, 0.005]  # than the best mean accuracy; 0.006 is one standard error of it


# --- the folds -----------------------------------------------------------------------------------

IN_ORDER = "np.array_split of all rows, in their order / 用 np.array_split 按原有顺序划分"


@pytest.mark.exercise("KNearestNeighbor.folds")
def test_folds_of_images(handed_in):
    """The five folds hold the images in their order / 五折依次包含全部图片"""
    pixels = held_out.pixels(handed_in.data)["X_train"]
    sums = pixels.reshape(FOLDS, -1, 3072).sum(axis=2, dtype=np.int64)
    name = "X_sums, the sums of the rows of each fold,"
    expect_close(handed_in.params.get("X_sums"), sums, name, tol=1e-5, hint=IN_ORDER)


@pytest.mark.exercise("KNearestNeighbor.folds")
def test_folds_of_labels(handed_in):
    """The five folds hold the labels in their order / 五折依次包含全部标签"""
    labels = held_out.pixels(handed_in.data)["y_train"].reshape(FOLDS, -1)
    expect_close(handed_in.params.get("y"), labels, "y, the labels of each fold,", hint=IN_ORDER)


# --- the neighbours ------------------------------------------------------------------------------


def _squares(images):
    """Squared distances between the images of any two folds, (5, 5, 1000, 1000), exact.

    In one channel 1024 products of two bytes less 128 add up to 2**24 at most: single precision,
    which is twice as fast, holds every such sum without rounding.
    """
    centred = images.reshape(FOLDS, -1, 3, 1024).astype(np.float32) - 128
    sizes = np.square(centred).sum(axis=(2, 3), dtype=np.float64).astype(np.int32)
    squares = np.zeros((FOLDS, FOLDS, *2 * sizes.shape[1:]), np.int32)
    for i, j in itertools.combinations(range(FOLDS), 2):
        channels = range(centred.shape[2])
        dots = sum((centred[i][:, c] @ centred[j][:, c].T).astype(np.int32) for c in channels)
        squares[i, j] = sizes[i][:, np.newaxis] + sizes[j] - 2 * dots
        squares[j, i] = squares[i, j].T
    return squares


@lru_cache(maxsize=2)
def _neighbours(digest):
    """Labels of each fold's images, (5, 1000), and of their neighbours in the others, by distance.

    The second is (5, 1000, 100). It takes a second or two, once per process and data set.
    """
    data = held_out.pixels(digest)
    labels, squares = data["y_train"].reshape(FOLDS, -1), _squares(data["X_train"])
    found = []
    for i in range(FOLDS):
        others = [j for j in range(FOLDS) if j != i]
        far, names = np.concatenate(squares[i, others], axis=1), labels[others].ravel()
        nearest = np.argpartition(far, MOST, axis=1)[:, :MOST]
        order = np.argsort(np.take_along_axis(far, nearest, axis=1), axis=1, kind="stable")
        found.append(names[np.take_along_axis(nearest, order, axis=1)])
    return labels, np.array(found)


def _is_right(digest, k):
    """For each image and label whether it wins the vote, ties too, and its place among the k."""
    labels, found = _neighbours(digest)
    votes_for = found[:, :, :k, np.newaxis] == np.arange(10)  # (5, 1000, k, 10)
    votes = votes_for.sum(axis=2)
    return labels, votes == votes.max(axis=2, keepdims=True), votes_for.argmax(axis=2)


# --- the table of accuracies ---------------------------------------------------------------------


@lru_cache(maxsize=2)
def _bounds(digest):
    """Lowest and highest accuracy of each k and fold, however ties are broken; each (10, 5)."""
    low, high = [], []
    for k in KS:
        labels, wins, _ = _is_right(digest, k)
        right = np.take_along_axis(wins, labels[:, :, np.newaxis], axis=2)[:, :, 0]
        high.append(right.mean(axis=1))
        low.append((right & (wins.sum(axis=2) == 1)).mean(axis=1))
    return np.array(low), np.array(high)


def _table(handed_in):
    """The accuracies that were handed in, (10, 5), when they are all there."""
    found = handed_in.arguments.get("k_to_accuracies")
    saved = isinstance(found, dict)
    expect(saved, "k_to_accuracies is not saved as a dict / k_to_accuracies 没有保存为字典")
    for k in KS:
        row = found.get(str(k))
        whole = isinstance(row, list) and len(row) == FOLDS
        whole = whole and all(type(a) in (int, float) and 0 <= a <= 1 for a in row)
        what = f"k = {k} has not five accuracies between 0 and 1 / k = {k} 没有五个 0 到 1 的准确率"
        expect(whole, what)
    return np.array([found[str(k)] for k in KS], dtype=np.float64)


@pytest.mark.exercise("KNearestNeighbor.cross_validation")
@pytest.mark.parametrize("allowed", OFF)
def test_table(handed_in, allowed):
    """Accuracies of each k and fold are right, whichever way ties go / 各 k 各折的准确率正确"""
    table, (low, high) = _table(handed_in), _bounds(handed_in.data)
    off = np.maximum(low - table, table - high)
    k, fold = np.unravel_index(off.argmax(), off.shape)
    if off[k, fold] > allowed + 1e-9:
        what = "an accuracy of the cross-validation is wrong / 交叉验证的准确率不对"
        where = f"k_to_accuracies[{KS[k]}][{fold}] is off by {off[k, fold]:.3f}"
        hint = "fold i is the test set of entry i, the others are trained on / 第 i 折用于测试"
        raise Mismatch(what, f"{where}, allowed {allowed:g}", hint)


# --- the best k ----------------------------------------------------------------------------------


@lru_cache(maxsize=2 * MOST)
def _mean_accuracies(digest, k):
    """Mean accuracy over the folds when ties go to the smaller label, and to the nearest image."""
    labels, wins, place = _is_right(digest, k)
    smaller = wins.argmax(axis=2) == labels
    nearest = np.where(wins, place, k).argmin(axis=2) == labels
    return np.array([smaller.mean(), nearest.mean()])


@pytest.mark.exercise("KNearestNeighbor.best_k")
@pytest.mark.parametrize("allowed", WORSE)
def test_best_k(handed_in, allowed):
    """The mean accuracy of the chosen k is near the best / 所选 k 的平均准确率接近最佳"""
    chosen = handed_in.arguments.get("best_k")
    sound = type(chosen) is int and 1 <= chosen <= MOST
    expect(sound, "best_k is no whole number from 1 to 100 / best_k 不是 1 到 100 的整数")
    best = np.max([_mean_accuracies(handed_in.data, k) for k in KS], axis=0)
    worse = np.min(best - _mean_accuracies(handed_in.data, chosen))
    what = f"the mean accuracy of k = {chosen} is too far below the best / 所选 k 的平均准确率过低"
    detail = f"it is {worse:.4f} below, allowed {allowed:g}"
    if worse > allowed + 1e-9:
        raise Mismatch(what, detail)
