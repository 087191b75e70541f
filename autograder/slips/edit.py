"""What a wrong program of one slip is, and a right one in an unusual style: an edit."""

import ast
from dataclasses import dataclass


@dataclass(frozen=True)
class Edit:
    """A change of the solved package: `old` stands once in a function, and `new` takes its place.

    Attributes
    ----------
    name : str
        Names it in tests; unique.
    exercise : str
        The exercise it is made in. Where that is a function of the module, `old` stands once in
        that function; else, once in the module.
    module : str
        File, relative to `daseCV/`; or a notebook, when it is made in a solution cell of it.
    note : str
        What was done, in a few words.
    """

    name: str
    exercise: str
    module: str
    old: str
    new: str
    note: str

    @property
    def in_cell(self) -> bool:
        """Whether it is made in a cell."""
        return self.module.endswith(".ipynb")

    def apply(self, text: str) -> str:
        """The text of the module, or of the cell, with this change made.

        Raises
        ------
        ValueError
            If `old` does not stand there exactly once.
        """
        start, end = self.span(text)
        times = text.count(self.old, start, end)
        if times != 1:
            raise ValueError(f"{self.name}: {self.old!r} stands there {times} times, not once")
        return text[:start] + text[start:end].replace(self.old, self.new) + text[end:]

    def span(self, text: str) -> tuple[int, int]:
        """Where the function of the exercise begins and ends; all of a text that has none."""
        node = ast.parse(text)
        for name in self.exercise.split("."):
            inner = getattr(node, "body", ())
            node = next((n for n in inner if getattr(n, "name", "") == name), None)
        if node is None:
            return 0, len(text)
        lines = text.splitlines(keepends=True)
        first, last = node.lineno - 1, node.end_lineno
        return len("".join(lines[:first])), len("".join(lines[:last]))


@dataclass(frozen=True)
class Slip(Edit):
    """A wrong program.

    Attributes
    ----------
    loses : str
        "much", more than half of the points; "little", a quarter at most, because all that the
        notebook exercises is right; or "some".
    refused : bool
        Whether it is wrong because of what it uses, not of what it computes.
    demo : bool
        Whether someone in the demonstration class makes it.
    """

    loses: str = "some"
    refused: bool = False
    demo: bool = False


@dataclass(frozen=True)
class Style(Edit):
    """A right program, written in a way that a naive grader would fail."""
