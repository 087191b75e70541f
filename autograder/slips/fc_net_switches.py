"""Slips and styles in the switches of the fully connected network: the two norms, dropout.

A slip that batch norm and layer norm share, because they share the code, is one of batch norm.
"""

from autograder.slips.edit import Slip, Style

MODULE = "classifiers/fc_net.py"
BATCHNORM, LAYERNORM = "FullyConnectedNet.batchnorm", "FullyConnectedNet.layernorm"
DROPOUT = "FullyConnectedNet.dropout"

# Places of the solution in which several slips are made.
START = "if normalization is not None and i < self.num_layers:"
GAMMA = 'self.params[f"gamma{i}"] = np.ones(dims[i])'
LN_PAIR = "norm_forward, norm_backward = layernorm_forward, layernorm_backward"
BN_PAIR = "norm_forward, norm_backward = batchnorm_forward, batchnorm_backward_alt"
NO_NORM = (
    "norm_forward = lambda out, gamma, beta, param: (out, None); "
    "norm_backward = lambda dout, cache: (dout, dout.sum(0), dout.sum(0))"
)
INPUT = "out, caches = X, []"
NORM = """\
            if self.normalization is not None:
                gamma, beta = params[f"gamma{i}"], params[f"beta{i}"]
                out, norm = norm_forward(out, gamma, beta, self.bn_params[i - 1])
"""
RELU = "            out, relu = relu_forward(out)\n"
DROP = """\
            if self.use_dropout:
                out, drop = dropout_forward(out, self.dropout_param)
"""
SCORES = 'scores, affine = affine_forward(out, params[f"W{L}"], params[f"b{L}"])  # (N, C)'
CACHES = "affine, norm, relu, drop = caches[i - 1]"
DROP_BACK = "dout = dropout_backward(dout, drop)"
RELU_BACK = "            dout = relu_backward(dout, relu)\n"
NORM_BACK = """\
            if self.normalization is not None:
                dout, grads[f"gamma{i}"], grads[f"beta{i}"] = norm_backward(dout, norm)
"""
DW = 'grads[f"W{i}"] += self.reg * params[f"W{i}"]'

