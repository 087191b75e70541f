"""The layers of the course: each has a forward pass, and a backward pass that undoes its cache.

Conventions shared by all layers:

- ``N`` is the number of examples in the batch; the first axis of every batch counts them.
- ``X_forward(x, ..., param)`` returns ``(out, cache)``; the cache is whatever the backward pass
  needs.
- ``X_backward(dout, cache)`` takes ``dout``, the gradient of the loss with respect to ``out`` (same
  shape as ``out``), and returns the gradients with respect to the inputs, in the order of the
  inputs; every gradient has the shape of what it is the gradient of.
- A forward pass leaves its arguments as they are, except for the ``*_param`` dictionaries where the
  docstring says so.
- A loss is averaged over the batch and carries no regularisation: the network adds that.
"""

import numpy as np


def affine_forward(x, w, b):
    """Affine (fully connected) layer: every output is a weighted sum of all inputs, plus a bias.

    Parameters
    ----------
    x : ndarray, shape (N, d_1, ..., d_k)
        A batch of N examples, each flattened to a row of ``D = d_1 * ... * d_k`` numbers.
    w : ndarray, shape (D, M)
        Weights.
    b : ndarray, shape (M,)
        Biases.

    Returns
    -------
    out : ndarray, shape (N, M)
        Scores.
    cache : tuple
        ``(x, w, b)``, with ``x`` in its original shape.
    """
    out = None
    # TODO: Compute the output of the affine layer and store it in out.
    #       The rows of x have to be flattened first; x itself must keep its shape.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    raise NotImplementedError("affine_forward")  # TODO: your code in place of this line
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    cache = (x, w, b)
    return out, cache


def affine_backward(dout, cache):
    """Backward pass of the affine layer.

    Parameters
    ----------
    dout : ndarray, shape (N, M)
        Upstream gradient.
    cache : tuple
        ``(x, w, b)`` of `affine_forward`: x (N, d_1, ..., d_k), w (D, M), b (M,).

    Returns
    -------
    dx : ndarray, shape (N, d_1, ..., d_k)
        Gradient with respect to ``x``, in the shape of ``x``.
    dw : ndarray, shape (D, M)
        Gradient with respect to ``w``, summed over the batch.
    db : ndarray, shape (M,)
        Gradient with respect to ``b``, summed over the batch.
    """
    x, w, _ = cache
    dx, dw, db = None, None, None
    # TODO: Compute dx, dw and db. The shapes leave you little choice.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    raise NotImplementedError("affine_backward")  # TODO: your code in place of this line
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return dx, dw, db


def relu_forward(x):
    """Rectified linear unit: negative entries become zero, the others pass.

    Parameters
    ----------
    x : ndarray, any shape
        Input; it is not changed.

    Returns
    -------
    out : ndarray, shape and dtype of x
        Output.
    cache : ndarray
        ``x``.

    References
    ----------
    Nair and Hinton, "Rectified Linear Units Improve Restricted Boltzmann Machines", ICML 2010.
    """
    out = None
    # TODO: Compute the output of the ReLU and store it in out.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    raise NotImplementedError("relu_forward")  # TODO: your code in place of this line
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    cache = x
    return out, cache


def relu_backward(dout, cache):
    """Backward pass of the rectified linear unit.

    Parameters
    ----------
    dout : ndarray, any shape
        Upstream gradient.
    cache : ndarray, shape of dout
        Input ``x`` of `relu_forward`.

    Returns
    -------
    dx : ndarray, shape of x
        Gradient with respect to ``x``. At exactly zero the ReLU has no derivative: 0 and 1 will
        both do.
    """
    dx, x = None, cache
    # TODO: Let the gradient through where the ReLU let its input through.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    raise NotImplementedError("relu_backward")  # TODO: your code in place of this line
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return dx


