"""Slips and styles in the update rules."""

from autograder.slips.edit import Slip, Style

MODULE = "optim.py"

# Places of the solution in which several slips are made.
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
    # --- sgd_momentum ---
    Slip(
        "momentum-sign", "sgd_momentum", MODULE, MOMENTUM,
        'v = config["momentum"] * v + config["learning_rate"] * dw',
        "the velocity grows along the gradient", loses="much",
    ),
    Slip(
        "momentum-velocity-flipped", "sgd_momentum", MODULE,
        f"{MOMENTUM}\n    {MOMENTUM_W}",
        f"{MOMENTUM.replace(' - ', ' + ')}\n    next_w = w - v",
        "the velocity points away from where w moves",
    ),
    Slip(
        "momentum-nesterov", "sgd_momentum", MODULE, MOMENTUM_W,
        'next_w = w + config["momentum"] * v - config["learning_rate"] * dw',
        "Nesterov's step", loses="much",
    ),
    Slip(
        "momentum-damped", "sgd_momentum", MODULE, MOMENTUM,
        'v = config["momentum"] * v - (1 - config["momentum"]) * config["learning_rate"] * dw',
        "the gradient is damped by 1 - momentum", loses="much",
    ),
    Slip(
        "momentum-forgotten", "sgd_momentum", MODULE, 'config["velocity"] = v', "",
        "the velocity is not kept", loses="much",
    ),
    Slip(
        "momentum-fixed", "sgd_momentum", MODULE, MOMENTUM,
        'v = 0.9 * v - config["learning_rate"] * dw',
        "the momentum is always 0.9",
    ),
    # --- rmsprop ---
    Slip(
        "rmsprop-shares-swapped", "rmsprop", MODULE, RMSPROP,
        'config["cache"] = (1 - decay) * config["cache"] + decay * dw**2',
        "the shares of old and new are swapped", loses="much",
    ),
    Slip(
        "rmsprop-adagrad", "rmsprop", MODULE, RMSPROP, 'config["cache"] = config["cache"] + dw**2',
        "the squares add up, as in AdaGrad", loses="much",
    ),
    Slip(
        "rmsprop-no-root", "rmsprop", MODULE, RMSPROP_ROOT,
        '(config["cache"] + config["epsilon"])',
        "the root is forgotten", loses="much",
    ),
    Slip(
        "rmsprop-forgotten", "rmsprop", MODULE,
        f"{RMSPROP}\n    next_w", f"{RMSPROP}\n    config = dict(config, cache=0 * w)\n    next_w",
        "the average is lost before it is used", loses="much",
    ),
    Slip(
        "rmsprop-no-epsilon", "rmsprop", MODULE, RMSPROP_ROOT, 'np.sqrt(config["cache"])',
        "nothing keeps the division away from zero", loses="little",
    ),
    # --- adam ---
    Slip(
        "adam-no-correction", "adam", MODULE, f"{ADAM_M_HAT}\n    {ADAM_V_HAT}",
        'm_hat, v_hat = config["m"], config["v"]',
        "no bias correction", loses="much", demo=True,
    ),
    Slip(
        "adam-t-late", "adam", MODULE, f"{ADAM_M_HAT}\n    {ADAM_V_HAT}",
        f'config["t"] -= 1; {ADAM_M_HAT}; {ADAM_V_HAT}; config["t"] += 1',
        "t is used before it grows", loses="much",
    ),
    Slip(
        "adam-t-still", "adam", MODULE, 'config["t"] += 1', "", "t never grows", loses="much",
    ),
    Slip(
        "adam-shares-swapped", "adam", MODULE, ADAM_M,
        'config["m"] = (1 - beta1) * config["m"] + beta1 * dw',
        "the shares of old and new gradients are swapped", loses="much",
    ),
    Slip(
        "adam-corrections-kept", "adam", MODULE, ADAM_W,
        f'{ADAM_W}; config["m"], config["v"] = m_hat, v_hat',
        "the corrected averages are kept", loses="much",
    ),
    Slip(
        "adam-no-epsilon", "adam", MODULE, ADAM_ROOT, "np.sqrt(v_hat)",
        "nothing keeps the division away from zero", loses="little",
    ),
]  # fmt: skip

STYLES = [
    Style(
        "momentum-in-place", "sgd_momentum", MODULE, f"{MOMENTUM}\n    {MOMENTUM_W}",
        'v *= config["momentum"]; v -= config["learning_rate"] * dw; w += v; next_w = w',
        "velocity and w are changed in place",
    ),
    Style(
        "momentum-fresh-config", "sgd_momentum", MODULE, 'config["velocity"] = v',
        'config = {**config, "velocity": v}',
        "a new dictionary is returned",
    ),
    Style(
        "rmsprop-epsilon-inside", "rmsprop", MODULE, RMSPROP_ROOT,
        'np.sqrt(config["cache"] + config["epsilon"])',
        "epsilon inside the root",
    ),
    Style(
        "rmsprop-in-place", "rmsprop", MODULE, f"{RMSPROP}\n    next_w = w - ",
        f"{RMSPROP}\n    next_w = w; next_w -= ",
        "w is changed in place",
    ),
    Style(
        "rmsprop-fresh-config", "rmsprop", MODULE, RMSPROP,
        'config = dict(config, cache=decay * config["cache"] + (1 - decay) * np.square(dw))',
        "a new dictionary is returned",
    ),
    Style(
        "adam-epsilon-inside", "adam", MODULE, ADAM_ROOT,
        'np.sqrt(v_hat + config["epsilon"])',
        "epsilon inside the root",
    ),
    Style(
        "adam-epsilon-hat", "adam", MODULE, ADAM_W,
        'rate = config["learning_rate"] * np.sqrt(1 - beta2 ** config["t"]) / '
        '(1 - beta1 ** config["t"])\n'
        '    next_w = w - rate * config["m"] / (np.sqrt(config["v"]) + config["epsilon"])',
        "the paper's faster form, with another epsilon",
    ),
    Style(
        "adam-starts-at-one", "adam", MODULE,
        'config.setdefault("t", 0)', 'config.setdefault("t", 1)',
        "t starts at one, as in some course files",
    ),
]  # fmt: skip
