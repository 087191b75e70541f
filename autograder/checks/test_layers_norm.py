"""Hidden checks of daseCV/layers.py: batch normalisation and layer normalisation.

Tolerances are wide enough for an epsilon that stands outside the root.
"""

import numpy as np
import pytest

from daseCV.compare import expect, expect_close, expect_gradient, expect_shape
from daseCV.layers import batchnorm_forward, layernorm_forward

CLOSE = 1e-4  # relative, against an epsilon outside the root; single precision is as near
RUNNING = "momentum is the share of the old average / momentum 是旧平均值所占的比例"


def _row(value):
    """A row without an extra axis of length one, which costs a check beyond the notebook only."""
    return value.ravel() if isinstance(value, np.ndarray) else value


def _batch(rng, N=6, D=5):
    """A batch far from zero, gamma, beta and an upstream gradient."""
    x = 5 * rng.normal(size=(N, D)) + 12
    return x, rng.normal(size=D), rng.normal(size=D), rng.normal(size=(N, D))


def _single(*arrays):
    return [array.astype(np.float32) for array in arrays]


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
    x, gamma, beta, _ = _batch(rng)
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
        expect_close(_row(after[name]), value, name=name, hint=RUNNING)


@pytest.mark.exercise("batchnorm_forward")
def test_batchnorm_other_momentum(student):
    """The running averages follow the given momentum / 滑动平均按给定的 momentum 更新"""
    x, start = np.array([[1.0, 10.0], [3.0, 20.0], [5.0, 60.0]]), np.array([1.0, 2.0])
    _, after = _normalised(student, x, momentum=0.25, running_mean=start, running_var=start + 1)
    expect_close(_row(after["running_mean"]), [2.5, 23.0], name="running_mean", hint=RUNNING)
    expect_close(_row(after["running_var"]), [2.5, 350.75], name="running_var", hint=RUNNING)


@pytest.mark.exercise("batchnorm_forward")
@pytest.mark.parametrize("N", [1, 4])
def test_batchnorm_test(student, rng, N):
    """At test time the running averages normalise, and stay / 测试时用滑动平均归一化且不再更新"""
    x, gamma, beta, _ = _batch(rng, N)
    running = {"running_mean": rng.normal(size=5), "running_var": rng.uniform(5, 20, size=5)}
    given = {"mode": "test", **running}
    (out, _), (after,) = student.call(
        "layers.batchnorm_forward", x, gamma, beta, dict(given), after=[3]
    )
    expect_close(out, batchnorm_forward(x, gamma, beta, given)[0], name="out", tol=CLOSE)
    expect_close(_row(after["running_mean"]), running["running_mean"], name="running_mean")


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
    x, gamma, beta = _single(*_batch(rng)[:3])
    out, _ = student.layers.batchnorm_forward(
        student.view(x), student.view(gamma), beta, {"mode": "train"}
    )
    right, _ = batchnorm_forward(x, gamma, beta, {"mode": "train"})
    expect_close(out, right, name="out", tol=10 * CLOSE)


@pytest.mark.exercise("batchnorm_forward")
@pytest.mark.beyond
def test_batchnorm_leaves_arguments(student, rng):
    """x, gamma and beta are left as they are / 不改变 x、gamma、beta"""
    given = _batch(rng)[:3]
    _, after = student.call("layers.batchnorm_forward", *given, {"mode": "train"}, after=[0, 1, 2])
    for name, was, now in zip(["x", "gamma", "beta"], given, after, strict=True):
        expect_close(now, was, name=f"{name} after the call", tol=0.0)


# --- batchnorm_backward and batchnorm_backward_alt -----------------------------------------------


def _gradients(student, backward, x, gamma, beta, dout):
    """dx, dgamma and dbeta of one of the two functions, with the student's own cache."""
    _, cache = student.layers.batchnorm_forward(x, gamma, beta, {"mode": "train"})
    return getattr(student.layers, backward)(dout, cache)


