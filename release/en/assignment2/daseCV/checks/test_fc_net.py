"""Visible checks of the fully connected networks, with the numbers that the notebook shows."""

import numpy as np

from daseCV.checks import exercise
from daseCV.compare import expect, expect_close, expect_gradient, expect_shape

# Source of the numbers: the FullyConnectedNets notebook (CS231n, DaSE 2021), inputs by linspace or
# seed 231.
SCORES = [
    [11.53165108, 12.2917344, 13.05181771, 13.81190102, 14.57198434, 15.33206765, 16.09215096],
    [12.05769098, 12.74614105, 13.43459113, 14.1230412, 14.81149128, 15.49994135, 16.18839143],
    [12.58373087, 13.20054771, 13.81736455, 14.43418138, 15.05099822, 15.66781506, 16.2846319],
]
LOSS_WITHOUT_REG, LOSS_WITH_REG = 3.4702243556, 26.5948426952
INITIAL_LOSS, INITIAL_LOSS_WITH_REG = 2.300479089768492, 7.052114776533016

X, LABELS = np.linspace(-5.5, 4.5, num=15).reshape(5, 3).T, np.array([0, 5, 1])
PARAMS = {
    "W1": np.linspace(-0.7, 0.3, num=250).reshape(5, 50),
    "b1": np.linspace(-0.1, 0.9, num=50),
    "W2": np.linspace(-0.3, 0.4, num=350).reshape(50, 7),
    "b2": np.linspace(-0.9, 0.1, num=7),
}
SPREAD = "mean 0, standard deviation weight_scale / 均值为 0，标准差为 weight_scale"
FACTOR = "mind the factor 0.5, and regularise every W / 注意系数 0.5，且每个 W 都要正则化"
BIASES = "biases are not regularised / 偏置不做正则化"
LINEAR = "nothing comes after the last affine layer, no ReLU / 最后一个仿射层之后没有 ReLU"


def two_layers(student, reg=0.0):
    """The notebook's TwoLayerNet with its fixed parameters."""
    model = student.fc_net.TwoLayerNet(input_dim=5, hidden_dim=50, num_classes=7)
    return filled(model, PARAMS, reg)


def one_hidden_layer(student, reg=0.0):
    """The same network as a FullyConnectedNet."""
    net = student.fc_net.FullyConnectedNet
    return filled(net([50], input_dim=5, num_classes=7, dtype=np.float64), PARAMS, reg)


def filled(model, params, reg):
    """The model with copies of these parameters."""
    model.reg = reg
    for name, value in params.items():
        model.params[name] = value.copy()
    return model


def notebook_case(student, reg):
    """The notebook's three-layer network and batch; the weights are those its seed gives."""
    stream = np.random.RandomState(231)
    X, y = stream.randn(2, 15), stream.randint(10, size=2)
    shapes = {"W1": (15, 20), "W2": (20, 30), "W3": (30, 10)}
    for _ in range(1 if reg == 0 else 2):  # the cell builds its second network after its first
        weights = {name: 5e-2 * stream.randn(*shape) for name, shape in shapes.items()}
    model = student.fc_net.FullyConnectedNet([20, 30], 15, 10, dtype=np.float64)
    return filled(model, weights, reg), X, y


def deep_case(student, rng, reg):
    """A five-layer network in which everything, biases too, is random, and a batch."""
    model = student.fc_net.FullyConnectedNet([7, 6, 5, 4], 8, 3, dtype=np.float64)
    params = {name: 0.5 * rng.normal(size=p.shape) for name, p in model.params.items()}
    return filled(model, params, reg), rng.normal(size=(6, 8)), rng.choice(3, size=6)


def expect_parameters(model, shapes):
    """The parameters have these names and shapes, and nothing else is there."""
    names = ", ".join(shapes)
    expect(set(model.params) == set(shapes), f"params should be {names} / params 应为 {names}")
    for name, shape in shapes.items():
        expect_shape(model.params[name], shape, name)


def expect_start(model, weight_scale):
    """Weights spread by weight_scale around zero, biases zero; the weights need to be large."""
    for name, value in model.params.items():
        if name.startswith("b"):
            expect_close(value, np.zeros(value.shape), name, hint="they start at 0 / 从 0 开始")
        else:
            wide, far = np.std(value) / weight_scale, np.mean(value) / weight_scale
            what = f"{name} has the wrong standard deviation / {name} 的标准差不对"
            expect(abs(wide - 1) < 0.1, what, SPREAD)
            expect(abs(far) < 0.1, f"the mean of {name} is not 0 / {name} 的均值不为 0", SPREAD)


