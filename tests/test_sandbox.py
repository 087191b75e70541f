"""The sandbox runs wrong, hostile and broken code, and says what became of it."""

import gc
import os
import signal
import sys
import textwrap
import threading

import numpy as np
import pytest

from autograder.sandbox import (
    Died,
    Handle,
    Limits,
    OutOfMemory,
    Overlay,
    ProtocolError,
    StudentError,
    TimedOut,
    Zygote,
    ZygoteError,
    at_least,
)

ANY = at_least(trusted=True)  # the code is our own
X = np.arange(6.0).reshape(2, 3)


@pytest.fixture(scope="module")
def zygote():
    with Zygote(among=ANY) as zygote:
        yield zygote


@pytest.fixture
def submit(zygote):
    """Open a session whose ``daseCV/layers.py`` is the given code."""
    sessions = []

    def submit(code="", more=None, **options):
        files = {"daseCV/layers.py": textwrap.dedent(code).encode()}
        files |= {name: textwrap.dedent(text).encode() for name, text in (more or {}).items()}
        sessions.append(zygote.open(files, **options))
        return sessions[-1]

    yield submit
    for session in sessions:
        session.close()


# --- values ----------------------------------------------------------------------------------


def test_a_call_sends_arrays_and_returns_them(submit):
    student = submit("def double(x): return 2 * x").student
    result = student.layers.double(X)
    np.testing.assert_array_equal(result, 2 * X)
    assert type(result) is np.ndarray
    assert not result.flags.writeable


ECHO = "def echo(*args, **kwargs): return args[0] if args else kwargs['value']"


@pytest.mark.parametrize(
    "value",
    [None, True, 7, 2**70, 0.1, float("inf"), "中文", b"\0", np.float32(2.5), np.bool_(True),
     np.dtype("float64"), np.float32],
    ids=repr,
)  # fmt: skip
def test_plain_values_keep_their_type(submit, value):
    student = submit(ECHO).student
    for back in (student.layers.echo(value), student.layers.echo(value=value)):
        assert type(back) is type(value)
        assert back == value


def test_nan_travels(submit):
    assert np.isnan(submit(ECHO).student.layers.echo(float("nan")))


def test_a_tuple_is_unpacked_one_level_and_the_rest_stays_there(submit):
    student = submit("def f(x): return x, 1.5, (x, [x], {'x': None}), lambda: x").student
    out, number, cache, function = student.layers.f(X)
    assert number == 1.5
    assert isinstance(cache, Handle)
    assert repr(cache) == "<tuple in the sandbox>"
    x, (again,), rest = cache.fetch()
    np.testing.assert_array_equal(x, again)
    assert rest == {"x": None}
    np.testing.assert_array_equal(function(), out)


MODEL = """
    class Model:
        def __init__(self, size, scale=1.0):
            self.params = {"W": [scale] * size}
        def total(self, extra=0):
            return sum(self.params["W"]) + self.bias + extra
"""


def test_models_are_used_through_handles(submit):
    student = submit(MODEL).student
    model = student.layers.Model(3, scale=2.0)
    model.bias = 0.5
    model.params["W"] = [1.0, 2.0]
    assert model.total(extra=10) == 13.5
    assert student.fetch(model.params) == {"W": [1.0, 2.0]}
    assert student.fetch(3) == 3
    assert list(model.params["W"]) == [1.0, 2.0]


def test_a_handle_answers_no_question_of_python_or_numpy(submit):
    model = submit(MODEL).student.layers.Model(1)
    for name in ("__array_interface__", "__len__", "__wrapped__"):
        assert not hasattr(model, name)
    with pytest.raises(TypeError, match="cannot be copied"):
        model.__reduce__()


def test_a_call_can_ask_for_arguments_as_they_are_afterwards(submit):
    student = submit("def f(x, c): x[0] = 9; c['t'] += 1; return x.sum()").student
    result, (x, config) = student.call("layers.f", X, c={"t": 1}, after=[0, "c"])
    assert X[0, 0] == 0
    assert result == x.sum() == 9 * 3 + 12
    assert config == {"t": 2}


def test_arguments_are_fresh_and_writable_and_can_be_views(submit):
    student = submit("def f(x): return x.flags.writeable, x.flags.c_contiguous, x.sum()").student
    assert student.layers.f(X) == (True, True, 15)
    assert student.layers.f(student.view(X)) == (True, False, 15)
    assert student.layers.f(np.asfortranarray(X)) == (True, True, 15)


