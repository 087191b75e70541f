"""Hidden checks of daseCV/layer_utils.py: layers joined in pairs."""

import pytest

from daseCV.compare import expect_close, expect_gradient
from daseCV.layer_utils import affine_relu_forward


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
