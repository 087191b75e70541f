"""Code of the kit that takes the place of a student's: as much of it as is needed, and no more."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from autograder.outline import CALLABLE, FUNCTIONS, definitions


@dataclass(frozen=True)
class Overlay:
    """Functions and methods of the kit, to be put into a student's module.

    Parameters
    ----------
    module : str
        Such as ``daseCV.layers``.
    source : bytes
        The kit's file.
    names : tuple of str
        Functions, classes, and methods as ``Class.method``. A class that the student lacks gets the
        named methods and no other.

    Raises
    ------
    ValueError
        `source` does not define one of the names.
    """

    module: str
    source: bytes
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(self.names))
        there = dict(_callable(ast.parse(self.source)))
        for name in self.names:
            if name not in there:
                raise ValueError(f"{self.module} of the kit has no {name}")

    @cached_property
    def needed(self) -> bytes:
        """`source` without the functions and methods that the names do not need.

        What is left out may be judged in the same child, and a child never holds what is judged in
        it. Lines keep their numbers.
        """
        tree = ast.parse(self.source)
        lines = self.source.decode("utf-8").splitlines()
        kept = _reachable(tree, self.names)
        for name, node in _callable(tree):
            owner = name.rpartition(".")[0]
            if name not in kept and (not owner or owner in kept):  # a method goes with its class
                first = min(n.lineno for n in (node, *node.decorator_list))
                indent = " " * node.col_offset
                lines[first - 1 : node.end_lineno] = [
                    f"{indent}pass", *[""] * (node.end_lineno - first),
                ]  # fmt: skip
        return "\n".join(lines).encode("utf-8") + b"\n"


def _callable(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Functions, methods and classes, with their names."""
    return (found for found in definitions(tree) if isinstance(found[1], CALLABLE))


def _reachable(tree: ast.Module, names: tuple[str, ...]) -> set[str]:
    """The names, and what their code mentions of the same file, and so on."""
    known = dict(_callable(tree))
    loose = [node for node in tree.body if not isinstance(node, CALLABLE)]
    kept: set[str] = set()
    waiting = [*names, *(name for node in loose for name in _mentioned(node, ""))]
    while waiting:
        name = waiting.pop()
        if name not in known or name in kept:
            continue
        kept.add(name)
        node, owner = known[name], name.rpartition(".")[0]
        if owner:
            waiting += [owner, *_mentioned(node, owner)]
        elif isinstance(node, ast.ClassDef):
            parts = [*node.decorator_list, *node.bases]
            parts += [item for item in node.body if not isinstance(item, FUNCTIONS)]
            waiting += [found for part in parts for found in _mentioned(part, name)]
            whole = name in names or not any(n.startswith(f"{name}.") for n in names)
            waiting += [m for m in known if whole and m.startswith(f"{name}.")]
        else:
            waiting += _mentioned(node, "")
    return kept


def _mentioned(node: ast.AST, owner: str) -> list[str]:
    """Names that a piece of code reads; ``self.x`` as ``Owner.x``."""
    found = []
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            found.append(part.id)
        elif owner and isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
            found += [f"{owner}.{part.attr}"] if part.value.id == "self" else []
    return found