def _out(x, gamma, beta):
    return batchnorm_forward(x, gamma, beta, {"mode": "train"})[0]


def _expect_published(found, totals, norms):
    """Sums and norms that the reference has on the notebook's example."""
    dx, dgamma, dbeta = found  # `*found` would try to hold whatever somebody returned
    expect_shape(dx, (4, 5), name="dx")
    expect_close(np.linalg.norm(dx), norms[0], name="the norm of dx", tol=CLOSE)
    for name, value, total, norm in zip(
        ["dgamma", "dbeta"], (dgamma, dbeta), totals, norms[1:], strict=True
    ):
        expect_shape(_row(value), (5,), name=name)
        expect_close(np.sum(value), total, name=f"the sum of {name}", tol=CLOSE)
        expect_close(np.linalg.norm(value), norm, name=f"the norm of {name}", tol=CLOSE)


def _published_batch():
    """The batch of batchnorm_backward.gradcheck and layernorm_backward.gradcheck."""
    draw = np.random.RandomState(231).randn
    return 5 * draw(4, 5) + 12, draw(5), draw(5), draw(4, 5)


def _expect_batchnorm_numbers(student, backward):
    found = _gradients(student, backward, *_published_batch())
    norms = [0.4030282598488329, 4.593013424959433, 2.3840248372350716]
    _expect_published(found, [9.682084123055654, -0.6152689973394148], norms)


def _expect_batchnorm_gradient(student, rng, backward, place):
    """One of the three gradients agrees with the slope of the reference."""
    *inputs, dout = _batch(rng)
    found = _gradients(student, backward, *inputs, dout)[place]

    def out(value):
        return _out(*inputs[:place], value, *inputs[place + 1 :])

    name = ["dx", "dgamma", "dbeta"][place]
    found = _row(found) if place else found
    expect_gradient(found, out, inputs[place], dout, name=name, tol=CLOSE)


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
@pytest.mark.parametrize("place", [0, 1, 2], ids=["dx", "dgamma", "dbeta"])
def test_batchnorm_backward_numerical(student, rng, place):
    """dx, dgamma and dbeta agree with numerical gradients / dx、dgamma、dbeta 与数值梯度一致"""
    _expect_batchnorm_gradient(student, rng, "batchnorm_backward", place)


@pytest.mark.exercise("batchnorm_backward")
@pytest.mark.beyond
def test_batchnorm_backward_shapes(student, rng):
    """dgamma and dbeta have the shape (D,) / dgamma 与 dbeta 的形状为 (D,)"""
    _, dgamma, dbeta = _gradients(student, "batchnorm_backward", *_batch(rng))
    expect_shape(dgamma, (5,), name="dgamma")
    expect_shape(dbeta, (5,), name="dbeta")


@pytest.mark.exercise("batchnorm_backward")
@pytest.mark.beyond
def test_batchnorm_backward_zero_gamma(student, rng):
    """A gamma of zero does no harm / gamma 为零时也正确"""
    x, gamma, beta, dout = _batch(rng, N=5, D=3)
    _expect_batchnorm_dx(student, "batchnorm_backward", x, gamma * [1, 0, 1], beta, dout)


@pytest.mark.exercise("batchnorm_backward")
@pytest.mark.beyond
def test_batchnorm_backward_float32(student, rng):
    """Views in single precision work too / 单精度的数组视图也正确"""
    _expect_batchnorm_dx(student, "batchnorm_backward", *_single(*_batch(rng)))


@pytest.mark.exercise("batchnorm_backward_alt")
def test_batchnorm_backward_alt_numbers(student):
    """The gradients on the published example are right / 公开示例上的梯度正确"""
    _expect_batchnorm_numbers(student, "batchnorm_backward_alt")


