"""Hidden checks of the switches of FullyConnectedNet: batch norm, layer norm, dropout.

The switches are edits of a function that is judged as an exercise of its own, and its faults are
paid for there. So the networks here are ones in which such a fault shows nothing: every input of a
ReLU that stands where it should is positive, scores are far above zero, hidden biases are zero,
nothing is regularised, and scores are compared by their differences.
"""

import itertools

import numpy as np
import pytest

from autograder.checks.networks import expect_gradients
from daseCV.classifiers.fc_net import FullyConnectedNet
from daseCV.compare import Mismatch, expect, expect_close, expect_shape
from daseCV.layers import softmax_loss

FLOAT32 = 1e-3  # tolerance where a student computes in single precision
CLOSE = 1e-4  # against an epsilon outside the root
ORDER = "affine - norm - ReLU; no norm after the last affine / 仿射、归一化、ReLU；最后一层不归一化"


def _params(rng, dims, positive=False):
    """Parameters of a normalised network whose units and scores are all positive."""
    params = {}
    for i, (rows, columns) in enumerate(itertools.pairwise(dims), 1):
        low = 0.1 if positive else -1.0
        params[f"W{i}"] = rng.uniform(low, 1.0, size=(rows, columns))
        params[f"b{i}"] = np.zeros(columns)
    for i, width in enumerate(dims[1:-1], 1):
        params[f"gamma{i}"] = rng.uniform(0.5, 1.5, size=width)
        params[f"beta{i}"] = rng.uniform(20.0, 21.0, size=width)
    last = i + 1
    params[f"b{last}"] += 100.0
    params[f"W{last}"] -= params[f"W{last}"].mean(axis=0)  # so that no class is sure
    return params


def _networks(student, params, kind, dims=(5, 6, 6, 4), dtype=np.float64, supplied=False):
    """The student's network and the kit's, with these parameters where the student has them."""
    arguments = list(dims[1:-1]), dims[0], dims[-1]
    net = student.fc_net.FullyConnectedNet(*arguments, normalization=kind, dtype=dtype)
    kit = FullyConnectedNet(*arguments, normalization=kind, dtype=dtype)
    there = params if supplied else params.keys() & student.fetch(net.params).keys()
    for name in there:
        net.params[name] = params[name].astype(dtype)
    kit.params = {name: value.astype(dtype) for name, value in params.items()}
    return net, kit


def _expect_scores(scores, right, tol=CLOSE, hint=""):
    """Scores differ from each other as they should; the reference is row by row the first."""
    expect_shape(scores, right.shape, "scores")
    apart, wanted = scores - scores[:, :1], right - right[:, :1]
    expect_close(apart, wanted, name="scores - scores[:, :1]", tol=tol, hint=hint)


def _distance(one, other, shape):
    """The largest difference of two arrays of that shape; others cost points elsewhere."""
    fit = all(isinstance(value, np.ndarray) and value.shape == shape for value in (one, other))
    return np.max(np.abs(one - other)) if fit else 0.0


def _added(student, net, kit, names, X, y):
    """What regularisation adds to the loss, and at most to these gradients."""
    found = []
    for reg in (0.0, 1.0):
        net.reg = reg
        loss, grads = net.loss(X, y)
        expect_shape(loss, (), name="loss")
        found.append((loss, student.fetch(grads)))
    (loss, plain), (with_reg, grads) = found
    shapes = {name: kit.params[name].shape for name in names}
    more = [_distance(grads.get(n), plain.get(n), shape) for n, shape in shapes.items()]
    return with_reg - loss, max(more)


def _are_regularised(student, net, kit, names, X, y):
    """Whether these parameters add to the regularisation, or it to their gradients."""
    before, _ = _added(student, net, kit, names, X, y)
    for name in names:
        net.params[name] = kit.params[name] + 1
    after, more = _added(student, net, kit, names, X, y)
    return abs(after - before) > 1e-6 or more > 1e-6


# --- FullyConnectedNet.batchnorm -----------------------------------------------------------------

MOST_UNITS = 100  # of a wrong __init__, at the start
SCALES = ["gamma1", "beta1", "gamma2", "beta2"]


