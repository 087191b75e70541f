"""The commands of docs/operate.md for backup and restore bring a course back, with all marks."""

import re
import shutil
import subprocess

import pytest
from nbgrader.api import Gradebook
from nbgrader_run import A2, NOTEBOOK, made, new, run, scores, url

from autograder import HOME
from autograder.course import Course

pytestmark = pytest.mark.usefixtures("strangers_welcome")

STEPS = re.findall(r"```sh\n(.*?)```", (HOME / "docs" / "operate.md").read_text("utf-8"), re.S)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A graded course in which a person has marked an answer, and said why."""
    folder = tmp_path_factory.mktemp("backup") / "course"
    new(folder)
    (folder / "originals" / "ada").mkdir(parents=True)
    (folder / "originals" / "ada" / f"{A2}-0.zip").write_bytes(b"as it was handed in")
    assert run(folder, "AutogradeApp", A2)[0] == 0
    with Gradebook(url(folder)) as gradebook:
        grades = gradebook.find_submission_notebook(NOTEBOOK, A2, "ada").grades
        grade = next(grade for grade in grades if grade.cell.cell_type == "markdown")
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        gradebook.find_comment(grade.cell.name, NOTEBOOK, A2, "ada").manual_comment = "nearly"
        gradebook.db.commit()
    return folder


def carry_out(block, folder):
    environment = Course(folder).environment()
    subprocess.run(["sh", "-euc", block], cwd=folder, env=environment, check=True)


def test_a_course_comes_back(course):
    grades, files = scores(course), made(course)
    backup, restore = STEPS
    carry_out(backup, course)
    lost = course.rename(course.with_name("lost"))
    course.mkdir()
    shutil.move(lost / "backup", course / "backup")
    carry_out(restore, course)
    assert scores(course) == grades
    assert made(course) == files
    assert (course / "originals" / "ada" / f"{A2}-0.zip").read_bytes() == b"as it was handed in"
    pages = (course / "feedback" / "ada" / A2).glob("*.html")
    assert any("nearly" in page.read_text(encoding="utf-8") for page in pages)
    assert ",ada," in (course / "grades.csv").read_text(encoding="utf-8")
    status, lines = run(course, "AutogradeApp", A2)  # nobody is graded again
    assert status == 0, lines
    assert scores(course) == grades
    assert made(course) == files