@pytest.mark.exercise("batchnorm_backward_alt")
@pytest.mark.parametrize("place", [0, 1, 2], ids=["dx", "dgamma", "dbeta"])
def test_batchnorm_backward_alt_numerical(student, rng, place):
    """dx, dgamma and dbeta agree with numerical gradients / dx、dgamma、dbeta 与数值梯度一致"""
    _expect_batchnorm_gradient(student, rng, "batchnorm_backward_alt", place)


@pytest.mark.exercise("batchnorm_backward_alt")
@pytest.mark.beyond
def test_batchnorm_backward_alt_shapes(student, rng):
    """dgamma and dbeta have the shape (D,) / dgamma 与 dbeta 的形状为 (D,)"""
    _, dgamma, dbeta = _gradients(student, "batchnorm_backward_alt", *_batch(rng))
    expect_shape(dgamma, (5,), name="dgamma")
    expect_shape(dbeta, (5,), name="dbeta")


@pytest.mark.exercise("batchnorm_backward_alt")
@pytest.mark.beyond
def test_batchnorm_backward_alt_zero_gamma(student, rng):
    """A gamma of zero does no harm / gamma 为零时也正确"""
    x, gamma, beta, dout = _batch(rng, N=5, D=3)
    _expect_batchnorm_dx(student, "batchnorm_backward_alt", x, gamma * [1, 0, 1], beta, dout)


@pytest.mark.exercise("batchnorm_backward_alt")
@pytest.mark.beyond
def test_batchnorm_backward_alt_float32(student, rng):
    """Views in single precision work too / 单精度的数组视图也正确"""
    _expect_batchnorm_dx(student, "batchnorm_backward_alt", *_single(*_batch(rng)))


# --- layernorm_forward ---------------------------------------------------------------------------


def _expect_layernorm(student, x, gamma, beta):
    out, _ = student.layers.layernorm_forward(x, gamma, beta, {})
    expect_close(out, layernorm_forward(x, gamma, beta, {})[0], name="out", tol=CLOSE)


@pytest.mark.exercise("layernorm_forward")
def test_layernorm_statistics(student, rng):
    """Every example has mean 0 and deviation 1 afterwards / 每个样本的均值为 0、标准差为 1"""
    x = 5 * rng.normal(size=(4, 7)) + 12
    out, _ = student.layers.layernorm_forward(x, np.ones(7), np.zeros(7), {})
    expect_shape(out, (4, 7), name="out")
    hint = "the features of one example are averaged / 对同一样本的各特征求平均"
    expect_close(out.std(axis=1), np.ones(4), name="the deviations", tol=CLOSE, hint=hint)
    expect_close(out.mean(axis=1), np.zeros(4), name="the means", tol=CLOSE, hint=hint)


@pytest.mark.exercise("layernorm_forward")
@pytest.mark.parametrize(("N", "D"), [(4, 6), (5, 5)])
def test_layernorm_forward(student, rng, N, D):
    """Then every feature is scaled and shifted / 之后逐特征缩放、平移"""
    _expect_layernorm(student, *_batch(rng, N, D)[:3])


@pytest.mark.exercise("layernorm_forward")
def test_layernorm_alone(student, rng):
    """An example alone comes out as in a batch / 单个样本的结果与在批次中相同"""
    x, gamma, beta, _ = _batch(rng)
    out, _ = student.layers.layernorm_forward(x[:1], gamma, beta, {})
    right, _ = layernorm_forward(x, gamma, beta, {})
    expect_close(out, right[:1], name="out", tol=CLOSE)


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
    x, gamma, beta, _ = _batch(rng)
    out, _ = student.layers.layernorm_forward(x, gamma, beta, {"mode": "test"})
    expect_close(out, layernorm_forward(x, gamma, beta, {})[0], name="out", tol=CLOSE)


@pytest.mark.exercise("layernorm_forward")
@pytest.mark.beyond
def test_layernorm_views(student, rng):
    """Views in single precision work too / 单精度的数组视图也正确"""
    x, gamma, beta = _single(*_batch(rng)[:3])
    out, _ = student.layers.layernorm_forward(student.view(x), student.view(gamma), beta, {})
    expect_close(out, layernorm_forward(x, gamma, beta, {})[0], name="out", tol=10 * CLOSE)


