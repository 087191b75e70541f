"""Hidden checks of daseCV/classifiers/linear_svm.py: the SVM loss with loops and without.

Who regularises with 0.5 * reg throughout loses the checks of that factor and no other.
"""

import numpy as np
import pytest

from daseCV.classifiers.linear_svm import svm_loss_vectorized as kit
from daseCV.compare import expect_close, expect_gradient, expect_shape

FLOAT32 = 1e-4  # tolerance where a student computes in single precision
HINGE = "margin 1, wrong classes only, a mean over the batch / 间隔为 1，只算错误类别，对批次取平均"
BOTH = "right at reg = 0? then look at what reg adds to loss and dW / reg = 0 时正确吗？再看正则项"
FACTOR = "reg * sum(W * W), all of W, no factor 0.5 / reg * sum(W * W)，整个 W，没有系数 0.5"

# linear.svm_loss.small
DW = [
    [-0.007994147058592738, -0.40160219020695076, 0.40959633726554356],
    [-0.05005984612086808, 0.11123362282974614, -0.06117377670887808],
    [-0.04610075352242569, 0.5218017560169083, -0.4757010024944826],
    [0.00024315926001730048, 0.4526277611342139, -0.4528709203942312],
]


def _published():
    """Weights, batch and labels of linear.svm_loss.small."""
    W, X = np.linspace(-0.3, 0.4, num=12).reshape(4, 3), np.cos(np.arange(20.0)).reshape(5, 4)
    return W, X, np.array([0, 2, 1, 1, 0])


def _case(rng, N=6, D=5, C=4):
    """Weights, a batch and labels; some margins are met and some are not."""
    return rng.normal(size=(D, C)), rng.normal(size=(N, D)), rng.choice(C, N)


def _factor(loss, W, X, y, reg):
    """The factor with which a loss was regularised, 0.5 or 1: whichever comes nearer."""
    expect_shape(loss, (), "loss")
    return min((1.0, 0.5), key=lambda factor: abs(loss - kit(W, X, y, factor * reg)[0]))


def _expect_numbers(svm_loss):
    """Loss and gradient on the published example are right."""
    W, X, y = _published()
    loss, dW = svm_loss(W, X, y, 0.0)
    expect_close(loss, 1.9696939597797158, "loss", hint=HINGE)
    expect_close(dW, DW, "dW")


def _expect_regularised(svm_loss, W, X, y, reg):
    """Loss and gradient are right, and regularised with the same factor, be it 0.5 or 1."""
    loss, dW = svm_loss(W, X, y, reg)
    reg *= _factor(loss, W, X, y, reg)
    expect_close(loss, kit(W, X, y, reg)[0], "loss", hint=BOTH)
    expect_gradient(dW, lambda v: kit(v, X, y, reg)[0], W, 1.0, "dW", hint=BOTH)


def _expect_factor(svm_loss, W, X, y, reg):
    """What regularisation adds is reg * sum(W * W), and 2 * reg * W to the gradient."""
    (bare, bare_dW), (loss, dW) = svm_loss(W, X, y, 0.0), svm_loss(W, X, y, reg)
    for value, gradient in ((bare, bare_dW), (loss, dW)):
        expect_shape(value, (), "loss")
        expect_shape(gradient, W.shape, "dW")
    expect_close(loss - bare, reg * np.sum(W**2), "what reg adds to the loss", hint=FACTOR)
    expect_close(dW - bare_dW, 2 * reg * W, "what reg adds to dW", hint=FACTOR)


# --- svm_loss_naive ------------------------------------------------------------------------------


@pytest.mark.exercise("svm_loss_naive")
def test_naive_numbers(student):
    """Loss and gradient on the published example are right / 公开示例上的损失与梯度正确"""
    _expect_numbers(student.linear_svm.svm_loss_naive)


@pytest.mark.exercise("svm_loss_naive")
def test_naive_random(student, rng):
    """The gradient agrees with the numerical gradient / 梯度与数值梯度一致"""
    W, X, y = _case(rng)
    _, dW = student.linear_svm.svm_loss_naive(W, X, y, 0.0)
    expect_gradient(dW, lambda v: kit(v, X, y, 0.0)[0], W, 1.0, "dW", hint=HINGE)


@pytest.mark.exercise("svm_loss_naive")
@pytest.mark.parametrize("reg", [0.5, 50.0])
def test_naive_regularised(student, rng, reg):
    """The gradient belongs to the loss with its regularisation / 梯度与含正则化的损失一致"""
    _expect_regularised(student.linear_svm.svm_loss_naive, *_case(rng), reg)


