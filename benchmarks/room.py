"""Measure the room that students take on disk and in memory; print the table of docs/operate.md.

It plays each assignment with copies of one solved hand-in, notebooks run and plots in them, through
collect, autograde and generate_feedback: ``python benchmarks/room.py``, a quarter of an hour.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbclient
import nbformat
import psutil

from autograder import HOME, assignments, collect, held_out, notebooks, release
from autograder.course import Course
from autograder.sandbox import WORLDS
from daseCV import submit

STUDENTS = 6
PLACES = ("originals", "submitted", "autograded", "results", "feedback", "gradebook.db")
CLASS = 300
HEAD = f"""\
| | {" | ".join(PLACES)} | {CLASS} students | memory at most |
| --- {"| --- " * (len(PLACES) + 2)}|"""


def main() -> None:
    """Print the table."""
    print(HEAD)
    for assignment in sorted(assignments.ASSIGNMENTS):
        with tempfile.TemporaryDirectory() as folder:
            sizes, peak = play(assignment, Path(folder))
        each = [f"{sizes[place]:.2f}" for place in PLACES]
        total = f"{CLASS * sum(sizes.values()) / 1000:.1f} GB"
        print(f"| {assignment} | {' | '.join(each)} | {total} | {peak / 1e6:.0f} MB |")


def play(assignment: str, folder: Path) -> tuple[dict[str, float], int]:
    """Play an assignment; return megabytes a student in each place, and the peak of memory."""
    course = Course.new(folder / "course")
    course.release(assignment)
    hand_in = solved(assignment, course, folder / "hand-in")
    (folder / "hand-ins").mkdir()
    before = {place: size(course.folder / place) for place in PLACES}
    for number in range(STUDENTS):
        path = folder / "hand-ins" / f"{assignment}-student{number}.zip"
        path.write_bytes(collect.zipped(hand_in))
    collect.collect([folder / "hand-ins"], assignment, course.folder)
    peak = autograde(course, assignment)
    course.nbgrader("generate_feedback", assignment)
    after = {place: size(course.folder / place) for place in PLACES}
    return {place: (after[place] - before[place]) / STUDENTS / 1e6 for place in PLACES}, peak


def solved(assignment: str, course: Course, folder: Path) -> dict[str, bytes]:
    """A hand-in in which every notebook was run that can be run here."""
    shutil.copytree(course.folder / "release" / assignment, folder)
    for name in assignments.find(assignment).edited:
        shutil.copy(HOME / "daseCV" / name, folder / "daseCV" / name)
    environment = {**os.environ, "DASECV_DATA": str(held_out.stand_in().parent)}
    for name, source in release.sources(assignment, course.folder).items():
        notebook = notebooks.pick_language(source, "zh")
        if WORLDS[assignments.find(assignment).world(name)].here:
            client = nbclient.NotebookClient(
                notebook, timeout=3600, kernel_name="python3", allow_errors=True,
                resources={"metadata": {"path": str(folder)}},
            )  # fmt: skip
            client.execute(env=environment)
        nbformat.write(notebook, folder / f"{name}.ipynb")
    table = submit.read_table(folder)
    return submit.gather(folder, table["hand_in"], table["provided"])[0]


def autograde(course: Course, assignment: str) -> int:
    """Run `nbgrader autograde`; return the most memory its tree is seen with, in bytes.

    Children share pages with their zygote; here each page counts once.
    """
    command = [sys.executable, "-m", "nbgrader", "autograde", assignment]
    process = psutil.Popen(
        command, cwd=course.folder, env=course.environment(),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    peak = 0
    while process.poll() is None:
        with contextlib.suppress(psutil.Error):  # one ended while we looked
            tree = [process, *process.children(recursive=True)]
            peak = max(peak, sum(member.memory_full_info().pss for member in tree))
        time.sleep(0.1)
    if process.returncode:
        raise RuntimeError("nbgrader autograde failed")
    return peak


def size(place: Path) -> int:
    """Bytes of a file, or of all files in a folder."""
    if place.is_file():
        return place.stat().st_size
    return sum(path.stat().st_size for path in place.rglob("*") if path.is_file())


if __name__ == "__main__":
    main()
