"""Layers that are often used together, joined: same contract as the layers they are made of."""

from daseCV.layers import affine_backward, affine_forward, relu_backward, relu_forward


def affine_relu_forward(x, w, b):
    """Affine layer followed by a ReLU.

    Parameters
    ----------
    x : ndarray, shape (N, d_1, ..., d_k)
        A batch.
    w : ndarray, shape (D, M)
        Weights, ``D = d_1 * ... * d_k``.
    b : ndarray, shape (M,)
        Biases.

    Returns
    -------
    out : ndarray, shape (N, M)
        Output of the ReLU.
    cache : tuple
        Caches of the two layers, for `affine_relu_backward`.
    """
    scores, affine_cache = affine_forward(x, w, b)  # (N, M)
    out, relu_cache = relu_forward(scores)
    return out, (affine_cache, relu_cache)


def affine_relu_backward(dout, cache):
    """Backward pass of the affine-ReLU pair.

    Parameters
    ----------
    dout : ndarray, shape (N, M)
        Upstream gradient.
    cache : tuple
        Cache of `affine_relu_forward`.

    Returns
    -------
    dx, dw, db : ndarray
        Gradients in the shapes of x, w and b.
    """
    affine_cache, relu_cache = cache
    return affine_backward(relu_backward(dout, relu_cache), affine_cache)
