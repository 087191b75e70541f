"""The visible checks: how one is declared, found, and given your package."""

import copy
import functools
import importlib
import importlib.util
from pathlib import Path

# The order of an assignment; modules of checks that are not named here come last, by name.
ORDER = (
    "k_nearest_neighbor", "tasks_knn", "linear_svm", "softmax", "linear_classifier", "neural_net",
    "tasks_linear",
    "layers", "layer_utils", "fc_net", "solver", "optim", "tasks",
    "layers_norm", "fc_net_switches", "layers_conv", "cnn", "layers_spatial", "pytorch",
    "questions",
)  # fmt: skip
IN_NOTEBOOK = "in the notebook"  # no verdict: only the notebook itself can check such work


def exercise(name, seconds=10, live=False):
    """Mark a function as a check of an exercise: ``test_xxx(student, rng)`` raises, or passes.

    What it returns, "English / 中文", is said in place of "passed".

    Parameters
    ----------
    name : str
        The exercise, such as ``affine_backward`` or ``TwoLayerNet.loss``.
    seconds : float
        After this time a loop is assumed.
    live : bool
        Whether it looks at work that lives in the notebook, ``student.notebook.<name>``: then it
        runs there (`daseCV.checks.live`), where nothing but the student can stop it.
    """

    def mark(check):
        check.exercise, check.seconds, check.live = name, seconds, live
        return check

    return mark


def discover():
    """All visible checks by exercise, in the order of the files and of the lines in them.

    Returns
    -------
    checks : dict of str to list of callable
        The docstring of a check is the sentence that students read.
    """
    found = {}
    for stem in sorted((path.stem for path in Path(__file__).parent.glob("test_*.py")), key=_place):
        module = importlib.import_module(f"daseCV.checks.{stem}")
        for name, check in vars(module).items():
            if name.startswith("test_"):
                found.setdefault(check.exercise, []).append(check)
    return found


def _place(stem):
    name = stem.removeprefix("test_")
    return (ORDER.index(name) if name in ORDER else len(ORDER), name)


class Student:
    """The modules of the package as attributes: ``student.layers``, ``student.fc_net``.

    A module is imported when a check asks for it, so that a mistake in one file does not touch the
    exercises in the others.
    """

    def __getattr__(self, name):
        for place in ("daseCV", "daseCV.classifiers"):
            if importlib.util.find_spec(f"{place}.{name}"):
                return importlib.import_module(f"{place}.{name}")
        raise AttributeError(f"the package has no module {name}", name=name, obj=self)

    def fetch(self, value):
        """The contents of what a call returned; here it is the value itself."""
        return value

    def call(self, path, *arguments, after=()):
        """Call a function by name, ``"layers.relu_forward"``, with copies of the arguments.

        Returns
        -------
        result : object
            What it returned.
        after : tuple
            The arguments in these places, as they are after the call.
        """
        copies = copy.deepcopy(arguments)
        result = functools.reduce(getattr, path.split("."), self)(*copies)
        return result, tuple(copies[place] for place in after)
