"""Compares what code returned with what is right, and says in words what is wrong.

Both sides use it: the visible checks of a student and the hidden ones of the grader. The order of a
comparison is type, shape, dtype kind, finite, values. No message holds an expected value.
"""

import numpy as np

MUCH = 1e6  # who is off by more is told no number
STEPS = (1e-5, 1e-6, 1e-7)  # of the centred difference; a smaller one steps over fewer kinks


class Mismatch(AssertionError):  # noqa: N818, it is a finding, not an error of the program
    """What a comparison found wrong.

    Parameters
    ----------
    what : str
        One sentence, "English / 中文".
    detail : str
        Where, how much and what is allowed; may be empty.
    hint : str
        The likely mistake, "English / 中文"; may be empty.
    """

    def __init__(self, what, detail="", hint=""):
        super().__init__(what)
        self.what, self.detail, self.hint = what, detail, hint

    def __str__(self):
        hint = f"hint / 提示: {self.hint}" if self.hint else ""
        return "\n  ".join(line for line in (self.what, self.detail, hint) if line)


class ShapeMismatch(Mismatch):
    """A shape that is `found` and should be `wanted`."""

    def __init__(self, what, found, wanted, hint=""):
        super().__init__(what, f"it is {found}, it should be {wanted}", hint)
        self.found, self.wanted = found, wanted


def expect(condition, what, hint=""):
    """Raise `Mismatch` with the sentence `what` unless `condition` holds."""
    if not condition:
        raise Mismatch(what, hint=hint)


def expect_shape(actual, shape, name, hint=""):
    """Raise `Mismatch` unless `actual` is an array of this shape, or a number where it is ().

    Parameters
    ----------
    actual : object
        What the code returned.
    shape : tuple of int
        The shape it should have.
    name : str
        What messages call it.
    """
    shape = tuple(shape)
    wanted = f"an array of shape {shape}" if shape else "a number"
    if not isinstance(actual, np.ndarray | np.generic) and (shape or not _is_number(actual)):
        known = type(actual).__module__ == "builtins"  # others mean nothing to a student
        found = f"of type {type(actual).__name__}" if known else "something else"
        found = f"{found}; it should be {wanted}"
        found = "None: is it computed, and returned?" if actual is None else found
        english, chinese = ("an array", "数组") if shape else ("a number", "一个数")
        raise Mismatch(f"{name} is not {english} / {name} 不是{chinese}", f"it is {found}", hint)
    if np.shape(actual) != shape:
        what = f"{name} has the wrong shape / {name} 的形状不对"
        raise ShapeMismatch(what, np.shape(actual), shape, hint)


def expect_close(actual, expected, name, tol=1e-7, hint=""):
    """Raise `Mismatch` unless `actual` agrees with `expected`, entry by entry.

    Parameters
    ----------
    actual : object
        What the code returned.
    expected : array_like
        What is right; a number for a scalar.
    name : str
        What messages call it.
    tol : float
        Largest relative error ``|x - y| / max(floor, |x| + |y|)``. The floor is a thousandth of the
        largest expected entry, so that noise beside zero is forgiven.
    """
    expected = np.asarray(expected)
    x = _numbers_of(actual, expected, name, hint)
    y = expected.astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        _report(name, np.abs(x - y), _relative(x, y, _floor(y)), tol, hint)


def expect_labels(actual, expected, name, hint=""):
    """Raise `Mismatch` unless `actual` holds the same class labels; they may be floats."""
    expected = np.asarray(expected)
    _expect_kind(actual, expected.shape, "fiub", name, hint)
    wrong = np.asarray(actual != expected)
    if wrong.any():
        what = f"{name} has wrong labels / {name} 的类别不对"
        where = _entry(name, _first(wrong))
        raise Mismatch(what, f"{wrong.sum()} of {wrong.size} differ, the first is {where}", hint)


