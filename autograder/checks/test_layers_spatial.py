"""Hidden checks of daseCV/layers.py: batch and group normalisation of images."""

import numpy as np
import pytest

from autograder.checks.arrays import row
from daseCV.compare import expect, expect_close, expect_gradient, expect_shape
from daseCV.layers import spatial_batchnorm_forward, spatial_groupnorm_forward

FLOAT32 = 1e-4  # tolerance where a student computes in single precision
SPREAD = 1e-6  # of the published standard deviations, which depend on where epsilon goes
AXES = (0, 2, 3)  # what the statistics of a channel are taken over


def _batch(rng, shape=(2, 3, 4, 5)):
    """Images, one number per channel for the scale, and one for the shift."""
    return 5 * rng.normal(size=shape) + 12, rng.normal(size=shape[1]), rng.normal(size=shape[1])


def _train(**more):
    return {"mode": "train", **more}


# --- spatial_batchnorm_forward -------------------------------------------------------------------


@pytest.mark.exercise("spatial_batchnorm_forward")
def test_spatial_batchnorm_forward_numbers(student):
    """Means and deviations on the published example are right / 公开示例上均值和标准差正确"""
    x = 4 * np.random.RandomState(231).randn(2, 3, 4, 5) + 10
    gamma, beta = np.array([3.0, 4.0, 5.0]), np.array([6.0, 7.0, 8.0])
    out, _ = student.layers.spatial_batchnorm_forward(x, gamma, beta, _train())
    expect_shape(out, x.shape, name="out")  # spatial_batchnorm_forward.train_stats
    expect_close(out.mean(AXES), beta, name="mean(out, axis=(0, 2, 3))", tol=SPREAD)
    right = [2.999998851847168, 3.999998038889206, 4.999997978652891]
    expect_close(out.std(AXES), right, name="std(out, axis=(0, 2, 3))", tol=SPREAD)


@pytest.mark.exercise("spatial_batchnorm_forward")
def test_spatial_batchnorm_forward_train(student, rng):
    """Each channel is normalised over images and pixels / 每个通道在所有图片和像素上归一化"""
    x, gamma, beta = _batch(rng)
    out, _ = student.layers.spatial_batchnorm_forward(x, gamma, beta, _train())
    right, _ = spatial_batchnorm_forward(x, gamma, beta, _train())
    expect_close(out, right, name="out", tol=SPREAD)


@pytest.mark.exercise("spatial_batchnorm_forward")
def test_spatial_batchnorm_forward_test(student, rng):
    """Test mode normalises with the running averages / 测试模式使用滑动平均"""
    x, gamma, beta = _batch(rng)
    running = {"running_mean": rng.normal(size=3), "running_var": rng.uniform(1, 2, size=3)}
    bn_param = {"mode": "test", **running}
    out, _ = student.layers.spatial_batchnorm_forward(x, gamma, beta, bn_param)
    right, _ = spatial_batchnorm_forward(x, gamma, beta, bn_param)
    expect_close(out, right, name="out", tol=SPREAD)


@pytest.mark.exercise("spatial_batchnorm_forward")
def test_spatial_batchnorm_forward_running(student, rng):
    """Training updates the running averages in bn_param / 训练时更新 bn_param 中的滑动平均"""
    x, gamma, beta = _batch(rng)
    mine, name = _train(), "layers.spatial_batchnorm_forward"
    _, (theirs,) = student.call(name, x, gamma, beta, _train(), after=[3])
    spatial_batchnorm_forward(x, gamma, beta, mine)
    for key in ("running_mean", "running_var"):
        expect(key in theirs, f"bn_param has no {key} / bn_param 中缺少 {key}")
        expect_close(np.ravel(theirs[key]), mine[key], name=key)


