"""Hidden checks of PyTorch.ipynb: the three-layer network, as a function and as a module.

Both are compared with NumPy layers of the kit. A module may name its layers as it likes: its
parameters are told apart by their shapes.
"""

import numpy as np
import pytest

from daseCV.compare import expect, expect_close
from daseCV.fast_layers import conv_forward_fast

FLOAT32 = 1e-4  # tolerance where a network computes in single precision
SIZES = (4, 6, 5, 7)  # in_channel, channel_1, channel_2, num_classes: no two the same
HINT = "convolution, ReLU, convolution, ReLU, linear; no softmax / 卷积、ReLU 各两次，再线性层"


def _convolution(x, w, b, pad):
    out, _ = conv_forward_fast(x, w, b, {"stride": 1, "pad": pad})
    return out


def _network(x, params, pads=(2, 1)):
    """Scores of the three-layer network, in double precision."""
    w1, b1, w2, b2, fc_w, fc_b = (np.asarray(value, np.float64) for value in params)
    hidden = np.maximum(_convolution(np.asarray(x, np.float64), w1, b1, pads[0]), 0)
    hidden = np.maximum(_convolution(hidden, w2, b2, pads[1]), 0)
    return hidden.reshape(len(x), -1) @ fc_w + fc_b


def _weights(rng, shape, fan_in):
    return (rng.normal(size=shape) * np.sqrt(2 / fan_in)).astype(np.float32)


def _params(rng, inputs, kernels=(5, 3)):
    """Random parameters of a network with 4 and 5 filters and 3 classes, for images H x W."""
    (channels, height, width), (k1, k2) = inputs, kernels
    height, width = height + 2 * 3 + 2 - k1 - k2, width + 2 * 3 + 2 - k1 - k2
    return [
        _weights(rng, (4, channels, k1, k1), channels * k1 * k1),
        rng.normal(size=4).astype(np.float32),
        _weights(rng, (5, 4, k2, k2), 4 * k2 * k2),
        rng.normal(size=5).astype(np.float32),
        _weights(rng, (5 * height * width, 3), 5 * height * width),
        rng.normal(size=3).astype(np.float32),
    ]


def _images(rng, *shape):
    return rng.normal(size=shape).astype(np.float32)


# --- three_layer_convnet -------------------------------------------------------------------------


def _expect_scores(student, notebook, x, params):
    found = student.pytorch.scores(notebook.three_layer_convnet, x, params)
    expect_close(found, _network(x, params), "scores", tol=FLOAT32, hint=HINT)


@pytest.mark.exercise("PyTorch.three_layer_convnet")
def test_function_without_biases(student, notebook, rng):
    """With biases at 0 the scores are those of the network / 偏置为 0 时得分正确"""
    x, params = _images(rng, 4, 3, 8, 8), _params(rng, (3, 8, 8))
    params[1::2] = [0 * bias for bias in params[1::2]]
    _expect_scores(student, notebook, x, params)


@pytest.mark.exercise("PyTorch.three_layer_convnet")
def test_function_with_biases(student, notebook, rng):
    """Every bias is added / 每个偏置都加上了"""
    x, params = _images(rng, 4, 3, 8, 8), _params(rng, (3, 8, 8))
    _expect_scores(student, notebook, x, params)


@pytest.mark.exercise("PyTorch.three_layer_convnet")
def test_function_on_cifar_images(student, notebook, rng):
    """Images of CIFAR-10's size are taken / 能处理 CIFAR-10 大小的图片"""
    x, params = _images(rng, 2, 3, 32, 32), _params(rng, (3, 32, 32))
    _expect_scores(student, notebook, x, params)


@pytest.mark.exercise("PyTorch.three_layer_convnet")
@pytest.mark.beyond
@pytest.mark.parametrize("inputs", [(3, 6, 9), (1, 7, 5)])
def test_function_on_other_images(student, notebook, rng, inputs):
    """Oblong images and other numbers of channels are taken / 支持非正方形图片和其他通道数"""
    x, params = _images(rng, 3, *inputs), _params(rng, inputs)
    _expect_scores(student, notebook, x, params)


@pytest.mark.exercise("PyTorch.three_layer_convnet")
@pytest.mark.beyond
def test_function_with_other_kernels(student, notebook, rng):
    """The paddings stay 2 and 1 whatever the kernels are / 无论卷积核多大，填充都是 2 和 1"""
    x, params = _images(rng, 2, 3, 8, 8), _params(rng, (3, 8, 8), kernels=(3, 5))
    _expect_scores(student, notebook, x, params)


# --- ThreeLayerConvNet ---------------------------------------------------------------------------

# What a layer of another size than asked for may have: the kit computes with it.
MOST_WEIGHTS, MOST_UNITS, LARGEST_KERNEL = 1_000_000, 40, 11
OTHER = "it has other layers than two convolutions and a linear one / 层不是两个卷积加一个线性层"


def _parameters(student, model):
    """Parameters of a module by name: arrays, and no more numbers than can be tried."""
    found = student.fetch(student.pytorch.parameters(model))
    expect(all(isinstance(value, np.ndarray) for value in found.values()), OTHER)
    expect(sum(value.size for value in found.values()) <= MOST_WEIGHTS, OTHER)
    return found


