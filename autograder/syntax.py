"""What a student's Python file defines, mentions and imports: read once, within limits, not run."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from autograder import outline
from autograder.sandbox.inside.world import module_name

LONGEST = 200_000  # bytes of a file
PATIENCE = 100  # s: a busy machine may take twenty times the CPU time
LOOP = outline.LOOP
TOO_LONG = "is too long to be searched / 过长，无法检查"
TOO_DEEP = "is too intricate to be searched / 过于复杂，无法检查"


@dataclass(frozen=True)
class Definition:
    """A function, a method, a class, or a value that has a name.

    Attributes
    ----------
    own : frozenset of str
        Its variables, its arguments among them.
    mentions : tuple of (str, int, int)
        A dotted name or `LOOP`, how many loops are around it, and the first line of that.
    imports : tuple of (str, int)
        A full name that is imported in it, and the first line.
    bases : tuple of str
        What a class inherits from, or the one thing that a value is.
    """

    own: frozenset[str]
    mentions: tuple[tuple[str, int, int], ...]
    imports: tuple[tuple[str, int], ...]
    bases: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """A file; one that is no Python defines nothing and imports nothing.

    Attributes
    ----------
    definitions : mapping of str to list of Definition
        All that has the name, methods as ``Class.method``: which one counts, is not known.
    imports : mapping of str to tuple of str
        The full names that each imported name may stand for, anywhere in the file; those of ``*``
        end with it, and an empty name is for what is imported without one.
    fault : str
        Why it was not read although Python may read it, "English / 中文"; mostly empty.
    """

    definitions: Mapping[str, list[Definition]] = field(default_factory=dict)
    imports: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fault: str = ""

    @property
    def imported(self) -> set[str]:
        """Every full name that is imported."""
        return {full for names in self.imports.values() for full in names}


@lru_cache(maxsize=16)
def read(data: bytes, path: str) -> Source:
    """Read a file; its path says what ``from . import`` means in it."""
    if len(data) > LONGEST:
        return Source(fault=TOO_LONG)
    command = [sys.executable, "-I", "-S", outline.__file__]
    try:
        done = subprocess.run(
            command, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            timeout=PATIENCE, check=True,
        )  # fmt: skip
    except subprocess.SubprocessError:
        return Source(fault=TOO_DEEP)
    found = json.loads(done.stdout)
    package = module_name(path).split(".")[: None if path.endswith("/__init__.py") else -1]
    imports: dict[str, dict[str, None]] = {}
    for name, full in found["imports"]:
        imports.setdefault(name, {})[_absolute(full, package)] = None
    definitions: dict[str, list[Definition]] = {}
    for name, known in found["definitions"]:
        definition = Definition(
            frozenset(known["own"]),
            tuple(map(tuple, known["mentions"])),
            tuple((_absolute(full, package), line) for full, line in known["imports"]),
            tuple(known["bases"]),
        )
        definitions.setdefault(name, []).append(definition)
    return Source(definitions, {name: tuple(fulls) for name, fulls in imports.items()})


def _absolute(full: str, package: list[str]) -> str:
    """A full name without the dots that it may begin with."""
    name = full.lstrip(".")
    level = len(full) - len(name)
    return ".".join([*package[: len(package) - level + 1], name]) if level else name