def batchnorm_forward(x, gamma, beta, bn_param):
    """Batch normalisation: every feature gets zero mean and unit variance over the batch.

    Then feature j is scaled by ``gamma[j]`` and shifted by ``beta[j]``. In training the statistics
    are those of this batch, with the variance as the plain mean of the squared deviations (divided
    by N, not N - 1), and running averages of them are kept for test time::

        running_mean = momentum * running_mean + (1 - momentum) * batch_mean
        running_var = momentum * running_var + (1 - momentum) * batch_var

    Here ``momentum`` is the share of the *old* value (PyTorch's is that of the new one). The paper
    computes its test-time statistics in an extra pass over the training images instead.

    Parameters
    ----------
    x : ndarray, shape (N, D)
        A batch.
    gamma : ndarray, shape (D,)
        Scale.
    beta : ndarray, shape (D,)
        Shift.
    bn_param : dict
        ``mode`` : 'train' or 'test', required.
        ``eps`` : float, added to the variance before the root, default 1e-5.
        ``momentum`` : float, default 0.9.
        ``running_mean``, ``running_var`` : ndarray (D,), both start at zeros; 'train' updates them
        in this dictionary, 'test' normalises with them.

    Returns
    -------
    out : ndarray, shape (N, D)
        Normalised, scaled and shifted batch.
    cache : tuple or None
        What the backward pass needs; None in test mode.

    Raises
    ------
    ValueError
        If the mode is neither 'train' nor 'test'.

    References
    ----------
    Ioffe and Szegedy, "Batch Normalization: Accelerating Deep Network Training by Reducing Internal
    Covariate Shift", ICML 2015.
    """
    mode = bn_param["mode"]
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    running_mean = bn_param.get("running_mean", np.zeros(x.shape[1], dtype=x.dtype))
    running_var = bn_param.get("running_var", np.zeros(x.shape[1], dtype=x.dtype))
    if mode not in ("train", "test"):
        raise ValueError(f"batchnorm_forward: mode must be 'train' or 'test', not {mode!r}")

    out, cache = None, None
    # TODO: In 'train' mode, normalise with the mean and variance of the batch, scale and shift;
    #       keep in cache what the backward pass needs; and update running_mean and running_var.
    #       In 'test' mode, normalise with running_mean and running_var, scale and shift.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    raise NotImplementedError("batchnorm_forward")  # TODO: your code in place of this line
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    bn_param["running_mean"] = running_mean
    bn_param["running_var"] = running_var
    return out, cache


def batchnorm_backward(dout, cache):
    """Backward pass of batch normalisation, step by step through the graph.

    Draw the computation graph of `batchnorm_forward` on paper (mean, centred values, variance,
    root, normalised values, scale and shift) and go through it backwards; where a value was used
    twice, its gradients add up.

    Parameters
    ----------
    dout : ndarray, shape (N, D)
        Upstream gradient.
    cache : tuple
        Cache of `batchnorm_forward` in 'train' mode.

    Returns
    -------
    dx : ndarray, shape (N, D)
        Gradient with respect to ``x``.
    dgamma : ndarray, shape (D,)
        Gradient with respect to ``gamma``.
    dbeta : ndarray, shape (D,)
        Gradient with respect to ``beta``.
    """
    dx, dgamma, dbeta = None, None, None
    # TODO: Compute the three gradients, one node of the graph at a time.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    raise NotImplementedError("batchnorm_backward")  # TODO: your code in place of this line
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return dx, dgamma, dbeta


def batchnorm_backward_alt(dout, cache):
    """Backward pass of batch normalisation in closed form.

    Same contract as `batchnorm_backward`, and the same cache, but ``dx`` comes from one formula,
    found by simplifying the derivatives on paper.

    Parameters
    ----------
    dout : ndarray, shape (N, D)
        Upstream gradient.
    cache : tuple
        Cache of `batchnorm_forward` in 'train' mode.

    Returns
    -------
    dx : ndarray, shape (N, D)
        Gradient with respect to ``x``.
    dgamma : ndarray, shape (D,)
        Gradient with respect to ``gamma``.
    dbeta : ndarray, shape (D,)
        Gradient with respect to ``beta``.
    """
    dx, dgamma, dbeta = None, None, None
    # TODO: Compute the three gradients; once dgamma and dbeta are there, dx fits on one line.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    raise NotImplementedError("batchnorm_backward_alt")  # TODO: your code in place of this line
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return dx, dgamma, dbeta


def layernorm_forward(x, gamma, beta, ln_param):
    """Layer normalisation: every example gets zero mean and unit variance over its features.

    Then feature j is scaled by ``gamma[j]`` and shifted by ``beta[j]``. The statistics of an
    example depend on that example alone, so training and test do the same and nothing is kept
    between calls.

    Parameters
    ----------
    x : ndarray, shape (N, D)
        A batch.
    gamma : ndarray, shape (D,)
        Scale.
    beta : ndarray, shape (D,)
        Shift.
    ln_param : dict
        ``eps`` : float, added to the variance before the root, default 1e-5.

    Returns
    -------
    out : ndarray, shape (N, D)
        Normalised, scaled and shifted batch.
    cache : tuple
        What the backward pass needs.

    References
    ----------
    Ba, Kiros and Hinton, "Layer Normalization", arXiv:1607.06450, 2016.
    """
    out, cache = None, None
    eps = ln_param.get("eps", 1e-5)
    # TODO: Normalise each row, scale and shift; keep in cache what the backward pass needs.
    #       Very little has to change in your training-time batch normalisation.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    raise NotImplementedError("layernorm_forward")  # TODO: your code in place of this line
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return out, cache


