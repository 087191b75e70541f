"""The whole way through nbgrader's own commands, once, on the class of the demo."""

import csv
import io
import json
import re
import shutil

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from rich.console import Console
from traitlets.config import PyFileConfigLoader

from autograder import HOME, demo, exports, graded, notebooks, report, runner
from autograder.demo import ASSIGNMENT
from autograder.results import Verdict

pytestmark = pytest.mark.usefixtures("strangers_welcome")

HTML = "FullyConnectedNets.html"


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """The demo, played once: its folder, what it printed, and whether all ended as it must."""
    folder = tmp_path_factory.mktemp("played") / "the demo"
    printed = io.StringIO()
    good = demo.run(folder, Console(file=printed, width=80))
    return folder / "course", printed.getvalue(), good


@pytest.fixture(scope="module")
def course(played):
    return played[0]


def feedback(course, student):
    return (course / "feedback" / student / ASSIGNMENT / HTML).read_text(encoding="utf-8")


def test_each_student_loses_exactly_what_is_theirs(played):
    _, printed, good = played
    assert good, printed
    assert "Each lost exactly what is theirs" in printed


def test_the_table_fits_80_columns_with_exercises_as_rows(played):
    _, printed, _ = played
    rows = [line for line in printed.splitlines() if re.match(r"\s*(affine_forward|adam)\s", line)]
    assert len(rows) == 2
    assert all(len(line) <= 80 for line in printed.splitlines() if "/" not in line)


def test_the_files_to_open_next_exist(played):
    folder, printed, _ = played
    named = [line.strip() for line in printed.partition("Open next:")[2].splitlines() if line]
    assert len(named) == 4
    assert all(folder.joinpath(name).is_file() for name in named)


def test_no_hook_is_used():
    """nbgrader swallows what a hook raises."""
    assert "hook" not in (HOME / "nbgrader_config.py").read_text(encoding="utf-8")


def test_nbgrader_finds_alembic_whatever_the_path_is(played, monkeypatch):
    """Without it a gradebook is made that later commands accept, and cannot use."""
    monkeypatch.setenv("PATH", "/nowhere")
    assert shutil.which("alembic", path=demo.Course(played[0]).environment()["PATH"])


def test_everything_stays_in_the_folder_of_the_demo(played):
    assert not (HOME / "gradebook.db").exists()
    assert (played[0] / "gradebook.db").is_file()


def test_the_gradebook_holds_partial_credit_and_waits_for_written_answers(course):
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        submission = gradebook.find_submission(ASSIGNMENT, "cai")
        grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
        assert any(0 < grade.score < grade.max_score for grade in grades)
        assert all(notebook.needs_manual_grade for notebook in submission.notebooks)  # written
        cells = [cell for _, cell in graded.of_assignment(ASSIGNMENT, course)]
        assert submission.max_score == sum(cell.points for cell in cells)


def test_feedback_explains_in_the_words_of_the_checks(course):
    page = feedback(course, "cai")
    assert "affine_backward" in page
    assert "的数值不对" in page
    assert "entries differ" in page


def test_feedback_says_that_a_notebook_was_not_there(course):
    assert "笔记本与发布时相同" in feedback(course, "lena")
    assert "笔记本与发布时相同" in feedback(course, "milo")
    assert "没有提交 FullyConnectedNets.ipynb；以发布的版本代替" in feedback(course, "lena")
    assert "以发布的版本代替" not in feedback(course, "ada")
    assert "笔记本与发布时相同" not in feedback(course, "ada")


def test_feedback_shows_no_secret(course):
    """No hidden check, no mark scheme, no model answer, no solution line."""
    secrets = set()
    for path in (HOME / "source" / ASSIGNMENT).glob("*.ipynb"):
        notebook = nbformat.read(path, 4)
        secrets |= notebooks.secret_lines(notebook, path.name)
    for student in ("ben", "cai", "milo"):
        page = feedback(course, student)
        assert "MARK SCHEME" not in page
        assert "评分标准" not in page
        assert "expect_close(" not in page
        if student != "cai":  # who has solved the cells that the page shows
            assert not [line for line in secrets if line in page]


def test_the_marker_sees_the_mark_scheme(course):
    path = course / "autograded" / "cai" / ASSIGNMENT / "FullyConnectedNets.ipynb"
    notebook = nbformat.read(path, 4)
    roles = [c.metadata.get("dasecv", {}).get("role") for c in notebook.cells]
    schemes = [n for n, role in enumerate(roles) if role == "mark scheme"]
    assert len(schemes) == 2
    assert all(graded.is_manual(notebook.cells[n + 1]) for n in schemes)


def test_every_grade_cell_got_a_plain_number(course):
    """Without one, nbgrader awards all points."""
    for path in sorted((course / "autograded").rglob("*.ipynb")):
        for cell in nbformat.read(path, 4).cells:
            part = graded.nbgrader_part(cell)
            if part.get("grade") and not part.get("solution"):
                (number,) = [o for o in cell.outputs if o.output_type == "execute_result"]
                assert 0 <= float(number.data["text/plain"]) <= part["points"]


