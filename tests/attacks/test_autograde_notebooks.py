"""Notebooks made to harm, rebuilt from the release: what was done to each, and what is said of it.

The same reach `nbgrader autograde` itself in `test_autograde.py`, one of each kind.
"""

import json
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import nbformat
import peak
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from autograder import graded, notebooks
from autograder.repair import LEFT_OUT, MOST_ADDED, TEXT_LIMIT, repair

PNG = "iVBORw0KGgo="


def cell(kind, source, grade_id=None, solution=False, grade=True):
    made = {"code": new_code_cell, "markdown": new_markdown_cell}[kind](source, id=f"c-{grade_id}")
    if grade_id:
        made.metadata["nbgrader"] = {
            "grade": grade, "solution": solution, "locked": not solution, "task": False,
            "points": 2, "grade_id": grade_id, "schema_version": 3, "cell_type": kind,
        }  # fmt: skip
    return made


def released():
    cells = [
        cell("markdown", "# Networks"),
        cell("code", "answer = set()", "Net-Q1-solution", solution=True, grade=False),
        cell("code", 'check("Net.Q1")', "Net-Q1"),
        cell("markdown", "YOUR ANSWER HERE", "Net-Q2", solution=True),
    ]
    made = new_notebook(cells=cells)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    made.metadata = nbformat.from_dict({"dasecv": {"language": "en"}, "kernelspec": kernel})
    return made


def solved():
    made = released()
    made.cells[1].source, made.cells[3].source = "answer = {1}", "because"
    return made


TASK, CHECK, WRITTEN = 1, 2, 3


def duplicated(n):
    n.cells += [n.cells[CHECK], n.cells[CHECK], n.cells[WRITTEN]]


def deleted(n):
    del n.cells[CHECK]


def all_deleted(n):
    n.cells = []


def retyped(n):
    n.cells[CHECK] = cell("markdown", "3.0", "Net-Q1")


def made_raw(n):
    n.cells[CHECK].cell_type = "raw"


def retagged(n):
    n.cells[CHECK].metadata["tags"] = ["skip-execution", "remove-cell"]


def repointed(n):
    n.cells[CHECK].metadata.nbgrader["points"] = 1000


def turned_into_a_solution(n):
    n.cells[CHECK].metadata.nbgrader.update(solution=True, locked=False)
    n.cells[CHECK].source = "pass"


def edited(n):
    n.cells[CHECK].source = "2.0"


def without_schema_version(n):
    del n.cells[CHECK].metadata.nbgrader["schema_version"]


def of_an_old_schema(n):
    n.cells[CHECK].metadata.nbgrader["schema_version"] = 1


def metadata_that_is_a_list(n):
    n.cells[CHECK].metadata["nbgrader"] = [{"grade_id": "Net-Q1"}]


def a_grade_cell_of_their_own(n):
    n.cells.append(cell("code", "100.0", "Net-bonus"))


def a_written_answer_worth_more(n):
    n.cells[WRITTEN].metadata.nbgrader["points"] = 99


def exchanged(n):
    a, b = (n.cells[k].metadata.nbgrader for k in (TASK, CHECK))
    a["grade_id"], b["grade_id"] = b["grade_id"], a["grade_id"]


def foreign_kernel(n):
    n.metadata["kernelspec"] = {"name": "evil; rm", "display_name": "x", "language": "R"}


def kernel_that_is_a_list(n):
    n.metadata["kernelspec"] = ["python3"]


def other_language(n):
    n.metadata["language_info"] = {"name": "r", "pygments_lexer": "<script>"}


def forged_record(n):
    """What the kit keeps in the metadata for itself."""
    n.metadata["dasecv"] = {
        "language": "en", "held": [["Net-Q1", 2.0]], "notes": ["<b>full</b>"], "notebooks": [],
    }  # fmt: skip
    for c in n.cells:
        c.metadata["dasecv"] = {"role": "mark scheme", "pair": "x", "language": "en"}


def somebody_elses(n):
    """Names of other students and assignments, wherever a program could look for them."""
    known = {"student": "ada", "assignment": "assignment1", "notebook": "x", "db_url": "sqlite://"}
    n.metadata["nbgrader"] = known
    for c in n.cells:
        c.metadata.setdefault("nbgrader", {}).update(known, student_id="ada", manual_score=5)


def with_grades(n):
    n.cells[CHECK].metadata.nbgrader.update(
        score=2, manual_score=2, auto_score=2, extra_credit=100, comment="well done", checksum="0"
    )


