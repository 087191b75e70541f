"""Slips and styles in the k-nearest-neighbour classifier."""

from autograder.slips.edit import Slip, Style

MODULE = "classifiers/k_nearest_neighbor.py"
TWO = "KNearestNeighbor.compute_distances_two_loops"
ONE = "KNearestNeighbor.compute_distances_one_loop"
NO = "KNearestNeighbor.compute_distances_no_loops"
VOTE = "KNearestNeighbor.predict_labels"

# Places of the solution in which several slips are made.
TWO_DIST = "dists[i, j] = np.sqrt(np.sum((X[i] - self.X_train[j]) ** 2))"
ONE_DIST = "dists[i] = np.sqrt(np.sum((self.X_train - X[i]) ** 2, axis=1))"
NO_SQUARES = "squares = np.sum(X**2, axis=1)[:, None] + np.sum(self.X_train**2, axis=1)  # (T, N)"
NO_PRODUCT = "squares = squares - 2 * X @ self.X_train.T"
NO_DIST = "dists = np.sqrt(np.maximum(squares, 0))"
NEAREST = "nearest = np.argsort(dists[i])[:k]"
MOST = "y_pred[i] = np.bincount(self.y_train[nearest]).argmax()"

SLIPS = [
    # --- compute_distances_two_loops ---
    Slip(
        "two-loops-no-root", TWO, MODULE, TWO_DIST,
        "dists[i, j] = np.sum((X[i] - self.X_train[j]) ** 2)",
        "the distances lack the root", loses="much", demo=True,
    ),
    Slip(
        "two-loops-l1", TWO, MODULE, TWO_DIST,
        "dists[i, j] = np.sum(np.abs(X[i] - self.X_train[j]))",
        "the L1 distance", loses="much",
    ),
    Slip(
        "two-loops-mean", TWO, MODULE, TWO_DIST,
        "dists[i, j] = np.sqrt(np.mean((X[i] - self.X_train[j]) ** 2))",
        "the mean of the squares, not their sum", loses="much",
    ),
    Slip(
        "two-loops-square-of-sum", TWO, MODULE, TWO_DIST,
        "dists[i, j] = np.sqrt(np.sum(X[i] - self.X_train[j]) ** 2)",
        "the square of the sum, not the sum of the squares", loses="much",
    ),
    Slip(
        "two-loops-transposed", TWO, MODULE, TWO_DIST,
        "dists = dists.reshape(num_train, num_test); "
        "dists[j, i] = np.sqrt(np.sum((X[i] - self.X_train[j]) ** 2))",
        "a row for each training example", loses="much",
    ),
    Slip(
        "two-loops-whole-numbers", TWO, MODULE, "np.zeros((num_test, num_train))",
        "np.zeros((num_test, num_train), dtype=int)",
        "the distances are cut off to whole numbers", loses="much",
    ),
    Slip(
        "two-loops-norm", TWO, MODULE, TWO_DIST,
        "dists[i, j] = np.linalg.norm(X[i] - self.X_train[j])",
        "np.linalg.norm, which is forbidden", loses="much", refused=True,
    ),
    Slip(
        "two-loops-pixels", TWO, MODULE, TWO_DIST,
        "for d in range(X.shape[1]): dists[i, j] += (X[i, d] - self.X_train[j, d]) ** 2\n"
        "                dists[i, j] **= 0.5",
        "a third loop, over the pixels", loses="much", refused=True,
    ),
    # --- compute_distances_one_loop ---
    Slip(
        "one-loop-no-root", ONE, MODULE, ONE_DIST,
        "dists[i] = np.sum((self.X_train - X[i]) ** 2, axis=1)",
        "the distances lack the root", loses="much",
    ),
    Slip(
        "one-loop-no-axis", ONE, MODULE, ONE_DIST,
        "dists[i] = np.sqrt(np.sum((self.X_train - X[i]) ** 2))",
        "the sum is over all training examples", loses="much",
    ),
    Slip(
        "one-loop-root-first", ONE, MODULE, ONE_DIST,
        "dists[i] = np.sum(np.sqrt((self.X_train - X[i]) ** 2), axis=1)",
        "the root is taken before the sum", loses="much",
    ),
    Slip(
        "one-loop-over-training", ONE, MODULE,
        "for i in range(num_test):\n            # TODO: Store in dists[i]",
        "for i in range(num_train):\n            # TODO: Store in dists[i]",
        "the loop counts the training examples", loses="much",
    ),
    Slip(
        "one-loop-two-loops", ONE, MODULE, ONE_DIST,
        "for j in range(num_train): dists[i, j] = np.sum((X[i] - self.X_train[j]) ** 2) ** 0.5",
        "two loops", loses="much", refused=True,
    ),
    Slip(
        "one-loop-calls-two-loops", ONE, MODULE, ONE_DIST,
        "dists[i] = self.compute_distances_two_loops(X[i : i + 1])[0]",
        "the function with two loops is called", loses="much", refused=True,
    ),
    # --- compute_distances_no_loops ---
    Slip(
        "no-loops-no-root", NO, MODULE, NO_DIST, "dists = np.maximum(squares, 0)",
        "the distances lack the root", loses="much",
    ),
    Slip(
        "no-loops-one-product", NO, MODULE, NO_PRODUCT, "squares = squares - X @ self.X_train.T",
        "the product lacks its factor 2", loses="much",
    ),
    Slip(
        "no-loops-sign", NO, MODULE, NO_PRODUCT, "squares = squares + 2 * X @ self.X_train.T",
        "the product is added", loses="much",
    ),
    Slip(
        "no-loops-columns", NO, MODULE, NO_SQUARES,
        "squares = np.sum(X**2) + np.sum(self.X_train**2, axis=1)",
        "the squares of all test examples are added up", loses="much",
    ),
    Slip(
        "no-loops-broadcast", NO, MODULE, NO_DIST,
        "dists = np.sqrt(np.sum((X[:, None] - self.X_train) ** 2, axis=2))",
        "all differences at once take too much memory", loses="little",
    ),
    Slip(
        "no-loops-one-loop", NO, MODULE, NO_DIST,
        "dists = np.array([np.sqrt(np.sum((self.X_train - x) ** 2, axis=1)) for x in X])",
        "one loop, in brackets", loses="much", refused=True,
    ),
    Slip(
        "no-loops-calls-one-loop", NO, MODULE, NO_DIST,
        "dists = self.compute_distances_one_loop(X)",
        "the function with one loop is called", loses="much", refused=True,
    ),
    # --- predict_labels ---
    Slip(
        "vote-farthest", VOTE, MODULE, NEAREST, "nearest = np.argsort(dists[i])[-k:]",
        "the k farthest vote", loses="much",
    ),
    Slip(
        "vote-not-the-nearest", VOTE, MODULE, NEAREST, "nearest = np.argsort(dists[i])[1 : k + 1]",
        "the nearest is left out", loses="much",
    ),
    Slip(
        "vote-one", VOTE, MODULE, NEAREST, "nearest = np.argsort(dists[i])[:1]",
        "the nearest alone decides, whatever k is", loses="much",
    ),
    Slip(
        "vote-indices", VOTE, MODULE, MOST, "y_pred[i] = np.bincount(nearest).argmax()",
        "the numbers of the examples are taken for their labels", loses="much",
    ),
    Slip(
        "vote-count", VOTE, MODULE, MOST, "y_pred[i] = np.bincount(self.y_train[nearest]).max()",
        "the count, not the label", loses="much",
    ),
    Slip(
        "vote-mean", VOTE, MODULE, MOST, "y_pred[i] = np.mean(self.y_train[nearest])",
        "the mean of the labels", loses="much",
    ),
    Slip(
        "vote-larger-label", VOTE, MODULE, MOST,
        "y_pred[i] = self.y_train.max() - np.bincount(self.y_train.max() - self.y_train[nearest])"
        ".argmax()",
        "of equally common labels the largest wins", loses="little", demo=True,
    ),
    Slip(
        "vote-nearest-label", VOTE, MODULE, MOST,
        "near = list(self.y_train[nearest]); y_pred[i] = max(near, key=near.count)",
        "of equally common labels the nearest wins", loses="little",
    ),
]  # fmt: skip

