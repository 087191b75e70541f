"""Slips and styles in the two-layer network that trains itself."""

from autograder.slips.edit import Slip, Style

MODULE = "classifiers/neural_net.py"
LOSS, TRAIN, PREDICT = (f"neural_net.TwoLayerNet.{name}" for name in ("loss", "train", "predict"))

# Places of the solution in which several slips are made.
HIDDEN = "hidden = np.maximum(X @ W1 + b1, 0)  # (N, H)"
SCORES = "scores = hidden @ W2 + b2"
SHIFTED = "shifted = scores - scores.max(axis=1, keepdims=True)"
MEAN = "loss = -log_p[np.arange(N), y].sum() / N"
PENALTY = "loss += 0.5 * reg * (np.sum(W1**2) + np.sum(W2**2))"
OWN = "dscores[np.arange(N), y] -= 1"
DMEAN = "dscores /= N"
DHIDDEN = "dhidden = (dscores @ W2.T) * (hidden > 0)  # (N, H)"
DW2 = 'grads["W2"] = hidden.T @ dscores + reg * W2'
DB2 = 'grads["b2"] = dscores.sum(axis=0)'
DW1 = 'grads["W1"] = X.T @ dhidden + reg * W1'
DB1 = 'grads["b1"] = dhidden.sum(axis=0)'
ROWS = "rows = np.random.choice(num_train, batch_size)"
BATCH = "X_batch, y_batch = X[rows], y[rows]"
STEP = "self.params[name] = self.params[name] - learning_rate * grads[name]"
LABELS = "y_pred = np.argmax(self.loss(X), axis=1)"

SLIPS = [
    # --- neural_net.TwoLayerNet.loss ---
    Slip(
        "neural-relu-at-the-end", LOSS, MODULE, SCORES, "scores = np.maximum(hidden @ W2 + b2, 0)",
        "a ReLU after the last layer", loses="much",
    ),
    Slip(
        "neural-no-relu", LOSS, MODULE, HIDDEN, "hidden = X @ W1 + b1",
        "no ReLU", loses="much",
    ),
    Slip(
        "neural-no-first-bias", LOSS, MODULE, HIDDEN, "hidden = np.maximum(X @ W1, 0)",
        "the first bias is forgotten", loses="much",
    ),
    Slip(
        "neural-no-relu-backward", LOSS, MODULE, DHIDDEN, "dhidden = dscores @ W2.T",
        "the gradient goes round the ReLU", loses="much",
    ),
    Slip(
        "neural-gradient-sum", LOSS, MODULE, DMEAN, "",
        "the gradient is not divided by the batch size", loses="much",
    ),
    Slip(
        "neural-loss-sum", LOSS, MODULE, MEAN, "loss = -log_p[np.arange(N), y].sum()",
        "the loss is not averaged",
    ),
    Slip(
        "neural-db-mean", LOSS, MODULE, DB1, 'grads["b1"] = dhidden.mean(axis=0)',
        "db1 is averaged once more",
    ),
    Slip(
        "neural-own-class", LOSS, MODULE, OWN, "",
        "the right class is treated like the others", loses="much",
    ),
    Slip(
        "neural-l2-factor", LOSS, MODULE, MEAN, f"{MEAN}; reg = 2 * reg",
        "the factor of the regularisation is 1, as in other years of the course", loses="little",
    ),
    Slip(
        "neural-l2-no-gradient", LOSS, MODULE, DW1, 'grads["W1"] = X.T @ dhidden',
        "the gradient of W1 lacks the regularisation", loses="little",
    ),
    Slip(
        "neural-l2-biases", LOSS, MODULE, PENALTY,
        "loss += 0.5 * reg * sum(np.sum(p**2) for p in self.params.values())",
        "biases are regularised, too", loses="little",
    ),
    Slip(
        "neural-unshifted", LOSS, MODULE, SHIFTED, "shifted = scores",
        "the maximum is not subtracted", loses="little",
    ),
    # --- neural_net.TwoLayerNet.train ---
    Slip(
        "neural-uphill", TRAIN, MODULE, STEP,
        "self.params[name] = self.params[name] + learning_rate * grads[name]",
        "the steps go along the gradient", loses="much",
    ),
    Slip(
        "neural-weights-only", TRAIN, MODULE, STEP,
        'self.params[name] = self.params[name] - learning_rate * grads[name] * ("W" in name)',
        "the biases stay as they are",
    ),
    Slip(
        "neural-fixed-rate", TRAIN, MODULE, STEP,
        "self.params[name] = self.params[name] - 1e-3 * grads[name]",
        "the learning rate is that of the default", loses="much",
    ),
    Slip(
        "neural-first-batch", TRAIN, MODULE, ROWS, "rows = np.arange(batch_size) % num_train",
        "every batch is the beginning of the data",
    ),
    Slip(
        "neural-one-batch-for-all", TRAIN, MODULE, ROWS,
        "rows = np.random.RandomState(0).choice(num_train, batch_size)",
        "the same rows at every step", loses="little",
    ),
    Slip(
        "neural-all-rows", TRAIN, MODULE, BATCH, "X_batch, y_batch = X, y",
        "each step takes all the data",
    ),
    Slip(
        "neural-labels-drawn-again", TRAIN, MODULE, BATCH,
        "X_batch, y_batch = X[rows], y[np.random.choice(num_train, batch_size)]",
        "the labels are those of other examples",
    ),
    # --- neural_net.TwoLayerNet.predict ---
    Slip(
        "neural-predict-axis", PREDICT, MODULE, LABELS, "y_pred = np.argmax(self.loss(X), axis=0)",
        "the highest score of a class, not of an image", loses="much", demo=True,
    ),
    Slip(
        "neural-predict-scores", PREDICT, MODULE, LABELS, "y_pred = np.max(self.loss(X), axis=1)",
        "the scores, not their classes", loses="much",
    ),
    Slip(
        "neural-predict-hidden", PREDICT, MODULE, LABELS,
        'y_pred = np.argmax(np.maximum(X @ self.params["W1"] + self.params["b1"], 0), axis=1)',
        "the most active hidden unit", loses="much",
    ),
    Slip(
        "neural-predict-relu", PREDICT, MODULE, LABELS,
        "y_pred = np.argmax(np.maximum(self.loss(X), 0), axis=1)",
        "negative scores are all alike", loses="little",
    ),
    Slip(
        "neural-predict-squeezed", PREDICT, MODULE, LABELS,
        "y_pred = np.argmax(self.loss(X), axis=1).squeeze()",
        "the label of a single image has no axis", loses="little",
    ),
]  # fmt: skip

