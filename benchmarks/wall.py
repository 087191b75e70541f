"""Measure what the wall costs, and that grading leaves nothing behind; rows for run.py's table.

`make bench` runs it (alone: ``python benchmarks/wall.py``). Unprotected means the tier for code
that one trusts; both take turns within one run.
"""

import gc
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from autograder import HOME, runner, solution
from autograder.intake import Submission
from autograder.sandbox import Handle, NoWallError, Zygote, at_least

ASSIGNMENT, EXERCISE = "assignment2", "affine_forward"
UNPROTECTED = at_least(trusted=True)[-1:]
STARTS, SESSIONS, ROUNDS = 10, 200, 15
WARM, SUBMISSIONS = 48, 1000  # after the first of these, memory has its size
MOST_GROWTH = 4e6  # bytes, four thousand a submission: garbage that waits to be collected is less
Row = tuple[str, str, str, bool]

START = """
import time
from autograder.sandbox import Zygote
started = time.perf_counter()
with Zygote() as zygote:
    zygote.start()
    print(time.perf_counter() - started)
"""

# Beginnings of a layers.py: what each does before it answers, or instead.
KINDS = {
    "right": "",
    "wrong": "def affine_forward(x, w, b): return 0 * x.reshape(len(x), -1) @ w, (x, w, b)",
    "raises": "def affine_forward(x, w, b): raise ValueError",
    "ends": "import os\ndef affine_forward(x, w, b): os._exit(0)",
    "hoards": "kept = []\ndef affine_forward(x, w, b): kept.append(bytearray(1 << 40))",
    "clings": """
import os, socket, subprocess, sys, tempfile, threading
def affine_forward(x, w, b):
    for attempt in (os.fork, socket.socket, lambda: subprocess.Popen(["/bin/sleep", "99"]),
                    threading.Thread(target=int).start, lambda: tempfile.mkdtemp(dir=FOLDER),
                    lambda: open(f"/dev/shm/dasecv-left-behind-{NUMBER}", "w")):
        try: attempt()
        except BaseException: pass
    return [open(sys.executable, "rb") for _ in range(99)]
""",
}


def main() -> None:
    """Print every row."""
    for what, measured, limit, holds in results():
        print(f"{'ok ' if holds else 'NO '} {what}: {measured} (limit {limit})")


def results() -> Iterator[Row]:
    """Yield each measurement as soon as it is made."""
    try:
        with Zygote() as zygote, Zygote(among=UNPROTECTED) as unprotected:
            zygote.start()
            yield from costs(zygote, unprotected)
        with Zygote() as zygote:
            yield from remains(zygote)
    except NoWallError as error:
        yield "the wall", f"not measured: {str(error).splitlines()[0]}", "a wall", False


# --- what it costs -------------------------------------------------------------------------------


def costs(zygote: Zygote, unprotected: Zygote) -> Iterator[Row]:
    """Rows on time."""
    tier = f"`{zygote.wall.tier}`"
    start = statistics.median(start_seconds() for _ in range(STARTS))
    yield f"a zygote behind {tier}, its canary included", f"{start:.2f} s", "0.5 s", start <= 0.5
    ready = 1000 * statistics.median(ready_seconds(zygote) for _ in range(SESSIONS))
    what = f"a session behind {tier} on a warm zygote with NumPy"
    yield what, f"{ready:.1f} ms", "15 ms", ready <= 15
    ours, bare = whole(zygote, unprotected)
    what = f"a correct submission of {ASSIGNMENT}, tasks aside: behind {tier} {ours:.2f} s, "
    what += f"unprotected {bare:.2f} s of CPU time"
    yield what, f"ratio {ours / bare:.2f}", "1.10", ours <= 1.1 * bare


def start_seconds() -> float:
    """What the first session of a new process waits for."""
    command = [sys.executable, "-c", START]
    return float(subprocess.run(command, cwd=HOME, capture_output=True, check=True).stdout)


def ready_seconds(zygote: Zygote) -> float:
    """From the wish for a session to the child that waits for its first call."""
    started = time.perf_counter()
    session = zygote.open({})
    seconds = time.perf_counter() - started
    session.close()
    return seconds


