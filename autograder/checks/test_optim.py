"""Hidden checks of daseCV/optim.py: single steps, several steps, and what a rule remembers."""

import numpy as np
import pytest

from daseCV import optim
from daseCV.compare import expect, expect_close

STEPS = 1e-5  # tolerance that cannot tell an epsilon inside a root from one outside
W = np.linspace(-0.4, 0.6, num=20).reshape(4, 5)  # of the *.linspace entries
DW = np.linspace(-0.6, 0.4, num=20).reshape(4, 5)


def _problem(rng, shape=(4, 3), steps=4):
    """A parameter and some gradients, whose entries are far from zero: there epsilon matters."""
    sizes, signs = rng.uniform(0.5, 2.0, (steps, *shape)), rng.choice([-1.0, 1.0], (steps, *shape))
    return rng.normal(size=shape), list(sizes * signs)


def _walk(rule, w, gradients, config):
    """Take a step along each gradient, each with the config that the one before returned."""
    for dw in gradients:
        w, config = rule(w, dw, config)
    return w, config


def _expect_same_walk(student, name, w, gradients, config, tol=STEPS):
    """The student's rule ends where the reference ends."""
    right, _ = _walk(getattr(optim, name), w.copy(), gradients, dict(config))
    end, _ = _walk(getattr(student.optim, name), w, gradients, dict(config))
    hint = "what it remembers has to go on with the config / 状态要随 config 传递下去"
    expect_close(end, right, name="w after the last step", tol=tol, hint=hint)


def _expect_no_move(student, name, config):
    """Where the gradient is zero and always was, nothing moves."""
    w, dw = np.array([1.0, -2.0, 0.5]), np.array([0.1, -0.2, 0.0])
    end, _ = _walk(getattr(student.optim, name), w, [dw, dw], config)
    expect_close(end[2:], w[2:], name="the entry without gradient")


def _expect_dw_kept(student, name, rng, config):
    w, (dw,) = _problem(rng, steps=1)
    _, (after,) = student.call(f"optim.{name}", w, dw, config, after=[1])
    expect_close(after, dw, name="dw after the call", tol=0.0)


# --- sgd -----------------------------------------------------------------------------------------


@pytest.mark.exercise("sgd")
def test_sgd_steps(student, rng):
    """Steps go against the gradient, times the learning rate / 沿负梯度方向移动，步长为学习率"""
    _expect_same_walk(student, "sgd", *_problem(rng), {"learning_rate": 0.03})


@pytest.mark.exercise("sgd")
def test_sgd_defaults(student):
    """Without a config the learning rate is 0.01 / 不给 config 时学习率为 0.01"""
    end, config = student.optim.sgd(np.array([1.0, -2.0, 0.5]), np.array([0.1, -0.2, 0.0]))
    expect_close(end, [0.999, -1.998, 0.5], name="next_w")  # optim.defaults
    expect_close(student.fetch(config)["learning_rate"], 1e-2, name="config['learning_rate']")


# --- sgd_momentum --------------------------------------------------------------------------------


@pytest.mark.exercise("sgd_momentum")
def test_sgd_momentum_numbers(student):
    """Parameter and velocity on the published example are right / 公开示例上的参数与速度正确"""
    config = {"learning_rate": 1e-3, "velocity": np.linspace(0.6, 0.9, num=20).reshape(4, 5)}
    end, config = student.optim.sgd_momentum(W, DW, config)
    hint = "the velocity points where w moves / 速度指向 w 移动的方向"
    right = np.linspace(0.1406, 1.4096, num=20).reshape(4, 5)  # sgd_momentum.linspace, a line too
    velocity = np.linspace(0.5406, 0.8096, num=20).reshape(4, 5)
    expect_close(end, right, name="next_w", hint=hint)
    expect_close(student.fetch(config)["velocity"], velocity, name="velocity", hint=hint)


@pytest.mark.exercise("sgd_momentum")
def test_sgd_momentum_walk(student, rng):
    """Several steps from rest are right / 从静止开始的若干步正确"""
    _expect_same_walk(student, "sgd_momentum", *_problem(rng), {"learning_rate": 0.03})


@pytest.mark.exercise("sgd_momentum")
def test_sgd_momentum_settings(student, rng):
    """Momentum and velocity are those of the config / 使用 config 中的动量与速度"""
    w, gradients = _problem(rng)
    config = {"learning_rate": 0.1, "momentum": 0.5, "velocity": rng.normal(size=w.shape)}
    _expect_same_walk(student, "sgd_momentum", w, gradients, config)


