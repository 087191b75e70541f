"""Slips and styles in the fully connected networks."""

from autograder.slips.edit import Slip, Style

MODULE = "classifiers/fc_net.py"

# Places of the solution in which several slips are made.
TWO_W1 = 'self.params["W1"] = weight_scale * np.random.randn(input_dim, hidden_dim)'
TWO_W2 = 'self.params["W2"] = weight_scale * np.random.randn(hidden_dim, num_classes)'
TWO_HIDDEN = 'hidden, hidden_cache = affine_relu_forward(X, W1, self.params["b1"])'
TWO_SCORES = "scores, scores_cache = affine_forward("
TWO_L2 = "0.5 * self.reg * (np.sum(W1**2) + np.sum(W2**2))"
DEEP_W = 'self.params[f"W{i}"] = weight_scale * np.random.randn(dims[i - 1], dims[i])'
DEEP_B = 'self.params[f"b{i}"] = np.zeros(dims[i])'
DEEP_DIMS = "[input_dim, *hidden_dims, num_classes]"
DEEP_RELU = "out, relu = relu_forward(out)"
DEEP_SCORES = 'scores, affine = affine_forward(out, params[f"W{L}"], params[f"b{L}"])'
DEEP_L2 = 'loss += 0.5 * self.reg * np.sum(params[f"W{i}"] ** 2)'
DEEP_DW = 'grads[f"W{i}"] += self.reg * params[f"W{i}"]'

