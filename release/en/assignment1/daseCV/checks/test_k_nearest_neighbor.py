"""Visible checks of the k-nearest-neighbour classifier: three ways to distances, and the vote."""

import ast
import inspect

import numpy as np

from daseCV.checks import exercise
from daseCV.compare import expect, expect_close, expect_labels, expect_shape

LOOPS = (ast.For, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)

# Points in the plane: every distance can be checked by hand.
TRAINING = np.array([[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]])
TEST = np.array([[0.0, 8.0], [3.0, 0.0]])
DISTS = np.array([[8.0, 5.0, 6.0], [3.0, 4.0, 8.54400374531753]])
WRONG_DISTS = {
    "these are the squares of the distances: take the root / 还要开平方根": np.square(DISTS),
    "this is the L1 distance, not the L2 / 这是 L1 距离，不是 L2": [[8, 7, 6], [3, 4, 11]],
    "the squares are averaged: add them up / 平方取了平均：应当求和": DISTS / np.sqrt(2),
    "square before you add up / 先平方，再求和": [[8, 1, 6], [3, 4, 11]],
    "the product needs its factor 2 / 交叉项要乘以 2": np.sqrt([[64, 57, 100], [9, 25, 91]]),
    "the product is subtracted / 交叉项应当减去": np.sqrt([[64, 153, 292], [9, 52, 145]]),
}
DISTANCE = "the root of the sum of the squared differences / 差值平方、求和、再开平方根"
ROWS = "a row for each test example, a column for each training one / 行为测试样本，列为训练样本"
FLOATS = "dists holds floats, as it was given / dists 要存浮点数，请保留原来的写法"

# Labels of six training examples, and three rows of distances to them. Source: constructed, with a
# tie of labels for each even k.
LABELS = np.array([4, 1, 1, 4, 0, 2])
TIED = np.array([[1.0, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1], [2, 9, 8, 7, 1, 3]])
# The same with a clear winner among the three nearest.
OTHER_LABELS = np.array([2, 2, 2, 7, 7, 5])
CLEAR = np.array([[1.0, 2, 6, 3, 5, 4], [5, 6, 4, 1, 2, 3], [6, 1, 5, 2, 3, 4]])
NUMBERS = "these are numbers of examples: look up their labels / 这是样本的编号：还要查它们的类别"
FARTHEST = "the nearest have the smallest distances / 最近的样本距离最小"


def likely(actual, wrong, otherwise):
    """Name the mistake: the hint whose wrong value `actual` is, or the other hint."""
    if not isinstance(actual, np.ndarray | np.generic | float | int):
        return otherwise
    found = (
        hint for hint, value in wrong.items()
        if np.shape(actual) == np.shape(value) and np.allclose(actual, value, rtol=1e-5, atol=1e-7)
    )  # fmt: skip
    return next(found, otherwise)


def expect_plain(module, name, loops, forbidden=()):
    """The function has no more loops inside each other, and uses nothing forbidden."""
    nodes = list(ast.walk(ast.parse(inspect.getsource(module))))
    function = [n for n in nodes if isinstance(n, ast.FunctionDef) and n.name == name][-1]
    names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
    own = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    used = {node.id for node in names} - own
    used |= {node.attr for node in ast.walk(function) if isinstance(node, ast.Attribute)}
    for word in forbidden:
        expect(word not in used, f"{name} may not use {word} / {name} 不允许使用 {word}")
    found = deepest(function)
    what = f"{name} has loops, {found} deep; {loops} may be / {name} 循环过多"
    expect(found <= loops, what, "let NumPy go through the array / 让 NumPy 来遍历数组")


def deepest(node):
    """How many loops stand inside each other."""
    inside = max((deepest(child) for child in ast.iter_child_nodes(node)), default=0)
    return inside + isinstance(node, LOOPS)


def neighbours(student, X, y):
    """The student's classifier with these training examples."""
    classifier = student.k_nearest_neighbor.KNearestNeighbor()
    classifier.train(X, y)
    return classifier


def expect_distances(student, method):
    """The distances of the points in the plane."""
    classifier = neighbours(student, TRAINING, np.array([0, 1, 2]))
    dists = getattr(classifier, method)(TEST.copy())
    expect_shape(dists, DISTS.shape, "dists", hint=ROWS)
    expect(dists.dtype.kind == "f", "dists does not hold floats / dists 不是浮点数组", FLOATS)
    expect_close(dists, DISTS, "dists", hint=likely(dists, WRONG_DISTS, DISTANCE))


def expect_lengths(student, rng, method):
    """The distances of images to black ones, two of them, are the lengths of their rows."""
    classifier = neighbours(student, np.zeros((2, 48)), np.array([0, 1]))
    X = rng.uniform(0, 255, size=(5, 48))
    right = np.tile(np.sqrt(np.einsum("td,td->t", X, X))[:, None], 2)
    expect_close(getattr(classifier, method)(X.copy()), right, "dists", hint=ROWS)


