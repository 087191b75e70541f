"""Fast convolution and max-pooling: the same contract as the naive layers of `daseCV.layers`.

A convolution is a product of matrices here: the filters, one a row, times the windows of an image,
one a column (`im2col`). The columns of a whole batch would take HH * WW times its memory, so a few
images are done at a time. Pooling goes over the places in a window instead of over the windows. Why
this is so much faster than the naive layers is a question of the notebook.

Only NumPy is needed. ``BACKEND`` says which twin does `im2col`: "Cython", once
``python setup.py build_ext --inplace`` has been run in ``daseCV/`` and Python started anew, or else
"NumPy". Both give the same results.

Sizes that make no sense, or a window larger than the padded image, raise a ValueError.
"""

import numpy as np

from daseCV.im2col import output_size, window_entries

try:
    from daseCV.im2col_cython import BACKEND, col2im, im2col
except ImportError:
    from daseCV.im2col import BACKEND, col2im, im2col

__all__ = [
    "BACKEND",
    "conv_backward_fast",
    "conv_backward_im2col",
    "conv_forward_fast",
    "conv_forward_im2col",
    "max_pool_backward_fast",
    "max_pool_forward_fast",
]

CHUNK = 2**19  # bytes to work on at a time: about what a core's own cache holds


def conv_forward_fast(x, w, b, conv_param):
    """Convolution; same contract as `daseCV.layers.conv_forward_naive`."""
    (F, C, HH, WW), stride, pad = w.shape, conv_param["stride"], conv_param["pad"]
    if x.shape[1] != C:
        raise ValueError(f"the images have {x.shape[1]} channels, the filters {C}")
    H_out, W_out = output_size(x.shape, HH, WW, stride, pad)
    filters = w.reshape(F, C * HH * WW)
    out = np.empty((len(x), F, H_out * W_out), dtype=np.result_type(x, w))
    for some in chunks(len(x), C * HH * WW * H_out * W_out * x.itemsize):
        cols = im2col(x[some], HH, WW, stride, pad)  # (n, C * HH * WW, H' * W')
        np.matmul(filters, cols, out=out[some])
    out += b[:, np.newaxis]
    return out.reshape(len(x), F, H_out, W_out), (x, w, b, conv_param)


def conv_backward_fast(dout, cache):
    """Backward pass; same contract as `daseCV.layers.conv_backward_naive`."""
    x, w, _, conv_param = cache
    (F, C, HH, WW), stride, pad = w.shape, conv_param["stride"], conv_param["pad"]
    H_out, W_out = output_size(x.shape, HH, WW, stride, pad)
    dout = dout.reshape(len(x), F, H_out * W_out)
    filters = w.reshape(F, C * HH * WW)
    dx, dfilters = np.empty_like(x), np.zeros_like(filters)
    for some in chunks(len(x), C * HH * WW * H_out * W_out * x.itemsize):
        cols = im2col(x[some], HH, WW, stride, pad)  # anew: keeping all would take too much memory
        dfilters += (dout[some] @ cols.transpose(0, 2, 1)).sum(axis=0)
        dcols = filters.T @ dout[some]  # (n, C * HH * WW, H' * W')
        np.copyto(dx[some], col2im(dcols, x[some].shape, HH, WW, stride, pad))
    return dx, dfilters.reshape(w.shape), dout.sum(axis=(0, 2))


def chunks(N, bytes_each):
    """Slices of a batch of N, each with so many images that they make about `CHUNK` bytes."""
    n = max(1, CHUNK // max(1, bytes_each))
    return [slice(first, first + n) for first in range(0, N, n)]


def max_pool_forward_fast(x, pool_param):
    """Max-pooling; same contract as `daseCV.layers.max_pool_forward_naive`."""
    out = None
    for _, _, entries in windows_of(x, pool_param):
        out = entries.copy() if out is None else np.maximum(out, entries, out=out)
    return out, (x, out, pool_param)


def max_pool_backward_fast(dout, cache):
    """Backward pass; same contract as `daseCV.layers.max_pool_backward_naive`.

    Of equally large entries the first one, row by row, gets the gradient of the window.
    """
    x, out, pool_param = cache
    dx = np.zeros(x.shape, dtype=x.dtype)
    for some in chunks(len(x), x[:1].nbytes):
        waiting = np.ones(out[some].shape, dtype=bool)  # windows whose maximum is still to come
        both = zip(windows_of(x[some], pool_param), windows_of(dx[some], pool_param), strict=True)
        for (_, _, entries), (_, _, gradients) in both:
            found = waiting & ((entries == out[some]) | np.isnan(entries))  # NaN is the largest
            waiting ^= found
            gradients += np.where(found, dout[some], 0)  # into dx; inf * found would give NaN
    return dx


def windows_of(x, pool_param):
    """The entries of all pooling windows, place by place."""
    return window_entries(x, *(pool_param[key] for key in ("pool_height", "pool_width", "stride")))


# The course's other name for them.
conv_forward_im2col, conv_backward_im2col = conv_forward_fast, conv_backward_fast
