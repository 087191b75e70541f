"""What nbgrader trusts of a submission or a name, and no longer does: stamps, tables, terminals."""

import csv
import datetime
import logging
import os
import shutil

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory

from autograder import course, exports, guards, plugins

NAMES = ("=1+1", "+49", "-x", "@SUM(A1)", 'Ada "the" Great', "King, Ada", "two\nlines", "王 小明")


@pytest.fixture
def submitted(tmp_path):
    folder = tmp_path / "submitted" / "ada" / "a1"
    folder.mkdir(parents=True)
    return folder


def test_a_time_stamp_is_what_nbgrader_writes(submitted):
    assert guards.handed_in_at(submitted) is None
    for text in ("2026-11-21 18:00:00.123456 UTC", "2026-11-21 18:00:00 +0000", "2026-11-21T18:00"):
        (submitted / "timestamp.txt").write_text(text)
        found = guards.handed_in_at(submitted)
        assert found.replace(microsecond=0) == datetime.datetime(2026, 11, 21, 18)


def as_link(path):
    path.with_name("there").write_text("2026-11-21 18:00:00 UTC")
    path.symlink_to("there")


def as_sparse(path):
    path.touch()
    os.truncate(path, 1 << 40)


@pytest.mark.parametrize(
    "lay",
    [
        os.mkfifo, os.mkdir, as_link, as_sparse, lambda path: path.symlink_to("/dev/zero"),
        lambda path: path.write_bytes(b"\xff\xfe"), lambda path: path.write_text("at noon"),
        lambda path: path.write_text("2026-11-21 18:00:00 ../../../../etc/passwd"),
        lambda path: path.write_text("9" * 60), lambda path: path.write_text(""),
    ],
)  # fmt: skip
def test_whatever_else_a_student_calls_so_is_none(submitted, lay):
    lay(submitted / "timestamp.txt")
    assert guards.handed_in_at(submitted) is None


def test_they_stand_in_nbgraders_places(submitted, tmp_path):
    guards.install()
    guards.install()
    os.mkfifo(submitted / "timestamp.txt")
    coursedir = CourseDirectory(root=str(tmp_path))
    assert coursedir.get_existing_timestamp(str(submitted)) is None
    (submitted / "n.ipynb").write_text("{}")
    for name in ("two\nlines", "<b>", "=1"):
        (tmp_path / "submitted" / name / "a1").mkdir(parents=True)
        shutil.copy(submitted / "n.ipynb", tmp_path / "submitted" / name / "a1")
    coursedir.assignment_id = "a1"
    converter = Autograde(coursedir=coursedir)
    converter.init_notebooks()
    assert list(converter.assignments) == [str(submitted)]


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's own
def test_the_table_is_quoted_and_no_name_in_it_a_formula(tmp_path, monkeypatch):
    """nbgrader's own breaks at a comma, and a spreadsheet computes what begins with "="."""
    monkeypatch.setenv("PATH", course.Course(tmp_path).environment()["PATH"])  # for alembic
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as gradebook:
        gradebook.add_assignment("a1")
        for number, name in enumerate(NAMES):
            gradebook.add_student(f"s{number}", first_name=name, last_name=name, email=name)
        gradebook.add_submission("a1", "s0")
        exports.CsvExporter(to=str(tmp_path / "grades.csv")).export(gradebook)
        for only in ({"student": ["s1"]}, {"assignment": ["a2"]}):
            target = tmp_path / f"{next(iter(only))}.csv"
            exports.CsvExporter(to=str(target), **only).export(gradebook)
    with (tmp_path / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["student_id"])
    assert len(rows) == len(NAMES)
    for row, name in zip(rows, NAMES, strict=True):
        assert row["first_name"] in (name, f"'{name}")
        assert not row["first_name"].startswith(("=", "+", "-", "@"))
        assert row["score"] == "0.0"
        assert row["needs_manual_grade"] == "False"
    assert len((tmp_path / "student.csv").read_text().splitlines()) == 2
    assert len((tmp_path / "assignment.csv").read_text().splitlines()) == 1


def test_what_is_logged_is_no_command_to_the_terminal():
    formatter = guards.PlainFormatter(color=False)
    try:
        raise ValueError("\x1b[2Jnot found\u202e")
    except ValueError as error:
        about = (ValueError, error, error.__traceback__)
    text = "Skipping unknown notebook: %s"
    record = logging.LogRecord("n", 30, "p", 1, text, ("a\x1b]8;;x\x07\ud800",), about)
    lines = formatter.format(record).split("\n")
    assert "Skipping unknown notebook: a?]8;;x??" in lines[0]
    assert lines[-1].strip() == "ValueError: ?[2Jnot found?"
    assert all(line.isprintable() for line in lines)


def released(folder, language):
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(language)])
    folder.mkdir(parents=True)
    nbformat.write(made, folder / "n.ipynb")


def test_a_course_in_one_language_takes_notebooks_that_claim_the_other(submitted, tmp_path):
    coursedir = CourseDirectory(root=str(tmp_path))
    released(tmp_path / "release" / "a1", "zh")
    theirs = nbformat.v4.new_notebook(metadata={"dasecv": {"language": "en"}})
    nbformat.write(theirs, submitted / "n.ipynb")
    assert plugins.rebuild(submitted / "n.ipynb", coursedir).cells[0].source == "zh"
    released(tmp_path / "release" / "en" / "a1", "en")
    assert plugins.rebuild(submitted / "n.ipynb", coursedir).cells[0].source == "en"


def test_a_release_that_is_not_there_is_named(submitted, tmp_path):
    nbformat.write(nbformat.v4.new_notebook(), submitted / "n.ipynb")
    with pytest.raises(NbGraderException, match=r"release/a1/n.ipynb is not there; run `make rele"):
        plugins.rebuild(submitted / "n.ipynb", CourseDirectory(root=str(tmp_path)))


def test_a_notebook_that_may_not_be_read_is_said_in_both_languages(submitted, tmp_path):
    released(tmp_path / "release" / "a1", "zh")
    (submitted / "n.ipynb").symlink_to(tmp_path)
    made = plugins.rebuild(submitted / "n.ipynb", CourseDirectory(root=str(tmp_path)))
    (note,) = made.metadata.dasecv.notes
    assert note == (
        "n.ipynb: is a link; its tasks and answers are lost / n.ipynb：是链接，其中的内容不计分"
    )
