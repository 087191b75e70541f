"""Visible checks of the update rules, with the numbers that the notebook shows."""

import numpy as np

from daseCV.checks import exercise
from daseCV.compare import expect, expect_close

# Source of the numbers: the FullyConnectedNets notebook (CS231n, DaSE 2021), to eight decimals.
MOMENTUM_W = [
    [0.1406, 0.20738947, 0.27417895, 0.34096842, 0.40775789],
    [0.47454737, 0.54133684, 0.60812632, 0.67491579, 0.74170526],
    [0.80849474, 0.87528421, 0.94207368, 1.00886316, 1.07565263],
    [1.14244211, 1.20923158, 1.27602105, 1.34281053, 1.4096],
]
MOMENTUM_VELOCITY = [
    [0.5406, 0.55475789, 0.56891579, 0.58307368, 0.59723158],
    [0.61138947, 0.62554737, 0.63970526, 0.65386316, 0.66802105],
    [0.68217895, 0.69633684, 0.71049474, 0.72465263, 0.73881053],
    [0.75296842, 0.76712632, 0.78128421, 0.79544211, 0.8096],
]
RMSPROP_W = [
    [-0.39223849, -0.34037513, -0.28849239, -0.23659121, -0.18467247],
    [-0.132737, -0.08078555, -0.02881884, 0.02316247, 0.07515774],
    [0.12716641, 0.17918792, 0.23122175, 0.28326742, 0.33532447],
    [0.38739248, 0.43947102, 0.49155973, 0.54365823, 0.59576619],
]
RMSPROP_CACHE = [
    [0.5976, 0.6126277, 0.6277108, 0.64284931, 0.65804321],
    [0.67329252, 0.68859723, 0.70395734, 0.71937285, 0.73484377],
    [0.75037008, 0.7659518, 0.78158892, 0.79728144, 0.81302936],
    [0.82883269, 0.84469141, 0.86060554, 0.87657507, 0.8926],
]
ADAM_W = [
    [-0.40094747, -0.34836187, -0.29577703, -0.24319299, -0.19060977],
    [-0.1380274, -0.08544591, -0.03286534, 0.01971428, 0.0722929],
    [0.1248705, 0.17744702, 0.23002243, 0.28259667, 0.33516969],
    [0.38774145, 0.44031188, 0.49288093, 0.54544852, 0.59801459],
]
ADAM_V = [
    [0.69966, 0.68908382, 0.67851319, 0.66794809, 0.65738853],
    [0.64683452, 0.63628604, 0.6257431, 0.61520571, 0.60467385],
    [0.59414753, 0.58362676, 0.57311152, 0.56260183, 0.55209767],
    [0.54159906, 0.53110598, 0.52061845, 0.51013645, 0.49966],
]
ADAM_M = [
    [0.48, 0.49947368, 0.51894737, 0.53842105, 0.55789474],
    [0.57736842, 0.59684211, 0.61631579, 0.63578947, 0.65526316],
    [0.67473684, 0.69421053, 0.71368421, 0.73315789, 0.75263158],
    [0.77210526, 0.79157895, 0.81105263, 0.83052632, 0.85],
]


def ramp(start, stop):
    """The notebook's inputs: twenty numbers from start to stop, as (4, 5)."""
    return np.linspace(start, stop, num=20).reshape(4, 5)


def steps(rule, dw, count, **config):
    """How far w moves in each of `count` steps along the same gradient, and the last config."""
    w, moves = np.zeros_like(dw), []
    for _ in range(count):
        next_w, config = rule(w.copy(), dw.copy(), config)
        moves.append(next_w - w)
        w = next_w
    return moves, config


def large_gradient(rng):
    """Entries of both signs, of size 1 to 3, so that epsilon does not show."""
    return rng.choice([-1.0, 1.0], size=(3, 4)) * rng.uniform(1, 3, size=(3, 4))


@exercise("sgd")
def test_sgd_move(student, rng):
    """The parameter moves against the gradient / 参数沿负梯度方向移动"""
    dw = rng.normal(size=(3, 4))
    (move,), _ = steps(student.optim.sgd, dw, 1, learning_rate=0.5)
    expect_close(move, dw / -2, "the step")


