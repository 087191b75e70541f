"""What a notebook says: its language pairs, its grade cells, its solutions; pure functions."""

import hashlib
import re
import warnings
from collections.abc import Iterator
from copy import deepcopy

import nbformat
from nbformat import NotebookNode

from autograder import stubs
from autograder.graded import exercise_of, has_too_many_parts, is_manual, nbgrader_part

LANGUAGES = ("zh", "en")
ANSWER_STUB = "YOUR ANSWER HERE / 在此作答"
SCHEME = re.compile(r"^=== BEGIN MARK SCHEME ===$.*?^=== END MARK SCHEME ===$", re.M | re.S)
FORMULA_OR_CODE = re.compile(r"```.*?```|\$\$.*?\$\$|\$[^$\n]+\$|`[^`\n]+`|\]\([^)\s]+\)", re.S)
CHINESE = re.compile("[\u4e00-\u9fff]")


class NotebookError(ValueError):
    """A notebook cannot be read or breaks a rule of the kit; the text says where."""


def read(data: bytes, name: str) -> NotebookNode:
    """Parse a notebook, of any version 4 minor, from bytes.

    Raises
    ------
    NotebookError
        The bytes are no notebook.
    """
    if has_too_many_parts(data):
        raise NotebookError(f"{name} has more parts than any notebook / {name} 的内容过多")
    try:
        notebook = nbformat.reader.reads(data.decode("utf-8-sig"))  # it does not log each fault
        if notebook.nbformat != 4:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of ids that are missing
                notebook = nbformat.convert(notebook, 4)
        if not all(isinstance(part.metadata, dict) for part in (notebook, *notebook.cells)):
            raise TypeError("metadata that is no table")
        for cell in notebook.cells:  # half a character, which JSON can hold, no file can
            cell.source = cell.source.encode("utf-8", "replace").decode()
    except Exception as error:  # nbformat raises whatever the broken content leads to
        reason = type(error).__name__
        raise NotebookError(
            f"{name} is not a readable notebook ({reason}) / {name} 不是可读取的笔记本 ({reason})"
        ) from error
    return notebook


def write(notebook: NotebookNode) -> str:
    """The text of a notebook as it is committed."""
    return nbformat.writes(notebook) + "\n"


# --- languages ------------------------------------------------------------------------------


def digest(text: str) -> str:
    """What a translation remembers of the text it was made from."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def language_of(notebook: NotebookNode) -> str:
    """The language a notebook was released in; some editors drop that, then most texts count."""
    part = notebook.metadata.get("dasecv", {})
    language = part.get("language") if isinstance(part, dict) else None
    if language in LANGUAGES:
        return language
    texts = [cell.source for cell in notebook.cells if cell.get("cell_type") == "markdown"]
    chinese = sum(bool(CHINESE.search(text)) for text in texts)
    return "zh" if 2 * chinese >= len(texts) else "en"


def _pairs(notebook: NotebookNode) -> Iterator[tuple[str, list[NotebookNode]]]:
    names = [cell.metadata.get("dasecv", {}).get("pair") for cell in notebook.cells]
    for name in dict.fromkeys(n for n in names if n):
        yield name, [c for c, n in zip(notebook.cells, names, strict=True) if n == name]


def language_faults(notebook: NotebookNode, path: str) -> list[str]:
    """Say where the two languages of a source notebook part ways, one line a fault."""
    faults = [
        f"{path}: cell {cell.id!r} is prose without a language pair"
        for cell in notebook.cells
        if cell.cell_type == "markdown"
        and not cell.metadata.get("dasecv", {}).get("pair")
        and not nbgrader_part(cell)
    ]
    for name, cells in _pairs(notebook):
        where = f"{path}: pair {name!r} (cells {', '.join(repr(c.id) for c in cells)})"
        if [c.metadata.dasecv.get("language") for c in cells] != list(LANGUAGES):
            faults.append(f"{where}: wants one zh cell, then one en cell")
            continue
        if any(nbgrader_part(c) for c in cells):
            faults.append(f"{where}: a cell with nbgrader metadata cannot be in a pair")
        for cell, other in (cells, cells[::-1]):
            if cell.metadata.dasecv.get("translates") != digest(other.source):
                faults.append(
                    f"{where}: {other.id!r} changed since {cell.id!r} was written; bring it up to "
                    "date, then run `python -m autograder translated`"
                )
        zh, en = (sorted(FORMULA_OR_CODE.findall(c.source)) for c in cells)
        for extra in sorted(set(zh) ^ set(en)) or ([zh] if zh != en else []):
            faults.append(f"{where}: formula or code {extra!r} is not in both languages")
    return faults


def mark_translated(notebook: NotebookNode) -> NotebookNode:
    """A copy in which each cell of a pair remembers the other as it is now."""
    notebook = deepcopy(notebook)
    for _, cells in _pairs(notebook):
        for cell, other in zip(cells, reversed(cells), strict=True):
            cell.metadata.dasecv["translates"] = digest(other.source)
    return notebook


def pick_language(notebook: NotebookNode, language: str) -> NotebookNode:
    """A copy with the prose of one language, which it says in its metadata."""
    notebook = deepcopy(notebook)
    notebook.cells = [
        cell for cell in notebook.cells
        if cell.metadata.get("dasecv", {}).get("language", language) == language
    ]  # fmt: skip
    for cell in notebook.cells:
        cell.metadata.pop("dasecv", None)
    notebook.metadata = nbformat.from_dict(
        {
            "dasecv": {"language": language},
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    return notebook


# --- solutions ------------------------------------------------------------------------------


def cut_solutions(notebook: NotebookNode, path: str) -> NotebookNode:
    """A copy with a TODO box for each solved region, and no model answer or mark scheme."""
    notebook = deepcopy(notebook)
    for cell in notebook.cells:
        where = f"{path}: cell {cell.id!r}"
        if is_manual(cell):
            cell.source = ANSWER_STUB
        elif nbgrader_part(cell).get("solution"):
            exercise = exercise_of(nbgrader_part(cell)["grade_id"]).removesuffix(".solution")
            if not stubs.regions(cell.source, where, exercise):
                raise stubs.MarkerError(f"{where}: a solution cell without `{stubs.BEGIN}`")
            cell.source = stubs.stub(cell.source, where, exercise=exercise).rstrip("\n")
        elif stubs.MARKER.search(cell.source):
            raise stubs.MarkerError(f"{where}: a solution marker outside a solution cell")
    return notebook


def secret_lines(notebook: NotebookNode, path: str) -> set[str]:
    """Lines that may not be in a release: of solution cells, model answers, mark schemes."""
    secrets = set()
    for cell in notebook.cells:
        if is_manual(cell):
            secrets |= {line.strip() for line in cell.source.splitlines() if len(line) > 20}
        elif nbgrader_part(cell).get("solution"):
            secrets |= stubs.secret_lines(cell.source, f"{path}: {cell.id}", exercise="task")
    return secrets


def mark_scheme(cell: NotebookNode) -> str:
    """The mark scheme of a written question in the source notebook, or nothing."""
    found = SCHEME.search(cell.source)
    return "\n".join(found[0].splitlines()[1:-1]).strip() if found else ""
