"""Runs visible checks in this process and writes what comes of each as a line of JSON.

`daseCV.checks.process` starts it: student code may loop, print, or end its process. First comes
``{"plan": exercises}``, or ``{"unknown": name, "near": names}``; then for each check of an exercise
``{"begin": sentence, "seconds": limit}`` and ``{"result": {...}}``, and ``{"end": exercise}``.
"""

import difflib
import faulthandler
import io
import json
import os
import re
import sys
import traceback
import types
from pathlib import Path

import numpy as np

from daseCV.checks import IN_NOTEBOOK, Student, discover
from daseCV.compare import Mismatch

PACKAGE = Path(__file__).resolve().parents[1]
CELL = re.compile("ipykernel_|<ipython-input")  # the file names under which IPython runs cells
SEED = 231
ONLY_THERE = "checked in the notebook only / 只在笔记本中检查"
UNUSABLE = "what was returned cannot be used / 返回值无法使用"


class Printed(io.TextIOBase):
    """The beginning of what student code prints; a print in a loop must not fill the memory."""

    def __init__(self, limit=600):
        self.text, self.limit = "", limit

    def writable(self):
        """As a stream to write to has it."""
        return True

    def write(self, text):
        """Keep what fits."""
        self.text += text[: self.limit - len(self.text)]
        return len(text)


def main(limit, *names):
    """Run the checks of these exercises, or of the assignment, and write to standard output.

    Parameters
    ----------
    limit : str
        Seconds for an exercise in place of its own; may be empty.
    names : str
        Exercises.
    """
    tell = _channel()
    checks = discover()
    for name in names:
        if name not in checks:
            tell(unknown=name, near=difflib.get_close_matches(name, checks, 3, 0.5))
            return
    exercises = list(names) or assigned(checks)
    tell(plan=exercises)
    student = Student()
    for exercise in exercises:
        if any(check.live for check in checks[exercise]):
            tell(begin=checks[exercise][0].__doc__, seconds=0)
            tell(result={"verdict": IN_NOTEBOOK, "what": ONLY_THERE})
            tell(end=exercise)
            continue
        seconds = float(limit or max(check.seconds for check in checks[exercise]))
        faulthandler.dump_traceback_later(seconds, exit=True, file=2)
        for check in checks[exercise]:
            tell(begin=check.__doc__, seconds=seconds)
            tell(result=judge(check, student))
        tell(end=exercise)
    faulthandler.cancel_dump_traceback_later()


def _channel():
    """A function that writes a line to standard output, which nobody else can from now on."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

    def tell(**fields):
        channel.write(json.dumps(fields) + "\n")
        channel.flush()

    return tell


def assigned(checks):
    """Exercises of the assignment that have visible checks, in its order; without one, all."""
    table = PACKAGE / "assignment.json"
    if not table.is_file():
        return list(checks)
    rows = json.loads(table.read_text(encoding="utf-8"))["exercises"]
    return [row["exercise"] for row in rows if row["exercise"] in checks]


def judge(check, student):
    """What comes of one check: a dict with verdict, what, detail, hint and printed."""
    printed = Printed()
    kept = sys.stdout, sys.stderr
    sys.stdout = sys.stderr = printed
    np.random.seed(SEED)
    try:
        said = check(student, np.random.RandomState(SEED))
        found = {"verdict": "passed", "what": said or ""}
    except (Exception, SystemExit) as error:
        found = explain(error, check.exercise)
    finally:
        sys.stdout, sys.stderr = kept
    return {"what": "", "detail": "", "hint": "", **found, "printed": printed.text}


def explain(error, exercise):
    """An exception in the words that a student reads."""
    if isinstance(error, Mismatch):
        parts = {"what": error.what, "detail": error.detail, "hint": error.hint}
        return {"verdict": "failed", **parts}
    if isinstance(error, NotImplementedError):
        return {"verdict": "not implemented", "what": _missing(error, exercise)}
    name, text = type(error).__name__, " ".join(str(error).split("\n"))
    if name == "DataError":
        what, *detail = str(error).splitlines()
        return {"verdict": "failed", "what": what, "detail": "\n".join(detail)}
    place, inside = locate(error)
    if isinstance(error, AttributeError) and (lacking := _lacking(error)):
        return {"verdict": "crashed", "what": lacking, "detail": place if inside else ""}
    if not inside:
        return {"verdict": "failed", "what": UNUSABLE, "detail": f"{name}: {text}\n{place}"}
    what = f"crashed with {name} / 运行时出现 {name}"
    return {"verdict": "crashed", "what": what, "detail": f"{text}\n{place}".strip()}


def _missing(error, exercise):
    """Stubs name their exercise; an error of the student's own does not name its function."""
    name = str(error.args[0]) if error.args else ""
    if " / " in name:  # of a task: says itself what is missing
        return name
    function = traceback.extract_tb(error.__traceback__)[-1].name
    if name == exercise or name.split(".")[-1] != function:
        return "not implemented / 尚未实现"
    return f"waits for {name}, which is not implemented / 需要先完成 {name}"


def _lacking(error):
    """Which file or function the checks looked for in vain; empty when it was something else."""
    if isinstance(error.obj, Student):
        return f"daseCV has no file {error.name}.py / daseCV 中没有 {error.name}.py"
    if isinstance(error.obj, types.ModuleType) and error.obj.__name__.startswith("daseCV."):
        file = _short(error.obj.__file__)
        return f"{file} has no {error.name} / {file} 中没有 {error.name}"
    return ""


def locate(error):
    """Where an exception arose, as "file, line, function: code", and whether in the student's code.

    A check in which it arose stands for what it was given: something that it cannot use.
    """
    if isinstance(error, SyntaxError) and error.filename:
        code = (error.text or "").strip()
        return f"{_short(error.filename)}, line {error.lineno}: {code}", True
    ours, theirs = "", ""
    for frame in traceback.extract_tb(error.__traceback__):
        file = Path(frame.filename)
        place = f"{_short(file)}, line {frame.lineno}, in {frame.name}: {frame.line}"
        if PACKAGE / "checks" in file.parents:
            ours = place
        elif PACKAGE.parent in file.parents and file.name != "compare.py":
            theirs = place
        elif CELL.search(frame.filename):
            theirs = f"a cell of the notebook, line {frame.lineno}: {frame.line}"
    return (theirs, True) if theirs else (ours, False)


def _short(file):
    file = Path(file)
    return (file.relative_to(PACKAGE.parent) if PACKAGE.parent in file.parents else file).as_posix()
