"""Whatever bytes come over the wire, the host takes a value or names the fault, soon and cheaply.

The host's own `Session` talks here to a child that is no more than bytes: all of an answer lies in
the socket before it is read. Children that are real have `test_wire_children.py`.
"""

import contextlib
import gc
import json
import os
import socket
import threading
import time
import tracemalloc
from dataclasses import replace

import numpy as np
import peak
import psutil
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from autograder.sandbox import (
    Died,
    Handle,
    Limits,
    OutOfMemory,
    ProtocolError,
    StudentError,
    TimedOut,
)
from autograder.sandbox.channel import Channel
from autograder.sandbox.errors import student_error
from autograder.sandbox.inside import wire
from autograder.sandbox.inside.wire import MalformedError
from autograder.sandbox.session import Session

EXPECTED = (ProtocolError, StudentError, Died, OutOfMemory, TimedOut)
ERROR = {"type": "E", "text": "", "module": None, "line": None, "missing": None, "mro": ["E"]}
WIDE = Limits(cpu_seconds=1e6)  # the child that is watched is this process
SMALL = replace(WIDE, max_body=1 << 16)
MANY = settings(max_examples=300, deadline=None)


def frame(header, body=b"", size=None, magic=wire.MAGIC):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return wire.PREFIX.pack(magic, len(text), len(body) if size is None else size) + text + body


def result(node, body=b"", number=1, after=()):
    return frame({"id": number, "result": node, "after": list(after)}, body)


def session_with(data, limits=SMALL):
    """A session whose child says `data`, whatever it is asked, and hangs up."""
    ours, theirs = socket.socketpair()

    def say_it():
        with theirs, contextlib.suppress(OSError):  # the host may have had enough
            theirs.sendall(data)
            theirs.shutdown(socket.SHUT_WR)
            while theirs.recv(1 << 20):
                pass

    threading.Thread(target=say_it, daemon=True).start()
    how = {"status": 0, "cpu_seconds": 0.0, "max_rss_bytes": 0}
    return Session(os.getpid(), ours, lambda: how, limits)


def ask(data, times=1):
    """What the host makes of it: the last value, or the exception."""
    with session_with(data) as session:
        value = None
        for _ in range(times):
            try:
                value = session.student.layers.f(np.ones(2))
            except EXPECTED as error:
                value = error
        return value


# --- any bytes -----------------------------------------------------------------------------------

WORDS = st.sampled_from(["id", "result", "after", "error", *"avsbtdh", "dtype", "type", "\ud800"])
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 2**70), st.floats(), st.text(max_size=4), WORDS,
    st.sampled_from([*wire.DTYPES, 10**400, -(10**400), 1e308, float("nan"), float("inf")]),
)  # fmt: skip
JSON = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(WORDS, inner, max_size=3),
        st.tuples(st.sampled_from("avsbtdh"), inner).map(lambda pair: dict([pair])),
    ),
    max_leaves=12,
)


@MANY
@given(st.binary(max_size=200))
def test_noise(data):
    assert isinstance(ask(data), EXPECTED)


@MANY
@given(JSON, st.binary(max_size=40))
def test_any_json_as_a_header(header, body):
    assert isinstance(ask(frame(header, body)), EXPECTED)


@MANY
@given(JSON, JSON, st.binary(max_size=40))
def test_any_json_as_a_result(node, after, body):
    ask(frame({"id": 1, "result": node, "after": after}, body))


@MANY
@given(st.dictionaries(st.sampled_from([*ERROR]), JSON, max_size=6))
def test_any_json_as_an_error(claim):
    assert isinstance(ask(frame({"id": 1, "error": {**ERROR, **claim}})), EXPECTED)
    with pytest.raises((MalformedError, StudentError)):
        raise student_error(json.loads(json.dumps(claim)), {"daseCV/layers.py": b""})


GOOD = (
    result({"t": [{"a": ["float64", [2, 2]]}, {"h": [1, "dict"]}, 3]}, np.ones((2, 2)).tobytes()),
    result({"d": [["W", {"a": ["int8", [3]]}], ["b", [1.5, None]]]}, b"abc"),
    frame({"id": 1, "error": {**ERROR, "type": "ValueError", "mro": ["ValueError", "Exception"]}}),
)


@MANY
@given(st.sampled_from(GOOD), st.data())
def test_a_mutated_answer(good, data):
    changed = bytearray(good)
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(changed) - 1))
        kind = data.draw(st.sampled_from(["set", "cut", "put", "copy"]))
        if kind == "set":
            changed[at] = data.draw(st.integers(0, 255))
        elif kind == "cut":
            del changed[at : at + data.draw(st.integers(1, 30))]
        elif kind == "put":
            changed[at:at] = data.draw(st.binary(min_size=1, max_size=8))
        else:
            changed[at:at] = changed[at : at + data.draw(st.integers(1, 30))]
        assume(changed)
    ask(changed, times=2)


@pytest.mark.parametrize("good", GOOD, ids=range(3))
def test_an_answer_that_stops_anywhere_is_a_death(good):
    for size in range(len(good)):
        assert isinstance(ask(good[:size]), Died)


def test_answers_to_nothing_to_another_request_or_twice():
    one, two = result(1), result(2, number=2)
    assert ask(one + two, times=2) == 2
    for data, times in ((two, 1), (one + one, 2), (one + one + two, 3), (result(0, number=0), 1)):
        assert isinstance(ask(data, times), ProtocolError)


# --- what it costs -------------------------------------------------------------------------------