@pytest.mark.exercise("spatial_batchnorm_forward")
@pytest.mark.beyond
@pytest.mark.parametrize("shape", [(1, 3, 4, 2), (3, 2, 1, 1)])
def test_spatial_batchnorm_forward_shapes(student, rng, shape):
    """One image, or images of one pixel, work too / 单张图片、单像素图片也能处理"""
    x, gamma, beta = _batch(rng, shape)
    mine, name = _train(momentum=0.7), "layers.spatial_batchnorm_forward"
    (out, _), (theirs,) = student.call(name, x, gamma, beta, _train(momentum=0.7), after=[3])
    right, _ = spatial_batchnorm_forward(x, gamma, beta, mine)
    expect_close(out, right, name="out", tol=SPREAD)
    expect_close(theirs["running_var"], mine["running_var"], name="running_var")


@pytest.mark.exercise("spatial_batchnorm_forward")
@pytest.mark.beyond
def test_spatial_batchnorm_forward_float32_views(student, rng):
    """Views in single precision work too / 单精度的数组视图也正确"""
    x, gamma, beta = (a.astype(np.float32) for a in _batch(rng))
    out, _ = student.layers.spatial_batchnorm_forward(student.view(x), gamma, beta, _train())
    right, _ = spatial_batchnorm_forward(x, gamma, beta, _train())
    expect_close(out, right, name="out", tol=FLOAT32)


# --- spatial_batchnorm_backward ------------------------------------------------------------------


def _batchnorm_gradients(student, rng, shape=(2, 3, 4, 5)):
    """x, gamma, beta, forward passes of each alone, an upstream gradient, the gradients."""
    x, gamma, beta = _batch(rng, shape)
    dout = rng.normal(size=shape)
    _, cache = student.layers.spatial_batchnorm_forward(x, gamma, beta, _train())
    alone = (
        lambda v: spatial_batchnorm_forward(v, gamma, beta, _train())[0],
        lambda v: spatial_batchnorm_forward(x, v, beta, _train())[0],
        lambda v: spatial_batchnorm_forward(x, gamma, v, _train())[0],
    )
    gradients = student.layers.spatial_batchnorm_backward(dout, cache)
    return (x, gamma, beta), alone, dout, gradients


@pytest.mark.exercise("spatial_batchnorm_backward")
def test_spatial_batchnorm_backward_numbers(student):
    """The gradients on the published example are right / 公开示例上的梯度正确"""
    draw = np.random.RandomState(231).randn  # spatial_batchnorm_backward.gradcheck
    x, gamma, beta, dout = 5 * draw(2, 3, 4, 5) + 12, draw(3), draw(3), draw(2, 3, 4, 5)
    _, cache = student.layers.spatial_batchnorm_forward(x, gamma, beta, _train())
    dx, dgamma, dbeta = student.layers.spatial_batchnorm_backward(dout, cache)
    expect_shape(dx, x.shape, name="dx")
    expect_shape(row(dgamma), (3,), name="dgamma")
    expect_shape(row(dbeta), (3,), name="dbeta")
    expect_close(np.linalg.norm(dx), 1.7953231861725731, name="norm(dx)", tol=SPREAD)
    expect_close(np.linalg.norm(dgamma), 5.545717096730344, name="norm(dgamma)", tol=SPREAD)
    expect_close(np.linalg.norm(dbeta), 14.812587537697587, name="norm(dbeta)")


@pytest.mark.exercise("spatial_batchnorm_backward")
def test_spatial_batchnorm_backward_dx(student, rng):
    """dx agrees with the numerical gradient / dx 与数值梯度一致"""
    (x, _, _), (of_x, _, _), dout, (dx, _, _) = _batchnorm_gradients(student, rng)
    expect_gradient(dx, of_x, x, dout, name="dx", tol=1e-5)


