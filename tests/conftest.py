"""What the tests share: `--refresh`, a zygote, and courses and hand-ins that are made once."""

import shutil

import pytest
from torch_notebook import NAME, SOURCE

from autograder import course, solution
from autograder.sandbox import NoWallError, Zygote, at_least


def pytest_addoption(parser):
    parser.addoption("--refresh", action="store_true", help="write the golden files anew")


def pytest_configure(config):
    config.addinivalue_line("markers", "exercise(name): of hidden checks that a test imports")


@pytest.fixture(scope="session")
def zygote():
    """For code of our own: without a wall where none stands."""
    with Zygote(among=at_least(trusted=True)) as made:
        yield made


@pytest.fixture(scope="session")
def strangers_welcome():
    """Skip where no wall stands: strangers' code is not graded there."""
    try:
        with Zygote() as tried:
            tried.start()
    except NoWallError as error:
        pytest.skip(str(error).splitlines()[0])


@pytest.fixture(scope="session")
def released(tmp_path_factory):
    """A course in which both languages of assignment2 were just released, by nbgrader itself."""
    made = course.Course.new(tmp_path_factory.mktemp("released") / "course")
    made.release("assignment2")
    return made


@pytest.fixture(scope="session")
def small_course(tmp_path_factory):
    """A course of one notebook with three hand-ins, none of them graded yet."""
    from nbgrader_run import new  # takes seconds

    folder = tmp_path_factory.mktemp("small") / "course"
    new(folder)
    return folder


@pytest.fixture(name="course")
def copied_course(small_course, tmp_path):
    """A copy of it."""
    return shutil.copytree(small_course, tmp_path / "course")


@pytest.fixture(scope="session")
def pytorch_course(tmp_path_factory):
    """A course of PyTorch.ipynb alone."""
    folder = tmp_path_factory.mktemp("course")
    (folder / "source" / "assignment2").mkdir(parents=True)
    (folder / "source" / "assignment2" / NAME).write_bytes(SOURCE.read_bytes())
    return folder


@pytest.fixture(scope="session")
def pytorch_files(pytorch_course):
    """The files of its model hand-in."""
    return dict(solution.hand_in("assignment2", pytorch_course).files)
