"""Hidden checks of the task of ConvolutionalNetworks.ipynb: a network of the student's own design.

Its class is the student's own, so it runs in the child, with the parameters that were handed in. It
gets images that nobody tuned on, and gives scores; the labels never leave the trusted side.
"""

import json
import re

import numpy as np
import pytest

from autograder.checks.tasks.models import expect_reached, parameter
from daseCV.compare import expect, expect_shape
from daseCV.saving import RUNNING

ACCURACIES = [0.50, 0.54, 0.58]  # the notebook asks for 0.60 on the validation images
IMAGES, BATCH, CLASSES = 1000, 100, 10
MOST_WEIGHTS = 5_000_000
MOST_TEXT = 2000  # characters of the constructor's arguments, as JSON
NAME = r"(W|b|gamma|beta)\d{1,2}"
DEEPEST = 3  # lists of lists of lists


def _depth(value):
    if not isinstance(value, list | dict):
        return 0
    inside = value.values() if isinstance(value, dict) else value
    return 1 + max(map(_depth, inside), default=0)


def _expect_sound(work):
    """Arguments and parameters are such as a network has, and few enough to be tried."""
    short = len(json.dumps(work.arguments)) <= MOST_TEXT
    flat = all(_depth(value) <= DEEPEST for value in work.arguments.values())
    what = "its arguments are too long, or nested too deep / 构造参数过长或嵌套过深"
    expect(short and flat, what, "numbers, strings, and lists of such / 只用数、字符串及其列表")
    few = sum(value.size for value in work.params.values()) <= MOST_WEIGHTS
    expect(few, f"there are more than {MOST_WEIGHTS:,} weights / 权重超过 {MOST_WEIGHTS:,} 个")


def _fitted(params, name, like):
    """The parameter of that name, when it fits; name and shape are the child's, and not told."""
    value = params.get(name)
    name = name if re.fullmatch(NAME, name) else "a parameter"
    fits = value is None or value.shape == like.shape
    expect(fits, f"{name} has the wrong shape / {name} 的形状不对")
    return parameter({name: value}, name, like.shape, like.dtype)


def _network(student, work):
    """The student's network in the child, with the parameters that were handed in."""
    _expect_sound(work)
    net = student.cnn.BestConvNet(**work.arguments)
    fresh = student.fetch(net.params)
    table = isinstance(fresh, dict) and all(isinstance(v, np.ndarray) for v in fresh.values())
    expect(table, "params is no dictionary of arrays / params 不是由数组组成的字典")
    net.params = {name: _fitted(work.params, name, value) for name, value in fresh.items()}
    for name, value in work.params.items():
        running = re.fullmatch(rf"({'|'.join(RUNNING)})(\d{{1,4}})", name)
        if running and name not in fresh:
            net.bn_params[int(running[2]) - 1][running[1]] = value
    return net


def _accuracy(student, handed_in, data):
    """Share of the images that the network is right on."""
    net = _network(student, handed_in)
    X, y = (data[name][:IMAGES] for name in ("X_held_out", "y_held_out"))
    found = []
    for i in range(0, len(X), BATCH):
        scores = net.loss(X[i : i + BATCH])
        expect_shape(scores, (len(X[i : i + BATCH]), CLASSES), name="scores")
        found.append(scores.argmax(axis=1))
    return np.mean(np.concatenate(found) == y)


@pytest.mark.exercise("BestConvNet.accuracy")
@pytest.mark.parametrize("accuracy", ACCURACIES)
def test_best_conv_net_accuracy(student, handed_in, data, once, accuracy):
    """Your network recognises images nobody tuned on / 你的网络能识别没有用来调参的图片"""
    expect_reached(once(_accuracy, student, handed_in, data), accuracy)
