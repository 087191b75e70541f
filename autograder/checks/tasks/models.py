"""How a trained model is judged: whether its parameters fit, and its accuracy on new images."""

import numpy as np

from daseCV.classifiers import neural_net
from daseCV.compare import Mismatch, expect, expect_shape

MOST_UNITS = 1500  # in a hidden layer


def parameter(params, name, shape, dtype):
    """The parameter of that name in that dtype, when it has the shape and is finite."""
    value = params.get(name)
    expect(value is not None and value.dtype.kind == "f", f"{name} is missing / 缺少 {name}")
    expect_shape(value, shape, name)
    with np.errstate(over="ignore"):
        value = value.astype(dtype)
    finite = np.isfinite(value).all()
    expect(finite, f"{name} has entries that are nan or inf / {name} 含有 nan 或 inf")
    return value


def fitted(params, name, shape):
    """The parameter of that name in single precision, when it fits and is finite."""
    value = params.get(name)
    if value is not None and len(shape) == 1 and value.size == shape[0]:
        params = {name: value.ravel()}  # biases (1, H) broadcast too
    return parameter(params, name, shape, np.float32)


def two_layer_net(params, inputs):
    """The kit's network of `classifiers.neural_net` with these parameters, when they fit."""
    W1 = params.get("W1")
    matrix = W1 is not None and W1.ndim == 2
    expect(matrix, "W1 is no matrix / W1 不是矩阵")
    units = W1.shape[1]
    what = f"the hidden layer has {units} units, it should have 1 to {MOST_UNITS}"
    expect(1 <= units <= MOST_UNITS, f"{what} / 隐藏层有 {units} 个单元，应为 1 到 {MOST_UNITS} 个")
    shapes = {"W1": (inputs, units), "b1": (units,), "W2": (units, 10), "b2": (10,)}
    net = neural_net.TwoLayerNet(1, 1, 1)
    net.params = {name: fitted(params, name, shape) for name, shape in shapes.items()}
    return net


def expect_accuracy(predict, X, y, accuracy):
    """What `predict` makes of the images is right for that share of them, at least."""
    with np.errstate(all="ignore"):  # parameters of a diverged training may overflow
        found = [predict(X[i : i + 500]) for i in range(0, len(X), 500)]
    expect_reached(np.mean(np.concatenate(found) == y), accuracy)


def expect_reached(reached, accuracy):
    """That share of the images nobody tuned on was recognised, at least."""
    if reached < accuracy:
        what = "the accuracy on new images is too low / 在新图片上的准确率不够"
        raise Mismatch(what, f"it is {reached:.1%}, it should be at least {accuracy:.0%}")


def rows(images):
    """Images (N, 3, 32, 32) as the rows of assignment 1: (N, 3072), red, green, blue by pixel."""
    return images.transpose(0, 2, 3, 1).reshape(len(images), -1)
