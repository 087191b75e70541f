"""One command that proves the kit: what must be true of every assignment, tried out."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from autograder import HOME, assignments, demo_class, graded, release, runner, solution
from autograder.course import Course, stale
from autograder.intake import Submission
from autograder.results import SubmissionResult, Verdict
from autograder.sandbox import Zygote, at_least

UNTOUCHED = {Verdict.NOT_IMPLEMENTED, Verdict.NOT_HANDED_IN}
Claim = tuple[str, list[str]]  # what must be true, and what contradicts it


def prove(assignment: str, course: Path = HOME) -> Iterator[Claim]:
    """Try each claim; one that holds comes with no contradictions."""
    cells = graded.of_assignment(assignment, course)
    everything = [cell.exercise for _, cell in cells if not cell.manual]
    yield f"{len(cells)} grade cells, languages agree, nothing leaks", release.faults(
        assignment, course
    )
    yield "every hidden check is of a graded or a given exercise", orphans(course)
    yield "the release is fresh in both languages", _stale(assignment, course)
    libraries = assignments.find(assignment).libraries
    with Zygote(among=at_least(trusted=True), libraries=libraries) as zygote:
        model = dict(solution.hand_in(assignment, course).files)

        def grade(files: dict[str, bytes], name: str) -> SubmissionResult:
            submission = Submission.from_files(name, files)
            return runner.grade(submission, assignment, zygote=zygote, course=course)

        solved = grade(model, "solution")
        points, out = f"{solved.possible:g}", _left_out(assignment, everything)
        yield f"the solution earns {points} of {points} points{out}", _lost(solved)
        untouched = solution.handed_out(assignment, course, solved=False)
        stub = grade(release.package(assignment, "zh", course) | untouched, "stub")
        yield "the stub earns none, and nothing of it is implemented", _gained(stub)
        for student in demo_class.the_class(assignment, frozenset(everything)):
            if student.name != "ben":
                result = grade(student.change(dict(model)), student.name)
                lost = {e.exercise for e in result.exercises if e.earned != e.possible}
                loses = student.loses & {e.exercise for e in result.exercises}
                wrong = sorted(lost ^ loses)
                names = ", ".join(sorted(loses)) or "nothing"
                yield f"{student.story}: loses {names}", [
                    f"{e} {'is lost' if e in lost else 'is not lost'}" for e in wrong
                ]


def _left_out(assignment: str, exercises: list[str]) -> str:
    """What is not tried out on this machine, in brackets; empty when everything is."""
    reasons = {runner.left_out(exercise, assignment).partition(" / ")[0] for exercise in exercises}
    return "".join(f" ({reason})" for reason in sorted(reasons) if reason)


def _lost(result: SubmissionResult) -> list[str]:
    return [
        f"{e.exercise}: {c.name} {c.verdict.value}: {c.message}"
        for e in result.exercises for c in e.checks if c.verdict is not Verdict.PASSED
    ]  # fmt: skip


def _gained(result: SubmissionResult) -> list[str]:
    return [
        f"{e.exercise}: {c.name} {c.verdict.value}"
        for e in result.exercises for c in e.checks if c.verdict not in UNTOUCHED
    ]  # fmt: skip


def orphans(course: Path) -> list[str]:
    """Hidden checks of exercises that nothing grades and that no release gives away."""
    known = {
        cell.exercise
        for name in assignments.ASSIGNMENTS for _, cell in graded.of_assignment(name, course)
    }  # fmt: skip
    known |= {name for entry in assignments.ASSIGNMENTS.values() for name in entry.given}
    return [
        f"{exercise}: checked, but neither graded nor given by any assignment"
        for exercise in sorted(set(release.hidden_exercises()) - known)
    ]


def _stale(assignment: str, course: Path) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        built = Course.new(Path(folder) / "course", course / "source")
        built.release(assignment)
        return stale(assignment, built.folder, course)
