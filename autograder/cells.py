"""Solution cells of handed-in notebooks: what runs in a child, the answer to a question.

Nothing of them runs here. Notebooks are read as plain JSON (see `autograder.graded`), and each may
be broken on purpose.
"""

import ast
import json
import re
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from autograder.graded import grade_id, has_too_many_parts, nbgrader_part

LONGEST = 20_000  # bytes of a cell; a line of so many can cost the parser 110 MiB
MOST_COMMANDS = 1000
FOR_IPYTHON = re.compile(r"^([ \t]*)[%!].*", re.M)
ASSIGNMENTS = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.NamedExpr)
CONTAINERS = {"dict", "frozenset", "list", "set", "sorted", "tuple"}
# In a child there is nothing to train on, so a cell that trains is through at once.
NO_DATA = "loader_train = loader_val = loader_test = ()\n"
Notebooks = Mapping[str, Mapping[str, str] | None]  # name -> grade_id -> code; None: unreadable


class NotAnsweredError(ValueError):
    """The cell gives no answer yet."""


class NotLiteralError(ValueError):
    """What the cell gives as its answer has to be computed; the text says what to write."""


def read(files: Mapping[str, bytes]) -> Notebooks:
    """The solution cells of the notebooks at the top of a hand-in."""
    names = [name for name in files if name.endswith(".ipynb") and "/" not in name]
    return {name: _cells(files[name]) for name in sorted(names)}


def _cells(data: bytes) -> dict[str, str] | None:
    if has_too_many_parts(data):
        return None
    try:
        cells = list(json.loads(data.decode("utf-8-sig"))["cells"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    found: dict[str, str] = {}
    for cell in _code(cells):
        name = nbgrader_part(cell).get("grade_id")
        if isinstance(name, str):
            found.setdefault(name, _text(cell.get("source")))  # the first counts
    return found


def _code(cells: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
    for cell in cells:
        sound = isinstance(cell, dict) and isinstance(cell.get("metadata"), dict)
        if sound and cell.get("cell_type") == "code":
            yield cell


def _text(source: Any) -> str:
    lines = source if isinstance(source, list) else [source]
    text = "".join(line for line in lines if isinstance(line, str))
    return text.encode("utf-8", "replace").decode()  # half a character, which JSON can hold


def find(notebooks: Notebooks, exercise: str) -> str | None:
    """The code of an exercise's solution cell: in the notebook it is named after, or in another."""
    own, wanted = notebook_of(exercise), f"{grade_id(exercise)}-solution"
    for name in sorted(notebooks, key=lambda name: (name != own, name)):
        if wanted in (cells := notebooks[name] or {}):
            return cells[wanted]
    return None


def missing(notebooks: Notebooks, exercise: str) -> str:
    """Why there is no solution cell of an exercise, "English / 中文"; empty when there is one."""
    name = notebook_of(exercise)
    if find(notebooks, exercise) is not None:
        return ""
    if name not in notebooks:
        return f"{name} was not handed in / 没有提交 {name}"
    if notebooks[name] is None:
        return f"{name} cannot be read / 无法读取 {name}"
    return f"{name} has no cell for {exercise} / {name} 中缺少 {exercise} 的单元格"


def notebook_of(exercise: str) -> str:
    """The file of the notebook that an exercise lives in: it is named after it."""
    return f"{exercise.partition('.')[0]}.ipynb"


def module(
    names: Sequence[str], handed_in: Notebooks, source: bytes, lent: Collection[str]
) -> dict[str, bytes]:
    """The files that make the module `notebook` of a child, to be run one after the other.

    Parameters
    ----------
    names : sequence of str
        The cells of the exercise.
    handed_in : mapping
        The student's notebooks, as `read` gives them.
    source : bytes
        The solved notebook. Its cells tagged `prelude` come first, never the student's copy.
    lent : collection of str
        Which of the cells are taken from there, too.

    Returns
    -------
    dict of str to bytes
        By a name that a report can show; those of the kit begin with ``<kit>/``.
    """
    notebook = notebook_of(names[0])
    files = {f"<kit>/{notebook}": prelude(source) + NO_DATA}
    for name in names:
        if name in lent:
            files[f"<kit>/{notebook}: {name}"] = find({notebook: _cells(source)}, name)
        else:
            files[f"{notebook}: {name}"] = python(find(handed_in, name) or "")
    return {name: code.encode() for name, code in files.items()}


def prelude(source: bytes) -> str:
    """What a solved notebook gives to its cells: imports and functions."""
    cells = _code(json.loads(source)["cells"])
    given = [c for c in cells if "prelude" in c["metadata"].get("tags", ())]
    return "".join(f"{python(_text(cell['source']))}\n" for cell in given)


def python(code: str) -> str:
    """A cell without the lines that only IPython understands, if it is no Python with them."""
    return code if _tree(code) else FOR_IPYTHON.sub(r"\1pass", code, count=MOST_COMMANDS)


def _tree(code: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an odd backslash in a string is no error
            return ast.parse(code) if len(code.encode()) <= LONGEST else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # whatever the parser runs into
        return None


def answer(code: str) -> Any:
    """The value that the last ``answer = ...`` of a cell gives; nothing is run.

    Raises
    ------
    NotAnsweredError
        There is none, or it is empty or None, as in the released cell.
    NotLiteralError
        It is no literal, or the cell is no Python.
    """
    tree = _tree(python(code))
    if tree is None:
        raise NotLiteralError("the answer cell is not valid Python / 作答单元格不是合法的 Python")
    try:
        value = _last(tree)
    except (ValueError, TypeError, RecursionError, MemoryError) as error:
        raise NotLiteralError(
            "the answer is no plain value, such as {1, 2} or True / "
            "答案不是直接写出的值，如 {1, 2} 或 True"
        ) from error
    parts = list(value.values()) if isinstance(value, dict) else [value]
    if all(part is None or part in ((), [], {}, set(), "") for part in parts):
        raise NotAnsweredError
    return value


def _last(tree: ast.Module) -> Any:
    given = None
    nodes = [node for node in ast.walk(tree) if isinstance(node, ASSIGNMENTS)]
    for node in sorted(nodes, key=lambda node: (node.lineno, node.col_offset)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(isinstance(target, ast.Name) and target.id == "answer" for target in targets):
            given = node if isinstance(node, ast.AugAssign) else node.value
    return None if given is None else _literal(given)


def _literal(node: ast.AST) -> Any:
    """The value of a literal; ``set([1, 2])`` and ``dict(a=1)`` are taken for one, too."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id == "dict" and not node.args:
            return {word.arg: ast.literal_eval(word.value) for word in node.keywords}
        if node.func.id in CONTAINERS and len(node.args) == 1 and not node.keywords:
            return _literal(node.args[0])
    return ast.literal_eval(node)
