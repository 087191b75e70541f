# cython: language_level=3, boundscheck=False, wraparound=False
"""The windows of images as the columns of a matrix, and back: the compiled twin of im2col.

``python setup.py build_ext --inplace`` builds it. The loops do not check their indices: their arrays
are made here, to measure, from plain whole numbers, after sizes that make no sense were refused.
"""

from operator import index

import numpy as np

from daseCV import im2col as twin

BACKEND = "Cython"

ctypedef fused real:
    float
    double


def im2col(x, height, width, stride, pad):
    """Lay out every window as a column; same contract as `daseCV.im2col.im2col`."""
    height, width, stride, pad = map(index, (height, width, stride, pad))
    x = np.require(x, requirements="CAE")  # in one piece, aligned, and an ndarray indeed
    if is_for_twin(x.dtype, (height, width, stride, pad)):
        return twin.im2col(x, height, width, stride, pad)
    N, C, _, _ = x.shape
    rows, columns = twin.output_size(x.shape, height, width, stride, pad)
    cols = np.empty((N, C, height, width, rows, columns), dtype=x.dtype)
    padded = twin.zero_pad(x, pad)
    if x.dtype == np.float32:
        gather[float](padded, cols, stride)
    else:
        gather[double](padded, cols, stride)
    return cols.reshape(N, C * height * width, rows * columns)


def col2im(cols, shape, height, width, stride, pad):
    """Add every column back to its window; same contract as `daseCV.im2col.col2im`."""
    height, width, stride, pad = map(index, (height, width, stride, pad))
    N, C, H, W = shape = tuple(map(index, shape))
    cols = np.require(cols, requirements="CAE")
    if is_for_twin(cols.dtype, (height, width, stride, pad)):
        return twin.col2im(cols, shape, height, width, stride, pad)
    rows, columns = twin.output_size(shape, height, width, stride, pad)
    cols = cols.reshape(N, C, height, width, rows, columns)
    x = np.zeros((N, C, H + 2 * pad, W + 2 * pad), dtype=cols.dtype)
    if cols.dtype == np.float32:
        scatter[float](cols, x, stride)
    else:
        scatter[double](cols, x, stride)
    return x[:, :, pad : pad + H, pad : pad + W]


def is_for_twin(dtype, window):
    """Tell whether there is nothing to gain here, or no compiled loop for this type."""
    return window == twin.EVERY_PIXEL or dtype not in (np.float32, np.float64)


cdef void gather(
    const real[:, :, :, ::1] x, real[:, :, :, :, :, ::1] cols, Py_ssize_t stride
) noexcept nogil:
    cdef Py_ssize_t n, c, i, j, row, column
    for n in range(cols.shape[0]):
        for c in range(cols.shape[1]):
            for i in range(cols.shape[2]):
                for j in range(cols.shape[3]):
                    for row in range(cols.shape[4]):
                        if stride == 1:  # known steps let the compiler copy whole vectors
                            for column in range(cols.shape[5]):
                                cols[n, c, i, j, row, column] = x[n, c, row + i, column + j]
                        else:
                            for column in range(cols.shape[5]):
                                cols[n, c, i, j, row, column] = x[
                                    n, c, row * stride + i, column * stride + j
                                ]


cdef void scatter(
    const real[:, :, :, :, :, ::1] cols, real[:, :, :, ::1] x, Py_ssize_t stride
) noexcept nogil:
    cdef Py_ssize_t n, c, i, j, row, column
    for n in range(cols.shape[0]):
        for c in range(cols.shape[1]):
            for i in range(cols.shape[2]):
                for j in range(cols.shape[3]):
                    for row in range(cols.shape[4]):
                        if stride == 1:
                            for column in range(cols.shape[5]):
                                x[n, c, row + i, column + j] += cols[n, c, i, j, row, column]
                        else:
                            for column in range(cols.shape[5]):
                                x[n, c, row * stride + i, column * stride + j] += cols[
                                    n, c, i, j, row, column
                                ]