def test_handles_that_are_let_go_are_freed(submit):
    student = submit(
        """
        import gc
        class Cache: pass
        def make(): return Cache()
        def count(): return sum(isinstance(o, Cache) for o in gc.get_objects())
        """
    ).student
    kept = [student.layers.make() for _ in range(5)]
    assert student.layers.count() == 5
    del kept[1:]
    gc.collect()
    assert student.layers.count() == 1


def test_what_cannot_travel_is_the_checks_own_fault(submit):
    session, other = submit(ECHO), submit(MODEL)
    with pytest.raises(TypeError, match="cannot send a set"):
        session.student.layers.echo({1})
    with pytest.raises(TypeError, match="another session"):
        session.student.layers.echo(other.student.layers.Model(1))
    assert session.student.layers.echo(1) == 1


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("np.array([None, 1])", "an array of dtype object"),
        ("np.ma.masked_array([1.0], [True])", "a masked array"),
        ("tuple(range(10**5))", "more than 20000 values"),
        ("np.zeros(3 * 10**8, dtype=np.int8)", "too much at once"),
    ],
)
def test_results_that_cannot_travel_are_the_students_fault(submit, expression, reason):
    student = submit(f"import numpy as np\ndef f(): return {expression}").student
    with pytest.raises(StudentError, match=reason):
        student.layers.f()


def test_a_container_within_itself_is_the_students_fault(submit):
    student = submit("a = []; a.append(a)").student
    with pytest.raises(StudentError, match="nested more than 8"):
        student.fetch(student.layers.a)


def test_subclasses_arrive_as_plain_arrays(submit):
    student = submit(
        """
        import numpy as np
        class Right(np.ndarray):
            def __eq__(self, other): return True
        def f(): return np.ones(2).view(Right)
        """
    ).student
    assert type(student.layers.f()) is np.ndarray


# --- seeds -----------------------------------------------------------------------------------

DRAW = """
    import random, numpy as np
    def draw(n=1):
        return np.random.rand(n), random.random()
"""


def test_each_call_is_seeded_whatever_was_drawn_before(submit):
    session = submit(DRAW)
    session.begin(seed=5)
    first, second = session.student.layers.draw(3), session.student.layers.draw(1)
    session.begin(seed=5)
    again, later = session.student.layers.draw(1), session.student.layers.draw(1)
    session.begin(seed=6)
    other = session.student.layers.draw(1)
    assert first[0][0] == again[0][0]
    assert first[1] == again[1]
    assert second[0] == later[0]
    assert len({first[0][0], second[0][0], other[0][0]}) == 3


def test_sets_have_the_same_order_in_every_child():
    order = []
    for _ in range(2):
        code = b"s = list({'W1', 'b1', 'W2'})"
        with Zygote(among=ANY) as zygote, zygote.open({"a.py": code}) as session:
            order.append(session.student.fetch(session.student.a.s))
    assert order[0] == order[1]


# --- the student's errors --------------------------------------------------------------------


def error_of(function, *args):
    with pytest.raises(StudentError) as caught:
        function(*args)
    return caught.value


def test_an_exception_tells_its_kind_and_the_students_line(submit):
    student = submit("import numpy as np\ndef f(x):\n    return np.linalg.inv(x)\n").student
    error = error_of(student.layers.f, X)
    assert (error.type_name, error.module, error.line) == ("LinAlgError", "daseCV/layers.py", 3)
    assert "square" in error.text
    assert error.is_a("ValueError")
    assert not error.is_a("TypeError")


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("raise NotImplementedError('affine_forward')", "NotImplementedError"),
        ("exit(0)", "NameError"),
        ("raise SystemExit(0)", "SystemExit"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("f()", "RecursionError"),
        ("input()", "EOFError"),
        ("open('x', 'w').write('y' * 10**5)", "OSError"),
        ("[open('/dev/null') for _ in range(999)]", "OSError"),
    ],
)
def test_exceptions_do_not_end_the_session(submit, statement, name):
    session = submit(f"def f():\n    x = {statement}\n" if "raise" not in statement
                     else f"def f():\n    {statement}\n")  # fmt: skip
    error = error_of(session.student.layers.f)
    assert error.is_a(name)
    assert error.line == 2
    assert not session.closed


