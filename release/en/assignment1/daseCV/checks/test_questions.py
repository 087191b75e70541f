"""Visible checks of the multiple-choice questions: that an answer has the right form, no more."""

from daseCV.checks import exercise
from daseCV.compare import expect

AGAIN = "mend it, then run both cells again / 改好后重新运行这两个单元格"
GOOD_FORM = "the form is right; grading tells whether the answer is / 形式无误，对错由评分判定"
UNANSWERED = "not answered yet / 尚未作答"
NUMBERS = "answer is a set of option numbers, like {1, 4} / answer 是选项编号的集合，如 {1, 4}"


def expect_options(numbers, most):
    """What was chosen is the number of an option, or several of them."""
    known = set(range(1, most + 1))
    several = isinstance(numbers, set | frozenset | list | tuple)
    chosen = list(numbers) if several else [numbers]
    expect(all(type(number) is int for number in chosen), NUMBERS, AGAIN)
    other = f"the options are 1 to {most} / 选项编号为 1 到 {most}"
    expect(set(chosen) <= known, other, AGAIN)
    return GOOD_FORM


def answered(student):
    """The answer, if there is one."""
    answer = student.notebook.answer
    empty = isinstance(answer, set | frozenset | list | tuple | dict) and not answer
    if answer is None or empty:
        raise NotImplementedError(UNANSWERED)
    return answer


@exercise("knn.Q2", live=True)
def test_knn_q2(student, rng):
    """The answer names options that are offered / 答案是题目给出的选项"""
    return expect_options(answered(student), 5)


@exercise("knn.Q3", live=True)
def test_knn_q3(student, rng):
    """The answer names options that are offered / 答案是题目给出的选项"""
    return expect_options(answered(student), 5)


@exercise("softmax.Q2", live=True)
def test_softmax_q2(student, rng):
    """The answer is True or False / 答案是 True 或 False"""
    form = "answer is True or False, without quotes / answer 应为 True 或 False，不加引号"
    expect(isinstance(answered(student), bool), form, AGAIN)
    return GOOD_FORM


@exercise("two_layer_net.Q2", live=True)
def test_two_layer_net_q2(student, rng):
    """The answer names options that are offered / 答案是题目给出的选项"""
    return expect_options(answered(student), 4)


@exercise("FullyConnectedNets.Q1", live=True)
def test_fully_connected_nets_q1(student, rng):
    """The answer names options that are offered / 答案是题目给出的选项"""
    return expect_options(answered(student), 3)


@exercise("BatchNormalization.Q3", live=True)
def test_batch_normalization_q3(student, rng):
    """Both kinds of normalization have an option that is offered / 两种归一化各对应一个选项"""
    form = 'answer is like {"batch": 1, "layer": 4} / answer 形如 {"batch": 1, "layer": 4}'
    given = answered(student)
    expect(isinstance(given, dict) and set(given) == {"batch", "layer"}, form, AGAIN)
    if any(option is None for option in given.values()):
        raise NotImplementedError(UNANSWERED)
    for option in given.values():
        expect_options(option, 4)
    return GOOD_FORM


@exercise("BatchNormalization.Q4", live=True)
def test_batch_normalization_q4(student, rng):
    """The answer names options that are offered / 答案是题目给出的选项"""
    return expect_options(answered(student), 3)
