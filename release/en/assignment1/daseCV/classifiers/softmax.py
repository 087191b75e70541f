"""The softmax loss of a linear classifier, once with loops and once without."""

import numpy as np


def softmax_loss_naive(W, X, y, reg):
    """Softmax (cross-entropy) loss of a linear classifier and its gradient, with loops.

    The probability of class j for an example is ``exp(scores[j]) / sum_k exp(scores[k])``. The loss
    is the mean over the batch of ``-log`` of the probability of the right class, plus ``reg`` times
    the sum of the squares of *all* entries of W: without a factor 0.5, and the row of W that acts
    as the bias is regularised like the others.

    Large scores must not overflow: probabilities stay the same when one number is subtracted from
    all scores of an example.

    Parameters
    ----------
    W : ndarray of float, shape (D, C)
        Weights.
    X : ndarray of float, shape (N, D)
        A batch.
    y : ndarray of int, shape (N,)
        Labels, ``0 <= y[i] < C``.
    reg : float
        Strength of the L2 regularisation.

    Returns
    -------
    loss : float
        Mean over the batch (natural logarithm), plus ``reg * sum(W * W)``.
    dW : ndarray of float, shape (D, C)
        Gradient of the loss with respect to ``W``; that of the regularisation is ``2 * reg * W``.
    """
    loss, dW = 0.0, np.zeros(W.shape)
    # TODO: Compute the loss with explicit loops, and store it in loss; then its gradient, in dW.
    #       Mind large scores. The regularisation is reg * sum(W * W), without a factor 0.5.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    raise NotImplementedError("softmax_loss_naive")  # TODO: your code in place of this line
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return loss, dW


def softmax_loss_vectorized(W, X, y, reg):
    """Softmax (cross-entropy) loss of a linear classifier and its gradient, without loops.

    Same contract as `softmax_loss_naive`, which must not be called here: large scores must not
    overflow, no factor 0.5 in the regularisation ``reg * sum(W * W)``, and the bias row of W is
    regularised, too.

    Parameters
    ----------
    W : ndarray of float, shape (D, C)
        Weights.
    X : ndarray of float, shape (N, D)
        A batch.
    y : ndarray of int, shape (N,)
        Labels, ``0 <= y[i] < C``.
    reg : float
        Strength of the L2 regularisation.

    Returns
    -------
    loss : float
        Mean over the batch (natural logarithm), plus ``reg * sum(W * W)``.
    dW : ndarray of float, shape (D, C)
        Gradient of the loss with respect to ``W``.
    """
    loss, dW = 0.0, np.zeros(W.shape)
    # TODO: Compute the loss without a loop, and store it in loss; then its gradient, in dW.
    #       Mind large scores. The regularisation is reg * sum(W * W), without a factor 0.5.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    raise NotImplementedError("softmax_loss_vectorized")  # TODO: your code in place of this line
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return loss, dW