def _batchnorm(student, rng, N=8, **options):
    params = _params(rng, options.get("dims", (5, 6, 6, 4)))
    net, kit = _networks(student, params, "batchnorm", **options)
    return net, kit, rng.normal(size=(N, 5)), rng.choice(4, N)


@pytest.mark.exercise("FullyConnectedNet.batchnorm")
def test_batchnorm_start(student):
    """Hidden layers have a gamma of ones and a beta of zeros / 隐藏层的 gamma 为 1、beta 为 0"""
    net = student.fc_net.FullyConnectedNet([6, 7], 5, 4, normalization="batchnorm")
    params = student.fetch(net.params)
    for i in (1, 2):
        width = np.shape(params.get(f"W{i}"))[-1:]  # whether that is right is judged elsewhere
        for name, value in ((f"gamma{i}", 1.0), (f"beta{i}", 0.0)):
            found = params.get(name)
            fits = np.shape(found) == width and np.size(found) <= MOST_UNITS
            expect(fits, f"{name} has the wrong shape / {name} 的形状不对")
            expect_close(found, np.full(width, value), name=name)
    expect("gamma3" not in params, "there is no gamma3, no beta3 / 不应有 gamma3、beta3", ORDER)


@pytest.mark.exercise("FullyConnectedNet.batchnorm")
def test_batchnorm_loss(student, rng):
    """The loss in training is right / 训练时的损失正确"""
    net, kit, X, y = _batchnorm(student, rng)
    expect_close(net.loss(X, y)[0], kit.loss(X, y)[0], name="loss", tol=CLOSE, hint=ORDER)


@pytest.mark.exercise("FullyConnectedNet.batchnorm")
def test_batchnorm_scale_gradients(student, rng):
    """The gradients of gamma and beta are right / gamma 与 beta 的梯度正确"""
    net, kit, X, y = _batchnorm(student, rng)
    expect_gradients(student, net, kit, X, y, SCALES, tol=CLOSE)


@pytest.mark.exercise("FullyConnectedNet.batchnorm")
def test_batchnorm_weight_gradients(student, rng):
    """The gradients of the weights are right / 权重的梯度正确"""
    net, kit, X, y = _batchnorm(student, rng)
    expect_gradients(student, net, kit, X, y, ["W1", "W2", "W3"], tol=CLOSE)


def _passes_dead_unit(student, net, X, y):
    """Whether a gradient reaches the weights of unit 0: then the backward pass knows no ReLU."""
    dW1 = student.fetch(net.loss(X, y)[1]).get("W1")
    expect_shape(dW1, (5, 6), name="grads['W1']")
    return np.all(dW1[:, 0] != 0)


@pytest.mark.exercise("FullyConnectedNet.batchnorm")
def test_batchnorm_backward_order(student, rng, lost):
    """The gradients are right where a ReLU stops some of them / ReLU 截断部分梯度时仍然正确"""
    net, kit, X, y = _batchnorm(student, rng)
    expect_gradients(student, net, kit, X, y, ["gamma1"], tol=CLOSE)
    for network in (net, kit):  # the ReLU stops unit 0 everywhere, and units 1 to 4 somewhere
        network.params["beta1"] = np.array([-20.0, 0.1, 0.1, 0.1, 0.1, 20.0])
        network.params["beta2"] = np.full(6, 0.2)
    try:
        expect_gradients(student, net, kit, X, y, ["W1", *SCALES], tol=CLOSE)
    except Mismatch:
        leaks = _passes_dead_unit(student, net, X, y) and lost("FullyConnectedNet.loss")
        hint = "backwards it goes through the ReLU first / 反向传播时先经过 ReLU"
        expect(leaks, "gradients disagree with numerical ones / 梯度与数值梯度不一致", hint)


@pytest.mark.exercise("FullyConnectedNet.batchnorm")
def test_batchnorm_at_test_time(student, rng):
    """Without labels every layer uses its own running averages / 无标签时各层使用各自的滑动平均"""
    net, kit, X, y = _batchnorm(student, rng)
    for network, i in itertools.product([net, kit], [0, 1]):
        network.bn_params[i]["momentum"] = 0.1
    for network in [net, kit, net, kit, net, kit]:
        network.loss(X, y)
    hint = "self.bn_params[i - 1] is for layer i alone / self.bn_params[i - 1] 只供第 i 层使用"
    _expect_scores(net.loss(X[:3] / 2), kit.loss(X[:3] / 2), hint=hint)