@pytest.mark.exercise("svm_loss_naive")
def test_naive_factor(student, rng):
    """Regularisation has no factor 0.5, the bias row takes part / 正则化无系数 0.5 且含偏置行"""
    _expect_factor(student.linear_svm.svm_loss_naive, *_case(rng), 3.0)


@pytest.mark.exercise("svm_loss_naive")
@pytest.mark.beyond
@pytest.mark.parametrize("dtype", [np.int32, np.uint8])
def test_naive_single(student, rng, dtype):
    """A batch of one works, and labels may be any integers / 单个样本、各种整数类型的标签均可"""
    W, X, y = _case(rng, N=1, D=3, C=6)
    _expect_regularised(student.linear_svm.svm_loss_naive, W, X, y.astype(dtype), 0.5)


@pytest.mark.exercise("svm_loss_naive")
@pytest.mark.beyond
def test_naive_float32(student, rng):
    """Views and single precision work too / 数组视图与单精度也正确"""
    W, X, y = _case(rng)
    W, X = W.astype(np.float32), X.astype(np.float32)
    loss, dW = student.linear_svm.svm_loss_naive(student.view(W), student.view(X), y, 0.0)
    expect_close(loss, kit(W, X, y, 0.0)[0], "loss", FLOAT32)
    expect_close(dW, kit(W, X, y, 0.0)[1], "dW", FLOAT32)


# --- svm_loss_vectorized -------------------------------------------------------------------------


@pytest.mark.exercise("svm_loss_vectorized")
def test_vectorized_numbers(student):
    """Loss and gradient on the published example are right / 公开示例上的损失与梯度正确"""
    _expect_numbers(student.linear_svm.svm_loss_vectorized)


@pytest.mark.exercise("svm_loss_vectorized")
def test_vectorized_random_loss(student, rng):
    """The loss is right / 损失正确"""
    W, X, y = _case(rng)
    loss, _ = student.linear_svm.svm_loss_vectorized(W, X, y, 0.0)
    expect_close(loss, kit(W, X, y, 0.0)[0], "loss", hint=HINGE)


@pytest.mark.exercise("svm_loss_vectorized")
def test_vectorized_random_gradient(student, rng):
    """The gradient agrees with the numerical gradient / 梯度与数值梯度一致"""
    W, X, y = _case(rng)
    _, dW = student.linear_svm.svm_loss_vectorized(W, X, y, 0.0)
    expect_gradient(dW, lambda v: kit(v, X, y, 0.0)[0], W, 1.0, "dW", hint=HINGE)


@pytest.mark.exercise("svm_loss_vectorized")
@pytest.mark.parametrize("reg", [0.5, 5.0, 50.0])
def test_vectorized_regularised(student, rng, reg):
    """The gradient belongs to the loss with its regularisation / 梯度与含正则化的损失一致"""
    _expect_regularised(student.linear_svm.svm_loss_vectorized, *_case(rng), reg)


@pytest.mark.exercise("svm_loss_vectorized")
def test_vectorized_factor(student, rng):
    """Regularisation has no factor 0.5, the bias row takes part / 正则化无系数 0.5 且含偏置行"""
    _expect_factor(student.linear_svm.svm_loss_vectorized, *_case(rng), 3.0)


@pytest.mark.exercise("svm_loss_vectorized")
@pytest.mark.beyond
@pytest.mark.parametrize("dtype", [np.int32, np.uint8])
def test_vectorized_single(student, rng, dtype):
    """A batch of one works, and labels may be any integers / 单个样本、各种整数类型的标签均可"""
    W, X, y = _case(rng, N=1, D=3, C=6)
    _expect_regularised(student.linear_svm.svm_loss_vectorized, W, X, y.astype(dtype), 0.5)


@pytest.mark.exercise("svm_loss_vectorized")
@pytest.mark.beyond
def test_vectorized_float32(student, rng):
    """Views and single precision work too / 数组视图与单精度也正确"""
    W, X, y = _case(rng)
    W, X = W.astype(np.float32), X.astype(np.float32)
    loss, dW = student.linear_svm.svm_loss_vectorized(student.view(W), student.view(X), y, 0.0)
    expect_close(loss, kit(W, X, y, 0.0)[0], "loss", FLOAT32)
    expect_close(dW, kit(W, X, y, 0.0)[1], "dW", FLOAT32)
