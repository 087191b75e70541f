"""Hidden checks of daseCV/classifiers/linear_classifier.py: training and prediction.

Training is judged without prediction. Where examples are all alike, a batch is what it is however
it was drawn, so every step is known; where steps change no loss, the losses tell what was drawn.
There the learning rate is not 0, which code could ask for, but one that the notebook tries, too.
"""

import numpy as np
import pytest

from autograder.checks.arrays import series
from autograder.checks.batches import PAIRS, expect_all_drawn, expect_fresh, expect_size
from daseCV.classifiers import linear_classifier
from daseCV.compare import expect, expect_close, expect_labels, expect_shape

FLOAT32 = 1e-4  # tolerance where a student computes in single precision
KINDS = pytest.mark.parametrize("kind", ["LinearSVM", "Softmax"])
STEP = "W moves by -learning_rate times the gradient / W 应移动 -learning_rate 乘以梯度"


def _classifiers(student, kind, W):
    """The student's classifier and the kit's, with the same weights."""
    theirs = getattr(student.linear_classifier, kind)()
    mine = getattr(linear_classifier, kind)()
    theirs.W = mine.W = W
    return theirs, mine


def _svm_losses(student, W, X, y, num_iters, batch_size):
    """Losses of the batches that are drawn while W stays as it is, or nearly."""
    svm, _ = _classifiers(student, "LinearSVM", W)
    options = {"reg": 0.0, "num_iters": num_iters, "batch_size": batch_size}
    history = student.fetch(svm.train(X, y, learning_rate=1e-7, **options))
    losses = series(history)
    expect_shape(losses, (num_iters,), "loss_history")
    return losses


# --- LinearClassifier.train ----------------------------------------------------------------------


@pytest.mark.exercise("LinearClassifier.train")
@KINDS
def test_train_steps(student, rng, kind):
    """Each step goes down the gradient as the learning rate says / 每一步都按学习率沿负梯度更新"""
    X, y = np.tile(rng.normal(size=5), (8, 1)), np.full(8, 2)
    theirs, mine = _classifiers(student, kind, rng.normal(size=(5, 4)))
    options = {"learning_rate": 0.03, "reg": 0.7, "num_iters": 30, "batch_size": 4}
    losses = series(student.fetch(theirs.train(X, y, **options)))
    expect_close(losses, mine.train(X, y, **options), "loss_history", hint=STEP)
    expect_close(theirs.W, mine.W, "W", hint=STEP)


def _coins(student, rng):
    """Losses of batches of 7, drawn from examples of loss 0 and as many of loss 1."""
    X = rng.permutation(np.repeat([[0.0], [-1.0]], 35, axis=0))
    return _svm_losses(student, np.array([[-1.0, 1.0]]), X, np.zeros(70, dtype=int), 40, 7)


@pytest.mark.exercise("LinearClassifier.train")
def test_train_batch_size(student, rng):
    """A batch has batch_size examples / 每个批次有 batch_size 个样本"""
    expect_size(_coins(student, rng), 7)


@pytest.mark.exercise("LinearClassifier.train")
def test_train_fresh_batches(student, rng):
    """Each step draws a batch of its own / 每一步都重新抽取批次"""
    expect_fresh(_coins(student, rng))


@pytest.mark.exercise("LinearClassifier.train")
def test_train_pairs(student, rng):
    """The labels of a batch are those of its examples / 批次中的标签与样本对应"""
    y = rng.choice(5, 60)
    losses = _svm_losses(student, 10 * np.eye(5), np.eye(5)[y], y, num_iters=20, batch_size=6)
    expect_close(losses, np.zeros(20), "loss_history", hint=PAIRS)


@pytest.mark.exercise("LinearClassifier.train")
def test_train_draws_all(student, rng):
    """Every example is drawn at some time / 每个样本都会被抽到"""
    X, W = 1.0 * rng.permutation(10)[:, None], np.array([[-0.5, 0.5]])  # example n has loss n + 1
    losses = _svm_losses(student, W, X, np.zeros(10, dtype=int), num_iters=150, batch_size=1)
    expect_all_drawn(losses, 10)


