"""The multiple-choice questions: their keys, the wording of each, and the form of an answer."""

import re

import nbformat
import pytest

from autograder import HOME, graded
from autograder.checks.tasks import test_questions as hidden
from daseCV.checks import discover
from daseCV.compare import Mismatch

QUESTIONS = hidden.QUESTIONS
NAMES = sorted(QUESTIONS)
CHECKS = {n: c for n, c in vars(hidden).items() if n.startswith("test_")}
OPTION = re.compile(r"^\s*(\d)\. ", re.M)


def hidden_checks(exercise):
    """The hidden checks of an exercise as functions of the answer."""
    for check in CHECKS.values():
        marks = {mark.name: mark for mark in check.pytestmark}
        if marks["exercise"].args == (exercise,):
            for part in marks["parametrize"].args[1] if "parametrize" in marks else [()]:
                yield lambda answer, c=check, p=part: c(answer, p) if p else c(answer)


def passes(check, answer):
    try:
        check(answer)
    except Mismatch:
        return False
    return True


def share(exercise, answer):
    passed = [passes(check, answer) for check in hidden_checks(exercise)]
    return sum(passed) / len(passed)


class Notebook:
    """What a visible check is lent in place of the student."""

    def __init__(self, answer):
        self.notebook, self.answer = self, answer


def visible(exercise, answer):
    (check,) = discover()[exercise]
    return check(Notebook(answer), None)


# --- keys ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("exercise", NAMES)
def test_the_key_is_right_and_has_the_form_that_is_asked_for(exercise):
    assert share(exercise, QUESTIONS[exercise].key) == 1
    assert "the form is right" in visible(exercise, QUESTIONS[exercise].key)


CHOICES = [name for name in NAMES if isinstance(QUESTIONS[name].key, set)]


@pytest.mark.parametrize("exercise", CHOICES)
@pytest.mark.parametrize("form", [list, tuple, frozenset, lambda key: sorted(key)[::-1]])
def test_a_container_is_as_good_as_another(exercise, form):
    assert share(exercise, form(QUESTIONS[exercise].key)) == 1


@pytest.mark.parametrize("exercise", CHOICES)
def test_one_option_too_many_or_too_few_is_wrong(exercise):
    key = QUESTIONS[exercise].key
    for option in range(1, 6):
        assert share(exercise, key ^ {option}) == 0


@pytest.mark.parametrize("exercise", NAMES)
@pytest.mark.parametrize("answer", ["1", {"1"}, {1.5}, {True}, {"batch": "3"}, b"1", 1j, {(1,)}])
def test_an_answer_in_another_form_fails_on_both_sides(exercise, answer):
    assert share(exercise, answer) == 0
    with pytest.raises(Mismatch):
        visible(exercise, answer)


@pytest.mark.parametrize(
    ("exercise", "answer", "left"),
    [
        ("knn.Q3", 4, 1),
        ("softmax.Q2", False, 0),
        ("softmax.Q2", 1, 0),
        ("BatchNormalization.Q3", {"batch": {3}, "layer": [2]}, 1),
        ("BatchNormalization.Q3", {"batch": 3, "layer": 1}, 0.5),
        ("BatchNormalization.Q3", {"batch": 2, "layer": 3}, 0),
        ("BatchNormalization.Q3", {"batch": 3}, 0.5),
        ("BatchNormalization.Q3", {"batch": 3, "layer": None}, 0.5),
    ],
)
def test_special_answers(exercise, answer, left):
    assert share(exercise, answer) == left


# --- the visible form ----------------------------------------------------------------------------


@pytest.mark.parametrize("exercise", NAMES)
@pytest.mark.parametrize("answer", [None, set(), [], {}])
def test_nothing_is_no_answer_yet(exercise, answer):
    with pytest.raises(NotImplementedError, match="not answered yet / "):
        visible(exercise, answer)


def test_a_table_with_a_gap_is_no_answer_yet():
    with pytest.raises(NotImplementedError, match="not answered yet / "):
        visible("BatchNormalization.Q3", {"batch": 1, "layer": None})


def test_an_option_that_is_not_offered_is_named():
    with pytest.raises(Mismatch, match="the options are 1 to 4 / 选项编号为 1 到 4"):
        visible("two_layer_net.Q2", {1, 5})


def test_a_visible_check_knows_no_key():
    for exercise in CHOICES:
        for option in (1, 2, 3):
            visible(exercise, {option})
    visible("softmax.Q2", False)
    visible("BatchNormalization.Q3", {"batch": 1, "layer": 4})


# --- the wording in the notebooks ----------------------------------------------------------------


def wordings():
    """Each question that a source notebook asks: exercise, language and text."""
    for path in sorted((HOME / "source").glob("*/*.ipynb")):
        cells = nbformat.read(path, nbformat.NO_CONVERT).cells
        for place, cell in enumerate(cells):
            exercise = graded.exercise_of(graded.nbgrader_part(cell).get("grade_id", ""))
            if exercise.removesuffix(".solution") in QUESTIONS and exercise.endswith(".solution"):
                for text in cells[place - 2 : place]:
                    yield exercise.removesuffix(".solution"), text.metadata.dasecv.language, text


WORDINGS = list(wordings())


@pytest.mark.parametrize(("exercise", "language", "text"), WORDINGS, ids=lambda x: str(x)[:22])
def test_the_key_belongs_to_the_wording(exercise, language, text):
    question = QUESTIONS[exercise]
    phrase = question.english if language == "en" else question.chinese
    assert phrase in text.source, f"{exercise} ({language}) is worded otherwise; is its key right?"


@pytest.mark.parametrize(("exercise", "language", "text"), WORDINGS, ids=lambda x: str(x)[:22])
def test_the_options_are_numbered_from_one(exercise, language, text):
    numbers = [int(number) for number in OPTION.findall(text.source)]
    assert numbers == list(range(1, len(numbers) + 1))
    key = QUESTIONS[exercise].key
    if numbers and isinstance(key, set):
        visible(exercise, set(numbers))
        with pytest.raises(Mismatch):
            visible(exercise, {len(numbers) + 1})