def expect_gradients(model, X, y, hint):
    """Every gradient agrees with the numerical gradient of the model's own loss."""
    params = {name: value.copy() for name, value in model.params.items()}
    _, grads = model.loss(X, y)
    expect(set(params) <= set(grads), "grads lacks a parameter / grads 缺少某个参数的梯度", hint)
    for name, value in params.items():

        def loss(v, name=name):
            return filled(model, {**params, name: v}, model.reg).loss(X, y)[0]

        expect_gradient(grads[name], loss, value, 1.0, f"grads['{name}']", 1e-5, hint)


def penalty(model, params, X, y):
    """What regularisation adds to the loss at these parameters."""
    with_reg = filled(model, params, 1.0).loss(X, y)[0]
    return with_reg - filled(model, params, 0.0).loss(X, y)[0]


def expect_free_biases(model, X, y):
    """The penalty is the same when every bias is larger by one."""
    params = dict(model.params)
    moved = {name: p + 1 if name.startswith("b") else p for name, p in params.items()}
    before, after = penalty(model, params, X, y), penalty(model, moved, X, y)
    expect_close(after, before, "the penalty when the biases grow", tol=1e-6, hint=BIASES)


def expect_linear_end(model, last_bias, X):
    """Scores fall by 100 when the last biases do."""
    before = np.array(model.loss(X))
    model.params[last_bias] = model.params[last_bias] - 100
    expect_close(model.loss(X), before - 100, "scores with a smaller last bias", hint=LINEAR)


@exercise("TwoLayerNet.__init__")
def test_two_layer_parameters(student, rng):
    """W1, b1, W2 and b2 are there, with the right shapes / W1、b1、W2、b2 齐全且形状正确"""
    model = student.fc_net.TwoLayerNet(input_dim=5, hidden_dim=50, num_classes=7)
    expect_parameters(model, {name: value.shape for name, value in PARAMS.items()})


@exercise("TwoLayerNet.__init__")
def test_two_layer_start(student, rng):
    """Weights are random of the right size, biases zero / 权重随机且大小合适，偏置为零"""
    net = student.fc_net.TwoLayerNet
    expect_start(net(input_dim=80, hidden_dim=60, num_classes=50, weight_scale=0.02), 0.02)


@exercise("TwoLayerNet.loss")
def test_two_layer_scores(student, rng):
    """Without labels it returns the published scores / 没有标签时返回公布的分数"""
    scores = two_layers(student).loss(X)
    hint = "affine, ReLU, affine, and only the scores come back / 仿射、ReLU、仿射，只返回分数"
    expect_close(scores, SCORES, "scores", hint=hint)


@exercise("TwoLayerNet.loss")
def test_two_layer_end(student, rng):
    """Scores may be negative / 分数可以为负"""
    expect_linear_end(two_layers(student), "b2", X)


@exercise("TwoLayerNet.loss")
def test_two_layer_loss(student, rng):
    """The loss without regularisation is the published one / 无正则化时损失与公布的数值一致"""
    loss, _ = two_layers(student).loss(X, LABELS)
    hint = "the softmax loss of the scores / 对分数求 softmax 损失"
    expect_close(loss, LOSS_WITHOUT_REG, "loss", tol=1e-9, hint=hint)


@exercise("TwoLayerNet.loss")
def test_two_layer_regularised_loss(student, rng):
    """The loss with regularisation is the published one / 有正则化时损失与公布的数值一致"""
    loss, _ = two_layers(student, reg=1.0).loss(X, LABELS)
    expect_close(loss, LOSS_WITH_REG, "loss", tol=1e-9, hint=FACTOR)


@exercise("TwoLayerNet.loss")
def test_two_layer_biases(student, rng):
    """Biases are not regularised / 偏置不做正则化"""
    expect_free_biases(two_layers(student), X, LABELS)


@exercise("TwoLayerNet.loss")
def test_two_layer_gradients(student, rng):
    """Gradients without regularisation are numerically right / 无正则化时梯度与数值梯度一致"""
    hint = "are the layers' backward passes right? / 各层的反向传播正确吗？"
    expect_gradients(two_layers(student), X, LABELS, hint)


