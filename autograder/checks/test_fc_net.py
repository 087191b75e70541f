"""Hidden checks of daseCV/classifiers/fc_net.py: the two-layer network and that of any depth.

The switches for normalisation and dropout are judged in the notebooks that teach them.
"""

import itertools

import numpy as np
import pytest

from autograder.checks.arrays import row
from autograder.checks.networks import (
    L2,
    deep_networks,
    expect_gaussian,
    expect_gradients,
    expect_slopes,
    expect_spread,
    hint_of,
    randomise,
)
from daseCV.classifiers.fc_net import TwoLayerNet
from daseCV.compare import expect, expect_close, expect_shape

FLOAT32 = 1e-4  # tolerance where a student computes in single precision


def _expect_initial(params, shapes, scale):
    """Weights are draws with mean 0 and the scale as standard deviation; biases are zero."""
    for name, shape in shapes.items():
        expect(name in params, f"params has no {name} / params 中缺少 {name}")
        if name.startswith("W"):
            expect_shape(params[name], shape, name)
            expect_spread(params[name], scale, name)
        else:
            expect_shape(row(params[name]), shape, name)
            expect_close(np.sum(np.abs(params[name])), 0.0, name=f"sum(abs({name}))")


def _expect_numerical_gradients(student, net, kit, X, y):
    """Every gradient is there and agrees with the slope of the kit's loss."""
    grads = student.fetch(net.loss(X, y)[1])
    expect_slopes(grads, kit, X, y, kit.params, hint_of(kit))


# --- TwoLayerNet.__init__ ------------------------------------------------------------------------

TWO = {"W1": (90, 60), "b1": (60,), "W2": (60, 40), "b2": (40,)}


@pytest.mark.exercise("TwoLayerNet.__init__")
@pytest.mark.parametrize("layer", ["1", "2"])
def test_two_layer_start(student, layer):
    """Weights are random with the given spread, biases are zero / 权重按给定标准差随机，偏置为零"""
    net = student.fc_net.TwoLayerNet(90, 60, 40, weight_scale=1e-3)
    shapes = {name: shape for name, shape in TWO.items() if layer in name}
    _expect_initial(student.fetch(net.params), shapes, scale=1e-3)


@pytest.mark.exercise("TwoLayerNet.__init__")
def test_two_layer_weight_scale(student):
    """Another weight_scale gives another spread / weight_scale 改变时标准差随之改变"""
    net = student.fc_net.TwoLayerNet(90, 60, 40, weight_scale=0.3)
    _expect_initial(student.fetch(net.params), TWO, scale=0.3)


@pytest.mark.exercise("TwoLayerNet.__init__")
@pytest.mark.beyond
def test_two_layer_default_size(student):
    """By default it is made for CIFAR-10 / 默认尺寸适用于 CIFAR-10"""
    params = student.fetch(student.fc_net.TwoLayerNet().params)
    shapes = {"W1": (3072, 100), "b1": (100,), "W2": (100, 10), "b2": (10,)}
    for name, shape in shapes.items():
        expect_shape(params.get(name), shape, name)


@pytest.mark.exercise("TwoLayerNet.__init__")
@pytest.mark.beyond
def test_two_layer_gaussian(student):
    """The weights are Gaussian / 权重服从高斯分布"""
    params = student.fetch(student.fc_net.TwoLayerNet(90, 60, 40, weight_scale=0.3).params)
    for name in ("W1", "W2"):
        expect_gaussian(params[name], 0.3, name)


# --- TwoLayerNet.loss ----------------------------------------------------------------------------


def _two_layers(student, rng, N=5, reg=0.0):
    """A student's network and the kit's, N small images and their labels."""
    net, kit = student.fc_net.TwoLayerNet(12, 7, 4, reg=reg), TwoLayerNet(12, 7, 4, reg=reg)
    randomise(net, kit, rng, scale=0.7)
    return net, kit, rng.normal(size=(N, 3, 2, 2)), rng.choice(4, N)


@pytest.mark.exercise("TwoLayerNet.loss")
def test_two_layer_numbers(student):
    """Loss on the published example is right, with and without L2 / 公开示例上的损失正确"""
    net = student.fc_net.TwoLayerNet(input_dim=5, hidden_dim=50, num_classes=7)
    net.params["W1"], net.params["b1"] = _line(-0.7, 0.3, 5, 50), _line(-0.1, 0.9, 50)
    net.params["W2"], net.params["b2"] = _line(-0.3, 0.4, 50, 7), _line(-0.9, 0.1, 7)
    X, y = _line(-5.5, 4.5, 5, 3).T, np.array([0, 5, 1])
    expect_close(net.loss(X, y)[0], 3.4702243556, name="loss")  # TwoLayerNet.fixed_params
    net.reg = 1.0
    expect_close(net.loss(X, y)[0], 26.5948426952, name="loss with regularisation", hint=L2)


