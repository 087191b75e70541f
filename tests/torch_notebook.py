"""PyTorch.ipynb, as its tests take it apart: its exercises, solved cells and what they save."""

import io

import numpy as np
import pytest

from autograder import HOME, cells, held_out
from autograder.sandbox import WORLDS
from daseCV import data_utils

NAME = "PyTorch.ipynb"
SOURCE = HOME / "source" / "assignment2" / NAME
FUNCTION, CLASS = "PyTorch.three_layer_convnet", "PyTorch.ThreeLayerConvNet"
INIT, FORWARD = f"{CLASS}.__init__", f"{CLASS}.forward"
BARE, MODULE = "PyTorch.barebones", "PyTorch.module_api"
SEQUENTIAL, OPEN = "PyTorch.sequential_api", "PyTorch.open_ended"

torch_only = pytest.mark.skipif(
    not WORLDS["torch"].here, reason=f"without torch: pip install {WORLDS['torch'].version}"
)


def solved(exercise):
    """The code of a solved cell."""
    return cells.find(cells.read({NAME: SOURCE.read_bytes()}), exercise)


def cell_of(edit):
    return CLASS if edit.exercise in (INIT, FORWARD) else edit.exercise


def saved(params):
    """A file as `daseCV.saving` writes it, made with the stand-in."""
    arrays = {f"params.{name}": value for name, value in params.items()}
    digest = data_utils.data_digest(held_out.stand_in())
    file = io.BytesIO()
    np.savez(file, **arrays, arguments=np.array("{}"), data=np.array(digest))
    return file.getvalue()


def params_of(model, exercise):
    with np.load(io.BytesIO(model[f"saved/{exercise}.npz"])) as arrays:
        named = {name.removeprefix("params."): arrays[name] for name in arrays.files}
    return {name: value for name, value in named.items() if name not in ("arguments", "data")}
