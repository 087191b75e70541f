"""What a student's code can import: its own files, overlays of the kit, inert stand-ins."""

import __future__

import ast
import sys
import types
from importlib.machinery import ModuleSpec

from .stand_ins import INERT, OUT_OF_REACH, Inert, StandIns

NO_THREAD = "can't start new thread"
NOTEBOOK = "notebook"  # the module that cells are put together to
NEEDED = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class World:
    """Finds and executes a student's modules; one of the importers in ``sys.meta_path``.

    Parameters
    ----------
    files : dict of str to bytes
        Python files by their path, such as ``daseCV/layers.py``. Packages need no ``__init__.py``.
    overlays : list of (str, bytes, list of str)
        Module, the kit's source of it, and the names that the kit's source shall provide.
    """

    def __init__(self, files, overlays):
        self.paths = {module_name(path): path for path in files if path.endswith(".py")}
        self.cells = [path for path in files if ".ipynb" in path]  # in the order they came
        self.sources = files
        self.overlays = overlays
        self.failures = {}  # of modules that can be used all the same
        self.missing = {path: {} for path in files}  # why a name of a file has no value
        known = {*self.paths, *(module for module, _, _ in overlays), "daseCV.classifiers._"}
        parents = {parent for name in known for parent in parents_of(name)}
        self.packages = parents | {n for n, p in self.paths.items() if p.endswith("__init__.py")}
        self.names = known | parents | ({NOTEBOOK} if self.cells else set())

    def locate(self, head):
        """Return the full name of the module that checks call `head`, ``layers`` for example."""
        if head == NOTEBOOK and self.cells:
            return head
        for name in (f"daseCV.{head}", f"daseCV.classifiers.{head}", head):
            if name in self.names:
                return name
        raise ModuleNotFoundError(f"there is no daseCV/{head}.py", name=f"daseCV.{head}")

    def find_spec(self, name, path=None, target=None):
        """Answer Python's question for a module; the standard library cannot be shadowed."""
        if name not in self.names or name.partition(".")[0] in sys.stdlib_module_names:
            return None
        origin = self.paths.get(name, name.replace(".", "/"))
        spec = ModuleSpec(name, self, origin=origin, is_package=name in self.packages)
        spec.has_location = True  # sets __file__
        return spec

    def create_module(self, spec):
        """Let Python make the module."""

    def exec_module(self, module):
        """Execute the student's file, then put the overlays on top."""
        name = module.__name__
        if name == NOTEBOOK and self.cells:
            self.exec_cells(module)
            return
        overlays = [overlay for overlay in self.overlays if overlay[0] == name]
        try:
            if name in self.paths:
                path = self.paths[name]
                error = execute(self.sources[path], path, module.__dict__, self.missing[path])
                self.failures |= {name: error} if error else {}
        except BaseException as error:
            # A broken __init__.py, which imports everything, must not take the sound modules along.
            if not overlays and name not in self.packages:
                raise
            self.failures[name] = error
        for _, source, names in overlays:
            lay_over(module, source, names)

    def exec_cells(self, module):
        """Execute cells until one breaks, as Jupyter does; what is there by then can be used."""
        module.__dict__.update(display=Inert(), get_ipython=Inert())
        try:
            for path in self.cells:
                missing = self.missing[path]
                execute(self.sources[path], path, module.__dict__, missing, needed=ast.stmt)
        except BaseException as error:
            self.failures[module.__name__] = error


def execute(source, path, namespace, missing, needed=NEEDED):
    """Execute a student's file, statement by statement.

    One that the wall refuses, a file to be written or a thread to be started for example, costs
    what stands on it and no more: where the student tried it, it worked. So does every other one
    that fails but is not needed: what was only tried out is no exercise.

    Parameters
    ----------
    source : bytes
    path : str
    namespace : dict
    missing : dict
        Takes, for each name that a passed-over statement would have given a value, the exception.
    needed : type or tuple of types
        Statements that break the file when they fail.

    Returns
    -------
    error : Exception or None
        The first that was passed over, but for what the wall refused.
    """
    tree = compile(source, path, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    flags = 0
    for statement in tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            names = [alias.name for alias in statement.names]
            flags |= sum(getattr(__future__, name).compiler_flag for name in names)
    parts = [ast.Module([statement], []) for statement in tree.body]
    codes = [compile(part, path, "exec", flags, dont_inherit=True) for part in parts]
    skipped = []
    for statement, code in zip(tree.body, codes, strict=True):
        try:
            exec(code, namespace)
        except MemoryError:
            raise
        except Exception as error:
            thread = isinstance(error, RuntimeError) and str(error) == NO_THREAD
            refused = thread or isinstance(error, OSError)
            if isinstance(statement, needed) and not refused:
                cause = missing.get(error.name) if isinstance(error, NameError) else None
                raise (cause or error) from None
            missing |= dict.fromkeys(names_of(statement), error)
            skipped += [] if refused else [error]
    return skipped[0] if skipped else None


def names_of(statement):
    """Return the names that a statement would have given a value."""
    nodes = list(ast.walk(statement))
    names = [n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    imports = [n.asname or n.name.partition(".")[0] for n in nodes if isinstance(n, ast.alias)]
    return names + imports


def lay_over(module, source, names):
    """Execute the kit's `source` beside `module` and put what `names` lists into it."""
    kit = types.ModuleType(module.__name__)
    kit.__package__ = module.__name__.rpartition(".")[0]
    kit.__file__ = module.__file__
    exec(compile(source, f"<kit>/{module.__file__}", "exec", dont_inherit=True), kit.__dict__)
    for name in names:
        owner, _, method = name.rpartition(".")
        if owner:
            set_method(module, getattr(kit, owner), method)
        else:
            setattr(module, name, getattr(kit, name))


def set_method(module, kit_class, method):
    """Put one method of the kit's class into the student's class of that name.

    A class the student does not have gets this method and no other: what is judged must be the
    student's.
    """
    name = kit_class.__name__
    if not isinstance(getattr(module, name, None), type):
        setattr(module, name, type(name, kit_class.__bases__, {"__module__": module.__name__}))
    setattr(getattr(module, name), method, vars(kit_class)[method])


def module_name(path):
    """Return the module in a file: ``daseCV.layers`` for ``daseCV/layers.py``."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def parents_of(name):
    """Return the packages a module lies in."""
    parts = name.split(".")
    return {".".join(parts[:n]) for n in range(1, len(parts))}


class Barred(types.ModuleType):
    """A module of which nothing can be had."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise ModuleNotFoundError(f"{self.__name__} is not available", name=self.__name__)


def bar(name):
    """Put a barred module in the place of one, wherever it can be reached from."""
    package, _, last = name.rpartition(".")
    sys.modules[name] = Barred(name)
    setattr(sys.modules[package], last, sys.modules[name])


def install(files, overlays):
    """Put a student's world in place; return it."""
    world = World(files, overlays)
    sys.meta_path[:0] = [world, StandIns(OUT_OF_REACH)]
    sys.meta_path.append(StandIns(INERT))  # asked last: the course may allow the real one
    return world
