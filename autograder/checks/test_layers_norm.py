"""Hidden checks of daseCV/layers.py: batch normalisation."""

import numpy as np
import pytest

from autograder.checks.arrays import expect_unchanged, row, single
from autograder.checks.norms import (
    CLOSE,
    PLACES,
    batch,
    expect_published,
    expect_slope,
    published_batch,
)
from daseCV.compare import expect, expect_close, expect_gradient, expect_shape
from daseCV.layers import batchnorm_forward

RUNNING = "momentum is the share of the old average / momentum 是旧平均值所占的比例"


# --- batchnorm_forward ---------------------------------------------------------------------------


def _normalised(student, x, **bn_param):
    """The output with gamma 1 and beta 0, and the two running averages afterwards."""
    one, given = np.ones(x.shape[1]), {"mode": "train", **bn_param}
    (out, _), (after,) = student.call("layers.batchnorm_forward", x, one, 0 * one, given, after=[3])
    return out, {name: after[name] for name in ("running_mean", "running_var")}


@pytest.mark.exercise("batchnorm_forward")
@pytest.mark.parametrize("scale", [1.0, 30.0])
def test_batchnorm_train(student, rng, scale):
    """In training features are normalised, scaled and shifted / 训练时逐特征归一化、缩放并平移"""
    x, gamma, beta, _ = batch(rng)
    out, _ = student.layers.batchnorm_forward(scale * x, gamma, beta, {"mode": "train"})
    right, _ = batchnorm_forward(scale * x, gamma, beta, {"mode": "train"})
    expect_close(out, right, name="out", tol=CLOSE)


@pytest.mark.exercise("batchnorm_forward")
def test_batchnorm_one_step(student):
    """One training step moves the running averages from zero / 一步训练后滑动平均值正确"""
    out, after = _normalised(student, np.array([[1.0, 10.0], [3.0, 20.0], [5.0, 60.0]]))
    right = [[-1.22474257, -0.92582008], [0.0, -0.46291004], [1.22474257, 1.38873012]]
    expect_close(out, right, name="out", tol=CLOSE)  # batchnorm.running_stats_one_step
    for name, value in {"running_mean": [0.3, 3.0], "running_var": [4 / 15, 140 / 3]}.items():
        expect_close(row(after[name]), value, name=name, hint=RUNNING)


@pytest.mark.exercise("batchnorm_forward")
def test_batchnorm_other_momentum(student):
    """The running averages follow the given momentum / 滑动平均按给定的 momentum 更新"""
    x, start = np.array([[1.0, 10.0], [3.0, 20.0], [5.0, 60.0]]), np.array([1.0, 2.0])
    _, after = _normalised(student, x, momentum=0.25, running_mean=start, running_var=start + 1)
    expect_close(row(after["running_mean"]), [2.5, 23.0], name="running_mean", hint=RUNNING)
    expect_close(row(after["running_var"]), [2.5, 350.75], name="running_var", hint=RUNNING)


@pytest.mark.exercise("batchnorm_forward")
@pytest.mark.parametrize("N", [1, 4])
def test_batchnorm_test(student, rng, N):
    """At test time the running averages normalise, and stay / 测试时用滑动平均归一化且不再更新"""
    x, gamma, beta, _ = batch(rng, N)
    running = {"running_mean": rng.normal(size=5), "running_var": rng.uniform(5, 20, size=5)}
    given = {"mode": "test", **running}
    (out, _), (after,) = student.call(
        "layers.batchnorm_forward", x, gamma, beta, dict(given), after=[3]
    )
    expect_close(out, batchnorm_forward(x, gamma, beta, given)[0], name="out", tol=CLOSE)
    expect_close(row(after["running_mean"]), running["running_mean"], name="running_mean")


