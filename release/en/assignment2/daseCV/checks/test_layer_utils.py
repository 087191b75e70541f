"""Visible checks of the joined layers."""

from daseCV.checks import exercise
from daseCV.compare import expect_close, expect_gradient

CONV = {"stride": 1, "pad": 1}
POOL = {"pool_height": 2, "pool_width": 2, "stride": 2}
LAYERS = "the layers it is made of first / 先检查组成它的各层"


def case(rng):
    """A batch, weights, biases and an upstream gradient."""
    x, w, b = rng.normal(size=(2, 3, 4)), rng.normal(size=(12, 10)), rng.normal(size=10)
    return x, w, b, rng.normal(size=(2, 10))


@exercise("affine_relu_forward")
def test_affine_relu_is_both(student, rng):
    """The output is what the two layers give one after the other / out 等于两层依次作用的结果"""
    x, w, b, _ = case(rng)
    out, _ = student.layer_utils.affine_relu_forward(x, w, b)
    scores, _ = student.layers.affine_forward(x, w, b)
    expect_close(out, student.layers.relu_forward(scores)[0], "out")


@exercise("affine_relu_backward")
def test_affine_relu_gradients(student, rng):
    """dx, dw and db agree with numerical gradients / dx、dw、db 与数值梯度一致"""
    x, w, b, dout = case(rng)
    forward = student.layer_utils.affine_relu_forward
    dx, dw, db = student.layer_utils.affine_relu_backward(dout.copy(), forward(x, w, b)[1])
    hint = "affine_backward and relu_backward first / 先检查 affine_backward 和 relu_backward"
    expect_gradient(dx, lambda v: forward(v, w, b)[0], x, dout, "dx", hint=hint)
    expect_gradient(dw, lambda v: forward(x, v, b)[0], w, dout, "dw", hint=hint)
    expect_gradient(db, lambda v: forward(x, w, v)[0], b, dout, "db", hint=hint)


def images(rng, *more):
    """A batch of images, filters and biases; then more parameters, one number per filter."""
    x, w = rng.normal(size=(2, 3, 6, 6)), rng.normal(size=(3, 3, 3, 3))
    return (x, w, rng.normal(size=3), *(rng.normal(size=3) for _ in more))


def expect_gradients(forward, backward, inputs, dout):
    """Every gradient agrees with the numerical one."""
    gradients = backward(dout.copy(), forward(*inputs)[1])
    for i, name in enumerate(("dx", "dw", "db", "dgamma", "dbeta")[: len(inputs)]):

        def alone(v, i=i):
            return forward(*inputs[:i], v, *inputs[i + 1 :])[0]

        expect_gradient(gradients[i], alone, inputs[i], dout, name, tol=1e-5, hint=LAYERS)


@exercise("conv_relu_forward")
def test_conv_relu_is_both(student, rng):
    """The output is what the two layers give one after the other / out 等于两层依次作用的结果"""
    inputs = images(rng)
    out, _ = student.layer_utils.conv_relu_forward(*inputs, CONV)
    responses, _ = student.fast_layers.conv_forward_fast(*inputs, CONV)
    expect_close(out, student.layers.relu_forward(responses)[0], "out")


@exercise("conv_relu_backward")
def test_conv_relu_gradients(student, rng):
    """dx, dw and db agree with numerical gradients / dx、dw、db 与数值梯度一致"""

    def forward(*inputs):
        return student.layer_utils.conv_relu_forward(*inputs, CONV)

    dout = rng.normal(size=(2, 3, 6, 6))
    expect_gradients(forward, student.layer_utils.conv_relu_backward, images(rng), dout)


@exercise("conv_bn_relu_forward")
def test_conv_bn_relu_is_all_three(student, rng):
    """The output is what the three layers give in turn / out 等于三层依次作用的结果"""
    x, w, b, gamma, beta = images(rng, "gamma", "beta")
    layer = student.layer_utils.conv_bn_relu_forward
    out, _ = layer(x, w, b, gamma, beta, CONV, {"mode": "train"})
    responses, _ = student.fast_layers.conv_forward_fast(x, w, b, CONV)
    normal = student.layers.spatial_batchnorm_forward(responses, gamma, beta, {"mode": "train"})[0]
    expect_close(out, student.layers.relu_forward(normal)[0], "out")


@exercise("conv_bn_relu_backward")
def test_conv_bn_relu_gradients(student, rng):
    """The five gradients agree with numerical gradients / 五个梯度与数值梯度一致"""

    def forward(*inputs):
        return student.layer_utils.conv_bn_relu_forward(*inputs, CONV, {"mode": "train"})

    inputs, dout = images(rng, "gamma", "beta"), rng.normal(size=(2, 3, 6, 6))
    expect_gradients(forward, student.layer_utils.conv_bn_relu_backward, inputs, dout)


@exercise("conv_relu_pool_forward")
def test_conv_relu_pool_is_all_three(student, rng):
    """The output is what the three layers give in turn / out 等于三层依次作用的结果"""
    inputs = images(rng)
    out, _ = student.layer_utils.conv_relu_pool_forward(*inputs, CONV, POOL)
    responses, _ = student.fast_layers.conv_forward_fast(*inputs, CONV)
    rectified, _ = student.layers.relu_forward(responses)
    expect_close(out, student.fast_layers.max_pool_forward_fast(rectified, POOL)[0], "out")


@exercise("conv_relu_pool_backward")
def test_conv_relu_pool_gradients(student, rng):
    """dx, dw and db agree with numerical gradients / dx、dw、db 与数值梯度一致"""

    def forward(*inputs):
        return student.layer_utils.conv_relu_pool_forward(*inputs, CONV, POOL)

    dout = rng.normal(size=(2, 3, 3, 3))
    expect_gradients(forward, student.layer_utils.conv_relu_pool_backward, images(rng), dout)
