"""Hidden checks of daseCV/layers.py: convolution and max pooling, forward and backward."""

import numpy as np
import pytest

from autograder.checks.arrays import row
from daseCV.compare import expect_close, expect_gradient, expect_shape
from daseCV.fast_layers import conv_backward_fast, conv_forward_fast, max_pool_forward_fast
from daseCV.layers import conv_forward_naive, max_pool_forward_naive

FLOAT32 = 1e-4  # tolerance where a student computes in single precision
SAME = {"stride": 1, "pad": 1}
HALF = {"stride": 2, "pad": 1}

# Cases beyond the notebook: shapes of x and w, stride, padding.
CONVOLUTIONS = {
    "no padding": ((2, 2, 5, 5), (2, 2, 3, 3), 1, 0),
    "padding 2": ((1, 2, 4, 4), (2, 2, 3, 3), 1, 2),
    "oblong": ((2, 3, 4, 7), (2, 3, 3, 2), 1, 1),
    "oblong, stride 2": ((1, 2, 7, 6), (2, 2, 3, 2), 2, 1),
    "uneven stride": ((1, 2, 6, 7), (2, 2, 3, 3), 3, 1),  # the last rows are in no window
}
# The same for pooling: shape of x, height and width of the windows, stride.
POOLS = {
    "overlapping": ((2, 2, 5, 5), 3, 3, 2),
    "oblong image": ((2, 2, 4, 6), 2, 2, 2),
    "oblong windows": ((2, 2, 7, 8), 3, 2, 2),
    "uneven stride": ((1, 2, 7, 6), 2, 3, 2),  # the last rows are in no window
}


def _by_name(cases):
    """Each case as a parameter of a check, under its name."""
    return [pytest.param(*case, id=name) for name, case in cases.items()]


# --- conv_forward_naive --------------------------------------------------------------------------


def _filters(rng, x_shape, w_shape):
    """Images, filters and biases."""
    return rng.normal(size=x_shape), rng.normal(size=w_shape), rng.normal(size=w_shape[0])


@pytest.mark.exercise("conv_forward_naive")
def test_conv_forward_numbers(student):
    """The output on the published example is right / 公开示例上的输出正确"""
    x = np.linspace(-0.1, 0.5, num=96).reshape(2, 3, 4, 4)
    w, b = np.linspace(-0.2, 0.3, num=144).reshape(3, 3, 4, 4), np.linspace(-0.1, 0.2, num=3)
    out, _ = student.layers.conv_forward_naive(x, w, b, HALF)
    expect_shape(out, (2, 3, 2, 2), name="out")  # conv_forward_naive.linspace
    right = [[-0.08759809, -0.10987781], [-0.18387192, -0.2109216]]
    expect_close(out[0, 0], right, name="out", tol=1e-6)
    right = [[2.36270298, 2.36904306], [2.38090835, 2.38247847]]
    expect_close(out[1, 2], right, name="out", tol=1e-6)


@pytest.mark.exercise("conv_forward_naive")
@pytest.mark.parametrize("conv_param", [SAME, HALF], ids=["stride 1", "stride 2"])
def test_conv_forward_random(student, rng, conv_param):
    """Every filter meets every window of every image / 每个滤波器作用于每张图片的每个窗口"""
    x, w, b = _filters(rng, (2, 3, 5, 5), (4, 3, 3, 3))
    out, _ = student.layers.conv_forward_naive(x, w, b, conv_param)
    hint = "every channel counts; filters are not flipped / 每个通道都要算；滤波器不翻转"
    expect_close(out, conv_forward_naive(x, w, b, conv_param)[0], name="out", hint=hint)


@pytest.mark.exercise("conv_forward_naive")
def test_conv_forward_bias(student, rng):
    """Each filter adds its bias / 每个滤波器加上自己的偏置"""
    w, b = rng.normal(size=(3, 2, 3, 3)), rng.normal(size=3)
    out, _ = student.layers.conv_forward_naive(np.zeros((2, 2, 4, 4)), w, b, SAME)
    right = np.tile(b[:, None, None], (2, 1, 4, 4))
    expect_close(out, right, name="out", hint="x is zero here / 此处 x 全为零")


