"""Visible checks of batch norm, layer norm and dropout, with the numbers of the notebooks."""

import numpy as np

from daseCV.checks import exercise
from daseCV.compare import expect, expect_close, expect_gradient, expect_shape

# Source of the numbers: the BatchNormalization and Dropout notebooks (CS231n, DaSE 2021), inputs by
# seed 231. Tolerances leave room for an epsilon outside the root, and for masks drawn otherwise.
TEST_MEANS = [-0.03927354, -0.04349152, -0.10452688]
TEST_STDS = [1.01531428, 1.01238373, 0.97819988]
CLOSE = 1e-4

OVER_BATCH = "mean and variance over the batch, one per feature / 对批次求均值与方差，每个特征一个"
OVER_ROW = "mean and variance over the features, one per example / 对特征求均值与方差，每个样本一个"
MOMENTUM = (
    "running = momentum * running + (1 - momentum) * batch, with the variance divided by N / "
    "running = momentum * running + (1 - momentum) * batch，方差除以 N"
)
KEEPING = "p is the probability of keeping a unit / p 是保留单元的概率"
SCALED = "divide what is kept by p, in training only / 只在训练时把保留的单元除以 p"


def hidden_scores(stream, N):
    """What leaves the notebook's two-layer network: weights are drawn first, then N examples."""
    W1, W2 = stream.randn(50, 60), stream.randn(60, 3)
    while True:
        yield np.maximum(0, stream.randn(N, 50).dot(W1)).dot(W2)


def norm_case(rng):
    """The notebook's batch, gamma, beta and upstream gradient, at these random numbers."""
    x, gamma, beta = 5 * rng.normal(size=(4, 5)) + 12, rng.normal(size=5), rng.normal(size=5)
    return x, gamma, beta, rng.normal(size=(4, 5))


def batchnorm(student, x, gamma, beta):
    """The layer in training."""
    return student.layers.batchnorm_forward(x, gamma, beta, {"mode": "train"})


def layernorm(student, x, gamma, beta):
    """The layer."""
    return student.layers.layernorm_forward(x, gamma, beta, {})


def expect_backward(student, layer, backward, rng, place, hint):
    """One of the three gradients agrees with the slope of the student's own forward pass."""
    *inputs, dout = norm_case(rng)
    _, cache = layer(student, *inputs)
    grads = getattr(student.layers, backward)(dout.copy(), cache)
    expect(len(grads) == 3, "there are three gradients / 应返回三个梯度")

    def out(value):
        return layer(student, *inputs[:place], value, *inputs[place + 1 :])[0]

    name = ("dx", "dgamma", "dbeta")[place]
    expect_gradient(grads[place], out, inputs[place], dout, name, tol=CLOSE, hint=hint)


DX = "x counts three times: itself, in the mean, in the variance / x 有三处影响：自身、均值、方差"
DGAMMA = (
    "gamma multiplies what is normalised; sum over the batch / gamma 乘归一化后的值；对批次求和"
)
DBETA = "beta is added to every example: a sum over the batch / beta 加到每个样本上：对批次求和"
DX_ROW = "now the sums in dx run over the features, D of them / 此时 dx 中的求和沿特征进行，共 D 个"


@exercise("batchnorm_forward")
def test_batchnorm_normalises(student, rng):
    """In training means become beta, deviations gamma / 训练时均值变为 beta、标准差变为 gamma"""
    a = next(hidden_scores(np.random.RandomState(231), 200))
    out, _ = batchnorm(student, a, np.array([1.0, 2.0, 3.0]), np.array([11.0, 12.0, 13.0]))
    expect_shape(out, (200, 3), "out")
    expect_close(out.mean(axis=0), [11.0, 12.0, 13.0], "means", tol=CLOSE, hint=OVER_BATCH)
    expect_close(out.std(axis=0), [1.0, 2.0, 3.0], "deviations", tol=CLOSE, hint=OVER_BATCH)


@exercise("batchnorm_forward")
def test_batchnorm_small_batch(student, rng):
    """The variance of a small batch is divided by N / 小批次的方差除以 N"""
    out, _ = batchnorm(student, np.array([[1.0], [3.0], [5.0]]), np.ones(1), np.zeros(1))
    hint = "divided by N, not by N - 1 / 除以 N，而不是 N - 1"
    expect_close(out, [[-(1.5**0.5)], [0.0], [1.5**0.5]], "out", tol=CLOSE, hint=hint)


