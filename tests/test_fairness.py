"""What honest students do beside the exercise costs nothing: the reference earns all its points.

Every habit is laid over the solved package; what it may cost, if anything, is said beside it.
"""

import multiprocessing
import re
import textwrap

import pytest

from autograder import HOME, assignments, graded, runner
from autograder.intake import Submission
from autograder.results import Verdict

A1, A2 = "assignment1", "assignment2"
LAYERS = "daseCV/layers.py"
EXERCISES = ("affine_forward", "affine_backward", "dropout_forward", "adam", "TwoLayerNet.loss")


@pytest.fixture(scope="module")
def solved():
    return runner.reference_submission().modules


@pytest.fixture
def grade(zygote, solved):
    """Grade the solved package with some files changed or added."""

    def grade(changes, exercises=EXERCISES, assignment=A2):
        submission = Submission.from_files("someone", {**solved, **changes})
        return runner.grade(submission, assignment, select=set(exercises), zygote=zygote)

    return grade


def loses(result):
    """Exercises that lost points, with what is said of the first check that did not pass."""
    return {
        e.exercise: next(c.message or c.verdict.value for c in e.checks if c.verdict != "passed")
        for e in result.exercises if e.earned != e.possible
    }  # fmt: skip


# --- what stands at the top of a module ----------------------------------------------------------

