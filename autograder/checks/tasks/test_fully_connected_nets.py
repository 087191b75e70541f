"""Hidden checks of the tasks of FullyConnectedNets.ipynb: trained models and hyper-parameters.

A model is judged by the kit's own class, on test images that nobody tuned on. Hyper-parameters are
judged by training again; a student saw few random starts, so one good one of several is enough.
"""

import itertools
import math
from functools import lru_cache

import numpy as np
import pytest

from autograder import held_out
from autograder.checks.tasks.models import expect_accuracy, fitted
from daseCV.classifiers.fc_net import FullyConnectedNet, TwoLayerNet
from daseCV.compare import expect
from daseCV.solver import Solver

ACCURACIES = [0.40, 0.44, 0.48]  # the notebook asks for 0.50 on the validation images
SHARES = [0.70, 0.90, 1.00]  # of 50 training images learnt by heart; the notebook asks for all
STARTS = [0, 1, 2, 3, 4]  # seeds of the random starts; the visible checks take some of them
MOST_WEIGHTS = 5_000_000
MOST_LAYERS = 50
MOST_UNITS = 15_000  # in all hidden layers: 500 images have so many activations at once
NORMALIZATIONS = [None, "batchnorm", "layernorm"]


# --- trained models ------------------------------------------------------------------------------


def _expect_sizes(hidden):
    """Sizes of hidden layers are whole numbers, and few enough to be tried."""
    sound = isinstance(hidden, list) and all(type(n) is int and n > 0 for n in hidden)
    expect(sound, "the hidden sizes are no list of positive integers / 隐藏层尺寸不是正整数列表")
    expect(len(hidden) <= MOST_LAYERS, "there are too many layers / 层数过多")
    pairs = itertools.pairwise([3 * 32 * 32, *hidden, 10])
    fits = sum(before * after for before, after in pairs) <= MOST_WEIGHTS
    expect(fits, f"there are more than {MOST_WEIGHTS:,} weights / 权重超过 {MOST_WEIGHTS:,} 个")
    what = f"there are more than {MOST_UNITS:,} hidden units / 隐藏单元超过 {MOST_UNITS:,} 个"
    expect(sum(hidden) <= MOST_UNITS, what)


def _take_over(net, params):
    """Give the kit's network the parameters that were handed in."""
    net.params = {name: fitted(params, name, p.shape) for name, p in net.params.items()}
    if getattr(net, "normalization", None) == "batchnorm":
        for i, bn_param in enumerate(net.bn_params, 1):
            for key in ("running_mean", "running_var"):
                bn_param[key] = fitted(params, f"{key}{i}", net.params[f"beta{i}"].shape)
    return net


def _two_layers(handed_in):
    hidden = handed_in.arguments.get("hidden_dim")
    _expect_sizes([hidden])
    return _take_over(TwoLayerNet(hidden_dim=hidden), handed_in.params)


def _deep(handed_in):
    hidden = handed_in.arguments.get("hidden_dims")
    _expect_sizes(hidden)
    normalization = handed_in.arguments.get("normalization")
    known = normalization in NORMALIZATIONS
    expect(known, "its normalization is none there is / normalization 参数不对")
    return _take_over(FullyConnectedNet(hidden, normalization=normalization), handed_in.params)


def _expect_accuracy(net, data, accuracy):
    """The network is right on that share of the images nobody tuned on, at least."""
    X, y = data["X_held_out"], data["y_held_out"]
    expect_accuracy(lambda images: net.loss(images).argmax(axis=1), X, y, accuracy)


@pytest.mark.exercise("TwoLayerNet.accuracy")
@pytest.mark.parametrize("accuracy", ACCURACIES)
def test_two_layer_accuracy(handed_in, data, accuracy):
    """The network recognises images nobody tuned on / 网络能识别没有用来调参的图片"""
    _expect_accuracy(_two_layers(handed_in), data, accuracy)


@pytest.mark.exercise("FullyConnectedNet.accuracy")
@pytest.mark.parametrize("accuracy", ACCURACIES)
def test_deep_accuracy(handed_in, data, accuracy):
    """The best network recognises images nobody tuned on / 最好的网络能识别没有用来调参的图片"""
    _expect_accuracy(_deep(handed_in), data, accuracy)


# --- hyper-parameters ----------------------------------------------------------------------------


def _positive(handed_in, name):
    value = handed_in.arguments.get(name)
    number = type(value) in (int, float) and 0 < value < math.inf
    expect(number, f"{name} is not saved as a positive number / {name} 没有保存为正数")
    return float(value)


@lru_cache(maxsize=4 * len(STARTS))  # one training serves the checks of all shares
def _learnt(digest, hidden, rate, scale, seed):
    """Best share of 50 images a network gets right in 20 epochs, trained from one random start."""
    X, y = (held_out.data(digest)[key][:50] for key in ("X_train", "y_train"))
    np.random.seed(seed)
    net = FullyConnectedNet(hidden, weight_scale=scale, dtype=np.float64)
    few = {"X_train": X, "y_train": y, "X_val": X[:1], "y_val": y[:1]}
    options = {"num_epochs": 20, "batch_size": 25, "verbose": False}
    solver = Solver(net, few, update_rule="sgd", optim_config={"learning_rate": rate}, **options)
    with np.errstate(all="ignore"):  # a learning rate far too large overflows
        solver.train()
    return max(solver.train_acc_history)


def _expect_learnt(handed_in, hidden, share):
    """From one of the random starts at least, that share of the images is learnt by heart."""
    rate, scale = _positive(handed_in, "learning_rate"), _positive(handed_in, "weight_scale")
    reached = any(_learnt(handed_in.data, hidden, rate, scale, s) >= share for s in STARTS)
    what = f"training accuracy does not reach {share:.0%} / 训练准确率达不到 {share:.0%}"
    expect(reached, what, hint="20 epochs, batches of 25, plain sgd / 20 轮，每批 25 张，普通 sgd")


@pytest.mark.exercise("FullyConnectedNet.overfit_three_layers")
@pytest.mark.parametrize("share", SHARES)
def test_three_layers_overfit(handed_in, share):
    """Three layers learn 50 images by heart in 20 epochs / 三层网络在 20 轮内记住 50 张图片"""
    _expect_learnt(handed_in, (100, 100), share)


@pytest.mark.exercise("FullyConnectedNet.overfit_five_layers")
@pytest.mark.parametrize("share", SHARES)
def test_five_layers_overfit(handed_in, share):
    """Five layers learn 50 images by heart in 20 epochs / 五层网络在 20 轮内记住 50 张图片"""
    _expect_learnt(handed_in, (100, 100, 100, 100), share)
