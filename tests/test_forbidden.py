"""What an exercise forbids is found wherever it hides, and nothing else is."""

import pytest

from autograder import KIT, assignments, runner, syntax
from autograder.assignments import Rule
from autograder.forbidden import offence
from autograder.results import Verdict

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
        ("from numpy import *\ndef f(x):\n    return vectorize(abs)(x)", "line 3"),
        ("def f(x):\n    return g(x)\nfrom .m import naive as g\nfrom .n import g", "line 2"),
        ("def f(x):\n    return g(x)\ndef g(x): pass\nfrom .m import naive as g", "line 2"),
        ("def f(x):\n    from daseCV import naive\n    naive(x)", "line 2"),  # it may pass it on
        ("def naive(x): pass\ndef f(x): pass\nf = naive", "uses naive"),
        ("def naive(x): pass\nf = lambda x: naive(x)", "line 2 of daseCV/m.py uses naive"),
        ("import numpy as np\nn = np.linalg.norm\ndef f(x):\n    return n(x)", "line 2"),
        ("if True:\n    def f(x):\n        for row in x: pass", "line 3"),
        ("try: pass\nexcept ValueError: pass\nelse:\n    def f(x):\n        [v for v in x]", "5"),
        ("f, g = lambda x: [v for v in x], 1", "line 1"),
        ("from .m import naive as f", "daseCV/m.py uses f, which"),
        ("def f(x):\n    return x" + " + x" * 20_000, "too intricate"),
        ("def f(x): g0()\n" + "".join(f"def g{n}(): g{n + 1}()\n" for n in range(999)), "too int"),
    ],
)
def test_it_is_found(text, words):
    assert words in found(text)


LOOPS = "def loops(self, x):\n    for row in x: pass\n"
IN_CLASS = LOOPS.replace("\n", "\n  ")


@pytest.mark.parametrize(
    "text",
    [
        f"class C:\n  {IN_CLASS}f = loops",
        f"class C:\n  {IN_CLASS}\nC.f = C.loops",
        f"class B:\n  {IN_CLASS.replace('loops', 'f')}\nclass C(B): pass",
        f"class B:\n  {IN_CLASS}\nclass C(B):\n  def f(self, x): self.loops(x)",
        f"class B:\n  def loops(self): pass\n  def g(self, x): loops(self, x)\n"
        f"class C:\n  def f(self, x): B().g(x)\n{LOOPS}",
        f"class C:\n  if True:\n    def f(self, x): loops(self, x)\n{LOOPS}",
        f"class B:\n  {IN_CLASS.replace('loops', 'f')}\nC = B",
        "from .b import C",
        "from .b import C as B\nclass C(B): pass",
        "class C(C): pass\nfrom .b import C",
    ],
)
def test_it_is_found_in_a_method_wherever_the_class_has_it_from(text):
    said = found(text, exercise="C.f", b=f"class C:\n  {IN_CLASS.replace('loops', 'f')}")
    assert "loops; this exercise is done without a loop" in said


def test_it_is_found_in_another_file_of_the_student():
    text = "from daseCV.tools import f"
    assert "line 2 of daseCV/tools.py" in found(text, tools="def f(x):\n    for row in x: pass")
    text = "from daseCV.tools import g\ndef f(x):\n    return g(x)"
    assert "line 2 of daseCV/tools.py" in found(text, tools="def g(x):\n    for row in x: pass")


def test_it_is_found_where_a_file_passes_it_on():
    on, loops = "from .deep.er import g as h", "def g(x):\n    for row in x: pass"
    deep = {"on": on, "deep/__init__": "from .er import *", "deep/er": loops}
    for text in (
        "from daseCV.on import h\ndef f(x):\n    h(x)",
        "from daseCV.on import *\ndef f(x):\n    h(x)",
        "import daseCV.on\ndef f(x):\n    daseCV.on.h(x)",
        "from . import on\ndef f(x):\n    on.h(x)",
        "from daseCV.deep import g\ndef f(x):\n    g(x)",
    ):
        assert "line 2 of daseCV/deep/er.py" in found(text, **deep), text


