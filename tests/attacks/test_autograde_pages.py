"""The form grader, where marks are made, in a real browser: nothing of a student runs there, and a
refusal waits until a person has decided.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request

import attackers
import pytest
from attackers import ASSIGNMENT, NOTEBOOK
from battle import ATTACKS, Battle
from browser import Seen, launched
from nbgrader.api import Gradebook

from autograder import course, graded

pytestmark = [
    pytest.mark.usefixtures("strangers_welcome"),
    pytest.mark.filterwarnings("ignore"),  # nbgrader's own
]
TOKEN = "a-token-of-the-test"
CLASS = ("forbidden shortcut", "t hostile notebook", "t hostile words", "q links")
NAME = "<script>ran('name')</script>\"><img src=x onerror=\"ran('image')\">"
STEM = NOTEBOOK.removesuffix(".ipynb")


@pytest.fixture(scope="module")
def battle(tmp_path_factory):
    """A small class, graded; one has a name that somebody else let into the gradebook."""
    with contextlib.closing(Battle(tmp_path_factory.mktemp("forms"))) as made:
        made.lay("ada", attackers.fair("all solved"))
        for student in CLASS:
            made.lay(student, ATTACKS[student])
        made.nbgrader("AutogradeApp", ASSIGNMENT)
        with gradebook(made) as base:
            ada = base.find_student("ada")
            ada.first_name = ada.last_name = NAME
            base.add_student(NAME, first_name=NAME, last_name=NAME)
            base.add_submission(ASSIGNMENT, NAME)
            base.db.commit()
        yield made


def gradebook(battle):
    return Gradebook(f"sqlite:///{battle.folder / 'gradebook.db'}")


@pytest.fixture(scope="module")
def server(battle):
    """Jupyter with the form grader, as an instructor starts it in the folder of the course."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root",
        f"--port={port}", f"--IdentityProvider.token={TOKEN}",
        f"--ServerApp.root_dir={battle.folder}",
        "--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}",
    ]  # fmt: skip
    with (battle.folder / "server.log").open("w") as log:
        running = subprocess.Popen(
            command, cwd=battle.folder, stdout=log, stderr=log,
            env=course.Course(battle.folder).environment(),
        )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 120
        while time.monotonic() < until:
            try:
                ask(f"{address}/formgrader/api/status")
                break
            except OSError:
                assert running.poll() is None, (battle.folder / "server.log").read_text()
                time.sleep(0.2)
        yield address
    finally:
        running.terminate()
        running.wait()


