"""What students read is a golden file; `pytest --refresh` writes it anew."""

import dataclasses
import json
from decimal import Decimal
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from autograder import report
from autograder.results import CheckResult, ExerciseResult, SubmissionResult, Verdict

GOLDEN = Path(__file__).parent / "golden"
MESSAGE = (
    "dw has wrong values / dw 的数值不对\n"
    "  14 of 105 entries differ; the worst, dw[3, 1], is off by 0.21 "
    "(relative 0.34, allowed 1e-06)\n"
    "  hint / 提示: every example adds to it / 每个样本都有贡献"
)
CHECKS = (
    CheckResult("test_values", "dx is right / dx 正确", Verdict.PASSED),
    CheckResult("test_gradients", "dw is right / dw 正确", Verdict.FAILED, MESSAGE),
    CheckResult("test_shapes[1]", "dw is right / dw 正确", Verdict.FAILED, MESSAGE),
    CheckResult("test_views", "takes <views> / 接受视图", Verdict.TIMED_OUT, "no answer", True),
)


def result(*checks):
    return ExerciseResult("affine_backward", "FullyConnectedNets", 3.0, False, checks or CHECKS)


def same_as_golden(name, text, request):
    path = GOLDEN / name
    if request.config.getoption("refresh"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_card_of_an_exercise(language, request):
    card = report.exercise_html(result(), language, ("cell x was missing / 缺少单元格",))
    same_as_golden(f"card.{language}.html", card, request)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_same_in_plain_text(language, request):
    same_as_golden(f"card.{language}.txt", report.exercise_text(result(), language) + "\n", request)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_overview_of_a_page(language, request):
    rows = (
        report.Row("affine_backward", "affine_backward", 1.725, 3.0),
        report.Row("relu_forward", "relu_forward", 0.0, 1.0),
        report.Row("TwoLayerNet-loss", "TwoLayerNet.loss", 4.0, 4.0),
        report.Row("Nets-Q1", "Q1", 1.5, 2.0, comment=True),
        report.Row("Nets-Q2", "<Q2>", None, 2.0),
    )
    same_as_golden(f"overview.{language}.html", report.overview_html(rows, language), request)


def test_the_points_of_all_rows_add_up_to_the_total():
    """As they do in the gradebook, which has four digits of each."""
    earned = [round(3 * part / 7, 4) for part in range(8)] * 10 + [1.7253, 5.5]
    page = report.overview_html([report.Row("a", "a", one, 3.0) for one in earned], "en")
    shown = BeautifulSoup(page, "html.parser")
    (total, *_), *rows = (tag.text.split(" of ") for tag in shown.select("p, li span:last-child"))
    assert len(rows) == len(earned)
    assert sum(Decimal(points) for points, _ in rows) == Decimal(total) == Decimal("127.2253")


def test_what_nobody_has_graded_yet_is_no_zero():
    rows = [report.Row("a", "affine_forward", None, 3.0), report.Row("b", "Q1", None, 1.0)]
    assert "not graded yet: 4 points" in report.overview_html(rows, "en")
    assert "尚未评分，共 4 分" in report.overview_html(rows, "zh")


def test_what_every_check_says_is_said_once():
    checks = [CheckResult(f"t{n}", f"title {n}", Verdict.CRASHED, "a / 甲") for n in range(9)]
    card = report.exercise_html(result(*checks), "en")
    assert card.count("<b>a</b>") == 1
    assert "in all checks" in card
    assert "title" not in card


def test_what_passed_is_folded_away_and_its_remark_is_not():
    check = CheckResult("t", "it works", Verdict.PASSED, "with the kit's layers / 代替后评判")
    before, _, folded = report.exercise_html(result(check), "zh").partition("<details")
    assert "代替后评判" in before
    assert "it works" in folded


def test_the_table_of_the_summary_fits_80_columns(request):
    graded = SubmissionResult(
        "assignment2", "1", 1, "landlock", 7, "12 of 12 attacks failed", "s", "c",
        ("link.py: a link",), 6.0, (result(), result(CHECKS[0])),
    )  # fmt: skip
    text = report.summary(graded)
    same_as_golden("summary.txt", text + "\n", request)
    assert all(len(line) <= 80 for line in text.splitlines())


# --- text that is hostile ------------------------------------------------------------------------

HOSTILE = (
    "<script>alert(1)</script>",
    "\"' onmouseover=alert(1) x='",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt;",
    "\x1b[2J\x1b]0;title\x07",
    "\x1b]8;;http://evil\x1b\\here\x1b]8;;\x1b\\",
    "\x9b31m",
    "\r\x08\x08",
    "user\u202etxt.exe",
    "\u2066\u2069\u200b\ufeff",
    "half \ud800",
    "\x00",
    "=cmd|' /C calc'!A0",
)


def graded(message, note=""):
    check = CheckResult("t", f"{message} / {message}", Verdict.CRASHED, f"{message}\n{message}")
    passed = CheckResult("p", message, Verdict.PASSED, message)
    exercise = ExerciseResult("affine_backward", "FC", 3.0, False, (check, passed))
    return SubmissionResult(
        "assignment2", "1", 1, "landlock", 7, "", "s", "c", (note or message,), 0.0, (exercise,)
    )


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_text_is_plain_on_a_terminal_in_a_page_and_in_json(text):
    made = graded(text)
    (exercise,) = made.exercises
    pages = [report.exercise_html(exercise, language, made.notes) for language in ("en", "zh")]
    plain = [report.summary(made), report.exercise_text(exercise, "en")]
    for line in "\n".join([*plain, *pages]).split("\n"):
        assert line.isprintable(), line
    for page in pages:
        tags = BeautifulSoup(page, "html.parser").find_all(True)
        assert {tag.name for tag in tags} <= {"div", "b", "span", "ul", "li", "details", "summary"}
        assert {name for tag in tags for name in tag.attrs} <= {"class", "style"}
        assert "49" not in page
    read = json.loads(made.to_json())
    assert read["notes"] == [text]
    assert read["exercises"][0]["checks"][1]["message"] == text


def test_a_flood_of_notes_or_a_name_without_end_is_cut_short():
    made = graded("x" * 1_000_000, "y" * 1_000_000)
    notes = tuple(f"{n}.py: is a link / 是链接" for n in range(2000))
    many = dataclasses.replace(made, notes=notes)
    for shown in (
        report.summary(made), report.exercise_text(made.exercises[0], "en"),
        report.exercise_html(made.exercises[0], "en", made.notes),
    ):  # fmt: skip
        assert len(shown) < 20_000
    assert "and 1980 more" in report.summary(many)
    assert "另有 1980 条" in report.exercise_html(many.exercises[0], "zh", many.notes)


def test_a_grader_error_shows_no_score():
    card = report.exercise_html(result(CheckResult("t", "t", Verdict.GRADER_ERROR)), "en")
    assert "no score yet" in card
    assert " of 3 points" not in card


def test_every_verdict_has_words_in_both_languages():
    for verdict in Verdict:
        assert report.verdict_words(verdict, "en") != report.verdict_words(verdict, "zh")
