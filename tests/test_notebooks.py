"""Languages, grade cells and the repair of what students hand in."""

import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from autograder import HOME, graded, notebooks, repair, stubs

RELEASED = sorted((HOME / "release").rglob("*.ipynb"))

PNG = "iVBORw0KGgo="


def grade_cell(exercise, points=2, **kwargs):
    cell = new_code_cell(f'check("{exercise}")', id=f"{graded.grade_id(exercise)}-check")
    cell.metadata["nbgrader"] = part(graded.grade_id(exercise), points=points, **kwargs)
    return cell


def part(grade_id, grade=True, solution=False, points=2):
    return {
        "grade": grade, "solution": solution, "locked": not solution, "task": False,
        "points": points, "grade_id": grade_id, "schema_version": 3,
    }  # fmt: skip


def pair(zh="用 `x` 计算 $y$", en="Compute $y$ from `x`", name="intro"):
    cells = [new_markdown_cell(zh, id=f"{name}-zh"), new_markdown_cell(en, id=f"{name}-en")]
    for cell, language in zip(cells, notebooks.LANGUAGES, strict=True):
        cell.metadata["dasecv"] = {"pair": name, "language": language}
    return cells


def answer(text="The model answer, long enough to be a secret."):
    scheme = "=== BEGIN MARK SCHEME ===\n2 for both\n=== END MARK SCHEME ==="
    cell = new_markdown_cell(f"{text}\n{scheme}", id="q1")
    cell.metadata["nbgrader"] = part("Q1", solution=True)
    return cell


def task_cell():
    cell = new_code_cell(f"lr = 0\n{stubs.BEGIN}\nlr = search()\n{stubs.END}\nsave(lr)", id="task")
    cell.metadata["nbgrader"] = part("Net-accuracy-solution", grade=False, solution=True)
    return cell


def source():
    cells = [*pair(), task_cell(), grade_cell("Net.accuracy"), answer()]
    return notebooks.mark_translated(new_notebook(cells=cells))


def released(language="zh"):
    return notebooks.cut_solutions(notebooks.pick_language(source(), language), "n.ipynb")


# --- names and languages ------------------------------------------------------------------------


def test_a_grade_id_and_its_exercise():
    for exercise in ("affine_forward", "TwoLayerNet.loss", "TwoLayerNet.__init__"):
        assert graded.exercise_of(graded.grade_id(exercise)) == exercise
        assert "." not in graded.grade_id(exercise)


def test_grade_cells_in_order():
    assert graded.cells_of(source()) == [
        graded.GradeCell("Net.accuracy", 2, False),
        graded.GradeCell("Q1", 2, True),
    ]


def test_each_language_keeps_its_prose_and_says_so():
    for language, word in (("zh", "计算"), ("en", "Compute")):
        picked = notebooks.pick_language(source(), language)
        prose = [c.source for c in picked.cells if c.cell_type == "markdown"]
        assert word in prose[0]
        assert len(picked.cells) == 4
        assert notebooks.language_of(picked) == language


def test_languages_that_agree_have_no_faults():
    assert notebooks.language_faults(source(), "n.ipynb") == []


def test_a_stale_translation_is_named():
    notebook = source()
    notebook.cells[0].source += " 更多"
    (fault,) = notebooks.language_faults(notebook, "n.ipynb")
    assert "n.ipynb: pair 'intro'" in fault
    assert "'intro-zh' changed since 'intro-en' was written" in fault
    assert "python -m autograder translated" in fault


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ([new_markdown_cell("alone", id="alone")], "cell 'alone' is prose without"),
        (pair()[::-1], "wants one zh cell, then one en cell"),
        (pair()[:1], "wants one zh cell, then one en cell"),
        (pair(en="Compute $z$ from `x`"), "formula or code '$y$' is not in both"),
        (pair(en="Compute $y$"), "formula or code '`x`' is not in both"),
    ],
)
def test_faults_of_language(cells, fault):
    notebook = notebooks.mark_translated(new_notebook(cells=cells))
    assert fault in "\n".join(notebooks.language_faults(notebook, "n.ipynb"))


# --- solutions ----------------------------------------------------------------------------------


def test_solutions_and_answers_are_cut():
    text = notebooks.write(released())
    assert 'raise NotImplementedError(\\"Net.accuracy\\")' in text
    for secret in ("search()", "model answer", "2 for both", "MARK SCHEME"):
        assert secret not in text
    assert notebooks.ANSWER_STUB in text


