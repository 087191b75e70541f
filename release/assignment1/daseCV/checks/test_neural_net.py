"""Visible checks of the two-layer network that trains itself, with the notebook's numbers."""

import numpy as np

from daseCV.checks import exercise
from daseCV.compare import expect, expect_close, expect_gradient, expect_labels, expect_shape

# Source of the numbers: the two_layer_net notebook (CS231n 2016), weights by seed 0, images by
# seed 1. The loss is that of reg = 0.1 with the factor 0.5.
SCORES = [
    [-0.81233741, -1.27654624, -0.70335995],
    [-0.17129677, -1.18803311, -0.47310444],
    [-0.51590475, -1.01354314, -0.8504215],
    [-0.15419291, -0.48629638, -0.52901952],
    [-0.00618733, -0.12435261, -0.15226949],
]
LOSS, REG = 1.30378789133, 0.1
LABELS = np.array([0, 1, 2, 2, 1])
TOY_SIZES = {"input_size": 4, "hidden_size": 10, "output_size": 3, "std": 1e-1}

FACTOR = "0.5 * reg times the squares of W1 and W2, mind the factor / 注意系数 0.5，只含 W1 和 W2"
FIRST = "b1 is added before the ReLU / b1 在 ReLU 之前加上"
BIASES = "biases are not regularised / 偏置不做正则化"
LINEAR = "a ReLU after the first layer, none after the second / 只在第一层之后有 ReLU"
MEAN = "the mean over the batch, of -log of the right class / 正确类别概率的 -log，再取平均"
SLOPES = "from the scores back, layer by layer, summed over the batch / 从得分往回逐层求导"
SHIFT = "subtract the largest score of each row first / 先减去每行的最大得分"
PAIRS = "the labels are those of the drawn rows / 标签要与抽到的行对应"
STEP = "each parameter moves by -learning_rate times its gradient / 每个参数沿负梯度更新"


def toy(student):
    """The notebook's network and images."""
    stream, images = np.random.RandomState(0), np.random.RandomState(1)
    net = student.neural_net.TwoLayerNet(**TOY_SIZES)
    net.params["W1"] = 1e-1 * stream.randn(4, 10)
    net.params["W2"] = 1e-1 * stream.randn(10, 3)
    return net, 10 * images.randn(5, 4)


def squares(net):
    """Sum of the squared weights."""
    return np.sum(net.params["W1"] ** 2) + np.sum(net.params["W2"] ** 2)


def penalty(net, X, reg):
    """What regularisation adds to the loss."""
    return net.loss(X, LABELS, reg=reg)[0] - net.loss(X, LABELS, reg=0.0)[0]


def expect_gradients(net, X, reg, hint):
    """Every gradient agrees with the numerical gradient of the network's own loss."""
    params = {name: value.copy() for name, value in net.params.items()}
    _, grads = net.loss(X, LABELS, reg=reg)
    expect(set(params) <= set(grads), "grads lacks a parameter / grads 缺少某个参数的梯度", hint)
    for name, value in params.items():

        def loss(v, name=name):
            net.params = {**params, name: v}
            return net.loss(X, LABELS, reg=reg)[0]

        expect_gradient(grads[name], loss, value, 1.0, f"grads['{name}']", 1e-5, hint)


@exercise("neural_net.TwoLayerNet.loss")
def test_scores(student, rng):
    """Without labels it returns the published scores / 没有标签时返回公布的分数"""
    net, X = toy(student)
    expect_close(net.loss(X), SCORES, "scores", tol=1e-6, hint=LINEAR)


@exercise("neural_net.TwoLayerNet.loss")
def test_biases_count(student, rng):
    """Both biases count, and scores may be positive or negative / 两个偏置都起作用，分数可正可负"""
    net, X = toy(student)
    plain = np.array(net.loss(X))
    net.params["b2"] = np.array([10.0, 0.0, -10.0])
    expect_close(net.loss(X), plain + net.params["b2"], "scores with another b2", hint=LINEAR)
    net.params["b1"] = np.full(10, 100.0)  # so high that every unit is active
    linear = (X @ net.params["W1"] + 100) @ net.params["W2"] + net.params["b2"]
    expect_close(net.loss(X), linear, "scores with another b1", hint=FIRST)


@exercise("neural_net.TwoLayerNet.loss")
def test_loss(student, rng):
    """The loss without regularisation is right / 无正则化时损失正确"""
    net, X = toy(student)
    plain = LOSS - 0.5 * REG * squares(net)
    expect_close(net.loss(X, LABELS, reg=0.0)[0], plain, "loss", tol=1e-9, hint=MEAN)


@exercise("neural_net.TwoLayerNet.loss")
def test_regularised_loss(student, rng):
    """The loss with regularisation is the published one / 有正则化时损失与公布的数值一致"""
    net, X = toy(student)
    added = penalty(net, X, REG)
    expect_close(added, 0.5 * REG * squares(net), "what reg adds", tol=1e-6, hint=FACTOR)
    expect_close(net.loss(X, LABELS, reg=REG)[0], LOSS, "loss", tol=1e-9, hint=MEAN)


@exercise("neural_net.TwoLayerNet.loss")
def test_free_biases(student, rng):
    """Biases are not regularised / 偏置不做正则化"""
    net, X = toy(student)
    before = penalty(net, X, 1.0)
    net.params["b1"], net.params["b2"] = np.ones(10), np.ones(3)
    name = "what reg adds when the biases grow"
    expect_close(penalty(net, X, 1.0), before, name, tol=1e-6, hint=BIASES)


@exercise("neural_net.TwoLayerNet.loss")
def test_gradients(student, rng):
    """Gradients without regularisation are numerically right / 无正则化时梯度与数值梯度一致"""
    expect_gradients(*toy(student), 0.0, SLOPES)


