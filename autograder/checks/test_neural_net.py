"""Hidden checks of daseCV/classifiers/neural_net.py: the two-layer network that trains itself.

Regularisation is judged in two checks of its own, so that a factor of 1 in place of 0.5 costs their
share and no more. Training is judged as a linear classifier's is: where all examples are alike, a
batch is what it is however it was drawn; where steps have next to no length, the losses tell what
was drawn. Whether rows are drawn with or without replacement does not matter, and no data set here
has a part of a batch left over, for which "an epoch" has been understood in two ways.
"""

import numpy as np
import pytest

from autograder.checks.arrays import row, series
from autograder.checks.batches import PAIRS, expect_all_drawn, expect_fresh, expect_size
from autograder.checks.networks import expect_slopes, randomise
from daseCV.classifiers.neural_net import TwoLayerNet
from daseCV.compare import expect, expect_close, expect_labels, expect_shape

FLOAT32 = 1e-4  # tolerance where a student computes in single precision
NO_LENGTH = 1e-12  # a learning rate that no loss shows; not 0, which code could ask for
NAMES = ["W1", "b1", "W2", "b2"]
L2 = "0.5 * reg times the squares of W1 and W2, no biases / 正则项为 0.5 * reg 乘 W1、W2 的平方和"
STEP = "every parameter moves by -learning_rate times its gradient / 参数沿各自的负梯度更新"


def _networks(student, rng, D=6, H=7, C=4, scale=0.7):
    """The student's network and the kit's, with the same random parameters, biases too."""
    theirs, mine = student.neural_net.TwoLayerNet(D, H, C), TwoLayerNet(D, H, C)
    randomise(theirs, mine, rng, scale)
    return theirs, mine


def _case(student, rng, N=5):
    """Both networks, N examples and their labels."""
    return *_networks(student, rng), rng.normal(size=(N, 6)), rng.choice(4, N)


def _expect_slopes(student, theirs, mine, X, y, names, reg):
    """These gradients are there and agree with the slope of the kit's loss."""
    grads = student.fetch(theirs.loss(X, y, reg=reg)[1])
    expect_slopes(grads, mine, X, y, names, hint=L2 if reg else "", reg=reg)


def _expect_agreement(student, theirs, mine, X, y, tol=1e-6, arrives=None):
    """Loss and gradients without regularisation agree with the kit's."""
    loss, grads = theirs.loss(X if arrives is None else arrives, y)
    right, slopes = mine.loss(X, y)
    expect_close(loss, right, name="loss", tol=tol)
    grads = student.fetch(grads)
    for name in NAMES:
        expect_close(grads.get(name), slopes[name], f"grads['{name}']", tol)


# --- neural_net.TwoLayerNet.loss -----------------------------------------------------------------


@pytest.mark.exercise("neural_net.TwoLayerNet.loss")
def test_scores(student, rng):
    """Without labels it returns the scores / 不给标签时返回得分"""
    theirs, mine, X, _ = _case(student, rng)
    hint = "the last layer has no ReLU / 最后一层没有 ReLU"
    expect_close(theirs.loss(X), mine.loss(X), name="scores", hint=hint)


@pytest.mark.exercise("neural_net.TwoLayerNet.loss")
def test_loss(student, rng):
    """The loss without regularisation is right / 无正则化时损失正确"""
    theirs, mine, X, y = _case(student, rng)
    expect_close(theirs.loss(X, y)[0], mine.loss(X, y)[0], name="loss")


@pytest.mark.exercise("neural_net.TwoLayerNet.loss")
def test_loss_regularised(student, rng):
    """The loss with regularisation is right, as published too / 含正则化的损失正确"""
    theirs, mine, X, y = _case(student, rng)
    expect_close(theirs.loss(X, y, reg=0.6)[0], mine.loss(X, y, reg=0.6)[0], "loss", hint=L2)
    weights, images = np.random.RandomState(0), np.random.RandomState(1)
    toy = student.neural_net.TwoLayerNet(4, 10, 3)
    toy.params["W1"], toy.params["W2"] = (0.1 * weights.randn(*s) for s in ((4, 10), (10, 3)))
    loss, _ = toy.loss(10 * images.randn(5, 4), np.array([0, 1, 2, 2, 1]), reg=0.1)
    expect_close(loss, 1.30378789133, "loss", tol=1e-9, hint=L2)  # neural_net.toy.loss.half


@pytest.mark.exercise("neural_net.TwoLayerNet.loss")
@pytest.mark.parametrize("name", NAMES)
def test_gradient(student, rng, name):
    """Each gradient agrees with the numerical one / 每个梯度与数值梯度一致"""
    _expect_slopes(student, *_case(student, rng), [name], reg=0.0)


@pytest.mark.exercise("neural_net.TwoLayerNet.loss")
def test_gradients_regularised(student, rng):
    """With regularisation all gradients are right / 含正则化时所有梯度正确"""
    _expect_slopes(student, *_case(student, rng), NAMES, reg=0.6)


