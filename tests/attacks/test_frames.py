"""What a child writes on the session's socket is its own answer or the end of it."""

import forged_frames
import numpy as np
import peak
import pytest

from autograder.sandbox import ProtocolError, StudentError, TimedOut

FILE = "daseCV/layers.py"


def child(zygote, lines, wall_seconds=5):
    inner = "\n    ".join(lines.splitlines())
    session = zygote.open({FILE: f"{forged_frames.BEFORE}\ndef f(*args):\n    {inner}\n".encode()})
    session.begin(cpu_seconds=1, wall_seconds=wall_seconds)
    return session


@pytest.mark.parametrize("frame", forged_frames.FRAMES.values(), ids=forged_frames.FRAMES)
def test_nonsense_ends_the_session_and_costs_the_grader_nothing(zygote, frame):
    with child(zygote, f"send({frame})\ntime.sleep(9)") as session:
        peak.forget()
        before = peak.mebibytes()
        with pytest.raises(ProtocolError):
            session.student.layers.f()
        assert session.closed
        assert peak.mebibytes() - before < 100


def test_a_forged_answer_is_an_answer_and_no_more(zygote):
    """Whoever writes the socket's bytes gives their own answer, right or wrong."""
    with child(zygote, "send(reply(0.5))\ntime.sleep(9)") as session:
        assert session.student.layers.f() == 0.5


def test_an_answer_given_in_advance_is_an_answer_and_the_end(zygote):
    """From then on the child is one answer ahead, which is the end of it."""
    ahead = "frame({'id': current() + 1, 'result': 2, 'after': []})"
    with child(zygote, f"send(reply(1), {ahead})\nreturn 3") as session:
        assert session.student.layers.f() == 1
        with pytest.raises(ProtocolError):
            assert [session.student.layers.f(), session.student.layers.f()] == [2, None]


@pytest.mark.parametrize(
    "lines",
    [
        "send(frame({}, size=99))\ntime.sleep(9)",
        "send(b'dCV1')\ntime.sleep(9)",
        "for byte in reply([0] * 9999): send(bytes([byte])); time.sleep(0.01)",
    ],
    ids=["a body that is missing", "a prefix that is cut", "a byte at a time"],
)
def test_an_answer_has_one_deadline_for_all_of_it(zygote, lines):
    """A byte now and then wins no time."""
    with child(zygote, lines, wall_seconds=0.4) as session, pytest.raises(TimedOut):
        session.student.layers.f()


SILENT = """
pack = sys.modules["_inside.wire"].pack
def silent(*args):
    sys.modules["_inside.wire"].pack = pack
    return []
def f():
    send(reply({"h": [7777, "tuple"]}))
    sys.modules["_inside.wire"].pack = silent
"""


def test_a_handle_that_was_never_given_is_the_childs_own_error(zygote):
    with zygote.open({FILE: (forged_frames.BEFORE + SILENT).encode()}) as session:
        handle = session.student.layers.f()
        with pytest.raises(StudentError) as caught:
            handle.fetch()
        assert caught.value.is_a("KeyError")


def test_what_a_child_does_to_its_arguments_stays_there(zygote):
    mine = np.ones((2, 3))
    with child(zygote, "args[0][:] = 0\nreturn args[0]") as session:
        assert not session.student.layers.f(mine).any()
    assert mine.all()