@pytest.mark.parametrize(
    "body",
    ["def __str__(self): raise self", "def __str__(self): return 3",
     "def __str__(self): return '\\x1b[2J' + 'x' * 10**7",
     "__module__ = property(lambda s: 1 / 0)"],
)  # fmt: skip
def test_hostile_exceptions_are_clipped(submit, body):
    code = f"class Hostile(Exception):\n    {body}\ndef f(): raise Hostile\n"
    error = error_of(submit(code).student.layers.f)
    assert error.type_name == "Hostile"
    assert error.line == 3
    assert len(str(error)) < 600
    assert str(error).isprintable()


def test_an_exception_that_cannot_be_described_is_one_all_the_same(submit):
    code = "class E(Exception):\n    def __getattribute__(self, name): raise self\ndef f(): raise E"
    error = error_of(submit(code).student.layers.f)
    assert (error.type_name, error.text, error.module) == ("Exception", "", None)


def test_a_syntax_error_names_file_and_line(submit):
    error = error_of(submit("x = 1\ndef f(:\n").student.layers.f)
    assert error.is_a("SyntaxError")
    assert (error.module, error.line) == ("daseCV/layers.py", 2)


@pytest.mark.parametrize(
    "module", ["torch", "daseCV.compare", "nbgrader", "pytest", "scipy.stats", "autograder", "host"]
)
def test_a_missing_module_is_named(submit, module):
    error = error_of(submit(f"import {module}\ndef f(): pass").student.layers.f)
    assert error.is_a("ImportError")
    assert module.startswith(error.missing)
    assert (error.module, error.line) == ("daseCV/layers.py", 1)


def test_a_missing_function_or_file_is_named(submit):
    session = submit("def f(): pass")
    error = error_of(session.student.layers.relu_forward)
    assert error.is_a("AttributeError")
    assert "relu_forward" in error.text
    assert error_of(session.student.optim.adam).missing == "daseCV.optim"


# --- how a child ends ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "loop",
    [
        "while True: pass",
        "sum(range(10**12))",
        "while True:\n        try: raise ValueError\n        except BaseException: pass",
    ],
)
def test_an_endless_loop_times_out(submit, loop):
    session = submit(f"def f():\n    {loop}\ndef g(): return 1")
    session.begin(cpu_seconds=0.2)
    with pytest.raises(TimedOut, match=r"0\.2 s of CPU"):
        session.student.layers.f()
    assert session.closed
    assert 0.2 < session.usage().cpu_seconds < 5  # a busy machine lets the host wait
    with pytest.raises(TimedOut):
        session.student.layers.g()


def test_many_short_calls_share_one_budget(submit):
    code = (
        "import time\ndef f():\n    t = time.process_time() + 0.03\n"
        "    while time.process_time() < t: pass"
    )
    session = submit(code)
    for _ in range(4):
        session.begin(cpu_seconds=0.2)  # a new budget
        for _ in range(3):
            session.student.layers.f()
    with pytest.raises(TimedOut):
        [session.student.layers.f() for _ in range(20)]


def test_slow_imports_count(submit):
    session = submit("while True: pass")
    session.begin(cpu_seconds=0.2)
    with pytest.raises(TimedOut):
        session.student.layers.f()


def test_a_sleeper_times_out(submit):
    session = submit("import time\ndef f(): time.sleep(99)")
    session.begin(cpu_seconds=5, wall_seconds=0.3)
    with pytest.raises(TimedOut, match=r"no answer within 0\.3 s"):
        session.student.layers.f()


def test_cpu_time_of_a_session_is_limited_too(submit):
    session = submit("def f():\n    while True: pass", limits=Limits(cpu_seconds=0.2))
    with pytest.raises(TimedOut):
        session.student.layers.f()


@pytest.mark.parametrize(
    ("statement", "status"),
    [
        ("os._exit(0)", 0),
        ("os._exit(3)", 3),
        ("ctypes.string_at(0)", -signal.SIGSEGV),
        ("os.closerange(3, 99); time.sleep(9)", -signal.SIGKILL),
    ],
)  # fmt: skip
def test_a_process_that_ends_has_died(submit, statement, status):
    session = submit(f"import ctypes, os, time\ndef f(): {statement}")
    with pytest.raises(Died) as caught:
        session.student.layers.f()
    assert caught.value.status == status
    assert session.closed


@pytest.mark.parametrize("deep", ["lambda n: deep(n + 1)", "lambda n: sorted([n], key=deep)"])
def test_recursion_without_a_floor_ends_somehow(submit, deep):
    code = f"import sys\nsys.setrecursionlimit(10**8)\ndeep = {deep}\ndef f(): deep(0)"
    session = submit(code, limits=Limits(memory_bytes=1 << 28))
    with pytest.raises((Died, OutOfMemory, StudentError)):  # as the version of Python will have it
        session.student.layers.f()