@pytest.mark.exercise("conv_forward_naive")
@pytest.mark.beyond
@pytest.mark.parametrize(("x_shape", "w_shape", "stride", "pad"), _by_name(CONVOLUTIONS))
def test_conv_forward_geometry(student, rng, x_shape, w_shape, stride, pad):
    """Any stride, padding and shape is right / 任意步幅、填充和形状都正确"""
    x, w, b = _filters(rng, x_shape, w_shape)
    conv_param = {"stride": stride, "pad": pad}
    out, _ = student.layers.conv_forward_naive(x, w, b, conv_param)
    expect_close(out, conv_forward_naive(x, w, b, conv_param)[0], name="out")


@pytest.mark.exercise("conv_forward_naive")
@pytest.mark.beyond
def test_conv_forward_float32_views(student, rng):
    """Views in single precision work too / 单精度的数组视图也正确"""
    x, w, b = (a.astype(np.float32) for a in _filters(rng, (2, 3, 5, 5), (2, 3, 3, 3)))
    out, _ = student.layers.conv_forward_naive(student.view(x), student.view(w), b, SAME)
    expect_close(out, conv_forward_naive(x, w, b, SAME)[0], name="out", tol=FLOAT32)


@pytest.mark.exercise("conv_forward_naive")
@pytest.mark.beyond
def test_conv_forward_leaves_x(student, rng):
    """x is left as it is / 不改变 x"""
    x, w, b = _filters(rng, (2, 3, 5, 5), (2, 3, 3, 3))
    _, (after,) = student.call("layers.conv_forward_naive", x, w, b, SAME, after=[0])
    expect_close(after, x, name="x after the call", tol=0.0)


# --- conv_backward_naive -------------------------------------------------------------------------


def _conv_gradients(student, rng, x_shape=(2, 3, 5, 5), w_shape=(2, 3, 3, 3), stride=1, pad=1):
    """x, w, b, forward passes of each alone, an upstream gradient, the student's gradients."""
    x, w, b = _filters(rng, x_shape, w_shape)
    conv_param = {"stride": stride, "pad": pad}
    out, _ = conv_forward_fast(x, w, b, conv_param)
    dout = rng.normal(size=out.shape)
    _, cache = student.layers.conv_forward_naive(x, w, b, conv_param)
    alone = (
        lambda v: conv_forward_fast(v, w, b, conv_param)[0],
        lambda v: conv_forward_fast(x, v, b, conv_param)[0],
        lambda v: conv_forward_fast(x, w, v, conv_param)[0],
    )
    return (x, w, b), alone, dout, student.layers.conv_backward_naive(dout, cache)


@pytest.mark.exercise("conv_backward_naive")
def test_conv_backward_numbers(student):
    """The gradients on the published example are right / 公开示例上的梯度正确"""
    draw = np.random.RandomState(231).randn  # conv_backward_naive.gradcheck
    x, w, b, dout = draw(4, 3, 5, 5), draw(2, 3, 3, 3), draw(2), draw(4, 2, 5, 5)
    _, cache = student.layers.conv_forward_naive(x, w, b, SAME)
    dx, dw, db = student.layers.conv_backward_naive(dout, cache)
    sizes = 58.98574150118031, 69.39714095844545, 1.8605476906397718
    for name, gradient, of, size in zip("xwb", (dx, dw, row(db)), (x, w, b), sizes, strict=True):
        expect_shape(gradient, of.shape, name=f"d{name}")
        expect_close(np.linalg.norm(gradient), size, name=f"norm(d{name})")


@pytest.mark.exercise("conv_backward_naive")
def test_conv_backward_dx(student, rng):
    """dx agrees with the numerical gradient / dx 与数值梯度一致"""
    (x, _, _), (of_x, _, _), dout, (dx, _, _) = _conv_gradients(student, rng)
    hint = "windows overlap: their gradients add up / 窗口有重叠，梯度要累加"
    expect_gradient(dx, of_x, x, dout, name="dx", hint=hint)


@pytest.mark.exercise("conv_backward_naive")
def test_conv_backward_dw(student, rng):
    """dw agrees with the numerical gradient / dw 与数值梯度一致"""
    (_, w, _), (_, of_w, _), dout, (_, dw, _) = _conv_gradients(student, rng)
    expect_gradient(dw, of_w, w, dout, name="dw")


@pytest.mark.exercise("conv_backward_naive")
def test_conv_backward_db(student, rng):
    """db agrees with the numerical gradient / db 与数值梯度一致"""
    (_, _, b), (_, _, of_b), dout, (_, _, db) = _conv_gradients(student, rng)
    hint = "every image and every window adds to it / 每张图片的每个窗口都有贡献"
    expect_gradient(row(db), of_b, b, dout, name="db", hint=hint)