def forged_report(n):
    for c in (n.cells[TASK], n.cells[CHECK]):
        c.outputs = [
            new_output("execute_result", data={"text/plain": "2.0"}, execution_count=1),
            new_output("display_data", data={"text/html": "<div class=dasecv-card>passed</div>"}),
        ]


def flooded(n):
    n.cells[TASK].outputs = [new_output("stream", text="x" * 3_000_000)]


def many_images(n):
    image = new_output("display_data", data={"image/png": PNG})
    n.cells[TASK].outputs = [image] * 5000


def without_end(n):
    n.cells[TASK].source = "answer = {1}\n" + "# x\n" * 100_000


def long_answer(n):
    n.cells[WRITTEN].source = "because " * 100_000


def thousands_of_cells(n):
    n.cells += [new_code_cell("1") for _ in range(5000)]


def hidden_in_slides(n):
    for c in n.cells:
        c.metadata.update({"slideshow": {"slide_type": "skip"}, "transient": {"remove_source": 1}})


CHANGED = "changed where they may not be, and put back: cells"
ATTACKS = {
    duplicated: ["cell Net-Q1 stands twice", "cell Net-Q2 stands twice"],
    deleted: ["cell Net-Q1 was missing"],
    all_deleted: [f"cell {n} was missing" for n in ("Net-Q1-solution", "Net-Q1", "Net-Q2")],
    retyped: ["cell Net-Q1 was missing"],
    made_raw: ["cell Net-Q1 was missing"],
    retagged: [f"{CHANGED} Net-Q1"],
    repointed: [f"{CHANGED} Net-Q1"],
    turned_into_a_solution: [f"{CHANGED} Net-Q1"],
    edited: [f"{CHANGED} Net-Q1"],
    without_schema_version: [f"{CHANGED} Net-Q1"],
    of_an_old_schema: [f"{CHANGED} Net-Q1"],
    metadata_that_is_a_list: [f"{CHANGED} Net-Q1"],
    a_grade_cell_of_their_own: [],
    a_written_answer_worth_more: [f"{CHANGED} Net-Q2"],
    exchanged: [f"{CHANGED} Net-Q1-solution, Net-Q1"],
    foreign_kernel: ["asks for another kernel"],
    kernel_that_is_a_list: [],
    other_language: [],
    forged_record: [],
    somebody_elses: [f"{CHANGED} Net-Q1-solution, Net-Q1, Net-Q2"],
    with_grades: [f"{CHANGED} Net-Q1"],
    forged_report: [],
    flooded: ["outputs of 1 cells are too large"],
    many_images: ["outputs of 1 cells are too large"],
    without_end: ["text of 1 cells is too long"],
    long_answer: ["text of 1 cells is too long"],
    thousands_of_cells: [f"{5000 - MOST_ADDED} added cells too many"],
    hidden_in_slides: [],
}


def rebuilt(notebook):
    """By the way that a file takes: to bytes, read, repaired, written."""
    handed_in = notebooks.read(json.dumps(notebook).encode(), "Net.ipynb")
    made, notes = repair(handed_in, released())
    return nbformat.reads(notebooks.write(made), as_version=4), notes


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_what_a_student_did_to_a_notebook_is_undone_and_said(attack):
    theirs = solved()
    attack(theirs)
    made, notes = rebuilt(theirs)
    nbformat.validate(made)
    ours = [c for c in made.cells if graded.nbgrader_part(c)]
    assert [c.metadata for c in ours] == [c.metadata for c in released().cells[1:]]
    assert [c.cell_type for c in ours] == ["code", "code", "markdown"]
    assert ours[1].source == 'check("Net.Q1")'
    assert made.metadata == released().metadata
    assert not any(c.metadata for c in made.cells if not graded.nbgrader_part(c))
    for c in made.cells:
        for output in c.get("outputs", ()):
            assert output.output_type == "stream" or output.data.keys() == {"image/png"}
    assert [note.partition(" / ")[0].partition(";")[0] for note in notes] == ATTACKS[attack]
    assert all(note.partition(" / ")[2] for note in notes)
    assert len(notebooks.write(made)) < 5_000_000


def test_an_untouched_and_an_honest_notebook_are_told_nothing():
    assert rebuilt(released())[1] == rebuilt(solved())[1] == []


