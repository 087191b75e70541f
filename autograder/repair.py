"""A student's notebook, rebuilt on the released one; what was amiss is said; pure functions."""

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from itertools import groupby

import nbformat
from nbformat import NotebookNode

from autograder.graded import nbgrader_part

OUTPUT_LIMIT = 2_000_000  # bytes of outputs that are kept of one submitted cell
ATTACHED_LIMIT = 10_000_000  # bytes of images that are kept of one: an answer may be a photograph
MOST_IMAGES = 300
MOST_ADDED = 300  # cells
CELL_LIMIT = 20_000  # characters of a cell, and of all that a student wrote: pages of it are
TEXT_LIMIT = 200_000  # rendered in a time that can grow with the square or the cube
SHOWN = ("image/png", "image/jpeg")
LEFT_OUT = "[the rest is left out / 其余内容已省略]"


def repair(
    handed_in: NotebookNode | None, released: NotebookNode
) -> tuple[NotebookNode, list[str]]:
    """Rebuild a student's notebook on the released one; nothing of its metadata is taken over.

    The released cells come in their order, each with the student's text where students may write
    and with the student's outputs; cells the student added follow the cell they stood behind.

    Returns
    -------
    notebook : NotebookNode
    notes : list of str
        What was amiss, "English / 中文", for the report.
    """
    rebuilt = deepcopy(released)
    if handed_in is None:
        return rebuilt, []
    made = _Rebuilding(handed_in, released)
    cells = list(_numbered(made.added.get(None, []), "start"))
    for cell in rebuilt.cells:
        made.take_over(cell)
        cells += [cell, *_numbered(made.added.get(cell.id, []), cell.id)]
    rebuilt.cells = cells
    return rebuilt, made.notes()


class _Rebuilding:
    """Which of a student's cells is which, what of them is kept, and what was amiss."""

    def __init__(self, handed_in: NotebookNode, released: NotebookNode) -> None:
        self.theirs: dict[str, NotebookNode] = {}  # by the id of the released cell
        self.added: dict[str | None, list[NotebookNode]] = {}  # by the id of the one before
        self.missing, self.changed, self.twice = [], [], {}  # ids of grade cells
        self.cut = self.flooded = self.more = 0  # cells
        self.room, self.images = TEXT_LIMIT, MOST_IMAGES
        kernel = _kernel(handed_in)
        self.foreign = bool(kernel) and kernel != _kernel(released)
        find, last = _finder(released), None
        for cell in handed_in.cells:
            known = find(cell)
            if known is not None and known.id not in self.theirs:
                self.theirs[known.id], last = cell, known.id
            elif cell.get("cell_type") in ("code", "markdown"):
                if known is not None and nbgrader_part(known):
                    self.twice[nbgrader_part(known)["grade_id"]] = True
                self.more += 1
                if self.more <= MOST_ADDED:
                    self.added.setdefault(last, []).append(self._new(cell))

    def take_over(self, cell: NotebookNode) -> None:
        """Put into a released cell what the student wrote there, and its outputs."""
        theirs, part = self.theirs.get(cell.id), nbgrader_part(cell)
        if theirs is None:
            self.missing += [part["grade_id"]] if part else []
            return
        if part and _is_changed(theirs, cell):
            self.changed.append(part["grade_id"])
        if (not part or part.get("solution")) and theirs.source != cell.source:
            cell.source = self._text(theirs)
        self._show(cell, theirs)

    def notes(self) -> list[str]:
        """What was amiss, "English / 中文"."""
        changed, cut, flooded = ", ".join(self.changed), self.cut, self.flooded
        left_out = max(0, self.more - MOST_ADDED)
        notes = {
            "changed where they may not be, and put back: cells {0} / "
            "不可修改的部分被改动，已恢复：{0}": changed,
            "asks for another kernel; graded as Python / 指定了其他内核，已改回": self.foreign,
            "text of {0} cells is too long; cut / {0} 个单元格过长，已截断": cut,
            "outputs of {0} cells are too large; cut / {0} 个单元格的输出过大，已截断": flooded,
            "{0} added cells too many; left out / 新增单元格过多，省略 {0} 个": left_out,
        }
        twice = "cell {} stands twice; the first counts / 单元格 {} 重复，取第一个"
        missing = "cell {} was missing; put back / 缺少单元格 {}，已补上"
        return [
            *(twice.format(name, name) for name in self.twice),
            *(missing.format(name, name) for name in self.missing),
            *(note.format(what) for note, what in notes.items() if what),
        ]

    def _new(self, theirs: NotebookNode) -> NotebookNode:
        cell = getattr(nbformat.v4, f"new_{theirs.cell_type}_cell")(self._text(theirs))
        self._show(cell, theirs)
        return cell

    def _text(self, theirs: NotebookNode) -> str:
        most = min(CELL_LIMIT, self.room)
        self.room -= min(most, len(theirs.source))
        if len(theirs.source) <= most:
            return theirs.source
        self.cut += 1
        mark = "# " if theirs.cell_type == "code" else ""
        return f"{theirs.source[:most]}\n\n{mark}{LEFT_OUT}"

    def _show(self, cell: NotebookNode, theirs: NotebookNode) -> None:
        if cell.cell_type == "code":
            cell.outputs = safe_outputs(theirs, self.images)
            self.images -= sum(output.output_type != "stream" for output in cell.outputs)
            self.flooded += bool(cell.outputs) and cell.outputs[-1].get("text") == LEFT_OUT
        elif images := safe_attachments(theirs):
            cell.attachments = images