def test_an_ending_is_put_in_words():
    assert str(Died(3)) == "the process ended with exit code 3"
    assert str(Died(-signal.SIGSEGV)) == "the process was killed by SIGSEGV"
    assert str(Died(-99)) == "the process was killed by signal 99"


@pytest.mark.parametrize(
    "bomb",
    ["np.ones(10**10)", "[bytearray(10**7) for _ in range(10**6)]", "raise MemoryError"],
)
def test_a_memory_bomb_is_out_of_memory(submit, bomb):
    session = submit(f"import numpy as np\ndef f(): {bomb}", limits=Limits(memory_bytes=1 << 28))
    with pytest.raises(OutOfMemory):
        session.student.layers.f()
    assert session.closed
    with pytest.raises(OutOfMemory):
        session.student.layers.f()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps to RLIMIT_AS")
def test_memory_is_refused_before_it_is_used(submit):
    code = "def f():\n    try: bytearray(10**9)\n    except MemoryError: return 'refused'"
    session = submit(code, limits=Limits(memory_bytes=1 << 28))
    assert session.student.layers.f() == "refused"


def test_where_nothing_limits_memory_the_host_does(submit, monkeypatch):
    session = submit("def f():\n    x = bytearray(10**8)\n    while True: pass")
    monkeypatch.setattr(session, "_limits", Limits(memory_bytes=1 << 26))
    with pytest.raises(OutOfMemory, match="more than 64 MiB"):
        session.student.layers.f()


def test_killed_with_much_memory_is_out_of_memory(submit):
    code = "def f():\n    x = b'x' * 10**8\n    while True: pass"
    session = submit(code, limits=Limits(memory_bytes=150 << 20))
    system = threading.Timer(0.5, os.kill, (session.pid, signal.SIGKILL))
    system.start()
    with pytest.raises(OutOfMemory, match="killed by the system"):
        session.student.layers.f()


LIAR = """
    import os, struct, json
    def answer(header, size=0, magic=b"dCV1"):
        text = header if isinstance(header, bytes) else json.dumps(header).encode()
        os.write(CONNECTION, struct.pack("<4sIQ", magic, len(text), size) + text)
    def f():
        CODE
    import stat
    for CONNECTION in range(3, 60):
        try:
            if stat.S_ISSOCK(os.fstat(CONNECTION).st_mode): break
        except OSError: pass
"""
FORGED = '{"id": 1, "error": {"type": "E", "mro": [], "text": "", "module": None, "line": None}}'


@pytest.mark.parametrize(
    "code",
    [
        "answer({})",
        "answer({'id': 1})",
        "answer(b'{}', magic=b'HTTP')",
        "answer(b'', size=2**60)",
        "answer({'id': 2, 'result': 1})",
        "answer({'id': 2, 'result': 1, 'after': 1})",
        "answer({'id': 2, 'result': 1, 'after': [1]})",
        "answer({'id': 2, 'result': {'h': [1]}, 'after': []})",
        "answer({'id': 2, 'result': 1, 'after': []}, size=3); os.write(CONNECTION, b'abc')",
        "answer({'id': 2, 'error': 'text'})",
        "answer({'id': 2, 'error': dict.fromkeys('type mro text module line missing'.split())})",
        "answer({'id': 2, 'error': {'type': 'E', 'text': '', 'mro': [1], 'module': None, "
        "'line': None, 'missing': None}})",
    ],
)
def test_nonsense_is_a_protocol_error(submit, code):
    session = submit(LIAR.replace("CODE", code))
    with pytest.raises(ProtocolError, match="the child answered nonsense"):
        session.student.layers.f()
    assert session.closed


def test_an_answer_in_advance_is_a_protocol_error(submit):
    session = submit(LIAR.replace("CODE", "answer({'id': 3, 'result': 1, 'after': []})"))
    with pytest.raises(ProtocolError, match="another request"):
        session.student.layers.f()


def test_an_answer_that_never_ends_times_out(submit):
    drip = "answer(b'', size=1000)\n        while True: pass"
    session = submit(LIAR.replace("CODE", drip.replace("b''", "{}")))
    session.begin(cpu_seconds=0.2)
    with pytest.raises(TimedOut):
        session.student.layers.f()


def test_a_session_that_was_closed_is_the_graders_mistake(submit):
    session = submit(ECHO)
    session.close()
    session.close()
    with pytest.raises(ZygoteError, match="the session is closed"):
        session.student.layers.echo(1)


