"""What nbgrader leaves open to a submission or to a name; `install` closes it, for its config file.

It reads a time stamp from whatever a student calls so, and waits for ever at a pipe; it puts names
as they are into its pages, where a script could give marks, and on terminals.
"""

import copy
import html
import logging
import re
import sys
import warnings
from datetime import datetime
from pathlib import Path
from typing import Any

from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import parse_utc
from sqlalchemy.exc import SAWarning
from tornado.log import LogFormatter
from tornado.web import HTTPError

from autograder import basket, collect, intake

STAMP = re.compile(r"[0-9A-Za-z:.+ -]{1,64}")  # the name of a time zone could be that of a file
MARKUP = set('<>"\\')
NAMES = ("student", "last_name", "first_name", "notebook_path")
init_notebooks = Autograde.init_notebooks


def install() -> None:
    """Put these in nbgrader's places; doing it twice does no harm."""
    warnings.filterwarnings("ignore", "Object of type <Submitted", SAWarning)  # of its own queries
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
        record.msg, record.args = basket.printable(record.getMessage(), "\n\t"), ()
        if record.exc_info:
            record.exc_text = basket.printable(self.formatException(record.exc_info), "\n\t")
        return super().format(record)
