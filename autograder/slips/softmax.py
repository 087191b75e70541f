"""Slips and styles in the softmax loss of the linear classifiers."""

from autograder.slips.edit import Slip, Style

MODULE = "classifiers/softmax.py"
NAIVE, FAST = "softmax_loss_naive", "softmax_loss_vectorized"

# Places of the solution in which several slips are made.
NAIVE_SHIFT = "shifted = scores - scores.max()"
NAIVE_LOG_P = "log_p = shifted - np.log(np.exp(shifted).sum())"
NAIVE_STEP = "dW[:, j] += (np.exp(log_p[j]) - (j == y[i])) * X[i]"
NAIVE_LOSS = "loss = loss / len(X) + reg * np.sum(W * W)"
NAIVE_DW = "dW = dW / len(X) + 2 * reg * W"
SHIFT = "shifted = scores - scores.max(axis=1, keepdims=True)"
LOG_P = "log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))"
LOSS = "loss = -log_p[rows, y].mean() + reg * np.sum(W * W)"
RIGHT = "dscores[rows, y] -= 1"
DW = "dW = X.T @ dscores / len(X) + 2 * reg * W"

SLIPS = [
    # --- softmax_loss_naive ---
    Slip(
        "softmax-naive-l2-half", NAIVE, MODULE, f"{NAIVE_LOSS}\n    {NAIVE_DW}",
        "loss = loss / len(X) + 0.5 * reg * np.sum(W * W); dW = dW / len(X) + reg * W",
        "0.5 * reg throughout", loses="little",
    ),
    Slip(
        "softmax-naive-no-l2", NAIVE, MODULE, NAIVE_LOSS, "loss = loss / len(X)",
        "the loss lacks the regularisation", loses="much",
    ),
    Slip(
        "softmax-naive-factor-2", NAIVE, MODULE, NAIVE_DW, "dW = dW / len(X) + reg * W",
        "the factor 2 is missing in the gradient", loses="much",
    ),
    Slip(
        "softmax-naive-not-averaged", NAIVE, MODULE, NAIVE_DW, "dW = dW + 2 * reg * W",
        "the gradient is not divided by N", loses="much",
    ),
    Slip(
        "softmax-naive-sum", NAIVE, MODULE, NAIVE_LOSS, "loss = loss + reg * np.sum(W * W)",
        "the loss is not divided by N", loses="much",
    ),
    Slip(
        "softmax-naive-l2-twice", NAIVE, MODULE, NAIVE_STEP,
        f"{NAIVE_STEP}; dW[:, j] += 2 * reg * W[:, j]",
        "the regularisation is added for each example, and once more", loses="much",
    ),
    Slip(
        "softmax-naive-no-right-class", NAIVE, MODULE, NAIVE_STEP,
        "dW[:, j] += np.exp(log_p[j]) * X[i]",
        "the right class is not subtracted from the probabilities", loses="much",
    ),
    Slip(
        "softmax-naive-log-2", NAIVE, MODULE, NAIVE_LOSS,
        "loss = loss / np.log(2) / len(X) + reg * np.sum(W * W)",
        "the logarithm to the base 2", loses="much",
    ),
    Slip(
        "softmax-naive-unshifted", NAIVE, MODULE, NAIVE_SHIFT, "shifted = scores",
        "the maximum is not subtracted", loses="little",
    ),
    # --- softmax_loss_vectorized ---
    Slip(
        "softmax-vectorized-l2-half", FAST, MODULE, DW,
        "dW = X.T @ dscores / len(X) + reg * W; loss -= 0.5 * reg * np.sum(W * W)",
        "0.5 * reg throughout", loses="little", demo=True,
    ),
    Slip(
        "softmax-vectorized-no-l2", FAST, MODULE, LOSS, "loss = -log_p[rows, y].mean()",
        "the loss lacks the regularisation", loses="much",
    ),
    Slip(
        "softmax-vectorized-factor-2", FAST, MODULE, DW, "dW = X.T @ dscores / len(X) + reg * W",
        "the factor 2 is missing in the gradient", loses="much",
    ),
    Slip(
        "softmax-vectorized-free-bias", FAST, MODULE, DW,
        f"{DW}; dW[-1] -= 2 * reg * W[-1]; loss -= reg * np.sum(W[-1] ** 2)",
        "the bias row is not regularised", loses="much",
    ),
    Slip(
        "softmax-vectorized-not-averaged", FAST, MODULE, DW, "dW = X.T @ dscores + 2 * reg * W",
        "the gradient is not divided by N", loses="much",
    ),
    Slip(
        "softmax-vectorized-all-classes", FAST, MODULE, LOSS,
        "loss = -log_p.mean() + reg * np.sum(W * W)",
        "the loss is the mean over all classes", loses="much",
    ),
    Slip(
        "softmax-vectorized-axis", FAST, MODULE, LOG_P,
        "log_p = shifted - np.log(np.exp(shifted).sum(axis=0))",
        "the sum is over the batch, not over the classes", loses="much",
    ),
    Slip(
        "softmax-vectorized-columns", FAST, MODULE, RIGHT, "dscores[:, y] -= 1",
        "the labels are taken for columns of every row", loses="much",
    ),
    Slip(
        "softmax-vectorized-unshifted", FAST, MODULE, SHIFT, "shifted = scores",
        "the maximum is not subtracted", loses="little",
    ),
    Slip(
        "softmax-vectorized-loops", FAST, MODULE, DW,
        "for i in rows:\n"
        "        for j in range(W.shape[1]):\n"
        "            dW[:, j] += dscores[i, j] * X[i] / len(X)\n"
        "    dW += 2 * reg * W",
        "the loops of the naive function", loses="much", refused=True,
    ),
    Slip(
        "softmax-vectorized-calls-naive", FAST, MODULE, DW,
        "dW = softmax_loss_naive(W, X, y, reg)[1]",
        "the naive function is called", loses="much", refused=True,
    ),
]  # fmt: skip