def layernorm_backward(dout, cache):
    """Backward pass of layer normalisation.

    Parameters
    ----------
    dout : ndarray, shape (N, D)
        Upstream gradient.
    cache : tuple
        Cache of `layernorm_forward`.

    Returns
    -------
    dx : ndarray, shape (N, D)
        Gradient with respect to ``x``.
    dgamma : ndarray, shape (D,)
        Gradient with respect to ``gamma``.
    dbeta : ndarray, shape (D,)
        Gradient with respect to ``beta``.
    """
    dx, dgamma, dbeta = None, None, None
    # TODO: Compute the three gradients. gamma and beta belong to features, the statistics to
    #       examples.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    raise NotImplementedError("layernorm_backward")  # TODO: your code in place of this line
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return dx, dgamma, dbeta


def dropout_forward(x, dropout_param):
    """Inverted dropout: in training a unit is kept with probability p, else set to zero.

    Kept units are scaled so that the expected output equals the input; at test time the layer is
    the identity.

    Parameters
    ----------
    x : ndarray, any shape
        Input; it is not changed.
    dropout_param : dict
        ``p`` : float in (0, 1], the probability of *keeping* a unit (the paper's p; in many
        libraries p is that of dropping one).
        ``mode`` : 'train' or 'test'.
        ``seed`` : int, optional; seeds NumPy's global generator, which makes the layer
        deterministic for gradient checks. Real training passes none.

    Returns
    -------
    out : ndarray, shape and dtype of x
        Output.
    cache : tuple
        ``(dropout_param, mask)``; the mask, of the shape of x, is what the input was multiplied
        with, and None in test mode.

    Raises
    ------
    ValueError
        If the mode is neither 'train' nor 'test'.

    References
    ----------
    Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", JMLR
    2014.
    """
    p, mode = dropout_param["p"], dropout_param["mode"]
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    if mode not in ("train", "test"):
        raise ValueError(f"dropout_forward: mode must be 'train' or 'test', not {mode!r}")

    out, mask = None, None
    # TODO: In 'train' mode, draw the mask and apply it; in 'test' mode, pass x on.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    raise NotImplementedError("dropout_forward")  # TODO: your code in place of this line
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    cache = (dropout_param, mask)
    return out.astype(x.dtype, copy=False), cache


def dropout_backward(dout, cache):
    """Backward pass of inverted dropout.

    Parameters
    ----------
    dout : ndarray, any shape
        Upstream gradient.
    cache : tuple
        ``(dropout_param, mask)`` of `dropout_forward`.

    Returns
    -------
    dx : ndarray, shape of dout
        Gradient with respect to ``x``, for the mode of the forward pass.
    """
    dropout_param, mask = cache
    dx, mode = None, dropout_param["mode"]
    # TODO: Compute dx for mode 'train' and for mode 'test'.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    raise NotImplementedError("dropout_backward")  # TODO: your code in place of this line
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return dx


def conv_forward_naive(x, w, b, conv_param):
    """Convolutional layer: every filter slides over the image and is compared with each window.

    Filter f has the depth of the image, C, and gives channel f of the output; its response to a
    window is the sum of the products of all their entries, plus its bias. The filter is not flipped
    (strictly speaking, this is a cross-correlation).

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
        A batch of images; it is not changed.
    w : ndarray, shape (F, C, HH, WW)
        F filters of height HH and width WW.
    b : ndarray, shape (F,)
        Biases.
    conv_param : dict
        ``stride`` : int, pixels between neighbouring windows, in both directions.
        ``pad`` : int, rows and columns of zeros that are put on each of the four sides; may be 0.

    Returns
    -------
    out : ndarray, shape (N, F, H', W')
        Responses: ``H' = 1 + (H + 2 * pad - HH) // stride`` and
        ``W' = 1 + (W + 2 * pad - WW) // stride``. Rows and columns at the end into which no whole
        window fits are left out.
    cache : tuple
        ``(x, w, b, conv_param)``, with ``x`` not padded.

    References
    ----------
    LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning Applied to Document Recognition",
    Proceedings of the IEEE, 1998.
    """
    out = None
    # TODO: Compute the response of each filter to each window of each image, and store it in out.
    #       Loops are what is wanted here. np.pad pads.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    raise NotImplementedError("conv_forward_naive")  # TODO: your code in place of this line
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    cache = (x, w, b, conv_param)
    return out, cache


