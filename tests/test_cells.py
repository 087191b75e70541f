"""Work that lives in notebook cells: found in whatever was handed in, and never run here."""

import json
import math
import subprocess
import sys
from pathlib import Path

import nbformat
import peak
import pytest

from autograder import cells, graded, runner
from autograder.intake import Submission
from autograder.results import Verdict
from autograder.sandbox import StudentError

STUB = (
    "answer = set()  # for example {1, 4}\n"
    "# *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****\n"
    'raise NotImplementedError("knn.Q2")  # TODO: your code in place of this line\n'
    "# *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****"
)


def cell(source, grade_id="knn-Q2-solution", kind="code", **more):
    part = {"nbgrader": {"grade_id": grade_id, "solution": True}} if grade_id else {}
    return {"cell_type": kind, "metadata": part, "source": source, "outputs": [], **more}


def notebook(*cells):
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


# --- notebooks -----------------------------------------------------------------------------------


def found(*cells_, name="knn.ipynb"):
    return cells.find(cells.read({name: notebook(*cells_)}), "knn.Q2")


def test_a_cell_is_known_by_its_grade_id():
    other = cell("answer = 2", "knn-Q3-solution")
    assert found(other, cell(["answer = \\\n", " {1}"]), cell("answer = 3")) == "answer = \\\n {1}"
    assert found(cell("answer = 1", kind="markdown"), cell("answer = 2")) == "answer = 2"
    assert found(other) is None


def test_the_notebook_of_the_exercise_comes_first_then_the_others():
    mine, draft = notebook(cell("mine")), notebook(cell("draft"))
    several = {"a copy.ipynb": draft, "knn.ipynb": mine, "old/knn.ipynb": notebook(cell("old"))}
    assert cells.find(cells.read(several), "knn.Q2") == "mine"
    assert cells.find(cells.read({**several, "knn.ipynb": notebook()}), "knn.Q2") == "draft"
    assert set(cells.read(several)) == {"a copy.ipynb", "knn.ipynb"}


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"\xff\xfe", b"[]", b"{}", b"null", b'{"cells": 3}', b"[" * 100_000, b"9" * 5000],
)
def test_a_broken_notebook_is_unreadable(data):
    known = cells.read({"knn.ipynb": data})
    assert known == {"knn.ipynb": None}
    assert cells.missing(known, "knn.Q2").startswith("knn.ipynb cannot be read / ")


