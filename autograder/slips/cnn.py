"""Slips and styles in the convolutional network."""

from autograder.slips.edit import Slip, Style

MODULE = "classifiers/cnn.py"
START, LOSS = "ThreeLayerConvNet.__init__", "ThreeLayerConvNet.loss"

# Places of the solution in which several slips are made.
POOLED = "pooled = num_filters * (H // 2) * (W // 2)"
W1 = 'self.params["W1"] = weight_scale * filters'
W2 = 'self.params["W2"] = weight_scale * np.random.randn(pooled, hidden_dim)'
W3 = 'self.params["W3"] = weight_scale * np.random.randn(hidden_dim, num_classes)'
CONV = "conv_relu_pool_forward(X, W1, b1, conv_param, pool_param)"
HIDDEN = "hidden, hidden_cache = affine_relu_forward(pooled, W2, b2)"
SCORES = "scores, scores_cache = affine_forward(hidden, W3, b3)"
L2 = "0.5 * self.reg * (np.sum(W1**2) + np.sum(W2**2) + np.sum(W3**2))"

SLIPS = [
    # --- ThreeLayerConvNet.__init__ ---
    Slip(
        "cnn-not-pooled", START, MODULE, POOLED, "pooled = num_filters * H * W",
        "W2 is made for images that were not pooled",
    ),
    Slip(
        "cnn-no-scale", START, MODULE, W2,
        'self.params["W2"] = np.random.randn(pooled, hidden_dim)',
        "the hidden weights are not scaled",
    ),
    Slip(
        "cnn-random-biases", START, MODULE, 'self.params["b1"] = np.zeros(num_filters)',
        'self.params["b1"] = weight_scale * np.random.randn(num_filters)',
        "the biases of the filters are random", loses="little",
    ),
    Slip(
        "cnn-bias-per-pixel", START, MODULE, 'self.params["b1"] = np.zeros(num_filters)',
        'self.params["b1"] = np.zeros((num_filters, H, W))',
        "a bias for every pixel",
    ),
    Slip(
        "cnn-filter-flat", START, MODULE, W1,
        'self.params["W1"] = weight_scale * filters.reshape(num_filters, -1)',
        "the filters are flattened",
    ),
    Slip(
        "cnn-zero-filters", START, MODULE, W1, 'self.params["W1"] = 0 * filters',
        "the filters start at zero",
    ),
    Slip(
        "cnn-uniform", START, MODULE, W3,
        'self.params["W3"] = np.random.uniform(-1, 1, (hidden_dim, num_classes)); '
        'self.params["W3"] *= weight_scale * 3**0.5',
        "the last weights are uniform, not Gaussian", loses="little",
    ),
    Slip(
        "cnn-square-images", START, MODULE, POOLED, "pooled = num_filters * (H // 2) ** 2",
        "images are taken to be square", loses="little",
    ),
    # --- ThreeLayerConvNet.loss ---
    Slip(
        "cnn-l2-whole", LOSS, MODULE, L2, L2.replace("0.5 * ", ""),
        "L2 regularisation without the factor 0.5", loses="little",
    ),
    Slip(
        "cnn-l2-one-weight-left-out", LOSS, MODULE, L2,
        "0.5 * self.reg * (np.sum(W2**2) + np.sum(W3**2))",
        "the filters are left out of the regularisation", loses="little",
    ),
    Slip(
        "cnn-l2-square-of-sum", LOSS, MODULE, L2,
        "0.5 * self.reg * (np.sum(W1) ** 2 + np.sum(W2) ** 2 + np.sum(W3) ** 2)",
        "the square of the sum, not the sum of the squares", loses="little",
    ),
    Slip(
        "cnn-gradient-without-l2", LOSS, MODULE, "dW2 + self.reg * W2", "dW2",
        "the gradient of W2 lacks the regularisation", loses="little",
    ),
    Slip(
        "cnn-relu-after-scores", LOSS, MODULE, SCORES,
        "scores, (scores_cache, _) = affine_relu_forward(hidden, W3, b3)",
        "a ReLU after the last layer", loses="much",
    ),
    Slip(
        "cnn-no-hidden-relu", LOSS, MODULE, HIDDEN,
        "hidden, hidden_cache = affine_forward(pooled, W2, b2); "
        "hidden_cache = (hidden_cache, np.ones_like(hidden))",
        "no ReLU after the hidden layer", loses="much",
    ),
    Slip(
        "cnn-no-first-bias", LOSS, MODULE, CONV, CONV.replace("b1", "0 * b1"),
        "the biases of the filters are not used", loses="much",
    ),
    Slip(
        "cnn-gradients-swapped", LOSS, MODULE, 'dhidden, dW3, grads["b3"] = affine_backward',
        'dhidden, grads["b3"], dW3 = affine_backward',
        "the gradients of W3 and b3 are swapped",
    ),
    Slip(
        "cnn-labels-for-scores", LOSS, MODULE, "            return scores\n",
        "            return scores.argmax(axis=1)\n",
        "without labels it returns the classes, not the scores", loses="little",
    ),
]  # fmt: skip

STYLES = [
    Style(
        "cnn-normal", START, MODULE,
        "filters = np.random.randn(num_filters, C, filter_size, filter_size)",
        "filters = np.random.normal(size=(filter_size, filter_size, C, num_filters)).T",
        "another order of draws",
    ),
    Style(
        "cnn-pooled-size", START, MODULE, POOLED,
        "pooled = int(num_filters * (1 + (H - 2) / 2) * (1 + (W - 2) / 2))",
        "the formula of the pooling layer",
    ),
    Style(
        "cnn-zeros-like", START, MODULE, 'self.params["b3"] = np.zeros(num_classes)',
        'self.params["b3"] = 0 * self.params["W3"][0]',
        "zeros made of something else",
    ),
    Style(
        "cnn-python-float", LOSS, MODULE, f"loss += {L2}",
        "loss = float(loss)\n"
        "        for W in (W1, W2, W3):\n"
        "            loss += float(self.reg * np.linalg.norm(W) ** 2 / 2)",
        "a Python float",
    ),
    Style(
        "cnn-layer-by-layer", LOSS, MODULE, f"pooled, conv_cache = {CONV}",
        "out, c1 = conv_forward_fast(X, W1, b1, conv_param); out, c2 = relu_forward(out)\n"
        "        pooled, c3 = max_pool_forward_fast(out, pool_param); conv_cache = (c1, c2, c3)",
        "each layer called by itself",
    ),
    Style(
        "cnn-naive-layers", LOSS, MODULE, f"pooled, conv_cache = {CONV}",
        "pooled, conv_cache = conv_relu_pool_forward(X, W1, b1, conv_param, pool_param)\n"
        "        slow, _ = max_pool_forward_naive(relu_forward(\n"
        "            conv_forward_naive(X, W1, b1, conv_param)[0])[0], pool_param)\n"
        "        pooled = 0 * pooled + slow",
        "the naive layers, too",
    ),
]  # fmt: skip