@exercise("sgd_momentum")
def test_momentum_published(student, rng):
    """Both next_w and velocity agree with the published numbers / next_w 和速度与公布的数值一致"""
    config = {"learning_rate": 1e-3, "velocity": ramp(0.6, 0.9)}
    w, config = student.optim.sgd_momentum(ramp(-0.4, 0.6), ramp(-0.6, 0.4), config)
    hint = "momentum shrinks the old velocity; go downhill / 旧速度要乘 momentum；沿下坡方向"
    expect_close(config["velocity"], MOMENTUM_VELOCITY, "velocity", tol=1e-6, hint=hint)
    hint = "w moves by the new velocity / w 按新的速度移动"
    expect_close(w, MOMENTUM_W, "next_w", tol=1e-6, hint=hint)


@exercise("sgd_momentum")
def test_momentum_remembers(student, rng):
    """The second step remembers the first / 第二步记得第一步的速度"""
    dw = rng.normal(size=(3, 4))
    (first, second), _ = steps(student.optim.sgd_momentum, dw, 2, momentum=0.9)
    hint = "is the new velocity written back into config? / 新的速度写回 config 了吗？"
    expect_close(second, 1.9 * first, "the second step", hint=hint)


@exercise("rmsprop")
def test_rmsprop_published(student, rng):
    """Both next_w and cache agree with the published numbers / next_w 和 cache 与公布的数值一致"""
    config = {"learning_rate": 1e-2, "cache": ramp(0.6, 0.9)}
    w, config = student.optim.rmsprop(ramp(-0.4, 0.6), ramp(-0.6, 0.4), config)
    hint = "decay_rate is the share of the old average / decay_rate 是旧平均所占的比例"
    expect_close(config["cache"], RMSPROP_CACHE, "cache", tol=1e-6, hint=hint)
    hint = "divide by the root of the new cache / 除以新 cache 的平方根"
    expect_close(w, RMSPROP_W, "next_w", tol=1e-6, hint=hint)


@exercise("rmsprop")
def test_rmsprop_first_step(student, rng):
    """The first step is as long for any gradient / 第一步的长度与梯度大小无关"""
    dw = large_gradient(rng)
    (move,), _ = steps(student.optim.rmsprop, dw, 1, learning_rate=0.1, decay_rate=0.99)
    hint = "the cache is updated before it is used / 先更新 cache 再使用"
    expect_close(move, -np.sign(dw), "the step", tol=1e-5, hint=hint)


@exercise("adam")
def test_adam_averages(student, rng):
    """The averages m and v agree with the published numbers / 平均值 m 和 v 与公布的数值一致"""
    config = {"learning_rate": 1e-2, "m": ramp(0.6, 0.9), "v": ramp(0.7, 0.5), "t": 5}
    _, config = student.optim.adam(ramp(-0.4, 0.6), ramp(-0.6, 0.4), config)
    hint = "beta is the share of the old; store uncorrected / beta 是旧值的比例；保存未修正的值"
    expect_close(config["m"], ADAM_M, "m", tol=1e-6, hint=hint)
    expect_close(config["v"], ADAM_V, "v", tol=1e-6, hint=hint)


@exercise("adam")
def test_adam_counts(student, rng):
    """The count t grows by one with each step / 每一步 t 加一"""
    start = {"t": 0, "m": np.zeros((3, 4)), "v": np.zeros((3, 4))}
    _, config = steps(student.optim.adam, large_gradient(rng), 2, **start)
    hint = "is the new t written back into config? / 新的 t 写回 config 了吗？"
    expect(config["t"] == 2, "t is not 2 after two steps / 走两步之后 t 不等于 2", hint)


@exercise("adam")
def test_adam_published(student, rng):
    """The parameter next_w agrees with the published numbers / next_w 与公布的数值一致"""
    config = {"learning_rate": 1e-2, "m": ramp(0.6, 0.9), "v": ramp(0.7, 0.5), "t": 5}
    w, _ = student.optim.adam(ramp(-0.4, 0.6), ramp(-0.6, 0.4), config)
    hint = "t grows before it is used; correct the bias / 先增加 t 再使用；要修正偏差"
    expect_close(w, ADAM_W, "next_w", tol=1e-6, hint=hint)


@exercise("adam")
def test_adam_first_step(student, rng):
    """The first step is one learning rate long / 第一步的长度等于学习率"""
    dw = large_gradient(rng)
    start = {"t": 0, "m": np.zeros((3, 4)), "v": np.zeros((3, 4))}
    (move,), _ = steps(student.optim.adam, dw, 1, learning_rate=0.5, **start)
    hint = "is the bias corrected, with t = 1 in the first step? / 做偏差修正了吗？第一步 t 应为 1"
    expect_close(move, -np.sign(dw) / 2, "the step", tol=1e-5, hint=hint)