def vote(student, labels, dists, k):
    """The student's labels for these distances."""
    return neighbours(student, np.zeros((len(labels), 1)), labels).predict_labels(dists.copy(), k)


@exercise("KNearestNeighbor.compute_distances_two_loops")
def test_two_loops_points(student, rng):
    """The distances between a few points are right / 几个点之间的距离正确"""
    expect_distances(student, "compute_distances_two_loops")


@exercise("KNearestNeighbor.compute_distances_two_loops")
def test_two_loops_images(student, rng):
    """There may be more test than training examples / 测试样本可以比训练样本多"""
    expect_lengths(student, rng, "compute_distances_two_loops")


@exercise("KNearestNeighbor.compute_distances_two_loops")
def test_two_loops_plain(student, rng):
    """There are two loops, and no np.linalg.norm / 只有两层循环，不用 np.linalg.norm"""
    expect_plain(student.k_nearest_neighbor, "compute_distances_two_loops", 2, ["norm"])


@exercise("KNearestNeighbor.predict_labels")
def test_predict_labels_nearest(student, rng):
    """With k = 1 the label is that of the nearest / k = 1 时取最近样本的类别"""
    y_pred = vote(student, LABELS, TIED, 1)
    hint = likely(y_pred, {NUMBERS: [0, 5, 4], FARTHEST: [2, 4, 1]}, "")
    expect_labels(y_pred, [4, 2, 0], "y_pred", hint=hint)


@exercise("KNearestNeighbor.predict_labels")
def test_predict_labels_vote(student, rng):
    """The most common label of the k nearest wins / k 个近邻中最常见的类别胜出"""
    y_pred = vote(student, OTHER_LABELS, CLEAR, 3)
    counts = "that is how often the label occurs: which one is it? / 这是出现次数：要的是类别本身"
    one = "all k have a vote, not the nearest alone / 是 k 个近邻投票，不只看最近的一个"
    late = "the nearest has a vote, too / 最近的那个也要投票"
    wrong = {one: [2, 7, 2], counts: [2, 2, 2], late: [2, 2, 7], NUMBERS: [0, 3, 1]}
    hint = likely(y_pred, wrong, "the most common label of the k nearest / k 个近邻中最常见的类别")
    expect_labels(y_pred, [2, 7, 7], "y_pred", hint=hint)


@exercise("KNearestNeighbor.predict_labels")
def test_predict_labels_ties(student, rng):
    """Of labels equally common the smallest wins / 票数相同时取最小的类别"""
    hint = "of equally common labels take the smallest / 票数相同时取最小的类别"
    expect_labels(vote(student, LABELS, TIED, 2), [1, 0, 0], "y_pred for k = 2", hint=hint)
    expect_labels(vote(student, LABELS, TIED, 4), [1, 0, 4], "y_pred for k = 4", hint=hint)


@exercise("KNearestNeighbor.compute_distances_one_loop")
def test_one_loop_points(student, rng):
    """The distances between a few points are right / 几个点之间的距离正确"""
    expect_distances(student, "compute_distances_one_loop")


@exercise("KNearestNeighbor.compute_distances_one_loop")
def test_one_loop_images(student, rng):
    """There may be more test than training examples / 测试样本可以比训练样本多"""
    expect_lengths(student, rng, "compute_distances_one_loop")


@exercise("KNearestNeighbor.compute_distances_one_loop")
def test_one_loop_plain(student, rng):
    """There is one loop, and no np.linalg.norm / 只有一层循环，不用 np.linalg.norm"""
    forbidden = ["norm", "compute_distances_two_loops"]
    expect_plain(student.k_nearest_neighbor, "compute_distances_one_loop", 1, forbidden)


@exercise("KNearestNeighbor.compute_distances_no_loops")
def test_no_loops_points(student, rng):
    """The distances between a few points are right / 几个点之间的距离正确"""
    expect_distances(student, "compute_distances_no_loops")


@exercise("KNearestNeighbor.compute_distances_no_loops")
def test_no_loops_images(student, rng):
    """There may be more test than training examples / 测试样本可以比训练样本多"""
    expect_lengths(student, rng, "compute_distances_no_loops")


@exercise("KNearestNeighbor.compute_distances_no_loops")
def test_no_loops_plain(student, rng):
    """There is no loop, and no np.linalg.norm / 没有循环，不用 np.linalg.norm"""
    forbidden = ["norm", "compute_distances_two_loops", "compute_distances_one_loop"]
    expect_plain(student.k_nearest_neighbor, "compute_distances_no_loops", 0, forbidden)