@pytest.mark.exercise("batchnorm_forward")
def test_batchnorm_train_then_test(student, rng):
    """After training, a test batch comes out normalised too / 训练之后测试批次也被归一化"""
    ours, theirs = {"mode": "train"}, {}
    for x in 5 * rng.normal(size=(20, 6, 3)) + 12:
        _, theirs = _normalised(student, x, **theirs)
        batchnorm_forward(x, np.ones(3), np.zeros(3), ours)
    out, _ = _normalised(student, x, mode="test", **theirs)
    right, _ = batchnorm_forward(x, np.ones(3), np.zeros(3), {**ours, "mode": "test"})
    expect_close(out, right, name="out at test time", tol=CLOSE, hint=RUNNING)


@pytest.mark.exercise("batchnorm_forward")
@pytest.mark.beyond
def test_batchnorm_running_shapes(student, rng):
    """The running averages have the shape (D,) / 滑动平均的形状为 (D,)"""
    _, after = _normalised(student, rng.normal(size=(4, 3)))
    expect_shape(after["running_mean"], (3,), name="running_mean")
    expect_shape(after["running_var"], (3,), name="running_var")


@pytest.mark.exercise("batchnorm_forward")
@pytest.mark.beyond
def test_batchnorm_eps(student, rng):
    """A larger eps counts / 使用给定的 eps"""
    out, _ = _normalised(student, rng.normal(size=(6, 3)), eps=4.0)
    hint = "is eps of bn_param added to the variance? / 方差加上 bn_param 中的 eps 了吗？"
    expect_shape(out, (6, 3), name="out")
    expect(np.std(out) < 0.7, "out is spread too wide / out 的离散程度过大", hint)


@pytest.mark.exercise("batchnorm_forward")
@pytest.mark.beyond
def test_batchnorm_constant_feature(student):
    """A feature that never varies comes out as beta / 恒定的特征输出为 beta"""
    out, _ = _normalised(student, np.full((4, 3), 7.0))
    expect_close(out, np.zeros((4, 3)), name="out")


@pytest.mark.exercise("batchnorm_forward")
@pytest.mark.beyond
def test_batchnorm_views(student, rng):
    """Views in single precision work too / 单精度的数组视图也正确"""
    x, gamma, beta = single(*batch(rng)[:3])
    out, _ = student.layers.batchnorm_forward(
        student.view(x), student.view(gamma), beta, {"mode": "train"}
    )
    right, _ = batchnorm_forward(x, gamma, beta, {"mode": "train"})
    expect_close(out, right, name="out", tol=10 * CLOSE)


@pytest.mark.exercise("batchnorm_forward")
@pytest.mark.beyond
def test_batchnorm_leaves_arguments(student, rng):
    """x, gamma and beta are left as they are / 不改变 x、gamma、beta"""
    given = batch(rng)[:3]
    _, after = student.call("layers.batchnorm_forward", *given, {"mode": "train"}, after=[0, 1, 2])
    expect_unchanged(["x", "gamma", "beta"], given, after)


# --- batchnorm_backward and batchnorm_backward_alt -----------------------------------------------


def _gradients(student, backward, x, gamma, beta, dout):
    """dx, dgamma and dbeta of one of the two functions, with the student's own cache."""
    _, cache = student.layers.batchnorm_forward(x, gamma, beta, {"mode": "train"})
    return getattr(student.layers, backward)(dout, cache)


def _out(x, gamma, beta):
    return batchnorm_forward(x, gamma, beta, {"mode": "train"})[0]


def _expect_batchnorm_numbers(student, backward):
    found = _gradients(student, backward, *published_batch())
    norms = [0.4030282598488329, 4.593013424959433, 2.3840248372350716]
    expect_published(found, [9.682084123055654, -0.6152689973394148], norms)


def _expect_batchnorm_gradient(student, rng, backward, place):
    """One of the three gradients agrees with the slope of the reference."""
    *inputs, dout = batch(rng)
    gradients = _gradients(student, backward, *inputs, dout)
    expect_slope(gradients, _out, inputs, dout, place)


