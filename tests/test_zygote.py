"""The zygote and its children as processes: how they start, starve, hang and end."""

import os
import subprocess
import sys
import time

import psutil
import pytest

from autograder.sandbox import (
    NoWallError,
    StudentError,
    UnsendableError,
    Zygote,
    ZygoteError,
    at_least,
    launch,
    visible,
)
from autograder.sandbox.tiers import Tier

ANY = at_least(trusted=True)  # the code is our own


def descendants():
    return psutil.Process().children(recursive=True)


def test_nothing_is_left_running():
    before = descendants()
    with Zygote(among=at_least(trusted=True)[-1:]) as zygote:  # with a wall there is no Popen
        assert descendants() == before  # it starts when it is needed
        code = b"import subprocess\ndef f(): return subprocess.Popen(['/bin/sleep', '99']).pid"
        sessions = [zygote.open({"a.py": code}) for _ in range(3)]
        sleeper = psutil.Process(sessions[0].student.a.f())
        assert len(descendants()) == len(before) + 5
        sessions[0].close()
        sleeper.wait(5)
        assert sessions[0].usage().max_rss_bytes > 1 << 20
    assert descendants() == before
    assert all(session.closed for session in sessions)


def test_a_zygote_that_died_is_the_graders_fault_and_the_next_open_starts_another():
    with Zygote(among=ANY) as zygote:
        session = zygote.open({"a.py": b"def f():\n    while True: pass"})
        child = psutil.Process(session.pid)
        child.parent().kill()
        with pytest.raises(ZygoteError):
            session.student.a.f()
        child.wait(5)
        with pytest.raises(ZygoteError):
            zygote._ask({"op": "fork"})
        assert zygote.open({"a.py": b"f = int"}).student.a.f("3") == 3


@pytest.mark.parametrize("nth", [1, 2], ids=["while a child is made", "while it is ended"])
def test_an_interrupt_while_the_zygote_answers_is_one(monkeypatch, nth):
    """The answer that was not heard is not taken for that to the next question."""
    with Zygote(among=ANY[-1:]) as zygote:
        zygote.start()
        left, receive = nth, Zygote._receive

        def interrupted(self):
            nonlocal left
            left -= 1
            if left == 0:
                raise KeyboardInterrupt
            return receive(self)

        monkeypatch.setattr(Zygote, "_receive", interrupted)
        with pytest.raises(KeyboardInterrupt):
            zygote.open({}).close()
        assert zygote.open({"a.py": b"f = int"}).student.a.f("3") == 3


@pytest.mark.parametrize("tier", at_least(trusted=True), ids=lambda tier: tier.name)
def test_a_zygote_that_hangs_is_ended_with_all_that_it_made(monkeypatch, tier):
    monkeypatch.setattr(launch, "END_SECONDS", 0.1)
    before = set(descendants())
    with Zygote(among=[tier]) as zygote:
        try:
            session = zygote.open({})
        except NoWallError as error:
            pytest.skip(str(error).splitlines()[1])
        child = psutil.Process(session.pid)
        child.parent().suspend()
        zygote._control.settimeout(0.1)
    child.wait(5)
    assert set(descendants()) == before


def test_a_submission_that_cannot_travel_leaves_no_child(zygote):
    zygote.start()
    before = set(descendants())
    with pytest.raises(UnsendableError):
        zygote.open({f"{number:0200}.py": b"" for number in range(6000)})
    assert set(descendants()) == before


def test_what_starts_again_stands_behind_the_same_wall(monkeypatch):
    """Not behind a weaker one: one result tells of one wall."""
    with Zygote(among=ANY) as zygote:
        zygote.start()
        first = zygote.wall
        zygote.close()
        monkeypatch.setattr(Tier, "lacks", lambda tier: tier.name == first.tier and "luck")
        with pytest.raises(NoWallError, match="lacks luck"):
            zygote.start()
        monkeypatch.undo()
        zygote.start()
        assert zygote.wall == first


def test_a_zygote_that_cannot_start_says_why(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with Zygote(among=ANY) as zygote, pytest.raises(ZygoteError, match="cannot be started"):
        zygote.open({})
    monkeypatch.undo()
    monkeypatch.setattr(visible, "packages", lambda name: ())
    with Zygote(among=ANY) as zygote, pytest.raises(ZygoteError, match="No module named 'numpy'"):
        zygote.open({})


LIBRARY = {"a.py": b"def f():\n    import click.testing\n    return click.__name__"}


@pytest.mark.parametrize("tier", at_least(), ids=lambda tier: tier.name)
def test_what_the_course_allows_can_be_imported_and_nothing_else(tier):
    with Zygote(among=[tier], libraries=["click"]) as zygote:
        try:
            zygote.start()
        except NoWallError as error:
            pytest.skip(str(error).splitlines()[1])
        assert zygote.open(LIBRARY).student.a.f() == "click"
    with Zygote(among=[tier]) as zygote:
        with pytest.raises(StudentError) as caught:
            zygote.open(LIBRARY).student.a.f()
        assert caught.value.missing == "click"


def test_what_the_course_allows_has_to_be_installed():
    said = "no_such_library.part, which the assignment allows, is not installed here"
    names = ["no_such_library.part"]
    with Zygote(libraries=names) as zygote, pytest.raises(ZygoteError, match=said):
        zygote.start()


def test_all_die_with_the_host():
    code = """if True:
        import os
        from autograder.sandbox import Zygote, at_least
        zygote = Zygote(among=at_least(trusted=True))
        session = zygote.open({"a.py": b"def f():\\n    while True: pass"})
        print(session.pid, session._process.ppid(), session._process.cwd(), flush=True)
        session.begin(cpu_seconds=60)
        session.student.a.f()
    """
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as host:
        *pids, folder = host.stdout.readline().decode().split()
        host.kill()
    pids = [int(pid) for pid in pids]
    deadline = time.monotonic() + 5
    while any(map(psutil.pid_exists, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(map(psutil.pid_exists, pids))
    assert not os.path.exists(folder)
