"""What people look at, in a real browser: a feedback page with all that a student can put there."""

import pytest
from browser import Seen, launched
from nbformat import v4
from nbgrader.api import Gradebook
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from traitlets.config import PyFileConfigLoader

from autograder import HOME, course, graded, notebooks, plugins, repair
from autograder.results import CheckResult, ExerciseResult, Verdict

pytestmark = pytest.mark.filterwarnings("ignore")  # nbgrader's and nbconvert's own

ASSIGNMENT, STUDENT, NOTEBOOK = "assignment2", "mallory", "Nets"
HOSTILE = """
<script>ran('script')</script> <img src=x onerror="ran('image')"> <svg onload="ran('svg')"></svg>
<iframe srcdoc="<script>parent.ran('frame')</script>"></iframe> <base href="https://evil.example/">
<details open ontoggle="ran('toggle')"></details> <style>* { display: none !important }</style>

[a link](javascript:ran('link')) <javascript:ran('auto')> [data](data:text/html,<script></script>)
<img src=x alt="attached-" onerror="attached: ran('attached')">
![alt](x" onerror="ran('attribute')) ![elsewhere](https://evil.example/seen.png) ![](attachment:no)

# A heading <img src=x onerror="ran('heading')">

$<img src=x onerror="ran('formula')">$

```mermaid
<script>ran('mermaid')</script>
```
"""
GREEDY = "\\begin{a}" * 10_000 + "x" * 200_000
FAULT = (
    "db has wrong values / db 的数值不对\n"
    "  7 of 7 entries differ; the worst, db[3], is off by 1 (relative 0.6, allowed 1e-06)\n"
    "  hint / 提示: every example adds to it / 每个样本都有贡献"
)
RESULTS = (
    ExerciseResult("affine_backward", NOTEBOOK, 3, False, (
        CheckResult("t1", "dx is right / dx 正确", Verdict.PASSED),
        CheckResult("t2", "db is right / db 正确", Verdict.FAILED, FAULT),
        CheckResult("t3", "takes views / 接受视图", Verdict.CRASHED, HOSTILE, True),
    )),
    ExerciseResult("TwoLayerNet.loss", NOTEBOOK, 1, False, (
        CheckResult("t1", "loss is right / 损失正确", Verdict.PASSED),
    )),
)  # fmt: skip


def graded_cell(exercise, points, made, solution=False):
    made.metadata["nbgrader"] = {
        "grade": True, "solution": solution, "task": False, "locked": not solution,
        "grade_id": graded.grade_id(exercise), "points": points, "schema_version": 3,
        "cell_type": made.cell_type,
    }  # fmt: skip
    return made


def released():
    checks = [
        graded_cell(r.exercise, r.possible, v4.new_code_cell(f"check({r.exercise!r})"))
        for r in RESULTS
    ]
    answer = graded_cell(f"{NOTEBOOK}.Q1", 2, v4.new_markdown_cell("YOUR ANSWER HERE"), True)
    made = v4.new_notebook(cells=[v4.new_markdown_cell("# Networks", id="title"), *checks, answer])
    made.metadata["dasecv"] = {"language": "en"}
    return made


def handed_in():
    theirs = released()
    theirs.cells[-1].source = HOSTILE
    outputs = [
        v4.new_output("stream", name="stdout", text=HOSTILE + "B" * 100_000),
        v4.new_output("display_data", data={"text/html": HOSTILE, "text/plain": HOSTILE}),
        v4.new_output("display_data", data={"application/javascript": "ran('output')"}),
        v4.new_output("display_data", data={"image/png": "x\" onerror=\"ran('png')"}),
        v4.new_output("error", ename="<script>ran('error')</script>", evalue=HOSTILE),
    ]
    theirs.cells[1:1] = [
        v4.new_markdown_cell(HOSTILE),
        v4.new_markdown_cell(GREEDY),
        v4.new_code_cell(f"'''{HOSTILE}'''\nx = '{'C' * 100_000}'", outputs=outputs),
    ]
    return theirs