def _expect_batchnorm_dx(student, backward, x, gamma, beta, dout):
    """The gradient dx of views agrees with the slope of the reference in double precision."""
    given = student.view(x), gamma, beta, student.view(dout)
    dx, _, _ = _gradients(student, backward, *given)
    wide, shift = gamma.astype(float), beta.astype(float)
    expect_gradient(dx, lambda v: _out(v, wide, shift), x, dout, name="dx", tol=10 * CLOSE)


@pytest.mark.exercise("batchnorm_backward")
def test_batchnorm_backward_numbers(student):
    """The gradients on the published example are right / 公开示例上的梯度正确"""
    _expect_batchnorm_numbers(student, "batchnorm_backward")


@pytest.mark.exercise("batchnorm_backward")
@PLACES
def test_batchnorm_backward_numerical(student, rng, place):
    """dx, dgamma and dbeta agree with numerical gradients / dx、dgamma、dbeta 与数值梯度一致"""
    _expect_batchnorm_gradient(student, rng, "batchnorm_backward", place)


@pytest.mark.exercise("batchnorm_backward")
@pytest.mark.beyond
def test_batchnorm_backward_shapes(student, rng):
    """dgamma and dbeta have the shape (D,) / dgamma 与 dbeta 的形状为 (D,)"""
    _, dgamma, dbeta = _gradients(student, "batchnorm_backward", *batch(rng))
    expect_shape(dgamma, (5,), name="dgamma")
    expect_shape(dbeta, (5,), name="dbeta")


@pytest.mark.exercise("batchnorm_backward")
@pytest.mark.beyond
def test_batchnorm_backward_zero_gamma(student, rng):
    """A gamma of zero does no harm / gamma 为零时也正确"""
    x, gamma, beta, dout = batch(rng, N=5, D=3)
    _expect_batchnorm_dx(student, "batchnorm_backward", x, gamma * [1, 0, 1], beta, dout)


@pytest.mark.exercise("batchnorm_backward")
@pytest.mark.beyond
def test_batchnorm_backward_float32(student, rng):
    """Views in single precision work too / 单精度的数组视图也正确"""
    _expect_batchnorm_dx(student, "batchnorm_backward", *single(*batch(rng)))


@pytest.mark.exercise("batchnorm_backward_alt")
def test_batchnorm_backward_alt_numbers(student):
    """The gradients on the published example are right / 公开示例上的梯度正确"""
    _expect_batchnorm_numbers(student, "batchnorm_backward_alt")


@pytest.mark.exercise("batchnorm_backward_alt")
@PLACES
def test_batchnorm_backward_alt_numerical(student, rng, place):
    """dx, dgamma and dbeta agree with numerical gradients / dx、dgamma、dbeta 与数值梯度一致"""
    _expect_batchnorm_gradient(student, rng, "batchnorm_backward_alt", place)


@pytest.mark.exercise("batchnorm_backward_alt")
@pytest.mark.beyond
def test_batchnorm_backward_alt_shapes(student, rng):
    """dgamma and dbeta have the shape (D,) / dgamma 与 dbeta 的形状为 (D,)"""
    _, dgamma, dbeta = _gradients(student, "batchnorm_backward_alt", *batch(rng))
    expect_shape(dgamma, (5,), name="dgamma")
    expect_shape(dbeta, (5,), name="dbeta")


@pytest.mark.exercise("batchnorm_backward_alt")
@pytest.mark.beyond
def test_batchnorm_backward_alt_zero_gamma(student, rng):
    """A gamma of zero does no harm / gamma 为零时也正确"""
    x, gamma, beta, dout = batch(rng, N=5, D=3)
    _expect_batchnorm_dx(student, "batchnorm_backward_alt", x, gamma * [1, 0, 1], beta, dout)


@pytest.mark.exercise("batchnorm_backward_alt")
@pytest.mark.beyond
def test_batchnorm_backward_alt_float32(student, rng):
    """Views in single precision work too / 单精度的数组视图也正确"""
    _expect_batchnorm_dx(student, "batchnorm_backward_alt", *single(*batch(rng)))
