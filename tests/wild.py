"""A module in which every name gives something that nobody expects; `SEED` chooses what."""

WILD = '''
import zlib
import numpy as np

CALLS = 0
VALUES = [
    lambda: None, lambda: -1, lambda: 2**63, lambda: 10**400, lambda: float("nan"), lambda: True,
    lambda: "text", lambda: "\\ud800", lambda: b"bytes", lambda: (), lambda: [], lambda: {},
    lambda: np.float64("inf"), lambda: np.int8(3), lambda: np.dtype("float32"), lambda: np.float32,
    lambda: np.ones(8191), lambda: np.ones((8191, 1)), lambda: np.ones((1, 8191)),
    lambda: np.zeros((8191, 0)), lambda: np.zeros((2**28, 0)), lambda: np.zeros((0, 2**28)),
    lambda: np.ones((1,) * 20), lambda: np.array(5), lambda: np.full((3, 4), np.nan),
    lambda: np.ones((2, 2), complex), lambda: np.zeros((3, 3), bool), lambda: np.ones((4, 0)),
    lambda: np.full((2, 3), 200, np.uint8), lambda: [1, [2]], lambda: (1, 2, 3, 4, 5),
    lambda: [np.ones((1, 8191)), np.ones((8191, 1))], lambda: {"\\ud800": 1, 2: None, "K!": 8191},
    lambda: {"W1": np.ones((1, 8191)), "b1": "text", "gamma1": np.zeros((0, 8191)), "K!1": 1},
    lambda: {"mode": 1, "t": "x"}, lambda: (np.ones(8191), {}), lambda: (np.ones((4, 3)), None),
    lambda: Wild(), lambda: (Wild(), Wild()),
]


def some(name):
    global CALLS
    CALLS += 1
    return VALUES[zlib.crc32(f"SEED/{name}/{CALLS}".encode()) % len(VALUES)]()


class Wild:
    def __init__(self, *arguments, **named):
        pass

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        if name == "params":
            return {f"{kind}{i}": some(kind) for kind in ("W", "b", "K!") for i in (1, 2, 3)}
        return some(name) if CALLS % 2 else Wild()

    def __call__(self, *arguments, **named):
        return some("call")

    def __getitem__(self, key):
        return some("item")

    def __setitem__(self, key, value):
        pass

    def __iter__(self):
        return iter((some("first"), some("second")))


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return Wild if name[0].isupper() else lambda *arguments, **named: some(name)
'''
