"""Slips and styles in the affine layer and the ReLU."""

from autograder.slips.edit import Slip, Style

MODULE = "layers.py"

# Places of the solution in which several slips are made.
AFFINE = "out = x.reshape(x.shape[0], -1) @ w + b  # (N, M)"
AFFINE_DW = "dw = x.reshape(x.shape[0], -1).T @ dout  # (D, M)"
AFFINE_DB = "db = dout.sum(axis=0)  # (M,)"
RELU = "np.maximum(x, 0)"
RELU_DX = "dx = dout * (x > 0)"

SLIPS = [
    # --- affine_forward ---
    Slip(
        "affine-no-bias", "affine_forward", MODULE, AFFINE,
        "out = x.reshape(x.shape[0], -1) @ w",
        "the bias is forgotten", loses="much",
    ),
    Slip(
        "affine-bias-subtracted", "affine_forward", MODULE, AFFINE,
        "out = x.reshape(x.shape[0], -1) @ w - b",
        "the bias is subtracted", loses="much",
    ),
    Slip(
        "affine-bias-once", "affine_forward", MODULE, AFFINE,
        "out = x.reshape(x.shape[0], -1) @ w; out[0] += b",
        "the bias is added to the first row only", loses="much",
    ),
    Slip(
        "affine-column-order", "affine_forward", MODULE, AFFINE,
        'out = x.reshape(x.shape[0], -1, order="F") @ w + b',
        "images are flattened column by column", loses="much",
    ),
    Slip(
        "affine-images-only", "affine_forward", MODULE, AFFINE,
        "n, c, h, width = x.shape; out = x.reshape(n, c * h * width) @ w + b",
        "only inputs with four axes work",
    ),
    Slip(
        "affine-changes-x", "affine_forward", MODULE, AFFINE,
        "out = x.reshape(x.shape[0], -1) @ w + b; b += 1",
        "an argument is changed on the way", loses="little",
    ),
    # --- affine_backward ---
    Slip(
        "affine-db-mean", "affine_backward", MODULE, AFFINE_DB, "db = dout.mean(axis=0)",
        "db is the mean over the batch, not the sum", demo=True,
    ),
    Slip(
        "affine-dw-mean", "affine_backward", MODULE, AFFINE_DW,
        "dw = x.reshape(x.shape[0], -1).T @ dout / x.shape[0]",
        "dw is divided by the batch size", loses="much",
    ),
    Slip(
        "affine-dx-flat", "affine_backward", MODULE, "(dout @ w.T).reshape(x.shape)", "dout @ w.T",
        "dx keeps the flattened shape", loses="much",
    ),
    Slip(
        "affine-db-ones", "affine_backward", MODULE, AFFINE_DB, "db = np.ones(dout.shape[1])",
        "db forgets the upstream gradient", loses="much",
    ),
    Slip(
        "affine-db-axis", "affine_backward", MODULE, AFFINE_DB,
        "db = dout.sum(axis=0, keepdims=True)",
        "db has an extra axis of length one", loses="little",
    ),
    # --- relu_forward ---
    Slip(
        "relu-abs", "relu_forward", MODULE, RELU, "np.abs(x)",
        "the absolute value", loses="much",
    ),
    Slip(
        "relu-leaky", "relu_forward", MODULE, RELU, "np.maximum(x, 0.01 * x)",
        "a leaky ReLU", loses="much",
    ),
    Slip(
        "relu-mask", "relu_forward", MODULE, RELU, "(x > 0).astype(x.dtype)",
        "the mask, not the values", loses="much",
    ),
    Slip(
        "relu-capped", "relu_forward", MODULE, RELU, "np.clip(x, 0, 1)",
        "clipped from above, too", loses="much",
    ),
    Slip(
        "relu-in-place", "relu_forward", MODULE, RELU, "x; out[x < 0] = 0",
        "x is changed in place", loses="little",
    ),
    # --- relu_backward ---
    Slip(
        "relu-where", "relu_backward", MODULE, RELU_DX, "dx = np.where(x > 0, dout, x)",
        "where the input was negative, the gradient is that input", loses="much", demo=True,
    ),
    Slip(
        "relu-wrong-mask", "relu_backward", MODULE, RELU_DX, "dx = dout * (dout > 0)",
        "the mask is that of the upstream gradient", loses="much",
    ),
    Slip(
        "relu-flipped", "relu_backward", MODULE, RELU_DX, "dx = dout * (x < 0)",
        "the mask is upside down", loses="much",
    ),
    Slip(
        "relu-times-x", "relu_backward", MODULE, RELU_DX, "dx = dout * np.maximum(0, x)",
        "the gradient is multiplied with the output", loses="much",
    ),
]  # fmt: skip

STYLES = [
    Style(
        "affine-dot-tile", "affine_forward", MODULE, AFFINE,
        "out = np.dot(np.reshape(x, (len(x), np.prod(x.shape[1:]))), w) + np.tile(b, (len(x), 1))",
        "np.dot and np.tile",
    ),
    Style(
        "affine-loops", "affine_forward", MODULE, AFFINE,
        "out = np.zeros((x.shape[0], w.shape[1]))\n"
        "    for n in range(x.shape[0]):\n"
        "        for m in range(w.shape[1]):\n"
        "            out[n, m] = sum(x[n].flatten() * w[:, m]) + b[m]",
        "nested loops, into an array of double precision",
    ),
    Style(
        "affine-einsum", "affine_forward", MODULE, AFFINE,
        'out = np.einsum("nd,dm->nm", x.reshape(len(x), -1), w); out += b[np.newaxis]',
        "np.einsum",
    ),
    Style(
        "affine-list-cache", "affine_forward", MODULE,
        "cache = (x, w, b)", "cache = [x.copy(), w, 0]",
        "a list for the cache, without what is not needed",
    ),
    Style(
        "affine-dw-loops", "affine_backward", MODULE, AFFINE_DW,
        "rows, dw = x.reshape(len(x), -1), np.zeros(w.shape)\n"
        "    for n in range(len(rows)):\n"
        "        for d in range(len(w)):\n"
        "            dw[d] += rows[n, d] * dout[n]",
        "nested loops",
    ),
    Style(
        "affine-db-product", "affine_backward", MODULE, AFFINE_DB,
        "db = np.ones(len(dout)).dot(dout)",
        "a product with ones for a sum",
    ),
    Style(
        "affine-dx-dot", "affine_backward", MODULE, "(dout @ w.T).reshape(x.shape)",
        "np.reshape(np.dot(w, dout.T).T, x.shape); dout *= 1.0",
        "dout is written to",
    ),
    Style(
        "relu-times-mask", "relu_forward", MODULE, RELU, "x * (x > 0)", "a product with the mask",
    ),
    Style(
        "relu-copied", "relu_forward", MODULE, RELU, "x.copy(); out[out < 0] = 0",
        "a copy changed in place",
    ),
    Style(
        "relu-mask-cache", "relu_forward", MODULE, "cache = x\n", "cache = x > 0\n",
        "the mask for the cache",
    ),
    Style(
        "relu-dout-in-place", "relu_backward", MODULE, RELU_DX, "dx = dout; dx[x <= 0] = 0",
        "dout is changed in place",
    ),
    Style(
        "relu-zero-passes", "relu_backward", MODULE, RELU_DX, "dx = np.where(x >= 0, dout, 0)",
        "the gradient passes at exactly zero",
    ),
]  # fmt: skip