@pytest.mark.exercise("LinearClassifier.train")
@KINDS
def test_train_learns(student, rng, kind):
    """It learns to tell three groups apart, from random weights / 从随机权重学会区分三组点"""
    y = np.repeat([0, 1, 2], 100)  # like linear.train.synthetic, but sorted
    X = np.hstack([rng.normal(size=(300, 4)) + 3 * np.eye(4)[y], np.ones((300, 1))])
    classifier = getattr(student.linear_classifier, kind)()
    classifier.train(X, y, learning_rate=0.1, reg=1e-4, num_iters=200, batch_size=50)
    W = classifier.W  # asked for once: the child may answer otherwise the next time
    expect_shape(W, (5, 3), "W")
    right = np.mean((X @ W).argmax(axis=1) == y)
    expect(right > 0.9, "it does not learn to tell them apart / 没有学会区分")


@pytest.mark.exercise("LinearClassifier.train")
@pytest.mark.beyond
def test_train_goes_on(student, rng):
    """Training again goes on from the weights there are / 再次训练时从已有权重继续"""
    X, y = np.tile(rng.normal(size=5), (8, 1)), np.full(8, 2)
    theirs, mine = _classifiers(student, "Softmax", rng.normal(size=(5, 4)))
    for classifier in (theirs, mine, theirs, mine):
        classifier.train(X, y, learning_rate=0.03, reg=0.7, num_iters=5, batch_size=4)
    expect_close(theirs.W, mine.W, "W", hint=STEP)


@pytest.mark.exercise("LinearClassifier.train")
@pytest.mark.beyond
def test_train_float32(student, rng):
    """Views, single precision and other integers work too / 视图、单精度、其他整数类型也正确"""
    X, y = np.tile(rng.normal(size=5), (8, 1)).astype(np.float32), np.full(8, 2, dtype=np.int32)
    theirs, mine = _classifiers(student, "Softmax", rng.normal(size=(5, 4)))
    options = {"learning_rate": 0.03, "reg": 0.7, "num_iters": 5, "batch_size": 4}
    theirs.train(student.view(X), y, **options)
    mine.train(X, y, **options)
    expect_close(theirs.W, mine.W, "W", FLOAT32, hint=STEP)


# --- LinearClassifier.predict --------------------------------------------------------------------


def _expect_predicted(student, kind, W, X, arrives=None):
    """The labels are the classes of the highest scores."""
    classifier, _ = _classifiers(student, kind, W)
    y_pred = classifier.predict(X if arrives is None else arrives)
    hint = "the class of the highest score in each row / 每行得分最高的类别"
    expect_labels(y_pred, (X @ W).argmax(axis=1), "y_pred", hint=hint)


@pytest.mark.exercise("LinearClassifier.predict")
@KINDS
def test_predict(student, rng, kind):
    """Each example gets the class of its highest score / 每个样本取得分最高的类别"""
    _expect_predicted(student, kind, rng.normal(size=(6, 4)), rng.normal(size=(30, 6)))


@pytest.mark.exercise("LinearClassifier.predict")
def test_predict_square(student, rng):
    """As many examples as classes and features work too / 样本数、类别数与特征数相同时也正确"""
    _expect_predicted(student, "Softmax", rng.normal(size=(9, 9)), rng.normal(size=(9, 9)))


@pytest.mark.exercise("LinearClassifier.predict")
def test_predict_negative(student, rng):
    """Negative scores work too / 得分全为负时也正确"""
    W, X = -rng.uniform(size=(5, 7)), rng.uniform(size=(20, 5))
    _expect_predicted(student, "LinearSVM", W, X)


@pytest.mark.exercise("LinearClassifier.predict")
@pytest.mark.beyond
def test_predict_single(student, rng):
    """A single example works, by LinearClassifier itself too / 单个样本、直接用基类时也正确"""
    W, X = rng.normal(size=(6, 4)), rng.normal(size=(1, 6))
    _expect_predicted(student, "LinearClassifier", W, X)


@pytest.mark.exercise("LinearClassifier.predict")
@pytest.mark.beyond
def test_predict_float32(student, rng):
    """Views and single precision work too / 数组视图与单精度也正确"""
    W, X = rng.normal(size=(6, 4)), rng.normal(size=(9, 6)).astype(np.float32)
    _expect_predicted(student, "Softmax", W, X, arrives=student.view(X))
