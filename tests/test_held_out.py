"""The data that tasks are judged with are those the student trained on, prepared alike."""

import numpy as np
import pytest

from autograder import held_out
from daseCV import data_utils


def test_images_are_prepared_as_the_student_had_them():
    folder = held_out.stand_in()
    data = held_out.data(data_utils.data_digest(folder))
    theirs = data_utils.get_CIFAR10_data(num_test=2000, folder=folder)
    np.testing.assert_allclose(data["X_train"], theirs["X_train"][:500], atol=1e-4)
    np.testing.assert_allclose(data["X_held_out"], theirs["X_test"][1000:], atol=1e-4)
    assert np.array_equal(data["y_held_out"], theirs["y_test"][1000:])
    assert np.array_equal(data["y_train"], theirs["y_train"][:500])


def test_unknown_data_is_the_students_matter():
    with pytest.raises(held_out.UnreadableError, match="neither CIFAR-10 nor the stand-in"):
        held_out.data("0" * 64)


def test_data_that_the_grader_lacks_is_the_graders_matter(monkeypatch, tmp_path):
    monkeypatch.setenv("DASECV_DATA", str(tmp_path))
    with pytest.raises(held_out.NoDataError, match="python -m daseCV.datasets download"):
        held_out.data(held_out.OFFICIAL)


@pytest.mark.parametrize(
    "arrays",
    [{}, {"arguments": np.array("{}")}, {"arguments": np.array("{"), "data": np.array("")},
     {"arguments": np.array("[1]"), "data": np.array("")}],
)  # fmt: skip
def test_a_file_that_save_did_not_write_is_refused(arrays):
    with pytest.raises(held_out.UnreadableError):
        held_out.read_work(arrays)
