"""The layers agree with published numbers, numerical gradients and their own docstrings."""

import subprocess
import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose

from daseCV import layers
from daseCV.gradient_check import eval_numerical_gradient, eval_numerical_gradient_array
from daseCV.layer_utils import affine_relu_backward, affine_relu_forward


@pytest.fixture(autouse=True)
def _seed():
    np.random.seed(231)  # the seed of the notebooks' cells; the order of the draws is theirs, too


def check_gradients(forward, backward, inputs, dout, tol=1e-8):
    """Analytic gradients agree with numerical ones, entry by entry."""
    grads = backward(dout, forward(*inputs)[1])
    for i, grad in enumerate(grads if isinstance(grads, tuple) else (grads,)):

        def f(v, i=i):
            return forward(*inputs[:i], v, *inputs[i + 1 :])[0]

        numerical = eval_numerical_gradient_array(f, inputs[i].copy(), dout)
        assert grad.shape == inputs[i].shape
        error = np.abs(grad - numerical) / np.maximum(1e-8, np.abs(grad) + np.abs(numerical))
        assert error.max() < tol


def projected(n):
    """The activations that the normalisation notebook looks at, shape (n, 3)."""
    X, W1, W2 = np.random.randn(n, 50), np.random.randn(50, 60), np.random.randn(60, 3)
    return np.maximum(0, X.dot(W1)).dot(W2)


def test_affine_forward_published():  # affine_forward.linspace
    x = np.linspace(-0.1, 0.5, num=240).reshape(2, 4, 5, 6)
    w = np.linspace(-0.2, 0.3, num=360).reshape(120, 3)
    b = np.linspace(-0.3, 0.1, num=3)
    out, cache = layers.affine_forward(x, w, b)
    expected = [[1.49834967, 1.70660132, 1.91485297], [3.25553199, 3.5141327, 3.77273342]]
    assert_allclose(out, expected, rtol=2e-7)
    assert cache[0].shape == x.shape


def test_affine_backward():  # affine_backward.gradcheck
    x, w, b = np.random.randn(10, 2, 3), np.random.randn(6, 5), np.random.randn(5)
    dout = np.random.randn(10, 5)
    check_gradients(layers.affine_forward, layers.affine_backward, (x, w, b), dout)
    dx, dw, db = layers.affine_backward(dout, (x, w, b))  # sums: its gradient_fingerprint
    sums = (57.42392428918911, -11.822525611355509, -16.064436461825814)
    assert_allclose((dx.sum(), dw.sum(), db.sum()), sums)


def test_relu_forward_published():  # relu_forward.linspace
    out, _ = layers.relu_forward(np.linspace(-0.5, 0.5, num=12).reshape(3, 4))
    assert_allclose(out[:2], [[0, 0, 0, 0], [0, 0, 0.04545455, 0.13636364]], rtol=2e-6)
    assert_allclose(out[2], [0.22727273, 0.31818182, 0.40909091, 0.5], rtol=2e-6)


def test_relu_backward():  # relu_backward.gradcheck
    x, dout = np.random.randn(10, 10), np.random.randn(10, 10)
    check_gradients(layers.relu_forward, layers.relu_backward, (x,), dout)


def test_affine_relu():  # affine_relu.gradcheck
    inputs = np.random.randn(2, 3, 4), np.random.randn(12, 10), np.random.randn(10)
    check_gradients(affine_relu_forward, affine_relu_backward, inputs, np.random.randn(2, 10))


@pytest.mark.parametrize(
    ("loss", "value"),
    [(layers.svm_loss, 8.999602749096233), (layers.softmax_loss, 2.302545844500738)],
)
def test_losses_published(loss, value):  # svm_loss.seed231, softmax_loss.seed231
    x, y = 0.001 * np.random.randn(50, 10), np.random.randint(10, size=50)
    found, dx = loss(x, y)
    assert found == pytest.approx(value, abs=1e-12)
    numerical = eval_numerical_gradient(lambda v: loss(v, y)[0], x, verbose=False)
    assert_allclose(dx, numerical, atol=1e-9)


