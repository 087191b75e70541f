"""Convolution, pooling and the norms of images agree with published numbers and with gradients."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from daseCV import fast_layers, layer_utils, layers
from daseCV.gradient_check import eval_numerical_gradient_array

HALF, SAME = {"stride": 2, "pad": 1}, {"stride": 1, "pad": 1}
POOL = {"pool_height": 2, "pool_width": 2, "stride": 2}
OVERLAP = {"pool_height": 3, "pool_width": 2, "stride": 2}
TRAIN = {"mode": "train"}
AXES = (0, 2, 3)


@pytest.fixture(autouse=True)
def _seed():
    np.random.seed(231)  # the seed of the notebook's cells; the order of the draws is theirs, too


def randn(*shapes):
    return tuple(np.random.randn(*shape) for shape in shapes)


def check_gradients(forward, backward, inputs, dout, tol=1e-6):
    """Each gradient agrees with the numerical one, entry by entry; returns the gradients."""
    grads = backward(dout, forward(*inputs)[1])
    grads = grads if isinstance(grads, tuple) else (grads,)
    for i, grad in enumerate(grads):

        def alone(v, i=i):
            return forward(*inputs[:i], v, *inputs[i + 1 :])[0]

        numerical = eval_numerical_gradient_array(alone, inputs[i].copy(), dout)
        assert grad.shape == inputs[i].shape
        error = np.abs(grad - numerical) / np.maximum(1e-8, np.abs(grad) + np.abs(numerical))
        assert error.max() < tol
    return grads


def fingerprint(grads):
    """Sum and norm of each gradient."""
    return [(grad.sum(), np.linalg.norm(grad)) for grad in grads]


def convolution(conv_param):
    return lambda *inputs: layers.conv_forward_naive(*inputs, conv_param)


def pooling(pool_param):
    return lambda x: layers.max_pool_forward_naive(x, pool_param)


def test_convolution_published():  # conv_forward_naive.linspace
    x = np.linspace(-0.1, 0.5, num=96).reshape(2, 3, 4, 4)
    w, b = np.linspace(-0.2, 0.3, num=144).reshape(3, 3, 4, 4), np.linspace(-0.1, 0.2, num=3)
    out, cache = layers.conv_forward_naive(x, w, b, HALF)
    assert out.shape == (2, 3, 2, 2)
    assert_allclose(out[0, 0], [[-0.08759809, -0.10987781], [-0.18387192, -0.2109216]], rtol=1e-6)
    assert_allclose(out[1, 2], [[2.36270298, 2.36904306], [2.38090835, 2.38247847]], rtol=1e-6)
    assert cache[0] is x


def test_convolution_filters_images():  # conv_forward_naive.image_filters
    x = np.arange(2 * 3 * 6 * 6, dtype=float).reshape(2, 3, 6, 6) % 17
    w = np.zeros((2, 3, 3, 3))
    w[0, :, 1, 1] = [0.3, 0.6, 0.1]
    w[1, 2] = [[1, 2, 1], [0, 0, 0], [-1, -2, -1]]
    out, _ = layers.conv_forward_naive(x, w, np.array([0, 128]), SAME)
    assert_allclose(out[:, 0], 0.3 * x[:, 0] + 0.6 * x[:, 1] + 0.1 * x[:, 2])
    edge = x[0, 2, 1, 1:4] @ [1, 2, 1] - x[0, 2, 3, 1:4] @ [1, 2, 1]
    assert out[0, 1, 2, 2] == pytest.approx(128 + edge)


def test_convolution_backward_published():  # conv_backward_naive.gradcheck
    inputs = randn((4, 3, 5, 5), (2, 3, 3, 3), (2,))
    (dout,) = randn((4, 2, 5, 5))
    grads = check_gradients(convolution(SAME), layers.conv_backward_naive, inputs, dout)
    right = [
        (-25.297364850389368, 58.98574150118031),
        (-58.84515791476808, 69.39714095844545),
        (2.2705771611294434, 1.8605476906397718),
    ]
    assert_allclose(fingerprint(grads), right)


@pytest.mark.parametrize(
    ("x_shape", "w_shape", "stride", "pad", "side"),
    [
        ((2, 3, 7, 8), (4, 3, 3, 2), 2, 1, (4, 5)),  # layers.extra.conv_stride_pad
        ((2, 2, 5, 4), (3, 2, 3, 3), 1, 0, (3, 2)),
        ((1, 2, 6, 8), (2, 2, 3, 3), 3, 1, (2, 3)),  # the last row is in no window
        ((1, 1, 3, 3), (2, 1, 5, 5), 1, 2, (3, 3)),  # the filter is larger than the image
        ((2, 3, 4, 4), (2, 3, 1, 1), 2, 0, (2, 2)),
    ],
)
def test_convolution_of_any_geometry(x_shape, w_shape, stride, pad, side):
    inputs, param = randn(x_shape, w_shape, w_shape[:1]), {"stride": stride, "pad": pad}
    out, cache = layers.conv_forward_naive(*inputs, param)
    assert out.shape == (x_shape[0], w_shape[0], *side)
    fast, fast_cache = fast_layers.conv_forward_fast(*inputs, param)
    assert_allclose(fast, out, atol=1e-12)
    (dout,) = randn(out.shape)
    grads = check_gradients(convolution(param), layers.conv_backward_naive, inputs, dout)
    for mine, theirs in zip(grads, fast_layers.conv_backward_fast(dout, fast_cache), strict=True):
        assert_allclose(theirs, mine, atol=1e-12)
    assert cache[3] is param


def test_pooling_published():  # max_pool_forward_naive.linspace
    x = np.linspace(-0.3, 0.4, num=96).reshape(2, 3, 4, 4)
    out, cache = layers.max_pool_forward_naive(x, POOL)
    assert out.shape == (2, 3, 2, 2)
    right = [[-0.26315789, -0.24842105], [-0.20421053, -0.18947368]]
    assert_allclose(out[0, 0], right, rtol=1e-7)
    assert_allclose(out[1, 2], [[0.32631579, 0.34105263], [0.38526316, 0.4]], rtol=1e-7)
    assert cache == (x, POOL)


def test_pooling_backward_published():  # max_pool_backward_naive.gradcheck
    x, dout = randn((3, 2, 8, 8), (3, 2, 4, 4))
    grads = check_gradients(pooling(POOL), layers.max_pool_backward_naive, (x,), dout, tol=1e-8)
    assert_allclose(fingerprint(grads), [(0.16427886774805778, 10.910805273131635)])


def test_pooling_of_overlapping_windows():  # layers.extra.pool_overlap
    (x,) = randn((2, 3, 7, 8))
    assert layers.max_pool_forward_naive(x, OVERLAP)[0].shape == (2, 3, 3, 4)
    (dout,) = randn((2, 3, 3, 4))
    grads = check_gradients(pooling(OVERLAP), layers.max_pool_backward_naive, (x,), dout)
    assert_allclose(fingerprint(grads), [(13.342075944914033, 9.536570060486318)])


def test_pooling_leaves_out_what_is_in_no_window():
    (x,) = randn((1, 2, 5, 7))
    assert layers.max_pool_forward_naive(x, POOL)[0].shape == (1, 2, 2, 3)
    dout = np.ones((1, 2, 2, 3))
    (dx,) = check_gradients(pooling(POOL), layers.max_pool_backward_naive, (x,), dout)
    assert not dx[:, :, 4].any()
    assert not dx[:, :, :, 6].any()


def test_of_equal_entries_only_one_gets_the_gradient():
    _, cache = layers.max_pool_forward_naive(np.zeros((1, 1, 2, 2)), POOL)
    dx = layers.max_pool_backward_naive(np.ones((1, 1, 1, 1)), cache)
    assert sorted(dx.flat) == [0, 0, 0, 1]


def test_spatial_batchnorm_in_training():  # spatial_batchnorm_forward.train_stats
    x = 4 * np.random.randn(2, 3, 4, 5) + 10
    out, _ = layers.spatial_batchnorm_forward(x, np.ones(3), np.zeros(3), {**TRAIN})
    assert out.shape == x.shape
    assert_allclose(out.mean(axis=AXES), np.zeros(3), atol=1e-10)
    assert_allclose(out.std(axis=AXES), [0.99999962, 0.99999951, 0.9999996], atol=1.1e-8)
    gamma, beta = np.asarray([3, 4, 5]), np.asarray([6, 7, 8])
    out, _ = layers.spatial_batchnorm_forward(x, gamma, beta, {**TRAIN})
    assert_allclose(out.mean(axis=AXES), beta, atol=1e-8)
    assert_allclose(out.std(axis=AXES), [2.99999885, 3.99999804, 4.99999798], atol=1.1e-8)


def test_spatial_batchnorm_in_test_mode():  # spatial_batchnorm_forward.test_stats
    bn_param = {}
    for mode in ["train"] * 50 + ["test"]:
        bn_param["mode"] = mode
        x = 2.3 * np.random.randn(10, 4, 11, 12) + 13
        out, cache = layers.spatial_batchnorm_forward(x, np.ones(4), np.zeros(4), bn_param)
    assert_allclose(out.mean(AXES), [-0.08034406, 0.07562881, 0.05716371, 0.04378383], atol=1e-6)
    assert_allclose(out.std(AXES), [0.96718744, 1.0299714, 1.02887624, 1.00585577], atol=1e-6)
    assert cache is None
    assert bn_param["running_mean"].shape == bn_param["running_var"].shape == (4,)


def test_spatial_batchnorm_backward_published():  # spatial_batchnorm_backward.gradcheck
    inputs = 5 * np.random.randn(2, 3, 4, 5) + 12, *randn((3,), (3,))
    (dout,) = randn((2, 3, 4, 5))
    grads = check_gradients(
        lambda *v: layers.spatial_batchnorm_forward(*v, {**TRAIN}),
        layers.spatial_batchnorm_backward,
        inputs,
        dout,
    )
    assert np.linalg.norm(grads[0]) == pytest.approx(1.7953231861725731)
    right = [(-6.380123127772891, 5.545717096730344), (-23.53405392588463, 14.812587537697587)]
    assert_allclose(fingerprint(grads[1:]), right)


def test_groupnorm_normalises_neighbouring_channels():  # spatial_groupnorm_forward.stats
    x = 4 * np.random.randn(2, 6, 4, 5) + 10
    ones, zeros = np.ones((1, 6, 1, 1)), np.zeros((1, 6, 1, 1))
    out, _ = layers.spatial_groupnorm_forward(x, ones, zeros, 2, {**TRAIN})
    assert out.shape == x.shape
    rows = out.reshape(4, -1)
    assert_allclose(rows.mean(axis=1), np.zeros(4), atol=1e-10)
    right = [0.99999963, 0.99999948, 0.99999973, 0.99999968]
    assert_allclose(rows.std(axis=1), right, atol=1.1e-8)


def test_groupnorm_backward_published():  # spatial_groupnorm_backward.gradcheck
    inputs = 5 * np.random.randn(2, 6, 4, 5) + 12, *randn((1, 6, 1, 1), (1, 6, 1, 1))
    (dout,) = randn((2, 6, 4, 5))
    grads = check_gradients(
        lambda *v: layers.spatial_groupnorm_forward(*v, 2, {}),
        layers.spatial_groupnorm_backward,
        inputs,
        dout,
    )
    assert np.linalg.norm(grads[0]) == pytest.approx(2.380097991217584)
    right = [(-7.65459163887391, 21.70861629650632), (22.244976236648128, 18.82644578225541)]
    assert_allclose(fingerprint(grads[1:]), right)


def test_groupnorm_with_one_group_per_image_is_layernorm():
    (x,) = randn((3, 4, 2, 5))
    ones, zeros = np.ones((1, 4, 1, 1)), np.zeros((1, 4, 1, 1))
    out, _ = layers.spatial_groupnorm_forward(x, ones, zeros, 1, {"eps": 0.1})
    flat, _ = layers.layernorm_forward(x.reshape(3, -1), np.ones(40), np.zeros(40), {"eps": 0.1})
    assert_allclose(out.reshape(3, -1), flat)


def conv_relu(x, w, b):
    return layer_utils.conv_relu_forward(x, w, b, SAME)


def conv_relu_pool(x, w, b):
    return layer_utils.conv_relu_pool_forward(x, w, b, SAME, POOL)


def conv_bn_relu(*inputs):
    return layer_utils.conv_bn_relu_forward(*inputs, SAME, {**TRAIN})


def test_convolution_with_relu():  # conv_relu.gradcheck
    inputs = randn((2, 3, 8, 8), (3, 3, 3, 3), (3,))
    (dout,) = randn((2, 3, 8, 8))
    grads = check_gradients(conv_relu, layer_utils.conv_relu_backward, inputs, dout)
    assert_allclose(fingerprint(grads[:1]), [(-0.5348087553747547, 86.51658482191999)])


def test_convolution_with_relu_and_pooling():  # conv_relu_pool.gradcheck
    inputs = randn((2, 3, 16, 16), (3, 3, 3, 3), (3,))
    (dout,) = randn((2, 3, 8, 8))
    grads = check_gradients(conv_relu_pool, layer_utils.conv_relu_pool_backward, inputs, dout)
    assert_allclose(fingerprint(grads[:1]), [(-114.10760125020727, 97.78164569219298)])


def test_convolution_with_batchnorm():
    inputs = randn((2, 3, 4, 5), (3, 3, 3, 3), (3,), (3,), (3,))
    (dout,) = randn((2, 3, 4, 5))
    backward = layer_utils.conv_bn_relu_backward

    def without_b(x, w, gamma, beta):  # the gradient of b is zero, and numerically noise
        return conv_bn_relu(x, w, inputs[2], gamma, beta)

    def grads_without_b(dout, cache):
        dx, dw, db, dgamma, dbeta = backward(dout, cache)
        assert_allclose(db, np.zeros(3), atol=1e-12)
        return dx, dw, dgamma, dbeta

    check_gradients(without_b, grads_without_b, (*inputs[:2], *inputs[3:]), dout, tol=1e-5)


def forward_passes(x, w):
    """Output of every layer for a batch of images."""
    gamma = np.ones(3, x.dtype)
    groups = gamma.reshape(1, 3, 1, 1)
    yield layers.conv_forward_naive(x, w, np.zeros(2, x.dtype), SAME)[0]
    yield layers.max_pool_forward_naive(x, OVERLAP)[0]
    for mode in ("train", "test"):
        yield layers.spatial_batchnorm_forward(x, gamma, gamma, {"mode": mode})[0]
    yield layers.spatial_groupnorm_forward(x, groups, groups, 3, {})[0]


def test_arguments_stay_as_they_are():  # layers.no_input_mutation
    x, w = randn((2, 3, 6, 6), (2, 3, 3, 3))
    before = x.copy(), w.copy()
    for _ in forward_passes(x, w):
        assert np.array_equal(x, before[0])
        assert np.array_equal(w, before[1])


def test_single_precision_stays_single():
    x, w = (a.astype(np.float32) for a in randn((2, 3, 6, 6), (2, 3, 3, 3)))
    assert {out.dtype for out in forward_passes(x, w)} == {np.dtype("float32")}


def test_images_of_bytes_can_be_filtered():
    x = np.full((1, 1, 3, 3), 200, np.uint8)
    out, _ = layers.conv_forward_naive(x, np.full((1, 1, 3, 3), 0.5), np.zeros(1), SAME)
    assert out[0, 0, 1, 1] == 900
