"""Hidden checks of daseCV/layers.py: dropout.

Students draw their masks in different ways, so no check compares a mask with that of the kit.
"""

import numpy as np
import pytest

from daseCV.compare import expect, expect_close, expect_shape

RATES = [0.25, 0.4, 0.7]
FLOAT32 = 1e-4  # tolerance where a student computes in single precision


# --- dropout_forward -----------------------------------------------------------------------------


def _dropped(student, x, p, mode="train", **more):
    out = student.layers.dropout_forward(x, {"mode": mode, "p": p, **more})[0]
    expect_shape(out, x.shape, name="out")
    return out


def _expect_kept(kept, p):
    """A share p of these 10,000 units, five deviations at most off it, and no whole row at once."""
    wrong = "the share of units kept is wrong / 保留单元的比例不对"
    expect(
        abs(np.mean(kept) - p) < 0.025, wrong, "p is the probability of keeping / p 是保留的概率"
    )
    lone = np.ptp(np.mean(kept, axis=0)) > 0 and np.ptp(np.mean(kept, axis=1)) > 0
    expect(lone, "units are not dropped one by one / 没有逐个单元随机丢弃")


def _expect_some_kept(out):
    """Some units are dropped and some kept, whatever p was taken for."""
    seen = 0.05 < np.mean(out != 0) < 0.95
    expect(seen, "dropout_forward drops no units, or all / dropout_forward 没有丢弃，或全部丢弃")


@pytest.mark.exercise("dropout_forward")
@pytest.mark.parametrize("p", RATES)
def test_dropout_statistics(student, rng, p):
    """Training keeps a share p and the mean, testing all / 训练时保留 p 且均值不变，测试时不变"""
    x = rng.normal(size=(100, 100)) + 10
    out = _dropped(student, x, p)
    expect_shape(out, x.shape, name="out")
    _expect_kept(out != 0, p)
    expect_close(np.mean(out), np.mean(x), name="mean(out)", tol=0.05)
    expect_close(_dropped(student, x, p, "test"), x, name="out at test time")


@pytest.mark.exercise("dropout_forward")
def test_dropout_scale(student, rng):
    """All units that are kept are scaled alike / 保留的单元按同一比例缩放"""
    x = rng.normal(size=(20, 30)) + 10
    out = _dropped(student, x, 0.4)
    expect_shape(out, x.shape, name="out")
    _expect_some_kept(out)
    hint = "so that the expected output is the input / 使输出的期望等于输入"
    expect_close(out[out != 0], x[out != 0] / 0.4, name="units that are kept", hint=hint)


@pytest.mark.exercise("dropout_forward")
@pytest.mark.beyond
@pytest.mark.parametrize("shape", [(400,), (4, 5, 2, 10)])
def test_dropout_other_shapes(student, rng, shape):
    """Any shape works, views too / 任意形状及数组视图都能处理"""
    x = rng.normal(size=shape) + 10
    out, _ = student.layers.dropout_forward(student.view(x), {"mode": "train", "p": 0.5})
    expect_shape(out, shape, name="out")
    expect_close(np.mean(out != 0), 0.5, name="mean(out != 0)", tol=0.15)


@pytest.mark.exercise("dropout_forward")
@pytest.mark.beyond
def test_dropout_dtype(student, rng):
    """Single precision stays single precision / 单精度输入得到单精度输出"""
    x = rng.normal(size=(20, 30)).astype(np.float32) + 10
    out = _dropped(student, x, 0.5)
    _expect_some_kept(out)
    expect_close(out[out != 0], 2 * x[out != 0], name="units that are kept", tol=FLOAT32)
    expect(out.dtype == x.dtype, "out has another dtype than x / out 的 dtype 与 x 不同")


@pytest.mark.exercise("dropout_forward")
@pytest.mark.beyond
def test_dropout_draws_anew(student, rng):
    """Two calls drop other units, unless there is a seed / 每次调用重新随机，除非给定种子"""
    x = np.ones((20, 30))
    same = [_dropped(student, x, 0.5, seed=7) for _ in "12"]
    expect_close(same[0], same[1], name="out with the same seed")
    first, second = (_dropped(student, x, 0.5) for _ in "12")
    expect(np.any(first != second), "the same units are dropped again / 两次丢弃了相同的单元")


@pytest.mark.exercise("dropout_forward")
@pytest.mark.beyond
@pytest.mark.parametrize("mode", ["train", "test"])
def test_dropout_leaves_arguments(student, rng, mode):
    """x is left as it is / 不改变 x"""
    x = rng.normal(size=(4, 5))
    _, (after,) = student.call("layers.dropout_forward", x, {"mode": mode, "p": 0.5}, after=[0])
    expect_close(after, x, name="x after the call", tol=0.0)


# --- dropout_backward ----------------------------------------------------------------------------


def _expect_dropout_gradient(student, rng, p, shape=(10, 12), dtype=float, **more):
    """dx is dout where the unit was kept, scaled; which were kept is seen from the output."""
    x, dout = (rng.normal(size=shape).astype(dtype) for _ in "12")
    x += 10
    out, cache = student.layers.dropout_forward(x, {"mode": "train", "p": p, **more})
    expect_shape(out, shape, name="out")
    _expect_some_kept(out)
    dx = student.layers.dropout_backward(dout, cache)
    hint = "the mask of the forward pass, scaled as there / 使用前向传播的掩码，缩放也相同"
    expect_close(dx, dout * (out != 0) / p, name="dx", tol=FLOAT32, hint=hint)


@pytest.mark.exercise("dropout_backward")
@pytest.mark.parametrize("p", RATES)
def test_dropout_backward(student, rng, p):
    """In training dx is that of the forward pass / 训练模式下 dx 与前向传播对应"""
    _expect_dropout_gradient(student, rng, p)


@pytest.mark.exercise("dropout_backward")
def test_dropout_backward_test(student, rng):
    """At test time the gradient passes unchanged / 测试模式下梯度原样通过"""
    x, dout = rng.normal(size=(4, 5)), rng.normal(size=(4, 5))
    _, cache = student.layers.dropout_forward(x, {"mode": "test", "p": 0.4})
    expect_close(student.layers.dropout_backward(dout, cache), dout, name="dx")


@pytest.mark.exercise("dropout_backward")
@pytest.mark.beyond
@pytest.mark.parametrize("shape", [(40,), (2, 3, 4, 5)])
def test_dropout_backward_other_shapes(student, rng, shape):
    """Any shape works / 任意形状都能处理"""
    _expect_dropout_gradient(student, rng, 0.5, shape)


@pytest.mark.exercise("dropout_backward")
@pytest.mark.beyond
def test_dropout_backward_seed(student, rng):
    """With a seed too, and in single precision / 给定种子、单精度时也正确"""
    _expect_dropout_gradient(student, rng, 0.2, dtype=np.float32, seed=123)
