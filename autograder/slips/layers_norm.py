"""Slips and styles in batch normalisation, layer normalisation and dropout."""

from autograder.slips.edit import Slip, Style

MODULE = "layers.py"

# Places of the solution in which several slips are made.
BN_STATISTICS = "mean, var = x.mean(axis=0), x.var(axis=0)  # (D,)"
BN_RUNNING_MEAN = "running_mean = momentum * running_mean + (1 - momentum) * mean"
BN_RUNNING_VAR = "running_var = momentum * running_var + (1 - momentum) * var"
BN_RUNNING = f"{BN_RUNNING_MEAN}\n        {BN_RUNNING_VAR}"
BN_INV_STD = "inv_std = 1 / np.sqrt(var + eps)  # (D,)"
BN_OUT = "out = gamma * (centred * inv_std) + beta"
DBETA = "dbeta = dout.sum(axis=0)  # (D,)"
BN_DGAMMA = "dgamma = (dout * centred * inv_std).sum(axis=0)  # (D,)"
BN_DVAR = "dvar = dinv_std * -0.5 * inv_std**3  # (D,)"
BN_DCENTRED = "dcentred = dx_hat * inv_std + dvar * 2 * centred / len(dout)  # (N, D)"
BN_DX = "dx = dcentred - dcentred.mean(axis=0)"
ALT_DGAMMA = "dgamma = (dout * x_hat).sum(axis=0)  # (D,)"
ALT_DX = "dx = gamma * inv_std * (dout - (dbeta + x_hat * dgamma) / len(dout))  # (N, D)"
LN_CENTRED = "centred = x - x.mean(axis=1, keepdims=True)  # (N, D)"
LN_INV_STD = "inv_std = 1 / np.sqrt(x.var(axis=1, keepdims=True) + eps)  # (N, 1)"
LN_OUT = "out = gamma * x_hat + beta"
LN_DX_HAT = "dx_hat = dout * gamma  # (N, D)"
LN_DX = "dx = inv_std * (dx_hat - dx_hat.mean(axis=1, keepdims=True) - x_hat * along)  # (N, D)"
DROP_MASK = "mask = ((np.random.rand(*x.shape) < p) / p).astype(x.dtype)"
DROP_OUT = "out = x * mask"
DROP_DX = 'dx = dout * mask if mode == "train" else dout'

