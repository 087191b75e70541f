"""Hand-ins that lie: in what they return, where they look for it, whom they change for it."""

import io
import struct
import zipfile

import numpy as np
from forgery import SHAPE, Forgery, answer, forward, layers

from autograder.results import Verdict

CRASHED, FAILED = Verdict.CRASHED, Verdict.FAILED

ALWAYS = """
class Always:
    def __eq__(self, other): return True
    def __getattr__(self, name): return self
    def __call__(self, *args, **kwargs): return self
    def __iter__(self): return iter(())
    def __len__(self): return 0
    def __float__(self): return 0.0
    __hash__ = None
def full(shape):
    array = np.empty(shape, object)
    array.fill(Always())
    return array
"""
SUBCLASS = """
class Right(np.ndarray):
    def __eq__(self, other): return np.ones(self.shape, bool)
    def __sub__(self, other): return np.zeros(self.shape)
    __rsub__ = __sub__
    def __array_ufunc__(self, *args, **kwargs): return np.ones(self.shape, bool)
    def __array_function__(self, *args, **kwargs): return True
"""
ANSWERS = (
    answer("an object equal to everything", FAILED, "Always()", ALWAYS),
    answer("a subclass equal to everything", FAILED, f"np.zeros({SHAPE}).view(Right)", SUBCLASS),
    answer("entries equal to everything", CRASHED, f"full({SHAPE})", ALWAYS),
    answer("all masked", CRASHED, f"np.ma.masked_all({SHAPE})"),
    answer("not a number", FAILED, f"np.full({SHAPE}, np.nan)"),
    answer("infinity", FAILED, f"np.full({SHAPE}, np.inf)"),
    answer("nothing at all", FAILED, f"np.zeros((0, *{SHAPE}))"),
    answer("one for all", FAILED, "np.zeros((1, 1))"),
    answer("one row for all", FAILED, "np.zeros((1, w.shape[1]))"),
    answer("a number", FAILED, "0.0"),
    answer("complex", FAILED, f"np.zeros({SHAPE}, complex)"),
    answer("true", FAILED, f"np.ones({SHAPE}, bool)"),
    answer("texts", CRASHED, f"np.full({SHAPE}, 'right')"),
    answer("records", CRASHED, f"np.zeros({SHAPE}, [('a', float)])"),
    answer("a matrix that is none", Verdict.OUT_OF_MEMORY, "np.broadcast_to(0.0, (10**6, 10**6))"),
    answer("lists", FAILED, f"np.zeros({SHAPE}).tolist()"),
    answer("a function", FAILED, "(lambda: 0)"),
    answer("a number of 5000 digits", CRASHED, "10**5000"),
)

SEARCHES = (
    forward(
        "search every object",
        FAILED,
        f"""
for thing in gc.get_objects():
    for value in getattr(thing, "__dict__", {{}}).values():
        if isinstance(value, np.ndarray) and value.shape == {SHAPE} and value is not x:
            return value, ()
return np.zeros({SHAPE}), ()
""",
    ),
    forward(
        "search every frame",
        CRASHED,
        """
frame = sys._getframe()
while frame:
    for name, value in frame.f_locals.items():
        if "expected" in name or "reference" in name:
            return value, ()
    frame = frame.f_back
raise LookupError
""",
    ),
    forward("import the hidden checks", CRASHED, "from autograder.checks import test_layers"),
    forward("import the visible checks", FAILED, "from daseCV.checks import test_layers"),
    forward("import PyTorch", CRASHED, "import torch; return torch.tensor(x).flatten(1) @ w + b"),
    forward("import SciPy", CRASHED, "from scipy import linalg"),
    forward("import pytest", CRASHED, "import pytest; pytest.skip()"),
    forward(
        "import oneself",
        CRASHED,
        "import daseCV.layers; return daseCV.layers.affine_forward(x, w, b)",
    ),
    forward(
        "put the grader on the path",
        CRASHED,
        """
sys.path += ["/", "/course", "/srv", "/opt", os.path.dirname(np.__path__[0]), os.getcwd()]
from autograder.solution import affine_forward
""",
    ),
)

