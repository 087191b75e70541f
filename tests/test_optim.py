"""The update rules agree with published numbers, and keep what they remember in one dictionary."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from daseCV import optim

RULES = [optim.sgd, optim.sgd_momentum, optim.rmsprop, optim.adam]


def ramp(low, high):
    return np.linspace(low, high, num=20).reshape(4, 5)


W, DW = ramp(-0.4, 0.6), ramp(-0.6, 0.4)


def test_momentum_published():  # sgd_momentum.linspace, corners and centre of the tables
    config = {"learning_rate": 1e-3, "velocity": ramp(0.6, 0.9)}
    next_w, same = optim.sgd_momentum(W, DW, config)
    assert same is config
    assert_allclose(next_w[[0, 0, 2, 3], [0, 1, 2, 4]], [0.1406, 0.20738947, 0.94207368, 1.4096])
    velocity = config["velocity"][[0, 0, 2, 3], [0, 1, 2, 4]]
    assert_allclose(velocity, [0.5406, 0.55475789, 0.71049474, 0.8096], rtol=2e-7)


def test_rmsprop_published():  # rmsprop.linspace
    config = {"learning_rate": 1e-2, "cache": ramp(0.6, 0.9)}
    next_w, same = optim.rmsprop(W, DW, config)
    assert same is config
    found = next_w[[0, 0, 2, 3], [0, 1, 2, 4]]
    assert_allclose(found, [-0.39223849, -0.34037513, 0.23122175, 0.59576619], rtol=1e-6)
    cache = config["cache"][[0, 0, 2, 3], [0, 1, 2, 4]]
    assert_allclose(cache, [0.5976, 0.6126277, 0.78158892, 0.8926], rtol=2e-7)


def test_adam_published():  # adam.linspace
    config = {"learning_rate": 1e-2, "m": ramp(0.6, 0.9), "v": ramp(0.7, 0.5), "t": 5}
    next_w, same = optim.adam(W, DW, config)
    assert same is config
    assert config["t"] == 6
    found = next_w[[0, 0, 2, 3], [0, 1, 2, 4]]
    assert_allclose(found, [-0.40094747, -0.34836187, 0.23002243, 0.59801459], rtol=1e-6)
    m, v = (config[name][[0, 0, 2, 3], [0, 1, 2, 4]] for name in "mv")
    assert_allclose(m, [0.48, 0.49947368, 0.71368421, 0.85], rtol=2e-7)
    assert_allclose(v, [0.69966, 0.68908382, 0.57311152, 0.49966], rtol=2e-7)


def test_first_steps_with_defaults():  # optim.defaults
    w, dw = np.array([1.0, -2.0, 0.5]), np.array([0.1, -0.2, 0.0])
    steps = {rule.__name__: rule(w.copy(), dw) for rule in RULES}
    assert_allclose(steps["sgd"][0], [0.999, -1.998, 0.5])
    assert_allclose(steps["sgd_momentum"][0], [0.999, -1.998, 0.5])
    assert_allclose(steps["rmsprop"][0], [0.9000001, -1.90000005, 0.5], rtol=1e-9)
    assert_allclose(steps["adam"][0], [0.9990000001, -1.99900000005, 0.5], rtol=1e-12)
    rates = [config["learning_rate"] for _, config in steps.values()]
    assert rates == [1e-2, 1e-2, 1e-2, 1e-3]
    second, config = optim.adam(steps["adam"][0], dw, steps["adam"][1])
    assert_allclose(second, [0.9980000002, -1.9980000001, 0.5], rtol=1e-12)
    assert config["t"] == 2


def test_momentum_zero_is_sgd():
    plain, _ = optim.sgd(W.copy(), DW)
    assert_allclose(optim.sgd_momentum(W, DW, {"momentum": 0.0})[0], plain)


@pytest.mark.parametrize("rule", RULES)
def test_gradients_stay_as_they_are(rule):
    dw = DW.copy()
    rule(*rule(W.copy(), dw)[:1], dw)
    assert np.array_equal(dw, DW)
