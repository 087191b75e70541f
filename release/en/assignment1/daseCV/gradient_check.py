"""Numerical gradients by centred differences, to check analytic ones against.

All of them change ``x`` in place by a step ``h``, call ``f``, and put ``x`` back: a function that
ignores its argument and looks at the array itself is differentiated all the same.
"""

import random

import numpy as np


def eval_numerical_gradient(f, x, verbose=True, h=1e-5):
    """Gradient of a scalar function.

    Parameters
    ----------
    f : callable
        Takes x and returns a number.
    x : ndarray of float, any shape
        Where to take the gradient; changed during the call, and restored.
    verbose : bool
        Print every index and its derivative.
    h : float
        Step.

    Returns
    -------
    grad : ndarray, shape and dtype of x
        ``(f(x + h) - f(x - h)) / (2 h)``, one entry of x at a time.

    Raises
    ------
    TypeError
        If x is an array of integers, which a small step cannot change.
    """
    grad = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        after, before = _f_on_both_sides(f, x, index, h)
        grad[index] = (after - before) / (2 * h)
        if verbose:
            print(index, grad[index])
    return grad


def eval_numerical_gradient_array(f, x, df, h=1e-5):
    """Gradient of ``sum(f(x) * df)`` for a function that returns an array.

    Parameters
    ----------
    f : callable
        Takes x and returns an array.
    x : ndarray of float, any shape
        Where to take the gradient; changed during the call, and restored.
    df : ndarray, shape of f(x), or float
        Upstream gradient.
    h : float
        Step.

    Returns
    -------
    grad : ndarray, shape and dtype of x
        Numerical gradient.

    Raises
    ------
    TypeError
        If x is an array of integers, which a small step cannot change.
    """
    grad = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        after, before = _f_on_both_sides(f, x, index, h)
        grad[index] = np.sum((after - before) * df) / (2 * h)
    return grad


def eval_numerical_gradient_blobs(f, inputs, output, h=1e-5):
    """Gradients of a function that reads and writes blobs.

    Parameters
    ----------
    f : callable
        Called as ``f(*inputs, output)``; writes its result into ``output.vals``.
    inputs : tuple of blobs
        A blob has the arrays ``vals`` and ``diffs``.
    output : blob
        ``output.diffs`` holds the upstream gradient.
    h : float
        Step.

    Returns
    -------
    grads : list of ndarray
        One numerical gradient per input, in the shape of its ``vals``.

    Raises
    ------
    TypeError
        If a blob holds integers, which a small step cannot change.
    """

    def values(_):
        f(*inputs, output)
        return output.vals

    return [eval_numerical_gradient_array(values, blob.vals, output.diffs, h) for blob in inputs]


def eval_numerical_gradient_net(net, inputs, output, h=1e-5):
    """Gradients of a network of blobs: `eval_numerical_gradient_blobs` of ``net.forward()``."""
    return eval_numerical_gradient_blobs(lambda *blobs: net.forward(), inputs, output, h)


def grad_check_sparse(f, x, analytic_grad, num_checks=10, h=1e-5):
    """Compare an analytic gradient with the numerical one in a few random places, and print them.

    The relative error is ``|a - b| / (|a| + |b|)``, and 0 where both gradients are 0. The places
    are drawn with Python's `random`, so NumPy's generator stays where it is.

    Parameters
    ----------
    f : callable
        Takes x and returns a number.
    x : ndarray of float, any shape
        Where to take the gradient; changed during the call, and restored.
    analytic_grad : ndarray, shape of x
        Gradient to check.
    num_checks : int
        Number of places.
    h : float
        Step.

    Raises
    ------
    TypeError
        If x is an array of integers, which a small step cannot change.
    """
    for _ in range(num_checks):
        index = tuple(random.randrange(size) for size in x.shape)
        after, before = _f_on_both_sides(f, x, index, h)
        numerical, analytic = (after - before) / (2 * h), analytic_grad[index]
        total = abs(numerical) + abs(analytic)
        error = abs(numerical - analytic) / total if total != 0 else 0.0
        print(f"numerical: {numerical:f} analytic: {analytic:f}, relative error: {error:e}")


def _f_on_both_sides(f, x, index, h):
    """Value of f with ``x[index]`` a step up, and a step down; x is as before afterwards."""
    if not np.issubdtype(x.dtype, np.inexact):
        raise TypeError(f"a numerical gradient needs floating-point numbers, x holds {x.dtype}")
    here = x[index]
    try:
        x[index] = here + h
        after = np.array(f(x))  # a copy: f may return the same array each time
        x[index] = here - h
        before = np.array(f(x))
    finally:
        x[index] = here
    return after, before
