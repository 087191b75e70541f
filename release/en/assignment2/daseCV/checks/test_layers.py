"""Visible checks of the layers, with the numbers that the notebook shows."""

import numpy as np

from daseCV.checks import exercise
from daseCV.compare import expect_close, expect_gradient, expect_shape

# Source of the numbers: the FullyConnectedNets notebook (CS231n, DaSE 2021), inputs by linspace or
# seed 231.
AFFINE_OUT = [[1.49834967, 1.70660132, 1.91485297], [3.25553199, 3.5141327, 3.77273342]]
RELU_OUT = [
    [0.0, 0.0, 0.0, 0.0],
    [0.0, 0.0, 0.04545455, 0.13636364],
    [0.22727273, 0.31818182, 0.40909091, 0.5],
]
SVM_LOSS, SOFTMAX_LOSS = 8.999602749096233, 2.3025458445007376


def affine_case(rng):
    """A batch of three-dimensional examples, weights, biases and an upstream gradient."""
    x, w, b = rng.normal(size=(10, 2, 3)), rng.normal(size=(6, 5)), rng.normal(size=5)
    return x, w, b, rng.normal(size=(10, 5))


def published_scores():
    """Scores and labels of the notebook's cell on losses: x (50, 10), y (50,)."""
    stream = np.random.RandomState(231)
    return 0.001 * stream.randn(50, 10), stream.randint(10, size=50)


@exercise("affine_forward")
def test_affine_shape(student, rng):
    """The output has a row for each example / 输出的每行对应一个样本"""
    x, w, b, _ = affine_case(rng)
    out, _ = student.layers.affine_forward(x, w, b)
    hint = "make each example one row before it meets w / 先把每个样本展平成一行"
    expect_shape(out, (10, 5), "out", hint=hint)


@exercise("affine_forward")
def test_affine_published(student, rng):
    """The output agrees with the published numbers / 输出与公布的数值一致"""
    x = np.linspace(-0.1, 0.5, num=240).reshape(2, 4, 5, 6)
    w = np.linspace(-0.2, 0.3, num=360).reshape(120, 3)
    out, _ = student.layers.affine_forward(x, w, np.linspace(-0.3, 0.1, num=3))
    hint = "is b added? is each example one row? / 加上 b 了吗？每个样本是一行吗？"
    expect_close(out, AFFINE_OUT, "out", hint=hint)


@exercise("affine_backward")
def test_affine_backward_shapes(student, rng):
    """dx, dw and db have the shapes of x, w and b / dx、dw、db 与 x、w、b 形状相同"""
    x, w, b, dout = affine_case(rng)
    _, cache = student.layers.affine_forward(x, w, b)
    dx, dw, db = student.layers.affine_backward(dout, cache)
    hint = "the cache holds x as it came, not flattened / cache 里是原来的 x，不是展平后的"
    expect_shape(dx, x.shape, "dx", hint=hint)
    expect_shape(dw, w.shape, "dw")
    expect_shape(db, b.shape, "db", hint="one number for each bias / 每个偏置对应一个数")


@exercise("affine_backward")
def test_affine_backward_dx(student, rng):
    """The gradient dx agrees with the numerical gradient / dx 与数值梯度一致"""
    x, w, b, dout = affine_case(rng)
    forward = student.layers.affine_forward
    dx, _, _ = student.layers.affine_backward(dout.copy(), forward(x, w, b)[1])
    hint = "dx depends on dout and w only / dx 只由 dout 和 w 决定"
    expect_gradient(dx, lambda v: forward(v, w, b)[0], x, dout, "dx", hint=hint)


@exercise("affine_backward")
def test_affine_backward_dw(student, rng):
    """The gradient dw agrees with the numerical gradient / dw 与数值梯度一致"""
    x, w, b, dout = affine_case(rng)
    forward = student.layers.affine_forward
    _, dw, _ = student.layers.affine_backward(dout.copy(), forward(x, w, b)[1])
    hint = "dw sums over the batch, it is no mean / dw 对整个批次求和，而不是求平均"
    expect_gradient(dw, lambda v: forward(x, v, b)[0], w, dout, "dw", hint=hint)


@exercise("affine_backward")
def test_affine_backward_db(student, rng):
    """The gradient db agrees with the numerical gradient / db 与数值梯度一致"""
    x, w, b, dout = affine_case(rng)
    forward = student.layers.affine_forward
    _, _, db = student.layers.affine_backward(dout.copy(), forward(x, w, b)[1])
    hint = "db sums over the batch, it is no mean / db 对整个批次求和，而不是求平均"
    expect_gradient(db, lambda v: forward(x, w, v)[0], b, dout, "db", hint=hint)


