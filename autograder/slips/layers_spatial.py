"""Slips and styles in the normalisation of images."""

from autograder.slips.edit import Slip, Style

MODULE = "layers.py"

# Places of the solution in which several slips are made.
BATCH_IN = "pixels = x.transpose(0, 2, 3, 1).reshape(-1, C)  # (N * H * W, C)"
BATCH_CALL = "pixels, cache = batchnorm_forward(pixels, gamma, beta, bn_param)"
BATCH_OUT = "out = pixels.reshape(N, H, W, C).transpose(0, 3, 1, 2)  # (N, C, H, W)"
BATCH = f"{BATCH_IN}\n    {BATCH_CALL}\n    {BATCH_OUT}"
DBATCH_IN = "dpixels = dout.transpose(0, 2, 3, 1).reshape(-1, C)  # (N * H * W, C)"
DBATCH_CALL = "dpixels, dgamma, dbeta = batchnorm_backward_alt(dpixels, cache)"
DBATCH_OUT = "dx = dpixels.reshape(N, H, W, C).transpose(0, 3, 1, 2)"
GROUPS = "groups = x.reshape(len(x), G, -1)  # (N, G, C / G * H * W)"
CENTRED = "centred = groups - groups.mean(axis=2, keepdims=True)"
INV_STD = "inv_std = 1 / np.sqrt(groups.var(axis=2, keepdims=True) + eps)  # (N, G, 1)"
X_HAT = "x_hat = (centred * inv_std).reshape(x.shape)"
AFFINE = "out = gamma * x_hat + beta"
DBETA = "dbeta = dout.sum(axis=(0, 2, 3), keepdims=True)"
DGAMMA = "dgamma = (dout * x_hat).sum(axis=(0, 2, 3), keepdims=True)"
DX = "dx = inv_std * (dgroups - dgroups.mean(axis=2, keepdims=True) - groups * along)"

