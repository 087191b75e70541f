"""The wire with real children: drips, forged answers, arrays that lie, and what a child is told."""

import contextlib
import json
import os
import socket
import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.sandbox import (
    Died,
    OutOfMemory,
    ProtocolError,
    StudentError,
    TimedOut,
    Zygote,
    at_least,
)
from autograder.sandbox.inside import wire

LIAR = """
import json, os, stat, struct, time
def is_socket(number):
    try: return stat.S_ISSOCK(os.fstat(number).st_mode)
    except OSError: return False
HOST = next(filter(is_socket, range(3, 64)))
def frame(header, body=b""):
    text = json.dumps(header).encode()
    return struct.pack("<4sIQ", b"dCV1", len(text), len(body)) + text + body
def say(data, pause=0.0, step=1 << 30):
    for at in range(0, len(data), step):
        os.write(HOST, data[at : at + step])
        time.sleep(pause)
def spin():
    while True: pass
def f(x=None):
    """


@pytest.fixture(scope="module")
def zygote():
    with Zygote(among=at_least(trusted=True)) as made:
        yield made


@pytest.fixture
def liar(zygote):
    """A session whose student's `f` runs the given statement."""
    sessions = []

    def open_(statement, **options):
        code = (LIAR + statement).encode()
        sessions.append(zygote.open({"daseCV/layers.py": code}, **options))
        return sessions[-1]

    yield open_
    for session in sessions:
        session.close()


# --- deadlines are those of a whole message ------------------------------------------------------

ANSWER = "frame({'id': 2, 'result': {'b': 9000}, 'after': []}, bytes(9000))"
DRIPS = {
    "never a word": "time.sleep(99)",
    "a byte of the prefix now and then": f"say({ANSWER}, 0.05, 1)",
    "a byte of the header now and then": f"say({ANSWER}[:16]); say({ANSWER}[16:], 0.05, 1)",
    "some bytes of the body now and then": f"say({ANSWER}[:90]); say({ANSWER}[90:], 0.05, 50)",
    "all but the last byte": f"say({ANSWER}[:-1]); time.sleep(99)",
}


@pytest.mark.parametrize("drip", DRIPS)
def test_one_deadline_covers_the_whole_answer(liar, drip):
    session = liar(DRIPS[drip])
    session.begin(cpu_seconds=5.0, wall_seconds=0.4)
    started = time.monotonic()
    with pytest.raises(TimedOut, match=r"no answer within 0\.4 s"):
        session.student.layers.f()
    assert time.monotonic() - started < 30.0  # each of them would take longer
    assert session.closed


def test_who_answers_without_a_pause_is_stopped_all_the_same(liar):
    """There is always another byte to read, so the host never has to wait for one."""
    flood = "say(frame({'id': 2, 'result': 1, 'after': []})[:16])\n    while True: say(b' ' * 9)"
    session = liar(flood)
    session.begin(cpu_seconds=0.3)
    with pytest.raises((TimedOut, ProtocolError)):
        session.student.layers.f()
    assert session.closed


def test_who_does_not_listen_is_stopped_too(liar):
    """The answer is forged, and the next question, too large for a socket, is never read."""
    session = liar("say(frame({'id': 2, 'result': 1, 'after': []})); time.sleep(99)")
    assert session.student.layers.f() == 1
    session.begin(cpu_seconds=5.0, wall_seconds=0.4)
    with pytest.raises(TimedOut):
        session.student.layers.f(np.ones(4_000_000))


# --- forged answers ------------------------------------------------------------------------------


def test_all_that_can_be_forged_is_one_s_own_answer(liar):
    forged = "say(frame({'id': 2, 'result': 'forged', 'after': []}))\n    return 'true'"
    session = liar(forged)
    assert session.student.layers.f() == "forged"
    with pytest.raises(ProtocolError, match="another request"):  # what comes next is out of step
        session.student.layers.f()