def test_softmax_loss_takes_any_score():  # softmax_loss.overflow
    x = np.array([[1000.0, 0.0, -1000.0], [1000.0, 0.0, -1000.0]])
    assert layers.softmax_loss(x, np.array([0, 0]))[0] == 0
    loss, dx = layers.softmax_loss(x, np.array([0, 1]))
    assert loss == 500
    assert_allclose(dx, [[0, 0, 0], [0.5, -0.5, 0]], atol=1e-12)


def test_batchnorm_normalises_the_batch():  # batchnorm_forward.train_stats
    a = projected(200)
    assert_allclose(a.mean(axis=0), [-2.3814598, -13.18038246, 1.91780462], atol=1e-7)
    gamma, beta = np.array([1.0, 2.0, 3.0]), np.array([11.0, 12.0, 13.0])
    out, _ = layers.batchnorm_forward(a, gamma, beta, {"mode": "train"})
    assert_allclose(out.mean(axis=0), beta, atol=1e-8)
    assert_allclose(out.std(axis=0), [0.99999999, 1.99999999, 2.99999999], atol=1.1e-8)


def test_batchnorm_tests_with_running_averages():  # batchnorm_forward.test_stats
    W1, W2 = np.random.randn(50, 60), np.random.randn(60, 3)
    bn_param = {"mode": "train"}
    for mode in ["train"] * 50 + ["test"]:
        bn_param["mode"] = mode
        a = np.maximum(0, np.random.randn(200, 50).dot(W1)).dot(W2)
        out, cache = layers.batchnorm_forward(a, np.ones(3), np.zeros(3), bn_param)
    assert_allclose(out.mean(axis=0), [-0.03927354, -0.04349152, -0.10452688], atol=1e-6)
    assert_allclose(out.std(axis=0), [1.01531428, 1.01238373, 0.97819988], atol=1e-6)
    assert cache is None


def test_batchnorm_running_averages_after_one_step():  # batchnorm.running_stats_one_step
    x = np.array([[1.0, 10.0], [3.0, 20.0], [5.0, 60.0]])
    bn_param = {"mode": "train"}
    layers.batchnorm_forward(x, np.ones(2), np.zeros(2), bn_param)
    assert_allclose(bn_param["running_mean"], [0.3, 3.0])
    assert_allclose(bn_param["running_var"], [0.8 / 3, 140 / 3])
    bn_param = {
        "mode": "train",
        "momentum": 0.5,
        "running_mean": np.array([1.0, 1.0]),
        "running_var": np.array([2.0, 2.0]),
    }
    layers.batchnorm_forward(x, np.ones(2), np.zeros(2), bn_param)
    assert_allclose(bn_param["running_mean"], [2.0, 15.5])
    assert_allclose(bn_param["running_var"], [7 / 3, 703 / 3])


@pytest.mark.parametrize("backward", [layers.batchnorm_backward, layers.batchnorm_backward_alt])
def test_batchnorm_backward(backward):  # batchnorm_backward.gradcheck
    inputs = 5 * np.random.randn(4, 5) + 12, np.random.randn(5), np.random.randn(5)
    check_gradients(
        lambda *v: layers.batchnorm_forward(*v, {"mode": "train"}),
        backward,
        inputs,
        np.random.randn(4, 5),
        tol=1e-6,
    )


def test_batchnorm_backward_alt_agrees():  # batchnorm_backward_alt.agreement
    x, gamma, beta = 5 * np.random.randn(100, 500) + 12, np.random.randn(500), np.random.randn(500)
    dout = np.random.randn(100, 500)
    _, cache = layers.batchnorm_forward(x, gamma, beta, {"mode": "train"})
    step_by_step = layers.batchnorm_backward(dout, cache)
    for a, b in zip(step_by_step, layers.batchnorm_backward_alt(dout, cache), strict=True):
        assert_allclose(a, b, atol=1e-10)