@pytest.mark.exercise("FullyConnectedNet.batchnorm")
def test_batchnorm_not_regularised(student, rng, lost):
    """Neither gamma nor beta is regularised / gamma 与 beta 不做正则化"""
    net, kit, X, y = _batchnorm(student, rng)
    expect_gradients(student, net, kit, X, y, ["gamma1"], tol=CLOSE)
    if _are_regularised(student, net, kit, SCALES, X, y):
        biases = _are_regularised(student, net, kit, ["b1", "b2", "b3"], X, y)  # everything is
        wrong = "gamma or beta adds to the regularisation / gamma 或 beta 参与了正则化"
        expect(biases and lost("FullyConnectedNet.loss"), wrong)


@pytest.mark.exercise("FullyConnectedNet.batchnorm")
@pytest.mark.beyond
def test_batchnorm_sizes(student, rng):
    """Layers may differ in size, and images may come as they are / 各层宽度可不同，图像不必展平"""
    net, kit, X, y = _batchnorm(student, rng, dims=(12, 7, 5, 4))
    X = rng.normal(size=(8, 3, 2, 2))
    expect_close(net.loss(X, y)[0], kit.loss(X, y)[0], name="loss", tol=CLOSE, hint=ORDER)
    expect_gradients(student, net, kit, X, y, [*SCALES, "W1", "W2"], tol=CLOSE)


@pytest.mark.exercise("FullyConnectedNet.batchnorm")
@pytest.mark.beyond
def test_batchnorm_float32(student, rng):
    """Single precision works too / 单精度也正确"""
    net, kit, X, y = _batchnorm(student, rng, dtype=np.float32)
    expect_close(net.loss(X, y)[0], kit.loss(X, y)[0], name="loss", tol=FLOAT32, hint=ORDER)
    expect_gradients(student, net, kit, X, y, ["gamma1", "gamma2", "beta2"], tol=1e-2)


# --- FullyConnectedNet.layernorm -----------------------------------------------------------------


def _layernorm(student, rng, N=4, **options):
    """What batch norm shares is paid for there: the place, one gamma for all, none at the start."""
    params = _params(rng, (5, 6, 6, 4), positive=True)
    params |= {"gamma2": params["gamma1"], "beta2": params["beta1"]}
    other = student.fc_net.FullyConnectedNet([6, 6], 5, 4, normalization="batchnorm")
    options["supplied"] = "gamma1" not in student.fetch(other.params)
    net, kit = _networks(student, params, "layernorm", **options)
    return net, kit, rng.uniform(0.5, 2.0, size=(N, 5)), rng.choice(4, N)


@pytest.mark.exercise("FullyConnectedNet.layernorm")
def test_layernorm_loss(student, rng):
    """The loss in training is right / 训练时的损失正确"""
    net, kit, X, y = _layernorm(student, rng)
    expect_close(net.loss(X, y)[0], kit.loss(X, y)[0], name="loss", tol=CLOSE)


@pytest.mark.exercise("FullyConnectedNet.layernorm")
@pytest.mark.parametrize("names", [SCALES, ["W1", "W2", "W3"]], ids=["gamma-beta", "W"])
def test_layernorm_gradients(student, rng, names):
    """The gradients of gamma, beta and the weights are right / gamma、beta 与权重的梯度正确"""
    net, kit, X, y = _layernorm(student, rng)
    expect_gradients(student, net, kit, X, y, names, tol=CLOSE)


@pytest.mark.exercise("FullyConnectedNet.layernorm")
def test_layernorm_at_test_time(student, rng):
    """Scores of an example do not depend on the others / 一个样本的得分与其他样本无关"""
    net, kit, X, y = _layernorm(student, rng)
    net.loss(X, y)
    _expect_scores(net.loss(X[:1]), kit.loss(X)[:1])


