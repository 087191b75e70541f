"""Visible checks of the softmax loss of the linear classifiers."""

import numpy as np

from daseCV.checks import exercise
from daseCV.checks.test_k_nearest_neighbor import expect_plain
from daseCV.checks.test_linear_svm import (
    PENALTY,
    draw,
    expect_example,
    expect_loss,
    expect_penalty,
    expect_slope,
)
from daseCV.compare import expect_close

# Source of the numbers: constructed, inputs by linspace and cosine; see `example`.
LOSS, LOSS_WITH_REG = 1.0903574093021633, 1.3949028638476177  # reg = 0 and 0.5
UNSURE = np.log(10)  # of ten classes equally likely
WRONG_LOGS = {
    "divide by N / 要除以 N": 7 * UNSURE,
    "take the natural logarithm / 要用自然对数": UNSURE / np.log(2),
    "take the natural logarithm, not that to the base 10 / 要用自然对数，不是以 10 为底": 1.0,
    "minus the logarithm of the probability / 概率的对数要取负": -UNSURE,
    "take the logarithm of the probability / 要对概率取对数": 0.1,
}
CROSS = "-log of the probability of the right class, a mean / 正确类别概率的 -log，再取平均"
SLOPE = "how does the right class differ from the others? / 正确类别与其他类别的梯度有何不同？"


def expect_unsure(loss):
    """Where all scores are equal the loss is that of a guess."""
    value, _ = loss(np.zeros((6, 10)), np.ones((7, 6)), np.arange(7), 0.0)
    expect_loss(value, UNSURE, "loss", WRONG_LOGS, CROSS)


def expect_stable(loss):
    """Scores that overflow an exponential give the right loss and gradient."""
    X = np.array([[1000.0, 0.0, -1000.0], [1000.0, 0.0, -1000.0]])
    value, dW = loss(np.eye(3), X, np.array([0, 0]), 0.0)
    hint = "subtract the largest score of each example first / 先减去每个样本的最大得分"
    expect_loss(value, 0.0, "loss", {}, hint)
    expect_close(dW, np.zeros((3, 3)), "dW", hint=hint)


@exercise("softmax_loss_naive")
def test_naive_unsure(student, rng):
    """With W = 0 the loss is that of a guess, -log(0.1) / W = 0 时损失为 -log(0.1)"""
    expect_unsure(student.softmax.softmax_loss_naive)


@exercise("softmax_loss_naive")
def test_naive_example(student, rng):
    """The loss of a small example is right / 小例子上的损失正确"""
    expect_example(student.softmax.softmax_loss_naive, LOSS, LOSS_WITH_REG, CROSS, PENALTY)


@exercise("softmax_loss_naive")
def test_naive_penalty(student, rng):
    """Regularisation is reg * sum(W * W), no factor 0.5 / 正则项为 reg * sum(W * W)，无系数 0.5"""
    expect_penalty(student.softmax.softmax_loss_naive, *draw(rng))


@exercise("softmax_loss_naive")
def test_naive_gradient(student, rng):
    """Without regularisation dW is numerically right / 无正则化时 dW 与数值梯度一致"""
    expect_slope(student.softmax.softmax_loss_naive, *draw(rng), 0.0, SLOPE)


@exercise("softmax_loss_naive")
def test_naive_regularised_gradient(student, rng):
    """With regularisation dW is numerically right / 有正则化时 dW 与数值梯度一致"""
    expect_slope(student.softmax.softmax_loss_naive, *draw(rng), 5.0, PENALTY)


@exercise("softmax_loss_naive")
def test_naive_large_scores(student, rng):
    """Large scores do not overflow / 得分很大时不会溢出"""
    expect_stable(student.softmax.softmax_loss_naive)


@exercise("softmax_loss_vectorized")
def test_vectorized_unsure(student, rng):
    """With W = 0 the loss is that of a guess, -log(0.1) / W = 0 时损失为 -log(0.1)"""
    expect_unsure(student.softmax.softmax_loss_vectorized)


@exercise("softmax_loss_vectorized")
def test_vectorized_example(student, rng):
    """The loss agrees with that of the loops / 损失与循环写法的结果一致"""
    expect_example(student.softmax.softmax_loss_vectorized, LOSS, LOSS_WITH_REG, CROSS, PENALTY)


@exercise("softmax_loss_vectorized")
def test_vectorized_penalty(student, rng):
    """Regularisation is reg * sum(W * W), no factor 0.5 / 正则项为 reg * sum(W * W)，无系数 0.5"""
    expect_penalty(student.softmax.softmax_loss_vectorized, *draw(rng))


@exercise("softmax_loss_vectorized")
def test_vectorized_gradient(student, rng):
    """Without regularisation dW is numerically right / 无正则化时 dW 与数值梯度一致"""
    expect_slope(student.softmax.softmax_loss_vectorized, *draw(rng), 0.0, SLOPE)


@exercise("softmax_loss_vectorized")
def test_vectorized_regularised_gradient(student, rng):
    """With regularisation dW is numerically right / 有正则化时 dW 与数值梯度一致"""
    expect_slope(student.softmax.softmax_loss_vectorized, *draw(rng), 5.0, PENALTY)


@exercise("softmax_loss_vectorized")
def test_vectorized_large_scores(student, rng):
    """Large scores do not overflow / 得分很大时不会溢出"""
    expect_stable(student.softmax.softmax_loss_vectorized)


@exercise("softmax_loss_vectorized")
def test_vectorized_plain(student, rng):
    """There is no loop / 没有循环"""
    expect_plain(student.softmax, "softmax_loss_vectorized", 0, ["softmax_loss_naive"])
