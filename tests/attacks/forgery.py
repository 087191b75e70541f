"""What the tables of forgeries are made of: hand-ins that want points they have not earned."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from autograder import runner
from autograder.intake import Submission
from autograder.results import Verdict

HEAD = "import builtins, gc, json, os, stat, struct, sys, time\nimport numpy as np\n"
SHAPE = "(x.shape[0], w.shape[1])"  # of what affine_forward shall return


@dataclass(frozen=True)
class Forgery:
    """A hand-in, and what must become of it: this verdict, and no points.

    Attributes
    ----------
    name : str
    verdict : Verdict
    files : mapping of str to str or bytes
        All that is handed in.
    exercise, assignment : str
    """

    name: str
    verdict: Verdict
    files: Mapping[str, str | bytes] = field(repr=False)
    exercise: str = "affine_forward"
    assignment: str = "assignment2"

    def __str__(self):
        return self.name.replace(" ", "-")

    def grade(self, zygote):
        """The result of its exercise."""
        files = {n: d.encode() if isinstance(d, str) else d for n, d in self.files.items()}
        submission = Submission.from_files("mallory", files)
        result = runner.grade(submission, self.assignment, select={self.exercise}, zygote=zygote)
        return result.find(self.exercise)


def layers(name, verdict, code, **more):
    """`daseCV/layers.py` with this code."""
    return Forgery(name, verdict, {"daseCV/layers.py": f"{HEAD}{code}\n"}, **more)


def forward(name, verdict, lines, before="", **more):
    """`affine_forward` with these lines."""
    inner = "\n    ".join(lines.strip().splitlines())
    return layers(name, verdict, f"{before}\ndef affine_forward(x, w, b):\n    {inner}", **more)


def answer(name, verdict, expression, before=""):
    """`affine_forward` that returns this."""
    return forward(name, verdict, f"return {expression}, ()", before)