@pytest.mark.parametrize(
    "odd",
    [
        None, 3, "cell", [], {}, {"cell_type": "code"}, {"cell_type": "code", "metadata": 3},
        {"cell_type": "code", "metadata": {"nbgrader": []}},
        {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": ["knn-Q2-solution"]}}},
    ],
)  # fmt: skip
def test_an_odd_cell_hides_no_other(odd):
    assert found(odd, cell("answer = 1")) == "answer = 1"


@pytest.mark.parametrize(
    ("source", "text"), [(None, ""), (3, ""), ([1, "x", None], "x"), ("\ud800", "?")]
)
def test_an_odd_source_is_text_all_the_same(source, text):
    assert found(cell(source)) == text


def test_what_is_missing_is_named():
    known = cells.read({"knn.ipynb": notebook(cell("answer = 1"))})
    assert cells.missing(known, "knn.Q2") == ""
    assert cells.missing(known, "knn.Q3").startswith("knn.ipynb has no cell for knn.Q3 / ")
    assert cells.missing(known, "svm.Q1").startswith("svm.ipynb was not handed in / ")


def test_lines_for_ipython_are_left_out_when_they_must_be():
    assert cells.python("if x:\n    !ls\n%timeit f()") == "if x:\n    pass\npass"
    modulo = "y = (7\n     % 3)"
    assert cells.python(modulo) == modulo


# --- in a child ----------------------------------------------------------------------------------

SOURCE = notebook(
    cell("import math\ndef half(x): return x / 2", None, metadata={"tags": ["setup", "prelude"]}),
    cell("import no_such_library", None, metadata={"tags": ["setup"]}),
    cell("def base(x): return half(x)", "N-base-solution"),
    cell("model = base(8)", "N-task-solution"),
)
TASK = ("N.base", "N.task")


@pytest.fixture
def module(zygote):
    """Open a child whose module `notebook` is made of what was handed in."""
    sessions = []

    def module(*handed_in, lent=()):
        known = cells.read({"N.ipynb": notebook(*handed_in)})
        files = cells.module(TASK, known, SOURCE, lent)
        sessions.append(zygote.open(files))
        return sessions[-1].student

    yield module
    for session in sessions:
        session.close()


def test_cells_run_after_the_prelude_in_one_module(module):
    student = module(
        cell("model = base(math.pi)", "N-task-solution"),
        cell("def base(x): return half(half(x))", "N-base-solution"),
        cell("def half(x): return 0", "N-prelude-solution"),  # a prelude of one's own
    )
    assert student.call("notebook.base", 8)[0] == 2
    assert student.call("notebook.model.hex")[0] == (math.pi / 4).hex()


def test_the_kit_s_cells_take_the_place_of_a_student_s(module):
    broken = [cell("def base(x) return", "N-base-solution")]
    broken += [cell("model = base(6)", "N-task-solution")]
    with pytest.raises(StudentError, match=r"SyntaxError: .* \(N\.ipynb: N\.base, line 1\)"):
        module(*broken).notebook.base(8)
    student = module(*broken, lent=["N.base"])
    assert student.notebook.base(8) == 4
    assert student.call("notebook.model.hex")[0] == (3.0).hex()


@pytest.mark.parametrize("code", ["model = 1.0\n1 / 0", "model = 1.0\nexit()\nmodel = 2.0"])
def test_what_a_cell_made_before_it_broke_can_be_used(module, code):
    student = module(cell(code, "N-task-solution"), lent=["N.base"])
    assert student.call("notebook.model.hex")[0] == (1.0).hex()


@pytest.mark.parametrize("code", ["1 / 0\nmodel = 1.0", "model = None\n1 / 0"])
def test_what_a_broken_cell_did_not_make_is_its_own_error(module, code):
    student = module(cell(code, "N-task-solution"), lent=["N.base"])
    line = 1 + code.startswith("model")
    with pytest.raises(StudentError, match=rf"Zero.* \(N\.ipynb: N\.task, line {line}\)"):
        student.call("notebook.model.hex")


def test_a_fault_in_given_code_is_told_where_the_student_s_called_it(module):
    student = module(cell("\nmodel = half('x')", "N-task-solution"), lent=["N.base"])
    with pytest.raises(StudentError, match=r"TypeError.* \(N\.ipynb: N\.task, line 2\)"):
        student.call("notebook.model.hex")


# --- answers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("answer = {1, 2}", {1, 2}),
        ("answer = [2,\n  1]", [2, 1]),
        ("answer: set = {3}", {3}),
        ("answer = choice = (1,)", (1,)),
        ("(answer := {3})", {3}),
        ("answer = set([1, 2])", [1, 2]),
        ("answer = frozenset((1, 2))", (1, 2)),
        ("answer = dict(batch=3, layer=2)", {"batch": 3, "layer": 2}),
        ("answer = False", False),
        ("%matplotlib inline\nanswer = {4}", {4}),
        ('"\\d"\nanswer = {4}', {4}),
        ("answer = {1}\nanswer = {2}  # on second thoughts", {2}),
        (STUB.replace("raise", "answer = {5}\nraise"), {5}),
    ],
)
def test_the_last_answer_counts(code, value):
    assert cells.answer(code) == value


@pytest.mark.parametrize(
    "code",
    [
        STUB, "", "x = 1", "answer = None", "answer = {}", "answer: set", "# answer = {1}",
        "answer = ''", 'answer = {"batch": None, "layer": None}', "for answer in [1]: pass",
    ],
)  # fmt: skip
def test_no_answer_is_none(code):
    with pytest.raises(cells.NotAnsweredError):
        cells.answer(code)


@pytest.mark.parametrize(
    "code",
    [
        "answer = chosen", "answer = f({1})", "answer = {1} | {2}", "answer = {1}\nanswer |= {2}",
        "answer = __import__('os').getpid()", "answer = {[1]}", "answer = -'x'",
        "answer = [x for x in (1, 2)]", "answer = sorted({2, 1}, reverse=True)",
    ],
)  # fmt: skip
def test_an_answer_that_has_to_be_computed_is_refused(code):
    with pytest.raises(cells.NotLiteralError, match="the answer is no plain value, such as"):
        cells.answer(code)


