"""A run of grading that is killed, starved, locked out or interrupted loses no grade.

Each fault is a real one, in a real course played with nbgrader; afterwards the same command goes on
where it was, and ends with the bytes of a run that nobody disturbed.
"""

import contextlib
import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from nbconvert.writers import FilesWriter
from nbgrader.api import Gradebook
from nbgrader.preprocessors import SaveAutoGrades
from nbgrader_run import (
    A2,
    LOG,
    NOTEBOOK,
    at_call,
    die,
    die_after,
    finish,
    made,
    run,
    scores,
    start,
    url,
)

from autograder import kept, plugins, resume
from autograder.course import Course
from autograder.judge import Judge
from autograder.sandbox import Session

pytestmark = pytest.mark.usefixtures("strangers_welcome")

GRADE = ("AutogradeApp", A2)
AGAIN = "type the same command again"
ADA = f"autograded/ada/{A2}/{NOTEBOOK}.ipynb"
RESULT = f"results/ada/{A2}.json"


@pytest.fixture(scope="module")
def right(small_course, tmp_path_factory):
    """The course after an undisturbed run."""
    folder = tmp_path_factory.mktemp("right") / "course"
    shutil.copytree(small_course, folder)
    status, lines = run(folder, *GRADE)
    assert status == 0, lines
    earned = dict.fromkeys(("ada", "ben", "cai"), 0.0)
    for student, _, score, *_ in scores(folder):
        earned[student] += score or 0.0
    assert earned["ada"] > earned["cai"] > earned["ben"] == 0
    return folder


def is_as(course, right):
    assert made(course) == made(right)
    assert scores(course) == scores(right)


def goes_on(course, right):
    """The same command, undisturbed."""
    status, lines = run(course, *GRADE)
    assert status == 0, lines
    is_as(course, right)


# --- what happens in the fork, before the command ------------------------------------------------


def rename(act):
    def watch(event, arguments):
        if event == "os.rename" and str(arguments[1]).endswith(RESULT):
            act()

    sys.addaudithook(watch)


# --- killed --------------------------------------------------------------------------------------

DEATHS = {  # in the order in which one student meets them
    "as it judges": lambda: at_call(Judge, "_call", die, 5),
    "with half a result": lambda: at_call(kept, "save", die_after(1000)),
    "with a result that may not be on the disk": lambda: at_call(os, "fsync", die),
    "with a result not yet in place": lambda: rename(die),
    "with half a notebook": lambda: at_call(FilesWriter, "write", die_after(8000)),
    "with a notebook that has no grades": lambda: at_call(SaveAutoGrades, "preprocess", die),
    "with half of the grades": lambda: at_call(SaveAutoGrades, "_add_score", die, 3),
    "with grades that nobody was asked about": lambda: at_call(
        plugins.HoldForPerson, "preprocess", die
    ),
    "with half a graded notebook": lambda: at_call(FilesWriter, "write", die_after(8000), 2),
    "between two students": lambda: at_call(FilesWriter, "write", die, 3),
}


def test_a_run_that_is_killed_at_every_step_ends_as_if_it_never_was(course, right):
    """Each run could only get as far as its own death if it began ada again."""
    for how, death in DEATHS.items():
        status, lines = run(course, *GRADE, before=death)
        assert status in (-signal.SIGKILL, -signal.SIGXFSZ), (how, lines)
        if "result" in how:
            assert not (course / RESULT).exists()
        if "half of" in how:
            nothing_that_is_missing_counts_as_zero(course)
    assert json.loads((course / ADA).read_bytes()) == json.loads((right / ADA).read_bytes())
    status, lines = run(course, *GRADE)
    assert any("not whole" in line and "ben" in line for line in lines)
    is_as(course, right)


def nothing_that_is_missing_counts_as_zero(course):
    assert run(course, "ExportApp", "--exporter=autograder.exports.ExerciseExporter")[0] == 0
    (row,) = json.loads((course / "grades.json").read_text(encoding="utf-8"))
    cells = {name: cell["score"] for name, cell in row["exercises"].items()}
    assert None in cells.values()
    assert cells.pop("dropout_forward") == 3
    assert 0.0 not in cells.values()


def test_power_that_is_lost_at_any_moment(course, right):
    """All at once: the grader, the zygote, the children."""
    for moment in ("autograded", RESULT, ADA, f"results/cai/{A2}.json"):
        pid = start(course, *GRADE)
        while not (course / moment).exists():
            assert os.waitpid(pid, os.WNOHANG) == (0, 0), moment
            time.sleep(0.001)
        everybody = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        for process in everybody:
            with contextlib.suppress(psutil.Error):
                process.kill()
        assert finish(pid) == -signal.SIGKILL, moment
    assert made(course) != made(right)
    goes_on(course, right)