@pytest.mark.exercise("neural_net.TwoLayerNet.loss")
@pytest.mark.beyond
def test_one_row(student, rng):
    """A batch of one works, with labels of any integers / 单个样本及其他整数类型的标签也能处理"""
    theirs, mine, X, y = _case(student, rng, N=1)
    _expect_agreement(student, theirs, mine, X, y.astype(np.uint8))


@pytest.mark.exercise("neural_net.TwoLayerNet.loss")
@pytest.mark.beyond
def test_float32(student, rng):
    """Views in single precision work too / 单精度的数组视图也正确"""
    theirs, mine, X, y = _case(student, rng)
    X = X.astype(np.float32)
    _expect_agreement(student, theirs, mine, X, y, FLOAT32, arrives=student.view(X))


@pytest.mark.exercise("neural_net.TwoLayerNet.loss")
@pytest.mark.beyond
def test_large_scores(student, rng):
    """Scores whose exponentials overflow work too / 得分很大、指数会溢出时也正确"""
    theirs, mine, X, y = _case(student, rng)
    theirs.params["b2"] = mine.params["b2"] = mine.params["b2"] + 2000
    _expect_agreement(student, theirs, mine, X, y)


# --- neural_net.TwoLayerNet.train ----------------------------------------------------------------


def _alike(student, rng):
    """Both networks, eight examples that are all alike and their labels, and two to validate on."""
    theirs, mine = _networks(student, rng)
    X, X_val = np.tile(rng.normal(size=6), (8, 1)), rng.normal(size=(2, 6))
    return theirs, mine, (X, np.full(8, 2), X_val, mine.loss(X_val).argmax(axis=1))


def _train_both(student, theirs, mine, data, **options):
    """Histories of both networks after training with batches of four."""
    options = {"learning_rate": 0.03, "reg": 0.2, "num_iters": 10, "batch_size": 4} | options
    return student.fetch(theirs.train(*data, **options)), mine.train(*data, **options)


def _expect_same_parameters(student, theirs, mine, tol=1e-7):
    params = student.fetch(theirs.params)
    for name in NAMES:
        expect_close(params.get(name), mine.params[name], name, tol, hint=STEP)


def _losses(student, scores, kinds, num_iters, batch_size):
    """Losses of the batches that are drawn while the parameters stay as they are, or nearly.

    An example of kind k has the scores `scores[k]`, and label 0.
    """
    net = student.neural_net.TwoLayerNet(len(scores), len(scores), 2)
    net.params["W1"], net.params["W2"] = np.eye(len(scores)), np.array(scores, dtype=float)
    X, y = np.eye(len(scores))[kinds], np.zeros(len(kinds), dtype=int)
    options = {"reg": 0.0, "num_iters": num_iters, "batch_size": batch_size}
    history = student.fetch(net.train(X, y, X, y, learning_rate=NO_LENGTH, **options))
    losses = series(history["loss_history"])
    expect_shape(losses, (num_iters,), "loss_history")
    return losses


def _coins(student, rng):
    """Losses of batches of 7, drawn from examples of loss 0 and as many of loss 1."""
    scores = [[50, 0], [0, np.log(np.e - 1)]]
    return _losses(student, scores, rng.permutation(np.repeat([0, 1], 35)), 40, 7)


@pytest.mark.exercise("neural_net.TwoLayerNet.train")
def test_steps(student, rng):
    """Each step moves all parameters down their gradients / 每一步都沿负梯度更新所有参数"""
    theirs, mine, data = _alike(student, rng)
    _train_both(student, theirs, mine, data, learning_rate_decay=0.7)
    _expect_same_parameters(student, theirs, mine)


@pytest.mark.exercise("neural_net.TwoLayerNet.train")
def test_histories(student, rng):
    """The histories of losses and accuracies are right / 损失与准确率的历史记录正确"""
    theirs, mine, data = _alike(student, rng)
    found, right = _train_both(student, theirs, mine, data, learning_rate=0.3)
    for name, values in right.items():
        expect(name in found, f"there is no {name} / 返回值中缺少 {name}")
        expect_close(series(found[name]), np.array(values), name)


@pytest.mark.exercise("neural_net.TwoLayerNet.train")
def test_batch_size(student, rng):
    """A batch has batch_size examples / 每个批次有 batch_size 个样本"""
    expect_size(_coins(student, rng), 7)


@pytest.mark.exercise("neural_net.TwoLayerNet.train")
def test_fresh_batches(student, rng):
    """Each step draws a batch of its own / 每一步都重新抽取批次"""
    expect_fresh(_coins(student, rng))


@pytest.mark.exercise("neural_net.TwoLayerNet.train")
def test_pairs(student, rng):
    """The labels of a batch are those of its examples / 批次中的标签与样本对应"""
    net, y = student.neural_net.TwoLayerNet(5, 5, 5), rng.choice(5, 60)
    net.params["W1"], net.params["W2"] = np.eye(5), 50 * np.eye(5)
    options = {"learning_rate": 1e-3, "num_iters": 20, "batch_size": 6, "reg": 0.0}
    history = student.fetch(net.train(np.eye(5)[y], y, np.eye(5), np.arange(5), **options))
    expect_close(series(history["loss_history"]), np.zeros(20), "loss_history", hint=PAIRS)


