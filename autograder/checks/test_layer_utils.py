"""Hidden checks of daseCV/layer_utils.py: layers that are often used together, joined."""

from functools import partial

import pytest

from daseCV.compare import expect_close, expect_gradient
from daseCV.layer_utils import (
    affine_relu_forward,
    conv_bn_relu_forward,
    conv_relu_forward,
    conv_relu_pool_forward,
)

CONV = {"stride": 1, "pad": 1}
POOL = {"pool_height": 2, "pool_width": 2, "stride": 2}


@pytest.mark.exercise("affine_relu_forward")
def test_affine_relu_forward(student, rng):
    """The output is that of an affine layer and a ReLU / 输出等于仿射层接 ReLU"""
    x, w, b = rng.normal(size=(3, 2, 4)), rng.normal(size=(8, 5)), rng.normal(size=5)
    out, _ = student.layer_utils.affine_relu_forward(x, w, b)
    expect_close(out, affine_relu_forward(x, w, b)[0], name="out")


@pytest.mark.exercise("affine_relu_backward")
def test_affine_relu_backward(student, rng):
    """dx, dw and db agree with numerical gradients / dx、dw、db 与数值梯度一致"""
    x, w, b, dout = (rng.normal(size=s) for s in [(3, 2, 4), (8, 5), (5,), (3, 5)])
    _, cache = student.layer_utils.affine_relu_forward(x, w, b)
    dx, dw, db = student.layer_utils.affine_relu_backward(dout, cache)
    expect_gradient(dx, lambda v: affine_relu_forward(v, w, b)[0], x, dout, name="dx")
    expect_gradient(dw, lambda v: affine_relu_forward(x, v, b)[0], w, dout, name="dw")
    expect_gradient(db, lambda v: affine_relu_forward(x, w, v)[0], b, dout, name="db")


def _images(rng, **more):
    """Images, filters and biases by name, and more parameters with one number per filter."""
    shapes = {"x": (2, 3, 4, 4), "w": (2, 3, 3, 3), "b": (2,), **more}
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


def _expect_gradients(gradients, forward, inputs, dout):
    """Each gradient is the numerical one of the kit's forward pass, a function of the inputs."""
    for gradient, (name, value) in zip(gradients, inputs.items(), strict=True):

        def alone(v, name=name):
            return forward(**{**inputs, name: v})[0]

        expect_gradient(gradient, alone, value, dout, name=f"d{name}", tol=1e-5)


@pytest.mark.exercise("conv_relu_forward")
def test_conv_relu_forward(student, rng):
    """The output is that of a convolution and a ReLU / 输出等于卷积接 ReLU"""
    inputs = _images(rng)
    out, _ = student.layer_utils.conv_relu_forward(**inputs, conv_param=CONV)
    expect_close(out, conv_relu_forward(**inputs, conv_param=CONV)[0], name="out")


@pytest.mark.exercise("conv_relu_backward")
def test_conv_relu_backward(student, rng):
    """dx, dw and db agree with numerical gradients / dx、dw、db 与数值梯度一致"""
    inputs, dout = _images(rng), rng.normal(size=(2, 2, 4, 4))
    _, cache = student.layer_utils.conv_relu_forward(**inputs, conv_param=CONV)
    gradients = student.layer_utils.conv_relu_backward(dout, cache)
    _expect_gradients(gradients, partial(conv_relu_forward, conv_param=CONV), inputs, dout)


@pytest.mark.exercise("conv_bn_relu_forward")
def test_conv_bn_relu_forward(student, rng):
    """The output is that of convolution, batch norm and ReLU / 输出等于卷积、批归一化、ReLU"""
    inputs = _images(rng, gamma=(2,), beta=(2,))
    more = {"conv_param": CONV, "bn_param": {"mode": "train"}}
    out, _ = student.layer_utils.conv_bn_relu_forward(**inputs, **more)
    expect_close(out, conv_bn_relu_forward(**inputs, **more)[0], name="out", tol=1e-6)


@pytest.mark.exercise("conv_bn_relu_backward")
def test_conv_bn_relu_backward(student, rng):
    """The five gradients agree with numerical ones / 五个梯度与数值梯度一致"""
    inputs, dout = _images(rng, gamma=(2,), beta=(2,)), rng.normal(size=(2, 2, 4, 4))
    more = {"conv_param": CONV, "bn_param": {"mode": "train"}}
    _, cache = student.layer_utils.conv_bn_relu_forward(**inputs, **more)
    gradients = student.layer_utils.conv_bn_relu_backward(dout, cache)
    _expect_gradients(gradients, partial(conv_bn_relu_forward, **more), inputs, dout)


@pytest.mark.exercise("conv_relu_pool_forward")
def test_conv_relu_pool_forward(student, rng):
    """The output is that of convolution, ReLU and pooling / 输出等于卷积、ReLU、池化"""
    inputs, more = _images(rng), {"conv_param": CONV, "pool_param": POOL}
    out, _ = student.layer_utils.conv_relu_pool_forward(**inputs, **more)
    expect_close(out, conv_relu_pool_forward(**inputs, **more)[0], name="out")


@pytest.mark.exercise("conv_relu_pool_backward")
def test_conv_relu_pool_backward(student, rng):
    """dx, dw and db agree with numerical gradients / dx、dw、db 与数值梯度一致"""
    inputs, dout = _images(rng), rng.normal(size=(2, 2, 2, 2))
    more = {"conv_param": CONV, "pool_param": POOL}
    _, cache = student.layer_utils.conv_relu_pool_forward(**inputs, **more)
    gradients = student.layer_utils.conv_relu_pool_backward(dout, cache)
    _expect_gradients(gradients, partial(conv_relu_pool_forward, **more), inputs, dout)
