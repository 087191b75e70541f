"""Slips and styles in the SVM loss of the linear classifiers."""

from autograder.slips.edit import Slip, Style

MODULE = "classifiers/linear_svm.py"
NAIVE, FAST = "svm_loss_naive", "svm_loss_vectorized"

# Places of the solution in which several slips are made.
NAIVE_OTHERS = "dW[:, j] += X[i]"
NAIVE_RIGHT = "dW[:, y[i]] -= X[i]"
NAIVE_DW = "dW = dW / num_train + 2 * reg * W"
MARGINS = "margins = np.maximum(0, scores - scores[rows, y][:, None] + 1)"
OWN = "margins[rows, y] = 0"
LOSS = "loss = margins.sum() / len(X) + reg * np.sum(W * W)"
COUNTS = "dscores[rows, y] = -dscores.sum(axis=1)"
DW = "dW = X.T @ dscores / len(X) + 2 * reg * W"

SLIPS = [
    # --- svm_loss_naive ---
    Slip(
        "svm-naive-not-averaged", NAIVE, MODULE, NAIVE_DW, "dW = dW + 2 * reg * W",
        "the gradient is not divided by N", loses="much",
    ),
    Slip(
        "svm-naive-factor-2", NAIVE, MODULE, NAIVE_DW, "dW = dW / num_train + reg * W",
        "the factor 2 is missing in the gradient", loses="much",
    ),
    Slip(
        "svm-naive-no-l2", NAIVE, MODULE, NAIVE_DW, "dW = dW / num_train",
        "the gradient lacks the regularisation", loses="much",
    ),
    Slip(
        "svm-naive-l2-averaged", NAIVE, MODULE, NAIVE_DW, "dW = (dW + 2 * reg * W) / num_train",
        "the gradient of the regularisation is divided by N",
    ),
    Slip(
        "svm-naive-l2-half", NAIVE, MODULE, NAIVE_DW,
        "loss -= 0.5 * reg * np.sum(W * W); dW = dW / num_train + reg * W",
        "0.5 * reg throughout", loses="little",
    ),
    Slip(
        "svm-naive-others-only", NAIVE, MODULE, NAIVE_RIGHT, "pass",
        "the column of the right class is forgotten", loses="much",
    ),
    Slip(
        "svm-naive-right-once", NAIVE, MODULE, NAIVE_RIGHT,
        "dW[:, y[i]] -= X[i] * (j == (y[i] == 0))",
        "the right class counts for one margin only", loses="much",
    ),
    Slip(
        "svm-naive-uphill", NAIVE, MODULE, f"{NAIVE_OTHERS}\n                {NAIVE_RIGHT}",
        "dW[:, j] -= X[i]; dW[:, y[i]] += X[i]",
        "the signs are swapped", loses="much",
    ),
    # --- svm_loss_vectorized ---
    Slip(
        "svm-vectorized-no-l2", FAST, MODULE, LOSS, "loss = margins.sum() / len(X)",
        "the loss lacks the regularisation", loses="much",
    ),
    Slip(
        "svm-vectorized-l2-half", FAST, MODULE, DW,
        "dW = X.T @ dscores / len(X) + reg * W; loss -= 0.5 * reg * np.sum(W * W)",
        "0.5 * reg throughout", loses="little",
    ),
    Slip(
        "svm-vectorized-l2-square-of-sum", FAST, MODULE, LOSS,
        "loss = margins.sum() / len(X) + reg * np.sum(W) ** 2",
        "the square of the sum, not the sum of the squares", loses="much",
    ),
    Slip(
        "svm-vectorized-free-bias", FAST, MODULE, DW,
        f"{DW}; dW[-1] -= 2 * reg * W[-1]; loss -= reg * np.sum(W[-1] ** 2)",
        "the bias row is not regularised", loses="much",
    ),
    Slip(
        "svm-vectorized-factor-2", FAST, MODULE, DW, "dW = X.T @ dscores / len(X) + reg * W",
        "the factor 2 is missing in the gradient", loses="much",
    ),
    Slip(
        "svm-vectorized-not-averaged", FAST, MODULE, DW, "dW = X.T @ dscores + 2 * reg * W",
        "the gradient is not divided by N", loses="much",
    ),
    Slip(
        "svm-vectorized-mean", FAST, MODULE, LOSS, "loss = margins.mean() + reg * np.sum(W * W)",
        "the mean is over the classes, too", loses="much",
    ),
    Slip(
        "svm-vectorized-no-margin", FAST, MODULE, MARGINS,
        "margins = np.maximum(0, scores - scores[rows, y][:, None])",
        "the hinge is off by one", loses="much",
    ),
    Slip(
        "svm-vectorized-own-class", FAST, MODULE, LOSS,
        "loss = margins.sum() / len(X) + 1 + reg * np.sum(W * W)",
        "the margin of the right class counts, too", loses="much",
    ),
    Slip(
        "svm-vectorized-right-once", FAST, MODULE, COUNTS, "dscores[rows, y] = -1",
        "the right class counts for one margin only", loses="much",
    ),
    Slip(
        "svm-vectorized-margins", FAST, MODULE, "dscores = (margins > 0).astype(float)",
        "dscores = margins.copy()",
        "the margins take the place of their number", loses="much",
    ),
    Slip(
        "svm-vectorized-loops", FAST, MODULE, MARGINS,
        "margins = np.zeros(scores.shape)\n"
        "    for i in range(len(X)):\n"
        "        for j in range(W.shape[1]):\n"
        "            margins[i, j] = max(0, scores[i, j] - scores[i, y[i]] + 1)",
        "the loops of the naive function", loses="much", refused=True, demo=True,
    ),
    Slip(
        "svm-vectorized-brackets", FAST, MODULE, COUNTS,
        "dscores[rows, y] = [-row.sum() for row in dscores]",
        "a loop in brackets", loses="much", refused=True,
    ),
    Slip(
        "svm-vectorized-calls-naive", FAST, MODULE, DW, "loss, dW = svm_loss_naive(W, X, y, reg)",
        "the naive function is called", loses="much", refused=True,
    ),
]  # fmt: skip