def test_layernorm_normalises_each_row():  # layernorm_forward.stats
    a = projected(4)
    assert_allclose(
        a.mean(axis=1), [-59.06673243, -47.60782686, -43.31137368, -26.40991744], atol=1e-7
    )
    out, _ = layers.layernorm_forward(a, np.full(3, 3.0), np.full(3, 5.0), {})
    assert_allclose(out.mean(axis=1), np.full(4, 5.0), atol=1e-8)
    assert_allclose(out.std(axis=1), [2.99999985, 2.99999998, 2.99999999, 2.99999907], atol=1.1e-8)


def test_layernorm_backward():  # layernorm_backward.gradcheck
    inputs = 5 * np.random.randn(4, 5) + 12, np.random.randn(5), np.random.randn(5)
    check_gradients(
        lambda *v: layers.layernorm_forward(*v, {}),
        layers.layernorm_backward,
        inputs,
        np.random.randn(4, 5),
        tol=1e-6,
    )


def test_dropout_keeps_the_mean():  # dropout_forward.stats; p is the probability of keeping
    x = np.random.randn(500, 500) + 10
    means = {0.25: 10.014059116977283, 0.4: 9.977917658761159, 0.7: 9.987811912159426}
    zeros = {0.25: 0.749784, 0.4: 0.600796, 0.7: 0.30074}
    for p in means:
        out, _ = layers.dropout_forward(x, {"mode": "train", "p": p})
        assert out.mean() == pytest.approx(means[p], abs=1e-9)
        assert (out == 0).mean() == pytest.approx(zeros[p], abs=1e-12)
        assert np.array_equal(layers.dropout_forward(x, {"mode": "test", "p": p})[0], x)


@pytest.mark.parametrize("mode", ["train", "test"])
def test_dropout_backward(mode):  # dropout_backward.gradcheck
    x, dout = np.random.randn(10, 10) + 10, np.random.randn(10, 10)
    param = {"mode": mode, "p": 0.2, "seed": 123}
    check_gradients(
        lambda v: layers.dropout_forward(v, param), layers.dropout_backward, (x,), dout
    )


@pytest.mark.parametrize("forward", ["batchnorm_forward", "dropout_forward"])
def test_an_unknown_mode_is_an_error(forward):
    more = (np.ones(2), np.zeros(2)) if forward == "batchnorm_forward" else ()
    with pytest.raises(ValueError, match=f"{forward}: mode must be 'train' or 'test', not 'eval'"):
        getattr(layers, forward)(np.ones((3, 2)), *more, {"mode": "eval", "p": 0.5})


def forward_passes(x, gamma):
    """Output of every layer for a batch."""
    beta = np.zeros_like(gamma)
    yield layers.affine_forward(x, np.ones((x.shape[1], 4), dtype=x.dtype), np.zeros(4, x.dtype))[0]
    yield layers.relu_forward(x)[0]
    for mode in ("train", "test"):
        yield layers.batchnorm_forward(x, gamma, beta, {"mode": mode})[0]
        yield layers.dropout_forward(x, {"mode": mode, "p": 0.5})[0]
    yield layers.layernorm_forward(x, gamma, beta, {})[0]
    for loss in (layers.svm_loss, layers.softmax_loss):
        yield loss(x, np.array([0, 1, 2]))[1]


def test_arguments_stay_as_they_are():  # layers.no_input_mutation
    x = np.random.randn(3, 5)
    before = x.copy()
    for _ in forward_passes(x, np.ones(5)):
        assert np.array_equal(x, before)


def test_single_precision_stays_single():
    x = np.random.randn(3, 5).astype(np.float32)
    assert {out.dtype for out in forward_passes(x, np.ones(5, np.float32))} == {np.dtype("float32")}


def test_importing_the_layers_loads_nothing_else():
    code = (
        "import sys, numpy; before = set(sys.modules); import daseCV.layers;"
        "print(*sorted(set(sys.modules) - before))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.split() == ["daseCV", "daseCV.layers"]