@pytest.mark.exercise("spatial_batchnorm_backward")
def test_spatial_batchnorm_backward_scale_and_shift(student, rng):
    """dgamma and dbeta agree with numerical gradients / dgamma、dbeta 与数值梯度一致"""
    of, alone, dout, gradients = _batchnorm_gradients(student, rng)
    hint = "every image and every pixel adds to it / 每张图片的每个像素都有贡献"
    for i, name in ((1, "dgamma"), (2, "dbeta")):
        expect_gradient(row(gradients[i]), alone[i], of[i], dout, name=name, tol=1e-5, hint=hint)


@pytest.mark.exercise("spatial_batchnorm_backward")
@pytest.mark.beyond
@pytest.mark.parametrize("shape", [(1, 2, 2, 5), (4, 3, 1, 1)])
def test_spatial_batchnorm_backward_shapes(student, rng, shape):
    """One image, or images of one pixel, work too / 单张图片、单像素图片也能处理"""
    of, alone, dout, gradients = _batchnorm_gradients(student, rng, shape)
    for name, value, f, gradient in zip(("x", "gamma", "beta"), of, alone, gradients, strict=True):
        expect_gradient(gradient, f, value, dout, name=f"d{name}", tol=1e-5)


# --- spatial_groupnorm_forward -------------------------------------------------------------------


def _groups(rng, shape=(2, 6, 4, 5)):
    """Images, and scale and shift of each channel, (1, C, 1, 1)."""
    x, gamma, beta = _batch(rng, shape)
    return x, gamma.reshape(1, -1, 1, 1), beta.reshape(1, -1, 1, 1)


@pytest.mark.exercise("spatial_groupnorm_forward")
def test_groupnorm_forward_numbers(student):
    """Means and deviations on the published example are right / 公开示例上均值和标准差正确"""
    x = 4 * np.random.RandomState(231).randn(2, 6, 4, 5) + 10
    ones, zeros = np.ones((1, 6, 1, 1)), np.zeros((1, 6, 1, 1))
    out, _ = student.layers.spatial_groupnorm_forward(x, ones, zeros, 2, _train())
    expect_shape(out, x.shape, name="out")  # spatial_groupnorm_forward.stats
    groups = out.reshape(4, -1)
    expect_close(groups.mean(axis=1), np.zeros(4), name="the mean of each group")
    right = [0.9999996289181503, 0.9999994793483334, 0.9999997258265818, 0.999999683590925]
    expect_close(groups.std(axis=1), right, name="the deviation of each group", tol=SPREAD)


@pytest.mark.exercise("spatial_groupnorm_forward")
@pytest.mark.parametrize("G", [2, 3])
def test_groupnorm_forward_groups(student, rng, G):
    """Neighbouring channels of an image are one group / 同一图片的相邻通道为一组"""
    x, gamma, beta = _groups(rng)
    out, _ = student.layers.spatial_groupnorm_forward(x, gamma, beta, G, {})
    right, _ = spatial_groupnorm_forward(x, gamma, beta, G, {})
    hint = "over the channels and all pixels of a group / 统计量取自组内所有通道和像素"
    expect_close(out, right, name="out", tol=SPREAD, hint=hint)


@pytest.mark.exercise("spatial_groupnorm_forward")
@pytest.mark.beyond
@pytest.mark.parametrize(("shape", "G"), [((1, 4, 3, 2), 1), ((2, 4, 2, 3), 4), ((3, 4, 1, 1), 2)])
def test_groupnorm_forward_shapes(student, rng, shape, G):
    """One group, a group for each channel, and single pixels work too / 一组、每通道一组也正确"""
    x, gamma, beta = _groups(rng, shape)
    out, _ = student.layers.spatial_groupnorm_forward(x, gamma, beta, G, {})
    right, _ = spatial_groupnorm_forward(x, gamma, beta, G, {})
    expect_close(out, right, name="out", tol=SPREAD)


