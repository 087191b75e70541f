"""Hand-ins that lie get the verdict they must, and no point."""

import logging

import forged_answers
import forged_endings
import forged_shortcuts
import numpy as np
import pytest
from forgery import Forgery

from autograder import judge
from autograder.judge import Judge
from autograder.results import Verdict
from autograder.sandbox import Session

pytestmark = pytest.mark.usefixtures("strangers_welcome")

QUICK = (
    *forged_answers.FORGERIES, *forged_endings.ENDINGS, *forged_endings.TAKING,
    *forged_shortcuts.SHORTCUTS,
)  # fmt: skip


@pytest.mark.parametrize("forgery", QUICK, ids=str)
def test_it_gets_its_verdict_and_no_point(zygote, forgery):
    result = forgery.grade(zygote)
    assert (result.verdict, result.earned) == (forgery.verdict, 0)


@pytest.fixture
def hurried(monkeypatch):
    """A moment for each check; in a real grading it is ten."""
    begin = Session.begin
    monkeypatch.setattr(Judge, "_seconds", lambda *_: 0.3)
    monkeypatch.setattr(judge, "LOOPING_SECONDS", 0.1)
    monkeypatch.setattr(
        Session, "begin", lambda self, **given: begin(self, **{**given, "wall_seconds": 0.2})
    )


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("forgery", forged_endings.LASTING, ids=str)
def test_what_lasts_is_ended(zygote, forgery):
    result = forgery.grade(zygote)
    assert (result.verdict, result.earned) == (forgery.verdict, 0)


@pytest.mark.parametrize("forgery", forged_endings.TEXTS, ids=str)
def test_a_hostile_text_reaches_nobody(zygote, forgery, caplog):
    caplog.set_level(logging.DEBUG)
    result = forgery.grade(zygote)
    assert (result.verdict, result.earned) == (Verdict.CRASHED, 0)
    shown = "".join(check.message for check in result.checks) + caplog.text
    for text in (forged_endings.LOUD, forged_endings.HTML, forged_endings.FORMULA, "xxxx"):
        assert text not in shown
    assert shown.replace("\n", "").isprintable()
    assert len(shown) < 9999


def test_a_forger_before_leaves_nothing_to_the_next(zygote):
    """What one hand-in changes, no other meets; the judge answers as before."""
    honest = Forgery("honest", Verdict.PASSED, {
        "daseCV/layers.py": "def affine_forward(x, w, b):\n"
                            "    return x.reshape(len(x), -1) @ w + b, (x, w, b)\n"
    })  # fmt: skip
    before = honest.grade(zygote)
    for forgery in forged_answers.PATCHES:
        forgery.grade(zygote)
    assert honest.grade(zygote) == before
    assert before.earned == before.possible
    assert np.allclose(1.0, 1.0) is True