@pytest.mark.exercise("conv_backward_naive")
@pytest.mark.parametrize("name", ["dx", "dw"])
def test_conv_backward_stride(student, rng, name):
    """With stride 2 the gradients agree with numerical ones / 步幅为 2 时与数值梯度一致"""
    of, alone, dout, gradients = _conv_gradients(student, rng, stride=2)
    i = ("dx", "dw").index(name)
    expect_gradient(gradients[i], alone[i], of[i], dout, name=name)


@pytest.mark.exercise("conv_backward_naive")
@pytest.mark.beyond
@pytest.mark.parametrize(("x_shape", "w_shape", "stride", "pad"), _by_name(CONVOLUTIONS))
def test_conv_backward_geometry(student, rng, x_shape, w_shape, stride, pad):
    """Any stride, padding and shape is right / 任意步幅、填充和形状都正确"""
    of, forward, dout, gradients = _conv_gradients(student, rng, x_shape, w_shape, stride, pad)
    hint = "" if pad else "an empty slice, at padding 0? / 填充为 0 时切片是否为空？"
    for name, value, f, gradient in zip("xwb", of, forward, gradients, strict=True):
        expect_gradient(gradient, f, value, dout, name=f"d{name}", hint=hint)


@pytest.mark.exercise("conv_backward_naive")
@pytest.mark.beyond
def test_conv_backward_float32_views(student, rng):
    """Views in single precision work too / 单精度的数组视图也正确"""
    x, w, b = (a.astype(np.float32) for a in _filters(rng, (2, 2, 4, 4), (2, 2, 3, 3)))
    dout = rng.normal(size=(2, 2, 4, 4)).astype(np.float32)
    _, cache = student.layers.conv_forward_naive(student.view(x), student.view(w), b, SAME)
    gradients = student.layers.conv_backward_naive(student.view(dout), cache)
    right = conv_backward_fast(dout, conv_forward_fast(x, w, b, SAME)[1])
    for name, gradient, of in zip("xwb", gradients, right, strict=True):
        expect_close(gradient, of, name=f"d{name}", tol=FLOAT32)


# --- max_pool_forward_naive ----------------------------------------------------------------------


def _pool_param(height=2, width=2, stride=2):
    return {"pool_height": height, "pool_width": width, "stride": stride}


@pytest.mark.exercise("max_pool_forward_naive")
def test_max_pool_forward_numbers(student):
    """The output on the published example is right / 公开示例上的输出正确"""
    x = np.linspace(-0.3, 0.4, num=96).reshape(2, 3, 4, 4)
    out, _ = student.layers.max_pool_forward_naive(x, _pool_param())
    expect_shape(out, (2, 3, 2, 2), name="out")  # max_pool_forward_naive.linspace
    right = [[-0.26315789, -0.24842105], [-0.20421053, -0.18947368]]
    expect_close(out[0, 0], right, name="out", tol=1e-6)
    expect_close(out[1, 2], [[0.32631579, 0.34105263], [0.38526316, 0.4]], name="out", tol=1e-6)


@pytest.mark.exercise("max_pool_forward_naive")
def test_max_pool_forward_random(student, rng):
    """Each window gives its largest entry, in each channel / 每个通道的每个窗口取最大值"""
    x = rng.normal(size=(3, 2, 6, 6))
    out, _ = student.layers.max_pool_forward_naive(x, _pool_param())
    expect_close(out, max_pool_forward_naive(x, _pool_param())[0], name="out")


@pytest.mark.exercise("max_pool_forward_naive")
def test_max_pool_forward_negative(student, rng):
    """The largest of negative entries is negative / 全为负数时最大值仍为负数"""
    x = -rng.uniform(1.0, 2.0, size=(2, 2, 4, 4))
    out, _ = student.layers.max_pool_forward_naive(x, _pool_param())
    expect_close(out, max_pool_forward_naive(x, _pool_param())[0], name="out")


@pytest.mark.exercise("max_pool_forward_naive")
@pytest.mark.beyond
@pytest.mark.parametrize(("shape", "height", "width", "stride"), _by_name(POOLS))
def test_max_pool_forward_geometry(student, rng, shape, height, width, stride):
    """Any window, stride and shape is right / 任意窗口、步幅和形状都正确"""
    x, pool_param = rng.normal(size=shape), _pool_param(height, width, stride)
    out, _ = student.layers.max_pool_forward_naive(x, pool_param)
    expect_close(out, max_pool_forward_naive(x, pool_param)[0], name="out")


