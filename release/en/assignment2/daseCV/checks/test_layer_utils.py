"""Visible checks of the joined layers."""

from daseCV.checks import exercise
from daseCV.compare import expect_close, expect_gradient


def case(rng):
    """A batch, weights, biases and an upstream gradient."""
    x, w, b = rng.normal(size=(2, 3, 4)), rng.normal(size=(12, 10)), rng.normal(size=10)
    return x, w, b, rng.normal(size=(2, 10))


@exercise("affine_relu_forward")
def test_affine_relu_is_both(student, rng):
    """The output is what the two layers give one after the other / out 等于两层依次作用的结果"""
    x, w, b, _ = case(rng)
    out, _ = student.layer_utils.affine_relu_forward(x, w, b)
    scores, _ = student.layers.affine_forward(x, w, b)
    expect_close(out, student.layers.relu_forward(scores)[0], "out")


@exercise("affine_relu_backward")
def test_affine_relu_gradients(student, rng):
    """dx, dw and db agree with numerical gradients / dx、dw、db 与数值梯度一致"""
    x, w, b, dout = case(rng)
    forward = student.layer_utils.affine_relu_forward
    dx, dw, db = student.layer_utils.affine_relu_backward(dout.copy(), forward(x, w, b)[1])
    hint = "affine_backward and relu_backward first / 先检查 affine_backward 和 relu_backward"
    expect_gradient(dx, lambda v: forward(v, w, b)[0], x, dout, "dx", hint=hint)
    expect_gradient(dw, lambda v: forward(x, v, b)[0], w, dout, "dw", hint=hint)
    expect_gradient(db, lambda v: forward(x, w, v)[0], b, dout, "db", hint=hint)