def test_a_file_that_cannot_be_searched_is_refused_where_it_is_imported():
    text = "from daseCV.tools import g\ndef f(x):\n    return g(x)"
    for tools in ("#" * (syntax.LONGEST + 1), "x = 0" + "+x" * 50_000):
        english, _, chinese = found(text, tools=tools).partition(" / ")
        assert english.startswith("daseCV/tools.py is too ")
        assert english.endswith(" to be searched")
        assert chinese.startswith("daseCV/tools.py ")
        assert found("def f(x):\n    return x", tools=tools) == ""
    assert found(text, tools="def g(:") == ""  # the check will say so
    many = {f"m{n}": f"from .m{n + 1} import *" for n in range(99)}
    assert "too long" in found("from .m0 import *\ndef f(x):\n    return g(x)", **many)


def test_imports_that_lead_round_and_round_end():
    stars = "".join(f"from .m{n} import *\n" for n in range(30))
    names = ";".join(f"a{n}" for n in range(1000))
    around = {f"m{n}": stars for n in range(30)}
    assert "too intricate" in found(f"{stars}def f(x):\n    {names}", **around)


TORCH = Rule(names=("torch", "scipy"))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("import torch\ndef f(x):\n    return torch.nn.functional.conv2d(x)", 3),
        ("import torch.nn.functional as F\ndef f(x):\n    return F.conv2d(x)", 3),
        ("from torch import nn\ndef f(x):\n    return nn.Conv2d(3, 3)(x)", 3),
        ("from scipy.signal import *\ndef f(x):\n    return convolve2d(x)", 3),
        ("def f(x):\n    import torch as t\n    return t.tensor(x)", 2),
        ("def f(x):\n    from scipy import signal", 2),
        ("def f(x):\n    return __import__('torch').tensor(x)", 2),
        ("def g(x):\n    import scipy.signal\ndef f(x):\n    return g(x)", 2),
    ],
)
def test_nothing_of_a_forbidden_module_may_be_used(text, line):
    assert f"line {line} of daseCV/m.py uses " in found(text, TORCH)


@pytest.mark.parametrize(
    "text",
    [
        "import torch\ndef f(x):\n    return x\ndef g(x):\n    return torch.tensor(x)",
        "import torchlike\ndef f(x):\n    return torchlike.tensor(x)",
        "def f(torch):\n    return torch.sum()",
        "def f(x):\n    'import torch'\n    return x.torch",
    ],
)
def test_what_has_a_name_like_it_may(text):
    assert found(text, TORCH) == ""


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
        "def norm(x):\n    return x @ x\ndef f(x):\n    return norm(x)",
        "def f(x):\n    def norm(x):\n        return x @ x\n    return norm(x)",
        "TABLE = [i for i in range(9)]\ndef f(x):\n    return x[TABLE]",
        "f = abs",
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
    for exercise in entry.forbidden:
        function = exercise.split(".")[-1]
        (module,) = [n for n, text in files.items() if f"def {function}(".encode() in text]
        assert offence(files, module, entry.function(exercise), entry.rule(exercise)) == ""


NUMERICAL = {
    "affine_backward": "layers.py",
    "neural_net.TwoLayerNet.loss": "classifiers/neural_net.py",
    "FullyConnectedNet.batchnorm": "classifiers/fc_net.py",
}


def test_what_a_notebook_imports_may_stand_there():
    text = "from daseCV.gradient_check import *\ndef f(x):\n    return rel_error(len(x), 1)"
    assert found(text, assignments.find("assignment2").rule("affine_backward")) == ""


@pytest.mark.parametrize("exercise", NUMERICAL)
def test_a_numerical_gradient_is_none(zygote, exercise):
    name, module = exercise.split(".")[-2:], NUMERICAL[exercise]
    function = name[-1] if len(name) == 1 else f"{name[0]}.loss"
    text = (KIT / module).read_text("utf-8") + f"""
from daseCV.gradient_check import eval_numerical_gradient as _slope
_right = {function}
def _numerical(*arguments, **options):
    _slope(lambda x: 0.0, np.ones(1))
    return _right(*arguments, **options)
{function} = _numerical
"""
    (assignment,) = [n for n, a in assignments.ASSIGNMENTS.items() if module in a.edited]
    submission = runner.reference_submission({f"daseCV/{module}": text})
    result = runner.grade(submission, assignment, select=[exercise], zygote=zygote)
    (judged,) = result.exercises
    assert judged.verdict is Verdict.REFUSED
    assert "uses _slope" in judged.checks[0].message
