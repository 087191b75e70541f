"""Policy is a test: imports go downward, every file says its job, documents name real commands."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from autograder import CHECKS, HOME, assignments, graded, prove, release, stubs
from autograder.graded import grade_id

SOURCES = [p for folder in ("autograder", "daseCV") for p in sorted((HOME / folder).rglob("*.py"))]
# A module may import those of its own row and of the rows below it.
LAYERS = (
    ("cli", "__main__"),
    ("demo", "exports", "guards", "plugins", "prove"),
    ("course", "demo_class", "slips", "solution", "collect", "kept", "resume"),
    ("points", "release", "runner", "report", "prose"),
    ("judge",),
    ("endings", "children"),
    ("cells", "forbidden", "held_out", "syntax"),
    ("sandbox", "intake"),
    ("assignments", "basket", "graded", "notebooks", "outline", "repair", "results", "stubs"),
)
NBGRADER = {"exports", "guards", "plugins"}
INSIDE = {"__future__", "numpy", *sys.stdlib_module_names}


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            package = f"{node.module}." if node.module else ""
            names |= {f"{package}{alias.name}" for alias in node.names} | {package.rstrip(".")}
    return names


def rank(module: str) -> int:
    return next(n for n, row in enumerate(LAYERS) if module in row)


GRADER = sorted((HOME / "autograder").glob("[!_]*.py"))


@pytest.mark.parametrize("path", GRADER, ids=lambda p: p.stem)
def test_imports_go_downward(path):
    ours = {n.split(".")[1] for n in imported(path) if n.startswith("autograder.")}
    known = {module for row in LAYERS for module in row}
    upward = {m for m in ours & known if rank(m) < rank(path.stem)}
    assert not upward, f"{path.stem} imports {upward}, which stand above it"


def test_three_modules_know_nbgrader():
    knowing = {
        path.stem for path in (HOME / "autograder").rglob("*.py")
        if any(name.split(".")[0] == "nbgrader" for name in imported(path))
    }  # fmt: skip
    assert knowing == NBGRADER


def test_the_package_imports_nothing_of_the_grader():
    """nbgrader takes seconds to import."""
    for path in sorted((HOME / "daseCV").rglob("*.py")):
        assert not any(n.startswith(("autograder", "nbgrader")) for n in imported(path)), path


def test_inside_the_sandbox_there_is_the_standard_library_and_numpy():
    for path in sorted((HOME / "autograder/sandbox/inside").glob("*.py")):
        own = {p.stem for p in path.parent.glob("*.py")}
        outside = {
            n for n in imported(path)
            if n.split(".")[0] not in INSIDE | own and not n.startswith("autograder.sandbox.inside")
        } - {""}  # fmt: skip
        assert not outside, f"{path.name} imports {outside}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(HOME).as_posix())
def test_every_file_says_its_job_first(path):
    doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert doc, f"{path} has no docstring"
    assert len(doc.splitlines()[0]) > 10


def test_every_check_is_of_an_exercise_and_the_reverse():
    assert prove.orphans(HOME) == []
    for name in assignments.ASSIGNMENTS:
        assert not [f for f in release.faults(name, HOME) if "no check" in f]


def test_every_solution_in_a_module_is_of_an_exercise():
    for entry in assignments.ASSIGNMENTS.values():
        known = {cell.exercise for _, cell in graded.of_assignment(entry.name, HOME)}
        own = {"BestConvNet.__init__", "BestConvNet.loss"}  # judged by their task
        for module in entry.edited:
            path = f"daseCV/{module}"
            cut = {r.exercise for r in stubs.regions((HOME / path).read_text("utf-8"), path)}
            assert cut - set(entry.given) <= known | own, module


def test_every_check_has_a_sentence_in_both_languages():
    for path in sorted(CHECKS.rglob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                doc = ast.get_docstring(node) or ""
                assert re.fullmatch(r"[^/\n]+ / [^\n]*[\u4e00-\u9fff][^\n]*", doc), node.name


def test_exercises_have_names_that_grade_ids_can_hold():
    for name in release.hidden_exercises():
        assert "-" not in name
        assert re.fullmatch(r"[A-Za-z0-9_-]+", grade_id(name))


def test_the_modules_of_the_table_exist_and_stand_in_one_place():
    for entry in assignments.ASSIGNMENTS.values():
        assert not set(entry.edited) & set(entry.provided)
        for name in entry.modules:
            assert (HOME / "daseCV" / name).is_file(), name



def test_documents_name_only_words_of_the_makefile():
    targets = set(re.findall(r"^([a-z-]+):", (HOME / "Makefile").read_text(), re.M))
    for name in ("README.md", "CONTRIBUTING.md", *(p.name for p in (HOME / "docs").glob("*.md"))):
        path = HOME / name if (HOME / name).exists() else HOME / "docs" / name
        used = set(re.findall(r"`make ([a-z-]+)`", path.read_text(encoding="utf-8")))
        assert used <= targets, f"{name} names make {used - targets}"


def test_nothing_committed_names_a_data_set_or_a_hand_in():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=HOME, capture_output=True, text=True, check=True
    ).stdout.split()
    assert listed
    bad = re.compile(r"data_batch|\.npz$|gradebook\.db|^(submitted|autograded|feedback|results)/")
    assert not [name for name in listed if bad.search(name)]
