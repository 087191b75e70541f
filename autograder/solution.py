"""The model hand-in: the solved package and notebooks, and what the notebooks' tasks save."""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

import nbclient
import nbformat

from autograder import KIT, assignments, graded, held_out, notebooks, release
from autograder.intake import Submission
from autograder.sandbox import WORLDS
from daseCV import data_utils

CACHE = held_out.STAND_IN.parent / "solved"
CELL_SECONDS = 600


def saved_work(assignment: str, course: Path) -> dict[str, bytes]:
    """The `saved/*.npz` that the task cells of the solved notebooks make, by name.

    Only cells tagged `setup` and the solution cells of tasks run, in a real kernel, on the
    stand-in. What a notebook saves is kept for as long as neither its cells, the package nor the
    data change. One that needs a library which is not here saves nothing.
    """
    files = {}
    for name, notebook in release.sources(assignment, course).items():
        world = WORLDS[assignments.find(assignment).world(name)]
        cells = _task_cells(notebook)
        kept = CACHE / f"{assignment}-{name}-{_key(cells)}"
        if world.here and not kept.exists():
            _run(cells, kept)
        for path in sorted(kept.iterdir()) if world.here else ():
            files[f"saved/{path.name}"] = path.read_bytes()
    return files


def _key(cells: list[nbformat.NotebookNode]) -> str:
    key = hashlib.sha256(data_utils.data_digest(held_out.stand_in()).encode())
    for path in sorted(KIT.rglob("*.py")):
        if "checks" not in path.parts:
            key.update(path.read_bytes())
    key.update("".join(cell.source for cell in cells).encode())
    return key.hexdigest()[:16]


def hand_in(assignment: str, course: Path) -> Submission:
    """The model hand-in of an assignment: what is edited, solved, and what its tasks save."""
    edited = assignments.find(assignment).edited
    files = {f"daseCV/{name}": (KIT / name).read_bytes() for name in edited}
    files |= handed_out(assignment, course, solved=True) | saved_work(assignment, course)
    return Submission.from_files("solution", files)


def handed_out(assignment: str, course: Path, *, solved: bool) -> dict[str, bytes]:
    """The notebooks in Chinese as students get them, or with their solution cells solved.

    Written answers are left open, and nothing has been run.
    """
    files = {}
    for name, source in release.sources(assignment, course).items():
        notebook = notebooks.pick_language(source, notebooks.LANGUAGES[0])
        notebook = notebooks.cut_solutions(notebook, f"{name}.ipynb")
        known = {cell.id: cell.source for cell in source.cells}
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
                cell.source = known[cell.id] if solved else cell.source
        files[f"{name}.ipynb"] = notebooks.write(notebook).encode()
    return files


def _task_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [
        cell for cell in notebook.cells
        if cell.cell_type == "code" and (
            "setup" in cell.metadata.get("tags", ())
            or graded.nbgrader_part(cell).get("solution")
        )
    ]  # fmt: skip


def _run(cells: list[nbformat.NotebookNode], kept: Path) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
        client = nbclient.NotebookClient(
            nbformat.v4.new_notebook(cells=cells), timeout=CELL_SECONDS, kernel_name="python3",
            extra_arguments=["--IPKernelApp.log_level=ERROR"],
            resources={"metadata": {"path": folder}},
        )  # fmt: skip
        client.execute(env={**os.environ, "DASECV_DATA": str(held_out.stand_in().parent)})
        saved = Path(folder) / "saved"
        saved.mkdir(exist_ok=True)  # a notebook may have no task
        shutil.move(saved, kept)