@pytest.mark.exercise("FullyConnectedNet.layernorm")
@pytest.mark.beyond
def test_layernorm_float32(student, rng):
    """Single precision and a batch of one work too / 单精度、单个样本也正确"""
    net, kit, X, y = _layernorm(student, rng, N=1, dtype=np.float32)
    expect_close(net.loss(X, y)[0], kit.loss(X, y)[0], name="loss", tol=FLOAT32)
    expect_gradients(student, net, kit, X, y, SCALES, tol=1e-2)


# --- FullyConnectedNet.dropout -------------------------------------------------------------------
#
# Of one example the gradients tell what the layers did: those of W2 are the outputs of the first
# hidden layer times the gradients of b2, so a unit that was dropped leaves a row of zeros.

WIDTH = 300
KEPT = "the share of hidden units kept is not p / 隐藏单元的保留比例不是 p"


def _dropped_network(student, rng, p, **options):
    """A student's network with dropout, its parameters, one example and its label."""
    net = student.fc_net.FullyConnectedNet(
        [WIDTH, WIDTH], 8, 4, dropout=p, dtype=np.float64, **options
    )
    params = {}
    for i, (rows, columns) in enumerate(itertools.pairwise([8, WIDTH, WIDTH, 4]), 1):
        params[f"W{i}"] = rng.uniform(0.5, 1.5, size=(rows, columns)) / rows
        params[f"b{i}"] = np.full(columns, 5.0 * (i == 3))
    for name, value in params.items():
        net.params[name] = value
    return net, params, rng.uniform(0.5, 1.5, size=(1, 8)), np.array([1])


def _training(student, net, X, y):
    """Loss and gradients, which have the right shapes."""
    loss, grads = net.loss(X, y)
    grads = student.fetch(grads)
    shapes = {"W1": (8, WIDTH), "W2": (WIDTH, WIDTH), "W3": (WIDTH, 4)}
    shapes |= {"b1": (WIDTH,), "b2": (WIDTH,), "b3": (4,)}
    for name, shape in shapes.items():
        expect_shape(grads.get(name), shape, name=f"grads['{name}']")
    return loss, grads


def _gradients(student, net, X, y):
    return _training(student, net, X, y)[1]


def _units(grads, params, X, p):
    """The hidden units of both layers as they should be; which were kept is seen from grads."""
    first, second = (np.any(grads[name] != 0, axis=1) for name in ("W2", "W3"))
    one = first * (X[0] @ params["W1"]) / p
    return one, second * (one @ params["W2"]) / p


def _expect_kept(grads, p):
    """About a share p of both hidden layers is kept, and neither inputs nor scores are dropped."""
    for name in ("W2", "W3"):
        share = np.mean(np.any(grads[name] != 0, axis=1))
        expect(abs(share - p) < 0.145, KEPT)  # five deviations of 300 draws
    inputs = np.any(grads["W1"] != 0, axis=1)
    expect(inputs.all(), "an input is dropped, too / 输入也被丢弃了")
    expect(np.all(grads["b3"] != 0), "a score is dropped, too / 得分也被丢弃了")


def _second_layer(grads):
    return grads["W3"][:, 0] / grads["b3"][0]


def _expect_last_gradient(grads, params, X, y, p):
    """The last layer saw a share p of its inputs, in proportion, and b3 has their gradient."""
    hidden, (_, right) = _second_layer(grads), _units(grads, params, X, p)
    expect(abs(np.mean(hidden != 0) - p) < 0.145, KEPT)  # five deviations of 300 draws
    name = "the second layer's units over their sum"  # their scale is judged on its own
    expect_close(hidden / hidden.sum(), right / right.sum(), name=name, tol=CLOSE)
    loss, db3 = softmax_loss(hidden[None] @ params["W3"], y)
    expect_close(grads["b3"], db3[0], name="grads['b3']", tol=CLOSE)
    return loss


@pytest.mark.exercise("FullyConnectedNet.dropout")
@pytest.mark.parametrize("p", [0.25, 0.7])
def test_dropout_share(student, rng, p):
    """A share p of the units is kept after every hidden layer / 每个隐藏层之后按比例 p 保留"""
    net, _, X, y = _dropped_network(student, rng, p)
    _expect_kept(_gradients(student, net, X, y), p)


