"""Hidden checks of daseCV/layers.py: the affine layer, the ReLU and the two losses."""

import numpy as np
import pytest

from autograder.checks.arrays import expect_unchanged, row
from daseCV.compare import expect, expect_close, expect_gradient, expect_shape
from daseCV.layers import affine_forward, relu_forward, softmax_loss, svm_loss

FLOAT32 = 1e-4  # tolerance where a student computes in single precision


# --- affine_forward ------------------------------------------------------------------------------


@pytest.mark.exercise("affine_forward")
def test_affine_forward_numbers(student):
    """The output on the published example is right / 公开示例上的输出正确"""
    x = np.linspace(-0.1, 0.5, num=240).reshape(2, 4, 5, 6)
    w, b = np.linspace(-0.2, 0.3, num=360).reshape(120, 3), np.linspace(-0.3, 0.1, num=3)
    out, _ = student.layers.affine_forward(x, w, b)
    right = [[1.49834967, 1.70660132, 1.91485297], [3.25553199, 3.5141327, 3.77273342]]
    expect_close(out, right, name="out")  # affine_forward.linspace


@pytest.mark.exercise("affine_forward")
def test_affine_forward_images(student, rng):
    """Images are flattened row by row / 图像按行展平"""
    x, w, b = rng.normal(size=(4, 3, 2, 5)), rng.normal(size=(30, 6)), rng.normal(size=6)
    out, _ = student.layers.affine_forward(x, w, b)
    expect_close(out, affine_forward(x, w, b)[0], name="out")


@pytest.mark.exercise("affine_forward")
def test_affine_forward_bias(student, rng):
    """The biases are added to every row / 每一行都加上偏置"""
    b = rng.normal(size=7)
    out, _ = student.layers.affine_forward(np.zeros((3, 2, 2)), np.ones((4, 7)), b)
    expect_close(out, np.tile(b, (3, 1)), name="out", hint="x is zero here / 此处 x 全为零")


@pytest.mark.exercise("affine_forward")
@pytest.mark.beyond
@pytest.mark.parametrize("shape", [(1, 6), (5, 6), (1, 2, 1, 3)])
def test_affine_forward_other_shapes(student, rng, shape):
    """Rows that are flat already, and a batch of one, work too / 已展平的输入、单个样本也能处理"""
    x, w, b = rng.normal(size=shape), rng.normal(size=(6, 3)), rng.normal(size=3)
    out, _ = student.layers.affine_forward(x, w, b)
    expect_close(out, affine_forward(x, w, b)[0], name="out")


@pytest.mark.exercise("affine_forward")
@pytest.mark.beyond
def test_affine_forward_views(student, rng):
    """Arrays that are views of others work too / 传入数组视图时也正确"""
    x, w, b = rng.normal(size=(3, 2, 4)), rng.normal(size=(8, 5)), rng.normal(size=5)
    out, _ = student.layers.affine_forward(student.view(x), student.view(w), student.view(b))
    expect_close(out, affine_forward(x, w, b)[0], name="out")


@pytest.mark.exercise("affine_forward")
@pytest.mark.beyond
def test_affine_forward_float32(student, rng):
    """Single precision works too / 单精度输入也正确"""
    x, w, b = (rng.normal(size=s).astype(np.float32) for s in [(3, 2, 4), (8, 5), (5,)])
    out, _ = student.layers.affine_forward(x, w, b)
    expect_close(out, affine_forward(x, w, b)[0], name="out", tol=FLOAT32)


@pytest.mark.exercise("affine_forward")
@pytest.mark.beyond
def test_affine_forward_leaves_arguments(student, rng):
    """x, w and b are left as they are / 不改变 x、w、b"""
    given = rng.normal(size=(3, 2, 4)), rng.normal(size=(8, 5)), rng.normal(size=5)
    _, after = student.call("layers.affine_forward", *given, after=[0, 1, 2])
    expect_unchanged("xwb", given, after)


# --- affine_backward -----------------------------------------------------------------------------


def _affine_gradients(student, rng, shape=(4, 3, 5), units=7):
    """Inputs x, w, b, an upstream gradient, and the student's three gradients."""
    x, w = rng.normal(size=shape), rng.normal(size=(int(np.prod(shape[1:])), units))
    b, dout = rng.normal(size=units), rng.normal(size=(shape[0], units))
    _, cache = student.layers.affine_forward(x, w, b)
    return x, w, b, dout, student.layers.affine_backward(dout, cache)