SLIPS = [
    # --- TwoLayerNet.__init__ ---
    Slip(
        "two-no-scale", "TwoLayerNet.__init__", MODULE, TWO_W2,
        'self.params["W2"] = np.random.randn(hidden_dim, num_classes)',
        "the last weights are not scaled", loses="much",
    ),
    Slip(
        "two-random-biases", "TwoLayerNet.__init__", MODULE,
        'self.params["b1"] = np.zeros(hidden_dim)',
        'self.params["b1"] = weight_scale * np.random.randn(hidden_dim)',
        "the first biases are random",
    ),
    Slip(
        "two-zero-weights", "TwoLayerNet.__init__", MODULE, TWO_W1,
        'self.params["W1"] = np.zeros((input_dim, hidden_dim))',
        "the first weights start at zero", loses="much",
    ),
    Slip(
        "two-transposed", "TwoLayerNet.__init__", MODULE, TWO_W1,
        'self.params["W1"] = weight_scale * np.random.randn(hidden_dim, input_dim)',
        "W1 is transposed", loses="much",
    ),
    Slip(
        "two-variance", "TwoLayerNet.__init__", MODULE, TWO_W1,
        'self.params["W1"] = weight_scale**0.5 * np.random.randn(input_dim, hidden_dim)',
        "weight_scale is taken for the variance", loses="much",
    ),
    Slip(
        "two-uniform", "TwoLayerNet.__init__", MODULE, TWO_W1,
        'self.params["W1"] = np.random.uniform(-1, 1, (input_dim, hidden_dim)); '
        'self.params["W1"] *= weight_scale * 3**0.5',
        "the first weights are uniform, not Gaussian", loses="little",
    ),
    Slip(
        "two-bias-axis", "TwoLayerNet.__init__", MODULE,
        'self.params["b1"] = np.zeros(hidden_dim)',
        'self.params["b1"] = np.zeros((1, hidden_dim))',
        "the first biases have an extra axis", loses="little",
    ),
    # --- TwoLayerNet.loss ---
    Slip(
        "two-l2-whole", "TwoLayerNet.loss", MODULE, TWO_L2,
        "self.reg * (np.sum(W1**2) + np.sum(W2**2))",
        "L2 regularisation without the factor 0.5", demo=True,
    ),
    Slip(
        "two-l2-biases", "TwoLayerNet.loss", MODULE, TWO_L2,
        "0.5 * self.reg * sum(np.sum(value**2) for value in self.params.values())",
        "the biases are regularised",
    ),
    Slip(
        "two-l2-one-weight", "TwoLayerNet.loss", MODULE, TWO_L2,
        "0.5 * self.reg * np.sum(W1**2)",
        "the last weights are left out of the regularisation",
    ),
    Slip(
        "two-l2-square-of-sum", "TwoLayerNet.loss", MODULE, TWO_L2,
        "0.5 * self.reg * (np.sum(W1) ** 2 + np.sum(W2) ** 2)",
        "the square of the sum, not the sum of the squares",
    ),
    Slip(
        "two-gradient-without-l2", "TwoLayerNet.loss", MODULE, "dW1 + self.reg * W1", "dW1",
        "the gradient of W1 lacks the regularisation",
    ),
    Slip(
        "two-relu-after-scores", "TwoLayerNet.loss", MODULE, TWO_SCORES,
        "scores, (scores_cache, _) = affine_relu_forward(",
        "a ReLU after the last layer", loses="much",
    ),
    Slip(
        "two-no-relu", "TwoLayerNet.loss", MODULE, TWO_HIDDEN,
        'hidden, hidden_cache = affine_forward(X, W1, self.params["b1"]); '
        "hidden_cache = (hidden_cache, np.ones_like(hidden))",
        "no ReLU anywhere", loses="much",
    ),
    Slip(
        "two-no-first-bias", "TwoLayerNet.loss", MODULE, TWO_HIDDEN,
        'hidden, hidden_cache = affine_relu_forward(X, W1, 0 * self.params["b1"])',
        "the first biases are not used", loses="much",
    ),
    # --- FullyConnectedNet.__init__ ---
    Slip(
        "deep-last-unscaled-biases-random", "FullyConnectedNet.__init__", MODULE,
        f"{DEEP_W}\n            {DEEP_B}",
        f"{DEEP_W.replace('weight_scale', 'weight_scale ** (i < self.num_layers)')}\n"
        f"            {DEEP_B.replace('np.zeros', 'weight_scale * np.random.randn')}",
        "the last weights are not scaled and the biases are random", loses="much",
    ),
    Slip(
        "deep-last-unscaled", "FullyConnectedNet.__init__", MODULE, DEEP_W,
        DEEP_W.replace("weight_scale", "weight_scale ** (i < self.num_layers)"),
        "the last weights are not scaled", loses="much",
    ),
    Slip(
        "deep-random-biases", "FullyConnectedNet.__init__", MODULE, DEEP_B,
        'self.params[f"b{i}"] = np.random.randn(dims[i])',
        "the biases are random", loses="much",
    ),
    Slip(
        "deep-one-size", "FullyConnectedNet.__init__", MODULE, DEEP_DIMS,
        "[input_dim, *[hidden_dims[0] for _ in hidden_dims], num_classes]",
        "every hidden layer gets the size of the first",
    ),
    Slip(
        "deep-no-dtype", "FullyConnectedNet.__init__", MODULE, "value.astype(dtype)", "value",
        "the dtype is ignored", loses="little",
    ),
    Slip(
        "deep-lists-only", "FullyConnectedNet.__init__", MODULE, DEEP_DIMS,
        "[input_dim] + hidden_dims + [num_classes]",
        "a tuple of hidden sizes does not work", loses="little",
    ),
    # --- FullyConnectedNet.loss ---
    Slip(
        "deep-l2-whole", "FullyConnectedNet.loss", MODULE, DEEP_L2,
        'loss += self.reg * np.sum(params[f"W{i}"] ** 2)',
        "L2 regularisation without the factor 0.5",
    ),
    Slip(
        "deep-l2-biases", "FullyConnectedNet.loss", MODULE, DEEP_DW,
        DEEP_DW + '; loss += 0.5 * self.reg * np.sum(params[f"b{i}"] ** 2); '
        'grads[f"b{i}"] += self.reg * params[f"b{i}"]',
        "the biases are regularised", loses="much", demo=True,
    ),
    Slip(
        "deep-l2-not-last", "FullyConnectedNet.loss", MODULE,
        "for i in range(1, L + 1):", "for i in range(1, L):",
        "the last weights are left out of the regularisation", loses="much",
    ),
    Slip(
        "deep-l2-square-of-sum", "FullyConnectedNet.loss", MODULE, DEEP_L2,
        'loss += 0.5 * self.reg * np.sum(params[f"W{i}"]) ** 2',
        "the square of the sum, not the sum of the squares",
    ),
    Slip(
        "deep-gradient-without-l2", "FullyConnectedNet.loss", MODULE, DEEP_DW, "pass",
        "the gradients lack the regularisation",
    ),
    Slip(
        "deep-relu-after-scores", "FullyConnectedNet.loss", MODULE, DEEP_SCORES,
        DEEP_SCORES + "; scores = np.maximum(scores, 0)",
        "a ReLU after the last layer", loses="much",
    ),
    Slip(
        "deep-no-relu", "FullyConnectedNet.loss", MODULE, DEEP_RELU, "relu = np.ones_like(out)",
        "no ReLU anywhere", loses="much",
    ),
    Slip(
        "deep-no-first-bias", "FullyConnectedNet.loss", MODULE,
        'affine_forward(out, params[f"W{i}"], params[f"b{i}"])',
        'affine_forward(out, params[f"W{i}"], params[f"b{i}"] * (i > 1))',
        "the first biases are not used", loses="much",
    ),
    Slip(
        "deep-three-layers-only", "FullyConnectedNet.loss", MODULE,
        "L, params = self.num_layers, self.params", "L, params = 3, self.params",
        "only networks of three layers work",
    ),
]  # fmt: skip