@pytest.mark.parametrize(
    "code",
    [
        "answer =", "answer = " + "(" * 300, "answer = " + "-" * 15_000 + "1",
        "answer = 1" + "+1" * 9000, "answer = a" + ".b" * 9000, "answer = " + "9" * 5000,
        "answer = " + "lambda:" * 2500 + "1", "answer = '" + "x" * cells.LONGEST + "'",
        "if 1: pass\n" + "elif 1: pass\n" * 1500,
    ],
)  # fmt: skip
def test_no_cell_is_too_much_for_the_parser(code):
    with pytest.raises((cells.NotLiteralError, cells.NotAnsweredError)):
        cells.answer(code)


COST = """
import json, sys, time
import peak
from autograder import cells
data = sys.stdin.buffer.read()
before = peak.mebibytes()
found = cells.read({"knn.ipynb": data})
try:
    cells.answer(cells.find(found, "knn.Q2") or "")
except ValueError:
    pass
print(json.dumps([found["knn.ipynb"] is None, peak.mebibytes() - before, time.process_time()]))
"""
FLOODS = {  # 20 MB, or a cell as long as is read
    "tables": b"[" + b"{}," * 6_000_000 + b"{}]",
    "commands": notebook(cell("%\n" * 6_000_000)),
    "statements": notebook(cell("a;" * 9999)),
    "an import": notebook(cell("import a" + ".b" * 9990)),
    "an import in Chinese": notebook(cell("import a" + ".一" * 9990)),
}


@pytest.mark.parametrize("flood", FLOODS)
def test_no_notebook_costs_the_grader_much(flood):
    done = subprocess.run(
        [sys.executable, "-c", COST], cwd=Path(peak.__file__).parent, input=FLOODS[flood],
        capture_output=True, check=True,
    )  # fmt: skip
    unreadable, mebibytes, seconds = json.loads(done.stdout)
    assert unreadable == (flood == "tables")
    assert mebibytes < 150
    assert seconds < 4


# --- graded --------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    """A course whose only notebook asks one question."""
    folder = tmp_path_factory.mktemp("course")
    check = nbformat.v4.new_code_cell('check("knn.Q2")', id="check")
    part = {"grade": True, "solution": False, "points": 2, "grade_id": graded.grade_id("knn.Q2")}
    check.metadata["nbgrader"] = part
    (folder / "source" / "assignment1").mkdir(parents=True)
    made = nbformat.v4.new_notebook(cells=[check])
    nbformat.write(made, folder / "source" / "assignment1" / "knn.ipynb")
    return folder


@pytest.mark.parametrize(
    ("files", "verdict", "message"),
    [
        ({}, Verdict.NOT_HANDED_IN, "knn.ipynb was not handed in"),
        ({"knn.ipynb": b"{"}, Verdict.NOT_HANDED_IN, "knn.ipynb cannot be read"),
        ({"knn.ipynb": notebook()}, Verdict.NOT_HANDED_IN, "knn.ipynb has no cell for knn.Q2"),
        ({"knn.ipynb": notebook(cell(STUB))}, Verdict.NOT_IMPLEMENTED, ""),
        ({"knn.ipynb": notebook(cell("answer = f()"))}, Verdict.FAILED, "the answer is no plain"),
        ({"knn.ipynb": notebook(cell("answer = {1"))}, Verdict.FAILED, "is not valid Python"),
        ({"knn.ipynb": notebook(cell("answer = {1}"))}, Verdict.FAILED, "the answer is not right"),
        ({"knn.ipynb": notebook(cell("answer = {1, 2, 3}"))}, Verdict.PASSED, ""),
    ],
)
def test_an_answer_is_graded(zygote, course, files, verdict, message):
    submission = Submission.from_files("someone", files)
    result = runner.grade(submission, "assignment1", zygote=zygote, course=course)
    (exercise,) = result.exercises
    assert exercise.verdict is verdict
    assert exercise.earned == (2 if verdict is Verdict.PASSED else 0)
    assert message in exercise.checks[0].message
