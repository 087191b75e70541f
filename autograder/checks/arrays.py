"""Arrays as the checks of layers give them to a student's function, and take them from it."""

import numpy as np

from daseCV.compare import expect_close

MOST_NUMBERS = 10_000  # of a history


def single(*arrays):
    """The arrays in single precision."""
    return [array.astype(np.float32) for array in arrays]


def row(value):
    """A row without extra axes of length one, which cost checks beyond the notebook only."""
    return value.ravel() if isinstance(value, np.ndarray) else value


def series(values):
    """A history of numbers as an array; anything else stays what it is, which fits nothing."""
    if isinstance(values, list | tuple):
        kinds = int | float | np.generic | np.ndarray
        flat = all(isinstance(value, kinds) and np.ndim(value) == 0 for value in values)
    else:
        flat = isinstance(values, np.ndarray) and values.size <= MOST_NUMBERS
    return np.array(values, dtype=float) if flat else values


def expect_unchanged(names, given, after):
    """The arguments of these names are after the call what was given."""
    for name, was, now in zip(names, given, after, strict=True):
        expect_close(now, was, name=f"{name} after the call", tol=0.0)
