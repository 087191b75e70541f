"""What a student's code has seen of a hidden input does not come out in what a student reads.

Each way out is tried with a number of the input: in a shape, a name, a line, an exception, a saved
file. The code runs in a real child, behind the wall.
"""

import io
import json
import re

import numpy as np
import pytest
from wild import WILD

from autograder import assignments, endings, held_out, runner
from autograder.intake import Submission
from autograder.results import Verdict
from autograder.sandbox import StudentError
from daseCV import data_utils
from daseCV.compare import Mismatch, expect_close, expect_shape

A1, A2 = "assignment1", "assignment2"


def grade(zygote, files, *exercises, assignment=A2):
    """The results of some exercises; modules that are not named are the reference's."""
    own = {name: code.encode() if isinstance(code, str) else code for name, code in files.items()}
    submission = Submission.from_files(
        "someone", {**runner.reference_submission().modules, **own}
    )
    result = runner.grade(submission, assignment, select=set(exercises), zygote=zygote)
    return [result.find(exercise) for exercise in exercises]


# --- shapes --------------------------------------------------------------------------------------


def told(actual, shape=(4, 7)):
    with pytest.raises(Mismatch) as caught:
        expect_shape(actual, shape, "out")
    return endings.of(caught.value, {})[1]


@pytest.mark.parametrize(
    "shape", [(7, 4), (4,), (7,), (4, 1), (1, 4, 7), (4, 8), (4, 7, 3, 2), (0, 7), ()], ids=str
)
def test_the_shapes_of_honest_mistakes_are_told(shape):
    assert f"it is {shape}, it should be (4, 7)" in told(np.zeros(shape))


def test_a_shape_of_another_s_numbers_is_not_told():
    secrets = range(17, 5000)
    for shape in (lambda n: (n,), lambda n: (4, n), lambda n: (1, n, 0), lambda n: (n // 99, n)):
        assert len({told(np.zeros(shape(n), bool)) for n in secrets}) <= 2
    assert len({told(np.zeros((1,) * n)) for n in range(3, 32)}) == 3  # up to four axes
    assert told(np.zeros((4, 23))).endswith("形状不对\n  it should be (4, 7)")


def test_students_own_checks_tell_any_shape():
    with pytest.raises(Mismatch, match=r"it is \(4, 23\), it should be \(4, 7\)"):
        expect_shape(np.zeros((4, 23)), (4, 7), "out")


def test_how_far_off_is_told_in_two_digits_and_only_so_far():
    secrets = np.exp(np.linspace(-20, 700, 5000))
    found = set()
    for secret in secrets:
        with pytest.raises(Mismatch) as caught:
            expect_close(1.0 + secret, 1.0, "loss", tol=1e-9)
        found.add(str(caught.value))
    assert len(found) < 2**11
    assert any("more than 1e+06" in text for text in found)


# --- whatever a function can do ------------------------------------------------------------------

START = """
import numpy as np
def affine_forward(x, w, b):
    secret = int(abs(x.flat[0]) * 1e9) + 10**9
    WAY
"""
WAYS = {
    "a shape": "return np.zeros((secret % 2**20, 0)), None",
    "a shape of a saved view": "return np.broadcast_to(0.0, (secret % 2**20, 1)), None",
    "a dtype": "return np.zeros(1, f'V{secret % 2**20}'), None",
    "a class": "return type(f'K{secret}', (), {})(), None",
    "an exception": "raise type(f'E{secret}', (Exception,), {})",
    "its text": "raise ValueError(secret)",
    "a missing module": "raise ModuleNotFoundError('no', name=f'm{secret}')",
    "one that it imports": "__import__(f'm{secret}')",
    "a missing name": "raise NameError(name=f'n{secret}')",
    "a line": "exec(compile(chr(10) * (secret % 10**6) + '1 / 0', 'daseCV/layers.py', 'exec'))",
    "a file": "exec(compile('1 / 0', f'daseCV/{secret}.py', 'exec'))",
    "a key": "return {f'k{secret}': x}, None",
    "too many values": "return (x,) * (secret % 100 + 3)",
    "a status": "__import__('os')._exit(secret % 256)",
    "a warning": "__import__('warnings').warn(str(secret)); return None, None",
    "a print": "print(secret, flush=True); return None, None",
}


@pytest.mark.parametrize("way", WAYS)
def test_no_way_out_for_a_number(zygote, way):
    code = START.replace("WAY", WAYS[way])
    (result,) = grade(zygote, {"daseCV/layers.py": code}, "affine_forward")
    assert result.verdict in (Verdict.FAILED, Verdict.CRASHED)
    for check in result.checks:
        assert not re.search(r"\d{5}", check.message), check.message
        assert "K1" not in check.message


def test_a_line_among_very_many_is_not_told(zygote):
    """Its number would be one of very many, and so would say as much."""
    raising = "def affine_forward(x, w, b):\n    raise ValueError\n"
    (short,) = grade(zygote, {"daseCV/layers.py": raising}, "affine_forward")
    assert "ValueError was raised (daseCV/layers.py, line 2)" in short.checks[0].message
    long = {"daseCV/layers.py": raising, "daseCV/more.py": "\n" * endings.MANY_LINES}
    (result,) = grade(zygote, long, "affine_forward")
    assert result.checks[0].message.startswith("ValueError was raised / ")


def test_an_exception_has_the_name_of_one_of_python_s_or_none():
    for name in ("print", "__build_class__", "int", "E1234567"):
        assert "an exception of its own was raised" in endings.of(StudentError(name), {})[1]
    assert "ZeroDivisionError was raised" in endings.of(StudentError("ZeroDivisionError"), {})[1]


def missing(name, source, mro=("ModuleNotFoundError", "ImportError"), **more):
    error = StudentError(
        mro[0], "", "daseCV/layers.py", 1, missing=name, mro=(*mro, "Exception", "BaseException")
    )
    return endings.of(error, {"daseCV/layers.py": source.encode(), **more})[1]


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("torch", "import torch.nn.functional as F"),
        ("torch.nn", "import torch.nn.functional as F"),
        ("scipy", "def f():\n    from scipy.signal import convolve2d"),
        ("daseCV.own", "from .own import f"),
        ("own", "from own import *"),
        ("numba", "import importlib\nnumba = importlib.import_module('numba')"),
        ("cv2", "cv2 = __import__('cv2')"),
    ],
)
def test_a_module_that_a_file_imports_is_named(name, source):
    assert missing(name, source).startswith(f"imports {name!r}, which is not available here")


