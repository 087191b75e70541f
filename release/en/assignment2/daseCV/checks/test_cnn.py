"""Visible checks of the convolutional networks."""

import numpy as np

from daseCV.checks import exercise
from daseCV.checks.test_fc_net import (
    FACTOR,
    expect_free_biases,
    expect_gradients,
    expect_linear_end,
    expect_parameters,
    expect_start,
    filled,
    penalty,
)
from daseCV.checks.test_tasks import SECONDS, cifar10, expect_accuracy, saved_model
from daseCV.compare import expect_close

BATCH = 100  # images at a time; all at once would need much memory
GOAL = 0.6  # of the validation images


def case(student, rng):
    """A small network in which everything, biases too, is random, and a batch."""
    sizes = {"input_dim": (2, 6, 6), "num_filters": 3, "filter_size": 3, "hidden_dim": 5}
    model = student.cnn.ThreeLayerConvNet(**sizes, num_classes=4, dtype=np.float64)
    params = {name: 0.5 * rng.normal(size=p.shape) for name, p in model.params.items()}
    return filled(model, params, 0.0), rng.normal(size=(3, 2, 6, 6)), rng.choice(4, size=3)


@exercise("ThreeLayerConvNet.__init__")
def test_conv_net_parameters(student, rng):
    """W1, b1 to W3, b3 are there, with the right shapes / W1、b1 到 W3、b3 齐全且形状正确"""
    model = student.cnn.ThreeLayerConvNet((3, 8, 8), num_filters=4, filter_size=5, hidden_dim=6)
    shapes = {"W1": (4, 3, 5, 5), "b1": (4,), "W2": (64, 6), "b2": (6,), "W3": (6, 10), "b3": (10,)}
    expect_parameters(model, shapes)


@exercise("ThreeLayerConvNet.__init__")
def test_conv_net_start(student, rng):
    """Weights are random of the right size, biases zero / 权重随机且大小合适，偏置为零"""
    net = student.cnn.ThreeLayerConvNet
    expect_start(net((3, 8, 8), 20, hidden_dim=60, num_classes=40, weight_scale=0.02), 0.02)


@exercise("ThreeLayerConvNet.loss")
def test_conv_net_initial_loss(student, rng):
    """A fresh network is as good as guessing / 未训练的网络相当于随机猜测"""
    model = student.cnn.ThreeLayerConvNet((3, 8, 8), num_filters=4, filter_size=3)
    loss, _ = model.loss(rng.normal(size=(20, 3, 8, 8)), rng.choice(10, size=20))
    hint = "the softmax loss of small scores is log(10) / 分数很小时 softmax 损失约为 log(10)"
    expect_close(loss, np.log(10), "loss", tol=1e-3, hint=hint)


@exercise("ThreeLayerConvNet.loss")
def test_conv_net_end(student, rng):
    """Scores may be negative / 分数可以为负"""
    model, X, _ = case(student, rng)
    expect_linear_end(model, "b3", X)


@exercise("ThreeLayerConvNet.loss")
def test_conv_net_relus(student, rng):
    """Filters and hidden units far below zero are silent / 远低于零的滤波器和隐藏单元没有输出"""
    model, X, _ = case(student, rng)
    hint = "a ReLU after the convolution, and after the hidden layer / 卷积层和隐藏层之后都有 ReLU"
    low = {**model.params, "b2": model.params["b2"] - 1000}
    scores = filled(model, low, 0.0).loss(X)
    expect_close(scores, np.tile(low["b3"], (3, 1)), "scores without hidden units", hint=hint)
    scores = filled(model, {**low, "b1": low["b1"] - 1000, "b2": low["b2"] + 1000}, 0.0).loss(X)
    expect_close(scores - scores[:1], np.zeros((3, 4)), "differences without filters", hint=hint)


@exercise("ThreeLayerConvNet.loss")
def test_conv_net_penalty(student, rng):
    """Regularisation adds half the sum of the squared weights / 正则项为权重平方和的一半"""
    model, X, y = case(student, rng)
    squares = sum(np.sum(model.params[name] ** 2) for name in ("W1", "W2", "W3"))
    added = penalty(model, dict(model.params), X, y)
    expect_close(added, squares / 2, "what reg=1 adds to the loss", tol=1e-6, hint=FACTOR)


@exercise("ThreeLayerConvNet.loss")
def test_conv_net_biases(student, rng):
    """Biases are not regularised / 偏置不做正则化"""
    expect_free_biases(*case(student, rng))


@exercise("ThreeLayerConvNet.loss")
def test_conv_net_gradients(student, rng):
    """Gradients without regularisation are numerically right / 无正则化时梯度与数值梯度一致"""
    hint = "from the last layer to the first, each its own cache / 从后往前，各用各的 cache"
    expect_gradients(*case(student, rng), hint)


@exercise("ThreeLayerConvNet.loss")
def test_conv_net_regularised_gradients(student, rng):
    """Gradients with regularisation are numerically right / 有正则化时梯度与数值梯度一致"""
    model, X, y = case(student, rng)
    model.reg = 0.7
    hint = "the penalty has a gradient too, for every W / 正则项对每个 W 也有梯度"
    expect_gradients(model, X, y, hint)


@exercise("BestConvNet.accuracy", seconds=3 * SECONDS)
def test_best_conv_net_accuracy(student, rng):
    """The saved network reaches 60 % on validation images / 保存的网络在验证集上达到 60%"""
    model = saved_model(student, "BestConvNet.accuracy", student.cnn.BestConvNet)
    data = cifar10(student)
    X, y = data["X_val"], data["y_val"]
    parts = [model.loss(X[i : i + BATCH]) for i in range(0, len(X), BATCH)]
    expect_accuracy(np.mean(np.argmax(np.concatenate(parts), axis=1) == y), GOAL)
