"""Measure the kit against its peers and its limits; writes docs/benchmarks.md.

`make bench` runs it. Peers run in turns within one run, and what counts is a ratio or a difference
of medians, because machines are shared and noisy.
"""

import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import fast_layers
import nbformat
import numpy as np
import psutil
import wall

from autograder import HOME, runner, solution
from autograder.course import Course, files_of
from autograder.intake import Submission
from autograder.sandbox import Zygote

ASSIGNMENT = "assignment2"
MOST_SECONDS = {"assignment1": 3.0, ASSIGNMENT: 6.0}  # to grade one, warm, tasks aside
ROUNDS = 5
CLASS = 8
Row = tuple[str, str, str, bool]  # what, measured, limit, whether it holds


def main() -> None:
    """Run every measurement and write the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = list(measure(folder))
    for what, measured, limit, holds in rows:
        print(f"{'ok ' if holds else 'NO '} {what}: {measured} (limit {limit})")
    write(rows)
    sys.exit(0 if all(holds for *_, holds in rows) else 1)


def measure(folder: Path) -> Iterator[Row]:
    """Yield each measurement as soon as it is made."""
    yield import_time()
    for assignment, most in MOST_SECONDS.items():
        model = model_files(assignment)
        functions = {name: data for name, data in model.items() if not name.startswith("saved/")}
        warm, checks_cpu = warm_grading(functions, assignment)
        what = f"a correct submission of {assignment} on a warm worker, tasks aside"
        yield limit(what, warm, most, "s")
    hand_in = unpack(functions, folder / "hand-in")  # of the last of them, from here on
    course = peer_course(folder / "peer", hand_in)
    cold, peers = [], []
    for _ in range(ROUNDS):
        cold.append(run([*GRADE, str(hand_in)], HOME))
        peers.append(run([*AUTOGRADE, "--force"], course))
    median = statistics.median(seconds for seconds, _ in cold)
    most = MOST_SECONDS[ASSIGNMENT] + 1.5
    yield limit("the same by a cold `autograder grade`", median, most, "s")
    ours = statistics.median(cpu for _, cpu in cold) - checks_cpu
    theirs = statistics.median(cpu for _, cpu in peers)
    ratio = ours / theirs
    what = f"CPU time without the checks, cold: ours {ours:.2f} s, plain nbgrader {theirs:.2f} s"
    yield what, f"ratio {ratio:.2f}", "0.40", ratio <= 0.4
    yield class_time(folder / "class", functions, checks_cpu)
    yield peak_memory(unpack(model, folder / "model"))
    yield from wall.results()
    yield from fast_layers.results()


def limit(what: str, seconds: float, most: float, unit: str) -> Row:
    """A row of one number and its limit."""
    return what, f"{seconds:.2f} {unit}", f"{most:g} {unit}", seconds <= most


GRADE = [sys.executable, "-m", "autograder", "grade", "--assignment", ASSIGNMENT]
AUTOGRADE = [sys.executable, "-m", "nbgrader", "autograde", "ps1"]


def run(command: list[str], folder: Path) -> tuple[float, float]:
    """Run a command; return its wall time and the CPU time of its whole tree, in seconds."""
    paths = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    before, started = cpu_of_finished(), time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "PATH": paths}, capture_output=True, check=False
    )
    seconds, cpu = time.perf_counter() - started, cpu_of_finished() - before
    if done.returncode:
        raise RuntimeError(f"{command} failed:\n{done.stderr.decode()[-2000:]}")
    return seconds, cpu


def cpu_of_finished() -> float:
    """CPU time of all processes that this one has started and that have ended, in seconds."""
    times = os.times()
    return times.children_user + times.children_system


def import_time() -> Row:
    """The import of the layers beside that of NumPy alone."""
    numpy_alone = [sys.executable, "-c", "import numpy"]
    with_layers = [sys.executable, "-c", "import numpy, daseCV.layers"]
    differences = []
    for _ in range(4 * ROUNDS):
        alone = run(numpy_alone, HOME)[0]
        differences.append(1000 * (run(with_layers, HOME)[0] - alone))
    return limit(
        "`import daseCV.layers` beyond `import numpy`", statistics.median(differences), 50, "ms"
    )


def model_files(assignment: str) -> dict[str, bytes]:
    """The model hand-in: the release, the solved modules, what the tasks save."""
    return files_of(HOME / "release" / assignment) | solution.hand_in(assignment, HOME).files


def unpack(files: dict[str, bytes], folder: Path) -> Path:
    """Write files into a new folder."""
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def warm_grading(files: dict[str, bytes], assignment: str) -> tuple[float, float]:
    """Median wall time on a warm worker, and the CPU time of the checks themselves."""
    submission = Submission.from_files("model", files)
    with Zygote() as zygote:
        runner.grade(submission, assignment, zygote=zygote)
        walls, cpus = [], []
        for _ in range(ROUNDS):
            started, before = time.perf_counter(), cpu_of_tree()
            runner.grade(submission, assignment, zygote=zygote)
            walls.append(time.perf_counter() - started)
            cpus.append(cpu_of_tree() - before)
    return statistics.median(walls), statistics.median(cpus)


def cpu_of_tree() -> float:
    """CPU time of this process and its children, in seconds."""
    processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
    return sum(t.user + t.system for p in processes for t in [p.cpu_times()])


def peer_course(folder: Path, hand_in: Path) -> Path:
    """A course of plain nbgrader with the same notebooks; their grade cells hold no check."""
    for place in ("source/ps1", "submitted/ada/ps1"):
        (folder / place).mkdir(parents=True)
        for path in sorted(hand_in.glob("*.ipynb")):
            notebook = nbformat.read(path, 4)
            for cell in notebook.cells:
                if cell.cell_type == "code":
                    cell.source = "pass"  # no check, no training: what is left is nbgrader itself
            nbformat.write(notebook, folder / place / path.name)
    (folder / "nbgrader_config.py").write_text("c = get_config()\n")
    run([sys.executable, "-m", "nbgrader", "generate_assignment", "ps1"], folder)
    return folder


def class_time(folder: Path, files: dict[str, bytes], checks: float) -> Row:
    """CPU time that each further submission adds to `nbgrader autograde`, the checks taken off."""
    course = Course.new(folder)
    course.release(ASSIGNMENT)
    cpus = []
    for size in (1, CLASS):
        for place in ("submitted", "autograded", "results"):
            shutil.rmtree(folder / place, ignore_errors=True)
        for number in range(size):
            unpack(files, folder / "submitted" / f"student{number}" / ASSIGNMENT)
        before = cpu_of_finished()
        course.nbgrader("autograde", ASSIGNMENT, "--force")
        cpus.append(cpu_of_finished() - before)
    each = (cpus[1] - cpus[0]) / (CLASS - 1) - checks
    what = "CPU time of each further submission in `nbgrader autograde`, checks aside"
    return limit(what, each, 1.5, "s")


def peak_memory(hand_in: Path) -> Row:
    """The most memory that the tree of one `autograder grade` is seen with, tasks included."""
    process = psutil.Popen([*GRADE, str(hand_in)], cwd=HOME, stdout=subprocess.DEVNULL)
    peak = 0
    while process.poll() is None:
        peak = max(peak, memory_of_tree(process))
        time.sleep(0.01)
    return limit("peak memory of grading one submission, tasks included", peak / 1e6, 400, "MB")


def memory_of_tree(process: psutil.Process) -> int:
    """Resident bytes of a process and all its children; shared pages count in each."""
    total = 0
    try:
        for member in [process, *process.children(recursive=True)]:
            total += member.memory_info().rss
    except psutil.Error:  # one ended while we looked
        pass
    return total


def write(rows: list[Row]) -> None:
    """Write the table as a document."""
    lines = [
        "<!-- Generated by `make bench`; do not edit. -->",
        "# What was measured",
        "",
        f"`make bench` on {os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python "
        f"{platform.python_version()}, NumPy {np.__version__}. Medians of {ROUNDS} interleaved "
        "rounds. \"Checks aside\" takes off what a warm grading takes.",
        "",
        "| what | measured | limit |",
        "| --- | --- | --- |",
        *(f"| {what} | {measured}{'' if holds else ' (missed)'} | {most} |"
          for what, measured, most, holds in rows),
    ]  # fmt: skip
    (HOME / "docs" / "benchmarks.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