@pytest.mark.exercise("spatial_groupnorm_forward")
@pytest.mark.beyond
def test_groupnorm_forward_epsilon(student, rng):
    """Another eps is used, and views in single precision work / 使用给定的 eps，单精度视图也正确"""
    x, gamma, beta = (a.astype(np.float32) for a in _groups(rng))
    gn_param = {"eps": 10.0}
    out, _ = student.layers.spatial_groupnorm_forward(student.view(x), gamma, beta, 2, gn_param)
    right, _ = spatial_groupnorm_forward(x, gamma, beta, 2, gn_param)
    expect_close(out, right, name="out", tol=FLOAT32)


# --- spatial_groupnorm_backward ------------------------------------------------------------------


def _groupnorm_gradients(student, rng, shape=(2, 6, 2, 3), G=2):
    """x, gamma, beta, forward passes of each alone, an upstream gradient, the gradients."""
    x, gamma, beta = _groups(rng, shape)
    dout = rng.normal(size=shape)
    _, cache = student.layers.spatial_groupnorm_forward(x, gamma, beta, G, {})
    alone = (
        lambda v: spatial_groupnorm_forward(v, gamma, beta, G, {})[0],
        lambda v: spatial_groupnorm_forward(x, v, beta, G, {})[0],
        lambda v: spatial_groupnorm_forward(x, gamma, v, G, {})[0],
    )
    gradients = student.layers.spatial_groupnorm_backward(dout, cache)
    return (x, gamma, beta), alone, dout, gradients


@pytest.mark.exercise("spatial_groupnorm_backward")
def test_groupnorm_backward_numbers(student):
    """The gradients on the published example are right / 公开示例上的梯度正确"""
    draw = np.random.RandomState(231).randn  # spatial_groupnorm_backward.gradcheck
    x, gamma, beta = 5 * draw(2, 6, 4, 5) + 12, draw(1, 6, 1, 1), draw(1, 6, 1, 1)
    _, cache = student.layers.spatial_groupnorm_forward(x, gamma, beta, 2, {})
    gradients = student.layers.spatial_groupnorm_backward(draw(2, 6, 4, 5), cache)
    sizes = 2.380097991217584, 21.70861629650632, 18.82644578225541
    for name, gradient, size in zip(("dx", "dgamma", "dbeta"), gradients, sizes, strict=True):
        expect_shape(gradient, x.shape if name == "dx" else (1, 6, 1, 1), name)
        expect_close(np.linalg.norm(gradient), size, name=f"norm({name})", tol=SPREAD)


@pytest.mark.exercise("spatial_groupnorm_backward")
def test_groupnorm_backward_dx(student, rng):
    """dx agrees with the numerical gradient / dx 与数值梯度一致"""
    (x, _, _), (of_x, _, _), dout, (dx, _, _) = _groupnorm_gradients(student, rng)
    hint = "mean and variance depend on x, too / 均值和方差也依赖于 x"
    expect_gradient(dx, of_x, x, dout, name="dx", tol=1e-5, hint=hint)


@pytest.mark.exercise("spatial_groupnorm_backward")
def test_groupnorm_backward_scale_and_shift(student, rng):
    """dgamma and dbeta agree with numerical gradients / dgamma、dbeta 与数值梯度一致"""
    of, alone, dout, gradients = _groupnorm_gradients(student, rng)
    for i, name in ((1, "dgamma"), (2, "dbeta")):
        expect_gradient(gradients[i], alone[i], of[i], dout, name=name, tol=1e-5)


@pytest.mark.exercise("spatial_groupnorm_backward")
@pytest.mark.beyond
@pytest.mark.parametrize(("shape", "G"), [((1, 4, 3, 2), 1), ((2, 4, 2, 3), 4)])
def test_groupnorm_backward_shapes(student, rng, shape, G):
    """One group, and a group for each channel, work too / 只有一组、每通道一组也正确"""
    of, alone, dout, gradients = _groupnorm_gradients(student, rng, shape, G)
    for name, value, f, gradient in zip(("x", "gamma", "beta"), of, alone, gradients, strict=True):
        expect_gradient(gradient, f, value, dout, name=f"d{name}", tol=1e-5)
