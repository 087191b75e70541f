"""A release is made by nbgrader, whole and the same each time, or not at all."""

import shutil

import nbformat
import pytest

from autograder import HOME, course, graded, release, stubs

A2 = "assignment2"
NOTEBOOK = f"source/{A2}/FullyConnectedNets.ipynb"


@pytest.fixture
def source(tmp_path):
    """A course folder whose source a test may break."""
    shutil.copytree(HOME / "source", tmp_path / "source")
    return tmp_path


def break_notebook(folder, change):
    path = folder / NOTEBOOK
    notebook = nbformat.read(path, nbformat.NO_CONVERT)
    change(notebook)
    nbformat.write(notebook, path)


def cell_with(notebook, grade_id):
    return next(
        c for c in notebook.cells if graded.nbgrader_part(c).get("grade_id") == grade_id
    )


def bad_marker(notebook):
    cell = cell_with(notebook, "TwoLayerNet-accuracy-solution")
    cell.source = cell.source.replace(stubs.END, "### END")


def unchecked_cell(notebook):
    cell_with(notebook, "affine_forward").metadata.nbgrader["grade_id"] = "affine_sideways"


def stale_translation(notebook):
    next(c for c in notebook.cells if "dasecv" in c.metadata).source += " !"


def two_cells_of_one_exercise(notebook):
    cell = nbformat.from_dict({**cell_with(notebook, "affine_forward"), "id": "twice"})
    notebook.cells.append(cell)


def a_dot_in_an_id(notebook):
    cell = cell_with(notebook, "TwoLayerNet-loss")
    cell.metadata.nbgrader["grade_id"] = "TwoLayerNet.loss"


def leaked_line(notebook):
    solved = cell_with(notebook, "TwoLayerNet-accuracy-solution").source.splitlines()
    inside = solved[solved.index(stubs.BEGIN) + 1 : solved.index(stubs.END)]
    secret = max(inside, key=len)
    notebook.cells.append(nbformat.v4.new_code_cell(secret.strip(), id="leak"))


def test_the_source_has_no_faults():
    assert release.faults(A2, HOME) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (bad_marker, f"{NOTEBOOK}: cell '"),
        (unchecked_cell, f"{NOTEBOOK}: grade cell 'affine_sideways' has no check"),
        (stale_translation, f"{NOTEBOOK}: pair "),
        (leaked_line, "FullyConnectedNets.ipynb, cell leak:1: "),
    ],
)
def test_a_faulty_source_is_named_by_file_and_place(source, change, fault):
    break_notebook(source, change)
    assert any(line.startswith(fault) for line in release.faults(A2, source))


def test_a_faulty_module_is_named_by_file_and_line(source, monkeypatch, tmp_path):
    kit = tmp_path / "daseCV"
    shutil.copytree(HOME / "daseCV", kit, ignore=shutil.ignore_patterns("cifar*"))
    text = (kit / "optim.py").read_text(encoding="utf-8").replace(stubs.END, "### THE END", 1)
    (kit / "optim.py").write_text(text, encoding="utf-8")
    monkeypatch.setattr(release, "KIT", kit)
    assert any("daseCV/optim.py:" in line for line in release.faults(A2, source))


def test_a_faulty_module_that_others_release_is_named(source, monkeypatch, tmp_path):
    kit = tmp_path / "daseCV"
    shutil.copytree(HOME / "daseCV", kit, ignore=shutil.ignore_patterns("cifar*"))
    (kit / "extra.py").write_text("x = 1\n### END SOLUTION\n")
    monkeypatch.setattr(release, "KIT", kit)
    (fault,) = release.faults(A2, source)
    assert fault.startswith("daseCV/extra.py:2: ")


def test_a_missing_source_is_named(tmp_path):
    (fault,) = release.faults(A2, tmp_path)
    assert "no notebook is there" in fault


