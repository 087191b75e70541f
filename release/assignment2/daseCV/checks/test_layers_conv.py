"""Visible checks of convolution and max pooling, with the numbers that the notebook shows."""

import numpy as np

from daseCV.checks import exercise
from daseCV.compare import expect_close, expect_gradient, expect_shape

# Source of the numbers: the ConvolutionalNetworks notebook (CS231n, DaSE 2021), inputs by linspace.
CONV_OUT = [
    [
        [[-0.08759809, -0.10987781], [-0.18387192, -0.2109216]],
        [[0.21027089, 0.21661097], [0.22847626, 0.23004637]],
        [[0.50813986, 0.54309974], [0.64082444, 0.67101435]],
    ],
    [
        [[-0.98053589, -1.03143541], [-1.19128892, -1.24695841]],
        [[0.69108355, 0.66880383], [0.59480972, 0.56776003]],
        [[2.36270298, 2.36904306], [2.38090835, 2.38247847]],
    ],
]
POOL_OUT = [
    [
        [[-0.26315789, -0.24842105], [-0.20421053, -0.18947368]],
        [[-0.14526316, -0.13052632], [-0.08631579, -0.07157895]],
        [[-0.02736842, -0.01263158], [0.03157895, 0.04631579]],
    ],
    [
        [[0.09052632, 0.10526316], [0.14947368, 0.16421053]],
        [[0.20842105, 0.22315789], [0.26736842, 0.28210526]],
        [[0.32631579, 0.34105263], [0.38526316, 0.4]],
    ],
]
SAME = {"stride": 1, "pad": 1}
POOL = {"pool_height": 2, "pool_width": 2, "stride": 2}


def conv_case(rng, stride=1):
    """Images, filters, biases, an upstream gradient, and stride and padding."""
    x, w, b = rng.normal(size=(2, 3, 5, 5)), rng.normal(size=(2, 3, 3, 3)), rng.normal(size=2)
    side = 1 + 4 // stride
    return x, w, b, rng.normal(size=(2, 2, side, side)), {"stride": stride, "pad": 1}


def conv_gradients(student, case):
    """The student's gradients."""
    x, w, b, dout, conv_param = case
    _, cache = student.layers.conv_forward_naive(x, w, b, conv_param)
    return student.layers.conv_backward_naive(dout.copy(), cache)


@exercise("conv_forward_naive")
def test_conv_shape(student, rng):
    """The output has a channel for each filter / 输出的每个通道对应一个滤波器"""
    x, w, b, _, _ = conv_case(rng)
    out, _ = student.layers.conv_forward_naive(x, w, b, {"stride": 2, "pad": 1})
    hint = "H' = 1 + (H + 2 * pad - HH) // stride, for the width alike / 宽度同理"
    expect_shape(out, (2, 2, 3, 3), "out", hint=hint)


@exercise("conv_forward_naive")
def test_conv_published(student, rng):
    """The output agrees with the published numbers / 输出与公布的数值一致"""
    x = np.linspace(-0.1, 0.5, num=96).reshape(2, 3, 4, 4)
    w, b = np.linspace(-0.2, 0.3, num=144).reshape(3, 3, 4, 4), np.linspace(-0.1, 0.2, num=3)
    out, _ = student.layers.conv_forward_naive(x, w, b, {"stride": 2, "pad": 1})
    hint = "products with all channels, then the bias? / 对所有通道求积再加偏置了吗？"
    expect_close(out, CONV_OUT, "out", tol=1e-6, hint=hint)


@exercise("conv_forward_naive")
def test_conv_shift(student, rng):
    """A filter that looks up and left moves the image / 只看左上像素的滤波器使图像平移"""
    x, w = rng.normal(size=(2, 1, 4, 4)), np.zeros((1, 1, 3, 3))
    w[0, 0, 0, 0] = 1
    out, _ = student.layers.conv_forward_naive(x, w, np.zeros(1), SAME)
    moved = np.zeros_like(x)
    moved[:, :, 1:, 1:] = x[:, :, :-1, :-1]
    expect_close(out, moved, "out", hint="the filter is not flipped / 滤波器不翻转")


@exercise("conv_forward_naive")
def test_conv_leaves_x(student, rng):
    """The images are left as they are / 不改变输入图片"""
    x, w, b, _, conv_param = conv_case(rng)
    _, (after,) = student.call("layers.conv_forward_naive", x, w, b, conv_param, after=[0])
    expect_close(after, x, "x after the call", tol=0.0, hint="pad a copy / 应在副本上填充")


@exercise("conv_backward_naive")
def test_conv_backward_shapes(student, rng):
    """dx, dw and db have the shapes of x, w and b / dx、dw、db 与 x、w、b 形状相同"""
    x, w, b, *_ = case = conv_case(rng)
    dx, dw, db = conv_gradients(student, case)
    expect_shape(dx, x.shape, "dx", hint="the padding comes off again / 填充部分要去掉")
    expect_shape(dw, w.shape, "dw")
    expect_shape(db, b.shape, "db", hint="one number for each filter / 每个滤波器对应一个数")