SLIPS = [
    # --- batchnorm_forward ---
    Slip(
        "bn-pytorch-momentum", "batchnorm_forward", MODULE, BN_RUNNING,
        "running_mean = (1 - momentum) * running_mean + momentum * mean\n"
        "        running_var = (1 - momentum) * running_var + momentum * var",
        "momentum is the share of the new value, as in PyTorch",
    ),
    Slip(
        "bn-unbiased", "batchnorm_forward", MODULE, BN_STATISTICS,
        "mean, var = x.mean(axis=0), x.var(axis=0, ddof=1)",
        "the variance is divided by N - 1", loses="much",
    ),
    Slip(
        "bn-no-gamma", "batchnorm_forward", MODULE, BN_OUT, "out = centred * inv_std + beta",
        "gamma is forgotten",
    ),
    Slip(
        "bn-deviation-kept", "batchnorm_forward", MODULE, BN_RUNNING_VAR,
        "running_var = momentum * running_var + (1 - momentum) * np.sqrt(var)",
        "the average of the deviation, not of the variance",
    ),
    Slip(
        "bn-test-by-batch", "batchnorm_forward", MODULE, "mean, var = running_mean, running_var",
        "mean, var = x.mean(axis=0), x.var(axis=0)",
        "the statistics of the batch at test time, too",
    ),
    Slip(
        "bn-no-running", "batchnorm_forward", MODULE, BN_RUNNING, "pass",
        "no running averages are kept",
    ),
    Slip(
        "bn-over-features", "batchnorm_forward", MODULE, BN_STATISTICS,
        "mean, var = x.mean(), x.var()",
        "one mean for all features", loses="much",
    ),
    Slip(
        "bn-eps-fixed", "batchnorm_forward", MODULE, BN_INV_STD,
        "inv_std = 1 / np.sqrt(var + 1e-5)",
        "eps is always 1e-5", loses="little",
    ),
    Slip(
        "bn-running-axis", "batchnorm_forward", MODULE, BN_STATISTICS,
        "mean, var = x.mean(axis=0, keepdims=True), x.var(axis=0, keepdims=True)",
        "the running averages have an extra axis", loses="little",
    ),
    Slip(
        "bn-in-place", "batchnorm_forward", MODULE, "centred = x - mean  # (N, D)",
        "centred = x; centred -= mean",
        "x is changed in place", loses="little",
    ),
    # --- batchnorm_backward ---
    Slip(
        "bn-dx-without-mean", "batchnorm_backward", MODULE, BN_DX, "dx = dcentred",
        "nothing flows through the mean", loses="much",
    ),
    Slip(
        "bn-dx-without-variance", "batchnorm_backward", MODULE, BN_DCENTRED,
        "dcentred = dx_hat * inv_std",
        "nothing flows through the variance", loses="much",
    ),
    Slip(
        "bn-dx-variance-sum", "batchnorm_backward", MODULE, BN_DCENTRED,
        "dcentred = dx_hat * inv_std + dvar * 2 * centred",
        "the gradient of the variance is not divided by N", loses="much",
    ),
    Slip(
        "bn-dvar-root", "batchnorm_backward", MODULE, BN_DVAR,
        "dvar = dinv_std * -0.5 * inv_std",
        "the derivative of the root is wrong", loses="much",
    ),
    Slip(
        "bn-dgamma-centred", "batchnorm_backward", MODULE, BN_DGAMMA,
        "dgamma = (dout * centred).sum(axis=0)",
        "dgamma takes the centred values for the normalised ones",
    ),
    Slip(
        "bn-dbeta-mean", "batchnorm_backward", MODULE, DBETA, "dbeta = dout.mean(axis=0)",
        "dbeta is the mean over the batch",
    ),
    Slip(
        "bn-dgamma-axis", "batchnorm_backward", MODULE, BN_DGAMMA,
        "dgamma = (dout * centred * inv_std).sum(axis=0, keepdims=True)",
        "dgamma has an extra axis", loses="little",
    ),
    Slip(
        "bn-divides-by-gamma", "batchnorm_backward", MODULE, BN_DX,
        "dcentred = dcentred * gamma / gamma; dx = dcentred - dcentred.mean(axis=0)",
        "a gamma of zero gives nan", loses="little",
    ),
    # --- batchnorm_backward_alt ---
    Slip(
        "bn-alt-no-gamma", "batchnorm_backward_alt", MODULE, ALT_DX,
        ALT_DX.replace("gamma * inv_std", "inv_std"),
        "gamma is forgotten in dx", loses="much",
    ),
    Slip(
        "bn-alt-sign", "batchnorm_backward_alt", MODULE, ALT_DX,
        ALT_DX.replace("dbeta + x_hat", "dbeta - x_hat"),
        "a wrong sign", loses="much",
    ),
    Slip(
        "bn-alt-no-n", "batchnorm_backward_alt", MODULE, ALT_DX, ALT_DX.replace("/ len(dout)", ""),
        "N is forgotten", loses="much",
    ),
    Slip(
        "bn-alt-gamma-inside", "batchnorm_backward_alt", MODULE, ALT_DX,
        ALT_DX.replace("x_hat * dgamma", "gamma * x_hat * dgamma"),
        "gamma twice in one term", loses="much",
    ),
    Slip(
        "bn-alt-dgamma-axis", "batchnorm_backward_alt", MODULE, ALT_DGAMMA,
        "dgamma = (dout * x_hat).sum(axis=0)[np.newaxis]",
        "dgamma has an extra axis", loses="little",
    ),
    # --- layernorm_forward ---
    Slip(
        "ln-over-batch", "layernorm_forward", MODULE, f"{LN_CENTRED}\n    {LN_INV_STD}",
        "centred = x - x.mean(axis=0); inv_std = 1 / np.sqrt(x.var(axis=0) + eps)",
        "normalised over the batch", loses="much",
    ),
    Slip(
        "ln-unbiased", "layernorm_forward", MODULE, "x.var(axis=1, keepdims=True)",
        "x.var(axis=1, keepdims=True, ddof=1)",
        "the variance is divided by D - 1", loses="much",
    ),
    Slip(
        "ln-not-centred", "layernorm_forward", MODULE, LN_CENTRED, "centred = x * 1",
        "the mean is not subtracted", loses="much",
    ),
    Slip(
        "ln-no-beta", "layernorm_forward", MODULE, LN_OUT, "out = gamma * x_hat",
        "beta is forgotten", loses="much",
    ),
    Slip(
        "ln-eps-fixed", "layernorm_forward", MODULE, LN_INV_STD,
        "inv_std = 1 / np.sqrt(x.var(axis=1, keepdims=True) + 1e-5)",
        "eps is always 1e-5", loses="little",
    ),
    # --- layernorm_backward ---
    Slip(
        "ln-dx-by-batch", "layernorm_backward", MODULE,
        f"along = (dx_hat * x_hat).mean(axis=1, keepdims=True)  # (N, 1)\n    {LN_DX}",
        "n = len(dout); along = (dx_hat * x_hat).sum(axis=1, keepdims=True) / n; "
        "dx = inv_std * (dx_hat - dx_hat.sum(axis=1, keepdims=True) / n - x_hat * along)",
        "sums over the features are divided by N", loses="much",
    ),
    Slip(
        "ln-dx-as-batchnorm", "layernorm_backward", MODULE, LN_DX,
        "dx = inv_std * (dx_hat - (dx_hat.sum(axis=0) + x_hat * (dx_hat * x_hat).sum(axis=0)) "
        "/ len(dout))",
        "the formula of batch normalisation", loses="much",
    ),
    Slip(
        "ln-dx-no-gamma", "layernorm_backward", MODULE, LN_DX_HAT, "dx_hat = dout",
        "gamma is forgotten in dx", loses="much",
    ),
    Slip(
        "ln-dgamma-by-row", "layernorm_backward", MODULE,
        "dgamma = (dout * x_hat).sum(axis=0)  # (D,)",
        "dgamma = (dout * x_hat).sum(axis=1)",
        "dgamma is summed over the features",
    ),
    Slip(
        "ln-dbeta-axis", "layernorm_backward", MODULE, DBETA,
        "dbeta = dout.sum(axis=0, keepdims=True)",
        "dbeta has an extra axis", loses="little",
    ),
    # --- dropout_forward ---
    Slip(
        "dropout-unscaled", "dropout_forward", MODULE, DROP_MASK,
        "mask = (np.random.rand(*x.shape) < p).astype(x.dtype)",
        "what is kept is not scaled", loses="much",
    ),
    Slip(
        "dropout-p-drops", "dropout_forward", MODULE, DROP_MASK,
        "mask = (np.random.rand(*x.shape) > p) / (1 - p)",
        "p is taken for the probability of dropping", loses="much",
    ),
    Slip(
        "dropout-p-over-p", "dropout_forward", MODULE, DROP_MASK,
        "mask = (np.random.rand(*x.shape) < p) * p / p",
        "scaled up and down again", loses="much",
    ),
    Slip(
        "dropout-test-scaled", "dropout_forward", MODULE, "        out = x\n",
        "        out = x * p\n",
        "scaled at test time, too", loses="much",
    ),
    Slip(
        "dropout-randn", "dropout_forward", MODULE, DROP_MASK,
        "mask = (np.random.randn(*x.shape) < p) / p",
        "the mask is drawn from a Gaussian", loses="much",
    ),
    Slip(
        "dropout-one-mask", "dropout_forward", MODULE, DROP_MASK,
        "mask = (np.random.rand(x.shape[-1]) < p) / p",
        "one mask for the whole batch", loses="much",
    ),
    Slip(
        "dropout-same-again", "dropout_forward", MODULE, DROP_MASK,
        "mask = (np.random.RandomState(0).rand(*x.shape) < p) / p",
        "every call drops the same units", loses="little",
    ),
    Slip(
        "dropout-in-place", "dropout_forward", MODULE, DROP_OUT, "x *= mask; out = x",
        "x is changed in place", loses="little",
    ),
    # --- dropout_backward ---
    Slip(
        "dropout-no-mask", "dropout_backward", MODULE, DROP_DX, "dx = dout",
        "the gradient passes everywhere", loses="much",
    ),
    Slip(
        "dropout-scaled-twice", "dropout_backward", MODULE, DROP_DX,
        'dx = dout * mask / dropout_param["p"] if mode == "train" else dout',
        "the gradient is scaled twice", loses="much",
    ),
    Slip(
        "dropout-mask-anew", "dropout_backward", MODULE, DROP_DX,
        'keep = np.random.rand(*dout.shape) < dropout_param["p"]\n'
        '    dx = dout * keep / dropout_param["p"] if mode == "train" else dout',
        "another mask is drawn", loses="much",
    ),
    Slip(
        "dropout-backward-unscaled", "dropout_backward", MODULE, DROP_DX,
        'dx = dout * (mask > 0) if mode == "train" else dout',
        "the gradient is not scaled", loses="much",
    ),
    Slip(
        "dropout-test-stops", "dropout_backward", MODULE, DROP_DX,
        'dx = dout * mask if mode == "train" else dout * 0',
        "no gradient passes at test time", loses="little",
    ),
]  # fmt: skip