def test_answers_in_advance_are_answers_to_nothing(liar):
    ahead = "[say(frame({'id': n, 'result': n, 'after': []})) for n in (3, 4, 5)]\n    return 0"
    session = liar(ahead)
    with pytest.raises(ProtocolError):
        session.student.layers.f()


@pytest.mark.parametrize("value", ["None", "[1]", "{'h': [1, 'dict']}", "{'d': []}"])
def test_a_saved_file_holds_arrays_whoever_says_otherwise(liar, value):
    saved = f"{{'d': [['data', {value}]]}}"
    answers = f"[say(frame({{'id': n, 'result': {saved}, 'after': []}})) for n in (2, 3)]; spin()"
    session = liar(answers, saved={"x": b""})
    session.student.layers.f()
    with pytest.raises(ProtocolError, match="a saved file that holds no arrays"):
        session.load_npz("x")


# --- references ----------------------------------------------------------------------------------


def test_a_forged_reference_means_nothing_anywhere(liar):
    session = liar("say(frame({'id': 2, 'result': {'h': [77, 'dict']}, 'after': []}))")
    handle = session.student.layers.f()
    with pytest.raises((ProtocolError, StudentError)):
        handle.fetch()


def test_a_reference_that_was_freed_or_never_given_is_the_students_error(liar):
    session = liar("return {}")
    handle = session.student.layers.f()
    session.freed += [handle._id, handle._id, 10**6, -1]
    with pytest.raises(StudentError) as caught:
        handle.fetch()
    assert caught.value.is_a("KeyError")
    del handle  # and frees it once more
    assert session.student.layers.f().fetch() == {}


# --- arrays and numbers that lie -----------------------------------------------------------------

