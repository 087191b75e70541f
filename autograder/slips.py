"""Wrong programs of one slip each, and right ones in unusual styles: edits of the solution.

Most were found in real students' work. A slip loses points in its exercise and in no other; a style
keeps every point. `tests/test_hidden_checks.py` holds the hidden checks to that, and the
demonstration class makes some of the slips.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Edit:
    """A change of the solved package: `old` stands once in `module`, and `new` takes its place.

    Attributes
    ----------
    name : str
        Names it in tests; unique.
    exercise : str
        The exercise it is made in.
    module : str
        File, relative to `daseCV/`.
    note : str
        What was done, in a few words.
    """

    name: str
    exercise: str
    module: str
    old: str
    new: str
    note: str

    def apply(self, text: str) -> str:
        """The text of the module with this change made.

        Raises
        ------
        ValueError
            If `old` does not stand in the text exactly once.
        """
        if text.count(self.old) != 1:
            times = text.count(self.old)
            raise ValueError(f"{self.name}: {self.old!r} stands there {times} times, not once")
        return text.replace(self.old, self.new)


@dataclass(frozen=True)
class Slip(Edit):
    """A wrong program.

    Attributes
    ----------
    loses : str
        "much", more than half of the points; "little", a quarter at most, because all that the
        notebook exercises is right; or "some".
    demo : bool
        Whether someone in the demonstration class makes it.
    """

    loses: str = "some"
    demo: bool = False


@dataclass(frozen=True)
class Style(Edit):
    """A right program, written in a way that a naive grader would fail."""


def demo() -> list[Slip]:
    """The slips of the demonstration class, in the order of the notebook."""
    return [slip for slip in SLIPS if slip.demo]


LAYERS, OPTIM, FC_NET = "layers.py", "optim.py", "classifiers/fc_net.py"

# Places of the solution in which several slips are made.
AFFINE = "out = x.reshape(x.shape[0], -1) @ w + b  # (N, M)"
AFFINE_DW = "dw = x.reshape(x.shape[0], -1).T @ dout  # (D, M)"
AFFINE_DB = "db = dout.sum(axis=0)  # (M,)"
RELU = "np.maximum(x, 0)"
RELU_DX = "dx = dout * (x > 0)"
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
MOMENTUM = 'v = config["momentum"] * v - config["learning_rate"] * dw'
MOMENTUM_W = "next_w = w + v"
RMSPROP = 'config["cache"] = decay * config["cache"] + (1 - decay) * dw**2'
RMSPROP_ROOT = '(np.sqrt(config["cache"]) + config["epsilon"])'
ADAM_M = 'config["m"] = beta1 * config["m"] + (1 - beta1) * dw'
ADAM_M_HAT = 'm_hat = config["m"] / (1 - beta1 ** config["t"])'
ADAM_V_HAT = 'v_hat = config["v"] / (1 - beta2 ** config["t"])'
ADAM_ROOT = '(np.sqrt(v_hat) + config["epsilon"])'
ADAM_W = f'next_w = w - config["learning_rate"] * m_hat / {ADAM_ROOT}'

SLIPS = [
    # --- affine_forward ---
    Slip(
        "affine-no-bias", "affine_forward", LAYERS, AFFINE,
        "out = x.reshape(x.shape[0], -1) @ w",
        "the bias is forgotten", loses="much",
    ),
    Slip(
        "affine-bias-subtracted", "affine_forward", LAYERS, AFFINE,
        "out = x.reshape(x.shape[0], -1) @ w - b",
        "the bias is subtracted", loses="much",
    ),
    Slip(
        "affine-bias-once", "affine_forward", LAYERS, AFFINE,
        "out = x.reshape(x.shape[0], -1) @ w; out[0] += b",
        "the bias is added to the first row only", loses="much",
    ),
    Slip(
        "affine-column-order", "affine_forward", LAYERS, AFFINE,
        'out = x.reshape(x.shape[0], -1, order="F") @ w + b',
        "images are flattened column by column", loses="much",
    ),
    Slip(
        "affine-images-only", "affine_forward", LAYERS, AFFINE,
        "n, c, h, width = x.shape; out = x.reshape(n, c * h * width) @ w + b",
        "only inputs with four axes work",
    ),
    Slip(
        "affine-changes-x", "affine_forward", LAYERS, AFFINE,
        "out = x.reshape(x.shape[0], -1) @ w + b; b += 1",
        "an argument is changed on the way", loses="little",
    ),
    # --- affine_backward ---
    Slip(
        "affine-db-mean", "affine_backward", LAYERS, AFFINE_DB, "db = dout.mean(axis=0)",
        "db is the mean over the batch, not the sum", demo=True,
    ),
    Slip(
        "affine-dw-mean", "affine_backward", LAYERS, AFFINE_DW,
        "dw = x.reshape(x.shape[0], -1).T @ dout / x.shape[0]",
        "dw is divided by the batch size", loses="much",
    ),
    Slip(
        "affine-dx-flat", "affine_backward", LAYERS, "(dout @ w.T).reshape(x.shape)", "dout @ w.T",
        "dx keeps the flattened shape", loses="much",
    ),
    Slip(
        "affine-db-ones", "affine_backward", LAYERS, AFFINE_DB, "db = np.ones(dout.shape[1])",
        "db forgets the upstream gradient", loses="much",
    ),
    Slip(
        "affine-db-axis", "affine_backward", LAYERS, AFFINE_DB,
        "db = dout.sum(axis=0, keepdims=True)",
        "db has an extra axis of length one", loses="little",
    ),
    # --- relu_forward ---
    Slip(
        "relu-abs", "relu_forward", LAYERS, RELU, "np.abs(x)",
        "the absolute value", loses="much",
    ),
    Slip(
        "relu-leaky", "relu_forward", LAYERS, RELU, "np.maximum(x, 0.01 * x)",
        "a leaky ReLU", loses="much",
    ),
    Slip(
        "relu-mask", "relu_forward", LAYERS, RELU, "(x > 0).astype(x.dtype)",
        "the mask, not the values", loses="much",
    ),
    Slip(
        "relu-capped", "relu_forward", LAYERS, RELU, "np.clip(x, 0, 1)",
        "clipped from above, too", loses="much",
    ),
    Slip(
        "relu-in-place", "relu_forward", LAYERS, RELU, "x; out[x < 0] = 0",
        "x is changed in place", loses="little",
    ),
    # --- relu_backward ---
    Slip(
        "relu-where", "relu_backward", LAYERS, RELU_DX, "dx = np.where(x > 0, dout, x)",
        "where the input was negative, the gradient is that input", loses="much", demo=True,
    ),
    Slip(
        "relu-wrong-mask", "relu_backward", LAYERS, RELU_DX, "dx = dout * (dout > 0)",
        "the mask is that of the upstream gradient", loses="much",
    ),
    Slip(
        "relu-flipped", "relu_backward", LAYERS, RELU_DX, "dx = dout * (x < 0)",
        "the mask is upside down", loses="much",
    ),
    Slip(
        "relu-times-x", "relu_backward", LAYERS, RELU_DX, "dx = dout * np.maximum(0, x)",
        "the gradient is multiplied with the output", loses="much",
    ),
    # --- TwoLayerNet.__init__ ---
    Slip(
        "two-no-scale", "TwoLayerNet.__init__", FC_NET, TWO_W2,
        'self.params["W2"] = np.random.randn(hidden_dim, num_classes)',
        "the last weights are not scaled", loses="much",
    ),
    Slip(
        "two-random-biases", "TwoLayerNet.__init__", FC_NET,
        'self.params["b1"] = np.zeros(hidden_dim)',
        'self.params["b1"] = weight_scale * np.random.randn(hidden_dim)',
        "the first biases are random",
    ),
    Slip(
        "two-zero-weights", "TwoLayerNet.__init__", FC_NET, TWO_W1,
        'self.params["W1"] = np.zeros((input_dim, hidden_dim))',
        "the first weights start at zero", loses="much",
    ),
    Slip(
        "two-transposed", "TwoLayerNet.__init__", FC_NET, TWO_W1,
        'self.params["W1"] = weight_scale * np.random.randn(hidden_dim, input_dim)',
        "W1 is transposed", loses="much",
    ),
    Slip(
        "two-variance", "TwoLayerNet.__init__", FC_NET, TWO_W1,
        'self.params["W1"] = weight_scale**0.5 * np.random.randn(input_dim, hidden_dim)',
        "weight_scale is taken for the variance", loses="much",
    ),
    Slip(
        "two-uniform", "TwoLayerNet.__init__", FC_NET, TWO_W1,
        'self.params["W1"] = np.random.uniform(-1, 1, (input_dim, hidden_dim)); '
        'self.params["W1"] *= weight_scale * 3**0.5',
        "the first weights are uniform, not Gaussian", loses="little",
    ),
    Slip(
        "two-bias-axis", "TwoLayerNet.__init__", FC_NET,
        'self.params["b1"] = np.zeros(hidden_dim)',
        'self.params["b1"] = np.zeros((1, hidden_dim))',
        "the first biases have an extra axis", loses="little",
    ),
    # --- TwoLayerNet.loss ---
    Slip(
        "two-l2-whole", "TwoLayerNet.loss", FC_NET, TWO_L2,
        "self.reg * (np.sum(W1**2) + np.sum(W2**2))",
        "L2 regularisation without the factor 0.5", demo=True,
    ),
    Slip(
        "two-l2-biases", "TwoLayerNet.loss", FC_NET, TWO_L2,
        "0.5 * self.reg * sum(np.sum(value**2) for value in self.params.values())",
        "the biases are regularised",
    ),
    Slip(
        "two-l2-one-weight", "TwoLayerNet.loss", FC_NET, TWO_L2,
        "0.5 * self.reg * np.sum(W1**2)",
        "the last weights are left out of the regularisation",
    ),
    Slip(
        "two-l2-square-of-sum", "TwoLayerNet.loss", FC_NET, TWO_L2,
        "0.5 * self.reg * (np.sum(W1) ** 2 + np.sum(W2) ** 2)",
        "the square of the sum, not the sum of the squares",
    ),
    Slip(
        "two-gradient-without-l2", "TwoLayerNet.loss", FC_NET, "dW1 + self.reg * W1", "dW1",
        "the gradient of W1 lacks the regularisation",
    ),
    Slip(
        "two-relu-after-scores", "TwoLayerNet.loss", FC_NET, TWO_SCORES,
        "scores, (scores_cache, _) = affine_relu_forward(",
        "a ReLU after the last layer", loses="much",
    ),
    Slip(
        "two-no-relu", "TwoLayerNet.loss", FC_NET, TWO_HIDDEN,
        'hidden, hidden_cache = affine_forward(X, W1, self.params["b1"]); '
        "hidden_cache = (hidden_cache, np.ones_like(hidden))",
        "no ReLU anywhere", loses="much",
    ),
    Slip(
        "two-no-first-bias", "TwoLayerNet.loss", FC_NET, TWO_HIDDEN,
        'hidden, hidden_cache = affine_relu_forward(X, W1, 0 * self.params["b1"])',
        "the first biases are not used", loses="much",
    ),
    # --- FullyConnectedNet.__init__ ---
    Slip(
        "deep-last-unscaled-biases-random", "FullyConnectedNet.__init__", FC_NET,
        f"{DEEP_W}\n            {DEEP_B}",
        f"{DEEP_W.replace('weight_scale', 'weight_scale ** (i < self.num_layers)')}\n"
        f"            {DEEP_B.replace('np.zeros', 'weight_scale * np.random.randn')}",
        "the last weights are not scaled and the biases are random", loses="much",
    ),
    Slip(
        "deep-last-unscaled", "FullyConnectedNet.__init__", FC_NET, DEEP_W,
        DEEP_W.replace("weight_scale", "weight_scale ** (i < self.num_layers)"),
        "the last weights are not scaled", loses="much",
    ),
    Slip(
        "deep-random-biases", "FullyConnectedNet.__init__", FC_NET, DEEP_B,
        'self.params[f"b{i}"] = np.random.randn(dims[i])',
        "the biases are random", loses="much",
    ),
    Slip(
        "deep-one-size", "FullyConnectedNet.__init__", FC_NET, DEEP_DIMS,
        "[input_dim, *[hidden_dims[0] for _ in hidden_dims], num_classes]",
        "every hidden layer gets the size of the first",
    ),
    Slip(
        "deep-no-dtype", "FullyConnectedNet.__init__", FC_NET, "value.astype(dtype)", "value",
        "the dtype is ignored", loses="little",
    ),
    Slip(
        "deep-lists-only", "FullyConnectedNet.__init__", FC_NET, DEEP_DIMS,
        "[input_dim] + hidden_dims + [num_classes]",
        "a tuple of hidden sizes does not work", loses="little",
    ),
    # --- FullyConnectedNet.loss ---
    Slip(
        "deep-l2-whole", "FullyConnectedNet.loss", FC_NET, DEEP_L2,
        'loss += self.reg * np.sum(params[f"W{i}"] ** 2)',
        "L2 regularisation without the factor 0.5",
    ),
    Slip(
        "deep-l2-biases", "FullyConnectedNet.loss", FC_NET, DEEP_DW,
        DEEP_DW + '; loss += 0.5 * self.reg * np.sum(params[f"b{i}"] ** 2); '
        'grads[f"b{i}"] += self.reg * params[f"b{i}"]',
        "the biases are regularised", loses="much", demo=True,
    ),
    Slip(
        "deep-l2-not-last", "FullyConnectedNet.loss", FC_NET,
        "for i in range(1, L + 1):", "for i in range(1, L):",
        "the last weights are left out of the regularisation", loses="much",
    ),
    Slip(
        "deep-l2-square-of-sum", "FullyConnectedNet.loss", FC_NET, DEEP_L2,
        'loss += 0.5 * self.reg * np.sum(params[f"W{i}"]) ** 2',
        "the square of the sum, not the sum of the squares",
    ),
    Slip(
        "deep-gradient-without-l2", "FullyConnectedNet.loss", FC_NET, DEEP_DW, "pass",
        "the gradients lack the regularisation",
    ),
    Slip(
        "deep-relu-after-scores", "FullyConnectedNet.loss", FC_NET, DEEP_SCORES,
        DEEP_SCORES + "; scores = np.maximum(scores, 0)",
        "a ReLU after the last layer", loses="much",
    ),
    Slip(
        "deep-no-relu", "FullyConnectedNet.loss", FC_NET, DEEP_RELU, "relu = np.ones_like(out)",
        "no ReLU anywhere", loses="much",
    ),
    Slip(
        "deep-no-first-bias", "FullyConnectedNet.loss", FC_NET,
        'affine_forward(out, params[f"W{i}"], params[f"b{i}"])',
        'affine_forward(out, params[f"W{i}"], params[f"b{i}"] * (i > 1))',
        "the first biases are not used", loses="much",
    ),
    Slip(
        "deep-three-layers-only", "FullyConnectedNet.loss", FC_NET,
        "L, params = self.num_layers, self.params", "L, params = 3, self.params",
        "only networks of three layers work",
    ),
    # --- sgd_momentum ---
    Slip(
        "momentum-sign", "sgd_momentum", OPTIM, MOMENTUM,
        'v = config["momentum"] * v + config["learning_rate"] * dw',
        "the velocity grows along the gradient", loses="much",
    ),
    Slip(
        "momentum-velocity-flipped", "sgd_momentum", OPTIM,
        f"{MOMENTUM}\n    {MOMENTUM_W}",
        f"{MOMENTUM.replace(' - ', ' + ')}\n    next_w = w - v",
        "the velocity points away from where w moves",
    ),
    Slip(
        "momentum-nesterov", "sgd_momentum", OPTIM, MOMENTUM_W,
        'next_w = w + config["momentum"] * v - config["learning_rate"] * dw',
        "Nesterov's step", loses="much",
    ),
    Slip(
        "momentum-damped", "sgd_momentum", OPTIM, MOMENTUM,
        'v = config["momentum"] * v - (1 - config["momentum"]) * config["learning_rate"] * dw',
        "the gradient is damped by 1 - momentum", loses="much",
    ),
    Slip(
        "momentum-forgotten", "sgd_momentum", OPTIM, 'config["velocity"] = v', "",
        "the velocity is not kept", loses="much",
    ),
    Slip(
        "momentum-fixed", "sgd_momentum", OPTIM, MOMENTUM,
        'v = 0.9 * v - config["learning_rate"] * dw',
        "the momentum is always 0.9",
    ),
    # --- rmsprop ---
    Slip(
        "rmsprop-shares-swapped", "rmsprop", OPTIM, RMSPROP,
        'config["cache"] = (1 - decay) * config["cache"] + decay * dw**2',
        "the shares of old and new are swapped", loses="much",
    ),
    Slip(
        "rmsprop-adagrad", "rmsprop", OPTIM, RMSPROP, 'config["cache"] = config["cache"] + dw**2',
        "the squares add up, as in AdaGrad", loses="much",
    ),
    Slip(
        "rmsprop-no-root", "rmsprop", OPTIM, RMSPROP_ROOT,
        '(config["cache"] + config["epsilon"])',
        "the root is forgotten", loses="much",
    ),
    Slip(
        "rmsprop-forgotten", "rmsprop", OPTIM,
        f"{RMSPROP}\n    next_w", f"{RMSPROP}\n    config = dict(config, cache=0 * w)\n    next_w",
        "the average is lost before it is used", loses="much",
    ),
    Slip(
        "rmsprop-no-epsilon", "rmsprop", OPTIM, RMSPROP_ROOT, 'np.sqrt(config["cache"])',
        "nothing keeps the division away from zero", loses="little",
    ),
    # --- adam ---
    Slip(
        "adam-no-correction", "adam", OPTIM, f"{ADAM_M_HAT}\n    {ADAM_V_HAT}",
        'm_hat, v_hat = config["m"], config["v"]',
        "no bias correction", loses="much", demo=True,
    ),
    Slip(
        "adam-t-late", "adam", OPTIM, f"{ADAM_M_HAT}\n    {ADAM_V_HAT}",
        f'config["t"] -= 1; {ADAM_M_HAT}; {ADAM_V_HAT}; config["t"] += 1',
        "t is used before it grows", loses="much",
    ),
    Slip(
        "adam-t-still", "adam", OPTIM, 'config["t"] += 1', "", "t never grows", loses="much",
    ),
    Slip(
        "adam-shares-swapped", "adam", OPTIM, ADAM_M,
        'config["m"] = (1 - beta1) * config["m"] + beta1 * dw',
        "the shares of old and new gradients are swapped", loses="much",
    ),
    Slip(
        "adam-corrections-kept", "adam", OPTIM, ADAM_W,
        f'{ADAM_W}; config["m"], config["v"] = m_hat, v_hat',
        "the corrected averages are kept", loses="much",
    ),
    Slip(
        "adam-no-epsilon", "adam", OPTIM, ADAM_ROOT, "np.sqrt(v_hat)",
        "nothing keeps the division away from zero", loses="little",
    ),
]  # fmt: skip

STYLES = [
    Style(
        "affine-dot-tile", "affine_forward", LAYERS, AFFINE,
        "out = np.dot(np.reshape(x, (len(x), np.prod(x.shape[1:]))), w) + np.tile(b, (len(x), 1))",
        "np.dot and np.tile",
    ),
    Style(
        "affine-loops", "affine_forward", LAYERS, AFFINE,
        "out = np.zeros((x.shape[0], w.shape[1]))\n"
        "    for n in range(x.shape[0]):\n"
        "        for m in range(w.shape[1]):\n"
        "            out[n, m] = sum(x[n].flatten() * w[:, m]) + b[m]",
        "nested loops, into an array of double precision",
    ),
    Style(
        "affine-einsum", "affine_forward", LAYERS, AFFINE,
        'out = np.einsum("nd,dm->nm", x.reshape(len(x), -1), w); out += b[np.newaxis]',
        "np.einsum",
    ),
    Style(
        "affine-list-cache", "affine_forward", LAYERS,
        "cache = (x, w, b)", "cache = [x.copy(), w, 0]",
        "a list for the cache, without what is not needed",
    ),
    Style(
        "affine-dw-loops", "affine_backward", LAYERS, AFFINE_DW,
        "rows, dw = x.reshape(len(x), -1), np.zeros(w.shape)\n"
        "    for n in range(len(rows)):\n"
        "        for d in range(len(w)):\n"
        "            dw[d] += rows[n, d] * dout[n]",
        "nested loops",
    ),
    Style(
        "affine-db-product", "affine_backward", LAYERS, AFFINE_DB,
        "db = np.ones(len(dout)).dot(dout)",
        "a product with ones for a sum",
    ),
    Style(
        "affine-dx-dot", "affine_backward", LAYERS, "(dout @ w.T).reshape(x.shape)",
        "np.reshape(np.dot(w, dout.T).T, x.shape); dout *= 1.0",
        "dout is written to",
    ),
    Style(
        "relu-times-mask", "relu_forward", LAYERS, RELU, "x * (x > 0)", "a product with the mask",
    ),
    Style(
        "relu-copied", "relu_forward", LAYERS, RELU, "x.copy(); out[out < 0] = 0",
        "a copy changed in place",
    ),
    Style(
        "relu-mask-cache", "relu_forward", LAYERS, "cache = x\n", "cache = x > 0\n",
        "the mask for the cache",
    ),
    Style(
        "relu-dout-in-place", "relu_backward", LAYERS, RELU_DX, "dx = dout; dx[x <= 0] = 0",
        "dout is changed in place",
    ),
    Style(
        "relu-zero-passes", "relu_backward", LAYERS, RELU_DX, "dx = np.where(x >= 0, dout, 0)",
        "the gradient passes at exactly zero",
    ),
    Style(
        "two-draws-last-first", "TwoLayerNet.__init__", FC_NET, TWO_W1,
        f"{TWO_W2.replace('W2', 'spare')}; {TWO_W1}; del self.params['spare']",
        "another order and number of draws",
    ),
    Style(
        "two-normal", "TwoLayerNet.__init__", FC_NET, TWO_W2,
        'self.params["W2"] = np.random.default_rng().normal(0, weight_scale, '
        "(hidden_dim, num_classes))",
        "another generator",
    ),
    Style(
        "two-by-hand", "TwoLayerNet.loss", FC_NET, TWO_HIDDEN,
        "rows = X.reshape(len(X), -1); before = rows.dot(W1) + self.params['b1']; "
        "hidden = np.maximum(0, before); hidden_cache = ((X, W1, self.params['b1']), before)",
        "the first layer by hand",
    ),
    Style(
        "two-python-float", "TwoLayerNet.loss", FC_NET, f"loss += {TWO_L2}",
        "loss = float(loss) + self.reg / 2 * float(np.linalg.norm(W1) ** 2 + (W2 * W2).sum())",
        "the loss as a Python float, the squares by norm",
    ),
    Style(
        "deep-normal", "FullyConnectedNet.__init__", FC_NET, DEEP_W,
        'self.params["W" + str(i)] = np.random.normal(0, weight_scale, dims[i - 1 : i + 1])',
        "np.random.normal",
    ),
    Style(
        "deep-full", "FullyConnectedNet.__init__", FC_NET, DEEP_B,
        'self.params.update({"b%d" % i: np.full(dims[i], 0)})',
        "biases that are integers before they are cast",
    ),
    Style(
        "deep-where", "FullyConnectedNet.loss", FC_NET, DEEP_RELU,
        "relu = out.copy(); out = np.where(relu > 0, relu, 0)",
        "the ReLU by hand",
    ),
    Style(
        "deep-sum-of-squares", "FullyConnectedNet.loss", FC_NET, DEEP_L2,
        'loss = float(loss + self.reg / 2 * params[f"W{i}"].ravel() @ params[f"W{i}"].ravel())',
        "the loss as a Python float, the squares by a product",
    ),
    Style(
        "deep-more-grads", "FullyConnectedNet.loss", FC_NET, DEEP_DW,
        f'{DEEP_DW}; grads["X"] = dout',
        "a gradient that nobody asked for",
    ),
    Style(
        "momentum-in-place", "sgd_momentum", OPTIM, f"{MOMENTUM}\n    {MOMENTUM_W}",
        'v *= config["momentum"]; v -= config["learning_rate"] * dw; w += v; next_w = w',
        "velocity and w are changed in place",
    ),
    Style(
        "momentum-fresh-config", "sgd_momentum", OPTIM, 'config["velocity"] = v',
        'config = {**config, "velocity": v}',
        "a new dictionary is returned",
    ),
    Style(
        "rmsprop-epsilon-inside", "rmsprop", OPTIM, RMSPROP_ROOT,
        'np.sqrt(config["cache"] + config["epsilon"])',
        "epsilon inside the root",
    ),
    Style(
        "rmsprop-in-place", "rmsprop", OPTIM, f"{RMSPROP}\n    next_w = w - ",
        f"{RMSPROP}\n    next_w = w; next_w -= ",
        "w is changed in place",
    ),
    Style(
        "rmsprop-fresh-config", "rmsprop", OPTIM, RMSPROP,
        'config = dict(config, cache=decay * config["cache"] + (1 - decay) * np.square(dw))',
        "a new dictionary is returned",
    ),
    Style(
        "adam-epsilon-inside", "adam", OPTIM, ADAM_ROOT,
        'np.sqrt(v_hat + config["epsilon"])',
        "epsilon inside the root",
    ),
    Style(
        "adam-epsilon-hat", "adam", OPTIM, ADAM_W,
        'rate = config["learning_rate"] * np.sqrt(1 - beta2 ** config["t"]) / '
        '(1 - beta1 ** config["t"])\n'
        '    next_w = w - rate * config["m"] / (np.sqrt(config["v"]) + config["epsilon"])',
        "the paper's faster form, with another epsilon",
    ),
    Style(
        "adam-starts-at-one", "adam", OPTIM,
        'config.setdefault("t", 0)', 'config.setdefault("t", 1)',
        "t starts at one, as in some course files",
    ),
]  # fmt: skip