def test_what_was_cut_says_so_where_it_stood():
    theirs = solved()
    long_answer(theirs)
    flooded(theirs)
    made, _ = rebuilt(theirs)
    assert made.cells[WRITTEN].source.endswith(LEFT_OUT)
    assert made.cells[TASK].outputs[-1].text == LEFT_OUT
    theirs.cells += [new_markdown_cell("x" * 19_000) for _ in range(50)]
    made, _ = rebuilt(theirs)
    assert sum(len(c.source) for c in made.cells) < 1.1 * TEXT_LIMIT


READ = """
import sys, time
import peak
from autograder import notebooks
from autograder.repair import repair
import nbformat
released = notebooks.read(open(sys.argv[1], "rb").read(), "release")
before, started = peak.mebibytes(), time.process_time()
try:
    repair(notebooks.read(open(sys.argv[2], "rb").read(), "n.ipynb"), released)
except notebooks.NotebookError:
    pass
print(peak.mebibytes() - before, time.process_time() - started)
"""
EMPTY = '{"nbformat": 4, "nbformat_minor": 5, "metadata": {%s}, "cells": [%s]}'
MARKDOWN = '{"cell_type": "markdown", "id": "c", "metadata": {}, "source": "x"%s}'
IMAGES = {str(number): {"image/png": "QQ=="} for number in range(100_000)}
FLOODS = {
    "tables": EMPTY % ('"x": [' + "{}," * 6_000_000 + "{}]", ""),
    "lists": EMPTY % ('"x": [' + "[]," * 6_000_000 + "{}]", ""),
    "nesting": EMPTY % ('"x": ' + "[" * 100_000, ""),
    "attachments": EMPTY % ("", MARKDOWN % f', "attachments": {json.dumps(IMAGES)}'),
    "cells": EMPTY % ("", ",".join([MARKDOWN % ""] * 100_000)),
    "digits": EMPTY % ('"x": ' + "9" * 10_000_000, ""),
}  # fmt: skip


@pytest.mark.parametrize("flood", FLOODS)
def test_a_notebook_of_millions_of_parts_costs_little_memory_and_time(tmp_path, flood):
    """20 MB of JSON can be 3 GB of objects, and comparing each with each takes hours."""
    (tmp_path / "release.ipynb").write_text(notebooks.write(released()))
    (tmp_path / "n.ipynb").write_text(FLOODS[flood])
    done = subprocess.run(
        [sys.executable, "-c", READ, str(tmp_path / "release.ipynb"), str(tmp_path / "n.ipynb")],
        cwd=Path(peak.__file__).parent, capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    mebibytes, seconds = map(float, done.stdout.split())
    assert mebibytes < 600
    assert seconds < 20


JUNK = (
    None, True, -1, 1e308, "", "x", "\ud800\x1b[31m", [], {}, [[]], {"text/plain": [1, None]},
    ["a", 3], {"name": {}}, "code", "markdown", "Net-Q1", {"nbgrader": None},
    {"image/png": ["iVBO", "Rw0="]},
)  # fmt: skip


def spoiled(part, rng):
    """A copy of a document in which some parts are junk."""
    if rng.random() < 0.03:
        return rng.choice(JUNK)
    if isinstance(part, dict):
        kept = {k: spoiled(v, rng) for k, v in part.items() if rng.random() > 0.02}
        return kept | {key: rng.choice(JUNK) for key in part if rng.random() < 0.02}
    if isinstance(part, list):
        return [spoiled(p, rng) for p in part for _ in range(rng.choice((1, 1, 1, 1, 0, 2)))]
    return part


def test_whatever_the_document_says_it_is_rebuilt_or_refused():
    whole = json.loads(notebooks.write(solved()))
    whole["cells"][TASK]["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": ["a\n"]},
        {"output_type": "display_data", "metadata": {}, "data": {"image/png": PNG}},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": []},
    ]
    whole["cells"][WRITTEN]["attachments"] = {"a.png": {"image/png": PNG}}
    rng, outcomes = random.Random(20261121), Counter()
    for _ in range(400):
        data = json.dumps(spoiled(whole, rng)).encode()
        try:
            handed_in = notebooks.read(data, "Net.ipynb")
        except notebooks.NotebookError:
            outcomes["refused"] += 1
            continue
        made, notes = repair(handed_in, released())
        nbformat.validate(nbformat.reads(notebooks.write(made), as_version=4))
        notebooks.write(made).encode()
        assert notebooks.language_of(handed_in) in notebooks.LANGUAGES
        assert [c.metadata for c in made.cells if c.metadata] == [
            c.metadata for c in released().cells if c.metadata
        ]
        assert len(notes) < 10
        outcomes["rebuilt"] += 1
    assert min(outcomes.values()) > 40, outcomes