@pytest.mark.exercise("sgd_momentum")
def test_sgd_momentum_defaults(student):
    """Without a config the published defaults hold / 不给 config 时采用默认设置"""
    end, config = student.optim.sgd_momentum(np.array([1.0, -2.0, 0.5]), np.array([0.1, -0.2, 0.0]))
    expect_close(end, [0.999, -1.998, 0.5], name="next_w")  # optim.defaults
    expect_close(student.fetch(config)["learning_rate"], 1e-2, name="config['learning_rate']")
    expect_close(student.fetch(config)["momentum"], 0.9, name="config['momentum']")


@pytest.mark.exercise("sgd_momentum")
@pytest.mark.beyond
@pytest.mark.parametrize("shape", [(1,), (7,), (2, 3, 1, 2)])
def test_sgd_momentum_shapes(student, rng, shape):
    """Parameters of any shape move / 任意形状的参数都能更新"""
    _expect_same_walk(student, "sgd_momentum", *_problem(rng, shape), {"momentum": 0.0})


@pytest.mark.exercise("sgd_momentum")
@pytest.mark.beyond
def test_sgd_momentum_float32(student, rng):
    """Single precision works too / 单精度输入也正确"""
    w, gradients = _problem(rng)
    w, gradients = w.astype(np.float32), [dw.astype(np.float32) for dw in gradients]
    _expect_same_walk(student, "sgd_momentum", w, gradients, {}, tol=1e-4)


@pytest.mark.exercise("sgd_momentum")
@pytest.mark.beyond
def test_sgd_momentum_leaves_dw(student, rng):
    """dw is left as it is / 不改变 dw"""
    _expect_dw_kept(student, "sgd_momentum", rng, {"learning_rate": 0.03})


# --- rmsprop -------------------------------------------------------------------------------------


@pytest.mark.exercise("rmsprop")
def test_rmsprop_numbers(student):
    """Parameter and average on the published example are right / 公开示例上的参数与缓存正确"""
    config = {"learning_rate": 1e-2, "cache": np.linspace(0.6, 0.9, num=20).reshape(4, 5)}
    end, config = student.optim.rmsprop(W, DW, config)
    row = [-0.39223849, -0.34037513, -0.28849239, -0.23659121, -0.18467247]  # rmsprop.linspace
    cache = [0.82883269, 0.84469141, 0.86060554, 0.87657507, 0.8926]
    expect_close(end[0], row, name="next_w[0]", tol=1e-6)
    expect_close(student.fetch(config)["cache"][3], cache, name="cache[3]", tol=1e-7)


@pytest.mark.exercise("rmsprop")
def test_rmsprop_walk(student, rng):
    """Several steps from the start are right / 从头开始的若干步正确"""
    _expect_same_walk(student, "rmsprop", *_problem(rng), {"learning_rate": 1e-3})


@pytest.mark.exercise("rmsprop")
def test_rmsprop_settings(student, rng):
    """Decay rate and average are those of the config / 使用 config 中的衰减率与缓存"""
    w, gradients = _problem(rng)
    config = {"learning_rate": 0.1, "decay_rate": 0.7, "cache": rng.uniform(0.5, 2.0, w.shape)}
    _expect_same_walk(student, "rmsprop", w, gradients, config)


@pytest.mark.exercise("rmsprop")
def test_rmsprop_defaults(student):
    """Without a config the published defaults hold / 不给 config 时采用默认设置"""
    end, config = student.optim.rmsprop(np.array([1.0, -2.0]), np.array([0.1, -0.2]))
    expect_close(end, [0.9000001, -1.90000005], name="next_w", tol=STEPS)  # optim.defaults
    expect_close(student.fetch(config)["learning_rate"], 1e-2, name="config['learning_rate']")
    expect_close(student.fetch(config)["decay_rate"], 0.99, name="config['decay_rate']")


@pytest.mark.exercise("rmsprop")
@pytest.mark.beyond
def test_rmsprop_no_gradient(student):
    """An entry that never had a gradient stays / 从未有梯度的分量保持不动"""
    _expect_no_move(student, "rmsprop", {})


@pytest.mark.exercise("rmsprop")
@pytest.mark.beyond
@pytest.mark.parametrize("shape", [(1,), (7,), (2, 3, 1, 2)])
def test_rmsprop_shapes(student, rng, shape):
    """Parameters of any shape move / 任意形状的参数都能更新"""
    _expect_same_walk(student, "rmsprop", *_problem(rng, shape), {"learning_rate": 1e-3})


@pytest.mark.exercise("rmsprop")
@pytest.mark.beyond
def test_rmsprop_float32(student, rng):
    """Single precision works too / 单精度输入也正确"""
    w, gradients = _problem(rng)
    w, gradients = w.astype(np.float32), [dw.astype(np.float32) for dw in gradients]
    _expect_same_walk(student, "rmsprop", w, gradients, {}, tol=1e-3)


