"""The children of one submission: what each is sent, how many live, what they have used."""

import ast
import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from autograder import KIT, cells
from autograder.assignments import Assignment
from autograder.intake import Submission
from autograder.sandbox import BUSY, Overlay, Session, Zygote

MOST_CHILDREN = 3  # at a time: each may fill its memory
MOST_SAVED = 64 << 20  # bytes of the arrays of one saved file: zipped, they can be a thousandth
WITHHELD = b"""# Not part of this exercise.
def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    def withheld(*arguments, **options):
        raise ImportError(f"{__name__}.{name} is not here", name=__name__)
    return withheld
"""


def assemble(submission: Submission, assignment: Assignment) -> dict[str, bytes]:
    """The package as the child sees it: what is edited or added is the student's, the rest ours."""
    ours = sorted(set(assignment.modules) - set(assignment.edited))
    taken = {f"daseCV/{Path(name).with_suffix('.py').as_posix()}" for name in ours}
    files = {name: data for name, data in submission.modules.items() if name not in taken}
    for name in ours:
        if name.endswith(".py") and not name.startswith(("checks/", "datasets/")):
            files[f"daseCV/{name}"] = (KIT / name).read_bytes()
    return files


Lent = tuple[Overlay | str, ...]  # what the kit lends an exercise: functions, or cells by name


class Place(NamedTuple):
    """What a child is made for; two exercises of one place share a child.

    Attributes
    ----------
    cells : tuple of str
        Of the notebook, by exercise; empty for the package alone.
    lent : tuple
        What the kit provides in place of the student's.
    withheld : tuple of str
        Files of the kit that are not sent.
    """

    cells: tuple[str, ...]
    lent: Lent
    withheld: tuple[str, ...]


class Children:
    """Makes the children of a submission when they are asked for, and counts what they use.

    Parameters
    ----------
    submission : Submission
    assignment : Assignment
    zygote : Zygote
    source : Path
        Folder of the solved notebooks.

    Attributes
    ----------
    shown : dict of str to bytes
        Files of which a report may name lines.
    spent, took : float
        CPU time and wall-clock time of all checks so far, in seconds.
    """

    def __init__(
        self, submission: Submission, assignment: Assignment, zygote: Zygote, source: Path
    ) -> None:
        self.submission, self.assignment = submission, assignment
        self.zygote, self.source = zygote, source
        self.files = assemble(submission, assignment)
        self.shown = dict(self.files)
        self.spent = self.took = 0.0
        self._sessions: dict[Place, Session] = {}  # the one used least recently comes first
        self._loaded: tuple[str, Mapping[str, np.ndarray]] = "", {}  # the latest, and no other
        self._kept: dict[tuple[str, Place], Any] = {}

    @property
    def waited(self) -> float:
        """Seconds that they were waited for beyond what a busy machine explains."""
        return max(0.0, self.took - BUSY * self.spent)

    @cached_property
    def notebooks(self) -> cells.Notebooks:
        """The solution cells that were handed in."""
        return cells.read(self.submission.files)

    def place(self, exercise: str, lent: Lent) -> Place:
        """Where an exercise is judged."""
        names = self.assignment.rule(exercise).names  # of what nothing may be used, nothing is sent
        modules = {part for name in names for part in (name, name.rpartition(".")[0])}
        files = {f"{module.replace('.', '/')}.py" for module in modules}
        withheld = files & {f"daseCV/{name}" for name in self.assignment.provided}
        return Place(self.assignment.cells.get(exercise, ()), lent, tuple(sorted(withheld)))

    @contextlib.contextmanager
    def at(self, place: Place) -> Iterator[Session]:
        """The child of a place; what it uses in the block is counted."""
        session = self._sessions.pop(place, None)
        if session is None:
            self._make_room()
            session = self._open(place)
        self._sessions[place] = session
        spent, took = session.usage().cpu_seconds, session.took
        try:
            yield session
        finally:
            self.spent += session.usage().cpu_seconds - spent
            self.took += session.took - took
            if session.closed:
                self._close(place)

    def saved(self, exercise: str) -> Mapping[str, np.ndarray]:
        """What was saved for a task, read where no code has run: any could say it was another."""
        if exercise != self._loaded[0]:
            self._make_room()
            saved = {exercise: self.submission.saved[exercise]}
            limits = replace(self.zygote.world.limits, max_body=MOST_SAVED)
            with self.zygote.open({}, saved=saved, limits=limits) as reader:
                try:
                    self._loaded = exercise, reader.load_npz(exercise)
                finally:
                    self.spent += reader.usage().cpu_seconds
        return self._loaded[1]

    def once(self, key: tuple[str, Place], function: Callable[..., Any], *args: Any) -> Any:
        """What a function returned at first, as long as the child lives that it came from."""
        if key not in self._kept:
            self._kept[key] = function(*args)
        return self._kept[key]

    def forget(self) -> None:
        """Let go of those that are gone: a zygote takes all of its own along."""
        for place in [p for p, session in self._sessions.items() if session.closed]:
            self._close(place)

    def close(self) -> None:
        """Let all go."""
        for place in list(self._sessions):
            self._close(place)

    def _make_room(self) -> None:
        while len(self._sessions) >= MOST_CHILDREN:
            self._close(next(iter(self._sessions)))

    def _open(self, place: Place) -> Session:
        if not place.cells:
            files = {**self.files, **dict.fromkeys(place.withheld, WITHHELD)}
            return self.zygote.open(files, overlays=place.lent)
        source = self.source / cells.notebook_of(place.cells[0])
        module = cells.module(place.cells, self.notebooks, source.read_bytes(), place.lent)
        self.shown |= {name: code for name, code in module.items() if not name.startswith("<")}
        zygote = self.zygote.of(self.assignment.world(place.cells[0]))
        return zygote.open({**self.files, **module})

    def _close(self, place: Place) -> None:
        self._sessions.pop(place).close()
        self._kept = {key: value for key, value in self._kept.items() if key[1] != place}


@cache
def overlay(entry: str) -> Overlay:
    """The kit's code for `module:name`, or for all functions of a module."""
    module, name = entry.split(":")
    source = (KIT / (module.replace(".", "/") + ".py")).read_bytes()
    names = _functions(source) if name == "*" else (name,)
    return Overlay(f"daseCV.{module}", source, names)


def _functions(source: bytes) -> tuple[str, ...]:
    return tuple(n.name for n in ast.parse(source).body if isinstance(n, ast.FunctionDef))