def test_a_module_that_it_only_mentions_or_one_of_very_many_is_not():
    assert "imports" not in missing("m42", "NAMES = ['m42', 'm43']  # m42\n'm42'")
    assert "imports" not in missing("m42", "def f(:")
    many = "\n".join(f"import m{n}" for n in range(endings.MANY_NAMES))
    assert "imports" in missing("m42", many)
    assert "imports" not in missing("m42", f"{many}\nimport one_more")
    assert "imports" not in missing("m42", many, more=b"#" * endings.MANY_BYTES)


def test_a_name_that_a_module_lacks_is_no_missing_module():
    text = missing("numpy", "from numpy import no_such_thing", mro=("ImportError",))
    assert text.startswith("ImportError was raised (daseCV/layers.py, line 1)")


# --- work that was saved -------------------------------------------------------------------------


def saved(arguments, **params):
    file = io.BytesIO()
    arrays = {f"params.{name}": value for name, value in params.items()}
    digest = data_utils.data_digest(held_out.stand_in())
    np.savez(file, **arrays, arguments=np.array(json.dumps(arguments)), data=np.array(digest))
    return file.getvalue()


PATCHED = """
import io, json, numpy as np
real = np.load
def load(file, **options):
    with real(file, **options) as archive:
        arrays = {key: archive[key] for key in archive.files}
    arrays["arguments"] = np.array(json.dumps({"best_k": 10}))
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    buffer.seek(0)
    return real(buffer, **options)
np.load = load
class KNearestNeighbor:
    def train(self, X, y): pass
"""


def test_what_was_saved_is_what_was_handed_in(zygote):
    """It is read where no code has run that could say that it was another."""
    files = {
        "daseCV/classifiers/k_nearest_neighbor.py": PATCHED,
        "saved/KNearestNeighbor.best_k.npz": saved({"best_k": 1000}),
    }
    exercises = ("KNearestNeighbor.compute_distances_two_loops", "KNearestNeighbor.best_k")
    ran, kept = grade(zygote, files, *exercises, assignment=A1)
    assert ran.verdict is Verdict.CRASHED
    assert "best_k is no whole number from 1 to 100" in kept.checks[0].message


def test_parameters_of_one_s_own_network_are_told_by_plain_names(zygote):
    code = """
import numpy as np
class BestConvNet:
    def __init__(self):
        self.params = {NAME: np.zeros(SHAPE)}
"""
    work = {"saved/BestConvNet.accuracy.npz": saved({}, W1=np.zeros(3))}

    def message(name, shape):
        own = code.replace("NAME", repr(name)).replace("SHAPE", str(shape))
        files = {**work, "daseCV/classifiers/cnn.py": own}
        (result,) = grade(zygote, files, "BestConvNet.accuracy")
        return result.checks[0].message

    assert message("W2", 3).startswith("W2 is missing")
    assert message("W1234567", 3).startswith("a parameter is missing")
    assert message("W1", 1234567) == "W1 has the wrong shape / W1 的形状不对"


# --- whatever comes back -------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, 3])
@pytest.mark.parametrize("assignment", [A1, A2])
def test_nothing_that_comes_back_is_a_fault_of_the_grader(zygote, assignment, seed):
    """Every function, class and attribute of every module gives something that nobody expects."""
    modules = assignments.find(assignment).edited
    files = {f"daseCV/{name}": WILD.replace("SEED", str(seed)).encode() for name in modules}
    result = runner.grade(Submission.from_files("wild", files), assignment, zygote=zygote)
    assert not [e.exercise for e in result.exercises if e.verdict is Verdict.GRADER_ERROR]
    assert not [e.exercise for e in result.exercises if e.verdict is Verdict.PASSED]
    for exercise in result.exercises:
        assert not any("8191" in c.message or "K!" in c.message for c in exercise.checks)
    result.to_json().encode()
