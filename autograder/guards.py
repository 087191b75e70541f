"""What nbgrader leaves open to a submission or to a name; `install` closes it, for its config file.

It reads a time stamp from whatever a student calls so, and waits for ever at a pipe; it puts names
as they are into its pages, where a script could give marks, into tables and on terminals.
"""

import copy
import csv
import html
import logging
import re
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import ExportPlugin
from nbgrader.utils import parse_utc
from tornado.log import LogFormatter
from tornado.web import HTTPError

from autograder import collect, intake

STAMP = re.compile(r"[0-9A-Za-z:.+ -]{1,64}")  # the name of a time zone could be that of a file
MARKUP = set('<>"\\')
NAMES = ("student", "last_name", "first_name", "notebook_path")
COLUMNS = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email",
    "raw_score", "late_submission_penalty", "score", "max_score",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r")
init_notebooks = Autograde.init_notebooks


def install() -> None:
    """Put these in nbgrader's places; doing it twice does no harm."""
    CourseDirectory.get_existing_timestamp = lambda self, folder: handed_in_at(Path(folder))
    Autograde.init_notebooks = _init_notebooks
    if api := sys.modules.get("nbgrader.apps.api"):
        api.NbGraderAPI.get_submitted_timestamp = _submitted_timestamp
    if pages := sys.modules.get("nbgrader.server_extensions.formgrader.base"):
        pages.BaseHandler.render = _render


def handed_in_at(folder: Path) -> datetime | None:
    """When it was handed in, by its `timestamp.txt`; None when that does not say so."""
    try:
        text = intake.read_file(folder / "timestamp.txt").decode().strip()
        return parse_utc(text) if STAMP.fullmatch(text) else None
    except Exception:  # there is none, or it leads the parser to whatever
        return None


def _submitted_timestamp(self: Any, assignment_id: str, student_id: str) -> datetime | None:
    folders = self.coursedir
    folder = folders.format_path(folders.submitted_directory, student_id, assignment_id)
    return handed_in_at(Path(folder))


def _init_notebooks(self: Autograde) -> None:
    """Leave out who has a name that would stop all the others, or run in a page."""
    init_notebooks(self)
    any_name = self._format_source("(?P<assignment>.*)", "(?P<student>.*)", escape=True)
    for source in list(self.assignments):
        student = re.fullmatch(any_name, source, re.S)["student"]
        if not collect.is_fit(student):
            del self.assignments[source]
            self.log.error("not graded: nbgrader cannot take the name %r; rename it", student)


def _render(self: Any, name: str, **known: Any) -> str:
    """Render one of the form grader's pages, whose templates escape nothing of what a link asks."""
    texts = [*known.values(), *known.get("resources", {}).values()]
    if any(isinstance(text, str) and set(text) & MARKUP for text in texts):
        raise HTTPError(404)
    return self.settings["nbgrader_jinja2_env"].get_template(name).render(**known)


class EscapeNames(Preprocessor):
    """In the form grader's page of a submission, whose template does not."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Have names stand there as text."""
        for name in NAMES:
            if isinstance(resources.get(name), str):
                resources[name] = html.escape(resources[name])
        return nb, resources


class PlainFormatter(LogFormatter):
    """Writes messages in which names of files are no commands to a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Format a record with nothing invisible in it, but for nbgrader's own colours."""
        record = copy.copy(record)
        record.msg, record.args = _plain(record.getMessage()), ()
        if record.exc_info:
            record.exc_text = _plain(self.formatException(record.exc_info))
        return super().format(record)


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() or c in "\n\t" else "?" for c in text)


class CsvExporter(ExportPlugin):
    """`nbgrader export`: the columns of nbgrader's own, quoted, and no cell of them a formula."""

    def export(self, gradebook: Gradebook) -> None:
        """Write `grades.csv`: a line for each assignment and student."""
        wanted, known = [str(n) for n in self.assignment], [str(n) for n in self.student]
        with open(self.to or "grades.csv", "w", encoding="utf-8", newline="") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow(COLUMNS)
            for assignment in gradebook.assignments:
                for student in gradebook.students:
                    if not (
                        (wanted and assignment.name not in wanted)
                        or (known and student.id not in known)
                    ):
                        table.writerow(map(_cell, _row(gradebook, assignment, student)))


def _row(gradebook: Gradebook, assignment: Any, student: Any) -> tuple:
    try:
        submission = gradebook.find_submission(assignment.name, student.id)
        penalty = submission.late_submission_penalty
        when, score = submission.timestamp, submission.score
    except MissingEntry:
        when, score, penalty = None, 0.0, 0.0
    return (
        assignment.name, assignment.duedate, when, student.id, student.last_name,
        student.first_name, student.email, score, penalty, max(0.0, score - (penalty or 0.0)),
        assignment.max_score,
    )  # fmt: skip


def _cell(value: Any) -> Any:
    """A name that a spreadsheet would compute stands there as text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