def _kernel(notebook: NotebookNode) -> object:
    known = notebook.metadata.get("kernelspec")
    return known.get("name") if isinstance(known, dict) else None


def _is_changed(theirs: NotebookNode, cell: NotebookNode) -> bool:
    """Whether more of a graded cell was changed than may be; editors drop metadata as a whole."""
    part = nbgrader_part(cell)
    known = theirs.metadata.get("nbgrader", part)
    if isinstance(known, dict):  # a checksum is made with the release: the source has none yet
        known = {"checksum": part.get("checksum"), **known}
        part = {"checksum": None, **part}
    locked = not part.get("solution") and theirs.source.split() != cell.source.split()
    tags = theirs.metadata.get("tags") or None
    return locked or known != part or tags not in (None, cell.metadata.get("tags"))


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
            ("grade", _plain(nbgrader_part(cell).get("grade_id"))),
            ("id", _plain(cell.get("id"))), ("id", _plain(cell.metadata.get("id"))),
            ("text", cell.source),
        )  # fmt: skip
        found = (known[key] for key in keys if key in known)
        return next((f for f in found if f.cell_type == cell.get("cell_type")), None)

    return find


def _numbered(cells: list[NotebookNode], after: str) -> Iterator[NotebookNode]:
    for number, cell in enumerate(cells, 1):
        cell.id = f"{after[:40]}-added-{number}"  # the same at every rebuild
        yield cell


# --- what a student's cells show -----------------------------------------------------------------


def safe_outputs(cell: NotebookNode, images: int = MOST_IMAGES) -> list[NotebookNode]:
    """The outputs of a student's cell as so many images and plain text, within a limit of size."""
    kept, room = [], OUTPUT_LIMIT
    outputs = cell.get("outputs")
    for output in outputs if isinstance(outputs, list) else []:
        shown = _safe_output(output) if isinstance(output, dict) else None
        if shown is None:
            continue
        room -= len(str(shown))
        images -= shown.output_type != "stream"
        if min(room, images) < 0:
            return [*_joined(kept), _stream(LEFT_OUT)]
        kept.append(shown)
    return _joined(kept)


def _joined(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Texts that follow each other as one: each output costs a page its frame."""
    made = []
    for kind, group in groupby(outputs, key=lambda output: output.output_type):
        same = list(group)
        made += [_stream("".join(o.text for o in same))] if kind == "stream" else same
    return made


def safe_attachments(cell: NotebookNode) -> dict[str, dict[str, str]]:
    """The images that a student put into a text cell, within a limit of size."""
    kept, room, attached = {}, ATTACHED_LIMIT, cell.get("attachments")
    for name, data in attached.items() if isinstance(attached, dict) else ():
        image = _image(data) if isinstance(data, dict) else None
        size = len(str([name, image]))
        if image and size <= room and len(kept) < MOST_IMAGES:
            kept[_text(name)] = image
            room -= size
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
        return _stream(_text(output.get("text")))
    if kind == "error":
        return _stream(f"{_text(output.get('ename'))}: {_text(output.get('evalue'))}\n")
    if kind not in ("display_data", "execute_result") or not isinstance(data, dict):
        return None
    if image := _image(data):
        return nbformat.v4.new_output("display_data", data=image)
    text = _text(data.get("text/plain"))
    return _stream(f"{text}\n") if text else None


def _stream(text: str) -> NotebookNode:
    return nbformat.v4.new_output("stream", name="stdout", text=text)


def _text(value: object) -> str:
    lines = value if isinstance(value, list) else [value]
    joined = "".join(line for line in lines if isinstance(line, str))
    return "".join(c for c in joined if c.isprintable() or c in "\n\t")


def _plain(value: object) -> str:
    return value if isinstance(value, str) else ""
