"""A Python file as JSON: what it defines, mentions and imports; run by `syntax` as a process.

Reading a syntax tree runs nothing, but a line of 60 kB can take the parser a gigabyte, and enough
brackets its life. So the limits are those of a process, which imports nothing of the grader.
"""

import ast
import contextlib
import json
import resource
import sys
import warnings

MEMORY = 512 << 20  # bytes; twice what the longest file takes that is not made for this
SECONDS = 5  # of CPU time
MOST = 4 << 20  # bytes of JSON
MOST_DEFINITIONS = 5000
LOOP = "a loop"  # among the names that a definition mentions
LOOPS = (ast.For, ast.AsyncFor, ast.While)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
BLOCKS = (ast.stmt, ast.ExceptHandler, ast.match_case)
CALLABLE = (*FUNCTIONS, ast.ClassDef)


def main():
    """Read a file from stdin, write its outline to stdout; exit status 1 when it is too much."""
    with contextlib.suppress(ValueError, OSError):  # macOS knows the limit and refuses it
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("ignore")  # an odd backslash in a string is no error
    try:
        found = outline(sys.stdin.buffer.read())
        text = json.dumps(found)
    except (RecursionError, MemoryError):
        sys.exit(1)
    if len(text) > MOST or len(found["definitions"]) > MOST_DEFINITIONS:
        sys.exit(1)
    sys.stdout.write(text)


def outline(source):
    """Say what is in a file; nothing is in one that is no Python.

    Returns
    -------
    dict
        ``definitions``: lists of a name, as ``Class.method`` where it is one, and a dict with
        ``own``, its variables; ``mentions``, lists of a dotted name or `LOOP`, how many loops are
        around it, and the line; ``imports``, lists of a full name and the line; ``bases``, what it
        inherits from, or is another name of. ``imports``: lists of the name that is bound, or "",
        and the full one, which may begin with dots and end with ``*``.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):  # its own checks say so
        return {"definitions": [], "imports": []}
    return {
        "definitions": [(name, read(node)) for name, node in definitions(tree)],
        "imports": [pair for node in ast.walk(tree) for pair in imports(node)],
    }


def definitions(code, owner=""):
    """Yield what a module or a class gives a name, with that: functions, classes, values.

    Wherever it does, in an ``if`` for example, but not in its functions.
    """
    for node in ast.iter_child_nodes(code):
        if isinstance(node, CALLABLE):
            yield owner + node.name, node
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                for part in ast.walk(target):
                    if isinstance(getattr(part, "ctx", None), ast.Store) and dotted(part):
                        yield owner + dotted(part), node.value
        if isinstance(node, ast.ClassDef):
            yield from definitions(node, f"{owner}{node.name}.")
        elif isinstance(node, BLOCKS) and not isinstance(node, FUNCTIONS):
            yield from definitions(node, owner)


def read(definition):
    """Return what a definition mentions and imports, each with the first line that does.

    A value is made once, when the file is imported: its loops are nobody's.
    """
    own, mentions, imported = {}, {}, {}
    classes = [node for node in ast.walk(definition) if isinstance(node, ast.ClassDef)]
    methods = {item for node in classes for item in node.body}  # no names to what is in them
    runs = any(isinstance(node, (*CALLABLE, ast.Lambda)) for node in ast.walk(definition))
    for node, depth in parts(definition):
        line = getattr(node, "lineno", 0)
        if isinstance(node, CALLABLE) and node is not definition and node not in methods:
            own[node.name] = True
        elif isinstance(node, ast.arg):
            own[node.arg] = True
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            own[node.id] = True
        elif not isinstance(node, LOOPS + COMPREHENSIONS):
            if mentioned := dotted(node):
                mentions.setdefault((mentioned, depth), line)
        elif runs:
            mentions.setdefault((LOOP, depth), line)
        for _, full in imports(node):
            imported.setdefault(full, line)
    return {
        "own": list(own),
        "mentions": [(name, depth, line) for (name, depth), line in mentions.items()],
        "imports": list(imported.items()),
        "bases": list(filter(None, map(dotted, getattr(definition, "bases", [definition])))),
    }


def parts(code):
    """Yield the parts of a piece of code in order, each with the number of loops around it."""
    waiting = [(code, 0)]
    while waiting:
        node, depth = waiting.pop()
        depth += isinstance(node, LOOPS)
        depth += len(node.generators) if isinstance(node, COMPREHENSIONS) else 0
        yield node, depth
        if not isinstance(node, ast.Attribute):
            waiting += [(child, depth) for child in reversed(list(ast.iter_child_nodes(node)))]
        elif not dotted(node):
            while isinstance(node, ast.Attribute):
                node = node.value
            waiting.append((node, depth))


def dotted(node):
    """Return the dotted name that an expression reads; empty when it is something else."""
    names = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(names)]) if isinstance(node, ast.Name) else ""


def imports(node):
    """Yield what a statement or a call imports: the name that it binds, and the full one."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.asname or "", alias.name
            if not alias.asname:  # `import a.b.c` binds `a`
                head = alias.name.partition(".")[0]
                yield head, head
    elif isinstance(node, ast.ImportFrom):
        origin = "." * node.level + (f"{node.module}." if node.module else "")
        for alias in node.names:
            yield alias.asname or alias.name, origin + alias.name
    elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name in ("__import__", "import_module") and isinstance(node.args[0].value, str):
            yield "", node.args[0].value


if __name__ == "__main__":
    main()
