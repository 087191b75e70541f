"""Visible checks of the SVM loss of the linear classifiers, and what those of softmax share."""

import numpy as np

from daseCV.checks import exercise
from daseCV.checks.test_k_nearest_neighbor import expect_plain, likely
from daseCV.compare import expect_close, expect_gradient, expect_shape
from daseCV.gradient_check import eval_numerical_gradient

# Source of the numbers: constructed, inputs by linspace and cosine; see `example`.
LOSS, LOSS_WITH_REG = 1.9696939597797158, 2.2742394143251703  # reg = 0 and 0.5
# Scores (with W = 1) of two examples with margins that are kept, missed by a bit, and missed.
SCORES, LABELS = np.array([[3.0, 1.0, 2.5], [0.0, 0.0, 0.0]]), np.array([0, 1])
WRONG_HINGES = {
    "a margin that is kept costs nothing: max(0, ...) / 满足间隔时没有损失：max(0, ...)": 0.75,
    "leave out the right class, which adds 1 to each example / 正确类别不参与求和": 2.25,
    "the margin of 1 is missing / 漏了间隔 1": 0.0,
    "divide by N / 要除以 N": 2.5,
    "the mean is over the examples only, not over the classes / 只对样本取平均，不对类别": 2.5 / 6,
}
HINGE = "max(0, score - right score + 1) / max(0, 得分 - 正确得分 + 1)，只算错误类别"
SLOPE = "which columns of W does a score depend on? / 每个得分与 W 的哪几列有关？"
PENALTY = "reg * sum(W * W), over all of W / reg * sum(W * W)，对整个 W"
HALF = "a factor 0.5 too many: here it is reg * sum(W * W) / 多了系数 0.5，应为 reg * sum(W * W)"
GIVEN = "the loss was given: leave its lines as they are / 损失部分是给好的，请保持原样"


def example():
    """Weights (4, 3), a batch of five and its labels."""
    W, X = np.linspace(-0.3, 0.4, num=12).reshape(4, 3), np.cos(np.arange(20.0)).reshape(5, 4)
    return W, X, np.array([0, 2, 1, 1, 0])


def draw(rng):
    """Random weights (5, 4), a batch of six and its labels."""
    return rng.normal(size=(5, 4)), rng.normal(size=(6, 5)), rng.choice(4, size=6)


def expect_loss(loss, right, name, wrong, hint):
    """The loss is the right one; else the hint names the mistake."""
    expect_shape(loss, (), name)
    expect_close(loss, right, name, tol=1e-9, hint=likely(loss, wrong, hint))


def expect_example(loss, bare, with_reg, hint, hint_with_reg):
    """The losses of the example are right, for reg = 0 and 0.5."""
    expect_loss(loss(*example(), 0.0)[0], bare, "loss", {}, hint)
    name, wrong = "loss with reg = 0.5", {HALF: (bare + with_reg) / 2}
    expect_loss(loss(*example(), 0.5)[0], with_reg, name, wrong, hint_with_reg)


def expect_penalty(loss, W, X, y):
    """What reg adds to the loss is reg times the sum of all squares."""
    values = [loss(W.copy(), X, y, reg)[0] for reg in (0.0, 3.0)]
    for value in values:
        expect_shape(value, (), "loss")
    squares = 3 * W**2
    right = np.sum(squares)
    bias = "the last row, the bias, is regularised, too / 最后一行（偏置）也要正则化"
    whole = "the sum of the squares, not the square of the sum / 是平方之和，不是和的平方"
    wrong = {HALF: right / 2, "the loss lacks the regularisation / 损失中没有正则项": 0.0}
    wrong |= {bias: np.sum(squares[:-1]), whole: 3 * np.sum(W) ** 2}
    wrong["the regularisation is not divided by N / 正则项不除以 N"] = right / len(X)
    expect_loss(values[1] - values[0], right, "what reg adds to the loss", wrong, PENALTY)


