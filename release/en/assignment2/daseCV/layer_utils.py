"""Layers that are often used together, joined: same contract as the layers they are made of.

Convolution and pooling are the fast ones of `fast_layers`.
"""

from daseCV.fast_layers import (
    conv_backward_fast,
    conv_forward_fast,
    max_pool_backward_fast,
    max_pool_forward_fast,
)
from daseCV.layers import (
    affine_backward,
    affine_forward,
    relu_backward,
    relu_forward,
    spatial_batchnorm_backward,
    spatial_batchnorm_forward,
)


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


def conv_relu_forward(x, w, b, conv_param):
    """Convolution followed by a ReLU.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
        A batch of images.
    w : ndarray, shape (F, C, HH, WW)
        Filters.
    b : ndarray, shape (F,)
        Biases.
    conv_param : dict
        ``stride`` and ``pad``, as in `layers.conv_forward_naive`.

    Returns
    -------
    out : ndarray, shape (N, F, H', W')
        Output of the ReLU.
    cache : tuple
        Caches of the two layers, for `conv_relu_backward`.
    """
    responses, conv_cache = conv_forward_fast(x, w, b, conv_param)  # (N, F, H', W')
    out, relu_cache = relu_forward(responses)
    return out, (conv_cache, relu_cache)


def conv_relu_backward(dout, cache):
    """Backward pass of the convolution-ReLU pair.

    Parameters
    ----------
    dout : ndarray, shape (N, F, H', W')
        Upstream gradient.
    cache : tuple
        Cache of `conv_relu_forward`.

    Returns
    -------
    dx, dw, db : ndarray
        Gradients in the shapes of x, w and b.
    """
    conv_cache, relu_cache = cache
    return conv_backward_fast(relu_backward(dout, relu_cache), conv_cache)


def conv_bn_relu_forward(x, w, b, gamma, beta, conv_param, bn_param):
    """Convolution, batch normalisation of its channels, and a ReLU.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
        A batch of images.
    w : ndarray, shape (F, C, HH, WW)
        Filters.
    b : ndarray, shape (F,)
        Biases; in training the normalisation takes them off again.
    gamma, beta : ndarray, shape (F,)
        Scale and shift.
    conv_param : dict
        ``stride`` and ``pad``, as in `layers.conv_forward_naive`.
    bn_param : dict
        As in `layers.spatial_batchnorm_forward`, which writes the running averages into it.

    Returns
    -------
    out : ndarray, shape (N, F, H', W')
        Output of the ReLU.
    cache : tuple
        Caches of the three layers, for `conv_bn_relu_backward`.
    """
    responses, conv_cache = conv_forward_fast(x, w, b, conv_param)  # (N, F, H', W')
    normalised, bn_cache = spatial_batchnorm_forward(responses, gamma, beta, bn_param)
    out, relu_cache = relu_forward(normalised)
    return out, (conv_cache, bn_cache, relu_cache)


def conv_bn_relu_backward(dout, cache):
    """Backward pass of convolution, batch normalisation and ReLU.

    Parameters
    ----------
    dout : ndarray, shape (N, F, H', W')
        Upstream gradient.
    cache : tuple
        Cache of `conv_bn_relu_forward` in 'train' mode.

    Returns
    -------
    dx, dw, db, dgamma, dbeta : ndarray
        Gradients in the shapes of x, w, b, gamma and beta.
    """
    conv_cache, bn_cache, relu_cache = cache
    dnormalised = relu_backward(dout, relu_cache)  # (N, F, H', W')
    dresponses, dgamma, dbeta = spatial_batchnorm_backward(dnormalised, bn_cache)
    dx, dw, db = conv_backward_fast(dresponses, conv_cache)
    return dx, dw, db, dgamma, dbeta


def conv_relu_pool_forward(x, w, b, conv_param, pool_param):
    """Convolution, a ReLU and max pooling.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
        A batch of images.
    w : ndarray, shape (F, C, HH, WW)
        Filters.
    b : ndarray, shape (F,)
        Biases.
    conv_param : dict
        ``stride`` and ``pad``, as in `layers.conv_forward_naive`.
    pool_param : dict
        ``pool_height``, ``pool_width`` and ``stride``, as in `layers.max_pool_forward_naive`.

    Returns
    -------
    out : ndarray, shape (N, F, H'', W'')
        Output of the pooling layer.
    cache : tuple
        Caches of the three layers, for `conv_relu_pool_backward`.
    """
    responses, conv_cache = conv_forward_fast(x, w, b, conv_param)  # (N, F, H', W')
    rectified, relu_cache = relu_forward(responses)
    out, pool_cache = max_pool_forward_fast(rectified, pool_param)
    return out, (conv_cache, relu_cache, pool_cache)


def conv_relu_pool_backward(dout, cache):
    """Backward pass of convolution, ReLU and max pooling.

    Parameters
    ----------
    dout : ndarray, shape (N, F, H'', W'')
        Upstream gradient.
    cache : tuple
        Cache of `conv_relu_pool_forward`.

    Returns
    -------
    dx, dw, db : ndarray
        Gradients in the shapes of x, w and b.
    """
    conv_cache, relu_cache, pool_cache = cache
    drectified = max_pool_backward_fast(dout, pool_cache)  # (N, F, H', W')
    return conv_backward_fast(relu_backward(drectified, relu_cache), conv_cache)