def test_the_exports_hold_every_student_and_every_exercise(course):
    rows = json.loads((course / "grades.json").read_text(encoding="utf-8"))
    assert len(rows) == 13
    exercises = {cell.exercise for _, cell in graded.of_assignment(ASSIGNMENT, course)}
    assert all(set(row["exercises"]) == exercises for row in rows)
    waiting = {
        row["student"] for row in rows
        if any(score["score"] is None for score in row["exercises"].values())
    }  # fmt: skip
    assert "ada" in waiting
    assert "ben" not in waiting
    with (course / "grades.csv").open(encoding="utf-8", newline="") as file:
        totals = {row["student_id"]: row["needs_manual_grade"] for row in csv.DictReader(file)}
    assert totals == {row["student"]: str(row["student"] in waiting) for row in rows}


def test_nothing_but_notebooks_reaches_autograded(course):
    """nbgrader copies whatever lies beside a notebook, and what a link leads to."""
    files = [p for p in (course / "autograded").rglob("*") if p.is_file()]
    assert {p.suffix for p in files} == {".ipynb"}


def test_grading_again_takes_the_results_that_are_there(course):
    """nbgrader itself shares nothing between the notebooks of a student, nor between runs."""
    result = course / "results" / "ada" / f"{ASSIGNMENT}.json"
    before = result.stat().st_mtime_ns
    made = demo.Course(course)
    made.nbgrader("autograde", ASSIGNMENT, "--student=ada", "--force")
    assert result.stat().st_mtime_ns == before


# --- traps of nbgrader, each with a submission that would spring it -----------------------------


def grade_cells(notebook):
    return [
        c for c in notebook.cells
        if graded.nbgrader_part(c).get("grade") and not graded.is_manual(c)
    ]  # fmt: skip


def skip_execution(notebook, _):
    """A tagged cell never runs, and one that never ran would get all points."""
    for cell in notebook.cells:
        cell.metadata["tags"] = ["skip-execution"]


def more_points(notebook, _):
    """A score above the maximum would discard the student."""
    for cell in grade_cells(notebook):
        cell.metadata.nbgrader["points"] = 1000


def duplicate(notebook, _):
    """One id twice would stop the whole batch."""
    notebook.cells.append(grade_cells(notebook)[0])


def no_schema_version(notebook, _):
    """nbgrader would take it for an old notebook, and stop the whole batch."""
    for cell in grade_cells(notebook):
        del cell.metadata.nbgrader["schema_version"]


def nonsense_metadata(notebook, _):
    grade_cells(notebook)[0].metadata["nbgrader"] = [1, 2, 3]


def forged_output(notebook, _):
    """The first result of a cell would be its score."""
    for cell in grade_cells(notebook):
        cell["outputs"] = [
            {"output_type": "execute_result", "data": {"text/plain": "3.0"},
             "metadata": {}, "execution_count": 1}
        ]  # fmt: skip


def deleted(notebook, _):
    """A cell that is not there would wait for a person for ever."""
    notebook.cells = [c for c in notebook.cells if c not in grade_cells(notebook)]


def foreign_kernel(notebook, _):
    notebook.metadata["kernelspec"] = {"name": "evil", "display_name": "evil", "language": "x"}


def linked_secret(notebook, folder):
    """nbgrader would copy what a link leads to into the feedback."""
    secret = folder.parents[2] / "secret.txt"
    secret.write_text("the-secret")
    (folder / "daseCV" / "leak.txt").symlink_to(secret)


def not_json(notebook, _):
    """nbgrader would fail before the first preprocessor."""
    return "{"


def metadata_that_is_no_table(notebook, _):
    notebook["metadata"] = []


def other_notebooks(notebook, folder):
    (folder / "FullyConnectedNets (1).ipynb").write_text("{")


def same_ids(notebook, _):
    """nbformat would draw new ones at random."""
    for cell in notebook.cells:
        cell["id"] = "same"


def no_ids(notebook, _):
    notebook["nbformat_minor"] = 4
    for cell in notebook.cells:
        del cell["id"]


def half_a_character(notebook, _):
    answer(notebook).source = "because \ud800"


def lost_image(notebook, _):
    answer(notebook).source = "![my notes](attachment:lost.png)"


def scripts(notebook, _):
    answer(notebook).source = EVIL
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell(EVIL))
    text = nbformat.v4.new_output("stream", text="<script>evil()</script>")
    notebook.cells.insert(1, nbformat.v4.new_code_cell(f"# {EVIL}", outputs=[text]))


def a_plot(notebook, _):
    """nbgrader would clear it, and a marker see nothing."""
    plot = nbformat.v4.new_output("display_data", data={"image/png": PNG})
    notebook.cells.insert(0, nbformat.v4.new_code_cell("plt.show()", outputs=[plot]))


