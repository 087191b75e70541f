"""Every kind of attack on a grading that is known of nbgrader, through `nbgrader autograde` and
through `python -m autograder grade`: none may gain, show, spoil, outlive or stop anything.

One command grades the whole class into a real gradebook; see `attackers.py` for what each tries.
"""

import contextlib
import csv
import json
import shutil
from fnmatch import fnmatch

import attackers
import pytest
from attackers import ASSIGNMENT, KINDS, NOTEBOOK, POINTS
from battle import ATTACKS, HONEST, ODD_NAMES, SECRET, Battle, orphans
from click.testing import CliRunner
from nbgrader.api import Gradebook

from autograder import CHECKS, cli, graded, intake, judge, notebooks, runner
from autograder.sandbox import Zygote, at_least

pytestmark = pytest.mark.usefixtures("strangers_welcome")
SHOWN = "[0-9adflpqt]*"  # names of whom feedback is made: that of all takes a minute


@pytest.fixture(scope="module")
def battle(tmp_path_factory):
    """The class, graded, with feedback and both exports."""
    with contextlib.closing(Battle(tmp_path_factory.mktemp("battle"))) as made:
        _fight(made)
        yield made


def _fight(made):
    for student in HONEST:
        made.lay(student, attackers.fair("all solved"))
    for student, attack in ATTACKS.items():
        made.lay(student, attack)
    for name in ODD_NAMES:
        odd = bytes(made.folder / "submitted") + b"/" + name
        shutil.copytree(bytes(made.folder / "submitted" / "ada"), odd)
    kept = ("submitted", "source", "release", "secret.txt", "nbgrader_config.py")
    before = made.state(*kept)
    with orphans() as made.left, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DASECV_TOKEN", SECRET)
        made.nbgrader("AutogradeApp", ASSIGNMENT)
        made.nbgrader("GenerateFeedbackApp", ASSIGNMENT, f"--student={SHOWN}")
        made.nbgrader("ExportApp", "--to", "grades.csv")
        by_exercise = "--exporter=autograder.exports.ExerciseExporter"
        made.nbgrader("ExportApp", by_exercise, "--to", "grades.json")
    made.is_whole = lambda: made.state(*kept) == before


def grades(battle, student):
    with Gradebook(f"sqlite:///{battle.folder / 'gradebook.db'}") as gradebook:
        (notebook,) = gradebook.find_submission(ASSIGNMENT, student).notebooks
        return {
            graded.exercise_of(g.cell.name): (g.auto_score, g.score, g.needs_manual_grade)
            for g in notebook.grades
        }  # fmt: skip


def results(battle, student):
    path = battle.folder / "results" / student / f"{ASSIGNMENT}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def feedback(battle, student):
    page = battle.folder / "feedback" / student / ASSIGNMENT / NOTEBOOK.replace(".ipynb", ".html")
    return page.read_text(encoding="utf-8")


def of_exercises(record, key):
    return {exercise["exercise"]: exercise[key] for exercise in record["exercises"]}


def test_the_table_has_every_kind():
    assert {attack.kind for attack in ATTACKS.values()} == {*KINDS, "fair"}


@pytest.mark.parametrize("student", ATTACKS)
def test_autograde_gives_what_was_earned_and_says_what_was_done(battle, student):
    attack, found = ATTACKS[student], grades(battle, student)
    assert {e: found[e][0] for e in POINTS} == attack.earns
    assert {e: found[e][1] for e in POINTS} == attack.earns  # nothing on top of it
    verdicts = of_exercises(results(battle, student), "verdict")
    assert {e: verdicts[e] for e in attack.verdicts} == attack.verdicts
    assert "grader error" not in verdicts.values()
    if attack.note:
        assert attack.note in feedback(battle, student)


@pytest.mark.parametrize("student", HONEST)
def test_an_honest_student_gets_all_points_beside_them(battle, student):
    assert {e: grades(battle, student)[e][0] for e in POINTS} == POINTS