def conv_backward_naive(dout, cache):
    """Backward pass of the convolutional layer.

    Parameters
    ----------
    dout : ndarray, shape (N, F, H', W')
        Upstream gradient.
    cache : tuple
        ``(x, w, b, conv_param)`` of `conv_forward_naive`: x (N, C, H, W), w (F, C, HH, WW), b (F,).

    Returns
    -------
    dx : ndarray, shape (N, C, H, W)
        Gradient with respect to ``x``; the padding has no part in it.
    dw : ndarray, shape (F, C, HH, WW)
        Gradient with respect to ``w``, summed over images and windows.
    db : ndarray, shape (F,)
        Gradient with respect to ``b``, summed over images and windows.
    """
    x, w, _, conv_param = cache
    dx, dw, db = None, None, None
    # TODO: Compute dx, dw and db. Go through the windows as in the forward pass: each response
    #       depends on one window and one filter, and sends its gradient to both.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    raise NotImplementedError("conv_backward_naive")  # TODO: your code in place of this line
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return dx, dw, db


def max_pool_forward_naive(x, pool_param):
    """Max pooling: of every window of every channel, the largest value stays.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
        A batch of images, or of responses; it is not changed.
    pool_param : dict
        ``pool_height``, ``pool_width`` : int, size of the windows.
        ``stride`` : int, pixels between neighbouring windows, in both directions; windows overlap
        when it is smaller than they are.

    Returns
    -------
    out : ndarray, shape (N, C, H', W')
        Maxima: ``H' = 1 + (H - pool_height) // stride`` and
        ``W' = 1 + (W - pool_width) // stride``; there is no padding. Rows and columns at the end
        into which no whole window fits are left out.
    cache : tuple
        ``(x, pool_param)``.
    """
    out = None
    # TODO: Compute the maximum of each window, and store it in out.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    raise NotImplementedError("max_pool_forward_naive")  # TODO: your code in place of this line
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    cache = (x, pool_param)
    return out, cache


def max_pool_backward_naive(dout, cache):
    """Backward pass of max pooling.

    Parameters
    ----------
    dout : ndarray, shape (N, C, H', W')
        Upstream gradient.
    cache : tuple
        ``(x, pool_param)`` of `max_pool_forward_naive`.

    Returns
    -------
    dx : ndarray, shape (N, C, H, W)
        Gradient with respect to ``x``: the gradient of a window goes to its largest entry. An entry
        that is the largest of several overlapping windows gets the sum of theirs; entries that are
        equally large may share the gradient of their window in any way.
    """
    x, pool_param = cache
    dx = None
    # TODO: Send the gradient of each window to its largest entry. np.argmax and np.unravel_index
    #       find it.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    raise NotImplementedError("max_pool_backward_naive")  # TODO: your code in place of this line
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return dx


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    """Batch normalisation of images: every channel gets zero mean and unit variance.

    The statistics of a channel are taken over all images and all pixels, because a filter should
    respond alike everywhere: to `batchnorm_forward`, a channel is a feature and each pixel of each
    image an example.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
        A batch.
    gamma : ndarray, shape (C,)
        Scale.
    beta : ndarray, shape (C,)
        Shift.
    bn_param : dict
        As in `batchnorm_forward`, with ``running_mean`` and ``running_var`` of shape (C,).

    Returns
    -------
    out : ndarray, shape (N, C, H, W)
        Normalised, scaled and shifted batch.
    cache : tuple or None
        What the backward pass needs; None in test mode.
    """
    out, cache = None, None
    # TODO: Bring x into the shape that batchnorm_forward takes, call it, and bring its output back.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    raise NotImplementedError("spatial_batchnorm_forward")  # TODO: your code in place of this line
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return out, cache


