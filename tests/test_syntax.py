"""Whatever a Python file is, reading it costs little, and nothing of it runs."""

import json
import subprocess
import sys
from pathlib import Path

import peak
import pytest

from autograder import syntax
from autograder.syntax import LONGEST, TOO_DEEP, TOO_LONG

READ = """
import json, resource, sys, time
import peak
from autograder import assignments, endings, forbidden
from autograder.sandbox import StudentError
files = {"daseCV/layers.py": sys.stdin.buffer.read()}
error = StudentError("ModuleNotFoundError", "", "daseCV/layers.py", 1, missing="torch",
                     mro=("ModuleNotFoundError",))
rules = assignments.find("assignment2").forbidden
before = peak.mebibytes()
for exercise, rule in rules.items():
    said = forbidden.offence(files, "daseCV/layers.py", exercise, rule)
    endings.of(error, files)
processes = resource.getrusage(resource.RUSAGE_CHILDREN)
seconds = time.process_time() + processes.ru_utime + processes.ru_stime
print(json.dumps([said, peak.mebibytes() - before, processes.ru_maxrss / 1024, seconds]))
"""
HEAD = b"def conv_forward_naive(x):\n "
FLOODS = {  # of which Python makes a thousand times as much, or what it copies for each part
    "statements": (HEAD + b"a;" * 99_000, ""),
    "names": (HEAD + b";".join(b"a%d" % n for n in range(25_000)), ""),
    "brackets": (HEAD + b"(" * 199 + b")" * 199, ""),
    "a long number": (HEAD + b"9" * 100_000, ""),
    "no text": (b"\0" * 100_000, ""),
    "a coding": (b"# coding: rot13\nqrs", ""),
    "values": (b"a=b\n" * 48_000, TOO_DEEP),
    "names of a value": (b"a=" * 95_000 + b"b", TOO_DEEP),
    "classes": (b"".join(b" " * n + b"class a:\n" for n in range(90)) + b" " * 90 + b"a=b", ""),
    "as many as may be": (b"a=b\n" * 5000, ""),
    "300 kB": (HEAD + b"a;" * 150_000, TOO_LONG),
    "a long import": (b"import a" + b".b" * 90_000, TOO_DEEP),
    "long imports": (b"from " + b"a" * 20_000 + b" import b" + b",b" * 500, TOO_DEEP),
    "a sum": (HEAD + b"x+" * 90_000 + b"x", TOO_DEEP),
    "signs": (HEAD + b"-" * 150_000 + b"x", TOO_DEEP),
}


@pytest.mark.parametrize("flood", FLOODS)
def test_no_file_costs_the_grader_much(flood):
    data, fault = FLOODS[flood]
    done = subprocess.run(
        [sys.executable, "-c", READ], cwd=Path(peak.__file__).parent, input=data,
        capture_output=True, check=True,
    )  # fmt: skip
    said, here, there, seconds = json.loads(done.stdout)
    english, _, chinese = fault.partition(" / ")
    assert said == (f"daseCV/layers.py {english} / daseCV/layers.py {chinese}" if fault else "")
    assert here < 30
    assert there < 600  # MiB, for a moment
    assert seconds < 12


def test_a_file_is_read_once(monkeypatch):
    first = syntax.read(b"import once", "m.py")
    monkeypatch.setattr(subprocess, "run", None)
    assert syntax.read(b"import once", "m.py") is first


def test_a_file_that_makes_the_reader_wait_is_given_up(monkeypatch):
    monkeypatch.setattr(syntax.outline, "__file__", "-")  # a program from stdin, in its place
    monkeypatch.setattr(syntax, "PATIENCE", 0.5)
    assert syntax.read(b"while True: pass", "waiting.py").fault == TOO_DEEP


@pytest.mark.parametrize(
    ("path", "full"),
    [
        ("daseCV/classifiers/cnn.py", {"daseCV.classifiers.a", "daseCV.b.c", "d"}),
        ("daseCV/classifiers/__init__.py", {"daseCV.classifiers.a", "daseCV.b.c", "d"}),
        ("tools.py", {"a", "b.c", "d"}),
    ],
)
def test_imports_are_told_by_their_full_names(path, full):
    source = syntax.read(b"from . import a\nfrom ..b import c\nimport d", path)
    assert source.imported == full


def test_the_longest_file_may_be_read():
    assert syntax.read(b"import a\n".ljust(LONGEST, b"#"), "long.py").imported == {"a"}