@exercise("batchnorm_forward")
def test_batchnorm_running_averages(student, rng):
    """One step moves the running averages by the momentum / 一步之后滑动平均按 momentum 更新"""
    x, bn_param = np.array([[1.0, 10.0], [3.0, 20.0], [5.0, 60.0]]), {"mode": "train"}
    _, (after,) = student.call(
        "layers.batchnorm_forward", x, np.ones(2), np.zeros(2), bn_param, after=[3]
    )
    expect_close(after["running_mean"], [0.3, 3.0], "running_mean", hint=MOMENTUM)
    expect_close(after["running_var"], [4 / 15, 140 / 3], "running_var", hint=MOMENTUM)


@exercise("batchnorm_forward")
def test_batchnorm_at_test_time(student, rng):
    """After 50 steps test statistics are the published ones / 训练 50 步后测试统计量与公布的一致"""
    bn_param, batches = {"mode": "train"}, hidden_scores(np.random.RandomState(231), 200)
    for _ in range(50):
        student.layers.batchnorm_forward(next(batches), np.ones(3), np.zeros(3), bn_param)
    bn_param["mode"] = "test"
    out, _ = student.layers.batchnorm_forward(next(batches), np.ones(3), np.zeros(3), bn_param)
    expect_shape(out, (200, 3), "out")
    expect_close(out.mean(axis=0), TEST_MEANS, "means at test time", tol=CLOSE, hint=MOMENTUM)
    expect_close(out.std(axis=0), TEST_STDS, "deviations at test time", tol=CLOSE, hint=MOMENTUM)


@exercise("batchnorm_backward")
def test_batchnorm_backward_dx(student, rng):
    """The gradient dx agrees with the numerical gradient / dx 与数值梯度一致"""
    expect_backward(student, batchnorm, "batchnorm_backward", rng, 0, DX)


@exercise("batchnorm_backward")
def test_batchnorm_backward_dgamma(student, rng):
    """The gradient dgamma agrees with the numerical gradient / dgamma 与数值梯度一致"""
    expect_backward(student, batchnorm, "batchnorm_backward", rng, 1, DGAMMA)


@exercise("batchnorm_backward")
def test_batchnorm_backward_dbeta(student, rng):
    """The gradient dbeta agrees with the numerical gradient / dbeta 与数值梯度一致"""
    expect_backward(student, batchnorm, "batchnorm_backward", rng, 2, DBETA)


@exercise("batchnorm_backward_alt")
def test_batchnorm_backward_alt_dx(student, rng):
    """The gradient dx agrees with the numerical gradient / dx 与数值梯度一致"""
    expect_backward(student, batchnorm, "batchnorm_backward_alt", rng, 0, DX)


@exercise("batchnorm_backward_alt")
def test_batchnorm_backward_alt_dgamma(student, rng):
    """The gradient dgamma agrees with the numerical gradient / dgamma 与数值梯度一致"""
    expect_backward(student, batchnorm, "batchnorm_backward_alt", rng, 1, DGAMMA)


@exercise("batchnorm_backward_alt")
def test_batchnorm_backward_alt_dbeta(student, rng):
    """The gradient dbeta agrees with the numerical gradient / dbeta 与数值梯度一致"""
    expect_backward(student, batchnorm, "batchnorm_backward_alt", rng, 2, DBETA)


@exercise("layernorm_forward")
def test_layernorm_normalises(student, rng):
    """The mean of a row becomes beta, its deviation gamma / 每行均值变为 beta、标准差变为 gamma"""
    out, _ = layernorm(student, 5 * rng.normal(size=(4, 6)) + 12, np.full(6, 3.0), np.full(6, 5.0))
    expect_shape(out, (4, 6), "out")
    expect_close(out.mean(axis=1), np.full(4, 5.0), "means", tol=CLOSE, hint=OVER_ROW)
    expect_close(out.std(axis=1), np.full(4, 3.0), "deviations", tol=CLOSE, hint=OVER_ROW)


@exercise("layernorm_forward")
def test_layernorm_scales_features(student, rng):
    """Each feature has its own gamma and beta / 每个特征有各自的 gamma 与 beta"""
    x, gamma, beta, _ = norm_case(rng)
    plain, _ = layernorm(student, x, np.ones(5), np.zeros(5))
    hint = "gamma[j] scales column j / gamma[j] 缩放第 j 列"
    expect_close(layernorm(student, x, gamma, beta)[0], plain * gamma + beta, "out", hint=hint)