HABITS = {
    "a warning": "import sys, warnings; warnings.warn('deprecated'); sys.stderr.write('oops')",
    "warnings off": "import warnings; warnings.filterwarnings('ignore')",
    "a print": "print('loading layers ...', np.zeros(3))",
    "a flood of prints": "for _ in range(20000): print('x' * 500)",
    "another folder": "import os; os.chdir('/')",
    "its own folder": "import os; os.chdir(os.path.dirname(os.path.abspath('.')) or '/')",
    "a path": "import sys; sys.path.append('..'); sys.path.insert(0, '/content/drive/MyDrive')",
    "no path": "import sys; sys.path.clear()",
    "two seconds of sleep": "import time; time.sleep(2)",
    "two seconds of work": (
        "import time; t = time.process_time() + 2\nwhile time.process_time() < t: pass"
    ),
    "a main block": "if __name__ == '__main__':\n    import sys; sys.exit(main())",
    "tests of its own": "def test_me(): assert False\ndef _try(): raise SystemExit",
    "a plot": """
        import matplotlib
        matplotlib.use('Agg')
        import matplotlib.pyplot as plt
        from matplotlib.gridspec import GridSpec
        fig, axes = plt.subplots(1, 2, figsize=(8, 4))
        axes[0].plot(np.arange(3)); plt.imshow(np.zeros((3, 3))); plt.savefig('x.png'); plt.show()
        (line,) = plt.plot(np.arange(3)); line.set_color('r'); counts, bins, bars = plt.hist([1, 2])
        axes[1].set_ylim(0, 1.1 * axes[1].get_ylim()[1]); print(matplotlib.__version__)
    """,
    "a plot of seaborn": """
        import seaborn as sns
        sns.set_theme(); sns.heatmap(np.eye(3)); print(sns.__version__)
    """,
    "IPython": """
        from IPython import get_ipython
        from IPython.display import display, clear_output
        display(np.eye(2))
        if get_ipython() is not None:
            get_ipython().run_line_magic('load_ext', 'autoreload')
    """,
    "a bar": """
        from tqdm import tqdm, trange
        for _ in tqdm(range(3), desc='x'): tqdm.write('here')
        def _bars():
            with tqdm(total=3) as bar:
                bar.update(1); bar.set_description('x'); bar.set_postfix(loss=1.0)
                assert (bar.n, len(bar)) == (1, 3)
        _bars()
        bar = tqdm(total=9); bar.update(2); bar.close()
    """,
    "floating point": "np.seterr(all='ignore'); np.errstate(all='raise')",
    "floating point, loud": "np.seterr(divide='raise', invalid='raise', over='raise')",
    "print options": "np.set_printoptions(precision=2, suppress=True, threshold=3)",
    "seeds": "import random; random.seed(0); np.random.seed(231); rng = np.random.default_rng(3)",
    "recursion": "import sys; sys.setrecursionlimit(10**6)",
    "collecting garbage": "import gc; gc.disable(); gc.collect()",
    "a log": """
        import logging
        logging.basicConfig(level=logging.DEBUG)
        log = logging.getLogger(__name__); log.info('here'); log.error('%s', np.zeros(2))
    """,
    "types": """
        from __future__ import annotations
        from typing import TYPE_CHECKING, Generic, NamedTuple, Optional, TypeVar, overload
        if TYPE_CHECKING:
            import torch
            from numpy.typing import NDArray
        def later(x: NDArray) -> NotThereYet: return x
        T = TypeVar('T')
        class Box(Generic[T]):
            value: Optional[T] = None
        class Shape(NamedTuple):
            n: int
            d: int = 3
        Shape(1)
    """,
    "dataclasses": """
        from dataclasses import dataclass, field
        from enum import Enum, auto
        from functools import lru_cache, partial, wraps
        @dataclass(frozen=True)
        class Config:
            size: int = 3
            names: list = field(default_factory=list)
        class Mode(Enum):
            TRAIN = auto()
        @lru_cache(maxsize=None)
        def cached(n): return Config(n)
        cached(3)
    """,
    "modules it never uses": """
        import argparse, ast, asyncio, collections, concurrent.futures, contextlib, copy, csv
        import ctypes, decimal, fractions, glob, gzip, hashlib, heapq, http.client, importlib
        import inspect, io, itertools, json, logging, math, multiprocessing, operator, os, pathlib
        import pdb, pickle, platform, pprint, queue, re, shutil, signal, socket, statistics
        import string, subprocess, sys, tempfile, textwrap, threading, time, timeit, traceback
        import unittest, urllib.request, uuid, warnings, weakref, zipfile
        from multiprocessing import Pool
        from numpy.lib.stride_tricks import as_strided, sliding_window_view
        lock = threading.Lock()
        with lock: pass
    """,
    "what an editor imports by itself": """
        import curses, readline, sqlite3, ssl, tkinter as tk
        from tkinter import W, Y
        from tkinter.tix import Tree
        from turtle import forward, shape
        from sqlite3 import Row
    """,
    "who and where it is": """
        import getpass, locale, os, pathlib
        DATA = pathlib.Path.home() / "datasets"
        print(getpass.getuser(), os.path.expanduser("~/x"), locale.setlocale(locale.LC_ALL, ""))
    """,
    "a thread": """
        import threading
        threading.Thread(target=print, daemon=True).start()
    """,
    "old Python": """
        from __future__ import print_function, division, absolute_import
        from builtins import range, object
        from past.builtins import xrange
        from six.moves import cPickle
        from future import standard_library
        standard_library.install_aliases()
    """,
    "Colab, if it is there": """
        try:
            from google.colab import drive
            drive.mount('/content/drive')
            IN_COLAB = True
        except ImportError:
            IN_COLAB = False
        try:
            import google.colab
        except:
            pass
    """,
    "libraries, if they are there": """
        try:
            import torch
            HAVE = torch.cuda.is_available()
        except ImportError:
            torch, HAVE = None, False
        try:
            from numba import njit
        except ModuleNotFoundError:
            njit = lambda f: f
        try:
            import cupy as xp
        except Exception:
            xp = np
    """,
    "the environment": "import os; os.environ['OMP_NUM_THREADS'] = os.environ.get('N', '4')",
    "an exit handler": "import atexit; atexit.register(lambda: 1 / 0)",
    "a signal handler": "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)",
    "state between calls": """
        CALLS, CACHE = 0, {}
        def _count(*arguments):
            global CALLS
            CALLS += 1
            CACHE[CALLS] = arguments
    """,
    "itself": "import daseCV.layers\nfrom daseCV import layers as me\nfrom . import layers",
    "what the kit provides": """
        from daseCV.fast_layers import conv_forward_fast
        from daseCV.im2col import im2col
        from .gradient_check import eval_numerical_gradient
    """,
    "what belongs to notebooks": """
        from daseCV.selfcheck import check
        from daseCV.checks.process import run
        check("affine_forward")
    """,
}
FIRST = {"types", "old Python"}  # `from __future__` stands before all else


