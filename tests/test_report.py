"""What students read is a golden file; `pytest --refresh` writes it anew."""

from pathlib import Path

import pytest

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
        "assignment2", "1", 1, "rlimits", "s", "c", ("link.py: a link",), 6.0,
        (result(), result(CHECKS[0])),
    )  # fmt: skip
    text = report.summary(graded)
    same_as_golden("summary.txt", text + "\n", request)
    assert all(len(line) <= 80 for line in text.splitlines())


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
