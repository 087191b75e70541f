"""What an exercise forbids, found in the syntax tree of what a student handed in.

Nothing is run: from the function of the exercise, every function of the student's files that it
mentions is read too, and those that they mention, as deep as it goes. What is found is refused, and
a person confirms it: code may mention what it never calls.
"""

import ast
from collections.abc import Iterator, Mapping

from autograder.assignments import Rule
from autograder.sandbox.overlay import definitions

LOOPS = (ast.For, ast.AsyncFor, ast.While)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
HIDDEN_LOOPS = {
    "map", "functools.reduce", "numpy.apply_along_axis", "numpy.apply_over_axes", "numpy.fromiter",
    "numpy.frompyfunc", "numpy.vectorize",
}  # fmt: skip


def offence(files: Mapping[str, bytes], module: str, exercise: str, rule: Rule) -> str:
    """The first thing in an exercise that its rule forbids, "English / 中文"; empty when none.

    Parameters
    ----------
    files : mapping of str to bytes
        What was handed in, by path; code of the kit is not looked into.
    module : str
        Path of the exercise's file in `files`.
    exercise : str
        A function or method; where a class's name is qualified by its module, without that.
    """
    try:
        return next(_Search(files, rule).function(module_name(module), exercise, 0, ()), "")
    except RecursionError:
        return f"{module} is nested too deeply to be read / {module} 嵌套过深，无法阅读"


class _Search:
    def __init__(self, files: Mapping[str, bytes], rule: Rule) -> None:
        self.rule = rule
        self.paths = {module_name(path): path for path in files if path.endswith(".py")}
        self.modules = {}
        for name, path in self.paths.items():
            try:
                tree = ast.parse(files[path])
            except (SyntaxError, ValueError, RecursionError, MemoryError):  # its own checks say so
                continue
            self.modules[name] = (dict(definitions(tree)), dict(imported_names(tree, name)))
        self.seen: set[tuple[str, str, int]] = set()
        self.own: dict[tuple[str, str], set[str]] = {}  # variables of a function

    def function(
        self, module: str, name: str, depth: int, stack: tuple[tuple[str, str], ...]
    ) -> Iterator[str]:
        """Offences in a function that is called inside `depth` loops."""
        known, _ = self.modules.get(module, ({}, {}))
        if name not in known or (module, name, depth) in self.seen:
            return
        self.seen.add((module, name, depth))
        self.own[module, name] = set(_stored(known[name]))
        yield from self.node(known[name], depth, (*stack, (module, name)))

    def node(self, node: ast.AST, depth: int, stack: tuple) -> Iterator[str]:
        """Offences in a piece of code and all that it mentions."""
        if isinstance(node, ast.Name | ast.Attribute) and (dotted := _path(node)):
            yield from self.mention(dotted, node, depth, stack)
            return
        inner = depth + isinstance(node, LOOPS)
        if isinstance(node, COMPREHENSIONS):
            inner += len(node.generators)
        if inner > depth:
            yield from self.loop(node, inner, stack)
        for child in ast.iter_child_nodes(node):
            yield from self.node(child, inner, stack)

    def loop(self, node: ast.AST, depth: int, stack: tuple) -> Iterator[str]:
        if self.rule.loops is None or depth <= self.rule.loops:
            return
        where = f"line {node.lineno} of {self.paths[stack[-1][0]]}"
        if self.rule.loops == 0:
            yield f"{where} loops; this exercise is done without a loop / {where}：不应使用循环"
        else:
            yield (
                f"{where} is a loop too many; {self.rule.loops} may nest here / "
                f"{where}：循环层数过多，至多 {self.rule.loops} 层"
            )

    def mention(self, dotted: str, node: ast.AST, depth: int, stack: tuple) -> Iterator[str]:
        module, name = stack[-1]
        head, _, rest = dotted.partition(".")
        if head != "self" and head in self.own[module, name]:
            return
        known, imports = self.modules[module]
        if head == "self" and "." in name:
            full = f"{module}.{name.rpartition('.')[0]}.{rest}"
        elif head in known:
            full = f"{module}.{dotted}"
        else:
            full = f"{imports[head]}.{rest}".rstrip(".") if head in imports else dotted
        starred = full == dotted  # it may come from `from x import *`
        if any(full in (b, b.rpartition(".")[2] if starred else b) for b in self.rule.names):
            where = f"line {node.lineno} of {self.paths[module]}"
            english = f"{where} uses {dotted}, which this exercise forbids"
            yield f"{english} / {where}：本练习不允许使用 {dotted}"
        if full in HIDDEN_LOOPS:
            yield from self.loop(node, depth + 1, stack)
        for target in self.targets(full, starred):
            if target in stack:
                yield from self.loop(node, depth + 1, stack)
            else:
                yield from self.function(*target, depth, stack)

    def targets(self, full: str, starred: bool) -> Iterator[tuple[str, str]]:
        """Functions of the student's files that a name may stand for."""
        for place, (known, _) in self.modules.items():
            name = full if starred else full.removeprefix(f"{place}.")
            if name in known and (starred or full != name):
                yield place, name


def module_name(path: str) -> str:
    """The module in a file: `daseCV.layers` in `daseCV/layers.py`."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _path(node: ast.AST) -> str:
    """The dotted name that an expression reads; empty when it is something else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (base := _path(node.value)):
        return f"{base}.{node.attr}"
    return ""


def _stored(function: ast.AST) -> Iterator[str]:
    """The variables of a function, its arguments among them."""
    for node in ast.walk(function):
        if isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def imported_names(tree: ast.Module, module: str) -> Iterator[tuple[str, str]]:
    """What each imported name stands for, in the whole file."""
    package = module.split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                head = alias.name.partition(".")[0]
                yield (alias.asname, alias.name) if alias.asname else (head, head)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                yield alias.asname or alias.name, f"{origin}.{alias.name}"