@pytest.mark.exercise("max_pool_forward_naive")
@pytest.mark.beyond
def test_max_pool_forward_float32_views(student, rng):
    """A view in single precision works too, and stays as it is / 单精度视图也正确，且不被改变"""
    x = rng.normal(size=(2, 2, 4, 4)).astype(np.float32)
    name, given = "layers.max_pool_forward_naive", student.view(x)
    (out, _), (after,) = student.call(name, given, _pool_param(), after=[0])
    expect_close(out, max_pool_forward_naive(x, _pool_param())[0], name="out", tol=FLOAT32)
    expect_close(after, x, name="x after the call", tol=0.0)


# --- max_pool_backward_naive ---------------------------------------------------------------------


def _maxima(x, pool_param):
    """The kit's forward pass."""
    return max_pool_forward_fast(x, pool_param)[0]


def _pool_gradient(student, x, dout, pool_param):
    _, cache = student.layers.max_pool_forward_naive(x, pool_param)
    return student.layers.max_pool_backward_naive(dout, cache)


@pytest.mark.exercise("max_pool_backward_naive")
def test_max_pool_backward_numbers(student):
    """The gradient on the published example is right / 公开示例上的梯度正确"""
    draw = np.random.RandomState(231).randn  # max_pool_backward_naive.gradcheck
    dx = _pool_gradient(student, draw(3, 2, 8, 8), draw(3, 2, 4, 4), _pool_param())
    expect_shape(dx, (3, 2, 8, 8), name="dx")
    expect_close(np.sum(dx), 0.16427886774805778, name="sum(dx)")
    expect_close(np.linalg.norm(dx), 10.910805273131635, name="norm(dx)")


@pytest.mark.exercise("max_pool_backward_naive")
def test_max_pool_backward_random(student, rng):
    """dx agrees with the numerical gradient / dx 与数值梯度一致"""
    x, dout = rng.normal(size=(2, 2, 4, 4)), rng.normal(size=(2, 2, 2, 2))
    dx = _pool_gradient(student, x, dout, _pool_param())
    expect_gradient(dx, lambda v: _maxima(v, _pool_param()), x, dout, name="dx")


@pytest.mark.exercise("max_pool_backward_naive")
def test_max_pool_backward_place(student, rng):
    """Only the largest entry of a window gets its gradient / 只有窗口中的最大元素得到梯度"""
    x, dout = -rng.uniform(1.0, 2.0, size=(1, 2, 4, 4)), rng.normal(size=(1, 2, 2, 2))
    largest = x == max_pool_forward_naive(x, _pool_param())[0].repeat(2, axis=2).repeat(2, axis=3)
    right = largest * dout.repeat(2, axis=2).repeat(2, axis=3)
    expect_close(_pool_gradient(student, x, dout, _pool_param()), right, name="dx")


@pytest.mark.exercise("max_pool_backward_naive")
@pytest.mark.beyond
@pytest.mark.parametrize(("shape", "height", "width", "stride"), _by_name(POOLS))
def test_max_pool_backward_geometry(student, rng, shape, height, width, stride):
    """Any window, stride and shape is right / 任意窗口、步幅和形状都正确"""
    x, pool_param = rng.normal(size=shape), _pool_param(height, width, stride)
    dout = rng.normal(size=_maxima(x, pool_param).shape)
    dx = _pool_gradient(student, x, dout, pool_param)
    hint = "windows may overlap: gradients add up / 窗口可能重叠，梯度要累加"
    expect_gradient(dx, lambda v: _maxima(v, pool_param), x, dout, name="dx", hint=hint)


@pytest.mark.exercise("max_pool_backward_naive")
@pytest.mark.beyond
def test_max_pool_backward_float32_views(student, rng):
    """Views in single precision work too / 单精度的数组视图也正确"""
    x, dout = (rng.normal(size=s).astype(np.float32) for s in [(2, 2, 4, 4), (2, 2, 2, 2)])
    dx = _pool_gradient(student, student.view(x), student.view(dout), _pool_param())
    expect_gradient(dx, lambda v: _maxima(v, _pool_param()), x, dout, name="dx", tol=FLOAT32)
