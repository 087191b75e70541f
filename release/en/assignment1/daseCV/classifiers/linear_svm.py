"""The multiclass SVM loss of a linear classifier, once with loops and once without."""

import numpy as np


def svm_loss_naive(W, X, y, reg):
    """Multiclass SVM loss of a linear classifier and its gradient, with loops.

    An example loses by each wrong class whose score comes closer than 1 to that of the right class,
    or passes it: ``sum_j max(0, scores[j] - scores[y] + 1)`` over the wrong classes j. The loss is
    the mean of this over the batch, plus ``reg`` times the sum of the squares of *all* entries of
    W: without a factor 0.5, and the row of W that acts as the bias is regularised like the others.

    The loss is given; the exercise is its gradient, in two places below.

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
        Mean over the batch, plus ``reg * sum(W * W)``.
    dW : ndarray of float, shape (D, C)
        Gradient of the loss with respect to ``W``; that of the regularisation is ``2 * reg * W``.
        Where a margin is exactly met the loss has a kink, and either side's gradient will do.
    """
    num_train, num_classes = len(X), W.shape[1]
    loss, dW = 0.0, np.zeros(W.shape)
    for i in range(num_train):
        scores = X[i] @ W  # (C,)
        for j in range(num_classes):
            if j == y[i]:
                continue
            margin = scores[j] - scores[y[i]] + 1
            if margin > 0:
                loss += margin
                # TODO: Add to dW what this margin adds to the gradient. Which two columns of W
                #       does it depend on?
                # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
                raise NotImplementedError("svm_loss_naive")  # TODO: your code in place of this line
                # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    loss = loss / num_train + reg * np.sum(W * W)

    # TODO: The line above turns the sum of the margins into the loss: do to dW what makes it the
    #       gradient of that. The regularisation has no factor 0.5.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    raise NotImplementedError("svm_loss_naive")  # TODO: your code in place of this line
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return loss, dW


def svm_loss_vectorized(W, X, y, reg):
    """Multiclass SVM loss of a linear classifier and its gradient, without loops.

    Same contract as `svm_loss_naive`, which must not be called here: no factor 0.5 in the
    regularisation ``reg * sum(W * W)``, and the bias row of W is regularised, too.

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
        Mean over the batch, plus ``reg * sum(W * W)``.
    dW : ndarray of float, shape (D, C)
        Gradient of the loss with respect to ``W``.
    """
    loss, dW = 0.0, np.zeros(W.shape)
    # TODO: Compute the loss without a loop, and store it in loss; then its gradient, in dW.
    #       For the gradient, use again what you computed for the loss: how often does X[i] enter
    #       each column of dW? The regularisation is reg * sum(W * W), without a factor 0.5.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    raise NotImplementedError("svm_loss_vectorized")  # TODO: your code in place of this line
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return loss, dW