STYLES = [
    Style(
        "two-draws-last-first", "TwoLayerNet.__init__", MODULE, TWO_W1,
        f"{TWO_W2.replace('W2', 'spare')}; {TWO_W1}; del self.params['spare']",
        "another order and number of draws",
    ),
    Style(
        "two-normal", "TwoLayerNet.__init__", MODULE, TWO_W2,
        'self.params["W2"] = np.random.default_rng().normal(0, weight_scale, '
        "(hidden_dim, num_classes))",
        "another generator",
    ),
    Style(
        "two-by-hand", "TwoLayerNet.loss", MODULE, TWO_HIDDEN,
        "rows = X.reshape(len(X), -1); before = rows.dot(W1) + self.params['b1']; "
        "hidden = np.maximum(0, before); hidden_cache = ((X, W1, self.params['b1']), before)",
        "the first layer by hand",
    ),
    Style(
        "two-python-float", "TwoLayerNet.loss", MODULE, f"loss += {TWO_L2}",
        "loss = float(loss) + self.reg / 2 * float(np.linalg.norm(W1) ** 2 + (W2 * W2).sum())",
        "the loss as a Python float, the squares by norm",
    ),
    Style(
        "deep-normal", "FullyConnectedNet.__init__", MODULE, DEEP_W,
        'self.params["W" + str(i)] = np.random.normal(0, weight_scale, dims[i - 1 : i + 1])',
        "np.random.normal",
    ),
    Style(
        "deep-full", "FullyConnectedNet.__init__", MODULE, DEEP_B,
        'self.params.update({"b%d" % i: np.full(dims[i], 0)})',
        "biases that are integers before they are cast",
    ),
    Style(
        "deep-where", "FullyConnectedNet.loss", MODULE, DEEP_RELU,
        "relu = out.copy(); out = np.where(relu > 0, relu, 0)",
        "the ReLU by hand",
    ),
    Style(
        "deep-sum-of-squares", "FullyConnectedNet.loss", MODULE, DEEP_L2,
        'loss = float(loss + self.reg / 2 * params[f"W{i}"].ravel() @ params[f"W{i}"].ravel())',
        "the loss as a Python float, the squares by a product",
    ),
    Style(
        "deep-more-grads", "FullyConnectedNet.loss", MODULE, DEEP_DW,
        f'{DEEP_DW}; grads["X"] = dout',
        "a gradient that nobody asked for",
    ),
]  # fmt: skip