SLIPS = [
    # --- spatial_batchnorm_forward ---
    Slip(
        "spatial-no-transpose", "spatial_batchnorm_forward", MODULE, BATCH,
        f"pixels = x.reshape(-1, C)\n    {BATCH_CALL}\n    out = pixels.reshape(x.shape)",
        "reshaped without moving the channels to the end", loses="much",
    ),
    Slip(
        "spatial-back-without-transpose", "spatial_batchnorm_forward", MODULE, BATCH_OUT,
        "out = pixels.reshape(N, C, H, W)",
        "the channels are not moved back", loses="much",
    ),
    Slip(
        "spatial-per-image", "spatial_batchnorm_forward", MODULE, BATCH,
        "out = np.empty_like(x)\n"
        "    for n in range(N):\n"
        "        pixels = x[n].reshape(C, -1).T\n"
        f"        {BATCH_CALL}\n"
        "        out[n] = pixels.T.reshape(C, H, W)",
        "every image is normalised alone", loses="much",
    ),
    Slip(
        "spatial-copied-param", "spatial_batchnorm_forward", MODULE, BATCH_CALL,
        BATCH_CALL.replace("bn_param", "dict(bn_param)"),
        "the running averages are lost",
    ),
    Slip(
        "spatial-always-train", "spatial_batchnorm_forward", MODULE, BATCH_CALL,
        f'bn_param["mode"] = "train"; {BATCH_CALL}',
        "test mode is ignored", loses="little",
    ),
    # --- spatial_batchnorm_backward ---
    Slip(
        "spatial-dx-no-transpose", "spatial_batchnorm_backward", MODULE, DBATCH_IN,
        "dpixels = dout.reshape(-1, C)",
        "reshaped without moving the channels to the end", loses="much",
    ),
    Slip(
        "spatial-dx-back-without-transpose", "spatial_batchnorm_backward", MODULE, DBATCH_OUT,
        "dx = dpixels.reshape(N, C, H, W)",
        "the channels of dx are not moved back",
    ),
    Slip(
        "spatial-scales-swapped", "spatial_batchnorm_backward", MODULE, DBATCH_CALL,
        "dpixels, dbeta, dgamma = batchnorm_backward_alt(dpixels, cache)",
        "dgamma and dbeta are swapped", loses="much",
    ),
    Slip(
        "spatial-dx-over-n", "spatial_batchnorm_backward", MODULE, DBATCH_OUT,
        "dx = dpixels.reshape(N, H, W, C).transpose(0, 3, 1, 2) / N",
        "dx is divided by the batch size", loses="much",
    ),
    Slip(
        "spatial-scales-axes", "spatial_batchnorm_backward", MODULE, DBATCH_CALL,
        f"{DBATCH_CALL}; dgamma, dbeta = dgamma[None], dbeta[None]",
        "dgamma and dbeta have an extra axis", loses="little",
    ),
    # --- spatial_groupnorm_forward ---
    Slip(
        "group-channels-only", "spatial_groupnorm_forward", MODULE,
        f"{GROUPS}\n    {CENTRED}\n    {INV_STD}",
        "groups = x.reshape(len(x), G, -1, *x.shape[2:])\n"
        "    centred = groups - groups.mean(axis=2, keepdims=True)\n"
        "    inv_std = 1 / np.sqrt(groups.var(axis=2, keepdims=True) + eps)\n"
        "    centred, inv_std = (a + 0 * groups for a in (centred, inv_std))\n"
        "    centred, inv_std = (a.reshape(len(x), G, -1) for a in (centred, inv_std))",
        "the statistics are taken over the channels of the group only", loses="much",
    ),
    Slip(
        "group-interleaved", "spatial_groupnorm_forward", MODULE, GROUPS,
        "groups = x.reshape(len(x), -1, G, *x.shape[2:]).swapaxes(1, 2).reshape(len(x), G, -1)",
        "every G-th channel is in the same group", loses="much",
    ),
    Slip(
        "group-batch", "spatial_groupnorm_forward", MODULE, f"{CENTRED}\n    {INV_STD}",
        "centred = groups - groups.mean(axis=(0, 2), keepdims=True)\n"
        "    inv_std = 1 / np.sqrt(groups.var(axis=(0, 2), keepdims=True) + eps)\n"
        "    inv_std = inv_std.repeat(len(x), axis=0)",
        "the statistics are taken over the images, too", loses="much",
    ),
    Slip(
        "group-scale-flat", "spatial_groupnorm_forward", MODULE, AFFINE,
        "out = gamma.reshape(-1)[0] * x_hat + beta",
        "all channels get the scale of the first", loses="much",
    ),
    Slip(
        "group-scale-c", "spatial_groupnorm_forward", MODULE, AFFINE,
        "out = gamma[None, :, None, None] * x_hat + beta[None, :, None, None]",
        "gamma and beta are taken to be of shape (C,)", loses="much",
    ),
    Slip(
        "group-no-epsilon", "spatial_groupnorm_forward", MODULE, "keepdims=True) + eps)",
        "keepdims=True) + 1e-5)",
        "epsilon is always 1e-5", loses="little",
    ),
    # --- spatial_groupnorm_backward ---
    Slip(
        "group-dgamma-flat", "spatial_groupnorm_backward", MODULE, DGAMMA,
        "dgamma = (dout * x_hat).sum(axis=(0, 2, 3))",
        "dgamma is of shape (C,)", loses="much",
    ),
    Slip(
        "group-dbeta-flat", "spatial_groupnorm_backward", MODULE, DBETA,
        "dbeta = dout.sum(axis=(0, 2, 3))",
        "dbeta is of shape (C,)", loses="much",
    ),
    Slip(
        "group-dx-constant-statistics", "spatial_groupnorm_backward", MODULE, DX,
        "dx = inv_std * dgroups",
        "mean and variance are taken for constants", loses="much",
    ),
    Slip(
        "group-dx-constant-variance", "spatial_groupnorm_backward", MODULE, DX,
        "dx = inv_std * (dgroups - dgroups.mean(axis=2, keepdims=True))",
        "the variance is taken for a constant", loses="much",
    ),
    Slip(
        "group-dx-without-gamma", "spatial_groupnorm_backward", MODULE, "(dout * gamma)", "dout",
        "dx lacks the factor gamma", loses="much",
    ),
    Slip(
        "group-dx-over-pixels", "spatial_groupnorm_backward", MODULE, DX,
        "size = dout.shape[2] * dout.shape[3]; mean = dgroups.sum(axis=2, keepdims=True) / size\n"
        "    along = (dgroups * groups).sum(axis=2, keepdims=True) / size\n"
        "    dx = inv_std * (dgroups - mean - groups * along)",
        "divided by the pixels of a channel, not of a group", loses="much",
    ),
]  # fmt: skip