@exercise("relu_forward")
def test_relu_published(student, rng):
    """The output agrees with the published numbers / 输出与公布的数值一致"""
    x = np.linspace(-0.5, 0.5, num=12).reshape(3, 4)
    out, _ = student.layers.relu_forward(x)
    hint = "negative entries become zero, the others stay / 负数变为零，其余不变"
    expect_close(out, RELU_OUT, "out", tol=1e-6, hint=hint)


@exercise("relu_forward")
def test_relu_any_shape(student, rng):
    """An input of any shape keeps its shape / 任意形状的输入，输出形状不变"""
    x = rng.normal(size=(2, 3, 4, 5))
    out, _ = student.layers.relu_forward(x)
    expect_shape(out, x.shape, "out")


@exercise("relu_backward")
def test_relu_backward_numerical(student, rng):
    """The gradient dx agrees with the numerical gradient / dx 与数值梯度一致"""
    x, dout = rng.normal(size=(10, 10)), rng.normal(size=(10, 10))
    dx = student.layers.relu_backward(dout.copy(), student.layers.relu_forward(x)[1])
    hint = "the upstream gradient dout must pass, not x / 要传递的是上游梯度 dout，而不是 x"
    expect_gradient(dx, lambda v: student.layers.relu_forward(v)[0], x, dout, "dx", hint=hint)


@exercise("relu_backward")
def test_relu_backward_negative(student, rng):
    """No gradient passes where the input is negative / 输入为负处没有梯度通过"""
    x, dout = rng.uniform(-2, -1, size=(4, 5)), rng.normal(size=(4, 5))
    dx = student.layers.relu_backward(dout, student.layers.relu_forward(x)[1])
    hint = "dx is zero there, neither x nor dout / 此处 dx 为零，既不是 x 也不是 dout"
    expect_close(dx, np.zeros((4, 5)), "dx", hint=hint)


@exercise("relu_backward")
def test_relu_backward_positive(student, rng):
    """The gradient passes unchanged where the input is positive / 输入为正处梯度原样通过"""
    x, dout = rng.uniform(2, 3, size=(4, 5)), rng.normal(size=(4, 5))
    dx = student.layers.relu_backward(dout.copy(), student.layers.relu_forward(x)[1])
    hint = "the size of x does not matter, only its sign / 只与 x 的符号有关，与大小无关"
    expect_close(dx, dout, "dx", hint=hint)


@exercise("svm_loss")
def test_svm_loss_published(student, rng):
    """The loss agrees with the published number / 损失与公布的数值一致"""
    x, y = published_scores()
    loss, _ = student.layers.svm_loss(x, y)
    hint = "the margin is 1, and the loss is a mean over the batch / 间隔为 1，损失对批次取平均"
    expect_close(loss, SVM_LOSS, "loss", hint=hint)


@exercise("svm_loss")
def test_svm_loss_gradient(student, rng):
    """The gradient dx agrees with the numerical gradient / dx 与数值梯度一致"""
    x, y = published_scores()
    _, dx = student.layers.svm_loss(x.copy(), y)
    hint = "divided by the size of the batch, like the loss? / 像损失一样除以批次大小了吗？"
    expect_gradient(dx, lambda v: student.layers.svm_loss(v, y)[0], x, 1.0, "dx", hint=hint)


@exercise("softmax_loss")
def test_softmax_loss_published(student, rng):
    """The loss agrees with the published number / 损失与公布的数值一致"""
    x, y = published_scores()
    loss, _ = student.layers.softmax_loss(x, y)
    hint = "natural logarithm, a mean over the batch / 自然对数，对批次取平均"
    expect_close(loss, SOFTMAX_LOSS, "loss", hint=hint)


@exercise("softmax_loss")
def test_softmax_loss_gradient(student, rng):
    """The gradient dx agrees with the numerical gradient / dx 与数值梯度一致"""
    x, y = published_scores()
    _, dx = student.layers.softmax_loss(x.copy(), y)
    hint = "divided by the size of the batch, like the loss? / 像损失一样除以批次大小了吗？"
    expect_gradient(dx, lambda v: student.layers.softmax_loss(v, y)[0], x, 1.0, "dx", hint=hint)


@exercise("softmax_loss")
def test_softmax_loss_large_scores(student, rng):
    """Large scores do not overflow / 分数很大时不会溢出"""
    x = np.array([[1000.0, 0.0, -1000.0], [1000.0, 0.0, -1000.0]])
    loss, dx = student.layers.softmax_loss(x, np.array([0, 0]))
    hint = "subtract the largest score of each row first / 先减去每行的最大分数"
    expect_close(loss, 0.0, "loss", hint=hint)
    expect_close(dx, np.zeros((2, 3)), "dx", hint=hint)
