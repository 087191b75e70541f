"""The words of comparison, as golden strings, and what is forgiven."""

import numpy as np
import pytest

from daseCV.compare import (
    Mismatch,
    expect,
    expect_close,
    expect_gradient,
    expect_labels,
    expect_shape,
)

RIGHT = np.arange(6.0).reshape(2, 3)
NEARLY = np.where(RIGHT == 4, 4.5, RIGHT)


def message(function, *arguments, **options):
    with pytest.raises(Mismatch) as caught:
        function(*arguments, **options)
    return str(caught.value)


GOLDEN = [
    (None, "dw is not an array / dw 不是数组\n  it is None: is it computed, and returned?"),
    (
        [[1.0]],
        "dw is not an array / dw 不是数组\n"
        "  it is of type list; it should be an array of shape (2, 3)",
    ),
    (
        RIGHT.T,
        "dw has the wrong shape / dw 的形状不对\n  it is (3, 2), it should be (2, 3)",
    ),
    (
        RIGHT.astype(np.int64),
        "dw has the wrong kind of numbers / dw 的数据类型不对\n"
        "  its dtype is int64, it should be floating point",
    ),
    (
        np.where(RIGHT == 4, np.nan, RIGHT),
        "dw has entries that are nan or inf / dw 含有 nan 或 inf\n"
        "  1 of 6 entries, the first is dw[1, 1]",
    ),
    (
        NEARLY,
        "dw has wrong values / dw 的数值不对\n"
        "  1 of 6 entries differ; the worst, dw[1, 1], is off by 0.5"
        " (relative 0.059, allowed 1e-07)",
    ),
]


@pytest.mark.parametrize(("actual", "text"), GOLDEN)
def test_the_words_for_arrays(actual, text):
    assert message(expect_close, actual, RIGHT, "dw") == text


def test_the_words_for_numbers():
    assert message(expect_close, 2.5, 2.0, "loss", tol=1e-3) == (
        "loss has a wrong value / loss 的数值不对\n"
        "  it is off by 0.5 (relative 0.11, allowed 1e-03)"
    )
    assert message(expect_close, "2.0", 2.0, "loss") == (
        "loss is not a number / loss 不是一个数\n  it is of type str; it should be a number"
    )


def test_the_words_for_labels():
    assert message(expect_labels, np.array([0, 2.0]), [0, 1], "labels") == (
        "labels has wrong labels / labels 的类别不对\n  1 of 2 differ, the first is labels[1]"
    )


def test_a_hint_is_the_last_line():
    text = message(expect, False, "t stays 0 / t 一直是 0", hint="count first / 先加一")
    assert text == "t stays 0 / t 一直是 0\n  hint / 提示: count first / 先加一"
    text = message(expect_close, 1.0, 2.0, "t", hint="why / 原因")
    assert text.splitlines()[-1] == "  hint / 提示: why / 原因"


@pytest.mark.parametrize("value", [2.0, 2, np.float32(2), np.array(2.0)])
def test_a_scalar_may_be_any_number(value):
    expect_close(value, 2.0, "loss")


def test_labels_may_be_floats():
    expect_labels(np.array([0.0, 3.0]), np.array([0, 3]), "labels")


def test_noise_beside_zero_is_forgiven():
    expect_close(RIGHT + 1e-13, RIGHT, "dx")
    expect_close(np.full(3, 1e-12), np.zeros(3), "dx")
    expect_close(np.full(3, 4e-17), np.full(3, 1e-17), "dx")


def test_words_are_no_labels():
    assert "its dtype is <U1, it should be a kind of number" in message(
        expect_labels, np.array(["a"]), [0], "labels"
    )


def test_a_small_gradient_is_still_compared():
    assert "wrong values" in message(expect_close, np.full(3, 2e-5), np.full(3, 1e-5), "dx")


def test_a_huge_value_is_no_match():
    assert "wrong values" in message(expect_close, np.full(2, 1e308), np.full(2, -1e308), "dx")


def test_the_parts_are_kept():
    with pytest.raises(Mismatch) as caught:
        expect_shape(RIGHT, (6,), "dw", hint="h")
    mismatch = caught.value
    assert (mismatch.what, mismatch.hint) == ("dw has the wrong shape / dw 的形状不对", "h")
    assert mismatch.detail == "it is (2, 3), it should be (6,)"


def test_a_right_gradient_passes():
    rng = np.random.default_rng(0)
    x, dout = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    expect_gradient(2 * x * dout, lambda v: v**2, x, dout, "dx")
    expect_gradient(2 * x, lambda v: float(np.sum(v**2)), x, 1.0, "dx")


def test_a_wrong_gradient_is_described():
    x = np.ones(2)
    text = message(expect_gradient, np.array([2.0, 3.0]), lambda v: v**2, x, np.ones(2), "dx")
    assert text == (
        "dx has wrong values / dx 的数值不对\n"
        "  1 of 2 entries differ; the worst, dx[1], is off by 1 (relative 0.2, allowed 1e-06)"
    )


def test_a_kink_within_a_step_is_no_mistake():
    x = np.array([3e-6, -2e-7, 1.0])
    expect_gradient(np.array([1.0, 0.0, 1.0]), lambda v: np.maximum(v, 0), x, np.ones(3), "dx")


def test_a_gradient_that_is_zero_is_no_noise():
    x = np.linspace(1, 2, 5)
    expect_gradient(np.zeros(5), lambda v: 1e3 * (v - v + 1.0) * np.pi, x, np.ones(5), "dx")


def test_a_forward_pass_that_changes_its_argument_is_no_trouble():
    def square(v):
        v *= v
        return v

    expect_gradient(np.array([4.0, 6.0]), square, np.array([2.0, 3.0]), np.ones(2), "dx")


def test_a_forward_pass_that_cannot_be_measured():
    x = np.array([1e-6])
    text = message(expect_gradient, x, lambda v: np.where(v < 0, np.nan, v), x, np.ones(1), "dx")
    assert text == (
        "dx cannot be checked: the forward pass gives nan or inf"
        " / 无法检查 dx：前向传播得到 nan 或 inf"
    )
    text = message(expect_gradient, x, lambda v: None, x, np.ones(1), "dx")
    assert text.startswith("the output that dx belongs to is not an array")