@exercise("neural_net.TwoLayerNet.loss")
def test_regularised_gradients(student, rng):
    """Gradients with regularisation are numerically right / 有正则化时梯度与数值梯度一致"""
    hint = "the penalty has a gradient too, reg * W / 正则项也有梯度，为 reg * W"
    expect_gradients(*toy(student), 0.7, hint)


@exercise("neural_net.TwoLayerNet.loss")
def test_large_scores(student, rng):
    """Large scores do not overflow / 得分很大时不会溢出"""
    net, X = toy(student)
    before = net.loss(X, LABELS)[0]
    net.params["b2"] = net.params["b2"] + 1000.0
    with np.errstate(over="ignore", invalid="ignore"):
        after = net.loss(X, LABELS)[0]
    expect_close(after, before, "loss when all scores grow by 1000", tol=1e-6, hint=SHIFT)


def frozen_losses(student, rows, num_iters, batch_size):
    """Losses of the batches drawn from images of loss 1, 2, ... while nothing is learnt."""
    net = student.neural_net.TwoLayerNet(rows, rows, 2)
    second = np.log(np.exp(np.arange(1, rows + 1)) - 1)
    net.params["W1"], net.params["W2"] = np.eye(rows), np.stack([0 * second, second], axis=1)
    X, y = np.eye(rows), np.zeros(rows, dtype=int)
    options = {"learning_rate": 0.0, "num_iters": num_iters, "batch_size": batch_size}
    return np.array(net.train(X, y, X, y, reg=0.0, **options)["loss_history"])


@exercise("neural_net.TwoLayerNet.train")
def test_step(student, rng):
    """A step moves every parameter down its gradient / 每一步都沿负梯度更新所有参数"""
    net, X = toy(student)
    X, y = np.tile(X[:1], (6, 1)), np.zeros(6, dtype=int)  # any batch is the same
    before = {name: value.copy() for name, value in net.params.items()}
    _, grads = net.loss(X[:3], y[:3], reg=0.2)
    net.train(X, y, X, y, learning_rate=0.1, reg=0.2, num_iters=1, batch_size=3)
    for name, value in before.items():
        expect_close(net.params[name], value - 0.1 * grads[name], f"params['{name}']", hint=STEP)


@exercise("neural_net.TwoLayerNet.train")
def test_histories(student, rng):
    """A loss per iteration, two accuracies per epoch / 每次迭代一个损失，每轮两个准确率"""
    net, X = toy(student)
    X, y = np.tile(X, (4, 1)), np.tile(LABELS, 4)  # 20 images: an epoch has 4 batches of 5
    found = net.train(X, y, X, y, num_iters=12, batch_size=5)
    lengths = {"loss_history": 12, "train_acc_history": 3, "val_acc_history": 3}
    for name, length in lengths.items():
        expect(name in found, f"there is no {name} / 返回值中缺少 {name}")
        expect_shape(np.array(found[name], dtype=float), (length,), name)


@exercise("neural_net.TwoLayerNet.train")
def test_batches(student, rng):
    """Batches are drawn anew, from all rows / 每一步都从所有行中重新抽取批次"""
    drawn = set(np.round(frozen_losses(student, 10, 150, 1)).tolist())
    hint = "np.random.choice(num_train, batch_size) / 每步都要重新随机抽取"
    expect(len(drawn) == 10, "some rows are never drawn / 有的行从未被抽到", hint)
    losses = 4 * frozen_losses(student, 8, 20, 4)
    whole = np.abs(losses - np.round(losses)).max() < 1e-6
    expect(whole, "a batch has not batch_size rows / 批次的行数不是 batch_size", hint)


@exercise("neural_net.TwoLayerNet.train")
def test_pairs(student, rng):
    """Images keep their labels / 图片与标签保持对应"""
    net, y = student.neural_net.TwoLayerNet(5, 5, 5), np.arange(40) % 5
    net.params["W1"], net.params["W2"] = np.eye(5), 50 * np.eye(5)
    options = {"learning_rate": 0.0, "num_iters": 10, "batch_size": 8, "reg": 0.0}
    found = net.train(np.eye(5)[y], y, np.eye(5), np.arange(5), **options)
    expect_close(np.array(found["loss_history"]), np.zeros(10), "loss_history", hint=PAIRS)


@exercise("neural_net.TwoLayerNet.train")
def test_learns(student, rng):
    """It learns the toy data by heart / 能完全学会玩具数据"""
    net, X = toy(student)
    X, y = np.tile(X, (40, 1)), np.tile(LABELS, 40)  # so that 200 can be drawn in any way
    found = net.train(X, y, X, y, learning_rate=1e-1, reg=1e-5, num_iters=100, batch_size=200)
    reached = found["loss_history"][-1]
    what = f"the loss falls to {reached:.3g} only, it should be below 0.02"
    expect(reached < 0.02, f"{what} / 损失只降到 {reached:.3g}，应低于 0.02", STEP)


@exercise("neural_net.TwoLayerNet.predict")
def test_predict(student, rng):
    """Each image gets the class of its highest score / 每张图片取得分最高的类别"""
    net, X = toy(student)
    hint = "argmax over the classes, in each row / 在每一行中取得分最高的类别"
    expect_labels(net.predict(X), np.argmax(SCORES, axis=1), "y_pred", hint)
    net.params["b2"] = np.array([-100.0, -90.0, -80.0])
    expect_labels(net.predict(X), np.full(5, 2), "y_pred when all scores are negative", hint)


@exercise("neural_net.TwoLayerNet.predict")
def test_predict_one(student, rng):
    """A single image works, too / 单张图片也正确"""
    net, X = toy(student)
    expect_labels(net.predict(X[3:4]), np.argmax(SCORES, axis=1)[3:4], "y_pred")