def english(notebook, folder):
    path = folder.parents[2] / "release" / "en" / ASSIGNMENT / "FullyConnectedNets.ipynb"
    return path.read_text(encoding="utf-8")


def answer(notebook):
    return next(cell for cell in notebook.cells if graded.is_manual(cell))


EVIL = "<script>evil()</script> <img src=x onerror='evil()'> [x](javascript:evil())"
PNG = "iVBORw0KGgo="
TRAPS = (
    skip_execution, more_points, duplicate, no_schema_version, nonsense_metadata, forged_output,
    deleted, foreign_kernel, linked_secret, not_json, metadata_that_is_no_table, other_notebooks,
    same_ids, no_ids, half_a_character, lost_image, scripts, a_plot, english,
)  # fmt: skip


def student(trap):
    return f"{trap.__name__} 张三"


@pytest.fixture(scope="module")
def trapped(course):
    """The course after one more grading: the untouched release with each trap laid in it.

    Both commands end with an error when any one submission fails.
    """
    for trap in TRAPS:
        folder = course / "submitted" / student(trap) / ASSIGNMENT
        shutil.copytree(course / "submitted" / "ben" / ASSIGNMENT, folder)
        path = folder / "FullyConnectedNets.ipynb"
        notebook = nbformat.read(path, 4)
        path.write_text(trap(notebook, folder) or json.dumps(notebook), encoding="utf-8")
    demo.Course(course).nbgrader("autograde", ASSIGNMENT)
    demo.Course(course).nbgrader("generate_feedback", ASSIGNMENT)
    return exports.scores(f"sqlite:///{course / 'gradebook.db'}", ASSIGNMENT)


@pytest.mark.parametrize("trap", TRAPS)
def test_metadata_of_a_submission_earns_nothing_and_breaks_nothing(course, trapped, trap):
    scores = trapped[student(trap)]
    assert len(scores) == 18
    assert sum(score or 0 for score, _ in scores.values()) == 0
    for root in ("autograded", "feedback"):
        (page,) = (p for p in (course / root / student(trap)).rglob("*") if p.is_file())
        assert "the-secret" not in page.read_text(encoding="utf-8")


def cells_of(course, trap):
    folder = course / "autograded" / student(trap) / ASSIGNMENT
    return nbformat.read(folder / "FullyConnectedNets.ipynb", 4).cells


def test_nothing_that_a_student_wrote_runs_in_their_feedback(course, trapped):
    page = BeautifulSoup(feedback(course, student(scripts)), "html.parser")
    assert not [s for s in page.find_all("script") if "evil" in str(s)]
    for tag in page.find_all(True):
        assert not {"onerror", "onload"} & set(tag.attrs)
        assert not str(tag.get("href", "")).startswith("javascript")


def test_a_marker_and_the_student_see_the_plots(course, trapped):
    assert cells_of(course, a_plot)[0].outputs[0].data == {"image/png": PNG}
    assert f"data:image/png;base64,{PNG}" in feedback(course, student(a_plot))


def test_editors_that_drop_ids_do_not_double_the_notebook(course, trapped):
    texts = [cell.source for cell in cells_of(course, skip_execution)]
    assert [cell.source for cell in cells_of(course, no_ids)] == texts


def test_feedback_is_in_the_language_of_the_release(course, trapped):
    words = [report.verdict_words(Verdict.NOT_IMPLEMENTED, n) for n in ("zh", "en")]
    for trap, (own, other) in ((english, words[::-1]), (a_plot, words)):
        page = feedback(course, student(trap))
        assert own in page
        assert other not in page


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's own
def test_a_fault_of_the_grader_is_no_score_and_waits_for_a_person(course, monkeypatch):
    """SaveAutoGrades cannot store "no score"."""

    def broken(*_, **__):
        raise MemoryError("the grader itself is at its end")

    monkeypatch.setattr(runner, "grade", broken)
    monkeypatch.setenv("PATH", demo.Course(course).environment()["PATH"])
    shutil.copytree(course / "submitted" / "ada", course / "submitted" / "unlucky")
    config = PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config()
    config.CourseDirectory.root = str(course)
    config.CourseDirectory.assignment_id = ASSIGNMENT
    config.CourseDirectory.student_id = "unlucky"
    Autograde(coursedir=CourseDirectory(config=config), config=config).start()
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        (notebook,) = gradebook.find_submission(ASSIGNMENT, "unlucky").notebooks
        grades = {grade.cell.name: grade for grade in notebook.grades}
        assert grades["adam"].auto_score is None
        assert grades["adam"].needs_manual_grade
    page = course / "autograded" / "unlucky" / ASSIGNMENT / "FullyConnectedNets.ipynb"
    assert "at its end" not in page.read_text(encoding="utf-8")
