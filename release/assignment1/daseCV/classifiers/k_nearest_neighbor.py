"""A k-nearest-neighbour classifier: it learns by heart, and looks for what is most alike."""

import numpy as np


class KNearestNeighbor:
    """Classifier that gives an image the label most common among the k training images nearest it.

    Near is meant in the Euclidean (L2) distance between rows of pixels. Training takes no time,
    since it only remembers; all the work is done when labels are asked for.

    Attributes
    ----------
    X_train : ndarray, shape (N, D)
        Training examples, one in each row; set by `train`.
    y_train : ndarray of int, shape (N,)
        Their labels, none of them negative.
    """

    def train(self, X, y):
        """Remember the training examples.

        Parameters
        ----------
        X : ndarray of float, shape (N, D)
            Training examples. Floating point: differences of unsigned integers wrap around.
        y : ndarray of int, shape (N,)
            Labels, ``y[i] >= 0``.
        """
        self.X_train = X
        self.y_train = y

    def predict(self, X, k=1, num_loops=0):
        """Labels of test examples.

        Parameters
        ----------
        X : ndarray of float, shape (T, D)
            Test examples.
        k : int
            How many neighbours vote.
        num_loops : 0, 1 or 2
            With how many Python loops the distances are computed.

        Returns
        -------
        y_pred : ndarray, shape (T,)
            Labels, see `predict_labels`.

        Raises
        ------
        ValueError
            If ``num_loops`` is none of the above.
        """
        if num_loops == 0:
            dists = self.compute_distances_no_loops(X)
        elif num_loops == 1:
            dists = self.compute_distances_one_loop(X)
        elif num_loops == 2:
            dists = self.compute_distances_two_loops(X)
        else:
            raise ValueError(f"num_loops must be 0, 1 or 2, not {num_loops!r}")
        return self.predict_labels(dists, k=k)

    def compute_distances_two_loops(self, X):
        """Distances between test and training examples, one pair at a time.

        Use no loop over the pixels, and not `np.linalg.norm`: it would be the whole exercise.

        Parameters
        ----------
        X : ndarray of float, shape (T, D)
            Test examples.

        Returns
        -------
        dists : ndarray of float, shape (T, N)
            ``dists[i, j]`` is the Euclidean distance between ``X[i]`` and ``X_train[j]``: the
            square root of the sum of the squared differences. Mind the root.
        """
        num_test, num_train = len(X), len(self.X_train)
        dists = np.zeros((num_test, num_train))
        for i in range(num_test):
            for j in range(num_train):
                # TODO: Store in dists[i, j] the Euclidean distance between X[i] and
                #       self.X_train[j], with its root; no further loop, no np.linalg.norm.
                # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
                raise NotImplementedError("KNearestNeighbor.compute_distances_two_loops")  # TODO: your code in place of this line
                # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        return dists

    def compute_distances_one_loop(self, X):
        """Distances between test and training examples, a row of them at a time.

        Same contract as `compute_distances_two_loops`, `np.linalg.norm` included; the loop over the
        test examples is the only one.

        Parameters
        ----------
        X : ndarray of float, shape (T, D)
            Test examples.

        Returns
        -------
        dists : ndarray of float, shape (T, N)
            Euclidean distances, with the root.
        """
        num_test, num_train = len(X), len(self.X_train)
        dists = np.zeros((num_test, num_train))
        for i in range(num_test):
            # TODO: Store in dists[i] the Euclidean distances between X[i] and all training
            #       examples at once: let broadcasting do what the inner loop did.
            # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
            raise NotImplementedError("KNearestNeighbor.compute_distances_one_loop")  # TODO: your code in place of this line
            # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        return dists

    def compute_distances_no_loops(self, X):
        """Distances between test and training examples, all at once.

        Same contract as `compute_distances_two_loops`, without any loop. An array of shape
        (T, N, D) would not fit into memory: expand the square of the difference instead, then a
        matrix product and two sums with broadcasting are all it takes. Use basic NumPy only, no
        `np.linalg.norm` and nothing of scipy.

        Parameters
        ----------
        X : ndarray of float, shape (T, D)
            Test examples.

        Returns
        -------
        dists : ndarray of float, shape (T, N)
            Euclidean distances, with the root. Rounding can make the expanded square of a distance
            a tiny negative number where it should be zero; what comes of equal points (0 or nan) is
            not judged.
        """
        dists = None
        # TODO: Store in dists the Euclidean distances of all pairs, without a loop.
        #       (a - b)^2 = a^2 + b^2 - 2ab holds for vectors, too.
        # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        raise NotImplementedError("KNearestNeighbor.compute_distances_no_loops")  # TODO: your code in place of this line
        # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        return dists

    def predict_labels(self, dists, k=1):
        """Labels by a vote of the k nearest training examples.

        Parameters
        ----------
        dists : ndarray of float, shape (T, N)
            ``dists[i, j]`` is the distance between test example i and training example j.
        k : int
            How many neighbours vote.

        Returns
        -------
        y_pred : ndarray, shape (T,)
            For each test example the label most common among its k nearest training examples. When
            several labels are equally common, it is the smallest of them. Integers or floats.
        """
        num_test = len(dists)
        y_pred = np.zeros(num_test, dtype=int)
        for i in range(num_test):
            # TODO: Find the k training examples nearest to test example i, and the labels they
            #       have in self.y_train; store the most common one in y_pred[i], of equally common
            #       ones the smallest. np.argsort is a help.
            # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
            raise NotImplementedError("KNearestNeighbor.predict_labels")  # TODO: your code in place of this line
            # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        return y_pred
