"""Wrong programs of one slip each, and right ones in unusual styles: edits of the solution.

Most were found in real students' work. A slip loses points in its exercise and in no other; a style
keeps every point. `tests/test_hidden_checks.py` holds the hidden checks to that, and the
demonstration class makes some of the slips. Each file here lists the `SLIPS` and `STYLES` of one
module of daseCV.
"""

import importlib
from pathlib import Path

from autograder.slips.edit import Edit, Slip, Style

__all__ = ["SLIPS", "STYLES", "Edit", "Slip", "Style", "demo"]

_FILES = [
    importlib.import_module(f"autograder.slips.{path.stem}")
    for path in sorted(Path(__file__).parent.glob("[!_]*.py")) if path.stem != "edit"
]  # fmt: skip
SLIPS: tuple[Slip, ...] = tuple(slip for file in _FILES for slip in file.SLIPS)
STYLES: tuple[Style, ...] = tuple(style for file in _FILES for style in file.STYLES)


def demo() -> list[Slip]:
    """The slips of the demonstration class, in the order of the files."""
    return [slip for slip in SLIPS if slip.demo]