def test_an_interrupt_closes_the_session(submit, monkeypatch):
    session = submit("import time\ndef f(): time.sleep(9)")

    def interrupt():
        raise KeyboardInterrupt

    monkeypatch.setattr(session._channel, "watch", interrupt)
    with pytest.raises(KeyboardInterrupt):
        session.student.layers.f()
    assert session.closed


# --- the world inside ------------------------------------------------------------------------


def test_modules_import_each_other_from_memory(submit):
    session = submit(
        "from daseCV.helpers import three\nfrom mine import four\nimport tools.five as t\n"
        "def f(): return three + four + t.five, __file__, __name__",
        more={
            "daseCV/helpers.py": "three = 3", "mine.py": "four = 4", "tools/five.py": "five = 5",
            "daseCV/classifiers/fc_net.py": "from ..layers import f\nfrom daseCV.layers import *",
            "notebook.py": "from daseCV.classifiers.fc_net import f\ndef g(): return f()",
        },
    )  # fmt: skip
    student = session.student
    expected = (12, "daseCV/layers.py", "daseCV.layers")
    assert student.layers.f() == student.fc_net.f() == student.notebook.g() == expected


def test_a_broken_module_hurts_no_other(submit):
    session = submit(
        "def f(): return 1",
        more={
            "daseCV/__init__.py": "import daseCV.optim",
            "daseCV/classifiers/__init__.py": "from daseCV.optim import *",
            "daseCV/classifiers/fc_net.py": "def g(): return 2",
            "daseCV/optim.py": "1 / 0",
        },
    )
    assert session.student.layers.f() == 1
    assert session.student.fc_net.g() == 2
    assert error_of(session.student.optim.sgd).module == "daseCV/optim.py"


def test_nothing_shadows_the_standard_library(submit):
    session = submit(
        "import colorsys, random, numpy\ndef f(): return colorsys.ONE_THIRD < numpy.ones(1)[0]",
        more={"random.py": "1 / 0", "numpy.py": "1 / 0", "colorsys.py": "1 / 0"},
    )
    assert session.student.layers.f()


def test_libraries_nobody_needs_are_stand_ins(submit):
    session = submit(
        """
        from __future__ import print_function
        from builtins import range, object
        from past.builtins import xrange
        from past.utils import old_div
        from future import standard_library
        import six
        from six.moves import cPickle as pickle
        import matplotlib
        import matplotlib.pyplot as plt
        from matplotlib import cm
        from mpl_toolkits.mplot3d import Axes3D
        from IPython.display import display
        from tqdm import tqdm, trange
        standard_library.install_aliases()
        matplotlib.use("Agg")
        plt.rcParams["figure.figsize"] = (10.0, 8.0)
        plt.figure().add_subplot(1, 1, 1).plot([1], [2])
        figure, (left, right) = plt.subplots(1, 2)
        figure, axes = plt.subplots(2, 2)
        axes[1][0].imshow(cm.jet(3))
        with plt.style.context("ggplot"):
            display(plt.gcf())
        for line in plt.plot([1]):
            line.set_color("r")
        def f():
            pairs = sum(tqdm(xrange(3))) + sum(trange(3)), old_div(7, 2), old_div(7, 2.0)
            return (*pairs, pickle.loads(pickle.dumps("x")))
        """
    )
    assert session.student.layers.f() == (6, 3, 3.5, "x")


def test_what_notebooks_have_is_there_in_cells_alone(submit):
    cells = {"<kit>/N.ipynb": "", "N.ipynb: a": "get_ipython().run_line_magic('time', '')\nn = 1"}
    session = submit("there = 'display' in globals()", more=cells)
    assert session.student.call("notebook.n.bit_length")[0] == 1
    assert session.student.call("layers.there.bit_length")[0] == 0


def test_prints_warnings_and_main_blocks_cost_nothing(submit):
    session = submit(
        """
        import os, sys, warnings
        print("中文" * 10**6)
        sys.stderr.write("x" * 10**6)
        warnings.warn("old")
        os.chdir("/")
        def f():
            for _ in range(10**5): print("flood")
            os.write(1, b"x" * 10**7)
            return 1
        if __name__ == "__main__":
            1 / 0
        """
    )
    assert session.student.layers.f() == 1