@pytest.mark.exercise("rmsprop")
@pytest.mark.beyond
def test_rmsprop_leaves_dw(student, rng):
    """dw is left as it is / 不改变 dw"""
    _expect_dw_kept(student, "rmsprop", rng, {"learning_rate": 0.03})


# --- adam ----------------------------------------------------------------------------------------
# Some course files start t at 1, so every config that a result depends on says t.


@pytest.mark.exercise("adam")
def test_adam_numbers(student):
    """Parameter, averages and t on the published example are right / 公开示例上的各项结果正确"""
    m, v = (np.linspace(*ends, num=20).reshape(4, 5) for ends in [(0.6, 0.9), (0.7, 0.5)])
    config = {"learning_rate": 1e-2, "m": m, "v": v, "t": 5}
    end, config = student.optim.adam(W, DW, config)
    row = [-0.40094747, -0.34836187, -0.29577703, -0.24319299, -0.19060977]  # adam.linspace
    expect_close(end[0], row, name="next_w[0]", tol=1e-6)
    expect_close(student.fetch(config)["t"], 6, name="t")
    expect_close(student.fetch(config)["m"][3, 4], 0.85, name="m[3, 4]")
    expect_close(student.fetch(config)["v"][3, 4], 0.49966, name="v[3, 4]")


@pytest.mark.exercise("adam")
def test_adam_first_step(student, rng):
    """The first step moves every entry by the learning rate / 第一步每个分量恰好移动一个学习率"""
    w, (dw,) = _problem(rng, steps=1)
    end, _ = student.optim.adam(w, dw, {"learning_rate": 0.1, "t": 0})
    hint = "the averages start at zero, which has to be corrected / 均值从零开始，需要校正偏差"
    expect_close(end, w - 0.1 * np.sign(dw), name="next_w", tol=STEPS, hint=hint)


@pytest.mark.exercise("adam")
def test_adam_walk(student, rng):
    """Several steps from the start are right / 从头开始的若干步正确"""
    _expect_same_walk(student, "adam", *_problem(rng), {"learning_rate": 0.1, "t": 0})


@pytest.mark.exercise("adam")
def test_adam_settings(student, rng):
    """Both betas, both averages and t are those of the config / 使用 config 中的各项设置"""
    w, gradients = _problem(rng)
    config = {"learning_rate": 0.1, "beta1": 0.6, "beta2": 0.8, "t": 3}
    config |= {"m": rng.normal(size=w.shape), "v": rng.uniform(0.5, 2.0, w.shape)}
    _expect_same_walk(student, "adam", w, gradients, config)


@pytest.mark.exercise("adam")
def test_adam_defaults(student):
    """Without a config the published defaults hold / 不给 config 时采用默认设置"""
    dw = np.array([0.1, -0.2, 0.0])
    config = student.fetch(student.optim.adam(np.array([1.0, -2.0, 0.5]), dw)[1])
    expect_close(config["learning_rate"], 1e-3, name="config['learning_rate']")  # optim.defaults
    expect_close(config["m"], 0.1 * dw, name="m")
    expect_close(config["v"], 0.001 * dw**2, name="v")


@pytest.mark.exercise("adam")
@pytest.mark.beyond
def test_adam_no_gradient(student):
    """An entry that never had a gradient stays / 从未有梯度的分量保持不动"""
    _expect_no_move(student, "adam", {"t": 0})


@pytest.mark.exercise("adam")
@pytest.mark.beyond
@pytest.mark.parametrize("shape", [(1,), (7,), (2, 3, 1, 2)])
def test_adam_shapes(student, rng, shape):
    """Parameters of any shape move / 任意形状的参数都能更新"""
    _expect_same_walk(student, "adam", *_problem(rng, shape), {"learning_rate": 0.1, "t": 0})


@pytest.mark.exercise("adam")
@pytest.mark.beyond
def test_adam_float32(student, rng):
    """Single precision works too / 单精度输入也正确"""
    w, gradients = _problem(rng)
    w, gradients = w.astype(np.float32), [dw.astype(np.float32) for dw in gradients]
    _expect_same_walk(student, "adam", w, gradients, {"t": 0}, tol=1e-3)


@pytest.mark.exercise("adam")
@pytest.mark.beyond
def test_adam_leaves_dw(student, rng):
    """dw is left as it is, and t grows by one / 不改变 dw，t 每步加一"""
    _expect_dw_kept(student, "adam", rng, {"t": 0})
    w, gradients = _problem(rng)
    config = student.fetch(_walk(student.optim.adam, w, gradients, {"t": 0})[1])
    expect(config["t"] == len(gradients), "t does not count the steps / t 没有正确计数")
