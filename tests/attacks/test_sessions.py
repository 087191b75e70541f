"""What one session held, no other sees; what it broke, no other meets; all of it is gone."""

import contextlib
import os
import uuid

import psutil
import pytest

from autograder.sandbox import SandboxError, StudentError

pytestmark = pytest.mark.usefixtures("strangers_welcome")

FILE = "daseCV/layers.py"
# The token comes backwards, so that whoever looks for it does not hold it.
HOLDING = """
kept = []
def hold(backwards):
    kept.append(backwards[::-1])
    kept.append(kept[0].encode())
    open_files = kept[1] * 1000
    kept.append(open_files)
"""
SEARCHING = """
import ctypes, gc
libc = ctypes.CDLL(None, use_errno=True)
PAGE = 4096
def is_there(address):
    return libc.access(ctypes.c_void_p(address), 0) == 0 or ctypes.get_errno() != 14
def pages():
    objects = [id(thing) for thing in gc.get_objects()[::50]] + [libc.sbrk(0) & 2**47 - 1]
    near = {a // 2**20 + n for a in objects for n in (-2, -1, 0, 1)}
    for start in sorted(near):
        for address in range(start * 2**20, (start + 1) * 2**20, PAGE):
            if address > 2**20 and is_there(address):
                yield address
def search(backwards):
    token = backwards.encode()
    libc.sbrk.restype = ctypes.c_long
    looked = found = 0
    for address in pages():
        page = ctypes.string_at(address, PAGE)
        looked += 1
        found += token in page[::-1]
    return looked, found
"""


def test_no_number_of_a_session_is_in_the_memory_of_another(zygote):
    """With all that the zygote has handed down; the holder itself is found out."""
    files = {FILE: (HOLDING + SEARCHING).encode()}
    token = uuid.uuid4().hex
    with zygote.open(files) as holder:
        holder.begin(cpu_seconds=30)
        holder.student.layers.hold(token)
        looked, found = holder.student.layers.search(token)
        assert looked > 1000
        assert found
        with zygote.open(files) as beside:
            beside.begin(cpu_seconds=30)
            looked, found = beside.student.layers.search(token)
            assert looked > 1000
            assert not found
    with zygote.open(files) as later:
        later.begin(cpu_seconds=30)
        assert not later.student.layers.search(token)[1]


BREAKING = {
    "a module": "import math; math.pi = 3",
    "a type's method": "import collections; collections.Counter.update = None",
    "a builtin": "import builtins; builtins.len = lambda x: 3",
    "NumPy": "import numpy; numpy.zeros = numpy.ones",
    "its error handling": "import numpy; numpy.seterr(all='raise'); numpy.random.seed = print",
    "the importer": "import sys; sys.meta_path.clear(); sys.modules['daseCV'] = sys",
    "the environment": "import os; os.environ['X'] = 'x'; os.umask(0o777)",
    "where it is": "import os; os.chdir('/')",
    "recursion": "import sys; sys.setrecursionlimit(30)",
    "tracing": "import sys; sys.settrace(lambda *a: 1 / 0); sys.setprofile(None)",
    "a signal": "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)",
    "the socket": "import os; os.set_blocking(3, False); os.close(3)",
    "garbage": "import gc; gc.disable(); gc.unfreeze()",
    "the wire": "import sys; sys.modules['_inside.wire'].MAX_DEPTH = 99",
}
WHOLE = b"""
import builtins, collections, gc, math, os, signal, sys
import numpy as np
def whole():
    return (
        math.pi > 3.1, bool(collections.Counter.update), len("abcd") == 4, np.zeros(1)[0] == 0,
        np.geterr()["invalid"] == "warn", len(sys.meta_path) > 3, "X" not in os.environ,
        os.getcwd() != "/", sys.getrecursionlimit() > 99, sys.gettrace() is None,
        signal.getsignal(signal.SIGTERM) == signal.SIG_DFL, gc.isenabled(),
        sys.modules["_inside.wire"].MAX_DEPTH == 8,
    )
"""


@pytest.mark.parametrize("code", BREAKING.values(), ids=BREAKING)
def test_what_a_session_breaks_no_other_meets(zygote, code):
    with zygote.open({FILE: WHOLE}) as before:
        with zygote.open({FILE: f"def f():\n    {code}\n    return 1".encode()}) as breaking:
            breaking.begin(cpu_seconds=1, wall_seconds=2)
            with contextlib.suppress(SandboxError):  # whatever becomes of it
                breaking.student.layers.f()
        with zygote.open({FILE: WHOLE}) as after:
            for session in (before, after):
                assert all(session.student.layers.whole())


def held():
    """How many descriptors and processes this one has."""
    return len(os.listdir("/proc/self/fd")), len(psutil.Process().children(recursive=True))


def test_forty_sessions_leave_nothing(zygote):
    code = b"kept = bytearray(10**7)\ndef f(n):\n    if n % 4 == 1: 1 / 0\n    return n"
    zygote.open({FILE: code}).close()
    before = held()
    for number in range(40):
        session = zygote.open({FILE: code})
        try:
            session.student.layers.f(number)
        except StudentError:
            assert number % 4 == 1
        session.close()
    assert held() == before