def _line(start, stop, *shape):
    return np.linspace(start, stop, num=int(np.prod(shape))).reshape(shape)


@pytest.mark.exercise("TwoLayerNet.loss")
def test_two_layer_scores(student, rng):
    """Without labels it returns the scores / 不给标签时返回得分"""
    net, kit, X, _ = _two_layers(student, rng)
    hint = "the last layer has no ReLU / 最后一层没有 ReLU"
    expect_close(net.loss(X), kit.loss(X), name="scores", hint=hint)


@pytest.mark.exercise("TwoLayerNet.loss")
@pytest.mark.parametrize("reg", [0.0, 0.6])
def test_two_layer_loss(student, rng, reg):
    """The loss is right, without and with regularisation / 有无正则化时损失均正确"""
    net, kit, X, y = _two_layers(student, rng, reg=reg)
    expect_close(net.loss(X, y)[0], kit.loss(X, y)[0], name="loss", hint=hint_of(kit))


@pytest.mark.exercise("TwoLayerNet.loss")
@pytest.mark.parametrize("reg", [0.0, 0.6])
def test_two_layer_gradients(student, rng, reg):
    """The gradients agree with numerical ones / 梯度与数值梯度一致"""
    net, kit, X, y = _two_layers(student, rng, reg=reg)
    _expect_numerical_gradients(student, net, kit, X, y)


@pytest.mark.exercise("TwoLayerNet.loss")
@pytest.mark.beyond
def test_two_layer_one_row(student, rng):
    """A batch of one works, with labels of any integers / 单个样本及其他整数类型的标签也能处理"""
    net, kit, X, y = _two_layers(student, rng, N=1, reg=0.3)
    expect_gradients(student, net, kit, X, y.astype(np.uint8))


@pytest.mark.exercise("TwoLayerNet.loss")
@pytest.mark.beyond
def test_two_layer_views(student, rng):
    """Images that are a view of others, in single precision, work too / 单精度的数组视图也正确"""
    net, kit, X, y = _two_layers(student, rng, reg=0.3)
    X = X.astype(np.float32)
    loss, grads = net.loss(student.view(X), y)
    expect_close(loss, kit.loss(X, y)[0], name="loss", tol=FLOAT32)
    expect_close(student.fetch(grads)["W1"], kit.loss(X, y)[1]["W1"], name="W1", tol=FLOAT32)


# --- FullyConnectedNet.__init__ ------------------------------------------------------------------


def _deep_shapes(*dims):
    weights = {f"W{i}": pair for i, pair in enumerate(itertools.pairwise(dims), 1)}
    return weights | {f"b{i}": dims[i : i + 1] for i in range(1, len(dims))}


@pytest.mark.exercise("FullyConnectedNet.__init__")
@pytest.mark.parametrize("hidden", [[70], [70, 60], [60, 70, 50, 60]])
def test_deep_start(student, hidden):
    """Weights are random with the given spread, biases are zero / 权重按给定标准差随机，偏置为零"""
    net = student.fc_net.FullyConnectedNet(hidden, 80, 50, weight_scale=0.05, dtype=np.float64)
    _expect_initial(student.fetch(net.params), _deep_shapes(80, *hidden, 50), scale=0.05)


@pytest.mark.exercise("FullyConnectedNet.__init__")
def test_deep_dtype(student):
    """Parameters have the given dtype, and there are no more / 参数类型符合 dtype，且没有多余"""
    for dtype in (np.float32, np.float64):
        net = student.fc_net.FullyConnectedNet([6, 5], 4, 3, dtype=dtype)
        params, names = student.fetch(net.params), set(_deep_shapes(4, 6, 5, 3))
        expect(set(params) == names, "params has other names / params 中的名称不对")
        right = all(value.dtype == dtype for value in params.values())
        expect(right, "a parameter has another dtype than asked for / 参数的 dtype 不对")


@pytest.mark.exercise("FullyConnectedNet.__init__")
@pytest.mark.beyond
@pytest.mark.parametrize("hidden", [(), (6,), (6, 5, 7)])
def test_deep_shapes(student, hidden):
    """Hidden sizes may be a tuple, even an empty one / 隐藏层尺寸可以是元组，也可以为空"""
    params = student.fetch(student.fc_net.FullyConnectedNet(hidden, 4, 3).params)
    for name, shape in _deep_shapes(4, *hidden, 3).items():
        expect_shape(params.get(name), shape, name)