def expect_slope(loss, W, X, y, reg, hint):
    """The gradient agrees with the numerical gradient of the student's own loss."""
    value, dW = loss(W.copy(), X, y, reg)
    expect_shape(value, (), "loss")

    def f(v):
        return loss(v, X, y, reg)[0]

    slope = eval_numerical_gradient(f, W.copy(), verbose=False)
    wrong = {
        "divide by N, like the loss / 像损失一样除以 N": len(X) * slope,
        "the sign is the wrong way round / 符号反了": -slope,
    }
    wrong |= wrong_penalties(slope, 2 * reg * W, len(X))
    expect_gradient(dW, f, W, 1.0, "dW", hint=likely(dW, wrong, hint))


def wrong_penalties(slope, penalty, N):
    """Gradients whose regularisation is wrong, by the hints that say so."""
    bare, bias = slope - penalty, penalty * (np.arange(len(penalty)) == len(penalty) - 1)[:, None]
    return {
        "the derivative of W * W is 2 * W / W * W 的导数是 2 * W": bare + penalty / 2,
        "the regularisation has a gradient, too / 正则项也有梯度": bare,
        "the last row, the bias, takes part as well / 最后一行（偏置）也有正则项": slope - bias,
        "dW has more regularisation than the loss / 梯度中的正则项比损失中多": slope + penalty,
        "divide by N first, then add the regularisation / 先除以 N，再加正则项": bare + penalty / N,
        "add the regularisation once, not N times / 正则项只加一次，不是 N 次": bare + N * penalty,
        "divide by N before adding the regularisation / 加正则项之前要除以 N": N * bare + penalty,
    }


@exercise("svm_loss_naive")
def test_naive_given_loss(student, rng):
    """The loss is still the given one / 损失仍是给定的写法"""
    expect_example(student.linear_svm.svm_loss_naive, LOSS, LOSS_WITH_REG, GIVEN, GIVEN)


@exercise("svm_loss_naive")
def test_naive_gradient(student, rng):
    """Without regularisation dW is numerically right / 无正则化时 dW 与数值梯度一致"""
    expect_slope(student.linear_svm.svm_loss_naive, *draw(rng), 0.0, SLOPE)


@exercise("svm_loss_naive")
def test_naive_regularised_gradient(student, rng):
    """With regularisation dW is numerically right / 有正则化时 dW 与数值梯度一致"""
    expect_slope(student.linear_svm.svm_loss_naive, *draw(rng), 50.0, PENALTY)


@exercise("svm_loss_vectorized")
def test_vectorized_loss(student, rng):
    """The loss of a few scores is right / 几组得分的损失正确"""
    loss, _ = student.linear_svm.svm_loss_vectorized(np.eye(3), SCORES.copy(), LABELS, 0.0)
    expect_loss(loss, 1.25, "loss", WRONG_HINGES, HINGE)


@exercise("svm_loss_vectorized")
def test_vectorized_example(student, rng):
    """The loss agrees with that of the loops / 损失与循环写法的结果一致"""
    expect_example(student.linear_svm.svm_loss_vectorized, LOSS, LOSS_WITH_REG, HINGE, PENALTY)


@exercise("svm_loss_vectorized")
def test_vectorized_penalty(student, rng):
    """Regularisation is reg * sum(W * W), no factor 0.5 / 正则项为 reg * sum(W * W)，无系数 0.5"""
    expect_penalty(student.linear_svm.svm_loss_vectorized, *draw(rng))


@exercise("svm_loss_vectorized")
def test_vectorized_gradient(student, rng):
    """Without regularisation dW is numerically right / 无正则化时 dW 与数值梯度一致"""
    hint = "how often does X[i] enter each column of dW? / X[i] 在 dW 的每一列中出现几次？"
    expect_slope(student.linear_svm.svm_loss_vectorized, *draw(rng), 0.0, hint)


@exercise("svm_loss_vectorized")
def test_vectorized_regularised_gradient(student, rng):
    """With regularisation dW is numerically right / 有正则化时 dW 与数值梯度一致"""
    expect_slope(student.linear_svm.svm_loss_vectorized, *draw(rng), 5.0, PENALTY)


@exercise("svm_loss_vectorized")
def test_vectorized_plain(student, rng):
    """There is no loop / 没有循环"""
    expect_plain(student.linear_svm, "svm_loss_vectorized", 0, ["svm_loss_naive"])
