"""Hidden checks of daseCV/classifiers/linear_svm.py: the SVM loss with loops and without."""

import numpy as np
import pytest

from autograder.checks.linear_losses import (
    case,
    expect_factor,
    expect_float32,
    expect_regularised,
    published,
)
from daseCV.classifiers.linear_svm import svm_loss_vectorized as kit
from daseCV.compare import expect_close, expect_gradient

HINGE = "margin 1, wrong classes only, a mean over the batch / 间隔为 1，只算错误类别，对批次取平均"

# linear.svm_loss.small
DW = [
    [-0.007994147058592738, -0.40160219020695076, 0.40959633726554356],
    [-0.05005984612086808, 0.11123362282974614, -0.06117377670887808],
    [-0.04610075352242569, 0.5218017560169083, -0.4757010024944826],
    [0.00024315926001730048, 0.4526277611342139, -0.4528709203942312],
]


def _expect_numbers(svm_loss):
    """Loss and gradient on the published example are right."""
    loss, dW = svm_loss(*published(), 0.0)
    expect_close(loss, 1.9696939597797158, "loss", hint=HINGE)
    expect_close(dW, DW, "dW")


# --- svm_loss_naive ------------------------------------------------------------------------------


@pytest.mark.exercise("svm_loss_naive")
def test_naive_numbers(student):
    """Loss and gradient on the published example are right / 公开示例上的损失与梯度正确"""
    _expect_numbers(student.linear_svm.svm_loss_naive)


@pytest.mark.exercise("svm_loss_naive")
def test_naive_random(student, rng):
    """The gradient agrees with the numerical gradient / 梯度与数值梯度一致"""
    W, X, y = case(rng)
    _, dW = student.linear_svm.svm_loss_naive(W, X, y, 0.0)
    expect_gradient(dW, lambda v: kit(v, X, y, 0.0)[0], W, 1.0, "dW", hint=HINGE)


@pytest.mark.exercise("svm_loss_naive")
@pytest.mark.parametrize("reg", [0.5, 50.0])
def test_naive_regularised(student, rng, reg):
    """The gradient belongs to the loss with its regularisation / 梯度与含正则化的损失一致"""
    expect_regularised(student.linear_svm.svm_loss_naive, kit, *case(rng), reg)


@pytest.mark.exercise("svm_loss_naive")
def test_naive_factor(student, rng):
    """Regularisation has no factor 0.5, the bias row takes part / 正则化无系数 0.5 且含偏置行"""
    expect_factor(student.linear_svm.svm_loss_naive, *case(rng), 3.0)


@pytest.mark.exercise("svm_loss_naive")
@pytest.mark.beyond
@pytest.mark.parametrize("dtype", [np.int32, np.uint8])
def test_naive_single(student, rng, dtype):
    """A batch of one works, and labels may be any integers / 单个样本、各种整数类型的标签均可"""
    W, X, y = case(rng, N=1, D=3, C=6)
    expect_regularised(student.linear_svm.svm_loss_naive, kit, W, X, y.astype(dtype), 0.5)


@pytest.mark.exercise("svm_loss_naive")
@pytest.mark.beyond
def test_naive_float32(student, rng):
    """Views and single precision work too / 数组视图与单精度也正确"""
    expect_float32(student, student.linear_svm.svm_loss_naive, kit, *case(rng))


# --- svm_loss_vectorized -------------------------------------------------------------------------


@pytest.mark.exercise("svm_loss_vectorized")
def test_vectorized_numbers(student):
    """Loss and gradient on the published example are right / 公开示例上的损失与梯度正确"""
    _expect_numbers(student.linear_svm.svm_loss_vectorized)


@pytest.mark.exercise("svm_loss_vectorized")
def test_vectorized_random_loss(student, rng):
    """The loss is right / 损失正确"""
    W, X, y = case(rng)
    loss, _ = student.linear_svm.svm_loss_vectorized(W, X, y, 0.0)
    expect_close(loss, kit(W, X, y, 0.0)[0], "loss", hint=HINGE)


@pytest.mark.exercise("svm_loss_vectorized")
def test_vectorized_random_gradient(student, rng):
    """The gradient agrees with the numerical gradient / 梯度与数值梯度一致"""
    W, X, y = case(rng)
    _, dW = student.linear_svm.svm_loss_vectorized(W, X, y, 0.0)
    expect_gradient(dW, lambda v: kit(v, X, y, 0.0)[0], W, 1.0, "dW", hint=HINGE)


@pytest.mark.exercise("svm_loss_vectorized")
@pytest.mark.parametrize("reg", [0.5, 5.0, 50.0])
def test_vectorized_regularised(student, rng, reg):
    """The gradient belongs to the loss with its regularisation / 梯度与含正则化的损失一致"""
    expect_regularised(student.linear_svm.svm_loss_vectorized, kit, *case(rng), reg)


@pytest.mark.exercise("svm_loss_vectorized")
def test_vectorized_factor(student, rng):
    """Regularisation has no factor 0.5, the bias row takes part / 正则化无系数 0.5 且含偏置行"""
    expect_factor(student.linear_svm.svm_loss_vectorized, *case(rng), 3.0)


@pytest.mark.exercise("svm_loss_vectorized")
@pytest.mark.beyond
@pytest.mark.parametrize("dtype", [np.int32, np.uint8])
def test_vectorized_single(student, rng, dtype):
    """A batch of one works, and labels may be any integers / 单个样本、各种整数类型的标签均可"""
    W, X, y = case(rng, N=1, D=3, C=6)
    expect_regularised(student.linear_svm.svm_loss_vectorized, kit, W, X, y.astype(dtype), 0.5)


@pytest.mark.exercise("svm_loss_vectorized")
@pytest.mark.beyond
def test_vectorized_float32(student, rng):
    """Views and single precision work too / 数组视图与单精度也正确"""
    expect_float32(student, student.linear_svm.svm_loss_vectorized, kit, *case(rng))
