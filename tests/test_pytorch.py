"""PyTorch.ipynb: its cells judged in a world with torch, and left out with a line where it is not.

Most of it needs torch (`pip install torch==2.13.0`) and is skipped without.
"""

import io
import json
import sys
import types

import nbformat
import numpy as np
import pytest

from autograder import HOME, cells, held_out, plugins, runner, slips, solution
from autograder.checks.tasks import test_pytorch_tasks as tasks
from autograder.graded import grade_id, nbgrader_part
from autograder.intake import Submission
from autograder.results import Verdict
from autograder.sandbox import WORLDS
from autograder.sandbox.worlds import World
from daseCV import data_utils, pytorch
from daseCV.checks import live

NAME = "PyTorch.ipynb"
SOURCE = HOME / "source" / "assignment2" / NAME
FUNCTION, CLASS = "PyTorch.three_layer_convnet", "PyTorch.ThreeLayerConvNet"
INIT, FORWARD = f"{CLASS}.__init__", f"{CLASS}.forward"
BARE, MODULE = "PyTorch.barebones", "PyTorch.module_api"
SEQUENTIAL, OPEN = "PyTorch.sequential_api", "PyTorch.open_ended"
EXERCISES = [FUNCTION, BARE, INIT, FORWARD, MODULE, SEQUENTIAL, OPEN]
SHARES = {"much": (0.0, 0.5), "some": (0.5, 0.75), "little": (0.75, 1.0)}  # what a slip leaves

torch_only = pytest.mark.skipif(
    not WORLDS["torch"].here, reason=f"without torch: pip install {WORLDS['torch'].version}"
)


def notebook(edits):
    """The solved notebook with the code of some solution cells replaced."""
    made = json.loads(SOURCE.read_text(encoding="utf-8"))
    for cell in made["cells"]:
        name = nbgrader_part(cell).get("grade_id", "").removesuffix("-solution")
        for exercise, code in edits.items():
            if name == grade_id(exercise) and nbgrader_part(cell)["solution"]:
                cell["source"] = code
    return json.dumps(made).encode()


def solved(exercise):
    """The code of a solved cell."""
    return cells.find(cells.read({NAME: SOURCE.read_bytes()}), exercise)


def cell_of(edit):
    return CLASS if edit.exercise in (INIT, FORWARD) else edit.exercise


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    """A course of this notebook alone."""
    folder = tmp_path_factory.mktemp("course")
    (folder / "source" / "assignment2").mkdir(parents=True)
    (folder / "source" / "assignment2" / NAME).write_bytes(SOURCE.read_bytes())
    return folder


# --- without torch -------------------------------------------------------------------------------


@pytest.fixture
def no_torch(monkeypatch):
    """A machine without torch."""
    monkeypatch.setitem(WORLDS, "torch", World(package="no_torch_here", version="torch==2.13.0"))


LEFT_OUT = (
    "PyTorch.ipynb was not graded: no_torch_here is not installed here; "
    "`pip install torch==2.13.0`, then grade again / "
)


def test_without_torch_the_exercises_are_left_out(zygote, no_torch):
    submission = Submission.from_files("someone", {NAME: SOURCE.read_bytes()})
    asked = [*EXERCISES, "relu_forward"]
    result = runner.grade(submission, "assignment2", select=asked, zygote=zygote)
    assert [exercise.exercise for exercise in result.exercises] == ["relu_forward"]
    (note,) = result.notes
    assert note.startswith(LEFT_OUT)
    assert "PyTorch.ipynb 未评分" in note


def test_without_torch_there_may_be_nothing_left_to_grade(zygote, no_torch):
    submission = Submission.from_files("someone", {})
    result = runner.grade(submission, "assignment2", select=EXERCISES, zygote=zygote)
    assert (result.exercises, result.earned) == ((), 0)


def test_without_torch_the_form_grader_waits_for_a_person(no_torch):
    part = {"grade_id": grade_id(OPEN), "points": 2}
    result = plugins._unjudged(part, "assignment2")
    assert (result.verdict, result.earned) == (Verdict.GRADER_ERROR, None)
    assert result.checks[0].message.startswith(LEFT_OUT)


def test_the_model_hand_in_trains_nothing_without_torch(no_torch, course):
    assert solution.saved_work("assignment2", course) == {}


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


def test_images_are_normalised():
    images = np.array([0, 255, 128], np.uint8).reshape(1, 3, 1, 1)
    X = pytorch.normalize(images)
    assert (X.dtype, X.shape, images.max()) == (np.float32, (1, 3, 1, 1), 255)
    assert pytorch.normalize(images.transpose(0, 1, 3, 2)).flags.c_contiguous
    np.testing.assert_allclose(X.ravel(), [-2.4291, 2.5968, 0.2759], atol=1e-3)


