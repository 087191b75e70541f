"""What the tests share: `--refresh`, a zygote, and one course played through for all."""

import pytest

from autograder import course
from autograder.sandbox import Zygote


def pytest_addoption(parser):
    parser.addoption("--refresh", action="store_true", help="write the golden files anew")


def pytest_configure(config):
    config.addinivalue_line("markers", "exercise(name): of hidden checks that a test imports")


@pytest.fixture(scope="session")
def zygote():
    with Zygote() as made:
        yield made


@pytest.fixture(scope="session")
def released(tmp_path_factory):
    """A course in which both languages of assignment2 were just released, by nbgrader itself."""
    made = course.Course.new(tmp_path_factory.mktemp("released") / "course")
    made.release("assignment2")
    return made
