"""Visible checks of the switches of FullyConnectedNet: batch norm, layer norm and dropout."""

import numpy as np

from daseCV.checks import exercise
from daseCV.checks.test_fc_net import expect_gradients, filled, penalty
from daseCV.compare import expect, expect_close, expect_shape

# Source of the numbers: the BatchNormalization notebook (CS231n, DaSE 2021), seed 231; those of
# layer norm were computed on the same case. A batch of two leaves room for the place of epsilon.
BATCHNORM_LOSS, BATCHNORM_LOSS_WITH_REG = 2.2611955101340957, 6.996533220108303
LAYERNORM_LOSS, LAYERNORM_LOSS_WITH_REG = 2.237831004146712, 7.10213782725159
ROOM = 1e-3

PLACE = "affine - norm - ReLU; no norm after the last affine / 仿射、归一化、ReLU；最后一层除外"
WEIGHTS = "neither gamma nor beta is regularised / gamma 与 beta 不做正则化"
BACK = "backwards: dropout, ReLU, norm, affine / 反向传播的顺序：dropout、ReLU、归一化、仿射"
AFTER = "dropout comes after every ReLU, and nowhere else / 每个 ReLU 之后都有 dropout，别处没有"


def network(student, hidden, **switches):
    """A network in double precision for 15 numbers and 10 classes."""
    return student.fc_net.FullyConnectedNet(hidden, 15, 10, dtype=np.float64, **switches)


def expect_published(student, kind, loss, loss_with_reg):
    """The notebook's three-layer network, at the weights that its seed gives, has these losses."""
    stream = np.random.RandomState(231)
    X, y = stream.randn(2, 15), stream.randint(10, size=2)
    shapes = {"W1": (15, 20), "W2": (20, 30), "W3": (30, 10)}
    for reg, right in ((0.0, loss), (3.14, loss_with_reg)):
        weights = {name: 5e-2 * stream.randn(*shape) for name, shape in shapes.items()}
        model = filled(network(student, [20, 30], normalization=kind), weights, reg)
        hint = WEIGHTS if reg else PLACE
        expect_close(model.loss(X, y)[0], right, f"loss at reg {reg}", tol=ROOM, hint=hint)


def random_case(student, rng, **switches):
    """A network in which everything, gamma and beta too, is random, and a batch."""
    model = network(student, [7, 6], **switches)
    params = {name: rng.normal(size=p.shape) for name, p in sorted(model.params.items())}
    return filled(model, params, 0.0), rng.normal(size=(6, 15)), rng.choice(10, size=6)


def expect_scales(student, kind):
    """Hidden layers have gamma and beta that start at one and zero; the last has none."""
    params = network(student, [7, 6], normalization=kind).params
    for i, width in ((1, 7), (2, 6)):
        expect_close(params.get(f"gamma{i}"), np.ones(width), f"gamma{i}", hint="ones / 全为 1")
        expect_close(params.get(f"beta{i}"), np.zeros(width), f"beta{i}", hint="zeros / 全为 0")
    expect("gamma3" not in params, "there should be no gamma3 / 不应有 gamma3", PLACE)


def expect_free_scales(student, rng, kind):
    """Regularisation adds the same when every gamma and beta is larger by one."""
    model, X, y = random_case(student, rng, normalization=kind)
    params = dict(model.params)
    scales = [name for name in params if name.startswith(("gamma", "beta"))]
    moved = {name: p + 1 if name in scales else p for name, p in params.items()}
    expect(len(scales) == 4, "gamma or beta is missing / 缺少 gamma 或 beta")
    before, after = penalty(model, params, X, y), penalty(model, moved, X, y)
    expect_close(after, before, "the penalty when gamma and beta grow", tol=1e-6, hint=WEIGHTS)


@exercise("FullyConnectedNet.batchnorm")
def test_batchnorm_parameters(student, rng):
    """Hidden layers have gamma and beta, ones and zeros / 隐藏层有全 1 的 gamma 和全 0 的 beta"""
    expect_scales(student, "batchnorm")


@exercise("FullyConnectedNet.batchnorm")
def test_batchnorm_published(student, rng):
    """The initial losses are the published ones / 初始损失与公布的数值一致"""
    expect_published(student, "batchnorm", BATCHNORM_LOSS, BATCHNORM_LOSS_WITH_REG)


@exercise("FullyConnectedNet.batchnorm")
def test_batchnorm_gradients(student, rng):
    """The gradients agree with numerical gradients / 梯度与数值梯度一致"""
    model, X, y = random_case(student, rng, normalization="batchnorm")
    expect_gradients(model, X, y, BACK)


@exercise("FullyConnectedNet.batchnorm")
def test_batchnorm_not_regularised(student, rng):
    """Neither gamma nor beta is regularised / gamma 与 beta 不做正则化"""
    expect_free_scales(student, rng, "batchnorm")


@exercise("FullyConnectedNet.batchnorm")
def test_batchnorm_running(student, rng):
    """Each layer keeps running averages of its own / 每层保存自己的滑动平均"""
    model, X, y = random_case(student, rng, normalization="batchnorm")
    model.loss(X, y)
    hint = "layer i takes self.bn_params[i - 1] / 第 i 层使用 self.bn_params[i - 1]"
    for i, width in ((0, 7), (1, 6)):
        kept = model.bn_params[i].get("running_mean")
        expect_shape(kept, (width,), f"running_mean of layer {i + 1}", hint=hint)


