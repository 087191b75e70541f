"""How `pytest autograder/checks` finds whom to judge; the runner brings a judge of its own."""

from pathlib import Path

import pytest

from autograder import HOME, assignments, graded, intake, runner
from autograder.judge import Judge, module_of
from autograder.sandbox import Zygote, at_least

MARKERS = (
    "exercise(name): the exercise that the check judges",
    "beyond: promised by the docstring, not exercised by the notebook; shares the last quarter",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Name the options of a grading by hand."""
    group = parser.getgroup("daseCV")
    group.addoption("--assignment", default="assignment2", help="whose exercises to judge")
    group.addoption("--submission", type=Path, help="a hand-in (default: the solution)")
    group.addoption("--seed", type=int, help="of the random inputs (default: the assignment's)")


def pytest_configure(config: pytest.Config) -> None:
    """Judge the named submission, or the solution, unless the runner brought a judge."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    if config.pluginmanager.has_plugin("judge"):
        return
    try:
        assignment = assignments.find(config.getoption("assignment"))
        path = config.getoption("submission")
        if path:
            submission = intake.read_submission(path)
        else:
            from autograder import solution  # takes a second, which a grading has no use for

            submission = solution.hand_in(assignment.name, HOME)
    except (KeyError, intake.IntakeError) as error:
        raise pytest.UsageError(str(error.args[0])) from error
    seed = config.getoption("seed")
    among = at_least(trusted=not path)  # the solution is our own code
    zygote = Zygote(among=among, libraries=assignment.libraries)
    config.add_cleanup(zygote.close)
    judge = Judge(submission, assignment, zygote, assignment.seed if seed is None else seed)
    config.pluginmanager.register(judge, "judge")
    config.pluginmanager.register(_Select(assignment), "select")


class _Select:
    """Leaves out what belongs to other assignments, and what this machine cannot judge."""

    def __init__(self, assignment: assignments.Assignment) -> None:
        self.assignment = assignment
        self.own = {cell.exercise for _, cell in graded.of_assignment(assignment.name, HOME)}

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Deselect it."""
        out = [item for item in items if not self._is_asked(item)]
        items[:] = [item for item in items if item not in out]
        config.hook.pytest_deselected(items=out)

    def _is_asked(self, item: pytest.Item) -> bool:
        exercise = item.get_closest_marker("exercise").args[0]
        if exercise in self.own:
            return not runner.left_out(exercise, self.assignment.name)
        return module_of(item.path, self.assignment) is not None  # the kit's own, without points