def _read(student, model, in_channel):
    """Parameters of a module as those of the function: w1, b1, w2, b2, fc_w, fc_b."""
    found = list(_parameters(student, model).values())
    kernels = sorted((v for v in found if v.ndim == 4), key=lambda v: v.shape[1] != in_channel)
    matrices = [value for value in found if value.ndim == 2]
    expect(len(kernels) == 2 and len(matrices) == 1, OTHER)
    units = [n for value in (*kernels, *matrices) for n in value.shape[: value.ndim // 2]]
    expect(max(units) <= MOST_UNITS, OTHER)
    expect(max(n for value in kernels for n in value.shape[2:]) <= LARGEST_KERNEL, OTHER)
    outputs = [value.shape[0] for value in (*kernels, *matrices)]
    biases = [next((v for v in found if v.shape == (n,)), np.zeros(n)) for n in outputs]
    return [kernels[0], biases[0], kernels[1], biases[1], matrices[0].T, biases[2]]


def _shapes(channels, first, second, classes):
    """Shapes of the parameters, whatever their names and order."""
    shapes = [(first, channels, 5, 5), (first,), (second, first, 3, 3), (second,)]
    return sorted([*shapes, (classes, second * 32 * 32), (classes,)])


@pytest.mark.exercise("PyTorch.ThreeLayerConvNet.__init__")
def test_module_has_the_parameters(student, notebook):
    """It has two convolutions and a linear layer of the right sizes / 层的种类和尺寸正确"""
    for sizes in ((3, 32, 16, 10), SIZES):
        found = _parameters(student, notebook.ThreeLayerConvNet(*sizes))
        same = sorted(value.shape for value in found.values()) == _shapes(*sizes)
        what = "its parameters have other shapes than those of the three layers"
        expect(same, f"{what} / 参数的形状与三层网络不符")


@pytest.mark.exercise("PyTorch.ThreeLayerConvNet.__init__")
def test_module_starts_as_kaiming_says(student, notebook):
    """Weights start with standard deviation sqrt(2 / fan_in) / 权重初始标准差为 sqrt(2 / fan_in)"""
    params = _read(student, notebook.ThreeLayerConvNet(3, 32, 16, 10), 3)
    for name, value in zip(("conv 1", "conv 2", "fc"), params[::2], strict=True):
        fan_in = len(value) if value.ndim == 2 else value[0].size
        ratio = value.std() / np.sqrt(2 / fan_in)
        what = f"the weights of {name} have another spread / {name} 的权重标准差不对"
        hint = "nn.init.kaiming_normal_(layer.weight)"
        expect(0.9 < ratio < 1.1 and abs(value.mean()) < 0.2 * value.std(), what, hint)


@pytest.mark.exercise("PyTorch.ThreeLayerConvNet.__init__")
def test_module_starts_with_zero_biases(student, notebook):
    """Biases start at 0 / 偏置从 0 开始"""
    for bias in _read(student, notebook.ThreeLayerConvNet(*SIZES), SIZES[0])[1::2]:
        hint = "PyTorch starts them at random / PyTorch 默认随机初始化偏置"
        expect(not bias.any(), "a bias is not 0 at the start / 有偏置的初始值不是 0", hint)


def _expect_forward(student, model, rng, images=2, biases=0):
    """The module computes what its own parameters say, whatever it starts with."""
    params = _parameters(student, model)
    fan_in = {name: max(np.atleast_1d(value)[:1].size, 2) for name, value in params.items()}
    others = {n: _weights(rng, v.shape, fan_in[n]) for n, v in params.items()}
    others |= {n: biases * value for n, value in others.items() if value.ndim == 1}
    student.pytorch.load_parameters(model, others)
    found = _parameters(student, model)
    taken = all(np.array_equal(found.get(name), value) for name, value in others.items())
    expect(taken, "it has other parameters than it was given / 它的参数不是给定的参数")
    x, params = _images(rng, images, SIZES[0], 32, 32), _read(student, model, SIZES[0])
    pads = [params[0].shape[2] // 2, params[2].shape[2] // 2]  # of other kernels: paid for once
    found = student.pytorch.scores(model, x)
    expect_close(found, _network(x, params, pads), "scores", tol=FLOAT32, hint=HINT)


@pytest.mark.exercise("PyTorch.ThreeLayerConvNet.forward")
def test_module_forward(student, notebook, rng):
    """With biases at 0 the scores are those of the network / 偏置为 0 时得分正确"""
    _expect_forward(student, notebook.ThreeLayerConvNet(*SIZES), rng)


@pytest.mark.exercise("PyTorch.ThreeLayerConvNet.forward")
def test_module_forward_with_biases(student, notebook, rng):
    """Every bias is added / 每个偏置都加上了"""
    _expect_forward(student, notebook.ThreeLayerConvNet(*SIZES), rng, biases=1)


@pytest.mark.exercise("PyTorch.ThreeLayerConvNet.forward")
@pytest.mark.beyond
def test_module_forward_on_one_image(student, notebook, rng):
    """A batch of one image gives one row of scores / 一张图片的批次得到一行得分"""
    _expect_forward(student, notebook.ThreeLayerConvNet(*SIZES), rng, images=1)
