"""Without a wall that would do nobody is graded, and it says why; whom one trusts is, and says so.

Also what else keeps children from being made: a library that the assignment allows is not there.
"""

import io
import json
import re
from dataclasses import replace

import pytest
from click.testing import CliRunner
from nbgrader_run import A2, NOTEBOOK, made, run, scores
from rich.console import Console

from autograder import KIT, assignments, cli, demo, runner
from autograder.results import Verdict
from autograder.sandbox import WORLDS, tiers
from autograder.sandbox.inside import lockdown
from autograder.sandbox.worlds import World

GRADE = ("AutogradeApp", A2, "--student=ada")
MINIMUM = "namespaces"
REMEDIES = (  # what to install, a line each
    r"Debian.*: apt-get install bubblewrap libseccomp2",
    r"Fedora: dnf install bubblewrap libseccomp",
    r"macOS: .*container.*docker build",
    r"Windows: .*wsl --install",
)
UNWALLED = "graded without a wall, as code that the instructor trusts"


@pytest.fixture
def grade(tmp_path):
    """Grade `daseCV/optim.py` by the command; its exit status, what it printed and wrote."""
    target = tmp_path / "result.json"

    def graded(*words, head=b""):
        (tmp_path / "in" / "daseCV").mkdir(parents=True, exist_ok=True)
        solved = (KIT / "optim.py").read_bytes()
        (tmp_path / "in" / "daseCV" / "optim.py").write_bytes(head + solved)
        line = ["grade", str(tmp_path / "in"), "--assignment", A2, "--json", str(target), *words]
        done = CliRunner().invoke(cli.main, line)
        return done.exit_code, done.output, json.loads(target.read_text(encoding="utf-8"))

    return graded


@pytest.fixture
def no_landlock(monkeypatch):
    """As on an old kernel, in forks of this process, too."""
    monkeypatch.setattr(lockdown, "landlock_abi", lambda: 0)


@pytest.fixture
def no_bubblewrap(monkeypatch):
    monkeypatch.setattr(tiers, "_bubblewrap", lambda: None)


def says_what_to_install(text):
    assert "strangers' code is not run here" in text
    for remedy in REMEDIES:
        assert re.search(remedy, text), remedy


def dropout_forward(course):
    """Its score in the gradebook; it is worth 3 points."""
    (score,) = (score for _, cell, score, *_ in scores(course) if cell == "dropout_forward")
    return score


# --- refused -------------------------------------------------------------------------------------


def is_refused(course, *words):
    """By nbgrader: status 1, nothing written, the gradebook untouched; what it printed."""
    gradebook = (course / "gradebook.db").read_bytes()
    status, lines = run(course, *GRADE, *words)
    assert status == 1
    assert any("nothing was graded: " in line for line in lines)
    assert made(course) == {}
    assert not (course / "autograded").exists()
    assert (course / "gradebook.db").read_bytes() == gradebook
    return "\n".join(lines)


def test_autograde_refuses_where_no_wall_stands(course, no_landlock):
    printed = is_refused(course)
    assert "landlock: this machine lacks Landlock (Linux 5.13 or newer)" in printed
    says_what_to_install(printed)


def test_autograde_refuses_below_the_minimum(course, no_bubblewrap):
    printed = is_refused(course, f"--SubmissionExporter.minimum_tier={MINIMUM}")
    assert re.search(f"  {MINIMUM}: this machine lacks (bubblewrap|Landlock)", printed)
    assert "landlock+uid: " not in printed  # which was not asked for
    says_what_to_install(printed)


def test_a_tier_that_is_none_is_named(course):
    with (course / "nbgrader_config.py").open("a") as config:
        config.write('\nc.SubmissionExporter.minimum_tier = "bwrap"\n')
    printed = is_refused(course)
    assert "minimum_tier is 'bwrap'; it can be namespaces, namespaces-shared, landlock" in printed


def test_grade_refuses_where_no_wall_stands(grade, no_landlock):
    status, printed, record = grade()
    assert status == 1
    assert "landlock: this machine lacks Landlock (Linux 5.13 or newer)" in printed
    says_what_to_install(record["error"])
    assert "earned" not in record


def test_grade_refuses_below_the_minimum(grade, no_bubblewrap):
    status, printed, record = grade("--minimum-tier", MINIMUM)
    assert status == 1
    assert re.search(f"  {MINIMUM}: this machine lacks (bubblewrap|Landlock)", printed)
    assert "landlock+uid: " not in printed
    says_what_to_install(record["error"])


# --- trusted -------------------------------------------------------------------------------------