@exercise("conv_backward_naive")
def test_conv_backward_dx(student, rng):
    """The gradient dx agrees with the numerical gradient / dx 与数值梯度一致"""
    x, w, b, dout, conv_param = case = conv_case(rng)
    forward = student.fast_layers.conv_forward_fast
    hint = "a pixel is in several windows: add up / 一个像素属于多个窗口，梯度要累加"
    dx, _, _ = conv_gradients(student, case)
    expect_gradient(dx, lambda v: forward(v, w, b, conv_param)[0], x, dout, "dx", hint=hint)


@exercise("conv_backward_naive")
def test_conv_backward_dw(student, rng):
    """The gradient dw agrees with the numerical gradient / dw 与数值梯度一致"""
    x, w, b, dout, conv_param = case = conv_case(rng)
    forward = student.fast_layers.conv_forward_fast
    hint = "every window of every image adds to it / 每张图片的每个窗口都有贡献"
    _, dw, _ = conv_gradients(student, case)
    expect_gradient(dw, lambda v: forward(x, v, b, conv_param)[0], w, dout, "dw", hint=hint)


@exercise("conv_backward_naive")
def test_conv_backward_db(student, rng):
    """The gradient db agrees with the numerical gradient / db 与数值梯度一致"""
    x, w, b, dout, conv_param = case = conv_case(rng)
    forward = student.fast_layers.conv_forward_fast
    hint = "a sum over images and pixels, no mean / 对图片和像素求和，而不是求平均"
    _, _, db = conv_gradients(student, case)
    expect_gradient(db, lambda v: forward(x, w, v, conv_param)[0], b, dout, "db", hint=hint)


@exercise("conv_backward_naive")
def test_conv_backward_stride(student, rng):
    """With stride 2 the gradients are right, too / 步幅为 2 时梯度也正确"""
    x, w, b, dout, conv_param = case = conv_case(rng, stride=2)
    forward = student.fast_layers.conv_forward_fast
    dx, dw, _ = conv_gradients(student, case)
    hint = "are the windows stride pixels apart? / 相邻窗口相距 stride 个像素吗？"
    expect_gradient(dx, lambda v: forward(v, w, b, conv_param)[0], x, dout, "dx", hint=hint)
    expect_gradient(dw, lambda v: forward(x, v, b, conv_param)[0], w, dout, "dw", hint=hint)


@exercise("max_pool_forward_naive")
def test_max_pool_published(student, rng):
    """The output agrees with the published numbers / 输出与公布的数值一致"""
    x = np.linspace(-0.3, 0.4, num=96).reshape(2, 3, 4, 4)
    out, _ = student.layers.max_pool_forward_naive(x, POOL)
    hint = "the largest entry of each window / 每个窗口中的最大值"
    expect_close(out, POOL_OUT, "out", tol=1e-6, hint=hint)


@exercise("max_pool_forward_naive")
def test_max_pool_channels(student, rng):
    """Each channel of each image is pooled by itself / 每张图片的每个通道分别池化"""
    x = rng.normal(size=(2, 3, 4, 4))
    whole, _ = student.layers.max_pool_forward_naive(x, POOL)
    part, _ = student.layers.max_pool_forward_naive(x[1:, 2:], POOL)
    expect_shape(whole, (2, 3, 2, 2), "out")
    expect_close(whole[1:, 2:], part, "out", hint="no maximum over channels / 不要跨通道取最大值")


@exercise("max_pool_backward_naive")
def test_max_pool_backward_numerical(student, rng):
    """The gradient dx agrees with the numerical gradient / dx 与数值梯度一致"""
    x, dout = rng.normal(size=(3, 2, 8, 8)), rng.normal(size=(3, 2, 4, 4))
    _, cache = student.layers.max_pool_forward_naive(x, POOL)
    dx = student.layers.max_pool_backward_naive(dout.copy(), cache)
    forward = student.fast_layers.max_pool_forward_fast
    hint = "the largest entry of a window gets its gradient / 窗口中的最大值得到梯度"
    expect_gradient(dx, lambda v: forward(v, POOL)[0], x, dout, "dx", hint=hint)


@exercise("max_pool_backward_naive")
def test_max_pool_backward_share(student, rng):
    """One entry in four gets a gradient / 每四个元素中只有一个得到梯度"""
    x, dout = rng.normal(size=(2, 2, 4, 4)), rng.uniform(1, 2, size=(2, 2, 2, 2))
    _, cache = student.layers.max_pool_forward_naive(x, POOL)
    dx = student.layers.max_pool_backward_naive(dout, cache)
    expect_shape(dx, x.shape, "dx")
    hint = "the others did not reach the output / 其余元素没有影响输出"
    expect_close(np.count_nonzero(dx), 16, "the number of entries that are not 0", hint=hint)