@pytest.mark.parametrize(
    "change", [bad_marker, stale_translation, two_cells_of_one_exercise, a_dot_in_an_id]
)
def test_nbgrader_refuses_and_leaves_the_committed_release(source, change):
    """nbgrader would find out after the old release is gone, if ever."""
    made = course.Course.new(source / "course")
    committed = made.folder / "release" / A2 / "precious.txt"
    committed.parent.mkdir(parents=True)
    committed.write_text("as it was")
    break_notebook(made.folder, change)
    with pytest.raises(course.NbgraderError) as error:
        made.nbgrader("generate_assignment", A2)
    assert NOTEBOOK in str(error.value)
    assert "the release is as it was" in str(error.value)
    assert committed.read_text() == "as it was"


def test_the_committed_release_is_fresh(released):
    assert course.stale(A2, released.folder, HOME) == []


def test_nothing_of_the_source_is_copied_into_a_release(source):
    """All files leave through the writer: nbgrader would copy whatever lies there."""
    made = course.Course.new(source / "course")
    (made.folder / "source" / A2 / "saved").mkdir()
    (made.folder / "source" / A2 / "saved" / "model.npz").touch()
    (made.folder / "source" / A2 / "layers.py").touch()
    made.nbgrader("generate_assignment", A2)
    there = course.files_of(made.folder / "release" / A2)
    assert set(there) == set(course.files_of(HOME / "release" / A2))


def test_releasing_again_gives_the_same_bytes(released):
    before = course.files_of(released.folder / "release")
    released.release(A2)
    assert course.files_of(released.folder / "release") == before


def test_a_stale_release_is_named(released, tmp_path):
    shutil.copytree(released.folder / "release", tmp_path / "release")
    (tmp_path / "release" / A2 / "README.md").write_text("old")
    (tmp_path / "release/en" / A2 / "extra.txt").write_text("old")
    assert course.stale(A2, released.folder, tmp_path) == [
        f"release/{A2}/README.md is out of date; run `make release`",
        f"release/en/{A2}/extra.txt is out of date; run `make release`",
    ]


def test_both_languages_hold_the_same_grade_cells(released):
    cells = []
    for root in ("release", "release/en"):
        notebook = nbformat.read(released.folder / root / A2 / "FullyConnectedNets.ipynb", 4)
        cells.append(graded.cells_of(notebook))
    assert cells[0] == cells[1]
    assert len(cells[0]) == 18


def test_cells_cannot_be_taken_out_under_submissions(released, strangers_welcome, tmp_path):
    """SaveCells would find out only after the old release is gone."""
    made = course.Course.new(tmp_path / "course")
    made.release(A2)
    shutil.copytree(made.folder / "release" / A2, made.folder / "submitted" / "ada" / A2)
    made.nbgrader("autograde", A2)
    break_notebook(made.folder, lambda nb: nb.cells.remove(cell_with(nb, "adam")))
    before = course.files_of(made.folder / "release")
    with pytest.raises(course.NbgraderError, match="'adam' was added or taken out"):
        made.nbgrader("generate_assignment", A2)
    assert course.files_of(made.folder / "release") == before


@pytest.mark.parametrize(
    ("solved", "said"),
    [(True, "Success! Your notebook passes all the tests."), (False, "CheckFailed: not right yet")],
)
def test_nbgrader_validate_tells_right_from_wrong(released, tmp_path, solved, said):
    """Its exit status says nothing, and an object would be full marks."""
    folder = tmp_path / "my work"
    shutil.copytree(released.folder / "release" / A2, folder)
    if solved:
        shutil.copy(HOME / "daseCV" / "layers.py", folder / "daseCV" / "layers.py")
    path = folder / "FullyConnectedNets.ipynb"
    notebook = nbformat.read(path, nbformat.NO_CONVERT)
    start = nbformat.v4.new_code_cell("from daseCV.selfcheck import check", id="start")
    notebook.cells = [start, cell_with(notebook, "affine_forward")]
    nbformat.write(notebook, path)
    patience = "--Execute.iopub_timeout=120"  # after its own 4 s it takes silence for success
    assert said in released.nbgrader("validate", patience, str(path))
