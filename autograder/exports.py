"""What leaves the gradebook: a table for spreadsheets, exercises as JSON, scores for the kit."""

import csv
import json
from pathlib import Path
from typing import Any

from nbgrader.api import Grade, Gradebook, MissingEntry
from nbgrader.plugins import ExportPlugin

from autograder import assignments, collect, graded, resume

COLUMNS = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email",
    "raw_score", "late_submission_penalty", "score", "max_score", "needs_manual_grade",
)  # fmt: skip


class _Exporter(ExportPlugin):
    """The base of these; `nbgrader export` makes it before it opens the gradebook."""

    def __init__(self, **kwargs) -> None:
        super().__init__(**kwargs)
        resume.end_at_trouble(self.log)


class CsvExporter(_Exporter):
    """`nbgrader export`: nbgrader's own columns and one more; quoted, and no cell a formula."""

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
        notebooks = submission.notebooks
        waiting = any(waits(grade) for notebook in notebooks for grade in notebook.grades)
    except MissingEntry:
        when, score, penalty, waiting = None, 0.0, 0.0, False
    return (
        assignment.name, assignment.duedate, when, student.id, student.last_name,
        student.first_name, student.email, score, penalty, max(0.0, score - (penalty or 0.0)),
        assignment.max_score, waiting,
    )  # fmt: skip


def _cell(value: Any) -> Any:
    """A name that a spreadsheet would compute stands there as text."""
    computed = isinstance(value, str) and value.startswith(collect.FORMULA)
    return f"'{value}" if computed else value


class ExerciseExporter(_Exporter):
    """`nbgrader export --exporter=autograder.exports.ExerciseExporter`: every exercise, as JSON."""

    def export(self, gradebook: Gradebook) -> None:
        """Write `grades.json`: for each submission each graded cell, a missing score as null."""
        rows = [
            {
                "assignment": assignment.name,
                "student": submission.student.id,
                "exercises": {
                    graded.exercise_of(grade.cell.name): {
                        "score": None if waits(grade) else grade.score,
                        "max_score": grade.max_score,
                    }
                    for notebook in submission.notebooks
                    for grade in sorted(notebook.grades, key=lambda g: g.cell.name)
                },
            }
            for assignment in gradebook.assignments
            if assignment.name in assignments.ASSIGNMENTS
            for submission in sorted(assignment.submissions, key=lambda s: s.student.id)
        ]
        target = Path(self.to or "grades.json")
        target.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        self.log.info("Exported to %s", target)


def waits(grade: Grade) -> bool:
    """Whether a person has yet to mark it; a re-grade asks again for what was marked before."""
    return grade.needs_manual_grade and grade.manual_score is None


def scores(db_url: str, assignment: str) -> dict[str, dict[str, tuple[float | None, float]]]:
    """The automatic scores of a class: student -> exercise -> (score or None, possible)."""
    found: dict[str, dict[str, tuple[float | None, float]]] = {}
    with Gradebook(db_url) as gradebook:
        for submission in gradebook.assignment_submissions(assignment):
            rows = found.setdefault(submission.student.id, {})
            for notebook in submission.notebooks:
                for grade in notebook.grades:
                    exercise = graded.exercise_of(grade.cell.name)
                    rows[exercise] = (grade.auto_score, grade.max_score)
    return found
