"""Runs visible checks in processes of their own and reports what comes of each exercise.

A fresh process reads the files as they are on disk, so nothing has to be reloaded. One that loops
or ends takes only its exercise with it: the next process goes on with the exercises after that.
"""

import json
import os
import queue
import re
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from daseCV.checks import IN_NOTEBOOK

FOLDER = Path(__file__).resolve().parents[2]
START = (
    "import sys; root, *rest = sys.argv[1:]; "
    "sys.path[:] = [root, *(p for p in sys.path if p)]; "
    "from daseCV.checks.run import main; main(*rest)"
)
START_SECONDS = 60  # for a cold disk to read NumPy
GRACE_SECONDS = 5  # until a process that did not stop by itself is killed
VERDICTS = (  # the worst first
    "timed out", "crashed", "failed", "not implemented", IN_NOTEBOOK, "passed",
)  # fmt: skip


class UnknownExercise(ValueError):  # noqa: N818, it names what is wrong
    """There are no visible checks of that name; the text lists names that are near."""


class SelfCheckError(RuntimeError):
    """The checks could not be started; the text says why."""


@dataclass(frozen=True)
class CheckReport:
    """What came of one check; `what`, `detail` and `hint` as in `daseCV.compare.Mismatch`."""

    sentence: str
    verdict: str
    what: str = ""
    detail: str = ""
    hint: str = ""
    printed: str = ""


@dataclass(frozen=True)
class ExerciseReport:
    """What came of an exercise: the worst of its checks."""

    exercise: str
    checks: tuple

    @property
    def verdict(self):
        """One of `VERDICTS`."""
        return min((check.verdict for check in self.checks), key=VERDICTS.index)


def run(exercises=(), limit=None, folder=None):
    """Run visible checks, and yield a report for each exercise when it is done.

    Parameters
    ----------
    exercises : sequence of str
        Names; none stands for all of the assignment.
    limit : float, optional
        Seconds for each exercise, in place of its own limit (10, for tasks more).
    folder : path, optional
        Where ``saved/`` is; the current folder by default.

    Yields
    ------
    report : ExerciseReport

    Raises
    ------
    UnknownExercise, SelfCheckError
    """
    waiting, started = list(exercises), False
    while waiting or not started:
        with _Process(waiting, limit, folder) as process:
            waiting, started = process.plan(), True
            while waiting and not process.ended:
                exercise, *waiting = waiting
                yield process.report(exercise)
            if process.stuck:  # every other exercise would wait as long for the same file
                yield from (ExerciseReport(name, (process.stuck,)) for name in waiting)
                return


class _Process:
    """A process that runs `daseCV.checks.run`."""

    def __init__(self, exercises, limit, folder):
        self.ended = self._killed = False
        self.stuck = None  # what to say of the others when a file is never read to its end
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115, closed by __exit__
        words = [str(FOLDER), "" if limit is None else str(limit), *exercises]
        self._process = subprocess.Popen(
            [sys.executable, "-B", "-c", START, *words],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={**os.environ, "MPLBACKEND": "Agg"},  # students import matplotlib in layers.py
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._lines = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):  # in a thread: on Windows a pipe cannot be read with a time limit
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(b"")

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._process.kill()
        self._process.wait()
        self._errors.close()
        self._reader.join(1)
        if not self._reader.is_alive():  # else a process of the student's own holds the pipe
            self._process.stdout.close()

    def plan(self):
        """The exercises that it is going to check."""
        event = self._next(START_SECONDS)
        if event is None:
            words = self._error_text().strip().splitlines()[-1:] or ["no message / 没有错误信息"]
            raise SelfCheckError(f"the checks cannot start / 检查无法启动: {words[0]}")
        if "unknown" in event:
            name, near = event["unknown"], ", ".join(event["near"])
            advice = f"; did you mean / 是否想写: {near}" if near else ""
            text = f"no exercise is called {name!r} / 没有名为 {name!r} 的练习{advice}"
            raise UnknownExercise(text)
        return event["plan"]

    def report(self, exercise):
        """Wait for what comes of the next exercise."""
        checks, begun = [], {"begin": "", "seconds": START_SECONDS}
        while event := self._next(begun["seconds"] + GRACE_SECONDS):
            if "end" in event:
                return ExerciseReport(exercise, tuple(checks))
            if "begin" in event:
                begun = event
            else:
                checks.append(CheckReport(begun["begin"], **event["result"]))
        self.ended = True
        last = self._last_check(begun["begin"], begun["seconds"])
        return ExerciseReport(exercise, (*checks, last))

    def _next(self, seconds):
        """The next line as a dict; None when the process has ended, or is silent for too long."""
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            self._killed = True
            self._process.kill()
            return None
        return json.loads(line) if line.endswith(b"\n") else None

    def _last_check(self, sentence, seconds):
        """The report of the check in which the process ended."""
        status, errors = self._process.wait(), self._error_text()
        place = _student_line(errors)
        if self._killed or "Timeout (" in errors:
            if place.endswith("in <module>"):
                what = "not checked: a file is never read to its end / 未检查：文件无法读完"
                self.stuck = CheckReport(sentence, "timed out", what, place)
            what = f"stopped after {seconds:g} s / 运行 {seconds:g} 秒后被停止"
            return CheckReport(
                sentence, "timed out", what, place, "an endless loop? / 有死循环吗？"
            )
        what = f"it ended Python (exit status {status}) / Python 意外退出（状态 {status}）"
        return CheckReport(sentence, "crashed", what, place)

    def _error_text(self):
        self._errors.seek(0)
        return self._errors.read().decode("utf-8", "replace")


def _student_line(dump):
    """Where the student's code was, "file, line, function", in what faulthandler wrote."""
    frames = re.findall(r'(daseCV[\\/][^"]*\.py)", line (\d+) in (\S+)', dump)
    theirs = [frame for frame in frames if not re.search("checks|compare", frame[0])]
    return "{}, line {}, in {}".format(*theirs[0]).replace("\\", "/") if theirs else ""
