"""Linear classifiers, trained by stochastic gradient descent."""

import numpy as np

from daseCV.classifiers.linear_svm import svm_loss_vectorized
from daseCV.classifiers.softmax import softmax_loss_vectorized
from daseCV.saving import load_work, save_work


class LinearClassifier:
    """A classifier whose scores are ``X @ W``; what its loss is, a subclass says.

    There is no bias: append a column of ones to the examples, and the last row of W acts as one.

    Attributes
    ----------
    W : ndarray of float, shape (D, C), or None
        Weights; None until `train` or `load` makes them.
    """

    def __init__(self):
        self.W = None
        self.arguments = {}

    def train(
        self,
        X,
        y,
        learning_rate=1e-3,
        reg=1e-5,
        num_iters=100,
        batch_size=200,
        verbose=False,
    ):
        """Train by stochastic gradient descent.

        Without weights it starts from small random ones; with weights it goes on from there.

        Parameters
        ----------
        X : ndarray of float, shape (N, D)
            Training examples.
        y : ndarray of int, shape (N,)
            Labels, ``0 <= y[i] < C``; there are as many classes as the largest label says.
        learning_rate : float
            Step size.
        reg : float
            Strength of the regularisation, handed to `loss`.
        num_iters : int
            How many steps to take.
        batch_size : int
            How many examples to draw for each step, by `np.random.choice` with replacement, which
            is faster than without and does as well.
        verbose : bool
            Whether to print the loss at each hundredth step.

        Returns
        -------
        loss_history : list of float
            The loss of each batch, before the step that it led to.
        """
        num_train, dim = X.shape
        if self.W is None:
            self.W = 0.001 * np.random.randn(dim, np.max(y) + 1)
        loss_history = []
        for it in range(num_iters):
            X_batch, y_batch = None, None
            # TODO: Draw batch_size examples at random: X_batch (batch_size, D), and in y_batch
            #       (batch_size,) the labels of the same examples.
            # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
            raise NotImplementedError("LinearClassifier.train")  # TODO: your code in place of this line
            # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
            loss, grad = self.loss(X_batch, y_batch, reg)
            loss_history.append(loss)

            # TODO: Change the weights self.W: one step against the gradient.
            # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
            raise NotImplementedError("LinearClassifier.train")  # TODO: your code in place of this line
            # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
            if verbose and it % 100 == 0:
                print(f"iteration {it} / {num_iters}: loss {loss:f}")
        return loss_history

    def predict(self, X):
        """Labels of examples.

        Parameters
        ----------
        X : ndarray of float, shape (T, D)
            Examples.

        Returns
        -------
        y_pred : ndarray, shape (T,)
            For each example the class of the highest score. Integers or floats.
        """
        y_pred = None
        # TODO: Store in y_pred the class of the highest score of each example.
        # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        raise NotImplementedError("LinearClassifier.predict")  # TODO: your code in place of this line
        # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        return y_pred

    def loss(self, X_batch, y_batch, reg):
        """Loss of a batch and its gradient; each subclass has its own.

        Parameters
        ----------
        X_batch : ndarray of float, shape (N, D)
            A batch.
        y_batch : ndarray of int, shape (N,)
            Its labels.
        reg : float
            Strength of the regularisation.

        Returns
        -------
        loss : float
            Regularised loss.
        grad : ndarray of float, shape (D, C)
            Its gradient with respect to ``W``.

        Raises
        ------
        NotImplementedError
            Here, where there is no loss yet.
        """
        raise NotImplementedError("LinearClassifier has no loss: use LinearSVM or Softmax")

    def save(self, fname):
        """Save W as ``saved/<fname>.npz``, see `daseCV.saving.save_work`.

        Raises
        ------
        ValueError
            If there is no W yet.
        """
        if self.W is None:
            raise ValueError("there is no W to save yet: train first")
        save_work(fname, params={"W": self.W}, arguments=self.arguments)

    def load(self, fname):
        """Take over the weights in ``saved/<fname>.npz``.

        Returns
        -------
        found : bool
            Whether there was such a file.

        Raises
        ------
        ValueError
            If the file is damaged, or holds no weights of a linear classifier.
        """
        work = load_work(fname)
        if work is None:
            return False
        W = work.params.get("W")
        if W is None or W.ndim != 2:
            raise ValueError("the file holds no W (D, C): it was not saved by a linear classifier")
        self.W = W
        return True


class LinearSVM(LinearClassifier):
    """A linear classifier with the multiclass SVM loss."""

    def loss(self, X_batch, y_batch, reg):
        """Loss of a batch and its gradient, by `linear_svm.svm_loss_vectorized`."""
        return svm_loss_vectorized(self.W, X_batch, y_batch, reg)


class Softmax(LinearClassifier):
    """A linear classifier with the softmax loss."""

    def loss(self, X_batch, y_batch, reg):
        """Loss of a batch and its gradient, by `softmax.softmax_loss_vectorized`."""
        return softmax_loss_vectorized(self.W, X_batch, y_batch, reg)