@pytest.mark.exercise("FullyConnectedNet.dropout")
def test_dropout_scale(student, rng):
    """What is kept is scaled once / 保留的单元只缩放一次"""
    net, params, X, y = _dropped_network(student, rng, 0.5)
    grads = _gradients(student, net, X, y)
    on, first = grads["b2"] != 0, np.any(grads["W2"] != 0, axis=1)
    expect(0.3 < np.mean(on) < 0.7, KEPT)
    hidden = grads["W2"][:, on][first, :1] / grads["b2"][on][:1]  # of the first layer
    one, two = _units(grads, params, X, 0.5)
    expect_close(hidden, one[first, None], name="units that are kept", tol=CLOSE)
    expect_close(_second_layer(grads), two, name="units of the second layer", tol=CLOSE)


@pytest.mark.exercise("FullyConnectedNet.dropout")
def test_dropout_scores(student, rng):
    """The last layer sees the units kept, and no score is dropped / 最后一层之后不再丢弃"""
    net, params, X, y = _dropped_network(student, rng, 0.5)
    loss, grads = _training(student, net, X, y)
    right = _expect_last_gradient(grads, params, X, y, 0.5)
    expect_close(loss, right, name="loss", tol=CLOSE)


@pytest.mark.exercise("FullyConnectedNet.dropout")
@pytest.mark.parametrize("p", [0.3, 0.6])
def test_dropout_gradients(student, rng, p):
    """The gradient passes where a unit was kept, scaled alike / 梯度只经过保留的单元，缩放相同"""
    net, params, X, y = _dropped_network(student, rng, p)
    grads = _gradients(student, net, X, y)
    _expect_last_gradient(grads, params, X, y, p)
    for after, name in (("3", "2"), ("2", "1")):
        kept = np.any(grads[f"W{after}"] != 0, axis=1)
        right = kept * (params[f"W{after}"] @ grads[f"b{after}"]) / p
        expect_close(grads[f"b{name}"], right, name=f"grads['b{name}']", tol=CLOSE)
    expect_close(grads["W1"], np.outer(X[0], grads["b1"]), name="grads['W1']", tol=CLOSE)


@pytest.mark.exercise("FullyConnectedNet.dropout")
def test_dropout_at_test_time(student, rng):
    """Without labels nothing is dropped / 无标签时不丢弃"""
    net, params, X, y = _dropped_network(student, rng, 0.4)
    _expect_kept(_gradients(student, net, X, y), 0.4)
    plain = FullyConnectedNet([WIDTH, WIDTH], 8, 4, dtype=np.float64)
    plain.params = params
    _expect_scores(net.loss(X), plain.loss(X))


@pytest.mark.exercise("FullyConnectedNet.dropout")
@pytest.mark.beyond
def test_dropout_other_name(student, rng):
    """It is called dropout_keep_ratio, too / 也可以写作 dropout_keep_ratio"""
    net, _, X, y = _dropped_network(student, rng, 1, dropout_keep_ratio=0.3)
    _expect_kept(_gradients(student, net, X, y), 0.3)


@pytest.mark.exercise("FullyConnectedNet.dropout")
@pytest.mark.beyond
def test_dropout_after_norm(student, rng):
    """With batch norm it comes last / 与批归一化同用时放在最后"""
    net, _, X, y = _dropped_network(student, rng, 0.4, normalization="batchnorm")
    for name in ("beta1", "beta2"):
        net.params[name] = np.full(WIDTH, 3.0)
    kept = np.any(_gradients(student, net, X, y)["W3"] != 0, axis=1)
    expect(0.25 < np.mean(kept) < 0.55, KEPT)  # five deviations; one example is all beta


@pytest.mark.exercise("FullyConnectedNet.dropout")
@pytest.mark.beyond
def test_dropout_seed(student, rng):
    """With a seed every call drops the same / 给定种子时每次丢弃相同的单元"""
    net, _, X, y = _dropped_network(student, rng, 0.4, seed=123)
    first, second = (_gradients(student, net, X, y) for _ in "12")
    _expect_kept(first, 0.4)
    expect_close(second["W3"], first["W3"], name="grads['W3'] in a second call")