def expect_gradient(actual, f, x, dout, name, tol=1e-6, hint=""):
    """Raise `Mismatch` unless `actual` is the gradient of ``sum(f(x) * dout)`` at `x`, as measured.

    Parameters
    ----------
    actual : object
        The gradient that the code returned; it should have the shape of `x`.
    f : callable
        The forward pass as a function of `x` alone. It gets a fresh copy each time.
    x : ndarray
        Where the gradient is taken.
    dout : array_like
        Upstream gradient, in the shape of ``f(x)``; 1.0 for a loss.
    name : str
        What messages call the gradient.
    tol : float
        Largest relative error to the centred difference. An entry that fails is measured again with
        smaller steps: the first may have stepped over a kink.
    """
    x, dout = np.asarray(x, dtype=np.float64), np.asarray(dout)
    mine = _numbers_of(actual, x, name, hint)
    start = f(x.copy())
    expect_shape(start, dout.shape, f"the output that {name} belongs to")
    noise = 1e-15 * np.sum(np.abs(np.asarray(start) * dout))  # the rounding of a sum
    off, relative, scale = np.full(x.shape, np.inf), np.full(x.shape, np.inf), 0.0
    for h in STEPS:
        again = ~(relative <= tol)
        y = _differences(f, x, dout, h, again)
        _expect_measurable(y, name)
        scale = max(scale, _floor(y))
        error = _relative(mine, y, max(scale, noise / h / tol))
        better = again & (error < relative)
        off[better], relative[better] = np.abs(mine - y)[better], error[better]
        if (relative <= tol).all():
            return
    _report(name, off, relative, tol, hint)


def _differences(f, x, dout, h, where):
    """Centred differences of ``sum(f(x) * dout)`` at the entries in `where`, 0 elsewhere."""
    gradient = np.zeros(x.shape)
    for index in zip(*np.nonzero(where), strict=True) if x.shape else [()]:
        sides = []
        for step in (h, -h):
            moved = x.copy()
            moved[index] += step
            sides.append(np.sum(np.asarray(f(moved), dtype=np.float64) * dout))
        gradient[index] = (sides[0] - sides[1]) / (2 * h)
    return gradient


def _expect_measurable(gradient, name):
    if not np.isfinite(gradient).all():
        what = f"{name} cannot be checked: the forward pass gives nan or inf"
        raise Mismatch(f"{what} / 无法检查 {name}：前向传播得到 nan 或 inf")


def _is_number(value):
    return isinstance(value, int | float) and not isinstance(value, bool)


def _numbers_of(actual, expected, name, hint):
    """`actual` as float64 when type, shape, kind and finiteness are right."""
    kinds = "f" if expected.dtype.kind == "f" and expected.shape else "fiub"
    _expect_kind(actual, expected.shape, kinds, name, hint)
    values = np.asarray(actual, dtype=np.float64)
    bad = ~np.isfinite(values)
    if bad.any():
        what = f"{name} has entries that are nan or inf / {name} 含有 nan 或 inf"
        where = _entry(name, _first(bad))
        raise Mismatch(what, f"{bad.sum()} of {bad.size} entries, the first is {where}", hint)
    return values


def _expect_kind(actual, shape, kinds, name, hint):
    expect_shape(actual, shape, name, hint)
    dtype = np.asarray(actual).dtype
    if dtype.kind not in kinds:
        wanted = "floating point" if kinds == "f" else "a kind of number"
        found = f"its dtype is {dtype}, it should be {wanted}"
        raise Mismatch(f"{name} has the wrong kind of numbers / {name} 的数据类型不对", found, hint)


def _floor(expected):
    scale = np.max(np.abs(expected), initial=0.0)
    return max(1e-6, 1e-3 * (scale or 1.0))


def _relative(x, y, floor):
    return np.abs(x - y) / np.maximum(floor, np.abs(x) + np.abs(y))


def _report(name, off, relative, tol, hint):
    wrong = ~(relative <= tol)  # so that nan counts as wrong
    if not wrong.any():
        return
    worst = np.unravel_index(np.argmax(relative), relative.shape)
    much = f"{off[worst]:.2g}" if off[worst] < MUCH else f"more than {MUCH:.0e}"
    size = f"off by {much} (relative {relative[worst]:.2g}, allowed {tol:.0e})"
    if relative.shape == ():
        raise Mismatch(f"{name} has a wrong value / {name} 的数值不对", f"it is {size}", hint)
    count = f"{wrong.sum()} of {wrong.size} entries differ"
    what = f"{name} has wrong values / {name} 的数值不对"
    raise Mismatch(what, f"{count}; the worst, {_entry(name, worst)}, is {size}", hint)


def _first(mask):
    return np.unravel_index(np.argmax(mask), mask.shape)


def _entry(name, index):
    return f"{name}[{', '.join(str(int(i)) for i in index)}]" if index else name