@pytest.mark.parametrize("whom", ["the zygote", "a child"])
def test_a_worker_that_is_killed_costs_nobody_anything(course, right, whom):
    def kill(session, *_):
        child = psutil.Process(session.pid)
        (child.parent() if whom == "the zygote" else child).kill()

    status, lines = run(course, *GRADE, before=lambda: at_call(Session, "exchange", kill, 40))
    assert status == 0
    assert [line for line in lines if "tried once more" in line]
    is_as(course, right)


@pytest.mark.parametrize("content", [b"", b"{", b"\0" * 500, b"[]", b"half"])
def test_what_is_no_whole_result_is_no_grade(course, right, content):
    whole = (right / RESULT).read_bytes()
    (course / RESULT).parent.mkdir(parents=True)
    (course / RESULT).write_bytes(whole[: len(whole) // 2] if content == b"half" else content)
    status, lines = run(course, *GRADE, "--student=ada")
    assert status == 0, lines
    assert (course / RESULT).read_bytes() == whole


# --- interrupted ---------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_tidies_up_and_says_how_to_go_on(course, right, number):
    def interrupt(*_):
        os.kill(os.getpid(), number)

    status, lines = run(course, *GRADE, before=lambda: at_call(Judge, "_call", interrupt, 5))
    assert status == 1
    assert f"interrupted; {AGAIN}" in lines[-1]
    assert made(course) == {}
    goes_on(course, right)


def test_a_command_that_is_ended_from_a_terminal(course, right):
    words = [sys.executable, "-m", "nbgrader", "autograde", A2]
    environment = Course(course).environment()
    with (course / LOG).open("wb") as log:
        command = subprocess.Popen(words, cwd=course, env=environment, stdout=log, stderr=log)
        while not (course / RESULT).exists():
            assert command.poll() is None, (course / LOG).read_text(encoding="utf-8")
            time.sleep(0.01)
        command.terminate()
        assert command.wait(20) == 1
    assert AGAIN in (course / LOG).read_text(encoding="utf-8").splitlines()[-1]
    goes_on(course, right)


def test_marks_of_a_person_survive(course, right):
    shutil.rmtree(course)
    shutil.copytree(right, course)
    with Gradebook(url(course)) as gradebook:
        where = (NOTEBOOK, A2, "ada")
        gradebook.find_grade("Dropout-Q1", *where).manual_score = 1.5
        gradebook.find_grade("dropout_forward", *where).extra_credit = 0.5
        gradebook.find_comment("Dropout-Q1", *where).manual_comment = "well said"
        gradebook.db.commit()
    death = DEATHS["with half a graded notebook"]
    assert run(course, *GRADE, "--force", before=death)[0] == -signal.SIGXFSZ
    assert run(course, *GRADE)[0] == 0
    with Gradebook(url(course)) as gradebook:
        assert gradebook.find_grade("Dropout-Q1", *where).score == 1.5
        assert gradebook.find_grade("dropout_forward", *where).score == 3.5
        assert gradebook.find_comment("Dropout-Q1", *where).comment == "well said"
    assert made(course) == made(right)


# --- a locked gradebook --------------------------------------------------------------------------


@contextlib.contextmanager
def locked(course):
    """Hold the gradebook, as another program does in the middle of a transaction."""
    database = sqlite3.connect(course / "gradebook.db", isolation_level=None)
    database.execute("BEGIN EXCLUSIVE")
    yield
    database.rollback()
    database.close()


def reached(course):
    """Wait until the run pauses; a lock that is taken before a fork would be the fork's, too."""
    while not (course / "paused").exists():
        time.sleep(0.01)
    return course / "paused"


def pause(*_):
    """Wait, in the fork, until somebody takes the file away."""
    Path("paused").touch()
    while Path("paused").exists():
        time.sleep(0.01)


def run_at_a_lock(course, *command, before):
    """Carry out a command that pauses, with the gradebook locked from then on; what it prints."""
    (course / LOG).write_bytes(b"")
    pid = start(course, *command, before=before)
    paused = reached(course)
    with locked(course):
        paused.unlink()
        assert finish(pid) == 1
    return (course / LOG).read_text(encoding="utf-8").splitlines()


def test_a_gradebook_that_is_locked_for_a_while_is_waited_for(course, right):
    pid = start(course, *GRADE, before=pause)
    paused = reached(course)
    with locked(course):
        paused.unlink()
        time.sleep(7)  # nbgrader itself would have given up after five seconds
        assert os.waitpid(pid, os.WNOHANG) == (0, 0)
    assert finish(pid) == 0
    is_as(course, right)


def test_a_gradebook_that_stays_locked_stops_the_run_and_says_why(course, right):
    """After ada, in the middle of ben: whose result is there, but not his grades."""

    def impatient():
        resume.LOCK_SECONDS = 0.2
        at_call(SaveAutoGrades, "preprocess", pause, 2)

    last = run_at_a_lock(course, *GRADE, before=impatient)[-1]
    assert "gradebook.db: database is locked; close what holds it" in last
    assert AGAIN in last
    assert {name.split("/")[1] for name in made(course) if "autograded" in name} == {"ada"}
    goes_on(course, right)


@pytest.mark.parametrize("command", [("ExportApp",), ("GenerateAssignmentApp", A2)])
def test_other_commands_end_at_a_locked_gradebook_and_say_why(right, command):
    def impatient():
        resume.LOCK_SECONDS = 0.2
        pause()

    before = made(right)
    lines = run_at_a_lock(right, *command, before=impatient)
    said = next(line for line in lines if "gradebook.db: database is locked" in line)
    assert f"or a database browser, then {AGAIN}" in said
    assert not any("Traceback" in line for line in lines)
    assert made(right) == before


def test_a_second_run_beside_the_first_is_refused(course, right):
    """It would take what the first is at for cut short, and away from under it."""
    pid = start(course, *GRADE, before=lambda: at_call(SaveAutoGrades, "preprocess", pause, 2))
    paused, before = reached(course), made(course)
    status, lines = run(course, *GRADE)
    assert status == 1
    assert f"another command is at work in {course}/autograded" in lines[-1]
    assert AGAIN in lines[-1]
    assert made(course) == before
    paused.unlink()
    assert finish(pid) == 0
    is_as(course, right)


# --- a full disk ---------------------------------------------------------------------------------


@pytest.fixture
def small_disk(course):
    """Mount a disk of so many bytes on a folder of the course; `room` makes it larger."""
    mounted = []

    def mount(name, size):
        (course / name).mkdir(exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", course / name]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("no disk can be filled: this user may not mount one")
        mounted.append(course / name)

    yield mount
    for path in mounted:
        subprocess.run(["umount", path], check=True)


FULL = "cannot be written: File too large; make room on its disk"
STARVED = {
    "the result": (f"{RESULT} {FULL}", kept, "save"),
    "a notebook": (f"autograded/ada/{A2} {FULL}", FilesWriter, "write"),
    "the gradebook": (
        "gradebook.db: disk I/O error; see to its disk", SaveAutoGrades, "preprocess"
    ),
}  # fmt: skip


def starving(owner, name):
    """While the function works, no file may grow beyond 1000 bytes."""
    real = getattr(owner, name)

    def hungry(*args, **kwargs):
        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, most))
        try:
            return real(*args, **kwargs)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    setattr(owner, name, hungry)


@pytest.mark.parametrize("what", STARVED)
def test_a_quota_stops_the_run_and_says_what_to_do(course, right, what):
    """Any user can have one, where nobody may mount a disk."""
    words, *function = STARVED[what]
    status, lines = run(course, *GRADE, before=lambda: starving(*function))
    assert status == 1
    assert f"{course / words}, then {AGAIN}" in lines[-1]
    assert not [line for line in lines if "/ben/" in line]
    goes_on(course, right)


def room(path):
    subprocess.run(["mount", "-o", "remount,size=100m", path], check=True)


@pytest.mark.parametrize("name", ["results", "autograded"])
def test_a_full_disk_stops_the_run_and_says_what_to_do(course, right, small_disk, name):
    small_disk(name, 4096)
    status, lines = run(course, *GRADE)
    assert status == 1
    assert "No space left on device; make room on its disk" in lines[-1]
    assert AGAIN in lines[-1]
    assert not [line for line in lines if "/ben/" in line]  # nobody was graded in vain
    assert not [path for path in (course / name).rglob("*") if path.is_file()]
    room(course / name)
    goes_on(course, right)


def test_a_gradebook_on_a_full_disk_stops_the_run_and_says_what_to_do(course, right, small_disk):
    kept = (course / "gradebook.db").read_bytes()
    small_disk("disk", len(kept) + 8192)
    (course / "disk" / "gradebook.db").write_bytes(kept)
    (course / "gradebook.db").unlink()
    (course / "gradebook.db").symlink_to(course / "disk" / "gradebook.db")
    status, lines = run(course, *GRADE)
    assert status == 1
    assert "gradebook.db: database or disk is full; make room on its disk" in lines[-1]
    assert AGAIN in lines[-1]
    room(course / "disk")
    goes_on(course, right)
