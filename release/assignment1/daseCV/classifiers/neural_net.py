"""A two-layer network with its own training loop, every derivative written out by hand."""

import numpy as np

from daseCV.saving import load_model, save_model


class TwoLayerNet:
    """Two-layer network with a ReLU: affine - ReLU - affine - softmax.

    It needs no layers and no solver: scores, loss, gradients and training stand in this class. (The
    class of the same name in `fc_net` is put together from layers.)

    Parameters
    ----------
    input_size : int
        Numbers per example, D.
    hidden_size : int
        Units of the hidden layer, H.
    output_size : int
        Classes, C.
    std : float
        Standard deviation of the initial weights.

    Attributes
    ----------
    params : dict of str to ndarray
        ``W1`` (D, H), ``b1`` (H,), ``W2`` (H, C), ``b2`` (C,). Weights start as Gaussian draws of
        `np.random` with mean 0 and standard deviation ``std``, W1 first; biases start at 0.
    """

    def __init__(self, input_size, hidden_size, output_size, std=1e-4):
        self.params = {
            "W1": std * np.random.randn(input_size, hidden_size),
            "b1": np.zeros(hidden_size),
            "W2": std * np.random.randn(hidden_size, output_size),
            "b2": np.zeros(output_size),
        }
        self.arguments = {
            "input_size": input_size,
            "hidden_size": hidden_size,
            "output_size": output_size,
            "std": std,
        }

    def loss(self, X, y=None, reg=0.0):
        """Scores of a batch, or its loss and the gradients.

        Parameters
        ----------
        X : ndarray, shape (N, D)
            A batch, one example per row.
        y : ndarray of int, shape (N,), optional
            Labels, ``0 <= y[i] < C``. Without them only the scores are asked for.
        reg : float
            Strength of the L2 regularisation.

        Returns
        -------
        scores : ndarray, shape (N, C)
            Without labels: ``scores[i, c]`` is the score of class c for example i. They may be
            negative: no ReLU follows the second layer.
        loss, grads : float, dict of str to ndarray
            With labels: the softmax loss, averaged over the batch, plus ``0.5 * reg`` times the sum
            of the squared entries of W1 and W2 (biases are not regularised; mind the factor 0.5,
            which the linear classifiers do not have), and the gradient of this loss with respect to
            W1, b1, W2 and b2, under its name and in its shape. Scores may be so large that their
            exponentials overflow; loss and gradients are finite all the same.
        """
        W1, b1 = self.params["W1"], self.params["b1"]
        W2, b2 = self.params["W2"], self.params["b2"]
        N = len(X)

        scores = None
        # TODO: Compute the scores of the batch, shape (N, C).
        # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        raise NotImplementedError("neural_net.TwoLayerNet.loss")  # TODO: your code in place of this line
        # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        if y is None:
            return scores

        loss = 0.0
        # TODO: Compute the softmax loss and add the L2 regularisation of W1 and W2, as the
        #       docstring says: with the factor 0.5.
        # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        raise NotImplementedError("neural_net.TwoLayerNet.loss")  # TODO: your code in place of this line
        # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****

        grads = {}
        # TODO: Fill grads with the gradients, from the scores back to W1: grads["W1"] has the shape
        #       of W1, and so on.
        # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        raise NotImplementedError("neural_net.TwoLayerNet.loss")  # TODO: your code in place of this line
        # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        return loss, grads

    def train(
        self,
        X,
        y,
        X_val,
        y_val,
        learning_rate=1e-3,
        learning_rate_decay=0.95,
        reg=5e-6,
        num_iters=100,
        batch_size=200,
        verbose=False,
    ):
        """Train the network by stochastic gradient descent.

        Each iteration draws a batch of rows at random, and moves every parameter against its
        gradient. Iterations 0, E, 2E, ..., where ``E = max(N // batch_size, 1)`` is the length of
        an epoch, are followed by a measurement of both accuracies; after it the learning rate is
        multiplied by ``learning_rate_decay``. (So the first step of all already has one, and a
        batch as large as the data means one at every step.)

        Parameters
        ----------
        X, y : ndarray, shapes (N, D) and (N,)
            Training images and labels.
        X_val, y_val : ndarray, shapes (M, D) and (M,)
            Validation images and labels.
        learning_rate : float
            Size of the first steps.
        learning_rate_decay : float
            Factor of the learning rate after each measurement.
        reg : float
            Strength of the L2 regularisation, as in `loss`.
        num_iters : int
            Number of steps.
        batch_size : int
            Images per step. It may exceed N when rows are drawn with replacement.
        verbose : bool
            Print the loss of iterations 0, 100, 200, ...

        Returns
        -------
        histories : dict of str to list of float
            ``loss_history``, the loss of each iteration before its step; ``train_acc_history``
            (on the batch at hand, after the step) and ``val_acc_history``, one entry for each
            measurement.
        """
        num_train = len(X)
        iterations_per_epoch = max(num_train // batch_size, 1)
        loss_history, train_acc_history, val_acc_history = [], [], []

        for it in range(num_iters):
            X_batch, y_batch = None, None
            # TODO: Draw batch_size rows at random into X_batch, and their labels into y_batch.
            #       np.random.choice draws with replacement unless told otherwise.
            # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
            raise NotImplementedError("neural_net.TwoLayerNet.train")  # TODO: your code in place of this line
            # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****

            loss, grads = self.loss(X_batch, y_batch, reg=reg)
            loss_history.append(loss)

            # TODO: Take a step of gradient descent: change every parameter in self.params.
            # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
            raise NotImplementedError("neural_net.TwoLayerNet.train")  # TODO: your code in place of this line
            # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****

            if verbose and it % 100 == 0:
                print(f"iteration {it} / {num_iters}: loss {loss:f}")

            if it % iterations_per_epoch == 0:
                train_acc_history.append(np.mean(self.predict(X_batch) == y_batch))
                val_acc_history.append(np.mean(self.predict(X_val) == y_val))
                learning_rate *= learning_rate_decay

        return {
            "loss_history": loss_history,
            "train_acc_history": train_acc_history,
            "val_acc_history": val_acc_history,
        }

    def predict(self, X):
        """Classify images.

        Parameters
        ----------
        X : ndarray, shape (N, D)
            Images, one per row.

        Returns
        -------
        y_pred : ndarray of int, shape (N,)
            For each image the class with the largest score.
        """
        y_pred = None
        # TODO: Predict the class of each row of X.
        # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        raise NotImplementedError("neural_net.TwoLayerNet.predict")  # TODO: your code in place of this line
        # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        return y_pred

    def save(self, fname):
        """Save parameters and arguments as ``saved/<fname>.npz``, see `saving.save_model`."""
        save_model(self, fname)

    def load(self, fname):
        """Take over the parameters in ``saved/<fname>.npz``.

        Returns
        -------
        found : bool
            Whether there was such a file.

        Raises
        ------
        ValueError
            If the file is damaged, or holds the parameters of a network of another shape.
        """
        return load_model(self, fname)