def test_a_marker_outside_a_solution_cell_stops_the_release():
    notebook = new_notebook(cells=[new_code_cell(f"{stubs.BEGIN}\nx = 1\n{stubs.END}", id="c")])
    with pytest.raises(stubs.MarkerError, match="n.ipynb: cell 'c': a solution marker outside"):
        notebooks.cut_solutions(notebook, "n.ipynb")


def test_a_solution_cell_without_markers_stops_the_release():
    cell = task_cell()
    cell.source = "lr = search()"
    with pytest.raises(stubs.MarkerError, match="cell 'task': a solution cell without"):
        notebooks.cut_solutions(new_notebook(cells=[cell]), "n.ipynb")


def test_the_mark_scheme_of_an_answer():
    assert notebooks.mark_scheme(answer()) == "2 for both"
    assert notebooks.mark_scheme(new_markdown_cell("no scheme")) == ""


# --- reading and repair -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"{", b"[]", b"\xff\xfe", b'{"cells": 3}', b'{"nbformat": 4, "cells": [3]}', b"",
        b'{"nbformat": 4, "nbformat_minor": 5, "metadata": [], "cells": []}',
    ],
)
def test_what_is_no_notebook_is_refused_by_name(data):
    with pytest.raises(notebooks.NotebookError, match="w.ipynb is not a readable notebook"):
        notebooks.read(data, "w.ipynb")


@pytest.mark.parametrize("path", RELEASED, ids=lambda p: p.relative_to(HOME).as_posix())
def test_nothing_is_said_of_a_notebook_as_it_was_released(path):
    handed_in, released = (notebooks.read(path.read_bytes(), path.name) for _ in range(2))
    rebuilt, notes = repair.repair(handed_in, released)
    assert rebuilt.cells == notebooks.read(path.read_bytes(), path.name).cells
    assert not notes


def test_nothing_is_said_of_cells_that_have_no_checksum_yet():
    """As in the source, of which a model hand-in is made."""
    handed_in, released = (notebooks.read(RELEASED[0].read_bytes(), "n.ipynb") for _ in range(2))
    lost = {graded.nbgrader_part(cell).pop("checksum", None) for cell in handed_in.cells}
    assert len(lost) > 5
    assert repair.repair(handed_in, released)[1] == []


def test_repair_takes_text_where_students_write_and_nothing_else():
    theirs = released()
    task, check, written = theirs.cells[1:]
    task.source, written.source = "lr = 1", "because"
    check.source = "print('gone')"
    check.metadata.nbgrader.update(points=1000, grade_id="Net-accuracy")
    theirs.metadata["kernelspec"] = {"name": "evil"}
    for cell in theirs.cells:
        cell.metadata["tags"] = ["skip-execution"]
    rebuilt, notes = repair.repair(theirs, released())
    assert [note.partition(" / ")[0] for note in notes] == [
        "changed where they may not be, and put back: cells "
        "Net-accuracy-solution, Net-accuracy, Q1",
        "asks for another kernel; graded as Python",
    ]
    assert [c.source for c in rebuilt.cells[1:]] == ["lr = 1", 'check("Net.accuracy")', "because"]
    assert rebuilt.cells[2].metadata == released().cells[2].metadata
    assert rebuilt.metadata == released().metadata
    assert not any("tags" in cell.metadata for cell in rebuilt.cells)


def test_repair_puts_back_what_is_missing_and_counts_a_double_once():
    theirs = released()
    del theirs.cells[2]  # the grade cell
    double = nbformat.from_dict(theirs.cells[1])
    theirs.cells.append(double)
    rebuilt, notes = repair.repair(theirs, released())
    assert [c.id for c in rebuilt.cells[:-1]] == [c.id for c in released().cells]
    assert any("Net-accuracy was missing" in note for note in notes)
    assert any("Net-accuracy-solution stands twice" in note for note in notes)


def test_an_answer_that_was_split_in_two_is_kept_whole():
    theirs = released()
    theirs.cells[3].source = "the first half"
    half = nbformat.from_dict({**theirs.cells[3], "source": "the second half", "id": "split"})
    theirs.cells.insert(4, half)
    rebuilt, (note,) = repair.repair(theirs, released())
    assert [c.source for c in rebuilt.cells[3:]] == ["the first half", "the second half"]
    assert "nbgrader" not in rebuilt.cells[4].metadata
    assert "Q1 stands twice" in note