STYLES = [
    Style(
        "bn-loops", "batchnorm_forward", MODULE, BN_STATISTICS,
        "mean = np.array([sum(x[:, j]) / len(x) for j in range(x.shape[1])])\n"
        "        var = np.array([sum((x[:, j] - mean[j]) ** 2) / len(x) for j in "
        "range(x.shape[1])])",
        "loops over the features",
    ),
    Style(
        "bn-eps-outside", "batchnorm_forward", MODULE, BN_INV_STD,
        "inv_std = 1 / (np.sqrt(var) + eps)",
        "epsilon outside the root",
    ),
    Style(
        "bn-running-in-place", "batchnorm_forward", MODULE, BN_RUNNING,
        "running_mean *= momentum; running_mean += (1 - momentum) * mean\n"
        "        running_var = running_var - (1 - momentum) * (running_var - var)",
        "the averages are changed in place",
    ),
    Style(
        "bn-list-cache", "batchnorm_forward", MODULE, "cache = (centred, inv_std, gamma)",
        'cache = [centred, inv_std[np.newaxis], gamma]; bn_param["x"] = x',
        "a list for the cache, and x kept in bn_param",
    ),
    Style(
        "bn-backward-products", "batchnorm_backward", MODULE, BN_DGAMMA,
        'dgamma = np.einsum("nd,nd->d", dout, centred * inv_std)',
        "np.einsum",
    ),
    Style(
        "bn-backward-in-place", "batchnorm_backward", MODULE, BN_DX,
        "dout[...] = dcentred; dout -= np.ones(dx_hat.shape).T.dot(dcentred)[0] / len(dout); "
        "dx = dout",
        "dout is written to",
    ),
    Style(
        "bn-alt-multiplied-out", "batchnorm_backward_alt", MODULE, ALT_DX,
        "n = dout.shape[0]; dx = (1.0 / n) * inv_std * gamma * "
        "(n * dout - np.sum(dout, axis=0) - x_hat * np.sum(dout * x_hat, axis=0))",
        "the formula as it is often found",
    ),
    Style(
        "ln-transposed", "layernorm_forward", MODULE,
        f"{LN_CENTRED}\n    {LN_INV_STD}\n    x_hat = centred * inv_std  # (N, D)",
        "columns = x.T; inv_std = 1 / (np.std(columns, axis=0) + eps); "
        "x_hat = ((columns - columns.mean(0)) * inv_std).T; inv_std = inv_std.reshape(-1, 1)",
        "transposed, with epsilon outside the root",
    ),
    Style(
        "ln-backward-loops", "layernorm_backward", MODULE, LN_DX,
        "dx = np.array([s * (d - d.mean() - h * a) for s, d, h, a in "
        "zip(inv_std, dx_hat, x_hat, along)])",
        "a loop over the examples",
    ),
    Style(
        "dropout-boolean-mask", "dropout_forward", MODULE, f"{DROP_MASK}\n        {DROP_OUT}",
        "kept = np.random.rand(*x.shape) < p; out = x * kept / p; mask = kept / p",
        "a boolean mask, scaled later",
    ),
    Style(
        "dropout-complement", "dropout_forward", MODULE, DROP_MASK,
        "mask = (np.random.rand(*x.shape) >= 1 - p) / p",
        "the complement of the mask",
    ),
    Style(
        "dropout-binomial", "dropout_forward", MODULE, DROP_MASK,
        "mask = np.random.binomial(1, p, size=x.shape) / p",
        "np.random.binomial",
    ),
    Style(
        "dropout-in-place-gradient", "dropout_backward", MODULE, DROP_DX,
        'dx = dout; dx *= 1 if mode == "test" else mask',
        "dout is changed in place",
    ),
]  # fmt: skip
