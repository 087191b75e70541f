"""Visible checks of the linear classifiers' training and prediction; no loss is needed for them."""

import numpy as np

from daseCV.checks import exercise
from daseCV.checks.test_k_nearest_neighbor import likely
from daseCV.compare import expect, expect_close, expect_labels, expect_shape

PAIRS = "draw indices once, and take X and y at them / 只抽一次下标，X 与 y 都用它来取"
FRESH = "draw anew in each step, from all examples / 每一步都从全部样本中重新抽取"
STEP = "W moves by -learning_rate times the gradient / W 应移动 -learning_rate 乘以梯度"
START = np.arange(6.0).reshape(2, 3)  # weights, before three steps of 0.25
WRONG_STEPS = {
    "go down the gradient, not up / 要沿负梯度方向，而不是正方向": START + 0.75,
    "multiply the gradient by learning_rate / 梯度要乘以 learning_rate": START - 3,
    "store the new weights in self.W / 新的权重要存回 self.W": START,
    "the step is added to the weights there are / 要在原有权重上加上这一步": 0 * START - 0.25,
}
COLUMNS = "each example is a row: along which axis is the maximum? / 每行一个样本：最大值沿哪个轴？"
SCORES = np.array([[1.0, 5.0, 3.0], [-4.0, -2.0, -9.0], [0.5, -7.0, 0.25], [2.0, 4.0, 6.0]])
WRONG_LABELS = {
    "the highest score, not the lowest / 是最高得分，不是最低": [0, 2, 1, 0],
    "the class of the score, not the score / 是得分对应的类别，不是得分本身": [5, -2, 0.5, 6],
    "the highest score, negative or not: no abs / 直接取最大，不要取绝对值": [1, 2, 1, 2],
}


def run(student, num_iters, batch_size):
    """Train on 40 numbered examples with a loss that writes down its batches; gradient 1."""

    class Recorder(student.linear_classifier.LinearClassifier):
        def loss(self, X_batch, y_batch, reg):
            batches.append((X_batch, y_batch))
            return 0.0, np.ones((2, 3))

    batches, classifier = [], Recorder()
    classifier.W = START.copy()
    X = np.arange(80.0).reshape(40, 2)  # example n is (2 n, 2 n + 1), its label n + 100
    options = {"learning_rate": 0.25, "num_iters": num_iters, "batch_size": batch_size}
    history = classifier.train(X, np.arange(40) + 100, **options)
    return batches, classifier.W, history


@exercise("LinearClassifier.train")
def test_train_batches(student, rng):
    """A batch has batch_size examples and as many labels / 批次有 batch_size 个样本与标签"""
    batches, _, _ = run(student, 3, 7)
    hint = "draw batch_size indices / 抽取 batch_size 个下标"
    for X_batch, y_batch in batches:
        expect_shape(X_batch, (7, 2), "X_batch", hint=hint)
        expect_shape(y_batch, (7,), "y_batch", hint=hint)


@exercise("LinearClassifier.train")
def test_train_pairs(student, rng):
    """The labels of a batch are those of its examples / 批次中的标签与样本对应"""
    for X_batch, y_batch in run(student, 3, 7)[0]:
        expect_labels(y_batch, X_batch[:, 0] / 2 + 100, "y_batch", hint=PAIRS)


@exercise("LinearClassifier.train")
def test_train_draws(student, rng):
    """Each step draws from all the examples / 每一步都从全部样本中抽取"""
    drawn = [tuple(X_batch[:, 0]) for X_batch, _ in run(student, 100, 7)[0]]
    expect(len(set(drawn)) > 1, "every batch is the same / 每个批次都一样", FRESH)
    found = {value for batch in drawn for value in batch}
    expect(len(found) == 40, "some examples are never drawn / 有的样本从未被抽到", FRESH)


@exercise("LinearClassifier.train")
def test_train_step(student, rng):
    """Each step goes down the gradient as the learning rate says / 每一步都按学习率沿负梯度更新"""
    _, W, history = run(student, 3, 7)
    expect_close(W, START - 0.75, "W after three steps", hint=likely(W, WRONG_STEPS, STEP))
    expect(len(history) == 3, "there is not a loss for each step / 损失的个数不等于步数")


@exercise("LinearClassifier.predict")
def test_predict(student, rng):
    """Each example gets the class of its highest score / 每个样本取得分最高的类别"""
    classifier = student.linear_classifier.LinearClassifier()
    classifier.W = np.eye(3)
    y_pred = classifier.predict(SCORES.copy())
    expect_shape(y_pred, (4,), "y_pred", hint=COLUMNS)
    expect_labels(y_pred, [1, 1, 0, 2], "y_pred", hint=likely(y_pred, WRONG_LABELS, ""))


@exercise("LinearClassifier.predict")
def test_predict_single(student, rng):
    """A single example is a batch of one / 单个样本是大小为一的批次"""
    classifier = student.linear_classifier.LinearClassifier()
    classifier.W = np.eye(3)
    hint = "one label for each row, of one row too / 每行一个类别，只有一行时也一样"
    expect_shape(classifier.predict(SCORES[:1].copy()), (1,), "y_pred", hint=hint)
