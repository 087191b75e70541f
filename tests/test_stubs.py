"""Solutions become stubs; bad markers and leaks are named by file and line."""

import ast

import pytest

from autograder import KIT, stubs

SOLVED = '''\
def double(x):
    """Twice x."""
    out = None
    # TODO: double it.
    ### BEGIN SOLUTION
    out = np.add(x, x)
    ### END SOLUTION
    return out


class Net:
    def loss(self, X):
        ### BEGIN SOLUTION
        return float(X.sum())
        ### END SOLUTION
'''


def test_stub_keeps_all_but_the_solution():
    expected = SOLVED.replace("    out = np.add(x, x)\n", "").replace(
        "        return float(X.sum())\n", ""
    )
    for indent, name in (("    ", "double"), ("        ", "Net.loss")):
        expected = expected.replace(
            f"{indent}{stubs.BEGIN}\n{indent}{stubs.END}\n",
            f"{indent}{stubs.START_LINE}\n"
            f'{indent}raise NotImplementedError("{name}")'
            "  # TODO: your code in place of this line\n"
            f"{indent}{stubs.END_LINE}\n",
            1,
        )
    assert stubs.stub(SOLVED, "f.py") == expected
    ast.parse(expected)


def test_given_exercises_keep_their_solution_without_markers():
    text = stubs.stub(SOLVED, "f.py", given={"double"})
    assert "out = np.add(x, x)" in text
    assert "float(X.sum())" not in text
    assert "BEGIN" not in text


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("### END SOLUTION\n", "f.py:1: `### END SOLUTION` without"),
        ("x = 1\n### BEGIN SOLUTION\n", "f.py:2: `### BEGIN SOLUTION` is never closed"),
        ("### BEGIN SOLUTION\n### BEGIN SOLUTION\n", "f.py:2: `### BEGIN SOLUTION` inside"),
        ("# begin solution\n", "f.py:1: unknown marker `# begin solution`"),
        ("x = 1  ### BEGIN SOLUTION\n", "f.py:1: unknown marker"),
        ("#### END-SOLUTION ####\n", "f.py:1: unknown marker"),
        ("### BEGIN SOLUTION\nx = 1\n### END SOLUTION\n", "f.py:1: this region stands in no"),
    ],
)
def test_bad_markers_are_named_by_file_and_line(text, fault):
    with pytest.raises(stubs.MarkerError) as error:
        stubs.stub(text, "f.py")
    assert str(error.value).startswith(fault)


def test_a_solution_line_elsewhere_is_a_leak():
    secrets = stubs.secret_lines(SOLVED, "f.py")
    assert secrets == {"out = np.add(x, x)", "return float(X.sum())"}
    assert stubs.leaks("a = 1\n  out = np.add(x, x)\n", "g.py", secrets) == [
        "g.py:2: `out = np.add(x, x)`"
    ]


def test_every_stub_of_the_package_raises_its_exercise():
    for path in sorted(KIT.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        stub = stubs.stub(text, path.name)
        ast.parse(stub)
        for region in stubs.regions(text, path.name):
            assert f'raise NotImplementedError("{region.exercise}")' in stub
