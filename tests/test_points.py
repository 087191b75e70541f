"""The document of the points is fresh, and each assignment is worth 100 automatic ones."""

import pytest

from autograder import HOME, assignments, graded, points


def test_the_document_is_fresh():
    committed = (HOME / points.TABLE).read_text(encoding="utf-8")
    assert committed == points.document(), "docs/points.md is out of date. Run `make release`."


@pytest.mark.parametrize("assignment", sorted(assignments.ASSIGNMENTS))
def test_an_assignment_is_worth_100_automatic_points(assignment):
    cells = [cell for _, cell in graded.of_assignment(assignment) if not cell.manual]
    assert sum(cell.points for cell in cells) == 100


def test_an_exercise_is_graded_once():
    cells = [c.exercise for name in assignments.ASSIGNMENTS for _, c in graded.of_assignment(name)]
    assert len(set(cells)) == len(cells)
