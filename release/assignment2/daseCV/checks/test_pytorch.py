"""Visible checks of PyTorch.ipynb: functions, classes and models as the notebook has them."""

import copy

import numpy as np

from daseCV.checks import exercise
from daseCV.checks.work import expect_accuracy, saved_parameters
from daseCV.compare import expect, expect_close
from daseCV.datasets.folder import kind_of

TARGETS = {  # of the validation images: on CIFAR-10, and on the stand-in, which is soon through
    "PyTorch.barebones": (0.42, 0.20),
    "PyTorch.module_api": (0.45, 0.20),
    "PyTorch.sequential_api": (0.55, 0.20),
    "PyTorch.open_ended": (0.70, 0.50),
}
LAYERS = "convolution, ReLU, convolution, ReLU, linear; no softmax / 卷积、ReLU 各两次，再线性层"
AGAIN = "run all cells of this part again / 重新运行这一部分的所有单元格"


def numbers(*shape):
    """Numbers that are the same everywhere, in no order that a network could profit from."""
    place = np.arange(np.prod(shape), dtype=float).reshape(shape)
    return np.sin(place**2 + 0.5).astype(np.float32)


def weights(*shape):
    """Such numbers, of the size that weights have."""
    return numbers(*shape) * np.float32(np.sqrt(2 / np.prod(shape[1:])))


@exercise("PyTorch.three_layer_convnet", live=True)
def test_three_layer_convnet(student, rng):
    """Two images of 6 x 8 get the right scores / 两张 6×8 的图片得分正确"""
    params = [weights(4, 3, 5, 5), numbers(4), weights(5, 4, 3, 3), numbers(5)]
    params += [weights(3, 5 * 6 * 8).T, numbers(3)]
    function = student.notebook.three_layer_convnet
    scores = student.pytorch.scores(function, numbers(2, 3, 6, 8), params)
    right = [[1.3198238, 0.4189429, -0.4618756], [1.4267414, 0.4568987, -0.8183562]]
    expect_close(scores, np.array(right), "scores", tol=1e-4, hint=LAYERS)


def parameters(student, *sizes):
    """The parameters of a new ThreeLayerConvNet, as the notebook makes it."""
    return student.pytorch.parameters(student.notebook.ThreeLayerConvNet(*sizes))


@exercise("PyTorch.ThreeLayerConvNet.__init__", live=True)
def test_module_parameters(student, rng):
    """It has 170,906 parameters in six arrays / 参数共 170,906 个，分为六个数组"""
    found = parameters(student, 3, 32, 16, 10)
    count = sum(value.size for value in found.values())
    expect(count == 170_906, f"it has {count:,} parameters, not 170,906 / 参数个数是 {count:,}")
    expect(len(found) == 6, "it wants three layers with biases / 应有三层，各有权重和偏置")


@exercise("PyTorch.ThreeLayerConvNet.__init__", live=True)
def test_module_initialisation(student, rng):
    """Weights are Kaiming-initialised, biases are 0 / 权重用 Kaiming 初始化，偏置为 0"""
    hint = "nn.init.kaiming_normal_(layer.weight), nn.init.zeros_(layer.bias)"
    for name, value in parameters(student, 3, 32, 16, 10).items():
        wanted = np.sqrt(2 / value[0].size) if value.ndim > 1 else 0
        off = f"{name} starts with a spread of {value.std():.3f}, it should be {wanted:.3f}"
        expect(abs(value.std() - wanted) <= 0.1 * wanted, f"{off} / {name} 的初始标准差不对", hint)
        expect(value.ndim > 1 or not value.any(), f"{name} is not 0 / {name} 的初始值不是 0", hint)


@exercise("PyTorch.ThreeLayerConvNet.forward", live=True)
def test_module_forward(student, rng):
    """Two images of 32 x 32 get the right scores / 两张 32×32 的图片得分正确"""
    model = student.notebook.ThreeLayerConvNet(4, 6, 5, 7)
    shapes = {name: value.shape for name, value in student.pytorch.parameters(model).items()}
    known = {name: numbers(*s) if len(s) == 1 else weights(*s) for name, s in shapes.items()}
    student.pytorch.load_parameters(model, known)
    scores = student.pytorch.scores(model, numbers(2, 4, 32, 32))
    expect_close(scores, np.array(FORWARD), "scores", tol=1e-4, hint=LAYERS)


FORWARD = [
    [0.1784551, 0.568832, -0.834162, -0.5089623, -0.9722797, 0.4171867, -1.3527015],
    [0.0546182, -0.4916249, -0.8417088, -0.0120187, -0.6313392, -0.1677627, -1.4198804],
]


def expect_validated(student, name, model, params):
    """A network gets enough of the validation images right."""
    folder = student.data_utils.data_folder()
    X, y = student.data_utils.load_CIFAR_batch(folder / student.data_utils.TRAINING_FILES[-1])
    X = student.pytorch.normalize(X[-1000:].transpose(0, 3, 1, 2))
    found = student.pytorch.scores(model, X, params).argmax(axis=1)
    expect_accuracy(np.mean(found == y[-1000:]), TARGETS[name][kind_of(folder) == "stand-in"])


def expect_model(student, name):
    """The notebook's model, with the parameters that were saved, is good enough."""
    params = saved_parameters(student, name).params
    model = copy.deepcopy(student.notebook.model)
    try:
        student.pytorch.load_parameters(model, params)
    except (ValueError, AttributeError):
        other = "model is another one than was saved / model 与保存的模型不符"
        expect(False, other, AGAIN)
    expect_validated(student, name, model, None)


@exercise("PyTorch.barebones", live=True)
def test_barebones(student, rng):
    """What was saved recognises validation images / 保存的参数能识别验证集图片"""
    params = saved_parameters(student, "PyTorch.barebones").params
    values = [params[name] for name in sorted(params)]
    expect_validated(student, "PyTorch.barebones", student.notebook.three_layer_convnet, values)


@exercise("PyTorch.module_api", live=True)
def test_module_api(student, rng):
    """What was saved recognises validation images / 保存的模型能识别验证集图片"""
    expect_model(student, "PyTorch.module_api")


@exercise("PyTorch.sequential_api", live=True)
def test_sequential_api(student, rng):
    """What was saved recognises validation images / 保存的模型能识别验证集图片"""
    expect_model(student, "PyTorch.sequential_api")


@exercise("PyTorch.open_ended", live=True)
def test_open_ended(student, rng):
    """What was saved recognises validation images / 保存的模型能识别验证集图片"""
    expect_model(student, "PyTorch.open_ended")