@pytest.mark.exercise("layernorm_forward")
@pytest.mark.beyond
def test_layernorm_leaves_arguments(student, rng):
    """x, gamma and beta are left as they are / 不改变 x、gamma、beta"""
    given = _batch(rng)[:3]
    _, after = student.call("layers.layernorm_forward", *given, {}, after=[0, 1, 2])
    for name, was, now in zip(["x", "gamma", "beta"], given, after, strict=True):
        expect_close(now, was, name=f"{name} after the call", tol=0.0)


# --- layernorm_backward --------------------------------------------------------------------------


def _layernorm_gradients(student, x, gamma, beta, dout):
    _, cache = student.layers.layernorm_forward(x, gamma, beta, {})
    return student.layers.layernorm_backward(dout, cache)


@pytest.mark.exercise("layernorm_backward")
def test_layernorm_backward_numbers(student):
    """The gradients on the published example are right / 公开示例上的梯度正确"""
    found = _layernorm_gradients(student, *_published_batch())
    norms = [0.7080636200164845, 5.439656902248533, 2.3840248372350716]
    _expect_published(found, [8.733182338969911, -0.6152689973394148], norms)


@pytest.mark.exercise("layernorm_backward")
@pytest.mark.parametrize("place", [0, 1, 2], ids=["dx", "dgamma", "dbeta"])
def test_layernorm_backward_numerical(student, rng, place):
    """dx, dgamma and dbeta agree with numerical gradients / dx、dgamma、dbeta 与数值梯度一致"""
    *inputs, dout = _batch(rng, N=4, D=6)
    found = _layernorm_gradients(student, *inputs, dout)[place]

    def out(value):
        return layernorm_forward(*inputs[:place], value, *inputs[place + 1 :], {})[0]

    name = ["dx", "dgamma", "dbeta"][place]
    found = _row(found) if place else found
    expect_gradient(found, out, inputs[place], dout, name=name, tol=CLOSE)


@pytest.mark.exercise("layernorm_backward")
@pytest.mark.beyond
def test_layernorm_backward_shapes(student, rng):
    """dgamma and dbeta have the shape (D,) / dgamma 与 dbeta 的形状为 (D,)"""
    _, dgamma, dbeta = _layernorm_gradients(student, *_batch(rng))
    expect_shape(dgamma, (5,), name="dgamma")
    expect_shape(dbeta, (5,), name="dbeta")


@pytest.mark.exercise("layernorm_backward")
@pytest.mark.beyond
@pytest.mark.parametrize("N", [1, 9])
def test_layernorm_backward_other_sizes(student, rng, N):
    """A batch of one and a tall batch work too / 单个样本、样本多于特征时也正确"""
    x, gamma, beta, dout = _batch(rng, N, D=4)
    dx, _, _ = _layernorm_gradients(student, x, gamma, beta, dout)
    forward = lambda v: layernorm_forward(v, gamma, beta, {})[0]  # noqa: E731, one line is plain
    expect_gradient(dx, forward, x, dout, name="dx", tol=CLOSE)


@pytest.mark.exercise("layernorm_backward")
@pytest.mark.beyond
def test_layernorm_backward_float32(student, rng):
    """Views in single precision work too / 单精度的数组视图也正确"""
    x, gamma, beta, dout = _single(*_batch(rng))
    _, cache = student.layers.layernorm_forward(student.view(x), gamma, beta, {})
    dx, _, _ = student.layers.layernorm_backward(student.view(dout), cache)
    wide = gamma.astype(float)
    forward = lambda v: layernorm_forward(v, wide, wide, {})[0]  # noqa: E731, one line is plain
    expect_gradient(dx, forward, x, dout, name="dx", tol=10 * CLOSE)
