"""What an exercise forbids is found wherever it hides, and nothing else is."""

import pytest

from autograder import KIT, assignments
from autograder.assignments import Rule
from autograder.forbidden import offence

MODULE = "daseCV/m.py"
NO_LOOPS = Rule(0, ("daseCV.m.naive", "numpy.linalg.norm"))


def found(text, rule=NO_LOOPS, exercise="f", **others):
    files = {MODULE: text, **{f"daseCV/{name}.py": other for name, other in others.items()}}
    return offence({name: t.encode() for name, t in files.items()}, MODULE, exercise, rule)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def f(x):\n    for row in x: pass", "line 2 of daseCV/m.py loops"),
        ("def f(x):\n    while x: x -= 1", "line 2"),
        ("def f(x):\n    return [v for v in x]", "line 2"),
        ("def f(x):\n    return list(map(abs, x))", "line 2"),
        ("import numpy as np\ndef f(x):\n    return np.vectorize(abs)(x)", "line 3"),
        ("from numpy import apply_along_axis as a\ndef f(x):\n    return a(abs, 0, x)", "line 3"),
        ("def f(x):\n    return g(x)\ndef g(x):\n    for row in x: pass", "line 4"),
        ("def f(x):\n    return f(x[1:])", "line 2"),
        ("def f(x):\n    def g():\n        for row in x: pass\n    g()", "line 3"),
        ("def naive(x): pass\ndef f(x):\n    g = naive\n    return g(x)", "uses naive"),
        ("from .m import naive as n\ndef f(x):\n    return n(x)", "uses n, which"),
        ("from daseCV.m import *\ndef f(x):\n    return naive(x)", "uses naive"),
        ("import numpy.linalg as LA\ndef f(x):\n    return LA.norm(x)", "uses LA.norm"),
        ("def f(x):\n    import numpy\n    return numpy.linalg.norm(x)", "numpy.linalg.norm"),
        ("def f(x):\n    return x" + " + x" * 2000, "nested too deeply"),
    ],
)
def test_it_is_found(text, words):
    assert words in found(text)


def test_it_is_found_in_another_file_of_the_student():
    text = "from daseCV.tools import g\ndef f(x):\n    return g(x)"
    assert "line 2 of daseCV/tools.py" in found(text, tools="def g(x):\n    for row in x: pass")


def test_it_is_found_in_another_method():
    text = "class C:\n  def f(self):\n    return self.g()\n  def g(self):\n    for i in (): pass"
    assert "line 5" in found(text, exercise="C.f")


def test_loops_are_counted_through_calls():
    text = "def f(x):\n    for row in x: g(row)\ndef g(row):\n    for v in row: pass"
    assert found(text, Rule(loops=2)) == ""
    assert "至多 1 层" in found(text, Rule(loops=1))


def test_what_was_called_outside_a_loop_is_read_again_inside_one():
    text = "def f(x):\n    g(x)\n    for row in x: g(row)\ndef g(row):\n    for v in row: pass"
    assert "line 5" in found(text, Rule(loops=1))


def test_a_name_is_that_of_its_own_file_first():
    text = "def f(x):\n    return g(x)\ndef g(x):\n    return x"
    assert found(text, tools="def g(x):\n    for row in x: pass") == ""


@pytest.mark.parametrize(
    "text",
    [
        "def f(x):\n    return x @ x.T",
        "def f(x):\n    naive = x + 1\n    return naive",
        "def f(naive):\n    return naive",
        "def g(x):\n    for row in x: pass\ndef f(g):\n    return g.sum()",
        "for i in range(3): pass\ndef f(x):\n    '''for row in x: naive(x)'''\n    return x",
        "def f(x:",
    ],
)
def test_nothing_else_is(text):
    assert found(text) == ""


def test_recursion_without_a_limit_on_loops_ends():
    assert found("def f(x):\n    for y in x: f(y)", Rule(names=("daseCV.m.naive",))) == ""


@pytest.mark.parametrize("entry", assignments.ASSIGNMENTS.values(), ids=lambda entry: entry.name)
def test_the_solution_keeps_the_rules(entry):
    files = {f"daseCV/{name}": (KIT / name).read_bytes() for name in entry.edited}
    for exercise, rule in entry.forbidden.items():
        function = exercise.split(".")[-1]
        (module,) = [n for n, text in files.items() if f"def {function}(".encode() in text]
        assert offence(files, module, exercise, rule) == ""