@pytest.fixture
def told_by_the_demo(tmp_path, monkeypatch):
    """What the demo prints, and the words by which it has nbgrader grade; without its class."""
    printed, words = io.StringIO(), []
    monkeypatch.setattr(demo, "_hand_ins", lambda _: [])
    monkeypatch.setattr(demo.collect, "collect", lambda *_: [])
    monkeypatch.setattr(demo, "_show", lambda *_: True)
    monkeypatch.setattr(demo.Course, "release", lambda *_: None)
    monkeypatch.setattr(demo.Course, "nbgrader", lambda _, *line: words.append(line))
    assert demo.run(tmp_path / "demo", Console(file=printed, width=80))
    return printed.getvalue(), next(rest for app, *rest in words if app == "autograde")


def test_the_class_of_the_demo_is_graded_and_demo_and_feedback_say_so(
    course, no_landlock, told_by_the_demo
):
    printed, (assignment, *trust) = told_by_the_demo
    assert "No wall stands on this machine: graded as code that one trusts." in printed
    assert assignment == A2
    assert trust == ["--SubmissionExporter.trust_this_code=True"]
    status, lines = run(course, *GRADE, *trust)
    assert status == 0, lines
    assert dropout_forward(course) == 3
    result = json.loads((course / "results" / "ada" / f"{A2}.json").read_text(encoding="utf-8"))
    assert (result["tier"], result["landlock"]) == ("rlimits", 0)
    assert run(course, "GenerateFeedbackApp", A2, "--student=ada")[0] == 0
    page = course / "feedback" / "ada" / A2 / f"{NOTEBOOK}.html"
    assert page.read_text(encoding="utf-8").count("评分时没有隔离：教师声明信任这份代码") == 1


def test_ones_own_code_is_graded_and_the_report_says_so(grade, no_landlock):
    status, printed, record = grade("--i-trust-this-code")
    assert status == 0, printed
    assert UNWALLED in printed
    assert any(UNWALLED in note for note in record["notes"])
    assert record["tier"] == "rlimits"
    assert record["earned"] > 0


def test_trust_takes_no_wall_away(grade, strangers_welcome):
    status, printed, record = grade("--i-trust-this-code")
    assert status == 0
    assert UNWALLED not in printed
    assert record["tier"] in tiers.WALLS


def test_what_this_machine_cannot_judge_is_said_once_to_whoever_grades(course, strangers_welcome):
    def without_torch():
        WORLDS["torch"] = World(package="no_torch_here", version="torch==2.13.0")
        entry = assignments.ASSIGNMENTS[A2]
        assignments.ASSIGNMENTS[A2] = replace(entry, worlds={"dropout_forward": "torch"})

    status, lines = run(course, *GRADE, before=without_torch)
    assert status == 0, lines
    said = "was not graded: where grades are made there is no no_torch_here"
    assert len([line for line in lines if "WARNING" in line and said in line]) == 1


# --- libraries -----------------------------------------------------------------------------------


@pytest.fixture
def allow(monkeypatch):
    """Allow libraries in the table of assignments."""

    def change(*libraries):
        entry = replace(assignments.find(A2), libraries=libraries)
        monkeypatch.setitem(assignments.ASSIGNMENTS, A2, entry)

    return change


def test_a_library_that_is_allowed_and_not_there_is_named(course, grade, allow):
    allow("not_here")
    words = "not_here, which the assignment allows, is not installed here"
    assert words in is_refused(course)
    status, printed, record = grade()
    assert status == 1
    assert words in printed
    assert words in record["error"]


MISSING = "imports 'yaml', which is not available here (daseCV/optim.py, line 1)"


@pytest.mark.usefixtures("strangers_welcome")
def test_what_the_table_allows_can_be_imported_and_nothing_else(grade, allow):
    def adam(record):
        return next(e for e in record["exercises"] if e["exercise"] == "adam")

    _, printed, record = grade(head=b"import yaml\n")
    assert adam(record)["verdict"] == "crashed"
    assert MISSING in adam(record)["checks"][0]["message"]
    assert MISSING in " ".join(printed.split())
    allow("yaml")
    assert adam(grade(head=b"import yaml\n")[2])["verdict"] == "passed"


@pytest.mark.usefixtures("strangers_welcome")
def test_it_can_where_no_zygote_is_given(allow):
    text = "import yaml\n" + (KIT / "optim.py").read_text(encoding="utf-8")
    submission = runner.reference_submission({"daseCV/optim.py": text})
    for libraries, verdict in (((), Verdict.CRASHED), (("yaml",), Verdict.PASSED)):
        allow(*libraries)
        (exercise,) = runner.grade(submission, A2, select={"adam"}).exercises
        assert exercise.verdict is verdict


@pytest.mark.usefixtures("strangers_welcome")
@pytest.mark.parametrize(("libraries", "score"), [((), 0), (("yaml",), 3)])
def test_it_can_under_autograde(course, allow, libraries, score):
    allow(*libraries)
    layers = course / "submitted" / "ada" / A2 / "daseCV" / "layers.py"
    layers.write_bytes(b"import yaml\n" + layers.read_bytes())
    assert run(course, *GRADE)[0] == 0
    assert dropout_forward(course) == score
