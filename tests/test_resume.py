"""One of several notebooks is graded, or shown, and a run is cut short between: none is lost."""

import os
import shutil
import signal
import tracemalloc
from functools import partial

import pytest
from nbconvert.writers import FilesWriter
from nbgrader.api import Gradebook
from nbgrader_run import A2, NOTEBOOK, at_call, die, die_after, made, new, run, scores, url
from sqlalchemy import event
from sqlalchemy.engine import Engine

from autograder import resume

GRADE = ("AutogradeApp", A2, "--student=ada")
SHOW = ("GenerateFeedbackApp", A2, "--student=ada")
FIRST, SECOND = "BatchNormalization", NOTEBOOK
ONLY_SECOND = f"--notebook={SECOND}"


@pytest.fixture(scope="module")
def small_course(tmp_path_factory):
    folder = tmp_path_factory.mktemp("resume") / "course"
    new(folder, FIRST)
    return folder


@pytest.fixture(scope="module")
def right(small_course, strangers_welcome, tmp_path_factory):
    """The course after an undisturbed run."""
    folder = tmp_path_factory.mktemp("right") / "course"
    shutil.copytree(small_course, folder)
    status, lines = run(folder, *GRADE)
    assert status == 0, lines
    assert there(folder) == {FIRST, SECOND}
    return folder


def there(course, root="autograded"):
    return {path.stem for path in (course / root / "ada" / A2).iterdir()}


def test_one_notebook_is_graded_after_a_run_that_was_cut_short(course, right):
    """Before the fourth file is written: the second notebook has no grades."""
    status, lines = run(course, *GRADE, before=lambda: at_call(FilesWriter, "write", die, 4))
    assert status < 0, lines
    assert run(course, *GRADE, ONLY_SECOND)[0] == 0
    assert made(course) == made(right)
    status, lines = run(course, *GRADE)
    assert status == 0
    assert not [line for line in lines if "made anew" in line]
    assert made(course) == made(right)


def test_the_rest_is_graded_after_one_notebook(course, right):
    """nbgrader alone takes a folder that is there for one that is done."""
    assert run(course, *GRADE, ONLY_SECOND)[0] == 0
    assert there(course) == {SECOND}
    excluded = "--CourseDirectory.student_id_exclude=ben,ada"
    assert run(course, *GRADE, excluded)[0] == 0
    assert there(course) == {SECOND}
    assert run(course, *GRADE)[0] == 0
    assert made(course) == made(right)


def test_what_is_handed_in_beside_the_release_is_not_waited_for(right, tmp_path):
    course = tmp_path / "course"
    shutil.copytree(right, course)
    copy = course / "submitted" / "ada" / A2 / f"{SECOND} (1).ipynb"
    copy.write_text("{}")
    status, lines = run(course, *GRADE)
    assert status == 0
    assert not [line for line in lines if "made anew" in line]


def test_the_rest_is_shown_after_one_page(right, tmp_path):
    course = tmp_path / "course"
    shutil.copytree(right, course)
    assert run(course, *SHOW, ONLY_SECOND)[0] == 0
    assert there(course, "feedback") == {SECOND}
    assert run(course, *SHOW)[0] == 0
    assert there(course, "feedback") == {FIRST, SECOND}


def test_feedback_that_was_cut_short_is_made_anew(right, tmp_path):
    course = tmp_path / "course"
    shutil.copytree(right, course)
    page = course / "feedback" / "ada" / A2 / f"{FIRST}.html"
    half = run(course, *SHOW, before=lambda: at_call(FilesWriter, "write", die_after(8000)))
    assert half[0] == -signal.SIGXFSZ
    assert page.stat().st_size == 8000
    assert run(course, *SHOW)[0] == 0
    assert page.read_text(encoding="utf-8").rstrip().endswith("</html>")


def test_feedback_is_made_anew_for_a_new_mark_and_only_then(right, tmp_path):
    course = tmp_path / "course"
    shutil.copytree(right, course)
    page = course / "feedback" / "ada" / A2 / f"{FIRST}.html"
    where = "BatchNormalization-Q2", FIRST, A2, "ada"
    assert run(course, *SHOW)[0] == 0
    unmarked = page.read_text(encoding="utf-8")
    assert not [line for line in run(course, *SHOW)[1] if "made anew" in line]
    with Gradebook(url(course)) as gradebook:
        gradebook.find_grade(*where).manual_score = 1.5
        gradebook.find_comment(*where).manual_comment = "well said"
        gradebook.db.commit()
    assert run(course, *SHOW)[0] == 0
    assert "well said" not in unmarked
    assert "well said" in page.read_text(encoding="utf-8")


def test_a_page_is_not_read_to_know_that_it_is_whole(tmp_path):
    gradebook = tmp_path / "gradebook.db"
    gradebook.touch()
    os.utime(gradebook, (0, 0))
    shown = partial(resume.shown, f"sqlite:///{gradebook}", tmp_path)
    page = tmp_path / f"{NOTEBOOK}.html"
    page.write_bytes(b"x" * 20_000_000 + b"</html>\n")
    tracemalloc.start()
    try:
        assert shown([tmp_path / f"{NOTEBOOK}.ipynb"])
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
    page.write_bytes(b"x" * 20)
    assert not shown([tmp_path / f"{NOTEBOOK}.ipynb"])
    page.write_bytes(b"")
    assert not shown([tmp_path / f"{NOTEBOOK}.ipynb"])


# --- what cannot be written ----------------------------------------------------------------------

AGAIN = "then type the same command again: it goes on where it was"


def read_only(_):
    """As SQLite finds a gradebook whose file nobody may write; root may write any."""
    event.listen(Engine, "connect", lambda connection, _: connection.execute("PRAGMA query_only=1"))


def a_folder(gradebook):
    gradebook.unlink()
    gradebook.mkdir()


UNWRITABLE = {
    read_only: "attempt to write a readonly database; see to it that it can be written",
    a_folder: "unable to open database file; see to its folder",
}


@pytest.mark.parametrize("how", UNWRITABLE)
def test_a_gradebook_that_cannot_be_written_stops_the_run_and_says_what_to_do(course, how):
    gradebook = course / "gradebook.db"
    status, lines = run(course, *GRADE, before=lambda: how(gradebook))
    assert status == 1
    assert lines[-1].endswith(f"{gradebook}: {UNWRITABLE[how]}, {AGAIN}")
    assert not [name for name in made(course) if name.startswith("autograded/")]


def test_a_place_that_cannot_be_written_stops_the_run_and_says_what_to_do(course):
    (course / "results").write_text("a file where the folder belongs")
    status, lines = run(course, *GRADE)
    assert status == 1
    where = course / "results" / "ada" / f"{A2}.json"
    assert lines[-1].endswith(f"{where} cannot be written: Not a directory; mend that, {AGAIN}")
    assert {score for _, _, score, *_ in scores(course)} == {None}