STYLES = [
    Style(
        "two-loops-product", TWO, MODULE, TWO_DIST,
        "difference = X[i] - self.X_train[j, :]; dists[i][j] = difference.dot(difference) ** 0.5",
        "the squares by a product",
    ),
    Style(
        "two-loops-einsum", TWO, MODULE, TWO_DIST,
        "difference = np.subtract(self.X_train[j], X[i]); "
        "dists[i, j] = np.sqrt(np.einsum('d,d', difference, difference))",
        "np.einsum",
    ),
    Style(
        "one-loop-brackets", ONE, MODULE, ONE_DIST,
        "pass\n"
        "        dists = np.array([np.square(self.X_train - x).sum(1) for x in X]) ** 0.5",
        "the loop in brackets",
    ),
    Style(
        "one-loop-einsum", ONE, MODULE, ONE_DIST,
        "away = self.X_train - X[i : i + 1, :]; "
        "dists[i, :] = np.sqrt(np.einsum('nd,nd->n', away, away))",
        "np.einsum",
    ),
    Style(
        "no-loops-nan", NO, MODULE, NO_DIST, "dists = squares**0.5",
        "equal points may get nan",
    ),
    Style(
        "no-loops-reshape", NO, MODULE, NO_SQUARES,
        "squares = np.square(self.X_train).sum(1).reshape(1, -1) + (X * X).sum(1).reshape(-1, 1)",
        "reshape and another order of the terms",
    ),
    Style(
        "no-loops-einsum", NO, MODULE, NO_PRODUCT,
        "squares += -2.0 * np.dot(self.X_train, X.T).T",
        "the product from the other side",
    ),
    Style(
        "vote-floats", VOTE, MODULE, "y_pred = np.zeros(num_test, dtype=int)",
        "y_pred = np.zeros(num_test)",
        "labels as floats",
    ),
    Style(
        "vote-unique", VOTE, MODULE, MOST,
        "found, times = np.unique(self.y_train[nearest], return_counts=True); "
        "y_pred[i] = found[np.argmax(times)]",
        "np.unique",
    ),
    Style(
        "vote-counter", VOTE, MODULE, MOST,
        "from collections import Counter; "
        "y_pred[i] = Counter(sorted(self.y_train[nearest])).most_common(1)[0][0]",
        "a Counter of sorted labels",
    ),
    Style(
        "vote-partition", VOTE, MODULE, NEAREST,
        "nearest = np.argpartition(dists[i], k - 1)[:k]",
        "np.argpartition",
    ),
]  # fmt: skip
