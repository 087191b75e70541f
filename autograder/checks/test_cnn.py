"""Hidden checks of daseCV/classifiers/cnn.py: the three-layer convolutional network.

The network of a student's own design is judged by its scores, in the tasks.
"""

import numpy as np
import pytest

from autograder.checks.networks import (
    expect_gaussian,
    expect_gradients,
    expect_slopes,
    expect_spread,
    hint_of,
    randomise,
)
from daseCV.classifiers.cnn import ThreeLayerConvNet
from daseCV.compare import expect, expect_close, expect_shape

FLOAT32 = 1e-3  # tolerance where a student computes in single precision


# --- ThreeLayerConvNet.__init__ ------------------------------------------------------------------

SIZES = {"input_dim": (2, 8, 8), "num_filters": 30, "filter_size": 7, "hidden_dim": 70}
WEIGHTS = {"W1": (30, 2, 7, 7), "W2": (480, 70), "W3": (70, 40)}
SHAPES = {**WEIGHTS, "b1": (30,), "b2": (70,), "b3": (40,)}


def _start(student, **arguments):
    """Parameters of a fresh network, by value."""
    sizes = {**SIZES, "num_classes": 40, **arguments}
    return student.fetch(student.cnn.ThreeLayerConvNet(**sizes).params)


@pytest.mark.exercise("ThreeLayerConvNet.__init__")
@pytest.mark.parametrize("layer", "123")
def test_conv_net_start(student, layer):
    """Weights are random with the given spread, biases are zero / 权重按给定标准差随机，偏置为零"""
    params = _start(student, weight_scale=0.02)
    W, b = params.get(f"W{layer}"), params.get(f"b{layer}")
    expect_shape(W, SHAPES[f"W{layer}"], name=f"W{layer}")
    expect_shape(b, SHAPES[f"b{layer}"], name=f"b{layer}")
    expect_spread(W, 0.02, name=f"W{layer}")
    expect_close(np.sum(np.abs(b)), 0.0, name=f"sum(abs(b{layer}))")


@pytest.mark.exercise("ThreeLayerConvNet.__init__")
def test_conv_net_shapes(student):
    """Every parameter is there, in its shape / 每个参数都在，且形状正确"""
    params = _start(student)
    expect(set(params) == set(SHAPES), "params has other names / params 中的名称不对")
    for name, shape in SHAPES.items():
        hint = "pooling halves height and width / 池化使高和宽减半" if name == "W2" else ""
        expect_shape(params[name], shape, name, hint=hint)


@pytest.mark.exercise("ThreeLayerConvNet.__init__")
@pytest.mark.beyond
def test_conv_net_oblong(student):
    """Height and width of the images may differ / 图片的高和宽可以不同"""
    params = _start(student, input_dim=(3, 6, 4), num_filters=5, filter_size=3)
    expect_shape(params.get("W1"), (5, 3, 3, 3), "W1")
    expect_shape(params.get("W2"), (30, 70), "W2")


@pytest.mark.exercise("ThreeLayerConvNet.__init__")
@pytest.mark.beyond
def test_conv_net_gaussian(student):
    """The weights are Gaussian / 权重服从高斯分布"""
    params = _start(student, weight_scale=0.3, dtype=np.float64)
    for name in WEIGHTS:
        expect_gaussian(params[name], 0.3, name)


# --- ThreeLayerConvNet.loss ----------------------------------------------------------------------


def _networks(student, rng, N=3, input_dim=(2, 6, 6), filter_size=3, reg=0.0, dtype=np.float64):
    """The student's network and the kit's, of the same random parameters; images and labels."""
    sizes = {"input_dim": input_dim, "num_filters": 3, "filter_size": filter_size}
    options = {**sizes, "hidden_dim": 5, "num_classes": 4, "reg": reg, "dtype": dtype}
    mine, theirs = ThreeLayerConvNet(**options), student.cnn.ThreeLayerConvNet(**options)
    randomise(theirs, mine, rng, scale=0.5)
    return theirs, mine, rng.normal(size=(N, *input_dim)), rng.choice(4, N)


@pytest.mark.exercise("ThreeLayerConvNet.loss")
def test_conv_net_initial_loss(student):
    """The loss of a fresh network is that of guessing / 未训练网络的损失相当于随机猜测"""
    net = student.cnn.ThreeLayerConvNet(input_dim=(3, 8, 8), num_filters=4, filter_size=3)
    state = np.random.RandomState(231)
    X, y = state.randn(20, 3, 8, 8), state.randint(10, size=20)
    hint = "the logarithm of the number of classes / 等于类别数的对数"
    expect_close(net.loss(X, y)[0], np.log(10), name="loss", tol=1e-3, hint=hint)


@pytest.mark.exercise("ThreeLayerConvNet.loss")
def test_conv_net_scores(student, rng):
    """Without labels it returns the scores / 不给标签时返回得分"""
    net, kit, X, _ = _networks(student, rng)
    hint = "conv, ReLU, pool, affine, ReLU, affine / 卷积、ReLU、池化、仿射、ReLU、仿射"
    expect_close(net.loss(X), kit.loss(X), name="scores", hint=hint)


@pytest.mark.exercise("ThreeLayerConvNet.loss")
@pytest.mark.parametrize("reg", [0.0, 0.6])
def test_conv_net_loss(student, rng, reg):
    """The loss is right, without and with regularisation / 有无正则化时损失均正确"""
    net, kit, X, y = _networks(student, rng, reg=reg)
    expect_close(net.loss(X, y)[0], kit.loss(X, y)[0], name="loss", hint=hint_of(kit))


@pytest.mark.exercise("ThreeLayerConvNet.loss")
@pytest.mark.parametrize("layer", "123")
def test_conv_net_gradients(student, rng, layer):
    """The gradients of a layer agree with numerical ones / 每层的梯度与数值梯度一致"""
    net, kit, X, y = _networks(student, rng)
    grads = student.fetch(net.loss(X, y)[1])
    expect_slopes(grads, kit, X, y, [f"W{layer}", f"b{layer}"])


@pytest.mark.exercise("ThreeLayerConvNet.loss")
@pytest.mark.beyond
def test_conv_net_regularised_gradients(student, rng):
    """The gradients with regularisation are right / 含正则化的梯度正确"""
    expect_gradients(student, *_networks(student, rng, reg=0.6))


@pytest.mark.exercise("ThreeLayerConvNet.loss")
@pytest.mark.beyond
@pytest.mark.parametrize(("input_dim", "filter_size"), [((3, 4, 6), 3), ((2, 6, 6), 1)])
def test_conv_net_geometry(student, rng, input_dim, filter_size):
    """Oblong images and other filters work, on a batch of one / 长方形图片、其他滤波器也正确"""
    sizes = {"N": 1, "input_dim": input_dim, "filter_size": filter_size}
    net, kit, X, y = _networks(student, rng, reg=0.3, **sizes)
    expect_gradients(student, net, kit, X, y.astype(np.uint8))


@pytest.mark.exercise("ThreeLayerConvNet.loss")
@pytest.mark.beyond
def test_conv_net_float32_views(student, rng):
    """Views in single precision work too / 单精度的数组视图也正确"""
    net, kit, X, y = _networks(student, rng, reg=0.3, dtype=np.float32)
    loss, grads = net.loss(student.view(X), y)
    expect_close(loss, kit.loss(X, y)[0], name="loss", tol=FLOAT32)
    grads, (_, right) = student.fetch(grads), kit.loss(X, y)
    expect_close(grads["W1"], right["W1"], name="grads['W1']", tol=FLOAT32)