LONG = wire.MAX_HEADER - 100
COSTLY = {
    "gigabytes promised": frame({"id": 1}, size=1 << 40),
    "all that is allowed promised": frame({"id": 1, "result": 1, "after": []}, size=wire.MAX_BODY),
    "a header that is too long": wire.PREFIX.pack(wire.MAGIC, wire.MAX_HEADER + 1, 0),
    "lists in lists": frame(b"[" * LONG),
    "tables in tables": frame(b'{"a":' * (LONG // 5)),
    "nodes in nodes": result([[[[[[[[[1]]]]]]]]]),
    "too many nodes": result([0] * wire.MAX_NODES),
    "empty lists": frame(b'{"id":1,"result":[' + b"[]," * (LONG // 3) + b'[]],"after":[]}'),
    "a long number": frame(b'{"id":1,"result":' + b"9" * 4000 + b',"after":[]}'),
    "too long a number": frame(b"9" * LONG),
    "a great exponent": frame(b'{"id":1,"result":1e' + b"9" * 9999 + b',"after":[]}'),
    "a key many times": frame(b'{"id":1,' + b'"result":[1],' * (LONG // 13) + b'"after":[]}'),
    "an array of exabytes": result({"a": ["float64", [2**31, 2**31]]}),
    "an empty array of exabytes": result({"a": ["float64", [0, 2**60]]}),
    "an array of long numbers": result({"a": ["float64", [10**4000] * 32]}),
    "an array of many axes": result({"a": ["bool", [1] * 10**5]}),
    "many bytes": result({"b": 2**62}),
    "a reference of a long name": result({"h": [1, "x" * 10**6]}),
    "many kinds of exception": frame({"id": 1, "error": {**ERROR, "mro": ["E"] * 10**5}}),
    "half a character": frame(b'{"id":1,"result":{"\\ud800":"\\udfff"},"after":[]}'),
}


@pytest.mark.parametrize("name", COSTLY)
def test_no_answer_costs_much_memory_or_time(name):
    """Before it is known to be valid, that is; 64 MB are what 1 MiB of JSON can become at most."""
    with session_with(COSTLY[name], WIDE) as session:
        tracemalloc.start()
        before = time.process_time()
        with contextlib.suppress(*EXPECTED):
            session.student.layers.f()
        spent, (_, peak) = time.process_time() - before, tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < (4 << 20 if "promised" in name else 64 << 20)
    assert spent < 2.0  # tracemalloc makes it several times slower


def test_a_promise_is_paid_for_as_it_is_kept():
    """Pages, not only bytes: what is asked of the system."""
    data = frame({"id": 1, "result": 1, "after": []}, b"x" * 2_000_000, size=wire.MAX_BODY)
    peak.forget()
    before = peak.mebibytes()
    with session_with(data, WIDE) as session, pytest.raises(Died):
        session.student.layers.f()
    assert peak.mebibytes() - before < 32


def test_what_was_answered_is_gone_with_its_last_reference():
    """Not at the next collection of garbage: answers may have 256 MiB."""
    data = result({"a": ["float64", [2_000_000]]}, bytes(16_000_000))
    held = []
    gc.disable()
    try:
        for _ in range(5):
            with session_with(data, WIDE) as session:
                assert session.student.layers.f().shape == (2_000_000,)
            held.append(psutil.Process().memory_info().rss)
    finally:
        gc.enable()
    assert held[-1] - held[0] < 20e6


@given(st.binary(max_size=300_000), st.integers(1, 100_000))
@settings(max_examples=20, deadline=None)
def test_what_is_received_is_what_was_sent(data, step):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        channel = Channel(ours, lambda: None)
        sender = threading.Thread(target=theirs.sendall, args=(data,))
        sender.start()
        sizes = [min(step, len(data) - at) for at in range(0, len(data), step)]
        assert b"".join(channel.receive(size) for size in sizes) == data
        sender.join()


# --- references ----------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [0, -1, 2**53, 10**4000, True, 1.0, "1", None])
def test_a_reference_to_nothing_is_refused(number):
    assert isinstance(ask(result({"h": [number, "dict"]})), ProtocolError)


def test_many_references_do_not_stop_the_check_that_lets_them_go():
    """They are let go of in portions; all at once, they would not go into a header."""
    node = [{"h": [2**52 + n, ""]} for n in range(wire.MAX_NODES - 2)]
    answers = [result(node, number=n + 1) for n in range(8)]
    with session_with(b"".join([*answers, result(7, number=9)])) as session:
        held = [session.student.layers.f() for _ in answers]
        assert all(isinstance(handle, Handle) for handle in held[0])
        del held
        assert len(session.freed) == 8 * len(node)
        assert session.student.layers.f() == 7
        assert len(session.freed) == 8 * len(node) - wire.MAX_NODES


def test_an_answer_with_bytes_that_belong_to_no_error_is_refused():
    assert isinstance(ask(frame({"id": 1, "error": ERROR}, b"more")), ProtocolError)


def test_rows_of_nothing_are_counted_all_the_same():
    """Whoever lists them holds them, and they come without a byte."""
    assert ask(result({"a": ["float64", [wire.MAX_EMPTY, 0]]})).shape == (wire.MAX_EMPTY, 0)
    for shape in ([wire.MAX_EMPTY + 1, 0], [0, wire.MAX_EMPTY, 2]):
        assert isinstance(ask(result({"a": ["float64", shape]})), ProtocolError)


def test_views_go_one_way():
    assert isinstance(ask(result({"v": ["float64", [1]]}, b"8 bytes.")), ProtocolError)