@pytest.mark.exercise("affine_backward")
def test_affine_backward_numbers(student):
    """The gradients on the published example are right / 公开示例上的梯度正确"""
    draw = np.random.RandomState(231).randn
    x, w, b, dout = draw(10, 2, 3), draw(6, 5), draw(5), draw(10, 5)
    dx, dw, db = student.layers.affine_backward(dout, student.layers.affine_forward(x, w, b)[1])
    right = [57.42392428918911, -11.822525611355509, -16.064436461825814]
    for name, gradient, of, total in zip("xwb", (dx, dw, row(db)), (x, w, b), right, strict=True):
        expect_shape(gradient, of.shape, name=f"d{name}")  # affine_backward.gradcheck
        expect_close(np.sum(gradient), total, name=f"sum(d{name})")


@pytest.mark.exercise("affine_backward")
def test_affine_backward_dx(student, rng):
    """dx agrees with the numerical gradient / dx 与数值梯度一致"""
    x, w, b, dout, (dx, _, _) = _affine_gradients(student, rng)
    expect_gradient(dx, lambda v: affine_forward(v, w, b)[0], x, dout, name="dx")


@pytest.mark.exercise("affine_backward")
def test_affine_backward_dw(student, rng):
    """dw agrees with the numerical gradient / dw 与数值梯度一致"""
    x, w, b, dout, (_, dw, _) = _affine_gradients(student, rng)
    expect_gradient(dw, lambda v: affine_forward(x, v, b)[0], w, dout, name="dw")


@pytest.mark.exercise("affine_backward")
def test_affine_backward_db(student, rng):
    """db agrees with the numerical gradient / db 与数值梯度一致"""
    x, w, b, dout, (_, _, db) = _affine_gradients(student, rng)
    hint = "every example adds to it / 每个样本都有贡献"
    expect_gradient(row(db), lambda v: affine_forward(x, w, v)[0], b, dout, name="db", hint=hint)


@pytest.mark.exercise("affine_backward")
@pytest.mark.beyond
@pytest.mark.parametrize("shape", [(1, 6), (5, 6), (1, 2, 1, 3)])
def test_affine_backward_other_shapes(student, rng, shape):
    """Rows that are flat already, and a batch of one, work too / 已展平的输入、单个样本也能处理"""
    x, w, b, dout, (dx, dw, db) = _affine_gradients(student, rng, shape, units=3)
    expect_gradient(dx, lambda v: affine_forward(v, w, b)[0], x, dout, name="dx")
    expect_gradient(dw, lambda v: affine_forward(x, v, b)[0], w, dout, name="dw")
    expect_gradient(db, lambda v: affine_forward(x, w, v)[0], b, dout, name="db")


@pytest.mark.exercise("affine_backward")
@pytest.mark.beyond
def test_affine_backward_views(student, rng):
    """Arrays that are views of others work too / 传入数组视图时也正确"""
    x, w, b, dout = (rng.normal(size=s) for s in [(3, 2, 4), (8, 5), (5,), (3, 5)])
    _, cache = student.layers.affine_forward(student.view(x), student.view(w), b)
    dx, dw, _ = student.layers.affine_backward(student.view(dout), cache)
    expect_gradient(dx, lambda v: affine_forward(v, w, b)[0], x, dout, name="dx")
    expect_gradient(dw, lambda v: affine_forward(x, v, b)[0], w, dout, name="dw")


@pytest.mark.exercise("affine_backward")
@pytest.mark.beyond
def test_affine_backward_float32(student, rng):
    """Single precision works too / 单精度输入也正确"""
    shapes = [(3, 2, 4), (8, 5), (5,), (3, 5)]
    x, w, b, dout = (rng.normal(size=s).astype(np.float32) for s in shapes)
    dx, dw, _ = student.layers.affine_backward(dout, student.layers.affine_forward(x, w, b)[1])
    wide = w.astype(float)  # the numerical gradient needs double precision
    expect_gradient(dx, lambda v: affine_forward(v, wide, b)[0], x, dout, name="dx", tol=FLOAT32)
    expect_gradient(dw, lambda v: affine_forward(x, v, b)[0], w, dout, name="dw", tol=FLOAT32)