def spatial_batchnorm_backward(dout, cache):
    """Backward pass of the batch normalisation of images.

    Parameters
    ----------
    dout : ndarray, shape (N, C, H, W)
        Upstream gradient.
    cache : tuple
        Cache of `spatial_batchnorm_forward` in 'train' mode.

    Returns
    -------
    dx : ndarray, shape (N, C, H, W)
        Gradient with respect to ``x``.
    dgamma : ndarray, shape (C,)
        Gradient with respect to ``gamma``.
    dbeta : ndarray, shape (C,)
        Gradient with respect to ``beta``.
    """
    dx, dgamma, dbeta = None, None, None
    # TODO: Compute the three gradients, with a backward pass of batch normalisation.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    raise NotImplementedError("spatial_batchnorm_backward")  # TODO: your code in place of this line
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return dx, dgamma, dbeta


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    """Group normalisation: every group of channels of every image gets zero mean, unit variance.

    The C channels are divided into G groups of C / G neighbours: 0 ... C / G - 1 are the first. The
    statistics of a group are taken over its channels and all pixels of one image, so training and
    test do the same. Then channel c is scaled by ``gamma[0, c, 0, 0]`` and shifted by
    ``beta[0, c, 0, 0]``.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
        A batch.
    gamma : ndarray, shape (1, C, 1, 1)
        Scale of each channel.
    beta : ndarray, shape (1, C, 1, 1)
        Shift of each channel.
    G : int
        Number of groups; C is a multiple of it.
    gn_param : dict
        ``eps`` : float, added to the variance before the root, default 1e-5.

    Returns
    -------
    out : ndarray, shape (N, C, H, W)
        Normalised, scaled and shifted batch.
    cache : tuple
        What the backward pass needs.

    References
    ----------
    Wu and He, "Group Normalization", ECCV 2018.
    """
    out, cache = None, None
    eps = gn_param.get("eps", 1e-5)
    # TODO: Normalise each group, then scale and shift each channel; keep in cache what the backward
    #       pass needs. With each group in a row of its own this is much like layer normalisation.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    raise NotImplementedError("spatial_groupnorm_forward")  # TODO: your code in place of this line
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return out, cache


def spatial_groupnorm_backward(dout, cache):
    """Backward pass of group normalisation.

    Parameters
    ----------
    dout : ndarray, shape (N, C, H, W)
        Upstream gradient.
    cache : tuple
        Cache of `spatial_groupnorm_forward`.

    Returns
    -------
    dx : ndarray, shape (N, C, H, W)
        Gradient with respect to ``x``.
    dgamma : ndarray, shape (1, C, 1, 1)
        Gradient with respect to ``gamma``.
    dbeta : ndarray, shape (1, C, 1, 1)
        Gradient with respect to ``beta``.
    """
    dx, dgamma, dbeta = None, None, None
    # TODO: Compute the three gradients. gamma and beta belong to channels, statistics to groups.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    raise NotImplementedError("spatial_groupnorm_backward")  # TODO: your code in place of this line
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return dx, dgamma, dbeta


def svm_loss(x, y):
    """Multiclass support vector machine (hinge) loss with margin 1.

    Parameters
    ----------
    x : ndarray, shape (N, C)
        Scores; ``x[i, j]`` is the score of class j for example i.
    y : ndarray of int, shape (N,)
        Labels, ``0 <= y[i] < C``.

    Returns
    -------
    loss : float
        Mean over the batch of the sum over the wrong classes of ``max(0, x[i, j] - x[i, y[i]] +
        1)``.
    dx : ndarray, shape (N, C)
        Gradient of the loss with respect to ``x``.

    References
    ----------
    Weston and Watkins, "Support Vector Machines for Multi-Class Pattern Recognition", ESANN 1999.
    """
    rows = np.arange(len(x))
    margins = np.maximum(0, x - x[rows, y][:, None] + 1)  # (N, C)
    margins[rows, y] = 0  # the right class is no rival of its own
    loss = margins.sum() / len(x)

    dx = (margins > 0).astype(x.dtype)  # (N, C)
    dx[rows, y] -= dx.sum(axis=1)
    return loss, dx / len(x)


def softmax_loss(x, y):
    """Softmax followed by the cross-entropy loss, safe for scores of any size.

    The logarithm of the probabilities is computed directly, from scores shifted to a maximum of
    zero, so neither ``exp`` overflows nor ``log`` sees a zero.

    Parameters
    ----------
    x : ndarray, shape (N, C)
        Scores; ``x[i, j]`` is the score of class j for example i.
    y : ndarray of int, shape (N,)
        Labels, ``0 <= y[i] < C``.

    Returns
    -------
    loss : float
        Mean over the batch of ``-log p[i, y[i]]`` (natural logarithm).
    dx : ndarray, shape (N, C)
        Gradient of the loss with respect to ``x``.
    """
    rows = np.arange(len(x))
    shifted = x - x.max(axis=1, keepdims=True)  # (N, C)
    log_p = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))  # (N, C)
    loss = -log_p[rows, y].sum() / len(x)

    dx = np.exp(log_p)  # (N, C)
    dx[rows, y] -= 1
    return loss, dx / len(x)
