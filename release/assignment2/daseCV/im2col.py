"""The windows of images as the columns of a matrix, and back: the pure NumPy twin of im2col_cython.

Laid out like this, a convolution is one product of matrices. Both twins have the same functions and
the same results to the last bit; `daseCV.fast_layers` takes the compiled one once it is built.
"""

from operator import index

import numpy as np

BACKEND = "NumPy"
EVERY_PIXEL = (1, 1, 1, 0)  # a window whose columns are the image itself: nothing to move


def im2col(x, height, width, stride, pad):
    """Lay out every window of every image as a column of its matrix.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
        Images; not changed.
    height, width : int
        Size of a window.
    stride : int
        Pixels between neighbouring windows, in both directions.
    pad : int
        Rows and columns of zeros around each image.

    Returns
    -------
    ndarray, shape (N, C * height * width, H' * W'), dtype of x
        Row ``(c * height + i) * width + j`` has, of each window, the entry at row i and column j of
        channel c. H' and W' are those of `output_size`. It may share memory with ``x``.

    Raises
    ------
    ValueError
        As `output_size`.
    """
    height, width, stride, pad = map(index, (height, width, stride, pad))
    N, C, H, W = x.shape
    if (height, width, stride, pad) == EVERY_PIXEL:
        return x.reshape(N, C, H * W)
    rows, columns = output_size(x.shape, height, width, stride, pad)
    cols = np.empty((N, C, height, width, rows, columns), dtype=x.dtype)
    for i, j, entries in window_entries(zero_pad(x, pad), height, width, stride):
        cols[:, :, i, j] = entries
    return cols.reshape(N, C * height * width, rows * columns)


def col2im(cols, shape, height, width, stride, pad):
    """Add every column back to the window it came from: the backward pass of `im2col`.

    Parameters
    ----------
    cols : ndarray, shape (N, C * height * width, H' * W')
        Columns, laid out as by `im2col`.
    shape : tuple of int
        ``(N, C, H, W)`` of the images.
    height, width, stride, pad : int
        As in `im2col`.

    Returns
    -------
    ndarray, shape (N, C, H, W), dtype of cols
        Every pixel is the sum of its entries in ``cols``; what belongs to the padding is dropped.
        It may share memory with ``cols``.

    Raises
    ------
    ValueError
        As `output_size`, or if ``cols`` has another shape.
    """
    height, width, stride, pad = map(index, (height, width, stride, pad))
    N, C, H, W = shape = tuple(map(index, shape))
    if (height, width, stride, pad) == EVERY_PIXEL:
        return cols.reshape(N, C, H, W)
    rows, columns = output_size(shape, height, width, stride, pad)
    cols = cols.reshape(N, C, height, width, rows, columns)
    x = np.zeros((N, C, H + 2 * pad, W + 2 * pad), dtype=cols.dtype)
    for i, j, entries in window_entries(x, height, width, stride):
        entries += cols[:, :, i, j]  # a view: this adds to x
    return x[:, :, pad : pad + H, pad : pad + W]


def output_size(shape, height, width, stride, pad=0):
    """Count the windows that fit, down and across; rows and columns left over belong to none.

    Parameters
    ----------
    shape : tuple of int
        ``(N, C, H, W)`` of the images.
    height, width, stride, pad : int
        As in `im2col`.

    Returns
    -------
    tuple of int
        ``H' = 1 + (H + 2 * pad - height) // stride``, and W' likewise.

    Raises
    ------
    ValueError
        If a size or the stride is below 1, the padding negative, or not one window fits.
    TypeError
        If one of them is not a whole number.
    """
    H, W, height, width, stride, pad = map(index, (*shape[2:], height, width, stride, pad))
    if min(height, width, stride) < 1 or pad < 0:
        raise ValueError(
            f"a window of {height} x {width} with stride {stride} and padding {pad} cannot be: "
            "sizes and stride are at least 1, the padding is at least 0"
        )
    room_down, room_across = H + 2 * pad - height, W + 2 * pad - width
    if min(room_down, room_across) < 0:
        raise ValueError(
            f"a window of {height} x {width} does not fit into images of {H} x {W} "
            f"with padding {pad}"
        )
    return 1 + room_down // stride, 1 + room_across // stride


def window_entries(x, height, width, stride):
    """Yield ``i, j`` and a view of entry (i, j) of all windows of ``x``, shape (N, C, H', W').

    The loop is over the few entries of a window, each for all windows at once.
    """
    height, width, stride = map(index, (height, width, stride))  # np.uint8 would wrap around
    rows, columns = output_size(x.shape, height, width, stride)
    for i in range(height):
        for j in range(width):
            bottom, right = i + stride * rows, j + stride * columns
            yield i, j, x[:, :, i:bottom:stride, j:right:stride]


def zero_pad(x, pad):
    """Put ``pad`` rows and columns of zeros around each image; np.pad takes longer for a few.

    The result lies in one piece of memory; where there is nothing to do, it is ``x`` itself.
    """
    if pad == 0:
        return np.ascontiguousarray(x)
    N, C, H, W = x.shape
    padded = np.zeros((N, C, H + 2 * pad, W + 2 * pad), dtype=x.dtype)
    padded[:, :, pad : pad + H, pad : pad + W] = x
    return padded
