"""What an exercise forbids, found in the syntax tree of what a student handed in.

Nothing is run: from the function of the exercise, every function of the student's files that it
mentions is read too, and those that they mention, as deep as it goes. What is found is refused, and
a person confirms it: code may mention what it never calls. A file that is imported and cannot be
searched is refused as well.
"""

from collections.abc import Iterator, Mapping

from autograder import syntax
from autograder.assignments import Rule
from autograder.basket import MAX_NAME
from autograder.sandbox.inside.world import module_name

MOST_READ = 600_000  # bytes of all files that an exercise imports
LEAST = 15_000  # that a file counts for
TOO_MUCH = syntax.Source(fault=syntax.TOO_LONG)
MOST_FOLLOWED = 5_000_000  # characters of names, from import to import: those may form a thicket
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
        The function or method that it is written in.
    """
    search = _Search(files, rule)
    try:
        return next(search.offences(module_name(module), exercise), "")
    except RecursionError:
        return _said(module, syntax.TOO_DEEP)


class _Search:
    def __init__(self, files: Mapping[str, bytes], rule: Rule) -> None:
        self.files, self.rule = files, rule
        self.paths = {module_name(path): path for path in files if path.endswith(".py")}
        self.sources: dict[str, syntax.Source] = {}
        self.seen: set[tuple[str, str, int]] = set()
        self.followed = 0

    def offences(self, module: str, exercise: str) -> Iterator[str]:
        """What is forbidden in an exercise, or keeps it from being searched."""
        yield from self.read(module)
        yield from self.mention(exercise, 0, 0, ((module, ""),))

    def read(self, module: str) -> Iterator[str]:
        """Read a file and all that it imports; why one of them cannot be searched."""
        waiting, room = [module], MOST_READ
        while waiting:
            name = waiting.pop()
            if name in self.sources or name not in self.paths:
                continue
            path = self.paths[name]
            room -= max(LEAST, len(self.files[path]))
            source = syntax.read(self.files[path], path) if room >= 0 else TOO_MUCH
            self.sources[name] = source
            if source.fault:
                yield _said(path, source.fault)
            for full in sorted(source.imported):
                waiting += [place for place, _ in _splits(f"{full}.*") if place in self.paths]

    def function(
        self, module: str, name: str, depth: int, stack: tuple[tuple[str, str], ...]
    ) -> Iterator[str]:
        """Offences in a function that is called inside `depth` loops."""
        depth = 0 if self.rule.loops is None else depth
        if (module, name, depth) in self.seen:
            return
        self.seen.add((module, name, depth))
        stack, owner = (*stack, (module, name)), name.rpartition(".")[0]
        for found in self.sources[module].definitions[name]:
            for full, line in found.imports:
                yield from self.use(full, [full], line, module)
            for mentioned, loops, line in found.mentions:
                head = mentioned.partition(".")[0]
                if mentioned == syntax.LOOP:
                    yield from self.loop(line, depth + loops, module)
                elif head == "self" or head not in found.own:
                    yield from self.mention(mentioned, line, depth + loops, stack)
                    if owner and mentioned in found.bases:  # beside it in the class
                        yield from self.mention(f"self.{mentioned}", line, depth + loops, stack)

    def loop(self, line: int, depth: int, module: str) -> Iterator[str]:
        if self.rule.loops is None or depth <= self.rule.loops:
            return
        where = f"line {line} of {self.paths[module]}"
        if self.rule.loops == 0:
            yield f"{where} loops; this exercise is done without a loop / {where}：不应使用循环"
        else:
            yield (
                f"{where} is a loop too many; {self.rule.loops} may nest here / "
                f"{where}：循环层数过多，至多 {self.rule.loops} 层"
            )

    def use(self, mentioned: str, meanings: list[str], line: int, module: str) -> Iterator[str]:
        own = [full for full in meanings if any(self.is_defined(*s) for s in _splits(full))]
        if any(_is_of(full, name, full in own) for full in meanings for name in self.rule.names):
            where = f"line {line} of {self.paths[module]}" if line else self.paths[module]
            english = f"{where} uses {mentioned}, which this exercise forbids"
            yield f"{english} / {where}：本练习不允许使用 {mentioned}"

    def mention(self, mentioned: str, line: int, depth: int, stack: tuple) -> Iterator[str]:
        module, name = stack[-1]
        meanings = self.meanings(module, name, mentioned)
        yield from self.use(mentioned, meanings, line, module)
        if not HIDDEN_LOOPS.isdisjoint(meanings):
            yield from self.loop(line, depth + 1, module)
        for target in (t for full in meanings for s in _splits(full) for t in self.places(*s)):
            if target in stack:
                yield from self.loop(line, depth + 1, module)
            else:
                yield from self.function(*target, depth, stack)

    def meanings(self, module: str, name: str, mentioned: str) -> list[str]:
        """The full names that a name may stand for, through all files that pass it on."""
        owner = name.rpartition(".")[0]
        if owner and mentioned.startswith("self."):
            return [f"{module}.{owner}.{mentioned.removeprefix('self.')}"]
        found: dict[str, None] = {}  # in order, so that the same is said each time
        waiting = [(module, mentioned)]
        while waiting:
            for origin, full in self.imported(*waiting.pop()):
                self.followed += len(full)
                if self.followed > MOST_FOLLOWED:
                    raise RecursionError
                if full not in found:
                    found[full] = None
                    places = [s for s in _splits(full) if s[0] in self.sources]
                    waiting += [s for s in places if len(s[0]) >= len(origin)]  # or names grow
        known = mentioned.partition(".")[0] in self.sources[module].definitions
        return [*([] if known else [mentioned]), *found]  # it may be a builtin

    def imported(self, module: str, mentioned: str) -> Iterator[tuple[str, str]]:
        """The full names that a name of a file may stand for, and the module each comes from."""
        source, (head, dot, rest) = self.sources[module], mentioned.partition(".")
        for full in source.imports.get(head, ()):
            yield full.rpartition(".")[0], f"{full}{dot}{rest}"
        if head in source.definitions:
            yield module, f"{module}.{mentioned}"
        elif head not in source.imports:
            for full in source.imports.get("*", ()):
                yield full[:-2], f"{full[:-1]}{mentioned}"

    def places(
        self, module: str, name: str, heirs: tuple[tuple[str, str], ...] = ()
    ) -> Iterator[tuple[str, str]]:
        """Where a name is defined: a method perhaps in what its class inherits from."""
        owner, _, method = name.rpartition(".")
        if self.is_defined(module, name):
            yield module, name
        elif self.is_defined(module, owner) and (module, owner) not in heirs:
            heirs = (*heirs, (module, owner))
            bases = {b for found in self.sources[module].definitions[owner] for b in found.bases}
            for base in sorted(bases):
                for full in self.meanings(module, "", base):
                    for place, kind in _splits(full):
                        yield from self.places(place, f"{kind}.{method}", heirs)

    def is_defined(self, module: str, name: str) -> bool:
        return module in self.sources and name in self.sources[module].definitions


def _said(path: str, reason: str) -> str:
    english, _, chinese = reason.partition(" / ")
    return f"{path} {english} / {path} {chinese}"


def _splits(full: str) -> Iterator[tuple[str, str]]:
    """The modules that a name may lie in, each with what it is called there."""
    parts = full.split(".", MAX_NAME // 2)  # no path has more
    return ((".".join(parts[:n]), ".".join(parts[n:])) for n in range(1, len(parts)))


def _is_of(full: str, forbidden: str, own: bool) -> bool:
    """Whether a name is a forbidden one or lies in it; a package may pass it on, or ``*``.

    One of the student's `own` is no such thing for being called so.
    """
    head, last = forbidden.partition(".")[0], forbidden.rpartition(".")[2]
    passed_on = full.partition(".")[0] in (head, last) and full.rpartition(".")[2] == last
    return (passed_on and not own) or f"{full}.".startswith(f"{forbidden}.")