def test_no_file_that_students_get_or_graders_read_holds_a_secret(battle):
    """Nor a hidden check, a model answer, a mark scheme."""
    source = notebooks.read((battle.folder / "source" / ASSIGNMENT / NOTEBOOK).read_bytes(), "")
    solved = {"answer = {1, 3}"} | notebooks.secret_lines(source, NOTEBOOK)
    hidden = [line.strip() for line in (CHECKS / "test_layers.py").read_text().splitlines()]
    hidden = {line for line in hidden if "expect" in line and len(line) > 30}
    assert len(solved) > 3
    assert len(hidden) > 20
    for root in ("autograded", "feedback", "results"):
        for path in sorted((battle.folder / root).rglob("*")):
            if path.is_file():
                text = path.read_text(encoding="utf-8")
                assert SECRET not in text, path
                assert not [line for line in hidden if line in text], path
                honest = ATTACKS.get(path.relative_to(battle.folder / root).parts[0])
                if root != "autograded" and honest and not honest.honest:
                    assert not [line for line in solved if line in text], path
    assert SECRET not in battle.printed


def test_nothing_but_rebuilt_notebooks_and_their_pages_comes_out(battle):
    for root, name in (("autograded", NOTEBOOK), ("feedback", "FullyConnectedNets.html")):
        paths = [p for p in (battle.folder / root).rglob("*") if not p.is_dir() or p.is_symlink()]
        students = {s for s in (*ATTACKS, *HONEST) if root != "feedback" or fnmatch(s, SHOWN)}
        assert {p.relative_to(battle.folder / root).as_posix() for p in paths} == {
            f"{student}/{ASSIGNMENT}/{name}" for student in students
        }
        assert not any(p.is_symlink() for p in paths)


def test_the_metadata_of_what_comes_out_is_the_kits(battle):
    release = notebooks.read(battle.released, NOTEBOOK)
    ours = {graded.nbgrader_part(c).get("grade_id"): c for c in release.cells}
    del ours[None]
    for student in ATTACKS:
        path = battle.folder / "autograded" / student / ASSIGNMENT / NOTEBOOK
        made = notebooks.read(path.read_bytes(), student)
        assert made.metadata.kernelspec == release.metadata.kernelspec
        assert made.metadata.keys() == {"dasecv", "kernelspec", "language_info"}
        assert made.metadata.dasecv.keys() == {"language", "notes", "held"}
        assert "forged" not in str(made.metadata)
        found = [c for c in made.cells if graded.nbgrader_part(c)]
        assert [graded.nbgrader_part(c)["grade_id"] for c in found] == list(ours)
        for cell in found:
            known = ours[cell.metadata.nbgrader["grade_id"]]
            assert cell.metadata.nbgrader == known.metadata.nbgrader
            assert cell.cell_type == known.cell_type
            if cell.metadata.nbgrader["grade"] and not cell.metadata.nbgrader["solution"]:
                assert cell.source == known.source
                card, number = cell.outputs
                assert "forged" not in str(card)
                assert 0 <= float(number.data["text/plain"]) <= cell.metadata.nbgrader["points"]
        for cell in made.cells:
            if not graded.nbgrader_part(cell) and cell.metadata:
                same = [c.metadata for c in release.cells if c.id == cell.id]
                assert cell.metadata in (*same, {"dasecv": {"role": "mark scheme"}})


def test_nobody_reached_the_gradebook(battle):
    with Gradebook(f"sqlite:///{battle.folder / 'gradebook.db'}") as gradebook:
        assert [a.name for a in gradebook.assignments] == [ASSIGNMENT]
        assert {s.id for s in gradebook.students} == {*ATTACKS, *HONEST}
        assert len(gradebook.assignment_submissions(ASSIGNMENT)) == len(ATTACKS) + len(HONEST)
        for submission in gradebook.assignment_submissions(ASSIGNMENT):
            assert submission.timestamp is None
            for notebook in submission.notebooks:
                for grade in notebook.grades:
                    assert grade.extra_credit in (None, 0)
                    assert grade.manual_score is None
                    assert grade.max_score in (1, 2, 3)
                assert all(comment.manual_comment is None for comment in notebook.comments)


def test_nothing_of_anybody_was_spoiled_and_nothing_was_left(battle):
    assert battle.is_whole()
    assert not battle.marker.exists()
    assert battle.visitors() == 0
    assert battle.left == []


def test_names_that_would_run_or_stop_the_rest_are_left_out_and_said(battle):
    assert battle.printed.count("not graded: nbgrader cannot take the name") == len(ODD_NAMES)
    assert all(line.isprintable() for line in battle.printed.splitlines())