@exercise("TwoLayerNet.loss")
def test_two_layer_regularised_gradients(student, rng):
    """Gradients with regularisation are numerically right / 有正则化时梯度与数值梯度一致"""
    hint = "the penalty has a gradient too, for W1 and W2 / 正则项对 W1 和 W2 也有梯度"
    expect_gradients(two_layers(student, reg=0.7), X, LABELS, hint)


@exercise("FullyConnectedNet.__init__")
def test_fully_connected_parameters(student, rng):
    """W1, b1 to W3, b3 are there, with the right shapes / W1、b1 到 W3、b3 齐全且形状正确"""
    model = student.fc_net.FullyConnectedNet([20, 30], input_dim=15, num_classes=10)
    shapes = {"W1": (15, 20), "b1": (20,), "W2": (20, 30), "b2": (30,), "W3": (30, 10), "b3": (10,)}
    expect_parameters(model, shapes)


@exercise("FullyConnectedNet.__init__")
def test_fully_connected_depth(student, rng):
    """A network may have any number of hidden layers / 隐藏层数量任意"""
    model = student.fc_net.FullyConnectedNet([4, 4, 4, 4, 4], input_dim=3, num_classes=2)
    shapes = {f"W{i}": (4, 4) for i in range(1, 7)} | {f"b{i}": (4,) for i in range(1, 7)}
    expect_parameters(model, shapes | {"W1": (3, 4), "W6": (4, 2), "b6": (2,)})


@exercise("FullyConnectedNet.__init__")
def test_fully_connected_start(student, rng):
    """Weights are random of the right size, biases zero / 权重随机且大小合适，偏置为零"""
    net = student.fc_net.FullyConnectedNet
    expect_start(net([60, 50], input_dim=80, num_classes=40, weight_scale=0.02), 0.02)


@exercise("FullyConnectedNet.loss")
def test_fully_connected_scores(student, rng):
    """With one hidden layer it scores like TwoLayerNet / 单隐层时分数与 TwoLayerNet 相同"""
    scores = one_hidden_layer(student).loss(X)
    hint = "affine, ReLU, affine, and every bias counts / 仿射、ReLU、仿射，每个偏置都要用到"
    expect_close(scores, SCORES, "scores", hint=hint)


@exercise("FullyConnectedNet.loss")
def test_fully_connected_end(student, rng):
    """Scores may be negative / 分数可以为负"""
    expect_linear_end(one_hidden_layer(student), "b2", X)


@exercise("FullyConnectedNet.loss")
def test_fully_connected_initial_loss(student, rng):
    """The initial loss is the published one / 初始损失与公布的数值一致"""
    model, X, y = notebook_case(student, 0)
    hint = "a ReLU after each affine layer but the last / 除最后一层外，每个仿射层之后都有 ReLU"
    expect_close(model.loss(X, y)[0], INITIAL_LOSS, "loss", tol=1e-9, hint=hint)


@exercise("FullyConnectedNet.loss")
def test_fully_connected_regularised_loss(student, rng):
    """The initial loss is right with regularisation too / 有正则化时初始损失也正确"""
    model, X, y = notebook_case(student, 3.14)
    expect_close(model.loss(X, y)[0], INITIAL_LOSS_WITH_REG, "loss", tol=1e-9, hint=FACTOR)


@exercise("FullyConnectedNet.loss")
def test_fully_connected_biases(student, rng):
    """Biases are not regularised / 偏置不做正则化"""
    expect_free_biases(one_hidden_layer(student), X, LABELS)


@exercise("FullyConnectedNet.loss")
def test_fully_connected_gradients(student, rng):
    """Gradients of a deep network are numerically right / 深层网络的梯度与数值梯度一致"""
    hint = "from the last layer to the first, each its own cache / 从后往前，各用各的 cache"
    expect_gradients(*deep_case(student, rng, 0.0), hint)


@exercise("FullyConnectedNet.loss")
def test_fully_connected_regularised_gradients(student, rng):
    """Gradients with regularisation are numerically right / 有正则化时梯度与数值梯度一致"""
    hint = "the penalty has a gradient too, for every W / 正则项对每个 W 也有梯度"
    expect_gradients(*deep_case(student, rng, 3.14), hint)
