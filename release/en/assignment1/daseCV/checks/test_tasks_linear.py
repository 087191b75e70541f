"""Visible checks of the trained models of assignment 1, of pixels or of features."""

import contextlib
import functools

import numpy as np

from daseCV.checks import exercise
from daseCV.checks.work import SAVE, SECONDS, expect_accuracy, saved_parameters
from daseCV.compare import expect, expect_shape
from daseCV.datasets.folder import kind_of

FEATURES = {"LinearSVM": 0.44, "Softmax": 0.42}
MOST_UNITS = 1500  # of what grading tries out
ON_STAND_IN = 0.15  # its noise hides edges and colours: good classifiers of features reach 0.17


@functools.lru_cache(maxsize=1)
def validation(student, centred):
    """Validation images as rows, red, green and blue by pixel, and their labels."""
    with contextlib.redirect_stdout(None):
        data = student.data_utils.get_CIFAR10_data(subtract_mean=centred)
    images = data["X_val"].transpose(0, 2, 3, 1)  # (N, 32, 32, 3)
    return images.reshape(len(images), -1), data["y_val"]


def with_ones(X):
    """The rows with a column of ones appended."""
    return np.hstack([X, np.ones((len(X), 1))])


def linear(student, kind, W, width):
    """The student's classifier with these weights."""
    expect_shape(W, (width, 10), "W")
    classifier = getattr(student.linear_classifier, kind)()
    classifier.W = W
    return classifier


def network(student, params, width):
    """The student's network with these parameters."""
    names = ("W1", "b1", "W2", "b2")
    whole = set(names) <= set(params)
    expect(whole, "W1, b1, W2 or b2 is missing / 缺少 W1、b1、W2 或 b2", SAVE)
    units = params["W1"].shape[-1]
    expect_shape(params["W1"], (width, units), "W1")
    what = f"the hidden layer has {units} units, it should have {MOST_UNITS} at most"
    expect(units <= MOST_UNITS, f"{what} / 隐藏层有 {units} 个单元，至多 {MOST_UNITS} 个")
    net = student.neural_net.TwoLayerNet(1, 1, 1)
    net.params = {name: params[name] for name in names}
    return net


def check_accuracy(model, X, y, target):
    """The model is right on that share of the rows."""
    with np.errstate(all="ignore"):  # parameters of a diverged training may overflow
        expect_accuracy(np.mean(model.predict(X) == y), target)


def check_linear(student, kind, target):
    """The saved linear classifier of pixels reaches the target."""
    work = saved_parameters(student, f"{kind}.accuracy")
    classifier = linear(student, kind, work.params.get("W"), 3073)
    X, y = validation(student, True)
    check_accuracy(classifier, with_ones(X), y, target)


def prepared(student, work):
    """Features of the validation images, made and scaled as was saved; the labels."""
    nbin = work.arguments.get("nbin")
    what = "nbin is no whole number from 1 to 100 / nbin 不是 1 到 100 的整数"
    expect(type(nbin) is int and 1 <= nbin <= 100, what, SAVE)
    mean, std = work.params.get("mean_feat"), work.params.get("std_feat")
    for name, value in (("mean_feat", mean), ("std_feat", std)):
        expect_shape(np.ravel(value), (144 + nbin,), name, SAVE)
    X, y = validation(student, False)
    module = student.features
    kinds = [module.hog_feature, lambda im: module.color_histogram_hsv(im, nbin=nbin)]
    features = module.extract_features(X.reshape(-1, 32, 32, 3), kinds)
    return (features - np.ravel(mean)) / np.ravel(std), y


def target_of(student, target):
    """What classifiers of features should reach on the data that are here."""
    kind = kind_of(student.data_utils.data_folder())
    return ON_STAND_IN if kind == "stand-in" else target


@exercise("LinearSVM.accuracy", seconds=SECONDS)
def test_svm(student, rng):
    """The saved SVM reaches 38 % on validation images / 保存的 SVM 在验证集上达到 38%"""
    check_linear(student, "LinearSVM", 0.38)


@exercise("Softmax.accuracy", seconds=SECONDS)
def test_softmax(student, rng):
    """The saved classifier reaches 35 % on validation images / 保存的分类器在验证集上达到 35%"""
    check_linear(student, "Softmax", 0.35)


@exercise("neural_net.TwoLayerNet.accuracy", seconds=SECONDS)
def test_network(student, rng):
    """The saved network reaches 48 % on validation images / 保存的网络在验证集上达到 48%"""
    work = saved_parameters(student, "neural_net.TwoLayerNet.accuracy")
    net = network(student, work.params, 3072)
    check_accuracy(net, *validation(student, True), 0.48)


@exercise("features.linear.accuracy", seconds=SECONDS)
def test_linear_of_features(student, rng):
    """On features, an SVM reaches 44 %, Softmax 42 % / 使用特征时 SVM 达到 44%，Softmax 达到 42%"""
    work = saved_parameters(student, "features.linear.accuracy")
    kind = work.arguments.get("classifier")
    known = kind in ("LinearSVM", "Softmax")
    expect(known, "classifier is neither LinearSVM nor Softmax / classifier 参数不对", SAVE)
    X, y = prepared(student, work)
    classifier = linear(student, kind, work.params.get("W"), X.shape[1] + 1)
    check_accuracy(classifier, with_ones(X), y, target_of(student, FEATURES[kind]))


@exercise("features.network.accuracy", seconds=SECONDS)
def test_network_on_features(student, rng):
    """On features, a network reaches 55 % / 使用特征时网络达到 55%"""
    work = saved_parameters(student, "features.network.accuracy")
    X, y = prepared(student, work)
    check_accuracy(network(student, work.params, X.shape[1]), X, y, target_of(student, 0.55))
