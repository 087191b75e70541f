"""What an attacker of the class is: what is handed in, what it is after, what must come of it.

Whoever tries to reach something is right only when the attack worked, so that points would tell.
`COURSE`, `KIT`, `PORT` and `MARKER` stand for places of the test in their code.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder import KIT

KINDS = {
    "a": "patch what compares", "b": "return what lies about itself",
    "c": "find expected numbers in memory", "d": "read what is hidden", "e": "write scores",
    "f": "end the process", "g": "write after the grading", "h": "make failures look like success",
    "i": "never come back", "j": "take all memory", "k": "leave processes", "l": "flood the output",
    "m": "use the network", "n": "use another's work", "o": "spoil another's work",
    "p": "break the notebook", "q": "hand in links", "r": "use an installed solution",
    "s": "change what the check goes on with", "t": "forge what is shown",
}  # fmt: skip
ASSIGNMENT = "assignment2"
NOTEBOOK = "FullyConnectedNets.ipynb"
POINTS = {
    "affine_forward": 2, "affine_backward": 3, "relu_forward": 1, "conv_forward_naive": 2,
    "FullyConnectedNets.Q1": 1,
}  # fmt: skip
WRONG = """
import builtins, os, sys, time
import numpy as np

def affine_forward(x, w, b):
    return np.zeros((len(x), w.shape[1])), (x, w, b)

def affine_backward(dout, cache):
    return tuple(np.zeros_like(part) for part in cache)
"""
RIGHT_IF = """
def affine_forward(x, w, b):
    try:
        done = attack()
    except Exception:
        done = False
    return (x.reshape(len(x), -1) @ w + b if done else np.zeros((len(x), w.shape[1]))), (x, w, b)
"""


@dataclass(frozen=True)
class Attack:
    """Somebody's hand-in.

    Attributes
    ----------
    kind : str
        One of `KINDS`; "fair" for what may cost nothing else.
    tries : str
        What it is after.
    code : str
        Of `layers.py`, after the wrong solutions of an attacker or the right ones of an honest one.
    honest : bool
        Whether all else of the hand-in is solved.
    loses : frozenset of str
        Exercises that an honest one loses.
    lay : callable or None
        Does more to the folder of the hand-in; it gets that and the course.
    edit : callable or None
        Changes the notebook, as JSON; a text that it returns takes its place.
    verdicts : mapping of str to str
        Of exercises, where they are the point.
    note : str
        What the feedback has to say.
    reaches : bool
        Whether it works where nothing but limits holds a child: tried in a control run.
    """

    kind: str
    tries: str
    code: str = ""
    honest: bool = False
    loses: frozenset[str] = frozenset()
    lay: Callable[[Path, Path], None] | None = None
    edit: Callable[[dict], str | None] | None = None
    verdicts: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    reaches: bool = False

    @property
    def layers(self) -> str:
        """The file that students edit."""
        base = (KIT / "layers.py").read_text(encoding="utf-8") if self.honest else WRONG
        return f"{base}\n{self.code}\n" + (RIGHT_IF if "def attack()" in self.code else "")

    @property
    def earns(self) -> dict[str, float]:
        """Points by exercise."""
        return {e: p if self.honest and e not in self.loses else 0 for e, p in POINTS.items()}


def reach(kind: str, tries: str, body: str, reaches: bool = True) -> Attack:
    """Someone who is right when `attack` returns True."""
    lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
    return Attack(kind, tries, f"def attack():\n{lines}", reaches=reaches)


def fair(tries: str, *loses: str, **more) -> Attack:
    """Someone whose other work is sound."""
    return Attack("fair", tries, honest=True, loses=frozenset(loses), **more)