@pytest.mark.exercise("neural_net.TwoLayerNet.train")
def test_draws_all(student):
    """Every example is drawn at some time / 每个样本都会被抽到"""
    scores = [[0, np.log(np.exp(n) - 1)] for n in range(1, 11)]  # an example of loss n each
    losses = _losses(student, scores, np.arange(10), num_iters=150, batch_size=1)
    expect_all_drawn(losses, 10)


def _groups(rng):
    """Three hundred points in four groups, sorted by label: the nearest corner of a square."""
    y = np.repeat([0, 1, 2, 3], 75)
    return np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]])[y] + rng.normal(size=(300, 2)) / 5, y


def _crossed(rng):
    """The same groups with two labels: opposite corners have the same."""
    X, y = _groups(rng)
    order = np.argsort((y % 3) == 0, kind="stable")
    return X[order], ((y % 3) == 0)[order].astype(int)


@pytest.mark.exercise("neural_net.TwoLayerNet.train")
@pytest.mark.parametrize("kind", [_groups, _crossed], ids=["groups", "crossed"])
def test_learns(student, rng, kind):
    """It learns to tell groups of points apart / 能学会区分几组点"""
    X, y = kind(rng)
    theirs, mine = _networks(student, rng, D=2, H=30, C=4)
    options = {"learning_rate": 0.2, "reg": 1e-4, "num_iters": 150, "batch_size": 50}
    theirs.train(X, y, X[::10], y[::10], **options)
    params = student.fetch(theirs.params)
    for name, value in mine.params.items():
        found = params.get(name)
        mine.params[name] = row(found) if value.ndim == 1 else found
        expect_shape(mine.params[name], value.shape, name)
    right = np.mean(mine.loss(X).argmax(axis=1) == y)
    expect(right > 0.9, "it does not learn to tell them apart / 没有学会区分")


@pytest.mark.exercise("neural_net.TwoLayerNet.train")
@pytest.mark.beyond
def test_goes_on(student, rng):
    """Training again goes on from the parameters there are / 再次训练时从已有参数继续"""
    theirs, mine, data = _alike(student, rng)
    for _ in range(2):
        _train_both(student, theirs, mine, data, num_iters=5)
    _expect_same_parameters(student, theirs, mine)


@pytest.mark.exercise("neural_net.TwoLayerNet.train")
@pytest.mark.beyond
def test_trains_in_float32(student, rng):
    """Views, single precision and other integers work too / 视图、单精度、其他整数类型也正确"""
    theirs, mine, (X, y, X_val, y_val) = _alike(student, rng)
    options = {"learning_rate": 0.03, "reg": 0.2, "num_iters": 5, "batch_size": 4}
    X, y = X.astype(np.float32), y.astype(np.int32)
    theirs.train(student.view(X), y, X_val, y_val, **options)
    mine.train(X, y, X_val, y_val, **options)
    _expect_same_parameters(student, theirs, mine, FLOAT32)


# --- neural_net.TwoLayerNet.predict --------------------------------------------------------------


def _expect_predicted(theirs, mine, X, arrives=None):
    """The labels are the classes of the highest scores."""
    y_pred = theirs.predict(X if arrives is None else arrives)
    hint = "the class of the highest score in each row / 每行得分最高的类别"
    expect_labels(y_pred, mine.loss(X).argmax(axis=1), "y_pred", hint=hint)


@pytest.mark.exercise("neural_net.TwoLayerNet.predict")
def test_predict(student, rng):
    """Each image gets the class of its highest score / 每张图片取得分最高的类别"""
    _expect_predicted(*_networks(student, rng), rng.normal(size=(30, 6)))


@pytest.mark.exercise("neural_net.TwoLayerNet.predict")
def test_predict_square(student, rng):
    """As many images as classes work too / 图片数与类别数相同时也正确"""
    _expect_predicted(*_networks(student, rng, D=9, H=9, C=9), rng.normal(size=(9, 9)))


@pytest.mark.exercise("neural_net.TwoLayerNet.predict")
def test_predict_negative(student, rng):
    """Negative scores work too / 得分全为负时也正确"""
    theirs, mine = _networks(student, rng)
    theirs.params["b2"] = mine.params["b2"] = mine.params["b2"] - 100
    _expect_predicted(theirs, mine, rng.normal(size=(30, 6)))


@pytest.mark.exercise("neural_net.TwoLayerNet.predict")
@pytest.mark.beyond
def test_predict_single(student, rng):
    """A single image works, too / 单张图片也正确"""
    _expect_predicted(*_networks(student, rng), rng.normal(size=(1, 6)))


@pytest.mark.exercise("neural_net.TwoLayerNet.predict")
@pytest.mark.beyond
def test_predict_float32(student, rng):
    """Views and single precision work too / 数组视图与单精度也正确"""
    X = rng.normal(size=(9, 6)).astype(np.float32)
    _expect_predicted(*_networks(student, rng), X, arrives=student.view(X))