STYLES = [
    Style(
        "neural-column-of-log-p", LOSS, MODULE, MEAN,
        "loss = float(np.mean([-log_p[i, y[i]] for i in range(N)]))",
        "the loss in a loop, as a Python float",
    ),
    Style(
        "neural-mask-by-hand", LOSS, MODULE, DHIDDEN,
        "dhidden = np.dot(dscores, W2.T); dhidden[hidden <= 0] = 0",
        "the mask in place",
    ),
    Style(
        "neural-probabilities", LOSS, MODULE,
        "log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))  # (N, C)",
        "log_p = np.log((np.exp(shifted).T / np.exp(shifted).sum(1)).T)",
        "the logarithm of the probabilities",
    ),
    Style(
        "neural-more-grads", LOSS, MODULE, DB2,
        'grads["b2"] = np.ones(N).dot(dscores); grads["scores"] = dscores',
        "a product with ones for a sum, and a gradient that nobody asked for",
    ),
    Style(
        "neural-without-replacement", TRAIN, MODULE, ROWS,
        "rows = np.random.choice(num_train, batch_size, replace=False)",
        "without replacement",
    ),
    Style(
        "neural-shuffled", TRAIN, MODULE, ROWS,
        "rows = np.random.permutation(num_train)[:batch_size]",
        "the beginning of a permutation",
    ),
    Style(
        "neural-true-division", TRAIN, MODULE,
        "iterations_per_epoch = max(num_train // batch_size, 1)",
        "iterations_per_epoch = max(num_train / batch_size, 1)",
        "an epoch that need not be a whole number of iterations, as in the course's older files",
    ),
    Style(
        "neural-in-place", TRAIN, MODULE, STEP,
        "self.params[name] += -learning_rate * grads[name]",
        "the parameters are changed in place",
    ),
    Style(
        "neural-predict-floats", PREDICT, MODULE, LABELS,
        "y_pred = np.zeros(X.shape[0]); y_pred[:] = self.loss(X).argmax(1)",
        "labels as floats",
    ),
    Style(
        "neural-predict-by-hand", PREDICT, MODULE, LABELS,
        'p = self.params; hidden = (X.dot(p["W1"]) + p["b1"]).clip(0); '
        'y_pred = np.array([np.argmax(h.dot(p["W2"]) + p["b2"]) for h in hidden])',
        "the scores by hand, one image at a time",
    ),
]  # fmt: skip