STYLES = [
    Style(
        "softmax-naive-log-of-p", NAIVE, MODULE, "loss -= log_p[y[i]]",
        "p = np.exp(shifted) / np.sum(np.exp(shifted)); loss += -np.log(p[y[i]])",
        "the logarithm of the probability",
    ),
    Style(
        "softmax-naive-in-place", NAIVE, MODULE, NAIVE_SHIFT,
        "shifted = scores; shifted -= max(scores)",
        "the scores are changed in place",
    ),
    Style(
        "softmax-naive-branches", NAIVE, MODULE, NAIVE_STEP,
        "p = np.exp(log_p[j])\n"
        "            if j == y[i]:\n"
        "                dW[:, j] += (p - 1) * X[i, :]\n"
        "            else:\n"
        "                dW[:, j] += p * X[i, :]",
        "a branch for the right class",
    ),
    Style(
        "softmax-vectorized-log-of-p", FAST, MODULE, LOSS,
        "loss = float(np.sum(-np.log(np.exp(log_p)[rows, y])) / X.shape[0] + reg * (W**2).sum())",
        "the logarithm of the probability, the loss as a Python float",
    ),
    Style(
        "softmax-vectorized-in-place", FAST, MODULE, SHIFT,
        "scores -= np.max(scores, axis=1)[:, np.newaxis]; shifted = scores",
        "the scores are changed in place",
    ),
    Style(
        "softmax-vectorized-one-hot", FAST, MODULE, RIGHT,
        "dscores = dscores - np.eye(W.shape[1])[y]",
        "one-hot rows",
    ),
    Style(
        "softmax-vectorized-whole-maximum", FAST, MODULE, SHIFT,
        "shifted = scores - np.max(scores)",
        "the maximum of the whole batch is subtracted",
    ),
]  # fmt: skip