STYLES = [
    Style(
        "spatial-moveaxis", "spatial_batchnorm_forward", MODULE, BATCH,
        f"pixels = np.moveaxis(x, 1, -1).reshape((N * H * W, C))\n    {BATCH_CALL}\n"
        "    out = np.ascontiguousarray(np.rollaxis(pixels.reshape(N, H, W, C), 3, 1))",
        "np.moveaxis and np.rollaxis",
    ),
    Style(
        "spatial-channels-first", "spatial_batchnorm_forward", MODULE, BATCH,
        f"pixels = x.swapaxes(0, 1).reshape(C, -1).T\n    {BATCH_CALL}\n"
        "    out = pixels.T.reshape(C, N, H, W).swapaxes(0, 1)",
        "images and pixels in another order",
    ),
    Style(
        "spatial-backward-by-graph", "spatial_batchnorm_backward", MODULE, DBATCH_CALL,
        "dpixels, dgamma, dbeta = batchnorm_backward(dpixels.copy(), cache)",
        "the other backward pass of batch normalisation",
    ),
    Style(
        "group-loops", "spatial_groupnorm_forward", MODULE,
        f"{GROUPS}\n    {CENTRED}\n    {INV_STD}\n    {X_HAT}",
        "x_hat = np.zeros(x.shape); inv_std = np.zeros((len(x), G, 1)); size = x.shape[1] // G\n"
        "    for n in range(len(x)):\n"
        "        for g in range(G):\n"
        "            part = x[n, g * size : (g + 1) * size]\n"
        "            inv_std[n, g] = (np.var(part) + eps) ** -0.5\n"
        "            x_hat[n, g * size : (g + 1) * size] = (part - np.mean(part)) * inv_std[n, g]",
        "a loop over images and groups",
    ),
    Style(
        "group-five-axes", "spatial_groupnorm_forward", MODULE,
        f"{GROUPS}\n    {CENTRED}\n    {INV_STD}\n    {X_HAT}",
        "N, C, H, W = x.shape\n"
        "    groups = x.reshape(N, G, C // G, H, W)\n"
        "    mean = np.mean(groups, axis=(2, 3, 4), keepdims=True)\n"
        "    variance = np.mean((groups - mean) ** 2, axis=(2, 3, 4), keepdims=True)\n"
        "    x_hat = ((groups - mean) / np.sqrt(variance + eps)).reshape(N, C, H, W)\n"
        "    inv_std = 1 / np.sqrt(variance[..., 0, 0] + eps)",
        "five axes, and the variance by hand",
    ),
    Style(
        "group-epsilon-outside", "spatial_groupnorm_forward", MODULE, INV_STD,
        "inv_std = 1 / np.sqrt(np.maximum(groups.var(axis=2, keepdims=True) + eps, 0))",
        "guarded against negative variances",
    ),
    Style(
        "group-dx-by-graph", "spatial_groupnorm_backward", MODULE, DX,
        "dvariance = np.sum(dgroups * groups, axis=2, keepdims=True) * -0.5 * inv_std**2\n"
        "    size = groups.shape[2]\n"
        "    dx = inv_std * dgroups + dvariance * 2 * groups / inv_std / size\n"
        "    dx -= dx.mean(axis=2, keepdims=True)",
        "step by step through the graph",
    ),
]  # fmt: skip