@pytest.mark.parametrize("minor", [0, 4, 5])
def test_editors_that_drop_the_ids_of_cells_cost_nothing(minor):
    """nbformat would draw missing ids at random."""
    theirs = released()
    theirs.cells[1].source, theirs.cells[3].source = "lr = 1", "because"
    theirs.cells.insert(1, new_code_cell("mine()"))
    theirs.nbformat_minor = minor
    for cell in theirs.cells:
        del cell["id"]
    twice = [notebooks.read(json.dumps(theirs).encode(), "n.ipynb") for _ in range(2)]
    rebuilt, notes = repair.repair(twice[0], released())
    assert notes == []
    assert rebuilt == repair.repair(twice[1], released())[0]
    texts = [c.source for c in rebuilt.cells]
    check = 'check("Net.accuracy")'
    assert texts == [released().cells[0].source, "mine()", "lr = 1", check, "because"]


def test_a_notebook_of_version_3_and_one_of_colab_are_known_again():
    theirs = released()
    theirs.cells[3].source = "because"
    colab = nbformat.from_dict(theirs)
    for cell in colab.cells:
        cell.metadata = nbformat.from_dict({"id": cell.pop("id")})
    colab.metadata, colab.nbformat_minor = nbformat.from_dict({"colab": {}}), 0
    for notebook in (nbformat.convert(theirs, 3), colab):
        rebuilt, _ = repair.repair(
            notebooks.read(json.dumps(notebook).encode(), "n.ipynb"), released()
        )
        assert [c.id for c in rebuilt.cells] == [c.id for c in released().cells]
        assert rebuilt.cells[3].source == "because"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_editor_that_drops_the_language_does_not_change_it(language):
    theirs = released(language)
    theirs.metadata = nbformat.from_dict({})
    theirs.cells += [new_markdown_cell(released(language).cells[0].source) for _ in range(2)]
    assert notebooks.language_of(theirs) == language


def test_half_a_character_can_be_written_again():
    theirs = json.loads(notebooks.write(released()))
    theirs["cells"][3]["source"] = "because \ud800"
    rebuilt, _ = repair.repair(
        notebooks.read(json.dumps(theirs).encode(), "n.ipynb"), released()
    )
    assert rebuilt.cells[3].source == "because ?"
    notebooks.write(rebuilt).encode()


def test_images_that_a_student_attached_are_kept_and_nothing_else():
    theirs = released()
    theirs.cells[3]["attachments"] = {
        "a.png": {"image/png": PNG}, "b.svg": {"image/svg+xml": "<svg>"}, "c.png": 3,
        "d.png": {"image/png": "<b>"},
    }  # fmt: skip
    rebuilt, _ = repair.repair(theirs, released())
    assert rebuilt.cells[3].attachments == {"a.png": {"image/png": PNG}}
    theirs.cells[3]["attachments"] = ["nonsense"]
    assert "attachments" not in repair.repair(theirs, released())[0].cells[3]


def test_cells_that_a_student_added_stay_where_they_were():
    theirs = released()
    theirs.cells.insert(2, new_code_cell("my_experiment()"))
    theirs.cells.insert(0, new_markdown_cell("my name"))
    rebuilt, _ = repair.repair(theirs, released())
    assert rebuilt.cells[0].source == "my name"
    assert rebuilt.cells[3].source == "my_experiment()"
    assert rebuilt == repair.repair(theirs, released())[0]  # cell ids are the same again
    nbformat.validate(rebuilt)


def test_outputs_are_reduced_to_images_and_plain_text():
    cell = new_code_cell("x", outputs=[
        new_output("stream", name="stderr", text="a warning\x1b[31m\n"),
        new_output("display_data", data={"text/html": "<script>1</script>", "text/plain": "t"}),
        new_output("display_data", data={"image/png": PNG, "text/plain": "figure"}),
        new_output("display_data", data={"image/png": "not base64 <b>"}),
        new_output("display_data", data={"application/javascript": "alert(1)"}),
        new_output("error", ename="ValueError", evalue="bad", traceback=["..."]),
    ])  # fmt: skip
    kept = repair.safe_outputs(cell)
    assert [o.get("text") for o in kept] == [
        "a warning[31m\nt\n", None, "ValueError: bad\n",
    ]  # fmt: skip
    assert kept[1].data == {"image/png": PNG}


def test_huge_outputs_are_cut_off():
    flood = new_output("stream", name="stdout", text="x" * repair.OUTPUT_LIMIT)
    kept = repair.safe_outputs(new_code_cell("x", outputs=[flood, flood]))
    assert sum(len(o.text) for o in kept) < 100
    assert "left out" in kept[-1].text