def ask(url):
    request = urllib.request.Request(url, headers={"Authorization": f"token {TOKEN}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())


@pytest.fixture(scope="module")
def desk(server):
    """A browser in which the instructor has signed in."""
    with launched() as browser:
        yield Seen(browser, f"{server}/formgrader?token={TOKEN}", home=server)


@pytest.fixture(scope="module")
def submissions(server):
    """The address of each student's page."""
    rows = ask(f"{server}/formgrader/api/submitted_notebooks/{ASSIGNMENT}/{STEM}")
    return {row["student"]: f"{server}/formgrader/submissions/{row['id']}/" for row in rows}


PAGES = (
    "manage_assignments", f"manage_submissions/{ASSIGNMENT}", "gradebook",
    f"gradebook/{ASSIGNMENT}", f"gradebook/{ASSIGNMENT}/{STEM}", "manage_students",
    "manage_students/ada",
    f"manage_students/ada/{ASSIGNMENT}",
)  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_no_name_runs_in_the_lists(desk, server, page):
    assert desk.open(f"{server}/formgrader/{page}") == 200
    assert "Loading" not in desk.tab.inner_text("body")
    assert not desk.ran


@pytest.mark.parametrize("student", ["ada", *CLASS])
def test_nothing_of_a_student_runs_where_marks_are_made(desk, submissions, student):
    assert desk.open(submissions[student]) == 200
    assert desk.tab.locator("input.score").count() == 6
    desk.tab.locator(".name-hidden.glyphicon").first.click()
    if student == "ada":
        assert NAME in desk.tab.locator("a.name-shown").inner_text()
    for link in desk.tab.locator(".rendered_html a[href]").all():
        assert link.get_attribute("href").startswith(("#", "http", "mailto:"))
    assert not desk.ran
    assert not [url for url in desk.asked if "mathjax" not in url.lower()]
    assert desk.tab.locator("#notebook iframe, #notebook .rendered_html script").count() == 0


def test_no_link_of_a_student_makes_the_form_grader_run_something(desk, server):
    """It puts what an address says into its pages; a click in an answer is enough."""
    evil = "%3Cscript%3Eran('link')%3C%2Fscript%3E"
    for place in (
        f"manage_students/{evil}", f"manage_students/{evil}/{evil}", f"gradebook/{evil}",
        f"gradebook/{ASSIGNMENT}/{evil}", f"manage_submissions/{evil}",
        "manage_students/%5C/;ran('a');%2F%2F", "manage_students/%22;ran('b');%2F%2F/x",
    ):  # fmt: skip
        assert desk.open(f"{server}/formgrader/{place}") == 404
    assert not desk.ran


def test_a_hostile_time_stamp_does_not_stop_the_list(battle, server, desk):
    folder = battle.folder / "submitted"
    os.mkfifo(folder / "q links" / ASSIGNMENT / "timestamp.txt")
    (folder / "ada" / ASSIGNMENT / "timestamp.txt").write_text("no time at all")
    rows = ask(f"{server}/formgrader/api/submissions/{ASSIGNMENT}")
    assert {row["student"] for row in rows} >= {"ada", *CLASS}
    assert all(row["timestamp"] is None for row in rows)


def find(battle, student, exercise):
    with gradebook(battle) as base:
        cell = graded.grade_id(exercise)
        grade = base.find_grade(cell, STEM, ASSIGNMENT, student)
        return grade.score, grade.manual_score, grade.needs_manual_grade


def exported(battle, student, exercise):
    battle.nbgrader(
        "ExportApp", "--exporter=autograder.exports.ExerciseExporter", "--to", "grades.json"
    )
    rows = json.loads((battle.folder / "grades.json").read_text(encoding="utf-8"))
    (row,) = (row for row in rows if row["student"] == student)
    return row["exercises"][exercise]["score"]


def test_a_refusal_waits_until_a_person_has_decided(battle, server, desk, submissions):
    """The card says what was found; one click confirms it, another gives the points back."""
    where = (battle, "forbidden shortcut", "conv_forward_naive")
    assert find(*where) == (0, None, True)
    assert exported(*where) is None
    rows = ask(f"{server}/formgrader/api/submitted_notebooks/{ASSIGNMENT}/{STEM}")
    waiting = {row["student"]: row["needs_manual_grade"] for row in rows}
    assert waiting["forbidden shortcut"]
    assert not waiting["t hostile words"]
    desk.open(submissions["forbidden shortcut"])
    card = desk.tab.locator(".dasecv-card", has_text="conv_forward_naive")
    assert "不予接受" in card.inner_text()
    assert "daseCV/layers.py" in card.inner_text()
    panel = desk.tab.locator(".nbgrader_cell", has=desk.tab.locator("#conv_forward_naive"))
    for button, points in ((".no-credit", 0), (".full-credit", 2)):
        with desk.tab.expect_response(lambda answer: answer.request.method == "PUT") as put:
            panel.locator(button).click()
        assert put.value.status == 200
        assert find(*where) == (points, points, False)
        assert exported(*where) == points
    battle.nbgrader("AutogradeApp", ASSIGNMENT, "--student=forbidden shortcut", "--force")
    assert find(*where) == (2, 2, True)  # what the person gave stays, and is asked for again
