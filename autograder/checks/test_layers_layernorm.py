"""Hidden checks of daseCV/layers.py: layer normalisation."""

import numpy as np
import pytest

from autograder.checks.arrays import expect_unchanged, single
from autograder.checks.norms import (
    CLOSE,
    PLACES,
    batch,
    expect_published,
    expect_slope,
    published_batch,
)
from daseCV.compare import expect, expect_close, expect_gradient, expect_shape
from daseCV.layers import layernorm_forward


def _out(x, gamma, beta):
    return layernorm_forward(x, gamma, beta, {})[0]


# --- layernorm_forward ---------------------------------------------------------------------------


@pytest.mark.exercise("layernorm_forward")
def test_layernorm_statistics(student, rng):
    """Every example has mean 0 and deviation 1 afterwards / 每个样本的均值为 0、标准差为 1"""
    x = 5 * rng.normal(size=(4, 7)) + 12
    out, _ = student.layers.layernorm_forward(x, np.ones(7), np.zeros(7), {})
    expect_shape(out, (4, 7), name="out")
    hint = "the features of one example are averaged / 对同一样本的各特征求平均"
    expect_close(out.std(axis=1), np.ones(4), name="std(out, axis=1)", tol=CLOSE, hint=hint)
    expect_close(out.mean(axis=1), np.zeros(4), name="mean(out, axis=1)", tol=CLOSE, hint=hint)


@pytest.mark.exercise("layernorm_forward")
@pytest.mark.parametrize(("N", "D"), [(4, 6), (5, 5)])
def test_layernorm_forward(student, rng, N, D):
    """Then every feature is scaled and shifted / 之后逐特征缩放、平移"""
    x, gamma, beta, _ = batch(rng, N, D)
    out, _ = student.layers.layernorm_forward(x, gamma, beta, {})
    expect_close(out, _out(x, gamma, beta), name="out", tol=CLOSE)


@pytest.mark.exercise("layernorm_forward")
def test_layernorm_alone(student, rng):
    """An example alone comes out as in a batch / 单个样本的结果与在批次中相同"""
    x, gamma, beta, _ = batch(rng)
    out, _ = student.layers.layernorm_forward(x[:1], gamma, beta, {})
    expect_close(out, _out(x, gamma, beta)[:1], name="out", tol=CLOSE)


@pytest.mark.exercise("layernorm_forward")
@pytest.mark.beyond
def test_layernorm_eps(student, rng):
    """A larger eps counts / 使用给定的 eps"""
    x, one = rng.normal(size=(3, 6)), np.ones(6)
    out, _ = student.layers.layernorm_forward(x, one, 0 * one, {"eps": 4.0})
    hint = "is eps of ln_param added to the variance? / 方差加上 ln_param 中的 eps 了吗？"
    expect_shape(out, (3, 6), name="out")
    expect(np.std(out) < 0.7, "out is spread too wide / out 的离散程度过大", hint)


@pytest.mark.exercise("layernorm_forward")
@pytest.mark.beyond
def test_layernorm_mode(student, rng):
    """A mode of 'test' changes nothing / mode 为 'test' 时结果不变"""
    x, gamma, beta, _ = batch(rng)
    out, _ = student.layers.layernorm_forward(x, gamma, beta, {"mode": "test"})
    expect_close(out, _out(x, gamma, beta), name="out", tol=CLOSE)


@pytest.mark.exercise("layernorm_forward")
@pytest.mark.beyond
def test_layernorm_views(student, rng):
    """Views in single precision work too / 单精度的数组视图也正确"""
    x, gamma, beta = single(*batch(rng)[:3])
    out, _ = student.layers.layernorm_forward(student.view(x), student.view(gamma), beta, {})
    expect_close(out, _out(x, gamma, beta), name="out", tol=10 * CLOSE)


@pytest.mark.exercise("layernorm_forward")
@pytest.mark.beyond
def test_layernorm_leaves_arguments(student, rng):
    """x, gamma and beta are left as they are / 不改变 x、gamma、beta"""
    given = batch(rng)[:3]
    _, after = student.call("layers.layernorm_forward", *given, {}, after=[0, 1, 2])
    expect_unchanged(["x", "gamma", "beta"], given, after)


# --- layernorm_backward --------------------------------------------------------------------------


def _gradients(student, x, gamma, beta, dout):
    """dx, dgamma and dbeta, with the student's own cache."""
    _, cache = student.layers.layernorm_forward(x, gamma, beta, {})
    return student.layers.layernorm_backward(dout, cache)


@pytest.mark.exercise("layernorm_backward")
def test_layernorm_backward_numbers(student):
    """The gradients on the published example are right / 公开示例上的梯度正确"""
    found = _gradients(student, *published_batch())
    norms = [0.7080636200164845, 5.439656902248533, 2.3840248372350716]
    expect_published(found, [8.733182338969911, -0.6152689973394148], norms)


@pytest.mark.exercise("layernorm_backward")
@PLACES
def test_layernorm_backward_numerical(student, rng, place):
    """dx, dgamma and dbeta agree with numerical gradients / dx、dgamma、dbeta 与数值梯度一致"""
    *inputs, dout = batch(rng, N=4, D=6)
    gradients = _gradients(student, *inputs, dout)
    expect_slope(gradients, _out, inputs, dout, place)


@pytest.mark.exercise("layernorm_backward")
@pytest.mark.beyond
def test_layernorm_backward_shapes(student, rng):
    """dgamma and dbeta have the shape (D,) / dgamma 与 dbeta 的形状为 (D,)"""
    _, dgamma, dbeta = _gradients(student, *batch(rng))
    expect_shape(dgamma, (5,), name="dgamma")
    expect_shape(dbeta, (5,), name="dbeta")


@pytest.mark.exercise("layernorm_backward")
@pytest.mark.beyond
@pytest.mark.parametrize("N", [1, 9])
def test_layernorm_backward_other_sizes(student, rng, N):
    """A batch of one and a tall batch work too / 单个样本、样本多于特征时也正确"""
    x, gamma, beta, dout = batch(rng, N, D=4)
    dx, _, _ = _gradients(student, x, gamma, beta, dout)
    expect_gradient(dx, lambda v: _out(v, gamma, beta), x, dout, name="dx", tol=CLOSE)


@pytest.mark.exercise("layernorm_backward")
@pytest.mark.beyond
def test_layernorm_backward_float32(student, rng):
    """Views in single precision work too / 单精度的数组视图也正确"""
    x, gamma, beta, dout = single(*batch(rng))
    _, cache = student.layers.layernorm_forward(student.view(x), gamma, beta, {})
    dx, _, _ = student.layers.layernorm_backward(student.view(dout), cache)
    wide = gamma.astype(float)
    expect_gradient(dx, lambda v: _out(v, wide, wide), x, dout, name="dx", tol=10 * CLOSE)
