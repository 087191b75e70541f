"""Grading one submission after the other leaves nothing behind: `benchmarks/wall.py`, but short."""

import importlib.util
import sys

import pytest

from autograder import HOME
from autograder.sandbox import Handle, NoWallError, Zygote

SPEC = importlib.util.spec_from_file_location("wall", HOME / "benchmarks" / "wall.py")
SUBMISSIONS = 20
MOST_GROWTH = 10e6  # bytes; the thousand of the benchmark may take less


@pytest.fixture(scope="module")
def wall():
    """The benchmark, as a module."""
    made = sys.modules[SPEC.name] = importlib.util.module_from_spec(SPEC)
    SPEC.loader.exec_module(made)
    yield made
    del sys.modules[SPEC.name]


@pytest.fixture(scope="module")
def zygote():
    with Zygote() as made:
        try:
            made.start()
        except NoWallError as error:
            pytest.skip(f"without a wall a child leaves behind what it likes: {error}")
        yield made


def test_small_submissions_leave_nothing_behind(wall, zygote):
    first, last = wall.small_submissions(zygote, len(wall.KINDS), SUBMISSIONS)
    assert wall.leaked(first, last) == [0, 0, 0, 0]
    assert last.grader_bytes - first.grader_bytes < MOST_GROWTH
    assert last.zygote_bytes - first.zygote_bytes < MOST_GROWTH


def test_what_is_left_behind_would_be_seen(wall, zygote, tmp_path):
    before = wall.held(str(tmp_path))
    with zygote.open({"a.py": b"def make(): return object()"}) as session:
        handle = session.student.a.make()
        (tmp_path / "left-behind").touch()
        after = wall.held(str(tmp_path))
    assert isinstance(handle, Handle)
    assert all(left > 0 for left in wall.leaked(before, after))