# --- relu_forward --------------------------------------------------------------------------------


@pytest.mark.exercise("relu_forward")
def test_relu_forward_numbers(student):
    """The output on the published example is right / 公开示例上的输出正确"""
    out, _ = student.layers.relu_forward(np.linspace(-0.5, 0.5, num=12).reshape(3, 4))
    right = [[0, 0, 0, 0], [0, 0, 1 / 22, 3 / 22], [5 / 22, 7 / 22, 9 / 22, 11 / 22]]
    expect_close(out, right, name="out")  # relu_forward.linspace


@pytest.mark.exercise("relu_forward")
def test_relu_forward_random(student, rng):
    """Negative entries become zero and the others pass / 负数变为零，其余不变"""
    x = rng.normal(scale=10.0, size=(5, 8))
    out, _ = student.layers.relu_forward(x)
    expect_close(out, relu_forward(x)[0], name="out")


@pytest.mark.exercise("relu_forward")
@pytest.mark.beyond
@pytest.mark.parametrize("shape", [(7,), (2, 3, 1, 5)])
def test_relu_forward_other_shapes(student, rng, shape):
    """Any shape works, views too / 任意形状及数组视图都能处理"""
    x = rng.normal(size=shape)
    out, _ = student.layers.relu_forward(student.view(x))
    expect_close(out, relu_forward(x)[0], name="out")


@pytest.mark.exercise("relu_forward")
@pytest.mark.beyond
def test_relu_forward_float32(student, rng):
    """Single precision stays single precision / 单精度输入得到单精度输出"""
    x = rng.normal(size=(4, 5)).astype(np.float32)
    out, _ = student.layers.relu_forward(x)
    expect_close(out, relu_forward(x)[0], name="out")
    expect(out.dtype == x.dtype, "out has another dtype than x / out 的 dtype 与 x 不同")


@pytest.mark.exercise("relu_forward")
@pytest.mark.beyond
def test_relu_forward_leaves_arguments(student, rng):
    """x is left as it is / 不改变 x"""
    x = rng.normal(size=(4, 5))
    _, (after,) = student.call("layers.relu_forward", x, after=[0])
    expect_close(after, x, name="x after the call", tol=0.0)


# --- relu_backward -------------------------------------------------------------------------------


def _relu_gradient(student, x, dout):
    return student.layers.relu_backward(dout, student.layers.relu_forward(x)[1])


@pytest.mark.exercise("relu_backward")
def test_relu_backward_numbers(student):
    """The gradient on the published example is right / 公开示例上的梯度正确"""
    draw = np.random.RandomState(231).randn
    dx = _relu_gradient(student, draw(10, 10), draw(10, 10))
    expect_shape(dx, (10, 10), name="dx")  # relu_backward.gradcheck, gradient_fingerprint
    expect_close(np.sum(dx), -13.339206539276203, name="sum(dx)")
    expect_close(np.linalg.norm(dx), 7.243887112813203, name="norm(dx)")


@pytest.mark.exercise("relu_backward")
def test_relu_backward_random(student, rng):
    """dx agrees with the numerical gradient / dx 与数值梯度一致"""
    x, dout = rng.normal(size=(6, 7)), rng.normal(size=(6, 7))
    dx = _relu_gradient(student, x, dout)
    expect_gradient(dx, lambda v: relu_forward(v)[0], x, dout, name="dx")


@pytest.mark.exercise("relu_backward")
def test_relu_backward_stops(student, rng):
    """No gradient passes where the input was negative / 输入为负处梯度为零"""
    x, dout = -rng.uniform(1.0, 2.0, size=(3, 4)), rng.normal(size=(3, 4))
    expect_close(_relu_gradient(student, x, dout), np.zeros((3, 4)), name="dx")


@pytest.mark.exercise("relu_backward")
@pytest.mark.beyond
@pytest.mark.parametrize("shape", [(7,), (2, 3, 1, 5)])
def test_relu_backward_other_shapes(student, rng, shape):
    """Any shape works, views too / 任意形状及数组视图都能处理"""
    x, dout = rng.normal(size=shape), rng.normal(size=shape)
    dx = _relu_gradient(student, student.view(x), student.view(dout))
    expect_gradient(dx, lambda v: relu_forward(v)[0], x, dout, name="dx")