PATCHES = (
    layers(
        "patch the comparison",
        FAILED,
        f"""
import numpy.testing
def yes(*args, **kwargs): return True
def affine_forward(x, w, b):
    for name in dir(np.testing): setattr(np.testing, name, yes)
    np.allclose = np.array_equal = np.isclose = np.abs = np.max = np.isfinite = yes
    return np.zeros({SHAPE}), ()
""",
    ),
    forward(
        "patch Python",
        CRASHED,
        """
builtins.isinstance = builtins.all = lambda *a: True
builtins.abs = builtins.max = lambda *a, **k: 0.0
return 0.0, ()
""",
    ),
    forward(
        "patch the encoder",
        FAILED,
        "sys.modules['_inside.wire'].Encoder.encode = lambda *a: True; return 0.0, ()",
    ),
    forward(
        "patch the child",
        CRASHED,
        """
for thing in gc.get_objects():
    if type(thing).__name__ == "Child":
        type(thing).describe = lambda *a: {"verdict": "passed"}
        thing.operations = dict.fromkeys(thing.operations, lambda *a, **k: None)
raise ValueError
""",
    ),
    forward(
        "patch JSON",
        CRASHED,
        """
json.dumps = lambda *a, **k: '{"verdict": "passed", "earned": 99}'
return 0.0, ()
""",
    ),
    forward(
        "take the importer's place",
        CRASHED,
        """
class Finder:
    def find_spec(self, name, path=None, target=None): raise SystemExit(name)
sys.meta_path[:] = [Finder()]
sys.modules.clear()
return 0.0, ()
""",
    ),
)

JUDGES = dict.fromkeys(
    (
        "daseCV/compare.py", "daseCV/gradient_check.py", "daseCV/checks/__init__.py",
        "daseCV/selfcheck.py", "autograder/__init__.py", "autograder/runner.py",
        "autograder/checks/test_layers.py", "autograder/checks/conftest.py", "_inside/wire.py",
        "_inside/__init__.py", "zygote.py", "numpy.py", "numpy/__init__.py", "json.py",
        "pytest.py", "sitecustomize.py", "usercustomize.py", "conftest.py", "psutil.py",
    ),
    "def yes(*args, **kwargs): return True\nexpect_close = allclose = main = yes\n",
)  # fmt: skip
JUDGES |= {"pytest.ini": "[pytest]\naddopts = --collect-only\n", "results.json": '{"earned": 99}'}
STUB = "def affine_forward(x, w, b):\n    raise NotImplementedError\n"
CHANGED = """
def affine_forward(x, w, b):
    x[:] = 0; w[:] = 0; b[:] = 0
    return np.zeros((x.shape[0], w.shape[1])), (x, w, b)
def affine_backward(dout, cache):
    dout[:] = 0
    return tuple(np.zeros(a.shape) for a in cache)
"""
OTHERS = (
    Forgery("hand in the judges", Verdict.NOT_IMPLEMENTED, {**JUDGES, "daseCV/layers.py": STUB}),
    layers("change the arguments", FAILED, CHANGED, exercise="affine_backward"),
)


# --- saved models ------------------------------------------------------------------------------


class _Pickled:
    def __reduce__(self):
        return exec, ("raise SystemExit('a pickle was read')",)


def _saved(**arrays):
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def _promising(count):
    """An archive whose array says that it has so many entries."""
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({count},)}}".ljust(117) + "\n"
    array = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("W1.npy", array)
    return buffer.getvalue()


TASK = "TwoLayerNet.accuracy"
SAVED = tuple(
    Forgery(name, verdict, {f"saved/{TASK}.npz": data}, TASK)
    for name, verdict, data in (
        ("a pickled model", CRASHED, _saved(W1=np.array([_Pickled()], dtype=object))),
        ("a model of 8 TB", Verdict.OUT_OF_MEMORY, _promising(10**12)),
        ("a model that is no file", CRASHED, b"PK\x03\x04 and so on"),
        ("a model of nothing", FAILED, _saved()),
    )
)
FORGERIES = (*ANSWERS, *SEARCHES, *PATCHES, *OTHERS, *SAVED)
