"""What students read is a golden file; `pytest --refresh` writes it anew."""

from pathlib import Path

import pytest

from autograder import report
from autograder.results import CheckResult, ExerciseResult, SubmissionResult, Verdict

GOLDEN = Path(__file__).parent / "golden"
MESSAGE = (
    "dw has wrong values / dw 的数值不对\n"
    "  14 of 105 entries differ; the worst, dw[3, 1], is off by 0.21 "
    "(relative 0.34, allowed 1e-06)"
)
CHECKS = (
    CheckResult("test_values", "dx is right / dx 正确", Verdict.PASSED),
    CheckResult("test_gradients", "dw is right / dw 正确", Verdict.FAILED, MESSAGE),
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


def test_the_table_of_the_summary_fits_80_columns(request):
    graded = SubmissionResult(
        "assignment2", "1", 1, "rlimits", "s", "c", ("link.py: a link",), 6.0,
        (result(), result(CHECKS[0])),
    )  # fmt: skip
    text = report.summary(graded)
    same_as_golden("summary.txt", text + "\n", request)
    assert all(len(line) <= 80 for line in text.splitlines() if not line.startswith(" "))


def test_what_a_student_wrote_is_escaped():
    check = CheckResult("t", "a title / 标题", Verdict.CRASHED, "<script>alert(1)</script>")
    assert "<script>" not in report.exercise_html(result(check), "en")


def test_a_grader_error_shows_no_score():
    card = report.exercise_html(result(CheckResult("t", "t", Verdict.GRADER_ERROR)), "en")
    assert "no score yet" in card
    assert " of 3 points" not in card


def test_every_verdict_has_words_in_both_languages():
    for verdict in Verdict:
        assert report.verdict_words(verdict, "en") != report.verdict_words(verdict, "zh")