def whole(zygote: Zygote, unprotected: Zygote) -> tuple[float, float]:
    """Median CPU time of grading all functions of a correct submission, behind each."""
    files = solution.hand_in(ASSIGNMENT, HOME).files
    functions = {name: data for name, data in files.items() if not name.startswith("saved/")}
    submission = Submission.from_files("model", functions)
    seconds: dict[Zygote, list[float]] = {zygote: [], unprotected: []}
    for _ in range(ROUNDS + 1):
        for one, measured in seconds.items():
            before = cpu_seconds()
            runner.grade(submission, ASSIGNMENT, zygote=one)
            measured.append(cpu_seconds() - before)
    return tuple(statistics.median(measured[1:]) for measured in seconds.values())


def cpu_seconds() -> float:
    """CPU time of this process, its zygotes, and all children that these have reaped."""
    own = psutil.Process().cpu_times()
    below = [p.cpu_times() for p in psutil.Process().children(recursive=True)]
    reaped = sum(t.children_user + t.children_system for t in below)
    return own.user + own.system + sum(t.user + t.system for t in below) + reaped


# --- what it leaves ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Held:
    """What grading holds at one moment.

    Attributes
    ----------
    processes : int
        Below this one.
    descriptors : int
        Of this one and all of those.
    handles : int
        Objects of students that the trusted side refers to.
    files : int
        In the folder for temporary files, and what students were after.
    grader_bytes, zygote_bytes : int
        Resident memory of this process, and of those below.
    """

    processes: int
    descriptors: int
    handles: int
    files: int
    grader_bytes: int
    zygote_bytes: int


def remains(zygote: Zygote) -> Iterator[Row]:
    """Rows on what is there after many small submissions that was not there after the first."""
    first, last = small_submissions(zygote, WARM, SUBMISSIONS)
    what = f"{SUBMISSIONS} small submissions in a row: processes, descriptors, handles, files left"
    left = leaked(first, last)
    yield what, ", ".join(map(str, left)), "0, 0, 0, 0", not any(left)
    for name in ("grader", "zygote"):
        before, after = (getattr(held, f"{name}_bytes") for held in (first, last))
        what = f"resident memory of the {name} after the first {WARM} and after all of them"
        measured = f"{before / 1e6:.1f} and {after / 1e6:.1f} MB"
        yield what, measured, f"+ {MOST_GROWTH / 1e6:g} MB", after - before <= MOST_GROWTH


def leaked(first: Held, last: Held) -> list[int]:
    """How many processes, descriptors, handles and files came and did not go."""
    names = ("processes", "descriptors", "handles", "files")
    return [getattr(last, name) - getattr(first, name) for name in names]


def small_submissions(zygote: Zygote, warm: int, count: int) -> tuple[Held, Held]:
    """Grade `warm` submissions, then `count`; return what is held after either."""
    kept = tempfile.tempdir
    with tempfile.TemporaryDirectory() as folder:
        tempfile.tempdir = folder
        try:
            grade(zygote, warm, folder)
            first = held(folder)
            grade(zygote, count, folder)
            return first, held(folder)
        finally:
            tempfile.tempdir = kept


def grade(zygote: Zygote, count: int, folder: str) -> None:
    """Grade small submissions, of each kind in turn; raise where a verdict is not as it must be."""
    solved = (HOME / "daseCV" / "layers.py").read_text(encoding="utf-8")
    for number in range(count):
        kind = list(KINDS)[number % len(KINDS)]
        text = f"{solved}\nFOLDER, NUMBER = {folder!r}, {number}\n{KINDS[kind]}\n"
        submission = Submission.from_files(kind, {"daseCV/layers.py": text.encode()})
        result = runner.grade(submission, ASSIGNMENT, select={EXERCISE}, zygote=zygote)
        if result.earned != (result.possible if kind == "right" else 0):
            raise RuntimeError(f"submission {number}, {kind}: {result.to_json()}")


def held(folder: str) -> Held:
    """What is held now."""
    gc.collect()
    own = psutil.Process()
    below = own.children(recursive=True)
    left = [*Path(folder).rglob("*"), *Path("/dev/shm").glob("dasecv-*")]
    return Held(
        processes=len(below),
        descriptors=sum(map(descriptors, [own, *below])),
        handles=sum(isinstance(thing, Handle) for thing in gc.get_objects()),
        files=len(left),
        grader_bytes=own.memory_info().rss,
        zygote_bytes=sum(process.memory_info().rss for process in below),
    )


def descriptors(process: psutil.Process) -> int:
    """How many a process has open; at least one where it lets nobody look, as a child does."""
    try:
        return process.num_fds()
    except psutil.AccessDenied:
        return 1


if __name__ == "__main__":
    main()
