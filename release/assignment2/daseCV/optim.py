"""First-order update rules: how a parameter moves along its gradient.

Every rule has the same form, ``next_w, config = rule(w, dw, config)``:

- ``w`` is a parameter of any shape and ``dw`` the gradient of the loss with respect to it, same
  shape.
- ``config`` is a dictionary of hyper-parameters and of what the rule remembers from step to step
  (a velocity, running averages: arrays of the shape of ``w``). Missing entries get their defaults,
  and the rule writes what it remembers back into this dictionary. None stands for an empty one.
- ``next_w`` is the parameter after the step, ``config`` the dictionary to pass to the next step.

A rule may change ``w`` in place and return it as ``next_w``; it leaves ``dw`` as it is.
"""

import numpy as np


def sgd(w, dw, config=None):
    """Stochastic gradient descent; changes w in place.

    Parameters
    ----------
    w, dw : ndarray, same shape
        Parameter and gradient.
    config : dict, optional
        ``learning_rate`` : float, default 1e-2.

    Returns
    -------
    next_w : ndarray, shape of w
        ``w`` itself.
    config : dict
        For the next step.
    """
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-2)
    w -= config["learning_rate"] * dw
    return w, config


def sgd_momentum(w, dw, config=None):
    """Stochastic gradient descent with momentum.

    The velocity is an average of past steps, whose weights fade by the factor ``momentum``; it is
    updated first, and the parameter moves by the new one.

    Parameters
    ----------
    w, dw : ndarray, same shape
        Parameter and gradient.
    config : dict, optional
        ``learning_rate`` : float, default 1e-2.
        ``momentum`` : float in [0, 1), default 0.9; at 0 this is `sgd`.
        ``velocity`` : ndarray, shape of w; default zeros, updated.

    Returns
    -------
    next_w : ndarray, shape of w
        Parameter after the step.
    config : dict
        For the next step, with the new velocity.

    References
    ----------
    Sutskever et al., "On the importance of initialization and momentum in deep learning", ICML
    2013.
    """
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("momentum", 0.9)
    v = config.get("velocity", np.zeros_like(w))

    next_w = None
    # TODO: Update the velocity v (it points the way the parameter moves), and compute next_w.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    raise NotImplementedError("sgd_momentum")  # TODO: your code in place of this line
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    config["velocity"] = v
    return next_w, config


def rmsprop(w, dw, config=None):
    """RMSProp: steps divided by the root of a running average of squared gradients.

    Parameters
    ----------
    w, dw : ndarray, same shape
        Parameter and gradient.
    config : dict, optional
        ``learning_rate`` : float, default 1e-2.
        ``decay_rate`` : float in [0, 1), share of the old average, default 0.99.
        ``epsilon`` : float, keeps the division away from zero, default 1e-8.
        ``cache`` : ndarray, shape of w, the running average; default zeros, updated before it is
        used.

    Returns
    -------
    next_w : ndarray, shape of w
        Parameter after the step.
    config : dict
        For the next step, with the new average.

    References
    ----------
    Tieleman and Hinton, "Lecture 6.5: RMSProp", Coursera, Neural Networks for Machine Learning,
    2012.
    """
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("decay_rate", 0.99)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("cache", np.zeros_like(w))

    next_w = None
    # TODO: Update config["cache"] and compute next_w.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    raise NotImplementedError("rmsprop")  # TODO: your code in place of this line
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return next_w, config


def adam(w, dw, config=None):
    """Adam: running averages of the gradient and its square, corrected for their zero start.

    Parameters
    ----------
    w, dw : ndarray, same shape
        Parameter and gradient.
    config : dict, optional
        ``learning_rate`` : float, default 1e-3.
        ``beta1`` : float in [0, 1), share of the old average of gradients, default 0.9.
        ``beta2`` : float in [0, 1), share of the old average of squares, default 0.999.
        ``epsilon`` : float, keeps the division away from zero, default 1e-8.
        ``m``, ``v`` : ndarray, shape of w, the two averages; default zeros, updated.
        ``t`` : int, number of steps taken, default 0; it grows by one *before* it is used, so the
        first step has t = 1.

    Returns
    -------
    next_w : ndarray, shape of w
        Parameter after the step.
    config : dict
        For the next step, with the new m, v (both uncorrected) and t.

    References
    ----------
    Kingma and Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015 (algorithm 1).
    """
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-3)
    config.setdefault("beta1", 0.9)
    config.setdefault("beta2", 0.999)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("m", np.zeros_like(w))
    config.setdefault("v", np.zeros_like(w))
    config.setdefault("t", 0)

    next_w = None
    # TODO: Update t, m and v in config, correct the bias of m and v, and compute next_w.
    #       Increase t before you use it: the reference numbers do.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    raise NotImplementedError("adam")  # TODO: your code in place of this line
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return next_w, config