def gradebook(url):
    with Gradebook(url) as made:
        made.add_assignment(ASSIGNMENT)
        made.add_notebook(NOTEBOOK, ASSIGNMENT)
        for cell in released().cells[1:]:
            part = cell.metadata.nbgrader
            where = (part.grade_id, NOTEBOOK, ASSIGNMENT)
            made.add_grade_cell(*where, max_score=part.points, cell_type=cell.cell_type)
            if part.solution:
                made.add_solution_cell(*where)
        made.add_student(STUDENT)
        made.add_submission(ASSIGNMENT, STUDENT)
        for result in RESULTS:
            name = graded.grade_id(result.exercise)
            grade = made.find_grade(name, NOTEBOOK, ASSIGNMENT, STUDENT)
            grade.auto_score, grade.needs_manual_grade = result.earned, False
        made.find_grade(f"{NOTEBOOK}-Q1", NOTEBOOK, ASSIGNMENT, STUDENT).needs_manual_grade = True
        made.db.commit()


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The feedback page of a hostile hand-in, by the kit's steps and nbgrader's own converter."""
    root = tmp_path_factory.mktemp("pages")
    rebuilt, _ = repair.repair(handed_in(), released())
    cells = {graded.nbgrader_part(cell).get("grade_id"): cell for cell in rebuilt.cells}
    for result in RESULTS:
        cell = cells[graded.grade_id(result.exercise)]
        plugins._fill(cell, result, "en", ("a note <script>ran('note')</script>",))
    folder = root / "autograded" / STUDENT / ASSIGNMENT
    folder.mkdir(parents=True)
    (folder / f"{NOTEBOOK}.ipynb").write_text(notebooks.write(rebuilt), encoding="utf-8")
    url = f"sqlite:///{root / 'gradebook.db'}"
    config = PyFileConfigLoader("nbgrader_config.py", path=str(HOME)).load_config()
    config.CourseDirectory.update(
        root=str(root), db_url=url, assignment_id=ASSIGNMENT, student_id=STUDENT
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", course.Course(root).environment()["PATH"])  # nbgrader runs alembic
        gradebook(url)
        GenerateFeedback(coursedir=CourseDirectory(config=config), config=config).start()
    return root / "feedback" / STUDENT / ASSIGNMENT / f"{NOTEBOOK}.html"


@pytest.fixture(scope="module")
def browser():
    with launched() as made:
        yield made


@pytest.fixture(scope="module")
def desk(browser, page):
    return Seen(browser, page.as_uri())


def test_nothing_of_a_student_runs_or_calls_home(desk):
    for link in desk.tab.locator("a[href]").all():
        if not link.get_attribute("href").startswith(("#", "http")):
            link.click(timeout=2000)
    assert not desk.ran
    assert not [url for url in desk.asked if "mathjax" not in url]
    assert desk.tab.locator("iframe, base, form, svg, .text_cell script").count() == 0


def test_the_page_has_no_error_of_its_own(desk):
    assert desk.errors == []


def test_cards_show_verdict_points_and_what_to_do(desk):
    failed, passed = desk.tab.locator(".dasecv-card").all()
    assert failed.is_visible()
    said = failed.inner_text()
    for words in ("affine_backward", "crashed", "1.125 of 3 points", "failed: db has wrong values",
                  "7 of 7 entries differ", "hint every example adds to it"):  # fmt: skip
        assert words in said
    assert "/ db 的数值不对" not in said  # one language
    assert "1 of 1 points" in passed.inner_text()
    assert not passed.get_by_text("loss is right").is_visible()  # folded away
    passed.locator("summary").click()
    assert passed.get_by_text("loss is right").is_visible()


def test_the_page_opens_with_every_exercise_by_name(desk):
    overview = desk.tab.locator(".dasecv-overview")
    assert "2.125 of 4 points; 2 more wait for a person" in overview.inner_text()
    for name in ("affine_backward", "TwoLayerNet.loss", "Q1"):
        anchor = overview.get_by_role("link", name=name).get_attribute("href")
        assert desk.tab.locator(f'a[name="{anchor[1:]}"]').count() == 1
    assert not desk.tab.locator("#toc").is_visible()  # "Test cell", twenty times


def test_the_page_is_no_wider_than_a_phone(browser, page):
    phone = Seen(browser, page.as_uri(), 400)
    assert phone.tab.evaluate("document.documentElement.scrollWidth") <= 400
    for card in phone.tab.locator(".dasecv-card, .panel-heading").all():
        box = card.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 400
    phone.tab.close()
