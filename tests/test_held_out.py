"""The data that tasks are judged with are those the student trained on, prepared alike."""

import time

import numpy as np
import pytest

from autograder import held_out
from daseCV import data_utils


@pytest.fixture
def digest():
    return data_utils.data_digest(held_out.stand_in())


def test_images_are_prepared_as_the_student_had_them(digest):
    data = held_out.data(digest)
    theirs = data_utils.get_CIFAR10_data(num_test=2000, folder=held_out.stand_in())
    np.testing.assert_allclose(data["X_train"], theirs["X_train"][:500], atol=1e-4)
    np.testing.assert_allclose(data["X_held_out"], theirs["X_test"][1000:], atol=1e-4)
    assert np.array_equal(data["y_held_out"], theirs["y_test"][1000:])
    assert np.array_equal(data["y_train"], theirs["y_train"][:500])


def test_pixels_are_those_of_the_files(digest):
    pixels = held_out.pixels(digest)
    X, y, X_test, y_test = data_utils.load_CIFAR10(held_out.stand_in())
    assert np.array_equal(pixels["X_train"], X[:5000].transpose(0, 3, 1, 2))
    assert np.array_equal(pixels["y_train"], y[:5000])
    assert np.array_equal(pixels["X_held_out"], X_test[1000:3000].transpose(0, 3, 1, 2))
    assert np.array_equal(pixels["y_held_out"], y_test[1000:3000])
    assert pixels["X_train"].dtype == pixels["X_held_out"].dtype == np.uint8


def test_a_data_set_is_read_once(digest):
    assert held_out.data(digest) is held_out.data(digest)
    assert held_out.pixels(digest) is held_out.pixels(digest)


@pytest.mark.parametrize("read", [held_out.data, held_out.pixels])
def test_unknown_data_is_the_students_matter(read):
    with pytest.raises(held_out.UnreadableError, match="neither CIFAR-10 nor the stand-in"):
        read("0" * 64)


@pytest.mark.parametrize("read", [held_out.data, held_out.pixels])
def test_data_that_the_grader_lacks_is_the_graders_matter(monkeypatch, tmp_path, read):
    monkeypatch.setenv("DASECV_DATA", str(tmp_path))
    read.cache_clear()  # another test may have graded work on the official data
    with pytest.raises(held_out.NoDataError, match="python -m daseCV.datasets download"):
        read(held_out.OFFICIAL)


@pytest.mark.parametrize(
    "arrays",
    [{}, {"arguments": np.array("{}")}, {"arguments": np.array("{"), "data": np.array("")},
     {"arguments": np.array("[1]"), "data": np.array("")},
     {"arguments": np.array("[" * 100_000), "data": np.array("")},
     {"arguments": np.array("{}"), "data": np.array(["", ""])}],
)  # fmt: skip
def test_a_file_that_save_did_not_write_is_refused(arrays):
    with pytest.raises(held_out.UnreadableError):
        held_out.read_work(arrays)


def test_an_array_in_place_of_a_text_is_not_spelt_out():
    """NumPy leaves nothing out of one whose axes are short: of a million numbers it makes 10 MB."""
    many, before = np.zeros((2,) * 20, np.int8), time.process_time()
    with pytest.raises(held_out.UnreadableError):
        held_out.read_work({"arguments": many, "data": np.array("")})
    assert time.process_time() - before < 1