@pytest.mark.parametrize("habit", HABITS)
def test_habits_cost_nothing(grade, solved, habit):
    code, text = textwrap.dedent(HABITS[habit]).strip("\n") + "\n", solved[LAYERS].decode()
    text = code + text if habit in FIRST else f"import numpy as np\n{code}\n{text}\n{code}"
    assert loses(grade({LAYERS: text.encode()})) == {}


# --- what the wall refuses costs what stands on it -----------------------------------------------

REFUSED = {
    "a file": "with open('log.txt', 'w') as log: log.write('here')",
    "a pickle": "import pickle\npickle.dump({'a': 1}, open('cache.pkl', 'wb'))",
    "an array": "np.save('cache.npy', np.zeros(3))",
    "a folder": "import os\nos.makedirs('out/plots', exist_ok=True)",
    "a file that is not there": "DATA = np.load('weights.npy')",
    "a log file": "import logging\nlogging.basicConfig(filename='debug.log')",
    "a program": "import subprocess\nsubprocess.run(['ls'])",
    "a download": "import urllib.request\nurllib.request.urlretrieve('http://x.example/y', 'y')",
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_the_wall_refuses_at_import_costs_nothing_else(grade, solved, what):
    text = f"import numpy as np\n{REFUSED[what]}\n".encode() + solved[LAYERS]
    assert loses(grade({LAYERS: text})) == {}


def test_what_stands_on_it_says_so(grade, solved):
    text = b"import numpy as np\nSCALE = np.load('scale.npy')\n" + solved[LAYERS]
    text = text.replace(b"out = x * mask", b"out = x * mask * SCALE")
    (name, said), *more = loses(grade({LAYERS: text})).items()
    assert name == "dropout_forward"
    assert said.startswith("FileNotFoundError was raised (daseCV/layers.py, line 2)")
    assert not more


# --- what was only tried out -----------------------------------------------------------------

TRIED = {
    "the fast layers": """
        from daseCV.fast_layers import conv_forward_fast
        _c = np.ones((1, 1, 4, 4)), np.ones((1, 1, 3, 3)), np.zeros(1), {"stride": 1, "pad": 1}
        assert np.allclose(conv_forward_naive(*_c)[0], conv_forward_fast(*_c)[0])
        _fast = conv_forward_fast(*_c)
    """,
    "a check that does not hold": "assert affine_forward(1, 2, 3) == 0\n1 / 0",
    "a cell's last lines": "get_ipython().run_line_magic('matplotlib', 'inline')\ndisplay(X_train)",
    "a time zone": "from zoneinfo import ZoneInfo\nTZ = ZoneInfo('Asia/Shanghai')",
    "a version": "import importlib.metadata\nNUMPY = importlib.metadata.version('numpy')",
    "a part of a library": "import importlib.util\nHAVE = importlib.util.find_spec('torch.nn')",
    "limits of a plot": """
        import matplotlib.pyplot as plt
        lo, hi = plt.ylim()
        print(len(plt.get_fignums()))
    """,
    "a table of logs": """
        import logging.config
        logging.config.dictConfig({
            "version": 1, "root": {"handlers": ["file"]},
            "handlers": {"file": {"class": "logging.FileHandler", "filename": "run.log"}},
        })
    """,
}


@pytest.mark.parametrize("what", TRIED)
def test_what_was_only_tried_out_costs_nothing(grade, solved, what):
    code = textwrap.dedent(TRIED[what]).encode()
    exercises = ("affine_forward", "conv_forward_naive", "max_pool_forward_naive")
    assert loses(grade({LAYERS: solved[LAYERS] + code}, exercises)) == {}


def test_an_exercise_that_such_a_line_should_have_made_names_it(grade, solved):
    missing = solved[LAYERS].replace(b"def affine_forward", b"def _affine_forward")
    said = loses(grade({LAYERS: missing + b"affine_forward = 1 / 0\n"}))
    line = missing.count(b"\n") + 1
    assert said["affine_forward"].startswith(
        f"ZeroDivisionError was raised (daseCV/layers.py, line {line})"
    )
    assert set(said) == {"affine_forward"}


# --- loops over what is no library here ------------------------------------------------------

LOOPS = {
    "tqdm": ("from tqdm import tqdm", "tqdm(range(n), total=n, desc='x')"),
    "trange": ("from tqdm.auto import trange", "trange(n)"),
    "tqdm_notebook": ("from tqdm import tqdm_notebook", "tqdm_notebook(range(n))"),
    "tqdm.notebook": ("from tqdm import notebook", "notebook.tqdm(enumerate(range(n)))"),
    "tqdm.auto": ("import tqdm.auto", "tqdm.auto.tqdm(np.arange(n))"),
    "iteritems": ("import six", "six.iteritems(dict.fromkeys(range(n)))"),
    "iteritems of future": ("from future.utils import iteritems", "iteritems(dict(enumerate(x)))"),
    "moves": ("import six", "six.moves.range(n)"),
    "range of past": ("from past.builtins import range", "range(n)"),
    "range of future": ("from future import builtins", "builtins.range(n)"),
    "reduce": ("from six.moves import reduce", "range(reduce(lambda a, b: a + b, [1] * n))"),
    "strings": ("from six import string_types", "range(n if isinstance('', string_types) else 0)"),
    "strings of past": ("from past.builtins import basestring",
                        "range(n if isinstance('', basestring) else 0)"),
    "Python 3": ("import six", "range(0 if six.PY2 else n)"),
    "a class": ("import six\n@six.add_metaclass(type)\nclass A: pass", "range(n * bool(A()))"),
}  # fmt: skip


@pytest.mark.parametrize("name", LOOPS)
def test_loops_go_round_as_often_as_at_home(grade, solved, name):
    line, loop = LOOPS[name]
    rounds = f"n = len(x); {CALL.decode()} + len([1 for _ in {loop}]) - n"
    text = solved[LAYERS].replace(CALL, rounds.encode())
    assert text != solved[LAYERS]
    assert loses(grade({LAYERS: f"{line}\n".encode() + text}, ["affine_forward"])) == {}


# --- files ---------------------------------------------------------------------------------------

HELPER = b"def matmul(a, b): return a @ b\n"
CALL = b"out = x.reshape(x.shape[0], -1) @ w + b"
PLACES = {
    "in the package": ({"daseCV/my_utils.py": HELPER}, "from daseCV.my_utils import matmul"),
    "relative": ({"daseCV/my_utils.py": HELPER}, "from .my_utils import *"),
    "relative, by module": ({"daseCV/my_utils.py": HELPER}, "from . import my_utils as matmul_of"),
    "beside it": ({"helpers.py": HELPER}, "from helpers import matmul"),
    "in a package of one's own": (
        {"mine/__init__.py": b"from .ops import matmul\n", "mine/ops.py": HELPER},
        "from mine import matmul",
    ),
    "in a folder": ({"mine/deep/ops.py": HELPER}, "from mine.deep.ops import matmul"),
    "within a function": ({"helpers.py": HELPER}, ""),
    "by its name": ({"helpers.py": HELPER}, "matmul = __import__('helpers').matmul"),
}


@pytest.mark.parametrize("place", PLACES)
def test_helpers_are_found_wherever_they_stand(grade, solved, place):
    files, line = PLACES[place]
    text = solved[LAYERS]
    assert text.count(CALL) == 1
    function = b"matmul_of.matmul" if "matmul_of" in line else b"matmul"
    within = b"from helpers import matmul; " if not line else b""
    text = text.replace(CALL, within + b"out = " + function + b"(x.reshape(len(x), -1), w) + b")
    assert loses(grade({**files, LAYERS: line.encode() + b"\n" + text})) == {}


def test_files_that_nobody_needs_cost_nothing(grade):
    more = {
        "notes.txt": b"\xff\xfe", "daseCV/layers_old.py": b"def affine_forward(:",
        "daseCV/Untitled.py": b"1 / 0", "test_me.py": b"assert False", "setup.py": b"1 / 0",
        "daseCV/layers (1).py": b"import os; os._exit(1)", "numpy.py": b"1 / 0", "a.pkl": b"x",
        "daseCV/checks/test_layers.py": b"1 / 0", "conftest.py": b"1 / 0",
    }  # fmt: skip
    assert loses(grade(more)) == {}


WRITINGS = {
    "a byte order mark": lambda text: b"\xef\xbb\xbf" + text,
    "lines of Windows": lambda text: text.replace(b"\n", b"\r\n"),
    "lines of old": lambda text: text.replace(b"\n", b"\r"),
    "GBK": lambda text: f"# -*- coding: gbk -*-\n# 各层\n{text.decode()}".encode("gbk", "ignore"),
    "no last line": lambda text: text.rstrip(b"\n"),
    "blank lines with blanks": lambda text: text.replace(b"\n\n", b"\n    \n"),
    "a form feed": lambda text: text.replace(b"\n\n\ndef", b"\n\x0c\ndef"),
    "names in Chinese": lambda text: f"损失 = 1\n{text.decode()}\ndef 前向(x): return x\n".encode(),
}


@pytest.mark.parametrize("writing", WRITINGS)
def test_ways_of_writing_cost_nothing(grade, solved, writing):
    text = WRITINGS[writing](solved[LAYERS])
    assert text != solved[LAYERS]
    exercises = (*EXERCISES, "conv_forward_naive")  # one whose source is searched for shortcuts
    assert loses(grade({LAYERS: text}, exercises)) == {}


def test_tabs_cost_nothing(grade):
    code = b"import numpy as np\n\nclass KNearestNeighbor(object):\n\tdef train(self, X, y):\n"
    code += b"\t\tself.X, self.y = X, y\n\tdef compute_distances_no_loops(self, X):\n"
    code += b"\t\tsquares = (X**2).sum(axis=1)[:, None] + (self.X**2).sum(axis=1)\n"
    code += b"\t\treturn np.sqrt(np.maximum(squares - 2 * X @ self.X.T, 0))\n"
    files = {"daseCV/classifiers/k_nearest_neighbor.py": code}
    exercise = "KNearestNeighbor.compute_distances_no_loops"
    assert loses(grade(files, [exercise], A1)) == {}


# --- the rest of the world -----------------------------------------------------------------------

STATE = """
CALLS, LAST = 0, {{}}
_{name} = {name}
def {name}(*arguments, **options):
    global CALLS
    CALLS += 1
    LAST[CALLS % 3] = arguments
    return _{name}(*arguments, **options)
"""


def test_state_between_calls_costs_nothing(grade, solved):
    more = "".join(STATE.format(name=name) for name in ("affine_forward", "dropout_forward"))
    assert loses(grade({LAYERS: solved[LAYERS] + more.encode()})) == {}


def test_output_in_every_call_costs_nothing(grade, solved):
    noise = b"print(x); __import__('sys').stderr.write('!' * 10000)\n    "
    noise += b"__import__('warnings').warn('x')\n    "
    text = solved[LAYERS].replace(CALL, noise + CALL)
    assert text != solved[LAYERS]
    assert loses(grade({LAYERS: text})) == {}


def spin(until):
    while not until.is_set():
        pass


def test_a_busy_machine_costs_nothing(grade):
    """Four processes that take all they get: CPU time decides, not the clock."""
    fork = multiprocessing.get_context("fork")
    enough = fork.Event()
    others = [fork.Process(target=spin, args=(enough,)) for _ in range(4)]
    try:
        for other in others:
            other.start()
        assert loses(grade({}, (*EXERCISES, "conv_forward_naive", "max_pool_backward_naive"))) == {}
    finally:
        enough.set()
        for other in others:
            other.join()


def test_all_of_an_assignment_with_all_habits_at_once(grade, solved):
    """Every module carries what can stand together."""
    alone = {*FIRST, "no path", "two seconds of sleep", "two seconds of work"}
    alone |= {"itself", "what the kit provides"}  # modules of assignment 2
    habits = [textwrap.dedent(HABITS[habit]) for habit in HABITS if habit not in alone]
    code = "import numpy as np\n" + "\n".join(habits)
    for assignment in (A1, A2):
        edited = [f"daseCV/{name}" for name in assignments.find(assignment).edited]
        files = {name: code.encode() + b"\n" + solved[name] for name in edited}
        asked = graded.of_assignment(assignment)
        tasks = assignments.find(assignment).tasks
        exercises = [c.exercise for _, c in asked if not c.manual and c.exercise not in tasks]
        result = grade(files, exercises, assignment)
        assert loses(result) == {}
        assert len(result.exercises) > 10


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("assignment", [A1, A2])
def test_students_are_told_what_grading_runs(assignment, language):
    image = re.search(r"FROM python:(\d+\.\d+)", (HOME / "Containerfile").read_text())
    numpy = re.search(r"^numpy==(\S+)$", (HOME / "requirements.lock").read_text(), re.M)
    text = (HOME / "source" / assignment / f"README.{language}.md").read_text(encoding="utf-8")
    assert f"Python {image[1]}" in text
    assert f"NumPy {numpy[1]}" in text


# --- what does cost something is named -----------------------------------------------------------

NJIT = """
import importlib
nb = importlib.import_module("numba")
@nb.njit
def fast(x): return x
"""


@pytest.mark.parametrize(
    ("line", "module"),
    [
        ("import torch", "torch"),
        ("import torch.nn.functional as F", "torch"),
        ("from scipy.signal import convolve2d", "scipy"),
        ("from sklearn.neighbors import KNeighborsClassifier", "sklearn"),
        ("import pandas as pd", "pandas"),
        ("import cv2", "cv2"),
        ("from cs231n.layers import affine_forward", "cs231n"),
        ("from daseCV.my_helpers import f", "daseCV.my_helpers"),
        ("from .my_helpers import f", "daseCV.my_helpers"),
        ("from google.colab import drive", "google"),
        (NJIT, "numba"),
    ],
)
def test_an_import_that_is_missing_is_named(grade, solved, line, module):
    numpy = b"import numpy as np\n"
    text = solved[LAYERS].replace(numpy, numpy + line.encode() + b"\n", 1)
    result = grade({LAYERS: text}, ["affine_forward"])
    said = loses(result)["affine_forward"]
    assert said.startswith(f"imports {module!r}, which is not available here ({LAYERS}, line ")
    assert f"导入了评分环境中没有的模块 {module!r}" in said
    assert result.find("affine_forward").verdict is Verdict.CRASHED


def test_an_import_that_is_missing_costs_its_own_module_only(grade, solved):
    result = grade({LAYERS: b"import torch\n" + solved[LAYERS]})
    assert set(loses(result)) == {"affine_forward", "affine_backward", "dropout_forward"}
