"""Stand-ins for libraries that students import and exercises do not need; they do nothing."""

import builtins
import functools
import importlib
import itertools
import operator
import pickle
import types
from importlib.machinery import ModuleSpec

INERT = (
    "matplotlib", "mpl_toolkits", "seaborn", "past", "future", "six", "IPython", "tqdm",
)  # fmt: skip
# Of the standard library, but with system libraries that no child can read: editors that complete
# names put `from turtle import forward` at the top of a file, and nobody notices. And of the kit,
# what belongs to notebooks and terminals.
OUT_OF_REACH = (
    "curses", "readline", "sqlite3", "ssl", "tkinter", "turtle",
    "daseCV.checks", "daseCV.selfcheck", "daseCV.submit",
)  # fmt: skip


class StandIns:
    """Importer of libraries that students import and exercises do not need.

    Parameters
    ----------
    names : tuple of str
    """

    def __init__(self, names):
        self.names = names

    def find_spec(self, name, path=None, target=None):
        """Answer for the inert libraries, and for all that is in them."""
        if not any(f"{name}.".startswith(f"{own}.") for own in self.names):
            return None
        return ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        """Make a module that has every name."""
        return InertModule(spec.name)

    def exec_module(self, module):
        """Nothing to execute; ``from m import *`` must bring nothing."""
        module.__all__ = []
        module.__version__ = "0.0.0"


class InertModule(types.ModuleType):
    """A module in which every name can be found."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        if (self.__name__, name) in REAL:
            return REAL[self.__name__, name]
        if self.__name__ in OLD_BUILTINS and hasattr(builtins, name):
            return getattr(builtins, name)
        full = f"{self.__name__}.{name}"
        return importlib.import_module(full) if full in MODULES else Inert()


class Inert:
    """Does nothing whatever is done with it, and goes on being inert."""

    def __init__(self, *args, **kwargs):
        pass

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Inert()

    def __call__(self, *args, **kwargs):
        """Do nothing."""
        return Inert()

    def __getitem__(self, key):
        return Inert()

    def __setitem__(self, key, value):
        pass

    def __iter__(self):
        return iter(())

    def __enter__(self):
        return Inert()

    def __exit__(self, *exception):
        pass


for word in ("add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv", "neg", "lt", "gt"):
    setattr(Inert, f"__{word}__", Inert.__call__)


class Bar:
    """What `tqdm` makes: it shows nothing, and gives what it was given."""

    def __init__(self, iterable=None, *args, total=None, **options):
        self.iterable, self.total, self.n = iterable, total, 0

    def __iter__(self):
        for item in self.iterable:
            yield item
            self.n += 1

    def __len__(self):
        return self.total if self.iterable is None else len(self.iterable)

    def __bool__(self):
        return True

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        pass

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Inert()

    def update(self, n=1):
        """Count."""
        self.n += n

    @classmethod
    def write(cls, *args, **options):
        """Show nothing."""


def trange(*args, **options):
    """Return a bar over a range."""
    return Bar(range(*args), **options)


def old_div(a, b):
    """Divide as Python 2 did."""
    whole = isinstance(a, int) and isinstance(b, int)
    return operator.floordiv(a, b) if whole else operator.truediv(a, b)


def add_metaclass(metaclass):
    """Return a decorator that makes a class anew, of this metaclass."""

    def make(cls):
        body = {k: v for k, v in vars(cls).items() if k not in ("__dict__", "__weakref__")}
        return metaclass(cls.__name__, cls.__bases__, body)

    return make


def subplots(nrows=1, ncols=1, **options):
    """Return a figure and axes, as many as a caller unpacks."""
    row = Inert() if ncols == 1 else [Inert()] * ncols
    return Inert(), row if nrows == 1 else [row] * nrows


OLD_BUILTINS = ("past.builtins", "future.builtins", "six.moves", "six.moves.builtins")
OLD = {  # names of Python 2, by the libraries that still have them
    ("six", "future.utils"): {
        "PY2": False, "PY3": True, "string_types": (str,), "integer_types": (int,),
        "text_type": str, "binary_type": bytes, "class_types": (type,), "unichr": chr, "next": next,
        "iteritems": lambda d: iter(d.items()), "viewitems": lambda d: d.items(),
        "iterkeys": lambda d: iter(d.keys()), "viewkeys": lambda d: d.keys(),
        "itervalues": lambda d: iter(d.values()), "viewvalues": lambda d: d.values(),
        "lmap": lambda *a: list(map(*a)), "lrange": lambda *a: list(range(*a)),
        "lzip": lambda *a: list(zip(*a, strict=False)), "native": lambda value: value,
        "add_metaclass": add_metaclass, "python_2_unicode_compatible": lambda cls: cls,
        "with_metaclass": lambda meta, *bases: meta("_", bases or (object,), {}),
    },
    OLD_BUILTINS: {
        "basestring": (str, bytes), "unicode": str, "long": int, "unichr": chr, "xrange": range,
        "raw_input": input, "reduce": functools.reduce, "cPickle": pickle,
        "zip_longest": itertools.zip_longest, "filterfalse": itertools.filterfalse,
    },
    ("past.utils",): {"old_div": old_div},
}  # fmt: skip
BARS = ("tqdm", "tqdm.auto", "tqdm.autonotebook", "tqdm.notebook", "tqdm.std")
# The few names of those libraries that must work, because loops and checks are built on them.
REAL = {
    **{(m, name): real for ms, names in OLD.items() for m in ms for name, real in names.items()},
    **{(module, name): Bar for module in BARS for name in ("tqdm", "tqdm_notebook")},
    **{(module, name): trange for module in BARS for name in ("trange", "tnrange")},
    ("matplotlib.pyplot", "hist"): lambda *args, **options: (Inert(), Inert(), Inert()),
    ("matplotlib.pyplot", "plot"): lambda *args, **options: [Inert()],
    ("matplotlib.pyplot", "subplots"): subplots,
    ("matplotlib.pyplot", "xlim"): lambda *args, **options: (0.0, 1.0),
    ("matplotlib.pyplot", "ylim"): lambda *args, **options: (0.0, 1.0),
}
MODULES = {*OLD_BUILTINS, *(module for module, _ in REAL)}