SLIPS = [
    # --- FullyConnectedNet.batchnorm ---
    Slip(
        "switch-norm-after-relu", BATCHNORM, MODULE, NORM + RELU, RELU + NORM,
        "the norm stands after the ReLU", loses="much",
    ),
    Slip(
        "switch-batchnorm-ignored", BATCHNORM, MODULE, BN_PAIR, NO_NORM,
        "batch norm is asked for and not done", loses="much",
    ),
    Slip(
        "switch-batchnorm-on-scores", BATCHNORM, MODULE, SCORES,
        f'{SCORES}\n        if self.normalization == "batchnorm":\n'
        "            scores = (scores - scores.mean(axis=0)) / (scores.std(axis=0) + 1e-5)",
        "batch norm after the last affine layer, too", loses="much",
    ),
    Slip(
        "switch-one-gamma", BATCHNORM, MODULE, 'params[f"gamma{i}"], params[f"beta{i}"]',
        'params["gamma1"], params["beta1"]',
        "one gamma for all layers", loses="much",
    ),
    Slip(
        "switch-no-gamma", BATCHNORM, MODULE, START, "if False:",
        "gamma and beta are not made", loses="much",
    ),
    Slip(
        "switch-wrong-cache", BATCHNORM, MODULE, CACHES,
        f'{CACHES}\n            if self.normalization == "batchnorm":\n'
        "                norm = caches[0][1]",
        "the backward pass takes the cache of the first layer", loses="much",
    ),
    Slip(
        "switch-backward-order", BATCHNORM, MODULE, RELU_BACK + NORM_BACK, NORM_BACK + RELU_BACK,
        "backwards, the norm comes before the ReLU", loses="little",
    ),
    Slip(
        "switch-gamma-zero", BATCHNORM, MODULE, GAMMA, GAMMA.replace("ones", "zeros"),
        "gamma starts at zero", loses="little",
    ),
    Slip(
        "switch-gamma-regularised", BATCHNORM, MODULE, DW,
        f"{DW}\n            if self.normalization and i < L:\n"
        '                loss += 0.5 * self.reg * np.sum(params[f"gamma{i}"] ** 2)\n'
        '                grads[f"gamma{i}"] += self.reg * params[f"gamma{i}"]',
        "gamma is regularised", loses="little",
    ),
    Slip(
        "switch-gamma-gradient-regularised", BATCHNORM, MODULE, DW,
        f"{DW}\n            if self.normalization and i < L:\n"
        '                grads[f"gamma{i}"] += self.reg * params[f"gamma{i}"]',
        "the gradient of gamma is regularised", loses="little",
    ),
    Slip(
        "switch-one-bn-param", BATCHNORM, MODULE, "beta, self.bn_params[i - 1])",
        "beta, self.bn_params[0])",
        "all layers share their running averages", loses="little",
    ),
    Slip(
        "switch-fresh-bn-param", BATCHNORM, MODULE, "beta, self.bn_params[i - 1])",
        'beta, {"mode": mode})',
        "the running averages are lost", loses="little",
    ),
    Slip(
        "switch-mode-train", BATCHNORM, MODULE, 'bn_param["mode"] = mode',
        'bn_param["mode"] = "train"',
        "the statistics of the batch at test time, too", loses="little",
    ),
    # --- FullyConnectedNet.layernorm ---
    Slip(
        "switch-layernorm-ignored", LAYERNORM, MODULE, LN_PAIR, NO_NORM,
        "layer norm is asked for and not done", loses="much",
    ),
    Slip(
        "switch-layernorm-is-batchnorm", LAYERNORM, MODULE, LN_PAIR,
        "norm_forward, norm_backward = batchnorm_forward, batchnorm_backward",
        "batch norm whatever is asked for", loses="much",
    ),
    Slip(
        "switch-layernorm-backward", LAYERNORM, MODULE, LN_PAIR,
        "norm_forward, norm_backward = layernorm_forward, batchnorm_backward_alt",
        "the backward pass is that of batch norm", loses="much",
    ),
    Slip(
        "switch-layernorm-no-gamma", LAYERNORM, MODULE, START,
        START.replace("is not None", '== "batchnorm"'),
        "gamma and beta are made for batch norm only", loses="much",
    ),
    Slip(
        "switch-layernorm-training-only", LAYERNORM, MODULE, NORM,
        NORM.replace("is not None", '== "batchnorm" or self.normalization and mode == "train"'),
        "no layer norm at test time", loses="little",
    ),
    # --- FullyConnectedNet.dropout ---
    Slip(
        "switch-dropout-ignored", DROPOUT, MODULE, DROP,
        "            drop = (self.dropout_param, 1.0)\n",
        "dropout is asked for and not done", loses="much",
    ),
    Slip(
        "switch-dropout-p-drops", DROPOUT, MODULE, DROP,
        DROP.replace(
            "self.dropout_param)", '{**self.dropout_param, "p": 1 - self.dropout_param["p"]})'
        ),
        "the layers get the probability of dropping", loses="much",
    ),
    Slip(
        "switch-dropout-on-input", DROPOUT, MODULE, INPUT,
        f"{INPUT}\n        if self.use_dropout:\n"
        "            out, _ = dropout_forward(X, self.dropout_param)",
        "inputs are dropped, too", loses="much",
    ),
    Slip(
        "switch-dropout-first-only", DROPOUT, MODULE, DROP,
        "            drop = (self.dropout_param, 1.0)\n"
        + DROP.replace("self.use_dropout", "self.use_dropout and i == 1"),
        "dropout after the first hidden layer only", loses="much",
    ),
    Slip(
        "switch-dropout-on-scores", DROPOUT, MODULE, SCORES,
        f"{SCORES}\n        if self.use_dropout:\n"
        "            scores, _ = dropout_forward(scores, self.dropout_param)",
        "scores are dropped, too", loses="some",
    ),
    Slip(
        "switch-dropout-no-backward", DROPOUT, MODULE, DROP_BACK, "pass",
        "the backward pass leaves dropout out",
    ),
    Slip(
        "switch-dropout-twice-scaled", DROPOUT, MODULE, DROP,
        f'{DROP}                out = out / self.dropout_param["p"]\n',
        "what is kept is scaled twice", loses="little",
    ),
    Slip(
        "switch-dropout-at-test-time", DROPOUT, MODULE, 'self.dropout_param["mode"] = mode',
        'self.dropout_param["mode"] = "train"',
        "units are dropped at test time, too", loses="little",
    ),
    Slip(
        "switch-dropout-before-norm", DROPOUT, MODULE, NORM + RELU + DROP, DROP + NORM + RELU,
        "with batch norm, dropout comes first", loses="little",
    ),
    # --- of the network itself, seen with a switch on ---
    Slip(
        "switch-l2-everything", "FullyConnectedNet.loss", MODULE, DW,
        f"{DW}\n        for name in set(grads) - {{f'W{{i}}' for i in range(1, L + 1)}}:\n"
        "            loss += 0.5 * self.reg * np.sum(params[name] ** 2)\n"
        "            grads[name] = grads[name] + self.reg * params[name]",
        "everything is regularised", loses="much",
    ),
    Slip(
        "switch-relu-not-backward", "FullyConnectedNet.loss", MODULE, RELU_BACK, "",
        "the backward pass leaves the ReLU out",
    ),
]  # fmt: skip

STYLES = [
    Style(
        "switch-graph-backward", BATCHNORM, MODULE, BN_PAIR,
        "norm_forward, norm_backward = batchnorm_forward, batchnorm_backward",
        "the other backward pass",
    ),
    Style(
        "switch-integer-start", BATCHNORM, MODULE, GAMMA,
        'self.params["gamma" + str(i)] = 1 + np.zeros(hidden_dims[i - 1], dtype=int)',
        "a gamma of integers before it is cast",
    ),
    Style(
        "switch-by-hand", LAYERNORM, MODULE, LN_PAIR,
        "def norm_forward(out, gamma, beta, param):\n"
        "            return layernorm_forward(out, gamma, beta, dict(param, mode=mode))\n\n"
        "        norm_backward = layernorm_backward",
        "a helper, with a mode in ln_param",
    ),
    Style(
        "switch-dropout-param", DROPOUT, MODULE, DROP,
        "            if self.dropout_param:\n"
        "                out, drop = dropout_forward(out.copy(), dict(self.dropout_param))\n",
        "dropout where there is a dropout_param",
    ),
]  # fmt: skip
