"""How the losses of linear classifiers are judged: what the SVM's and the softmax's share.

`of_student` is the student's function and `kit` the right one; both take W, X, y and reg. Who
regularises with 0.5 * reg throughout loses the checks of that factor and no other.
"""

import numpy as np

from daseCV.compare import expect_close, expect_gradient, expect_shape

FLOAT32 = 1e-4  # tolerance where a student computes in single precision
BOTH = "right at reg = 0? then look at what reg adds to loss and dW / reg = 0 时正确吗？再看正则项"
FACTOR = "reg * sum(W * W), all of W, no factor 0.5 / reg * sum(W * W)，整个 W，没有系数 0.5"


def published():
    """Weights, batch and labels of linear.svm_loss.small and linear.softmax_loss.small."""
    W, X = np.linspace(-0.3, 0.4, num=12).reshape(4, 3), np.cos(np.arange(20.0)).reshape(5, 4)
    return W, X, np.array([0, 2, 1, 1, 0])


def case(rng, N=6, D=5, C=4):
    """Weights, a batch and labels; some margins are met and some are not."""
    return rng.normal(size=(D, C)), rng.normal(size=(N, D)), rng.choice(C, N)


def _factor(loss, kit, W, X, y, reg):
    """The factor with which a loss was regularised, 0.5 or 1: whichever comes nearer."""
    expect_shape(loss, (), "loss")
    return min((1.0, 0.5), key=lambda factor: abs(loss - kit(W, X, y, factor * reg)[0]))


def expect_regularised(of_student, kit, W, X, y, reg):
    """Loss and gradient are right, and regularised with the same factor, be it 0.5 or 1."""
    loss, dW = of_student(W, X, y, reg)
    reg *= _factor(loss, kit, W, X, y, reg)
    expect_close(loss, kit(W, X, y, reg)[0], "loss", hint=BOTH)
    expect_gradient(dW, lambda v: kit(v, X, y, reg)[0], W, 1.0, "dW", hint=BOTH)


def expect_factor(of_student, W, X, y, reg):
    """What regularisation adds is reg * sum(W * W), and 2 * reg * W to the gradient."""
    (bare, bare_dW), (loss, dW) = of_student(W, X, y, 0.0), of_student(W, X, y, reg)
    for value, gradient in ((bare, bare_dW), (loss, dW)):
        expect_shape(value, (), "loss")
        expect_shape(gradient, W.shape, "dW")
    expect_close(loss - bare, reg * np.sum(W**2), "what reg adds to the loss", hint=FACTOR)
    expect_close(dW - bare_dW, 2 * reg * W, "what reg adds to dW", hint=FACTOR)


def expect_float32(student, of_student, kit, W, X, y):
    """Of views in single precision, loss and gradient are right."""
    W, X = W.astype(np.float32), X.astype(np.float32)
    loss, dW = of_student(student.view(W), student.view(X), y, 0.0)
    expect_close(loss, kit(W, X, y, 0.0)[0], "loss", FLOAT32)
    expect_close(dW, kit(W, X, y, 0.0)[1], "dW", FLOAT32)
