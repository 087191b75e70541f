"""Hidden checks of the tasks of features.ipynb: classifiers of features, not of pixels.

The kit makes the features of test images that nobody tuned on, prepares them with the mean and the
standard deviation that were handed in, and judges with its own classes.
"""

from functools import lru_cache

import numpy as np
import pytest

from autograder import held_out
from autograder.checks.tasks.models import expect_accuracy, fitted, two_layer_net
from daseCV.classifiers.linear_classifier import LinearClassifier
from daseCV.compare import expect
from daseCV.features import color_histogram_hsv, extract_features, hog_feature

STEPS = [0, 1, 2]
ACCURACIES = {  # the notebook asks for 0.44, 0.42 and 0.55 on the validation images
    "LinearSVM": (0.36, 0.39, 0.42),
    "Softmax": (0.34, 0.37, 0.40),
    "neural_net.TwoLayerNet": (0.44, 0.48, 0.52),
}
STAND_IN = (0.11, 0.12, 0.13)  # its noise hides edges and colours: good classifiers reach 0.17
MOST_BINS = 100


@lru_cache(maxsize=4)
def _features(digest, nbin):
    """Features (N, 144 + nbin) of the images nobody tuned on."""
    images = held_out.pixels(digest)["X_held_out"].transpose(0, 2, 3, 1).astype(np.float64)
    return extract_features(images, [hog_feature, lambda im: color_histogram_hsv(im, nbin=nbin)])


def _prepared(handed_in):
    """Those features, less the mean that was handed in, over its standard deviation."""
    nbin = handed_in.arguments.get("nbin")
    sound = type(nbin) is int and 1 <= nbin <= MOST_BINS
    what = f"nbin is no whole number from 1 to {MOST_BINS}"
    expect(sound, f"{what} / nbin 不是 1 到 {MOST_BINS} 的整数")
    features = _features(handed_in.data, nbin)
    shape = features.shape[1:]
    mean, std = (fitted(handed_in.params, name, shape) for name in ("mean_feat", "std_feat"))
    with np.errstate(all="ignore"):  # a deviation of 0 makes no classifier
        return (features - mean) / std


def _expect_recognised(predict, X, handed_in, kind, step):
    """That share of the images nobody tuned on is recognised which the step asks for."""
    real = handed_in.data == held_out.OFFICIAL
    y = held_out.pixels(handed_in.data)["y_held_out"]
    expect_accuracy(predict, X, y, (ACCURACIES[kind] if real else STAND_IN)[step])


@pytest.mark.exercise("features.linear.accuracy")
@pytest.mark.parametrize("step", STEPS)
def test_linear_accuracy(handed_in, step):
    """A linear classifier of features recognises new images / 基于特征的线性分类器能识别新图片"""
    kind = handed_in.arguments.get("classifier")
    known = kind in ("LinearSVM", "Softmax")
    expect(known, "classifier is neither LinearSVM nor Softmax / classifier 参数不对")
    features = _prepared(handed_in)
    X = np.hstack([features, np.ones((len(features), 1))])
    classifier = LinearClassifier()
    classifier.W = fitted(handed_in.params, "W", (X.shape[1], 10))
    _expect_recognised(classifier.predict, X, handed_in, kind, step)


@pytest.mark.exercise("features.network.accuracy")
@pytest.mark.parametrize("step", STEPS)
def test_network_accuracy(handed_in, step):
    """A network on features recognises new images / 基于特征的网络能识别新图片"""
    X = _prepared(handed_in)
    net = two_layer_net(handed_in.params, X.shape[1])
    _expect_recognised(net.predict, X, handed_in, "neural_net.TwoLayerNet", step)
