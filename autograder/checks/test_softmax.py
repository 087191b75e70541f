"""Hidden checks of daseCV/classifiers/softmax.py: the softmax loss with loops and without."""

import numpy as np
import pytest

from autograder.checks.linear_losses import (
    case,
    expect_factor,
    expect_float32,
    expect_regularised,
    published,
)
from daseCV.classifiers.softmax import softmax_loss_vectorized as kit
from daseCV.compare import expect_close, expect_gradient

MEAN = "natural logarithm, a mean over the batch / 自然对数，对批次取平均"

# linear.softmax_loss.small
DW = [
    [-0.0030558571921783127, -0.133797911469721, 0.1368537686618994],
    [-0.029829869901637523, 0.037223645038221946, -0.007393775136584363],
    [-0.029178437791024425, 0.17402195396365788, -0.1448435161726335],
    [-0.0017004845386035861, 0.1508252809582653, -0.14912479641966175],
]


def _expect_numbers(softmax_loss):
    """Loss and gradient on the published example are right."""
    loss, dW = softmax_loss(*published(), 0.0)
    expect_close(loss, 1.0903574093021633, "loss", hint=MEAN)
    expect_close(dW, DW, "dW")


def _expect_stable(softmax_loss):
    """Scores that overflow an exponential give the right loss and gradient."""
    X = np.array([[1000.0, 0.0, -1000.0], [1000.0, 0.0, -1000.0]])
    loss, dW = softmax_loss(np.eye(3), X, np.array([0, 0]), 0.0)
    hint = "subtract the largest score first / 先减去最大的得分"
    expect_close(loss, 0.0, "loss", hint=hint)  # softmax_loss.overflow, where every form is finite
    expect_close(dW, np.zeros((3, 3)), "dW", hint=hint)


# --- softmax_loss_naive --------------------------------------------------------------------------


@pytest.mark.exercise("softmax_loss_naive")
def test_naive_numbers(student):
    """Loss and gradient on the published example are right / 公开示例上的损失与梯度正确"""
    _expect_numbers(student.softmax.softmax_loss_naive)


@pytest.mark.exercise("softmax_loss_naive")
def test_naive_random(student, rng):
    """The gradient agrees with the numerical gradient / 梯度与数值梯度一致"""
    W, X, y = case(rng)
    _, dW = student.softmax.softmax_loss_naive(W, X, y, 0.0)
    expect_gradient(dW, lambda v: kit(v, X, y, 0.0)[0], W, 1.0, "dW", hint=MEAN)


@pytest.mark.exercise("softmax_loss_naive")
@pytest.mark.parametrize("reg", [0.5, 50.0])
def test_naive_regularised(student, rng, reg):
    """The gradient belongs to the loss with its regularisation / 梯度与含正则化的损失一致"""
    expect_regularised(student.softmax.softmax_loss_naive, kit, *case(rng), reg)


@pytest.mark.exercise("softmax_loss_naive")
def test_naive_factor(student, rng):
    """Regularisation has no factor 0.5, the bias row takes part / 正则化无系数 0.5 且含偏置行"""
    expect_factor(student.softmax.softmax_loss_naive, *case(rng), 3.0)


@pytest.mark.exercise("softmax_loss_naive")
@pytest.mark.beyond
def test_naive_large_scores(student):
    """Large scores overflow nothing / 得分很大时也不溢出"""
    _expect_stable(student.softmax.softmax_loss_naive)


@pytest.mark.exercise("softmax_loss_naive")
@pytest.mark.beyond
@pytest.mark.parametrize("dtype", [np.int32, np.uint8])
def test_naive_single(student, rng, dtype):
    """A batch of one works, and labels may be any integers / 单个样本、各种整数类型的标签均可"""
    W, X, y = case(rng, N=1, D=3, C=6)
    expect_regularised(student.softmax.softmax_loss_naive, kit, W, X, y.astype(dtype), 0.5)


@pytest.mark.exercise("softmax_loss_naive")
@pytest.mark.beyond
def test_naive_float32(student, rng):
    """Views and single precision work too / 数组视图与单精度也正确"""
    expect_float32(student, student.softmax.softmax_loss_naive, kit, *case(rng))


# --- softmax_loss_vectorized ---------------------------------------------------------------------


@pytest.mark.exercise("softmax_loss_vectorized")
def test_vectorized_numbers(student):
    """Loss and gradient on the published example are right / 公开示例上的损失与梯度正确"""
    _expect_numbers(student.softmax.softmax_loss_vectorized)


@pytest.mark.exercise("softmax_loss_vectorized")
def test_vectorized_random_loss(student, rng):
    """The loss is right / 损失正确"""
    W, X, y = case(rng)
    loss, _ = student.softmax.softmax_loss_vectorized(W, X, y, 0.0)
    expect_close(loss, kit(W, X, y, 0.0)[0], "loss", hint=MEAN)


@pytest.mark.exercise("softmax_loss_vectorized")
def test_vectorized_random_gradient(student, rng):
    """The gradient agrees with the numerical gradient / 梯度与数值梯度一致"""
    W, X, y = case(rng)
    _, dW = student.softmax.softmax_loss_vectorized(W, X, y, 0.0)
    expect_gradient(dW, lambda v: kit(v, X, y, 0.0)[0], W, 1.0, "dW", hint=MEAN)


@pytest.mark.exercise("softmax_loss_vectorized")
@pytest.mark.parametrize("reg", [0.5, 5.0, 50.0])
def test_vectorized_regularised(student, rng, reg):
    """The gradient belongs to the loss with its regularisation / 梯度与含正则化的损失一致"""
    expect_regularised(student.softmax.softmax_loss_vectorized, kit, *case(rng), reg)


@pytest.mark.exercise("softmax_loss_vectorized")
def test_vectorized_factor(student, rng):
    """Regularisation has no factor 0.5, the bias row takes part / 正则化无系数 0.5 且含偏置行"""
    expect_factor(student.softmax.softmax_loss_vectorized, *case(rng), 3.0)


@pytest.mark.exercise("softmax_loss_vectorized")
@pytest.mark.beyond
def test_vectorized_large_scores(student):
    """Large scores overflow nothing / 得分很大时也不溢出"""
    _expect_stable(student.softmax.softmax_loss_vectorized)


@pytest.mark.exercise("softmax_loss_vectorized")
@pytest.mark.beyond
@pytest.mark.parametrize("dtype", [np.int32, np.uint8])
def test_vectorized_single(student, rng, dtype):
    """A batch of one works, and labels may be any integers / 单个样本、各种整数类型的标签均可"""
    W, X, y = case(rng, N=1, D=3, C=6)
    expect_regularised(student.softmax.softmax_loss_vectorized, kit, W, X, y.astype(dtype), 0.5)


@pytest.mark.exercise("softmax_loss_vectorized")
@pytest.mark.beyond
def test_vectorized_float32(student, rng):
    """Views and single precision work too / 数组视图与单精度也正确"""
    expect_float32(student, student.softmax.softmax_loss_vectorized, kit, *case(rng))