@exercise("layernorm_forward")
def test_layernorm_alone(student, rng):
    """An example alone comes out as in the batch / 单个样本的结果与在批次中相同"""
    x, gamma, beta, _ = norm_case(rng)
    together, _ = layernorm(student, x, gamma, beta)
    expect_shape(together, (4, 5), "out")
    expect_close(layernorm(student, x[:1], gamma, beta)[0], together[:1], "out", hint=OVER_ROW)


@exercise("layernorm_backward")
def test_layernorm_backward_dx(student, rng):
    """The gradient dx agrees with the numerical gradient / dx 与数值梯度一致"""
    expect_backward(student, layernorm, "layernorm_backward", rng, 0, DX_ROW)


@exercise("layernorm_backward")
def test_layernorm_backward_dgamma(student, rng):
    """The gradient dgamma agrees with the numerical gradient / dgamma 与数值梯度一致"""
    expect_backward(student, layernorm, "layernorm_backward", rng, 1, DGAMMA)


@exercise("layernorm_backward")
def test_layernorm_backward_dbeta(student, rng):
    """The gradient dbeta agrees with the numerical gradient / dbeta 与数值梯度一致"""
    expect_backward(student, layernorm, "layernorm_backward", rng, 2, DBETA)


@exercise("dropout_forward")
def test_dropout_share(student, rng):
    """In training a share p of the units is kept / 训练时保留比例为 p 的单元"""
    for p in (0.25, 0.4, 0.7):
        out, _ = student.layers.dropout_forward(rng.randn(500, 500) + 10, {"mode": "train", "p": p})
        expect_shape(out, (500, 500), "out")
        expect_close(np.mean(out != 0), p, f"the share kept at p = {p}", tol=0.02, hint=KEEPING)


@exercise("dropout_forward")
def test_dropout_mean(student, rng):
    """The mean stays what it was, in training and testing / 训练和测试时均值都保持不变"""
    x = rng.randn(500, 500) + 10
    for mode in ("train", "test"):
        for p in (0.25, 0.4, 0.7):
            out, _ = student.layers.dropout_forward(x.copy(), {"mode": mode, "p": p})
            what = f"the mean in mode {mode} at p = {p}"
            expect_close(np.mean(out), np.mean(x), what, tol=0.01, hint=SCALED)


@exercise("dropout_forward")
def test_dropout_scale(student, rng):
    """What is kept is scaled alike, and one by one / 逐个单元丢弃，保留的按同一比例缩放"""
    x = rng.randn(50, 40) + 10
    out, _ = student.layers.dropout_forward(x.copy(), {"mode": "train", "p": 0.5})
    expect_shape(out, (50, 40), "out")
    kept = out != 0
    expect_close(out[kept], 2 * x[kept], "units that are kept", hint=SCALED)
    wrong = "whole rows or columns are dropped / 整行或整列被丢弃"
    alone = np.ptp(kept.mean(axis=0)) > 0 and np.ptp(kept.mean(axis=1)) > 0
    expect(alone, wrong, "a draw for each entry / 每个元素各抽一次")


@exercise("dropout_forward")
def test_dropout_test_mode(student, rng):
    """At test time the input passes unchanged / 测试时输入原样通过"""
    x = rng.randn(50, 40) + 10
    out, _ = student.layers.dropout_forward(x.copy(), {"mode": "test", "p": 0.3})
    expect_close(out, x, "out", hint=SCALED)


@exercise("dropout_backward")
def test_dropout_backward(student, rng):
    """The gradient dx agrees with the numerical gradient / dx 与数值梯度一致"""
    x, dout = rng.randn(10, 10) + 10, rng.randn(10, 10)
    param = {"mode": "train", "p": 0.2, "seed": 123}
    dx = student.layers.dropout_backward(dout.copy(), student.layers.dropout_forward(x, param)[1])
    hint = "use the mask of the forward pass, scaled as there / 使用前向传播的掩码，缩放也相同"
    forward = student.layers.dropout_forward
    expect_gradient(dx, lambda v: forward(v, param)[0], x, dout, "dx", hint=hint)


@exercise("dropout_backward")
def test_dropout_backward_test_mode(student, rng):
    """At test time the gradient passes unchanged / 测试时梯度原样通过"""
    x, dout = rng.randn(4, 5), rng.randn(4, 5)
    _, cache = student.layers.dropout_forward(x, {"mode": "test", "p": 0.2})
    dx = student.layers.dropout_backward(dout.copy(), cache)
    expect_close(dx, dout, "dx", hint="nothing was dropped / 此时没有丢弃任何单元")
