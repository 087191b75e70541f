"""Cut solutions out of source text, and find any that got away; pure functions of text."""

import ast
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

BEGIN = "### BEGIN SOLUTION"
END = "### END SOLUTION"
START_LINE = "# *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****"
END_LINE = "# *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****"

# A second class of a name: its exercises carry the module's, `neural_net.TwoLayerNet.loss`.
QUALIFIED = {"daseCV/classifiers/neural_net.py": "neural_net."}

MARKER = re.compile(r"(BEGIN|END)[ _-]*SOLUTION", re.IGNORECASE)
TELLING = re.compile(r"[(\[@*+/]")  # a line that computes nothing gives nothing away


class MarkerError(ValueError):
    """A solution marker is missing, nested or misspelt; the text names file and line."""


@dataclass(frozen=True)
class Region:
    """Lines `start` to `end` (markers included, from 0) that solve `exercise`."""

    start: int
    end: int
    exercise: str


def regions(text: str, path: str, exercise: str = "") -> list[Region]:
    """Find the solved regions of a file, in order.

    Parameters
    ----------
    text, path : str
        The source, and the name that errors give it.
    exercise : str
        The exercise that a region outside any function belongs to.

    Raises
    ------
    MarkerError
        A marker is not a whole line of its own, is nested, or has no partner.
    """
    found, opened = [], None
    for number, line in enumerate(text.splitlines()):
        where = f"{path}:{number + 1}"
        if not MARKER.search(line):
            continue
        if line.strip() == BEGIN:
            if opened is not None:
                raise MarkerError(f"{where}: `{BEGIN}` inside the region of line {opened + 1}")
            opened = number
        elif line.strip() == END:
            if opened is None:
                raise MarkerError(f"{where}: `{END}` without a `{BEGIN}` before it")
            found.append(Region(opened, number, exercise))
            opened = None
        else:
            raise MarkerError(
                f"{where}: unknown marker `{line.strip()}`; write `{BEGIN}` or `{END}` "
                "on a line of its own"
            )
    if opened is not None:
        raise MarkerError(f"{path}:{opened + 1}: `{BEGIN}` is never closed by `{END}`")
    return [_named(region, text, path) for region in found]


def _named(region: Region, text: str, path: str) -> Region:
    if region.exercise:
        return region
    for name, first, last in _functions(ast.parse(text, path)):
        if first <= region.start + 1 <= last:  # the closing line is a comment, so it may lie below
            return Region(region.start, region.end, QUALIFIED.get(path, "") + name)
    raise MarkerError(f"{path}:{region.start + 1}: this region stands in no function")


def _functions(node: ast.AST, prefix: str = "") -> Iterator[tuple[str, int, int]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{child.name}.")
        elif isinstance(child, ast.FunctionDef):
            yield prefix + child.name, child.lineno, child.end_lineno


def stub(text: str, path: str, given: Collection[str] = (), exercise: str = "") -> str:
    """Replace each solved region by a TODO box; exercises in `given` keep their solution."""
    lines = text.splitlines(keepends=True)
    for region in reversed(regions(text, path, exercise)):
        if region.exercise in given:
            box = lines[region.start + 1 : region.end]
        else:
            box = _box(lines[region.start], region.exercise)
        lines[region.start : region.end + 1] = box
    return "".join(lines)


def _box(marker_line: str, exercise: str) -> list[str]:
    indent = marker_line[: len(marker_line) - len(marker_line.lstrip())]
    todo = f'raise NotImplementedError("{exercise}")  # TODO: your code in place of this line'
    return [f"{indent}{line}\n" for line in (START_LINE, todo, END_LINE)]


def secret_lines(text: str, path: str, given: Collection[str] = (), exercise: str = "") -> set[str]:
    """Lines that stand in a region to be cut and nowhere else in the file, stripped."""
    lines = [line.strip() for line in text.splitlines()]
    cut = [r for r in regions(text, path, exercise) if r.exercise not in given]
    hidden = {n for r in cut for n in range(r.start, r.end + 1)}
    shown = {line for n, line in enumerate(lines) if n not in hidden}
    return {
        lines[n] for n in hidden
        if len(lines[n]) > 12 and TELLING.search(lines[n]) and lines[n] not in shown
        and not lines[n].startswith("#")
    }  # fmt: skip


def leaks(text: str, path: str, secrets: Iterable[str]) -> list[str]:
    """Name each line of `text` that is one of `secrets`, as `path:line: text`."""
    known = set(secrets)
    return [
        f"{path}:{number}: `{line.strip()}`"
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip() in known
    ]