def test_the_notebook_names_what_a_child_has_no_data_for():
    """`cells.NO_DATA` stands for the cell that loads the data."""
    made = nbformat.read(SOURCE, nbformat.NO_CONVERT)
    (loading,) = [cell.source for cell in made.cells if cell.id == "load-data"]
    for name in cells.NO_DATA.split("=")[:-1]:
        assert f"{name.strip()}" in loading


def test_every_cell_of_the_table_is_there_and_every_slip_fits():
    for edit in (*slips.CELL_SLIPS, *slips.CELL_STYLES):
        assert edit.apply(solved(cell_of(edit))) != solved(cell_of(edit))
    for exercise in (FUNCTION, INIT, FORWARD):
        assert sum(slip.exercise == exercise for slip in slips.CELL_SLIPS) >= 3
        assert any(style.exercise == exercise for style in slips.CELL_STYLES)


# --- with torch: a whole hand-in -----------------------------------------------------------------


@pytest.fixture(scope="session")
def model(course):
    """The files of its model hand-in."""
    return dict(solution.hand_in("assignment2", course).files)


@pytest.fixture
def judged(zygote, model, course):
    """Grade the model hand-in with some cells, and files, replaced: exercises by name."""

    def judged(edits=None, files=None, select=EXERCISES):
        changed = {**model, NAME: notebook(edits or {}), **(files or {})}
        submission = Submission.from_files("someone", changed)
        result = runner.grade(
            submission, "assignment2", select=select, zygote=zygote, course=course
        )
        return {e.exercise: e for e in result.exercises}

    return judged


def lost(found):
    return {name for name, exercise in found.items() if exercise.earned != exercise.possible}


@torch_only
def test_the_model_hand_in_earns_everything(judged):
    found = judged()
    assert set(found) == set(EXERCISES)
    assert lost(found) == set()


@torch_only
def test_the_released_notebook_earns_nothing(zygote, course):
    files = solution.handed_out("assignment2", course, solved=False)
    submission = Submission.from_files("someone", files)
    result = runner.grade(submission, "assignment2", zygote=zygote, course=course)
    for exercise in result.exercises:
        there = exercise.exercise in (FUNCTION, INIT, FORWARD)
        verdict = Verdict.NOT_IMPLEMENTED if there else Verdict.NOT_HANDED_IN
        assert {check.verdict for check in exercise.checks} == {verdict}, exercise.exercise


@torch_only
@pytest.mark.parametrize("slip", slips.CELL_SLIPS, ids=lambda slip: slip.name)
def test_a_slip_loses_points_in_its_exercise_and_in_no_other(judged, slip):
    code = slip.apply(solved(cell_of(slip)))
    found = judged({cell_of(slip): code})
    assert lost(found) == {slip.exercise}
    low, high = SHARES[slip.loses]
    assert low <= found[slip.exercise].earned / found[slip.exercise].possible < high


@torch_only
@pytest.mark.parametrize("style", slips.CELL_STYLES, ids=lambda style: style.name)
def test_a_style_keeps_everything(judged, style):
    code = style.apply(solved(cell_of(style)))
    assert lost(judged({cell_of(style): code}, select=[FUNCTION, INIT, FORWARD])) == set()


@torch_only
@pytest.mark.parametrize(
    ("cell", "code", "loses"),
    [
        (FUNCTION, "def three_layer_convnet(x, params:", {FUNCTION}),
        (CLASS, "raise ValueError", {INIT, FORWARD}),
        (BARE, "1 / 0", set()),  # what was trained is there, and so is the function
        (SEQUENTIAL, "import os; os._exit(3)", {SEQUENTIAL}),
        (OPEN, "model = nn.Linear(3, 2", {OPEN}),
    ],
)
def test_a_broken_cell_hurts_its_own_exercise(judged, cell, code, loses):
    assert lost(judged({cell: code})) == loses


@torch_only
def test_a_task_on_a_wrong_class_is_judged_with_the_kit_s(judged):
    """A fault is paid for once, and the report says what was lent."""
    found = judged({CLASS: solved(CLASS).replace("self.conv2(hidden)", "hidden")})
    assert lost(found) == {FORWARD}
    said = {check.message for check in found[MODULE].checks}
    assert any(f"judged with the kit's {CLASS}" in message for message in said)


@torch_only
@pytest.mark.parametrize(
    ("code", "module"),
    [
        ("from torchvision.models import resnet18\nmodel = resnet18()", "torchvision"),
        ("import timm\nmodel = timm.create_model('x')", "timm"),
        ("model = torch.hub.load('pytorch/vision', 'resnet18')", "torch.hub"),
        ("from torch.hub import load\nmodel = load('pytorch/vision', 'resnet18')", "torch.hub"),
    ],
)
def test_pretrained_weights_are_not_there(judged, code, module):
    found = judged({OPEN: code}, select=[OPEN])[OPEN]
    assert (found.verdict, found.earned) == (Verdict.CRASHED, 0)
    message = found.checks[0].message
    assert message.startswith(f"imports '{module}', which is not available here")
    assert f"({NAME}: {OPEN}, line " in message