@pytest.mark.exercise("FullyConnectedNet.__init__")
@pytest.mark.beyond
def test_deep_gaussian(student):
    """The weights are Gaussian / 权重服从高斯分布"""
    net = student.fc_net.FullyConnectedNet([60, 70], 80, 50, weight_scale=0.3)
    params = student.fetch(net.params)
    for name in ("W1", "W2", "W3"):
        expect_gaussian(params[name], 0.3, name)


# --- FullyConnectedNet.loss ----------------------------------------------------------------------


@pytest.mark.exercise("FullyConnectedNet.loss")
@pytest.mark.parametrize("reg", [0.0, 3.14])
def test_deep_numbers(student, reg):
    """The loss on the published example is right / 公开示例上的损失正确"""
    X, y, weights = _published(model=1 if reg else 0)
    net = student.fc_net.FullyConnectedNet([20, 30], 15, 10, reg=reg, dtype=np.float64)
    for i, value in enumerate(weights, 1):
        net.params[f"W{i}"], net.params[f"b{i}"] = value, np.zeros(value.shape[1])
    right = 7.052114776533016 if reg else 2.300479089768492  # FullyConnectedNet.initial_loss
    expect_close(net.loss(X, y)[0], right, name="loss", tol=1e-9, hint=L2 if reg else "")


def _published(model):
    """Images, labels and the weights of the first or second model, in the order of the draws."""
    state, shapes = np.random.RandomState(231), [(15, 20), (20, 30), (30, 10)]
    X, y = state.randn(2, 15), state.randint(10, size=2)
    models = [[5e-2 * state.randn(*shape) for shape in shapes] for _ in range(2)]
    return X, y, models[model]


@pytest.mark.exercise("FullyConnectedNet.loss")
def test_deep_scores(student, rng):
    """Without labels it returns the scores / 不给标签时返回得分"""
    net, kit, X, _ = deep_networks(student, rng, depth=3)
    hint = "the last layer has no ReLU, the others have / 只有最后一层没有 ReLU"
    expect_close(net.loss(X), kit.loss(X), name="scores", hint=hint)


@pytest.mark.exercise("FullyConnectedNet.loss")
@pytest.mark.parametrize("depth", [2, 3, 5])
def test_deep_loss(student, rng, depth):
    """The loss with regularisation is right / 含正则化的损失正确"""
    net, kit, X, y = deep_networks(student, rng, depth, reg=0.6)
    expect_close(net.loss(X, y)[0], kit.loss(X, y)[0], name="loss", hint=L2)


@pytest.mark.exercise("FullyConnectedNet.loss")
@pytest.mark.parametrize("depth", [2, 3, 5])
def test_deep_gradients(student, rng, depth):
    """The gradients with regularisation are right / 含正则化的梯度正确"""
    net, kit, X, y = deep_networks(student, rng, depth, reg=0.6)
    expect_gradients(student, net, kit, X, y)


@pytest.mark.exercise("FullyConnectedNet.loss")
def test_deep_numerical_gradients(student, rng):
    """Without regularisation the gradients agree with numerical ones / 无正则化时与数值梯度一致"""
    net, kit, X, y = deep_networks(student, rng, depth=3)
    _expect_numerical_gradients(student, net, kit, X, y)


@pytest.mark.exercise("FullyConnectedNet.loss")
@pytest.mark.beyond
@pytest.mark.parametrize("depth", [1, 4])
def test_deep_other_depths(student, rng, depth):
    """One layer and four layers work too, on a batch of one / 一层、四层以及单个样本也正确"""
    net, kit, X, y = deep_networks(student, rng, depth, N=1, reg=0.3)
    expect_gradients(student, net, kit, X, y)


@pytest.mark.exercise("FullyConnectedNet.loss")
@pytest.mark.beyond
def test_deep_float32(student, rng):
    """Single precision, views and other integers work too / 单精度、视图、其他整数类型也正确"""
    net, kit, X, y = deep_networks(student, rng, depth=3, reg=0.3, dtype=np.float32)
    loss, grads = net.loss(student.view(X), y.astype(np.int32))
    expect_close(loss, kit.loss(X, y)[0], name="loss", tol=FLOAT32)
    expect_close(student.fetch(grads)["W1"], kit.loss(X, y)[1]["W1"], name="W1", tol=1e-3)
