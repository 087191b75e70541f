"""PyTorch.ipynb where it is worked in: cells that skip, `daseCV.pytorch`, the visible checks.

Most of it needs torch (`pip install torch==2.13.0`) and is skipped without.
"""

import sys
import types

import nbformat
import numpy as np
import pytest
from torch_notebook import (
    BARE,
    CLASS,
    FORWARD,
    FUNCTION,
    INIT,
    OPEN,
    SEQUENTIAL,
    SOURCE,
    cell_of,
    params_of,
    saved,
    solved,
    torch_only,
)

from autograder import cells, held_out, slips
from daseCV import pytorch
from daseCV.checks import live

# --- without torch -------------------------------------------------------------------------------


@pytest.fixture
def ipython(monkeypatch):
    """What IPython knows of itself, in this process."""
    shell = types.SimpleNamespace(input_transformers_cleanup=[], user_ns={})
    python = types.SimpleNamespace(get_ipython=lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", python)
    return shell


def test_without_torch_the_notebook_skips_its_cells(ipython, monkeypatch, capsys):
    monkeypatch.setattr(pytorch.importlib.util, "find_spec", lambda name: None)
    pytorch.skip_without_torch()
    assert capsys.readouterr().out == (
        "PyTorch is not installed / 未安装 PyTorch: `pip install torch==2.13.0`\n"
        "The cells below are skipped. / 以下单元格都会跳过。\n"
    )
    (skip,) = ipython.input_transformers_cleanup
    exec("".join(skip(["import torch\n", "torch.zeros(1)\n"])))
    assert capsys.readouterr().out == "skipped: PyTorch is not installed / 已跳过：未安装 PyTorch\n"
    assert skip(["%pip install torch\n"]) == ["%pip install torch\n"]


def test_with_torch_nothing_is_skipped(ipython, monkeypatch, capsys):
    monkeypatch.setattr(pytorch.importlib.util, "find_spec", lambda name: name)
    pytorch.skip_without_torch()
    assert (capsys.readouterr().out, ipython.input_transformers_cleanup) == ("", [])


def test_the_notebook_names_what_a_child_has_no_data_for():
    """`cells.NO_DATA` stands for the cell that loads the data."""
    made = nbformat.read(SOURCE, nbformat.NO_CONVERT)
    (loading,) = [cell.source for cell in made.cells if cell.id == "load-data"]
    for name in cells.NO_DATA.split("=")[:-1]:
        assert f"{name.strip()}" in loading


# --- daseCV.pytorch ------------------------------------------------------------------------------


@pytest.fixture
def variables(ipython):
    """The variables of the notebook, solved, in the process that runs this test."""
    code = cells.prelude(SOURCE.read_bytes()) + cells.NO_DATA
    for exercise in (FUNCTION, CLASS, BARE, OPEN):
        code += solved(exercise) + "\n"
    exec(compile(code, "<ipython-input-1>", "exec"), ipython.user_ns)
    return ipython.user_ns


def test_images_are_normalised():
    images = np.array([0, 255, 128], np.uint8).reshape(1, 3, 1, 1)
    X = pytorch.normalize(images)
    assert (X.dtype, X.shape, images.max()) == (np.float32, (1, 3, 1, 1), 255)
    assert pytorch.normalize(images.transpose(0, 1, 3, 2)).flags.c_contiguous
    np.testing.assert_allclose(X.ravel(), [-2.4291, 2.5968, 0.2759], atol=1e-3)


@torch_only
def test_parameters_go_out_and_in_again(variables):
    model = variables["model"]
    params = pytorch.parameters(model)
    assert all(isinstance(value, np.ndarray) for value in params.values())
    assert "1.running_mean" in params
    changed = {name: value + 1 for name, value in params.items()}
    pytorch.load_parameters(model, changed)
    for name, value in pytorch.parameters(model).items():
        np.testing.assert_array_equal(value, changed[name])
    with pytest.raises(ValueError, match="more has shape None in the model, \\(\\) in what was"):
        pytorch.load_parameters(model, {**params, "more": np.zeros(())})


@torch_only
def test_parameters_are_counted(variables):
    """`pytorch.parameter_counts` of the reference numbers."""
    weight, fc = variables["random_weight"], variables["TwoLayerFC"]
    assert pytorch.parameter_count([weight((3072, 4000)), weight((4000, 10))]) == 12_328_000
    assert pytorch.parameter_count(fc(3072, 4000, 10)) == 12_332_010
    assert pytorch.parameter_count(variables["ThreeLayerConvNet"](3, 32, 16, 10)) == 170_906
    assert pytorch.parameter_count(variables["params"]) == 170_906
    shapes = [value.shape for value in pytorch.parameters(variables["params"]).values()]
    assert shapes[0] == (32, 3, 5, 5)


@torch_only
def test_scores_leave_the_model_as_it_was(variables):
    model, X = variables["model"], np.ones((3, 3, 32, 32), np.float32)
    before = pytorch.parameters(model)
    assert model.training
    scores = pytorch.scores(model, X, batch_size=2)
    assert (scores.dtype, scores.shape, model.training) == (np.float32, (3, 10), True)
    for name, value in pytorch.parameters(model).items():
        np.testing.assert_array_equal(value, before[name])
    with pytest.raises(TypeError, match="the network returned a NoneType, not a tensor"):
        pytorch.scores(lambda x, params: None, X, params=[])


# --- the visible checks --------------------------------------------------------------------------


@torch_only
@pytest.mark.parametrize("exercise", [FUNCTION, INIT, FORWARD])
def test_the_solution_passes_the_visible_checks(variables, exercise):
    torch = variables["torch"]
    torch.manual_seed(5)
    expected = torch.rand(1).item()
    torch.manual_seed(5)
    report = live.run_here(exercise)
    assert report.verdict == "passed", report
    assert torch.rand(1).item() == expected


@torch_only
@pytest.mark.parametrize("slip", slips.CELL_SLIPS, ids=lambda slip: slip.name)
def test_the_visible_checks_catch_what_the_notebook_exercises(variables, slip):
    exec(slip.apply(solved(cell_of(slip))), variables)
    found = {e: live.run_here(e).verdict for e in (FUNCTION, INIT, FORWARD)}
    beyond = slip.loses == "little" or slip.name == "torch-10-wired-in"
    assert (found[slip.exercise] == "passed") == beyond


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where the notebook saves, beside the stand-in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DASECV_DATA", str(held_out.stand_in().parent))
    (tmp_path / "saved").mkdir()
    return tmp_path / "saved"


@torch_only
@pytest.mark.parametrize("exercise", [BARE, OPEN])
def test_what_was_saved_is_tried_on_validation_images(variables, pytorch_files, exercise, folder):
    (one,) = live.run_here(exercise).checks
    assert one.what.startswith(f"saved/{exercise}.npz is not there")
    path = folder / f"{exercise}.npz"
    path.write_bytes(pytorch_files[f"saved/{exercise}.npz"])
    assert live.run_here(exercise).verdict == "passed"
    params = params_of(pytorch_files, exercise)
    path.write_bytes(saved({name: 0 * value for name, value in params.items()}))
    (one,) = live.run_here(exercise).checks
    assert one.what.startswith("validation accuracy is ")


@torch_only
def test_another_model_than_was_saved_is_told(variables, pytorch_files, folder):
    path = folder / f"{SEQUENTIAL}.npz"
    path.write_bytes(pytorch_files[f"saved/{SEQUENTIAL}.npz"])
    (one,) = live.run_here(SEQUENTIAL).checks
    assert one.what == "model is another one than was saved / model 与保存的模型不符"
