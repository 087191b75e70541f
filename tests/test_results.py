"""Verdicts and points: shares, the worst verdict, and JSON there and back."""

import json

import pytest

from autograder.results import CheckResult, ExerciseResult, SubmissionResult, Verdict


def exercise(*verdicts, beyond=(), possible=8.0):
    checks = [CheckResult(f"test_{n}", "t", v) for n, v in enumerate(verdicts)]
    checks += [CheckResult(f"test_b{n}", "t", v, beyond=True) for n, v in enumerate(beyond)]
    return ExerciseResult("affine_forward", "FC", possible, False, tuple(checks))


def submission(*exercises):
    wall = ("landlock", 7, "12 of 12 attacks failed")
    return SubmissionResult("a", "1", 7, *wall, "s", "c", ("a note",), 2.0, exercises)


PASSED, FAILED, ERROR = Verdict.PASSED, Verdict.FAILED, Verdict.GRADER_ERROR


@pytest.mark.parametrize(
    ("result", "earned"),
    [
        (exercise(PASSED, PASSED), 8),
        (exercise(PASSED, FAILED), 4),
        (exercise(PASSED, FAILED, beyond=(PASSED,)), 5),  # 6 / 2 + 2
        (exercise(PASSED, PASSED, beyond=(PASSED, FAILED)), 7),
        (exercise(FAILED, beyond=(FAILED,)), 0),
        (exercise(FAILED, FAILED, beyond=(PASSED, FAILED)), 0),
        (exercise(beyond=(PASSED, FAILED)), 4),
        (exercise(PASSED, ERROR), None),
    ],
)
def test_checks_share_the_points_and_beyond_the_last_quarter(result, earned):
    assert result.earned == earned


def test_the_worst_verdict_counts():
    assert next(iter(Verdict)) is Verdict.GRADER_ERROR
    assert exercise(PASSED, Verdict.NOT_IMPLEMENTED, FAILED).verdict is FAILED
    assert exercise(FAILED, Verdict.CRASHED, Verdict.TIMED_OUT).verdict is Verdict.TIMED_OUT


def test_a_grader_error_leaves_the_submission_without_a_score():
    assert submission(exercise(PASSED), exercise(ERROR)).earned is None
    assert submission(exercise(PASSED), exercise(FAILED)).earned == 8


def test_json_there_and_back():
    result = submission(exercise(PASSED, FAILED, beyond=(PASSED,)))
    text = result.to_json()
    assert SubmissionResult.from_json(text) == result
    assert SubmissionResult.from_json(text).to_json() == text
    record = json.loads(text)
    assert record["earned"] == 5
    assert record["exercises"][0]["checks"][1]["verdict"] == "failed"
    assert {"schema", "assignment", "version", "seed", "tier", "landlock", "canary"} <= set(record)
    assert {"submission_sha256", "checks_sha256", "possible", "manual_possible"} <= set(record)


def test_a_result_of_another_schema_is_refused():
    with pytest.raises(ValueError, match="schema 'other/1'"):
        SubmissionResult.from_json('{"schema": "other/1"}')
