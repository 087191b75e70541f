"""A peer to measure against: fast layers after the design of the course, in our own words.

All windows of the batch in one matrix and one product; the way back by a compiled loop over its six
axes (`course_col2im.pyx`). Pooling by a reshape where square windows tile the image, otherwise by
index arrays.
"""

import numpy as np
from numpy.lib.stride_tricks import as_strided


def conv_forward(x, w, b, conv_param):
    """One matrix for the whole batch, kept in the cache."""
    s, p = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    rows, columns = 1 + (H + 2 * p - HH) // s, 1 + (W + 2 * p - WW) // s
    padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    per_n, per_c, per_h, per_w = padded.strides
    strides = (per_c, per_h, per_w, per_n, s * per_h, s * per_w)
    windows = as_strided(padded, (C, HH, WW, N, rows, columns), strides)
    cols = np.ascontiguousarray(windows).reshape(C * HH * WW, N * rows * columns)
    out = w.reshape(F, -1).dot(cols) + b.reshape(-1, 1)
    out = np.ascontiguousarray(out.reshape(F, N, rows, columns).transpose(1, 0, 2, 3))
    return out, (x, w, conv_param, cols)


def conv_backward(dout, cache, col2im):
    """`col2im` is the compiled loop, or what stands in for it."""
    x, w, conv_param, cols = cache
    F, C, HH, WW = w.shape
    N, _, rows, columns = dout.shape
    flat = dout.transpose(1, 0, 2, 3).reshape(F, -1)
    dw = flat.dot(cols.T).reshape(w.shape)
    dcols = w.reshape(F, -1).T.dot(flat).reshape(C, HH, WW, N, rows, columns)
    dx = col2im(dcols, *x.shape, HH, WW, conv_param["pad"], conv_param["stride"])
    return dx, dw, dout.sum(axis=(0, 2, 3))


def pool_forward(x, pool_param):
    """Choose the method by the geometry."""
    height, width, stride = (pool_param[k] for k in ("pool_height", "pool_width", "stride"))
    N, C, H, W = x.shape
    if height == width == stride and H % height == 0 and W % width == 0:
        tiles = x.reshape(N, C, H // height, height, W // width, width)
        out = tiles.max(axis=3).max(axis=4)
        return out, (x, tiles, out)
    rows, columns = 1 + (H - height) // stride, 1 + (W - width) // stride
    i = np.repeat(np.arange(height), width)[:, None]
    i = i + stride * np.repeat(np.arange(rows), columns)
    j = np.tile(np.arange(width), height)[:, None] + stride * np.tile(np.arange(columns), rows)
    cols = x.reshape(N * C, H, W)[:, i, j].transpose(1, 2, 0).reshape(height * width, -1)
    largest = cols.argmax(axis=0)
    out = cols[largest, np.arange(cols.shape[1])].reshape(rows, columns, N, C)
    return out.transpose(2, 3, 0, 1), (x, cols, largest, i, j)


def pool_backward(dout, cache):
    """Ties share the gradient with the first method and not with the second."""
    if len(cache) == 3:
        x, tiles, out = cache
        dx = np.zeros_like(tiles)
        mask = tiles == out[:, :, :, None, :, None]
        spread = np.broadcast_to(dout[:, :, :, None, :, None], dx.shape)
        dx[mask] = spread[mask]
        dx /= mask.sum(axis=(3, 5), keepdims=True)
        return dx.reshape(x.shape)
    x, cols, largest, i, j = cache
    N, C, H, W = x.shape
    dcols = np.zeros_like(cols)
    dcols[largest, np.arange(cols.shape[1])] = dout.transpose(2, 3, 0, 1).ravel()
    dx = np.zeros((N * C, H, W), dtype=x.dtype)
    np.add.at(dx, (slice(None), i, j), dcols.reshape(len(i), -1, N * C).transpose(2, 0, 1))
    return dx.reshape(x.shape)