STYLES = [
    Style(
        "svm-naive-averaged-first", NAIVE, MODULE, NAIVE_DW,
        "dW /= X.shape[0]; dW += reg * 2 * W",
        "in place, in two steps",
    ),
    Style(
        "svm-naive-outer", NAIVE, MODULE, f"{NAIVE_OTHERS}\n                {NAIVE_RIGHT}",
        "step = np.zeros(num_classes); step[j] = 1; step[y[i]] = -1; "
        "dW = dW + np.outer(X[i], step)",
        "outer products",
    ),
    Style(
        "svm-naive-python-float", NAIVE, MODULE, NAIVE_DW, f"{NAIVE_DW}; loss = float(loss)",
        "the loss as a Python float",
    ),
    Style(
        "svm-vectorized-mask", FAST, MODULE, OWN,
        "mask = np.ones(scores.shape, dtype=bool); mask[rows, y] = False; margins = margins * mask",
        "a mask",
    ),
    Style(
        "svm-vectorized-one-hot", FAST, MODULE, MARGINS,
        "right = (scores * np.eye(W.shape[1])[y]).sum(1); "
        "margins = scores - right.reshape(-1, 1) + 1.0; margins[margins < 0] = 0",
        "the scores of the right classes by one-hot rows",
    ),
    Style(
        "svm-vectorized-own-class-taken-off", FAST, MODULE, f"{OWN}\n    {LOSS}",
        "loss = float(margins.sum() / X.shape[0] - 1.0 + reg * np.linalg.norm(W) ** 2)\n"
        "    margins[rows, y] = 0",
        "the margins of the right classes are taken off again, the squares by norm",
    ),
    Style(
        "svm-vectorized-add-at", FAST, MODULE, COUNTS,
        "np.subtract.at(dscores, (rows, y), dscores.sum(axis=1))",
        "np.subtract.at",
    ),
]  # fmt: skip
