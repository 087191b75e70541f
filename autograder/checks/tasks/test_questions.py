"""Hidden checks of the multiple-choice questions: the key of each, for one wording of it.

The course has worded some of these questions in several ways, and the right options differ. The
tell-tale phrases of the wording that a key belongs to stand beside it; a test finds them in the
notebook, in each language.
"""

from typing import Any, NamedTuple

import pytest

from daseCV.compare import expect

WRONG = "the answer is not right / 答案不对"
FORM = "it has another form than the question asks for / 答案的形式与题目要求不符"


class Question(NamedTuple):
    """What is right, and a phrase of the English and of the Chinese wording for which it is."""

    key: Any
    english: str
    chinese: str


ACTIVATIONS = "1. Sigmoid\n2. ReLU\n3. Leaky ReLU"
QUESTIONS = {
    "knn.Q2": Question({1, 2, 3}, "5. Rotating the coordinate axes", "5. 旋转坐标轴"),
    "knn.Q3": Question({4}, "(equal is not lower)", "（相等不算低于）"),
    "softmax.Q2": Question(
        True, "of the SVM stays the same, while that of the softmax",
        "SVM 的总损失不变，而 softmax 的总损失却一定会变",
    ),
    "two_layer_net.Q2": Question(
        {1, 3}, "3. Increase the regularization strength", "3. 加大正则化强度"
    ),
    "FullyConnectedNets.Q1": Question({1, 2}, ACTIVATIONS, ACTIVATIONS),
    "BatchNormalization.Q3": Question(
        {"batch": 3, "layer": 2}, "3. Compute the mean image", "3. 算出整个数据集的平均图像"
    ),
    "BatchNormalization.Q4": Question(
        {2}, "2. The features have a very small dimension", "2. 特征的维度很小"
    ),
}  # fmt: skip


def _chosen(given):
    """The numbers of the options that an answer names, in whatever container."""
    numbers = given if isinstance(given, set | frozenset | list | tuple) else [given]
    expect(all(type(number) is int for number in numbers), FORM)
    return set(numbers)


def _expect_chosen(exercise, given):
    expect(_chosen(given) == QUESTIONS[exercise].key, WRONG)


def _expect_one_of(exercise, part, given):
    """One part of an answer that is a table."""
    expect(isinstance(given, dict) and part in given, FORM)
    expect(_chosen(given[part]) == {QUESTIONS[exercise].key[part]}, WRONG)


@pytest.mark.exercise("knn.Q2")
def test_knn_q2(answer):
    """The right options are named, and no other / 选出了全部正确选项，且没有多选"""
    _expect_chosen("knn.Q2", answer)


@pytest.mark.exercise("knn.Q3")
def test_knn_q3(answer):
    """The right options are named, and no other / 选出了全部正确选项，且没有多选"""
    _expect_chosen("knn.Q3", answer)


@pytest.mark.exercise("softmax.Q2")
def test_softmax_q2(answer):
    """The statement is judged rightly / 对命题的判断正确"""
    expect(type(answer) is bool, FORM)
    expect(answer is QUESTIONS["softmax.Q2"].key, WRONG)


@pytest.mark.exercise("two_layer_net.Q2")
def test_two_layer_net_q2(answer):
    """The right options are named, and no other / 选出了全部正确选项，且没有多选"""
    _expect_chosen("two_layer_net.Q2", answer)


@pytest.mark.exercise("FullyConnectedNets.Q1")
def test_fully_connected_nets_q1(answer):
    """The right options are named, and no other / 选出了全部正确选项，且没有多选"""
    _expect_chosen("FullyConnectedNets.Q1", answer)


@pytest.mark.exercise("BatchNormalization.Q3")
@pytest.mark.parametrize("part", ["batch", "layer"])
def test_batch_normalization_q3(answer, part):
    """The step that resembles each normalization is named / 指出了与每种归一化相似的步骤"""
    _expect_one_of("BatchNormalization.Q3", part, answer)


@pytest.mark.exercise("BatchNormalization.Q4")
def test_batch_normalization_q4(answer):
    """The right options are named, and no other / 选出了全部正确选项，且没有多选"""
    _expect_chosen("BatchNormalization.Q4", answer)
