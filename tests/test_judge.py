"""How a check ended becomes a verdict, and nothing that a student's code chose becomes words."""

import re

import pytest

from autograder import runner
from autograder.results import Verdict

A2 = "assignment2"


def verdict_of(zygote, lines, exercise="affine_forward"):
    """The result of one exercise when `lines` stand in place of the student's module."""
    submission = runner.reference_submission({"daseCV/layers.py": lines})
    (result,) = runner.grade(submission, A2, select={exercise}, zygote=zygote).exercises
    return result


BODY = "def affine_forward(x, w, b):\n    import numpy as np\n    secret = str(x.flat[0]){}\n"


@pytest.mark.parametrize(
    "last",
    [
        "\n    raise ImportError('no', name='x' + secret)",
        "\n    raise ImportError('no', name='numpy.' + secret.replace('-', ''))",
        "\n    raise ValueError(secret)",
        "\n    raise type(secret, (Exception,), {})",
        "\n    exec(compile('\\n' * 987654 + 'raise ValueError', 'daseCV/layers.py', 'exec'), {})",
        "\n    print(secret)\n    return secret, secret",
        "\n    return {secret: x}, secret",
        "\n    return type(secret, (), {})(), None",
    ],
)
def test_no_word_of_the_student_s_choice_reaches_a_report(zygote, last):
    result = verdict_of(zygote, BODY.format(last))
    assert result.verdict in (Verdict.CRASHED, Verdict.FAILED)
    for check in result.checks:
        assert not re.search(r"987655|\d\.\d{4}", check.message), check.message


@pytest.mark.parametrize(
    ("line", "module"), [("import torch.nn", "torch"), ("from .own import f", "daseCV.own")]
)
def test_a_missing_module_is_named(zygote, line, module):
    message = verdict_of(zygote, f"{line}\ndef affine_forward(x, w, b): pass\n").checks[0].message
    assert message.startswith(f"imports '{module}', which is not available here")
    assert "(daseCV/layers.py, line 1)" in message
