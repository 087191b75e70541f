"""How the normalisation of rows is judged: what batch and layer normalisation share.

Tolerances are wide enough for an epsilon that stands outside the root.
"""

import numpy as np
import pytest

from autograder.checks.arrays import row
from daseCV.compare import expect_close, expect_gradient, expect_shape

CLOSE = 1e-4  # relative, against an epsilon outside the root; single precision is as near
GRADIENTS = ["dx", "dgamma", "dbeta"]
PLACES = pytest.mark.parametrize("place", [0, 1, 2], ids=GRADIENTS)


def batch(rng, N=6, D=5):
    """A batch far from zero, gamma, beta and an upstream gradient."""
    x = 5 * rng.normal(size=(N, D)) + 12
    return x, rng.normal(size=D), rng.normal(size=D), rng.normal(size=(N, D))


def published_batch():
    """The batch of batchnorm_backward.gradcheck and layernorm_backward.gradcheck."""
    draw = np.random.RandomState(231).randn
    return 5 * draw(4, 5) + 12, draw(5), draw(5), draw(4, 5)


def expect_published(gradients, totals, norms):
    """Sums and norms that the reference has on the published batch."""
    dx, dgamma, dbeta = gradients  # `*gradients` would try to hold whatever somebody returned
    expect_shape(dx, (4, 5), name="dx")
    expect_close(np.linalg.norm(dx), norms[0], name="norm(dx)", tol=CLOSE)
    for name, value, total, norm in zip(
        ["dgamma", "dbeta"], (dgamma, dbeta), totals, norms[1:], strict=True
    ):
        expect_shape(row(value), (5,), name=name)
        expect_close(np.sum(value), total, name=f"sum({name})", tol=CLOSE)
        expect_close(np.linalg.norm(value), norm, name=f"norm({name})", tol=CLOSE)


def expect_slope(gradients, out_of, inputs, dout, place):
    """One of the gradients agrees with the slope of the output `out_of(x, gamma, beta)`."""

    def out(value):
        return out_of(*inputs[:place], value, *inputs[place + 1 :])

    found = row(gradients[place]) if place else gradients[place]
    expect_gradient(found, out, inputs[place], dout, name=GRADIENTS[place], tol=CLOSE)