@exercise("FullyConnectedNet.batchnorm")
def test_batchnorm_test_time(student, rng):
    """At test time an example alone has the same scores / 测试时单个样本的分数不变"""
    model, X, y = random_case(student, rng, normalization="batchnorm")
    model.loss(X, y)
    scores = model.loss(X)
    expect_shape(scores, (6, 10), "scores")
    hint = "do the layers get the mode 'test'? / 各层的 mode 是 'test' 吗？"
    expect_close(model.loss(X[:1]), scores[:1], "scores of an example alone", hint=hint)


@exercise("FullyConnectedNet.layernorm")
def test_layernorm_parameters(student, rng):
    """Hidden layers have gamma and beta, ones and zeros / 隐藏层有全 1 的 gamma 和全 0 的 beta"""
    expect_scales(student, "layernorm")


@exercise("FullyConnectedNet.layernorm")
def test_layernorm_published(student, rng):
    """The initial losses are the known ones / 初始损失与已知的数值一致"""
    expect_published(student, "layernorm", LAYERNORM_LOSS, LAYERNORM_LOSS_WITH_REG)


@exercise("FullyConnectedNet.layernorm")
def test_layernorm_gradients(student, rng):
    """The gradients agree with numerical gradients / 梯度与数值梯度一致"""
    model, X, y = random_case(student, rng, normalization="layernorm")
    expect_gradients(model, X, y, BACK)


@exercise("FullyConnectedNet.layernorm")
def test_layernorm_not_regularised(student, rng):
    """Neither gamma nor beta is regularised / gamma 与 beta 不做正则化"""
    expect_free_scales(student, rng, "layernorm")


@exercise("FullyConnectedNet.layernorm")
def test_layernorm_alone(student, rng):
    """An example alone has the same scores as in a batch / 单个样本的分数与在批次中相同"""
    model, X, _ = random_case(student, rng, normalization="layernorm")
    scores = model.loss(X)
    expect_shape(scores, (6, 10), "scores")
    hint = "is it layer norm, in testing too? / 用的是层归一化吗？测试时也用了吗？"
    expect_close(model.loss(X[:1]), scores[:1], "scores of an example alone", hint=hint)


@exercise("FullyConnectedNet.layernorm")
def test_layernorm_test_time(student, rng):
    """Scores at test time are those that training computes / 测试时的分数与训练时算出的相同"""
    model, X, y = random_case(student, rng, normalization="layernorm")
    loss, _ = model.loss(X, y)
    right, _ = student.layers.softmax_loss(model.loss(X), y)
    hint = "layer norm does the same in training and testing / 层归一化在训练和测试时相同"
    expect_close(loss, right, "loss, beside that of the test scores,", hint=hint)


def dropped_case(student, rng, keep):
    """A wide network of positive weights with dropout, one positive example and its label.

    Of one example the gradient of W2 has a row of zeros for each unit dropped in front of it.
    """
    model = network(student, [200, 200], dropout=keep)
    params = {
        name: rng.uniform(0.5, 1.5, size=p.shape) / len(p) if name.startswith("W") else p
        for name, p in sorted(model.params.items())
    }
    return filled(model, params, 0.0), rng.uniform(0.5, 1.5, size=(1, 15)), np.array([3])


@exercise("FullyConnectedNet.dropout")
def test_dropout_share(student, rng):
    """Every hidden layer keeps a share p of its units / 每个隐藏层按比例 p 保留单元"""
    for keep in (0.25, 0.75):
        model, X, y = dropped_case(student, rng, keep)
        _, grads = model.loss(X, y)
        for layer, name in ((1, "W2"), (2, "W3")):
            share = np.mean(np.any(grads[name] != 0, axis=1))
            wrong = f"hidden layer {layer} keeps another share / 第 {layer} 隐藏层的保留比例不对"
            expect(abs(share - keep) < 0.18, wrong, AFTER)  # five deviations


@exercise("FullyConnectedNet.dropout")
def test_dropout_elsewhere(student, rng):
    """Neither inputs nor scores are dropped / 输入与分数不被丢弃"""
    model, X, y = dropped_case(student, rng, 0.5)
    _, grads = model.loss(X, y)
    inputs = np.any(grads["W1"] != 0, axis=1)
    expect(inputs.all(), "inputs are dropped / 输入被丢弃了", AFTER)
    expect(np.all(grads["b3"] != 0), "scores are dropped / 分数被丢弃了", AFTER)


@exercise("FullyConnectedNet.dropout")
def test_dropout_gradients(student, rng):
    """With a seed the gradients agree with numerical gradients / 给定种子时梯度与数值梯度一致"""
    model, X, y = random_case(student, rng, dropout=0.75, seed=123)
    expect_gradients(model, X, y, BACK)


@exercise("FullyConnectedNet.dropout")
def test_dropout_test_time(student, rng):
    """At test time nothing is dropped / 测试时不丢弃单元"""
    model, X, y = dropped_case(student, rng, 0.5)
    model.loss(X, y)
    plain = filled(network(student, [200, 200]), model.params, 0.0)
    hint = "do the layers get the mode 'test'? / 各层的 mode 是 'test' 吗？"
    expect_close(model.loss(X), plain.loss(X), "scores", hint=hint)


@exercise("FullyConnectedNet.dropout")
def test_dropout_with_norm(student, rng):
    """With batch norm the gradients are right, too / 与批归一化同用时梯度也正确"""
    model, X, y = random_case(
        student, rng, normalization="batchnorm", dropout_keep_ratio=0.8, seed=123
    )
    expect_gradients(model, X, y, BACK)