def test_the_environment_is_clean(monkeypatch):
    monkeypatch.setenv("SECRET", "token")
    code = """if True:
        import os, sys
        def is_open(number):
            try: return bool(os.fstat(number))
            except OSError: return False
        def f():
            return dict(os.environ), sys.path, os.listdir('.'), list(filter(is_open, range(64)))
    """
    with Zygote(among=ANY) as zygote:
        student = zygote.open({"daseCV/layers.py": code.encode()}).student
        environment, path, here, open_files = map(student.fetch, student.layers.f())
    assert "SECRET" not in environment
    assert not {"PATH", "PYTHONPATH", "USER", "VIRTUAL_ENV"} & set(environment)
    assert environment["HOME"] == "/"
    assert not [p for p in path if "packages" in p or "sandbox" in p]
    assert here == []
    assert len(open_files) == 4  # three standard ones, the connection


def test_children_know_nothing_of_each_other(submit):
    first = submit("import math\nmath.pi = 3\ndef f(): return math.pi")
    assert first.student.layers.f() == 3
    assert submit("import math\ndef f(): return math.pi").student.layers.f() == np.pi


def npz(**arrays):
    import io

    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def test_saved_arrays_are_parsed_in_the_child(submit):
    saved = {
        "good": npz(W1=X, arguments=np.array('{"lr": 1}')),
        "pickled": npz(W1=np.array([{}], dtype=object)),
        "broken": b"no zip file",
    }
    session = submit(saved=saved)
    arrays = session.load_npz("good")
    np.testing.assert_array_equal(arrays["W1"], X)
    assert arrays["arguments"].item() == '{"lr": 1}'
    for name in ("pickled", "broken"):
        assert error_of(session.load_npz, name).is_a("ValueError")
    with pytest.raises(KeyError):
        session.load_npz("absent")


# --- overlays --------------------------------------------------------------------------------

KIT = b"""
import numpy as np
SCALE = 2.0
def helper(x): return SCALE * x
def relu(x): return helper(x)
def judged(x): return "the answer"
class Net:
    depth = 3
    def __init__(self): self.made_by = self.name()
    def name(self): return "kit"
    def loss(self): return "the answer"
"""
OVERLAY = Overlay("daseCV.layers", KIT, ("relu", "Net.__init__"))


def test_overlays_replace_what_they_name_and_nothing_else(submit):
    session = submit(
        """
        def relu(x): 1 / 0
        def judged(x): return relu(x)
        class Net:
            def name(self): return "student"
            def loss(self): return 7
        """,
        overlays=[OVERLAY],
    )
    student = session.student
    assert student.layers.judged(3.0) == 6.0
    net = student.layers.Net()
    assert net.made_by == "student"
    assert net.loss() == 7


@pytest.mark.parametrize("code", ["def relu(:", "1 / 0", "raise SystemExit"])
def test_overlays_work_where_the_module_does_not(submit, code):
    layers = submit(code, overlays=[OVERLAY]).student.layers
    assert layers.relu(1.0) == 2.0
    assert error_of(layers.judged, 1.0).module == "daseCV/layers.py"


def test_a_class_the_student_lacks_gets_the_named_methods_only(zygote):
    overlay = Overlay("daseCV.layers", KIT, ("Net.__init__", "Net.name"))
    with zygote.open({}, overlays=[overlay]) as session:
        net = session.student.layers.Net()
        assert net.made_by == "kit"
        assert error_of(lambda: net.loss()).is_a("AttributeError")
    with zygote.open({}, overlays=[Overlay("daseCV.layers", KIT, ("Net",))]) as session:
        assert session.student.layers.Net().loss() == "the answer"


def test_other_modules_import_what_the_overlay_put_there(submit):
    net = "from daseCV.layers import *\ndef net(x): return relu(x)"
    session = submit("def relu(x): return 0", {"daseCV/fc_net.py": net}, overlays=[OVERLAY])
    assert session.student.fc_net.net(1.0) == 2.0


def test_an_overlay_carries_no_more_than_it_needs():
    needed = OVERLAY.needed.decode()
    assert "the answer" not in needed
    assert "def helper" in needed
    assert "def name" in needed
    assert needed.splitlines().index("def relu(x): return helper(x)") == 4
    alone = Overlay("daseCV.layers", KIT, ("relu",)).needed
    assert b"class" not in alone
    compile(alone, "needed", "exec")
    assert b"the answer" in Overlay("daseCV.layers", KIT, ("Net",)).needed


def test_an_overlay_must_have_what_it_names():
    with pytest.raises(ValueError, match=r"daseCV.layers of the kit has no Net\.train"):
        Overlay("daseCV.layers", KIT, ("Net.train",))