LIES = {
    "a masked array": ("np.ma.masked_array([1.0], [True])", StudentError),
    "objects": ("np.array([None, object()])", StudentError),
    "text": ("np.array(['1.0'])", StudentError),
    "times": ("np.zeros(2, 'M8[s]')", StudentError),
    "a record": ("np.zeros(2, [('a', 'f8')])", StudentError),
    "long double": ("np.zeros(2, np.longdouble)", StudentError),
    "more than may travel": ("np.broadcast_to(np.int8(1), (3 * 10**8,))", StudentError),
    "more than there is": ("np.broadcast_to(np.float64(1), (10**7, 10**5))", OutOfMemory),
    "not a number": ("np.full(2, np.nan)", np.ndarray),
    "of the other byte order": ("np.ones(2, '>f8')", np.ndarray),
    "backwards": ("np.arange(3.0)[::-1]", np.ndarray),
    "of no entries": ("np.ones((0, 3))", np.ndarray),
    "a matrix": ("np.matrix([[1.0, 2.0]])", np.ndarray),
    "a subclass that equals all": (
        "np.ones(2).view(type('A', (np.ndarray,), {'__eq__': lambda s, o: True}))", np.ndarray
    ),
    "a subclass of another shape": (
        "np.ones(2).view(type('A', (np.ndarray,), {'shape': (9, 9)}))", np.ndarray
    ),
    "a subclass that finishes badly": (
        "np.ones(2).view(type('A', (np.ndarray,), {'__array_finalize__': 1 / 0}))", StudentError
    ),
    "no array at all": ("type('A', (), {'__class__': np.ndarray})()", StudentError),
    "an interface to where it may not read": (
        "type('A', (), {'__class__': np.ndarray, '__array_interface__':"
        " {'shape': (9,), 'typestr': '<f8', 'data': (4096, False), 'version': 3}})()", Died
    ),
    "a number that is none": ("type('N', (float,), {'__float__': lambda s: s})([])", StudentError),
    "a number that is another": ("type('N', (float,), {'__eq__': lambda s, o: True})(1)", float),
    "a truth that is a number": ("type('N', (int,), {'__bool__': lambda s: True})(7)", int),
    "a text that is another": ("type('T', (str,), {'__str__': lambda s: 'x'})('y')", str),
    "a number without an end": ("10**5000", StudentError),
    "a table that never ends": (
        "type('D', (dict,), {'items': lambda s: iter(int, 1)})()", object
    ),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_what_lies_arrives_as_what_it_is_or_not_at_all(liar, lie):
    expression, what = LIES[lie]
    session = liar(f"import numpy as np\n    return {expression}")
    if issubclass(what, Exception):
        with pytest.raises(what):
            session.student.layers.f()
        return
    arrived = session.student.layers.f()
    assert what is object or type(arrived) is what
    if what is np.ndarray:
        assert arrived.flags.c_contiguous
        assert arrived.dtype == np.float64
        assert not arrived.flags.writeable


# --- what a child is told ------------------------------------------------------------------------


def raw(session):
    """The socket of a session, which the test reads and writes itself."""
    session._connection.setblocking(True)
    session._connection.settimeout(10.0)
    return session._connection


def hear(connection):
    """All that a child says before it hangs up; none may keep the host waiting."""
    said = b""
    with contextlib.suppress(ConnectionResetError):  # it ended without reading all
        while more := connection.recv(1 << 16):
            said += more
    return said


ASKED = {
    "id": 2, "op": "call", "kwargs": {"d": []}, "after": [], "seed": [0, 0], "free": [],
    "args": [{"h": "layers.f"}, {"a": ["float64", [2, 2]]}],
}  # fmt: skip
ECHO = b"def f(x, *more, **named): return x\n"


def question(header, body=b""):
    text = json.dumps(header).encode()
    return wire.PREFIX.pack(wire.MAGIC, len(text), len(body)) + text + body


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_child_answers_or_ends_whatever_it_is_told(zygote, data):
    told = bytearray(question(ASKED, np.ones((2, 2)).tobytes()))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(told) - 1))
        if data.draw(st.booleans()):
            told[at] = data.draw(st.integers(0, 255))
        else:
            told[at:at] = data.draw(st.binary(min_size=1, max_size=6))
    with zygote.open({"daseCV/layers.py": ECHO}) as session:
        connection = raw(session)
        connection.sendall(told)
        connection.shutdown(socket.SHUT_WR)
        said = hear(connection)
    assert said == b"" or said.startswith(wire.MAGIC)


NONSENSE = {
    "op": ["format", "", None, [], 1, "load_npz"],
    "args": [None, 7, [], [{"h": 99}], [{"h": None}], [{"h": "os.system"}], [{"h": "f." * 99}]],
    "kwargs": [None, [], {"d": [[1, 2]]}, {"d": [["x", 1]]}],
    "after": [None, [7], ["nobody"], [[]]],
    "seed": [None, [], [1], ["a", "b"], [-1, -1], [2**99, 2**99]],
    "free": [None, 7, [None], [[]], [10**30]],
}


@pytest.mark.parametrize("part", NONSENSE)
def test_a_question_without_sense_is_answered_by_an_error_or_a_result(zygote, part):
    body = np.ones((2, 2)).tobytes()
    with zygote.open({"daseCV/layers.py": ECHO}) as session:
        connection = raw(session)
        for number, value in enumerate(NONSENSE[part]):
            connection.sendall(question({**ASKED, "id": number, part: value}, body))
            header, _ = wire.read(lambda size: connection.recv(size, socket.MSG_WAITALL))
            assert header["id"] == number
        assert os.path.exists(f"/proc/{session.pid}")


def test_a_child_whose_host_hangs_up_in_the_middle_ends(zygote):
    told = question(ASKED, np.ones((2, 2)).tobytes())
    for size in (0, 3, 16, 20, len(told) - 1):
        with zygote.open({"daseCV/layers.py": ECHO}) as session:
            connection = raw(session)
            connection.sendall(told[:size])
            connection.shutdown(socket.SHUT_WR)
            assert hear(connection) == b""
