"""Slips and styles in the training and prediction of the linear classifiers."""

from autograder.slips.edit import Slip, Style

MODULE = "classifiers/linear_classifier.py"
TRAIN, PREDICT = "LinearClassifier.train", "LinearClassifier.predict"

# Places of the solution in which several slips are made.
DRAWN = "drawn = np.random.choice(num_train, batch_size)"
BATCH = "X_batch, y_batch = X[drawn], y[drawn]"
STEP = "self.W = self.W - learning_rate * grad"
LABELS = "y_pred = np.argmax(X @ self.W, axis=1)"

SLIPS = [
    # --- LinearClassifier.train ---
    Slip(
        "train-uphill", TRAIN, MODULE, STEP, "self.W = self.W + learning_rate * grad",
        "the steps go along the gradient", loses="much",
    ),
    Slip(
        "train-no-rate", TRAIN, MODULE, STEP, "self.W = self.W - grad",
        "the learning rate is forgotten", loses="much",
    ),
    Slip(
        "train-forgets", TRAIN, MODULE, STEP, "self.W = -learning_rate * grad",
        "the step takes the place of the weights", loses="much",
    ),
    Slip(
        "train-local", TRAIN, MODULE, STEP, "W = self.W - learning_rate * grad",
        "the new weights are not kept", loses="much",
    ),
    Slip(
        "train-first-batch", TRAIN, MODULE, DRAWN, "drawn = np.arange(batch_size) % num_train",
        "every batch is the beginning of the data",
    ),
    Slip(
        "train-first-examples", TRAIN, MODULE, DRAWN,
        "drawn = np.random.choice(batch_size, batch_size) % num_train",
        "only the beginning of the data is drawn from",
    ),
    Slip(
        "train-whole-batch", TRAIN, MODULE, BATCH, "X_batch, y_batch = X, y",
        "each step takes all the data",
    ),
    Slip(
        "train-labels-drawn-again", TRAIN, MODULE, BATCH,
        "X_batch, y_batch = X[drawn], y[np.random.choice(num_train, batch_size)]",
        "the labels are those of other examples",
    ),
    # --- LinearClassifier.predict ---
    Slip(
        "predict-axis", PREDICT, MODULE, LABELS, "y_pred = np.argmax(X @ self.W, axis=0)",
        "the highest score of a class, not of an example", loses="much",
    ),
    Slip(
        "predict-lowest", PREDICT, MODULE, LABELS, "y_pred = np.argmin(X @ self.W, axis=1)",
        "the lowest score", loses="much",
    ),
    Slip(
        "predict-scores", PREDICT, MODULE, LABELS, "y_pred = np.max(X @ self.W, axis=1)",
        "the scores, not their classes", loses="much",
    ),
    Slip(
        "predict-size", PREDICT, MODULE, LABELS, "y_pred = np.argmax(np.abs(X @ self.W), axis=1)",
        "the sign of the scores is forgotten", loses="much",
    ),
    Slip(
        "predict-squeezed", PREDICT, MODULE, LABELS,
        "y_pred = np.argmax(X @ self.W, axis=1).squeeze()",
        "the label of a single example has no axis", loses="little",
    ),
]  # fmt: skip

STYLES = [
    Style(
        "train-without-replacement", TRAIN, MODULE, DRAWN,
        "drawn = np.random.choice(num_train, batch_size, replace=False)",
        "without replacement",
    ),
    Style(
        "train-shuffled", TRAIN, MODULE, DRAWN,
        "drawn = np.random.permutation(np.arange(len(X)))[:batch_size]",
        "the beginning of a permutation",
    ),
    Style(
        "train-another-generator", TRAIN, MODULE, DRAWN,
        "drawn = np.random.default_rng(it).integers(0, num_train, batch_size)",
        "another generator, seeded by the step",
    ),
    Style(
        "train-in-place", TRAIN, MODULE, STEP, "self.W -= learning_rate * grad",
        "the weights are changed in place",
    ),
    Style(
        "predict-floats", PREDICT, MODULE, LABELS,
        "y_pred = np.zeros(X.shape[0]); y_pred[:] = X.dot(self.W).argmax(1)",
        "labels as floats",
    ),
    Style(
        "predict-loop", PREDICT, MODULE, LABELS,
        "y_pred = np.array([np.argmax(x.dot(self.W)) for x in X])",
        "one example at a time",
    ),
    Style(
        "predict-transposed", PREDICT, MODULE, LABELS,
        "y_pred = self.W.T.dot(X.T).argmax(axis=0)",
        "scores with a column for each example",
    ),
]  # fmt: skip
