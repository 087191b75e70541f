"""The whole story in a folder of its own: release, hand-ins, collect, grade, feedback, a table."""

import shutil
import textwrap
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autograder import collect, demo_class, exports, graded, runner, solution
from autograder.course import Course, files_of
from autograder.demo_class import Student
from autograder.sandbox import NoWallError, Zygote

ASSIGNMENT = "assignment2"
NOTEBOOK = "FullyConnectedNets"  # one of its notebooks tells the whole story, in minutes
MARKER = ".dasecv-demo"
Marks = Mapping[str, Mapping[str, tuple[float | None, float]]]


class DemoError(RuntimeError):
    """The demo cannot be played where it was told to; the text says why."""


def run(folder: Path, console: Console) -> bool:
    """Play the story in `folder`, which is made anew; return whether all ended as it must.

    Raises
    ------
    DemoError
        The folder holds something else.
    """
    course = _new_course(folder)
    console.print("[bold]1[/] The release, from the solved package and notebook (nbgrader) ...")
    course.release(ASSIGNMENT)
    console.print("[bold]2[/] A class of 13 hand-ins, made from the release; the model solution")
    console.print("  trains its networks on the stand-in data first (kept for the next time) ...")
    students = _hand_ins(course)
    console.print("[bold]3[/] Collecting them into submitted/ ...")
    for hand_in in collect.collect([course.folder / "hand-ins"], ASSIGNMENT, course.folder):
        for note in hand_in.notes:
            line = textwrap.indent(textwrap.fill(f"{hand_in.student}: {note}", 76), "  ")
            console.print(line, highlight=False)
    console.print("[bold]4[/] Grading (nbgrader autograde, into a real gradebook) ...")
    course.nbgrader("autograde", ASSIGNMENT, *_trust(console))
    console.print("[bold]5[/] Feedback (nbgrader generate_feedback), grades as CSV and JSON ...")
    course.nbgrader("generate_feedback", ASSIGNMENT)
    course.nbgrader("export", "--to", "grades.csv")
    by_exercise = "--exporter=autograder.exports.ExerciseExporter"
    course.nbgrader("export", by_exercise, "--to", "grades.json")
    return _show(course.folder, students, console)


def _trust(console: Console) -> list[str]:
    """What to say to nbgrader where no wall stands: the class is the kit's own."""
    try:
        with Zygote() as zygote:
            zygote.start()
    except NoWallError:
        console.print("  No wall stands on this machine: graded as code that one trusts.")
        return ["--SubmissionExporter.trust_this_code=True"]
    console.print(f"  Wall: {zygote.wall.tier}; {zygote.wall.canary}.", highlight=False)
    return []


def _new_course(folder: Path) -> Course:
    if folder.exists() and any(folder.iterdir()) and not (folder / MARKER).exists():
        raise DemoError(f"{folder} holds something else; name an empty or a new folder")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MARKER).touch()
    course = Course.new(folder / "course")
    for path in (course.folder / "source" / ASSIGNMENT).glob("*.ipynb"):
        if path.stem != NOTEBOOK:
            path.unlink()
    return course


def _hand_ins(course: Course) -> list[Student]:
    released = files_of(course.folder / "release" / ASSIGNMENT)
    solved = solution.hand_in(ASSIGNMENT, course.folder).files
    folder = course.folder / "hand-ins"
    folder.mkdir()
    return demo_class.hand_ins(released, solved, ASSIGNMENT, folder)


def unexpected(
    marks: Marks,
    students: list[Student],
    exercises: list[str],
) -> list[str]:
    """Say where a student lost what is not theirs to lose, or kept what is."""
    lines = []
    for student in students:
        loses = set(exercises) if student.name == "ben" else student.loses & set(exercises)
        rows = marks.get(student.name, {})
        lost = {e for e in exercises if rows.get(e, (None, 1))[0] != rows.get(e, (None, 1))[1]}
        lines += [f"{student.name} must lose points in {e}" for e in sorted(loses - lost)]
        lines += [f"{student.name} may not lose points in {e}" for e in sorted(lost - loses)]
    return lines


def _show(course: Path, students: list[Student], console: Console) -> bool:
    marks = exports.scores(f"sqlite:///{course / 'gradebook.db'}", ASSIGNMENT)
    cells = graded.of_assignment(ASSIGNMENT, course)
    exercises = [
        cell.exercise for _, cell in cells
        if not cell.manual and not runner.left_out(cell.exercise, ASSIGNMENT)
    ]  # fmt: skip
    console.print(_table(marks, students, exercises))
    for student in students:
        console.print(f"  [bold]{student.name[0]}[/] {student.name}: {student.story}")
    wrong = unexpected(marks, students, exercises)
    for line in wrong:
        console.print(f"[red]unexpected:[/] {line}")
    if not wrong:
        console.print("Each lost exactly what is theirs, and nobody stopped the rest.")
    shown = (course / "feedback" / "cai" / ASSIGNMENT).glob("*.html")
    console.print("Open next:")
    for path in (*shown, course / "results" / "cai" / f"{ASSIGNMENT}.json", course / "grades.csv",
                 course / "release" / ASSIGNMENT / "README.md"):  # fmt: skip
        name = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
        console.print(f"  {name}", highlight=False, soft_wrap=True)
    return not wrong


def _table(
    marks: Marks,
    students: list[Student],
    exercises: list[str],
) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), caption="o all points, + a part, - none, ? held")
    table.add_column("exercise", no_wrap=True)
    for student in students:
        table.add_column(student.name[0], justify="right", min_width=2)
    for exercise in exercises:
        table.add_row(exercise, *(_sign(*marks[s.name][exercise]) for s in students))
    totals = (sum(marks[s.name][e][0] or 0 for e in exercises) for s in students)
    table.add_row("points", *(f"{total:.0f}" for total in totals), style="bold")
    return table


def _sign(score: float | None, possible: float) -> str:
    if score is None:
        return "[magenta]?[/]"
    if score == possible:
        return "[green]o[/]"
    return "[yellow]+[/]" if score else "[red]-[/]"
