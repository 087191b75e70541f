"""Visible checks of the normalisation of images, with the numbers that the notebook shows."""

import numpy as np

from daseCV.checks import exercise
from daseCV.compare import expect, expect_close, expect_gradient, expect_shape

# Source of the numbers: the ConvolutionalNetworks notebook (CS231n, DaSE 2021), inputs by seed 231.
BATCH_STDS, SCALED_STDS = (
    [0.99999962, 0.99999951, 0.9999996],
    [2.99999885, 3.99999804, 4.99999798],
)
GROUP_STDS = [0.99999963, 0.99999948, 0.99999973, 0.99999968]
NOISE = 1e-6  # where epsilon goes changes the last digits
AXES = (0, 2, 3)
ORDER = "move the channels to the end before you reshape / 先把通道移到最后再 reshape"


def batch(rng, channels=3):
    """Images, scale and shift of each channel, and an upstream gradient."""
    x = 5 * rng.normal(size=(2, channels, 4, 5)) + 12
    return x, rng.normal(size=channels), rng.normal(size=channels), rng.normal(size=x.shape)


def groups(rng):
    """The same for group normalisation: scale and shift are (1, 6, 1, 1)."""
    x, gamma, beta, dout = batch(rng, channels=6)
    return x, gamma.reshape(1, 6, 1, 1), beta.reshape(1, 6, 1, 1), dout


def expect_gradients(gradients, forward, inputs, dout, hint):
    """dx, dgamma and dbeta are the numerical gradients of the student's forward pass."""
    for i, name in enumerate(("dx", "dgamma", "dbeta")):

        def alone(v, i=i):
            return forward(*inputs[:i], v, *inputs[i + 1 :])[0]

        expect_gradient(gradients[i], alone, inputs[i], dout, name, tol=1e-5, hint=hint)


@exercise("spatial_batchnorm_forward")
def test_spatial_batchnorm_published(student, rng):
    """In training each channel has mean 0, deviation 1 / 训练时每个通道均值为 0、标准差为 1"""
    x = 4 * np.random.RandomState(231).randn(2, 3, 4, 5) + 10
    layer = student.layers.spatial_batchnorm_forward
    out, _ = layer(x, np.ones(3), np.zeros(3), {"mode": "train"})
    expect_shape(out, x.shape, "out")
    expect_close(out.mean(axis=AXES), np.zeros(3), "the mean of each channel", hint=ORDER)
    expect_close(out.std(axis=AXES), BATCH_STDS, "the deviation of each channel", NOISE, ORDER)


@exercise("spatial_batchnorm_forward")
def test_spatial_batchnorm_scaled(student, rng):
    """gamma and beta scale and shift each channel / gamma 和 beta 缩放、平移每个通道"""
    x, gamma, beta = 4 * np.random.RandomState(231).randn(2, 3, 4, 5) + 10, [3, 4, 5], [6, 7, 8]
    layer = student.layers.spatial_batchnorm_forward
    out, _ = layer(x, np.asarray(gamma), np.asarray(beta), {"mode": "train"})
    expect_shape(out, x.shape, "out")
    expect_close(out.mean(axis=AXES), beta, "the mean of each channel", NOISE, ORDER)
    expect_close(out.std(axis=AXES), SCALED_STDS, "the deviation of each channel", NOISE, ORDER)


@exercise("spatial_batchnorm_forward")
def test_spatial_batchnorm_places(student, rng):
    """Every pixel stays in its place / 每个像素都在原来的位置"""
    x, _, _, _ = batch(rng)
    layer = student.layers.spatial_batchnorm_forward
    out, _ = layer(x, np.ones(3), np.zeros(3), {"mode": "train"})
    right = (x - x.mean(AXES, keepdims=True)) / x.std(AXES, keepdims=True)
    expect_close(out, right, "out", tol=1e-5, hint="undo the order of the axes / 把轴的次序还原")


@exercise("spatial_batchnorm_forward")
def test_spatial_batchnorm_running(student, rng):
    """Running averages are kept in training and used in test / 训练时更新滑动平均，测试时使用"""
    x, gamma, beta, _ = batch(rng)
    bn_param = {"mode": "train", "momentum": 0.0}  # the averages are those of the last batch
    trained, _ = student.layers.spatial_batchnorm_forward(x, gamma, beta, bn_param)
    expect("running_mean" in bn_param, "bn_param has no running_mean / bn_param 缺少 running_mean")
    bn_param["mode"] = "test"
    tested, _ = student.layers.spatial_batchnorm_forward(x, gamma, beta, bn_param)
    hint = "pass bn_param on, mode and all / 把 bn_param 原样传下去"
    expect_close(tested, trained, "out in test mode", NOISE, hint)