@torch_only
def test_a_cell_that_trains_is_through_at_once(judged):
    more = "\ntrain_part34(model, optimizer, epochs=1000)\ncheck_accuracy_part34(loader_val, model)"
    assert lost(judged({OPEN: solved(OPEN) + more}, select=[OPEN])) == set()


@torch_only
def test_a_cell_that_never_ends_is_stopped(judged, monkeypatch):
    limits = types.SimpleNamespace(check_seconds=1.0)
    monkeypatch.setattr(runner.Judge, "_seconds", lambda *_: limits.check_seconds)
    found = judged({OPEN: "while True: pass"}, select=[OPEN, SEQUENTIAL])
    assert found[OPEN].verdict is Verdict.TIMED_OUT
    assert found[SEQUENTIAL].verdict is Verdict.PASSED


@torch_only
def test_a_cell_that_wants_all_memory_is_told_so(judged):
    found = judged({OPEN: "model = torch.zeros(10**11)"}, select=[OPEN])[OPEN]
    assert found.verdict is Verdict.OUT_OF_MEMORY


# --- what was saved ------------------------------------------------------------------------------


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


@torch_only
@pytest.mark.parametrize("exercise", [BARE, MODULE, SEQUENTIAL, OPEN])
def test_a_near_miss_keeps_two_thirds(judged, monkeypatch, exercise):
    monkeypatch.setitem(tasks.STEPS, exercise, ([0, 0, 0], [0.0, 0.01, 1.0]))
    found = judged(select=[exercise])[exercise]
    assert [check.verdict is Verdict.PASSED for check in found.checks] == [True, True, False]
    assert "it should be at least 100%" in found.checks[2].message
    assert found.earned == pytest.approx(2 / 3 * found.possible, abs=1e-3)


@torch_only
@pytest.mark.parametrize("exercise", [BARE, MODULE, SEQUENTIAL, OPEN])
def test_what_has_learnt_nothing_earns_nothing(judged, model, exercise):
    noise = np.random.default_rng(0)
    params = {
        name: noise.normal(size=value.shape).astype(value.dtype)
        for name, value in params_of(model, exercise).items()
    }
    params = {n: abs(v) if "running" in n else v for n, v in params.items()}
    files = {f"saved/{exercise}.npz": saved(params)}
    assert judged(files=files, select=[exercise])[exercise].earned == 0


@torch_only
@pytest.mark.parametrize("exercise", [BARE, SEQUENTIAL])
def test_parameters_that_do_not_fit_are_told(judged, model, exercise):
    params = params_of(model, exercise)
    name = max(params)
    for change, text in [
        ({name: np.full_like(params[name], np.nan)}, f"{name} has entries that are nan or inf"),
        ({"more": np.zeros(3)}, "a model of other parameters than were saved"),
    ]:
        files = {f"saved/{exercise}.npz": saved({**params, **change})}
        found = judged(files=files, select=[exercise])[exercise]
        assert (found.verdict, found.earned) == (Verdict.FAILED, 0)
        assert text in found.checks[0].message


# --- daseCV.pytorch, and the visible checks ------------------------------------------------------


@pytest.fixture
def variables(ipython):
    """The variables of the notebook, solved, in the process that runs this test."""
    code = cells.prelude(SOURCE.read_bytes()) + cells.NO_DATA
    for exercise in (FUNCTION, CLASS, BARE, OPEN):
        code += solved(exercise) + "\n"
    exec(compile(code, "<ipython-input-1>", "exec"), ipython.user_ns)
    return ipython.user_ns


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
def test_what_was_saved_is_tried_on_validation_images(variables, model, exercise, folder):
    (one,) = live.run_here(exercise).checks
    assert one.what.startswith(f"saved/{exercise}.npz is not there")
    path = folder / f"{exercise}.npz"
    path.write_bytes(model[f"saved/{exercise}.npz"])
    assert live.run_here(exercise).verdict == "passed"
    params = params_of(model, exercise)
    path.write_bytes(saved({name: 0 * value for name, value in params.items()}))
    (one,) = live.run_here(exercise).checks
    assert one.what.startswith("validation accuracy is ")


@torch_only
def test_another_model_than_was_saved_is_told(variables, model, folder):
    path = folder / f"{SEQUENTIAL}.npz"
    path.write_bytes(model[f"saved/{SEQUENTIAL}.npz"])
    (one,) = live.run_here(SEQUENTIAL).checks
    assert one.what == "model is another one than was saved / model 与保存的模型不符"
