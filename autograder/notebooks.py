"""What a notebook says: its language pairs, its grade cells, and its repair; pure functions."""

import hashlib
import re
import warnings
from collections.abc import Callable, Iterator
from copy import deepcopy

import nbformat
from nbformat import NotebookNode

from autograder import stubs
from autograder.graded import exercise_of, is_manual, nbgrader_part

LANGUAGES = ("zh", "en")
ANSWER_STUB = "YOUR ANSWER HERE / 在此作答"
SCHEME = re.compile(r"^=== BEGIN MARK SCHEME ===$.*?^=== END MARK SCHEME ===$", re.M | re.S)
FORMULA_OR_CODE = re.compile(r"```.*?```|\$\$.*?\$\$|\$[^$\n]+\$|`[^`\n]+`|\]\([^)\s]+\)", re.S)
CHINESE = re.compile("[\u4e00-\u9fff]")
OUTPUT_LIMIT = 2_000_000  # bytes of outputs that are kept of one submitted cell
ATTACHED_LIMIT = 10_000_000  # bytes of images that are kept of one: an answer may be a photograph
SHOWN = ("image/png", "image/jpeg")


class NotebookError(ValueError):
    """A notebook cannot be read or breaks a rule of the kit; the text says where."""


def read(data: bytes, name: str) -> NotebookNode:
    """Parse a notebook, of any version 4 minor, from bytes.

    Raises
    ------
    NotebookError
        The bytes are no notebook.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of ids that are missing: some editors drop them
            notebook = nbformat.reads(data.decode("utf-8-sig"), as_version=nbformat.NO_CONVERT)
            if notebook.nbformat != 4:
                notebook = nbformat.convert(notebook, 4)
        if not all(isinstance(part.metadata, dict) for part in (notebook, *notebook.cells)):
            raise TypeError("metadata that is no table")
        for cell in notebook.cells:  # half a character, which JSON can hold, no file can
            cell.source = cell.source.encode("utf-8", "replace").decode()
    except Exception as error:  # nbformat raises whatever the broken content leads to
        reason = type(error).__name__
        raise NotebookError(f"{name} is not a readable notebook ({reason})") from error
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


# --- what students hand in ------------------------------------------------------------------


def repair(handed_in: NotebookNode | None, released: NotebookNode) -> tuple[NotebookNode, list]:
    """Rebuild a student's notebook on the released one; nothing of its metadata is taken over.

    The released cells come in their order, each with the student's text where students may write
    and with the student's outputs; cells the student added follow the cell they stood behind.

    Returns
    -------
    notebook : NotebookNode
    notes : list of str
        What was amiss, "English / 中文", for the report.
    """
    rebuilt, notes = deepcopy(released), []
    if handed_in is None:
        return rebuilt, notes
    find = _finder(released)
    theirs, added, last = {}, {}, None
    for cell in handed_in.cells:
        known = find(cell)
        if known is not None and known.id not in theirs:
            theirs[known.id], last = cell, known.id
        elif cell.get("cell_type") in ("code", "markdown"):
            if known is not None and nbgrader_part(known):
                name = nbgrader_part(known)["grade_id"]
                notes.append(f"cell {name} stands twice; the first counts / 单元格重复，取第一个")
            added.setdefault(last, []).append(_added(cell))
    cells = list(_numbered(added.get(None, []), "start"))
    for cell in rebuilt.cells:
        if cell.id in theirs:
            _take_over(cell, theirs[cell.id])
        elif nbgrader_part(cell):
            name = nbgrader_part(cell)["grade_id"]
            notes.append(f"cell {name} was missing; put back / 缺少单元格，已补上")
        cells += [cell, *_numbered(added.get(cell.id, []), cell.id)]
    rebuilt.cells = cells
    return rebuilt, notes


def _finder(released: NotebookNode) -> Callable[[NotebookNode], NotebookNode | None]:
    """Make a function that tells which released cell a student's cell was.

    Editors drop ids, or move them (Colab: into the metadata), and then the text has to do.
    """
    texts = [cell.source for cell in released.cells]
    known = {("text", c.source): c for c in released.cells if texts.count(c.source) == 1}
    known |= {("id", cell.id): cell for cell in released.cells}
    known |= {("grade", nbgrader_part(cell).get("grade_id")): cell for cell in released.cells}

    def find(cell: NotebookNode) -> NotebookNode | None:
        keys = (
            ("grade", str(nbgrader_part(cell).get("grade_id", ""))),
            ("id", str(cell.get("id"))), ("id", str(cell.metadata.get("id"))),
            ("text", cell.source),
        )  # fmt: skip
        found = (known[key] for key in keys if key in known)
        return next((f for f in found if f.cell_type == cell.get("cell_type")), None)

    return find


def _take_over(cell: NotebookNode, theirs: NotebookNode) -> None:
    part = nbgrader_part(cell)
    if not part or part.get("solution"):
        cell.source = theirs.source
    if cell.cell_type == "code":
        cell.outputs = safe_outputs(theirs)
    elif images := safe_attachments(theirs):
        cell.attachments = images


def _added(theirs: NotebookNode) -> NotebookNode:
    new = getattr(nbformat.v4, f"new_{theirs.cell_type}_cell")
    cell = new(theirs.source)
    _take_over(cell, theirs)
    return cell


def _numbered(cells: list[NotebookNode], after: str) -> Iterator[NotebookNode]:
    for number, cell in enumerate(cells, 1):
        cell.id = f"{after[:40]}-added-{number}"  # the same at every rebuild
        yield cell


def safe_outputs(cell: NotebookNode) -> list[NotebookNode]:
    """The outputs of a student's cell as images and plain text, within a size limit."""
    kept, room = [], OUTPUT_LIMIT
    outputs = cell.get("outputs")
    for output in outputs if isinstance(outputs, list) else []:
        shown = _safe_output(output) if isinstance(output, dict) else None
        room -= len(str(shown)) if shown else 0
        if room < 0:
            note = "[more output was left out / 其余输出已省略]"
            return [*kept, nbformat.v4.new_output("stream", name="stdout", text=note)]
        kept += [shown] if shown else []
    return kept


def safe_attachments(cell: NotebookNode) -> dict[str, dict[str, str]]:
    """The images that a student put into a text cell, within a size limit."""
    kept, attached = {}, cell.get("attachments")
    for name, data in attached.items() if isinstance(attached, dict) else ():
        image = _image(data) if isinstance(data, dict) else None
        if image and len(str([kept, image])) <= ATTACHED_LIMIT:
            kept[_text(name)] = image
    return kept


def _image(data: dict) -> dict[str, str] | None:
    for mime in SHOWN:
        image = "".join(_text(data.get(mime)).split())
        if image and re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", image):
            return {mime: image}
    return None


def _safe_output(output: dict) -> NotebookNode | None:
    kind, data = output.get("output_type"), output.get("data")
    if kind == "stream":
        return nbformat.v4.new_output("stream", name="stdout", text=_text(output.get("text")))
    if kind == "error":
        text = f"{_text(output.get('ename'))}: {_text(output.get('evalue'))}"
        return nbformat.v4.new_output("stream", name="stdout", text=text)
    if kind not in ("display_data", "execute_result") or not isinstance(data, dict):
        return None
    if image := _image(data):
        return nbformat.v4.new_output("display_data", data=image)
    text = _text(data.get("text/plain"))
    return nbformat.v4.new_output("stream", name="stdout", text=text + "\n") if text else None


def _text(value: object) -> str:
    joined = "".join(map(str, value)) if isinstance(value, list) else str(value or "")
    return "".join(c for c in joined if c.isprintable() or c in "\n\t")