@pytest.mark.exercise("relu_backward")
@pytest.mark.beyond
def test_relu_backward_float32(student, rng):
    """Single precision works too / 单精度输入也正确"""
    x, dout = (rng.normal(size=(4, 5)).astype(np.float32) for _ in "12")
    dx = _relu_gradient(student, x, dout)
    expect_gradient(dx, lambda v: relu_forward(v)[0], x, dout, name="dx", tol=FLOAT32)


# --- svm_loss and softmax_loss -------------------------------------------------------------------


def _published_scores():
    """Scores and labels of svm_loss.seed231 and softmax_loss.seed231."""
    state = np.random.RandomState(231)
    return 0.001 * state.randn(50, 10), state.randint(10, size=50)


@pytest.mark.exercise("svm_loss")
def test_svm_loss_numbers(student):
    """The loss on the published example is right / 公开示例上的损失正确"""
    loss, _ = student.layers.svm_loss(*_published_scores())
    expect_close(loss, 8.999602749096233, name="loss", tol=1e-9)  # svm_loss.seed231


@pytest.mark.exercise("svm_loss")
def test_svm_loss_random(student, rng):
    """Loss and gradient are right when some margins are met / 部分间隔已满足时损失与梯度正确"""
    x, y = rng.normal(scale=3.0, size=(8, 5)), rng.choice(5, 8)
    loss, dx = student.layers.svm_loss(x, y)
    expect_close(loss, svm_loss(x, y)[0], name="loss")
    expect_gradient(dx, lambda v: svm_loss(v, y)[0], x, 1.0, name="dx")


@pytest.mark.exercise("svm_loss")
@pytest.mark.beyond
@pytest.mark.parametrize("dtype", [np.int32, np.uint8])
def test_svm_loss_one_row(student, rng, dtype):
    """A batch of one works, and labels may be any integers / 单个样本、各种整数类型的标签均可"""
    x, y = rng.normal(scale=3.0, size=(1, 4)), np.array([2], dtype=dtype)
    loss, dx = student.layers.svm_loss(x, y)
    expect_close(loss, svm_loss(x, y)[0], name="loss")
    expect_gradient(dx, lambda v: svm_loss(v, y)[0], x, 1.0, name="dx")


@pytest.mark.exercise("softmax_loss")
def test_softmax_loss_numbers(student):
    """The loss on the published example is right / 公开示例上的损失正确"""
    loss, _ = student.layers.softmax_loss(*_published_scores())
    expect_close(loss, 2.3025458445007376, name="loss", tol=1e-9)  # softmax_loss.seed231


@pytest.mark.exercise("softmax_loss")
def test_softmax_loss_random(student, rng):
    """Loss and gradient are right on other scores / 其他得分上损失与梯度正确"""
    x, y = rng.normal(scale=2.0, size=(8, 5)), rng.choice(5, 8)
    loss, dx = student.layers.softmax_loss(x, y)
    expect_close(loss, softmax_loss(x, y)[0], name="loss")
    expect_gradient(dx, lambda v: softmax_loss(v, y)[0], x, 1.0, name="dx")


@pytest.mark.exercise("softmax_loss")
@pytest.mark.beyond
def test_softmax_loss_large_scores(student):
    """Large scores overflow nothing / 得分很大时也不溢出"""
    x = np.array([[1000.0, 0.0, -1000.0], [1000.0, 0.0, -1000.0]])
    loss, dx = student.layers.softmax_loss(x, np.array([0, 0]))
    expect_close(loss, 0.0, name="loss")  # softmax_loss.overflow, where every form is finite
    expect_close(dx, np.zeros((2, 3)), name="dx")


@pytest.mark.exercise("softmax_loss")
@pytest.mark.beyond
@pytest.mark.parametrize("dtype", [np.int32, np.uint8])
def test_softmax_loss_one_row(student, rng, dtype):
    """A batch of one works, and labels may be any integers / 单个样本、各种整数类型的标签均可"""
    x, y = rng.normal(size=(1, 4)), np.array([2], dtype=dtype)
    loss, dx = student.layers.softmax_loss(x, y)
    expect_close(loss, softmax_loss(x, y)[0], name="loss")
    expect_gradient(dx, lambda v: softmax_loss(v, y)[0], x, 1.0, name="dx")
