"""Wrong programs of one slip each, and right ones in unusual styles: edits of the solution.

Most were found in real students' work. A slip loses points in its exercise and in no other; a style
keeps every point. `tests/test_hidden_checks.py` holds the hidden checks to that, and the
demonstration class makes some of the slips. Each file here lists the `SLIPS` and `STYLES` of one
module of daseCV, or of the solution cells of one notebook.
"""

import importlib
from pathlib import Path

from autograder.slips.edit import Edit, Slip, Style

__all__ = ["CELL_SLIPS", "CELL_STYLES", "SLIPS", "STYLES", "Edit", "Slip", "Style", "demo"]

_FILES = [
    importlib.import_module(f"autograder.slips.{path.stem}")
    for path in sorted(Path(__file__).parent.glob("[!_]*.py")) if path.stem != "edit"
]  # fmt: skip
_SLIPS: list[Slip] = [slip for file in _FILES for slip in file.SLIPS]
_STYLES: list[Style] = [style for file in _FILES for style in file.STYLES]
SLIPS = tuple(slip for slip in _SLIPS if not slip.in_cell)
STYLES = tuple(style for style in _STYLES if not style.in_cell)
CELL_SLIPS = tuple(slip for slip in _SLIPS if slip.in_cell)
CELL_STYLES = tuple(style for style in _STYLES if style.in_cell)


def demo() -> list[Slip]:
    """The slips of the demonstration class, in the order of the files."""
    return [slip for slip in SLIPS if slip.demo]