def test_a_refusal_waits_for_a_person_and_so_do_written_answers(battle):
    found = grades(battle, "forbidden shortcut")
    assert found["conv_forward_naive"] == (0.0, 0.0, True)
    assert found["FullyConnectedNets.Q2"][2]
    assert [e for e in POINTS if found[e][2]] == ["conv_forward_naive"]
    (row,) = (r for r in exported(battle) if r["student"] == "forbidden shortcut")
    assert row["exercises"]["conv_forward_naive"] == {"score": None, "max_score": 2}
    assert row["exercises"]["affine_forward"]["score"] == 2
    assert "不予接受" in feedback(battle, "forbidden shortcut")


def exported(battle):
    return json.loads((battle.folder / "grades.json").read_text(encoding="utf-8"))


def test_the_exports_hold_everybody_once(battle):
    students = {*ATTACKS, *HONEST}
    assert {row["student"] for row in exported(battle)} == students
    with (battle.folder / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["student_id"] for row in rows} == students
    assert len(rows) == len(students)
    totals = {row["student_id"]: float(row["score"]) for row in rows}
    assert totals == {s: sum(a.earns.values()) for s, a in ATTACKS.items()} | dict.fromkeys(
        HONEST, sum(POINTS.values())
    )


# --- without nbgrader ----------------------------------------------------------------------------

# What is done to a notebook concerns nbgrader: of those, three are enough.
ALONE = [s for s, a in ATTACKS.items() if not a.edit or s[:2] in ("p1", "p2", "p8")]
NOT_READ = ("q all is a link", "3000 files")  # there is nothing in them that may be


@pytest.fixture(scope="module")
def alone(battle):
    """What `python -m autograder grade` makes of each: how it ended, what it wrote."""
    found = {}
    with orphans() as battle.left_alone, pytest.MonkeyPatch.context() as patch:
        patch.setitem(runner.grade.__kwdefaults__, "course", battle.folder)
        patch.setattr(judge.Judge, "_seconds", lambda self, exercise: 0.5)
        patch.setattr(judge, "LOOPING_SECONDS", 0.1)
        for student in ALONE:
            folder = battle.folder / "submitted" / student / ASSIGNMENT
            target = battle.folder / "alone" / f"{student}.json"
            words = ["grade", str(folder), "--assignment", ASSIGNMENT, "--json", str(target)]
            done = CliRunner().invoke(cli.main, words)
            found[student] = done.exit_code, done.output, target.read_text(encoding="utf-8")
    return found


@pytest.mark.parametrize("student", ALONE)
def test_alone_it_gives_what_was_earned(alone, student):
    attack, (code, printed, text) = ATTACKS[student], alone[student]
    record = json.loads(text)
    assert code == ("error" in record) == (student in NOT_READ)
    if student not in NOT_READ:
        assert of_exercises(record, "earned") == attack.earns
        verdicts = of_exercises(record, "verdict")
        assert {e: verdicts[e] for e in attack.verdicts} == attack.verdicts
        assert record["canary"].endswith("attacks failed")
    assert all(line.isprintable() for line in printed.splitlines())
    assert SECRET not in text + printed
    assert "<script>" not in text


def test_alone_it_leaves_and_spoils_nothing(battle, alone):
    test_nothing_of_anybody_was_spoiled_and_nothing_was_left(battle)
    assert battle.left_alone == []


# --- the control ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def field(tmp_path_factory):
    """Another course, to be spoiled, and a child that nothing but limits holds."""
    with contextlib.closing(Battle(tmp_path_factory.mktemp("field"))) as made:
        for student in HONEST:
            made.lay(student, attackers.fair("all solved"))
        with Zygote(among=at_least(trusted=True)[-1:]) as made.zygote:
            made.zygote.start()
            yield made


@pytest.mark.parametrize("student", [s for s, attack in ATTACKS.items() if attack.reaches])
def test_without_a_wall_the_same_attack_works(field, student):
    """So the tests above prove something."""
    field.lay(student, ATTACKS[student])
    submission = intake.read_submission(field.folder / "submitted" / student / ASSIGNMENT)
    with orphans(wait=0) as left:
        result = runner.grade(
            submission, ASSIGNMENT, select={"affine_forward"}, zygote=field.zygote,
            course=field.folder,
        )  # fmt: skip
    for process in left:
        process.kill()
    assert bool(left) == (student in ("g2 daemon", "k fifty sleepers"))
    assert result.earned > 0
    assert result.tier == "rlimits"
    assert "graded without a wall" in str(result.notes)
