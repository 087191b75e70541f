"""Who is in the demonstration class: what each hands in, and which exercises each must lose."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder import assignments, slips
from autograder.collect import zipped
from autograder.notebooks import ANSWER_STUB

Files = dict[str, bytes]
ANSWER = "Because the gradient vanishes where the curve is flat."
IN_CELLS = frozenset(
    name
    for entry in assignments.ASSIGNMENTS.values()
    for name in (*entry.cells, *(name for name, kind in entry.tasks.items() if kind == "answer"))
)
RULES = frozenset({"sgd_momentum", "rmsprop", "adam"})


@dataclass(frozen=True)
class Student:
    """A member of the class: `change` turns the model hand-in into theirs.

    `loses` may name exercises that are not graded here; `module` is the file of daseCV they edit.
    """

    name: str
    story: str
    loses: frozenset[str]
    change: Callable[[Files], Files]
    module: str = ""


def the_class(assignment: str, everything: frozenset[str]) -> list[Student]:
    """The class, in the order of the table; `everything` is what the untouched stub loses."""
    there = ("", *assignments.find(assignment).edited)
    return [student for student in _everyone(there, everything) if student.module in there]


def _everyone(there: Collection[str], everything: frozenset[str]) -> Iterator[Student]:
    yield Student("ada", "the perfect solution", frozenset(), dict)
    yield Student("ben", "the untouched stub", everything, dict)
    made = [slip for module in there for slip in slips.demo() if slip.module == module]
    for name, slip in zip(("cai", "dora", "emil", "fang", "gita"), made, strict=False):
        yield Student(name, f"one slip: {slip.note}", frozenset({slip.exercise}), _slip(slip))
    yield _broken("hugo", "a syntax error", RULES, "optim.py", "rmsprop", "w = = dw")
    yield _broken(
        "ines", "an exception", {"affine_forward"}, "layers.py", "affine_forward",
        "raise ValueError('shapes do not match')",
    )  # fmt: skip
    yield _broken(
        "joao", "an endless loop", {"relu_forward"}, "layers.py", "relu_forward", "while True: pass"
    )
    yield _broken(
        "kim", "os._exit", {"sgd_momentum"}, "optim.py", "sgd_momentum", "import os; os._exit(0)"
    )
    yield Student("lena", "no notebook", IN_CELLS, _without_notebook)
    yield Student("milo", "a notebook that is not JSON", IN_CELLS, _broken_notebook)


def hand_ins(
    released: Files, solved: Mapping[str, bytes], assignment: str, folder: Path
) -> list[Student]:
    """Write one zip file a student into `folder`, made from the release, and say who they are.

    `solved` are the files of the model hand-in that take the place of released ones.
    """
    model = {**released, **solved}
    for name in [n for n in released if n.endswith(".ipynb")]:
        model[name] = model[name].replace(ANSWER_STUB.encode(), ANSWER.encode())
    students = the_class(assignment, frozenset())
    for student in students:
        files = student.change(dict(released) if student.name == "ben" else dict(model))
        (folder / f"{assignment}-{student.name}.zip").write_bytes(zipped(files))
    return students


def _slip(slip: slips.Slip) -> Callable[[Files], Files]:
    name = f"daseCV/{slip.module}"
    return lambda files: {**files, name: slip.apply(files[name].decode()).encode()}


def _broken(
    name: str, what: str, loses: Collection[str], module: str, function: str, line: str
) -> Student:
    """Someone who puts a line before the first line of a function's solution."""

    def change(files: Files) -> Files:
        before, definition, after = files[f"daseCV/{module}"].decode().partition(f"def {function}(")
        head, marker, tail = after.partition("    ### BEGIN SOLUTION\n")
        text = f"{before}{definition}{head}{marker}    {line}\n{tail}"
        return {**files, f"daseCV/{module}": text.encode()}

    return Student(name, f"{what} in {function}", frozenset(loses), change, module)


def _without_notebook(files: Files) -> Files:
    return {name: data for name, data in files.items() if not name.endswith(".ipynb")}


def _broken_notebook(files: Files) -> Files:
    broken = b'{"cells": [ an interrupted upload'
    return {n: broken if n.endswith(".ipynb") else data for n, data in files.items()}
