"""Hidden checks of the tasks of svm.ipynb and softmax.ipynb: the best linear classifiers.

A classifier is judged by the kit's own class, on test images that nobody tuned on.
"""

import numpy as np
import pytest

from autograder.checks.tasks.models import expect_accuracy, fitted, rows
from daseCV.classifiers.linear_classifier import LinearSVM, Softmax

# The notebooks ask for 0.38 and 0.35 on the thousand validation images; those who reach that, and
# searched for it, are one or two hundredths lower here.
SVM_ACCURACIES = [0.30, 0.33, 0.36]
SOFTMAX_ACCURACIES = [0.28, 0.31, 0.33]


def _expect_recognised(classifier, handed_in, data, accuracy):
    """A classifier with these weights recognises the images nobody tuned on."""
    classifier.W = fitted(handed_in.params, "W", (3 * 32 * 32 + 1, 10))

    def predict(images):
        ones = np.ones((len(images), 1), images.dtype)
        return classifier.predict(np.hstack([rows(images), ones]))

    expect_accuracy(predict, data["X_held_out"], data["y_held_out"], accuracy)


@pytest.mark.exercise("LinearSVM.accuracy")
@pytest.mark.parametrize("accuracy", SVM_ACCURACIES)
def test_svm_accuracy(handed_in, data, accuracy):
    """The SVM recognises images nobody tuned on / SVM 能识别没有用来调参的图片"""
    _expect_recognised(LinearSVM(), handed_in, data, accuracy)


@pytest.mark.exercise("Softmax.accuracy")
@pytest.mark.parametrize("accuracy", SOFTMAX_ACCURACIES)
def test_softmax_accuracy(handed_in, data, accuracy):
    """The softmax classifier recognises images nobody tuned on / Softmax 能识别未用来调参的图片"""
    _expect_recognised(Softmax(), handed_in, data, accuracy)
