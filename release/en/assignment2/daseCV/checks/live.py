"""Runs checks of work that lives in notebook cells: in the notebook's own kernel, on its variables.

Everything else is checked in a process of its own (`daseCV.checks.process`), but variables cannot
leave the kernel. The notebook's random numbers go on afterwards as if nothing had been checked.
"""

import sys

import numpy as np

from daseCV.checks import Student, discover, process


class Notebook:
    """The variables of the notebook as attributes: ``student.notebook.answer``."""

    def __getattr__(self, name):
        shell = _shell()
        if shell is None:
            raise NotImplementedError(
                "this exercise is checked in its notebook / 这个练习要在笔记本中检查"
            )
        if name not in shell.user_ns:
            raise NotImplementedError(
                f"the notebook has no {name} yet: run the cell that makes it / "
                f"笔记本中还没有 {name}：请先运行定义它的单元格"
            )
        return shell.user_ns[name]


class LiveStudent(Student):
    """The package, and the notebook in which the check was asked for."""

    notebook = Notebook()


def in_notebook():
    """Whether this is the kernel of a notebook."""
    return _shell() is not None


def _shell():
    """IPython's shell, if IPython runs this; it is not imported for the question."""
    python = sys.modules.get("IPython")
    return python and python.get_ipython()


def run_here(exercise):
    """Run the checks of one exercise in this process.

    Returns
    -------
    report : daseCV.checks.process.ExerciseReport
    """
    from daseCV.checks import run  # not before: `submit` goes on when the checks cannot start

    state, torch = np.random.get_state(), sys.modules.get("torch")
    torch_state = torch and torch.get_rng_state()
    try:
        checks = [
            process.CheckReport(check.__doc__, **run.judge(check, LiveStudent()))
            for check in discover()[exercise]
        ]
    finally:
        np.random.set_state(state)
        if torch:
            torch.set_rng_state(torch_state)
    return process.ExerciseReport(exercise, tuple(checks))
