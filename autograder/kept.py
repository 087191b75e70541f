"""Results of grading on the disk: kept whole or not at all, and taken again while they hold."""

import errno
import glob
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from autograder import HOME, assignments, graded, intake, runner
from autograder.results import SubmissionResult
from autograder.sandbox import Zygote

AGAIN = "type the same command again: it goes on where it was"
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Stopped(KeyboardInterrupt):  # for which nbgrader ends its loop, and tidies up
    """A run cannot go on, for no student; the text says what to do."""


def grade_folder(
    folder: Path, assignment: str, kept: Path, *, zygote: Zygote, course: Path = HOME
) -> SubmissionResult:
    """Grade what lies in a folder of `submitted/`, or take the same grading from `kept`.

    A result is kept under the digests of the submission and of all that decides a grade; one with
    a fault of the grader, or made behind a wall that would not do now, is never taken again.
    """
    try:
        submission = intake.read_submission(folder)
    except intake.IntakeError as error:  # nothing in it can be read: nothing was handed in
        submission = intake.Submission.from_files(folder.parent.name, {}, refused=(str(error),))
    result = _kept(kept, submission, assignment, course)
    if result is None or result.tier not in {tier.name for tier in zygote.among}:
        result = runner.grade(submission, assignment, zygote=zygote, course=course)
        with writing(kept):
            save(result.to_json(), kept)
    return result


def _kept(
    path: Path, submission: intake.Submission, assignment: str, course: Path
) -> SubmissionResult | None:
    try:
        result = SubmissionResult.from_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    asked = (
        assignment, assignments.find(assignment).seed, submission.sha256, runner.checks_sha256(),
        [
            (c.exercise, c.points) for _, c in graded.of_assignment(assignment, course)
            if not c.manual and not runner.left_out(c.exercise, assignment)
        ],
    )  # fmt: skip
    there = (
        result.assignment, result.seed, result.submission_sha256, result.checks_sha256,
        [(e.exercise, e.possible) for e in result.exercises],
    )  # fmt: skip
    return result if asked == there and result.earned is not None else None


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Stop the run when `path` cannot be written: what comes next could not be kept either."""
    try:
        yield
    except OSError as error:
        mend = "make room on its disk" if error.errno in FULL else "mend that"
        text = f"{path} cannot be written: {error.strerror}; {mend}, then {AGAIN}"
        raise Stopped(text) from error


def save(text: str, path: Path) -> None:
    """Write a file, and its folder; whole or not at all, even when the power fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for left in path.parent.glob(f".{glob.escape(path.name)}.*"):  # by a process that was killed
        if left.suffix[1:].isdigit() and not psutil.pid_exists(int(left.suffix[1:])):
            left.unlink(missing_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with aside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