@exercise("spatial_batchnorm_backward")
def test_spatial_batchnorm_gradients(student, rng):
    """dx, dgamma and dbeta agree with numerical gradients / dx、dgamma、dbeta 与数值梯度一致"""
    x, gamma, beta, dout = batch(rng)

    def forward(*inputs):
        return student.layers.spatial_batchnorm_forward(*inputs, {"mode": "train"})

    _, cache = forward(x, gamma, beta)
    gradients = student.layers.spatial_batchnorm_backward(dout.copy(), cache)
    expect_gradients(gradients, forward, (x, gamma, beta), dout, hint=ORDER)


@exercise("spatial_groupnorm_forward")
def test_groupnorm_published(student, rng):
    """Each group of an image has mean 0, deviation 1 / 图片的每个组均值为 0、标准差为 1"""
    x = 4 * np.random.RandomState(231).randn(2, 6, 4, 5) + 10
    ones, zeros = np.ones((1, 6, 1, 1)), np.zeros((1, 6, 1, 1))
    out, _ = student.layers.spatial_groupnorm_forward(x, ones, zeros, 2, {"mode": "train"})
    expect_shape(out, x.shape, "out")
    rows = out.reshape(4, -1)  # neighbouring channels are one group
    hint = "over three neighbouring channels and all pixels / 取自三个相邻通道的所有像素"
    expect_close(rows.mean(axis=1), np.zeros(4), "the mean of each group", hint=hint)
    expect_close(rows.std(axis=1), GROUP_STDS, "the deviation of each group", NOISE, hint)


@exercise("spatial_groupnorm_forward")
def test_groupnorm_places(student, rng):
    """Every channel stays in its place / 每个通道都在原来的位置"""
    x, gamma, beta, _ = groups(rng)
    layer = student.layers.spatial_groupnorm_forward
    out, _ = layer(x, np.ones_like(gamma), np.zeros_like(beta), 2, {})
    first = x[0, :3]  # the first group of the first image
    right = (first - first.mean()) / first.std()
    expect_shape(out, x.shape, "out")
    expect_close(out[0, :3], right, "out[0, :3]", 1e-5, "channels 0, 1, 2 / 通道 0、1、2 为一组")


@exercise("spatial_groupnorm_forward")
def test_groupnorm_scaled(student, rng):
    """gamma and beta scale and shift each channel / gamma 和 beta 缩放、平移每个通道"""
    x, gamma, beta, _ = groups(rng)
    layer = student.layers.spatial_groupnorm_forward
    plain, _ = layer(x, np.ones_like(gamma), np.zeros_like(beta), 2, {})
    out, _ = layer(x, gamma, beta, 2, {})
    hint = "they are of shape (1, C, 1, 1), as they come / 它们的形状就是 (1, C, 1, 1)"
    expect_close(out, gamma * plain + beta, "out", hint=hint)


@exercise("spatial_groupnorm_backward")
def test_groupnorm_shapes(student, rng):
    """dgamma and dbeta have the shape of gamma and beta / dgamma、dbeta 与 gamma、beta 形状相同"""
    x, gamma, beta, dout = groups(rng)
    _, cache = student.layers.spatial_groupnorm_forward(x, gamma, beta, 2, {})
    dx, dgamma, dbeta = student.layers.spatial_groupnorm_backward(dout, cache)
    hint = "keepdims=True keeps the axes / keepdims=True 可以保留各轴"
    expect_shape(dx, x.shape, "dx")
    expect_shape(dgamma, (1, 6, 1, 1), "dgamma", hint=hint)
    expect_shape(dbeta, (1, 6, 1, 1), "dbeta", hint=hint)


@exercise("spatial_groupnorm_backward")
def test_groupnorm_gradients(student, rng):
    """dx, dgamma and dbeta agree with numerical gradients / dx、dgamma、dbeta 与数值梯度一致"""
    x, gamma, beta, dout = groups(rng)

    def forward(*inputs):
        return student.layers.spatial_groupnorm_forward(*inputs, 2, {})

    _, cache = forward(x, gamma, beta)
    gradients = student.layers.spatial_groupnorm_backward(dout.copy(), cache)
    hint = "mean and variance of a group depend on x / 组的均值和方差也依赖于 x"
    expect_gradients(gradients, forward, (x, gamma, beta), dout, hint)
