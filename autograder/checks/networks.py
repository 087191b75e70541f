"""How networks are judged: their starts, their gradients, and the kit's network beside them.

`net` is the student's network and `kit` the right one, of the same sizes.
"""

import numpy as np

from daseCV.classifiers.fc_net import FullyConnectedNet
from daseCV.compare import expect, expect_close, expect_gradient

L2 = "the regularisation: which parameters, which factor? / 检查正则化：哪些参数？系数是多少？"


def hint_of(kit):
    """What to look at first, for a network that is regularised."""
    return L2 if kit.reg else ""


def expect_spread(W, scale, name):
    """Weights are draws with mean 0 and the scale as standard deviation."""
    expect_close(np.std(W), scale, name=f"std({name})", tol=0.05)
    centred = abs(np.mean(W)) < scale / 5
    expect(centred, f"the mean of {name} is not 0 / {name} 的均值不为零")


def expect_gaussian(W, scale, name):
    """Of weights with that standard deviation, as many are large as of Gaussian ones."""
    share = np.mean(np.abs(W) > 2 * scale)  # 4.6 % lie beyond two standard deviations
    expect(0.03 < share < 0.065, f"{name} is not Gaussian / {name} 不服从高斯分布")


def randomise(net, kit, rng, scale):
    """Give both networks the same random parameters, biases too."""
    for name, value in kit.params.items():
        kit.params[name] = rng.normal(scale=scale, size=value.shape).astype(value.dtype)
        net.params[name] = kit.params[name]


def expect_gradients(student, net, kit, X, y, names=None, tol=1e-6):
    """These gradients, or all, are there and agree with the kit's."""
    grads, (_, right) = student.fetch(net.loss(X, y)[1]), kit.loss(X, y)
    for name in names or sorted(right):
        expect(name in grads, f"grads has no {name} / grads 中缺少 {name}")
        expect_close(grads[name], right[name], f"grads['{name}']", tol, hint_of(kit))


def deep_networks(student, rng, depth, N=4, reg=0.0, dtype=np.float64):
    """A student's network of `depth` layers and the kit's, N small images and their labels."""
    hidden = [7, 6, 8, 5][: depth - 1]
    options = {"input_dim": 12, "num_classes": 4, "reg": reg, "dtype": dtype}
    net = student.fc_net.FullyConnectedNet(hidden, **options)
    kit = FullyConnectedNet(hidden, **options)
    randomise(net, kit, rng, scale=0.7)
    return net, kit, rng.normal(size=(N, 3, 2, 2)), rng.choice(4, N)


def expect_slopes(grads, kit, X, y, names, hint="", **options):
    """These gradients are there and agree with the slope of the kit's loss."""
    params = kit.params
    for name in names:

        def loss(value, name=name):
            kit.params = {**params, name: value}
            found, _ = kit.loss(X, y, **options)
            kit.params = params
            return found

        expect(name in grads, f"grads has no {name} / grads 中缺少 {name}")
        what = f"grads['{name}']"
        expect_gradient(grads[name], loss, params[name], 1.0, name=what, hint=hint)
