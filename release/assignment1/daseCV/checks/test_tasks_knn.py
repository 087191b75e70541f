"""Visible checks of the tasks of the nearest neighbours: folds, table of accuracies, best k."""

import functools

import numpy as np

from daseCV.checks import exercise
from daseCV.checks.work import SAVE, SECONDS, expect_same_data, saved
from daseCV.compare import expect, expect_close

FOLDS, ROWS = 5, 5000
KS = (1, 3, 5, 8, 10, 12, 15, 20, 50, 100)  # those of the notebook
TRIED = (1, 10)  # numbers of neighbours that are tried again, on the first fold and the last
ORDER = "np.array_split of all rows, in their order / 用 np.array_split 按原有顺序划分"


@functools.lru_cache(maxsize=1)
def rows(student):
    """The first 5000 training images as rows, and their labels."""
    data = student.data_utils
    images, labels = np.empty((0, 32, 32, 3)), np.empty(0, dtype=int)
    for name in data.TRAINING_FILES:
        if len(labels) < ROWS:
            more, theirs = data.load_CIFAR_batch(data.data_folder() / name)
            images = np.concatenate([images, more[: ROWS - len(images)]])
            labels = np.concatenate([labels, theirs])[:ROWS]
    return images.reshape(ROWS, -1), labels


def saved_here(student, name):
    """The work that was saved, when it belongs to the data that are here."""
    work = saved(student, name)
    expect_same_data(student, work)
    return work


def accuracies(student, name):
    """The table in the saved file: five accuracies for each k."""
    found = saved_here(student, name).arguments.get("k_to_accuracies")
    what = "k_to_accuracies is not saved as a dict / k_to_accuracies 没有保存为字典"
    expect(isinstance(found, dict), what, SAVE)
    for k in KS:
        row = found.get(str(k))
        whole = isinstance(row, list) and len(row) == FOLDS
        whole = whole and all(type(a) in (int, float) and 0 <= a <= 1 for a in row)
        what = f"k = {k} has not five accuracies between 0 and 1 / k = {k} 没有五个 0 到 1 的准确率"
        expect(whole, what)
    return found


def reached(student, fold):
    """What the student's own classifier reaches, for each k, when it is tested on this fold."""
    X, y = (np.array_split(part, FOLDS) for part in rows(student))
    classifier = student.k_nearest_neighbor.KNearestNeighbor()
    others = [i for i in range(FOLDS) if i != fold]
    classifier.train(np.concatenate([X[i] for i in others]), np.concatenate([y[i] for i in others]))
    distances = classifier.compute_distances_no_loops(X[fold])
    return {k: np.mean(classifier.predict_labels(distances, k=k) == y[fold]) for k in TRIED}


@exercise("KNearestNeighbor.folds", seconds=SECONDS)
def test_folds_of_images(student, rng):
    """The five folds hold the images in their order / 五折依次包含全部图片"""
    sums = saved_here(student, "KNearestNeighbor.folds").params.get("X_sums")
    right = rows(student)[0].sum(axis=1).reshape(FOLDS, -1)
    expect_close(sums, right, "X_sums, the sums of the rows of each fold,", tol=1e-5, hint=ORDER)


@exercise("KNearestNeighbor.folds", seconds=SECONDS)
def test_folds_of_labels(student, rng):
    """The five folds hold the labels in their order / 五折依次包含全部标签"""
    labels = saved_here(student, "KNearestNeighbor.folds").params.get("y")
    right = rows(student)[1].reshape(FOLDS, -1)
    expect_close(labels, right, "y, the labels of each fold,", hint=ORDER)


@exercise("KNearestNeighbor.cross_validation", seconds=SECONDS)
def test_table(student, rng):
    """There are five accuracies for each k / 每个 k 都有五个准确率"""
    accuracies(student, "KNearestNeighbor.cross_validation")


@exercise("KNearestNeighbor.cross_validation", seconds=SECONDS)
def test_entries(student, rng):
    """Your classifier reaches them when it is tried again / 用你的分类器重新计算得到同样的准确率"""
    table = accuracies(student, "KNearestNeighbor.cross_validation")
    hint = "test on fold i, train on the four others / 用第 i 折测试，用其余四折训练"
    for fold in (0, FOLDS - 1):
        for k, accuracy in reached(student, fold).items():
            off, name = abs(table[str(k)][fold] - accuracy), f"k_to_accuracies[{k}][{fold}]"
            expect(off < 0.003, f"{name} is off by {off:.3f} / {name} 相差 {off:.3f}", hint)


@exercise("KNearestNeighbor.best_k", seconds=SECONDS)
def test_best_k(student, rng):
    """The mean accuracy of the chosen k is near the best / 所选 k 的平均准确率接近最佳"""
    k = saved_here(student, "KNearestNeighbor.best_k").arguments.get("best_k")
    sound = type(k) is int and 1 <= k <= max(KS)
    expect(sound, "best_k is no whole number from 1 to 100 / best_k 不是 1 到 100 的整数", SAVE)
    table = accuracies(student, "KNearestNeighbor.cross_validation")
    means = {name: np.mean(row) for name, row in table.items()}
    worse = max(means.values()) - means.get(str(k), np.inf)
    what = f"the mean accuracy of k = {k} is {worse:.4f} below the best"
    expect(worse <= 0.005, f"{what} / k = {k} 的平均准确率比最佳低 {worse:.4f}")
