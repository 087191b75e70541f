"""Numerical gradients are right, restore their argument, and print what notebooks show."""

import random
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from daseCV import gradient_check as gc

X = np.array([[1.0, -2.0], [0.5, 3.0]])


def cubes(x):
    return np.sum(x**3)


def test_scalar_function(capsys):
    x = X.copy()
    assert_allclose(gc.eval_numerical_gradient(cubes, x, verbose=False), 3 * X**2, rtol=1e-8)
    assert np.array_equal(x, X)
    assert capsys.readouterr().out == ""


def test_verbose_prints_every_index(capsys):
    grad = gc.eval_numerical_gradient(cubes, X.copy())
    assert capsys.readouterr().out.splitlines() == [f"{i} {grad[i]}" for i in np.ndindex(2, 2)]


def test_array_function():
    df = np.array([[1.0, 2.0], [3.0, -1.0]])
    grad = gc.eval_numerical_gradient_array(lambda x: x**2, X.copy(), df)
    assert_allclose(grad, 2 * X * df, rtol=1e-8)


def test_a_function_may_ignore_its_argument():  # as lambdas in the notebooks do
    x = X.copy()
    assert_allclose(gc.eval_numerical_gradient(lambda _: cubes(x), x, verbose=False), 3 * X**2)


def test_a_function_may_return_the_same_array_each_time():
    out = np.empty_like(X)
    grad = gc.eval_numerical_gradient_array(lambda x: np.multiply(x, x, out=out), X.copy(), 1.0)
    assert_allclose(grad, 2 * X, rtol=1e-8)


def test_the_argument_is_restored_when_the_function_fails():
    x = X.copy()
    with pytest.raises(ZeroDivisionError):
        gc.eval_numerical_gradient(lambda _: 1 / 0, x)
    assert np.array_equal(x, X)


def test_integers_are_refused():
    with pytest.raises(TypeError, match="needs floating-point numbers, x holds int64"):
        gc.eval_numerical_gradient(cubes, np.array([1, 2], dtype=np.int64))


def blobs():
    x = SimpleNamespace(vals=X.copy(), diffs=None)
    return x, SimpleNamespace(vals=np.zeros((2, 2)), diffs=np.full((2, 2), 2.0))


def test_blobs():
    x, out = blobs()

    def f(source, target):
        target.vals = source.vals**2

    (grad,) = gc.eval_numerical_gradient_blobs(f, (x,), out)
    assert_allclose(grad, 4 * X, rtol=1e-8)


def test_net():
    x, out = blobs()
    net = SimpleNamespace(forward=lambda: out.vals.__setitem__(..., x.vals**2))
    (grad,) = gc.eval_numerical_gradient_net(net, (x,), out)
    assert_allclose(grad, 4 * X, rtol=1e-8)


def test_sparse_line(capsys):  # gradient_check.sparse_format
    gc.grad_check_sparse(lambda x: 0.637966 * x[0], np.ones(1), np.array([0.637965]), num_checks=1)
    line = "numerical: 0.637966 analytic: 0.637965, relative error: 7.83"
    assert capsys.readouterr().out.startswith(line)


def test_sparse_draws_with_the_standard_library(capsys):
    random.seed(3)
    places = [tuple(random.randrange(2) for _ in range(2)) for _ in range(10)]
    random.seed(3)
    numpy_state = np.random.get_state()[1].copy()
    assert gc.grad_check_sparse(cubes, X.copy(), 3 * X**2) is None
    shown = [line.split()[3] for line in capsys.readouterr().out.splitlines()]
    assert shown == [f"{3 * X[place] ** 2:f}," for place in places]
    assert np.array_equal(np.random.get_state()[1], numpy_state)


def test_sparse_with_no_gradient_at_all(capsys):
    gc.grad_check_sparse(lambda x: 1.0, np.ones(1), np.zeros(1), num_checks=1)
    assert capsys.readouterr().out.endswith("relative error: 0.000000e+00\n")
