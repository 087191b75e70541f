"""Build what students get, in memory: notebooks, the package with stubs, and what goes with it."""

import json
from collections.abc import Iterator
from pathlib import Path

import nbformat

from autograder import CHECKS, KIT, __version__, assignments, graded, notebooks, stubs
from autograder.notebooks import NotebookError

PICTURES = "notebook_images"  # beside the notebooks, in source/ and in a release
REQUIREMENTS = "numpy>=1.24\nmatplotlib>=3.7\njupyterlab>=4\n"


class ReleaseError(ValueError):
    """The release cannot be made; each line of the text names a file, a place and a fault."""


def sources(assignment: str, course: Path) -> dict[str, nbformat.NotebookNode]:
    """The solved notebooks of an assignment by name, sorted."""
    folder = course / "source" / assignment
    found = {path.stem: _read(path) for path in sorted(folder.glob("*.ipynb"))}
    if not found:
        raise ReleaseError(f"{folder}: no notebook is there")
    return found


def _read(path: Path) -> nbformat.NotebookNode:
    try:
        return notebooks.read(path.read_bytes(), str(path))
    except NotebookError as error:
        raise ReleaseError(str(error)) from error


def package(assignment: str, language: str, course: Path) -> dict[str, bytes]:
    """Every file of a release but the notebooks, by name.

    Raises
    ------
    ReleaseError
        A marker is bad or a file is missing; the text names file and line.
    """
    entry = assignments.find(assignment)
    try:
        files = {f"daseCV/{name}": _module(name, entry) for name in entry.modules}
        readme = course / "source" / assignment / f"README.{language}.md"
        files["README.md"] = readme.read_bytes()
        files |= {f"{PICTURES}/{path.name}": path.read_bytes() for path in pictures(readme.parent)}
    except (stubs.MarkerError, SyntaxError, FileNotFoundError) as error:
        raise ReleaseError(str(error)) from error
    files["requirements.txt"] = REQUIREMENTS.encode()
    files["daseCV/assignment.json"] = _table(entry, language, course).encode()
    return files


def pictures(folder: Path) -> list[Path]:
    """The files that the notebooks of a folder show, sorted."""
    return sorted((folder / PICTURES).glob("[!.]*"))


def _module(name: str, entry: assignments.Assignment) -> bytes:
    text = (KIT / name).read_text(encoding="utf-8")
    if not name.endswith(".py"):
        return text.encode()
    return stubs.stub(text, f"daseCV/{name}", entry.given).encode()


def _table(entry: assignments.Assignment, language: str, course: Path) -> str:
    exercises, names = [], []
    for notebook, source in sources(entry.name, course).items():
        names.append(f"{notebook}.ipynb")
        exercises += [
            {
                "exercise": cell.exercise,
                "notebook": notebook,
                "points": cell.points,
                "task": cell.exercise in entry.tasks,
            }
            for cell in graded.cells_of(source)
            if not cell.manual
        ]
    table = {
        "generated_by": "daseCV; edit source/ and daseCV/ of the kit instead",
        "assignment": entry.name,
        "version": __version__,
        "language": language,
        "exercises": exercises,
        "hand_in": [*names, *(f"daseCV/{name}" for name in entry.edited)],
        "provided": [f"daseCV/{n}" for n in entry.modules if n not in entry.edited],
    }
    return json.dumps(table, ensure_ascii=False, indent=1) + "\n"


def faults(assignment: str, course: Path) -> list[str]:
    """Everything that is wrong with a source before it is released, one line a fault."""
    try:
        found, entry = sources(assignment, course), assignments.find(assignment)
    except (ReleaseError, KeyError) as error:
        return [str(error.args[0])]
    checked = set(hidden_exercises())
    lines: list[str] = []
    for name, notebook in found.items():
        path = f"source/{assignment}/{name}.ipynb"
        lines += notebooks.language_faults(notebook, path)
        lines += [
            f"{path}: grade cell {graded.grade_id(cell.exercise)!r} has no check in "
            "autograder/checks; write one or take the cell out"
            for cell in graded.cells_of(notebook)
            if not cell.manual and cell.exercise not in checked
        ]
        try:
            notebooks.cut_solutions(notebook, path)
        except stubs.MarkerError as error:
            lines.append(str(error))
    for language in notebooks.LANGUAGES:
        try:
            files = package(assignment, language, course)
        except ReleaseError as error:
            return [*lines, str(error)]
        try:
            lines += leaks(entry, found, files) if not lines else []
        except (stubs.MarkerError, SyntaxError) as error:  # in a module that others release
            return [str(error)]
    return list(dict.fromkeys(lines))


def leaks(
    entry: assignments.Assignment,
    found: dict[str, nbformat.NotebookNode],
    files: dict[str, bytes],
) -> list[str]:
    """Solution lines, of any module or notebook, that stand in what would be released."""
    secrets: set[str] = set()
    for path in sorted(KIT.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        name = f"daseCV/{path.relative_to(KIT).as_posix()}"
        secrets |= stubs.secret_lines(text, name, entry.given)
    for name, notebook in found.items():
        secrets |= notebooks.secret_lines(notebook, name)
    texts = {n: b.decode() for n, b in files.items() if n.endswith((".py", ".md", ".sh"))}
    for name, notebook in found.items():
        for cell in notebooks.cut_solutions(notebook, name).cells:
            texts[f"{name}.ipynb, cell {cell.id}"] = cell.source
    return [
        f"{fault} is a line of a solution"
        for name, text in texts.items()
        for fault in stubs.leaks(text, name, secrets)
    ]


def hidden_exercises() -> Iterator[str]:
    """The exercise of each hidden check, read from the marks without importing anything."""
    for path in sorted(CHECKS.rglob("test_*.py")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("@pytest.mark.exercise("):
                yield line.split('"')[1]
