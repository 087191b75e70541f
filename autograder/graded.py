"""Which exercises a notebook grades, and for how many points: read from its grade cells.

A notebook may come as nbformat reads it or as plain JSON: `autograder grade` would otherwise spend
a second on importing nbformat.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder import HOME

MOST_PARTS = 300_000  # tables and lists; as objects, 20 MB of nothing else take 3 GB


@dataclass(frozen=True)
class GradeCell:
    """One graded cell: the exercise it stands for, its points, and whether a person marks it."""

    exercise: str
    points: float
    manual: bool


def grade_id(exercise: str) -> str:
    """The nbgrader id of an exercise; nbgrader allows no dot in one."""
    return exercise.replace(".", "-")


def exercise_of(cell_grade_id: str) -> str:
    """The exercise of an nbgrader id: the inverse of `grade_id`."""
    return cell_grade_id.replace("-", ".")


def nbgrader_part(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    """What nbgrader knows of a cell; empty for an ordinary one or when it is not a table."""
    part = cell["metadata"].get("nbgrader", {})
    return part if isinstance(part, dict) else {}


def has_too_many_parts(notebook: bytes) -> bool:
    """Whether a notebook has more parts than any; it is not to be parsed then."""
    return notebook.count(b"{") + notebook.count(b"[") > MOST_PARTS


def is_manual(cell: Mapping[str, Any]) -> bool:
    """Whether a person marks this cell: an answer that carries points itself."""
    part = nbgrader_part(cell)
    return bool(part.get("grade") and part.get("solution"))


def cells_of(notebook: Mapping[str, Any]) -> list[GradeCell]:
    """The graded cells of a source or released notebook, in order."""
    return [
        GradeCell(exercise_of(part["grade_id"]), part["points"], is_manual(cell))
        for cell in notebook["cells"]
        if (part := nbgrader_part(cell)).get("grade")
    ]


def of_assignment(assignment: str, course: Path = HOME) -> list[tuple[str, GradeCell]]:
    """The graded cells of an assignment's source notebooks, as (notebook, cell), in order."""
    return [
        (path.stem, cell)
        for path in sorted((course / "source" / assignment).glob("*.ipynb"))
        for cell in cells_of(json.loads(path.read_text(encoding="utf-8")))
    ]
