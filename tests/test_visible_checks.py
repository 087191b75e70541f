"""Visible checks pass the solution and unusual style, and catch slips with their hints."""

import ast

import numpy as np
import pytest
from workspace import KIT, Workspace

from autograder import assignments, stubs
from daseCV import datasets, saving
from daseCV.checks import Student, discover
from daseCV.classifiers.fc_net import FullyConnectedNet, TwoLayerNet
from daseCV.data_utils import get_CIFAR10_data
from daseCV.solver import Solver

TASKS = ("TwoLayerNet.accuracy", "FullyConnectedNet.accuracy")
OVERFIT = ("FullyConnectedNet.overfit_three_layers", "FullyConnectedNet.overfit_five_layers")
SAVED = {name for entry in assignments.ASSIGNMENTS.values() for name in entry.tasks}
FUNCTIONS = [
    name for name, checks in discover().items()
    if name not in SAVED and not checks[0].live
]  # fmt: skip
CHECKS = [check for checks in discover().values() for check in checks]
LAYERS, OPTIM, NETS = "layers.py", "optim.py", "classifiers/fc_net.py"

# A wrong program is one slip: file, old, new; the exercise that fails; words the student reads.
SLIPS = [
    (LAYERS, "x.reshape(x.shape[0], -1) @ w + b", "x.reshape(x.shape[0], -1) @ w",
     "affine_forward", "is b added?"),
    (LAYERS, "x.reshape(x.shape[0], -1) @ w + b", "(x.reshape(x.shape[0], -1) @ w + b).T",
     "affine_forward", "out has the wrong shape"),
    (LAYERS, "dx = (dout @ w.T).reshape(x.shape)", "dx = dout @ w.T",
     "affine_backward", "the cache holds x as it came, not flattened"),
    (LAYERS, "dx = (dout @ w.T).reshape(x.shape)", "dx = x + (dout @ w.T).reshape(x.shape)",
     "affine_backward", "dx depends on dout and w only"),
    (LAYERS, "-1).T @ dout", "-1).T @ dout / len(x)",
     "affine_backward", "dw sums over the batch, it is no mean"),
    (LAYERS, "db = dout.sum(axis=0)  # (M,)\n    ### END", "db = dout.mean(0)\n    ### END",
     "affine_backward", "db sums over the batch, it is no mean"),
    (LAYERS, "db = dout.sum(axis=0)  # (M,)\n    ### END", "db = dout.sum(0)[None]\n    ### END",
     "affine_backward", "it is (1, 5), it should be (5,)"),
    (LAYERS, "out = np.maximum(x, 0)", "out = np.abs(x)",
     "relu_forward", "negative entries become zero"),
    (LAYERS, "out = np.maximum(x, 0)", "out = x[x > 0]",
     "relu_forward", "out has the wrong shape"),
    (LAYERS, "dx = dout * (x > 0)", "dx = np.where(x > 0, dout, x)",
     "relu_backward", "dx is zero there, neither x nor dout"),
    (LAYERS, "dx = dout * (x > 0)", "dx = dout * np.maximum(x, 0)",
     "relu_backward", "the size of x does not matter"),
    (LAYERS, "dx = dout * (x > 0)", "dx = x * (x > 0)",
     "relu_backward", "the upstream gradient dout must pass, not x"),
    (LAYERS, "dx = dout * (x > 0)", "pass",
     "relu_backward", "it is None: is it computed, and returned?"),
    (LAYERS, "shifted = x - x.max(axis=1, keepdims=True)", "shifted = x",
     "softmax_loss", "subtract the largest score"),
    (OPTIM, 'config["momentum"] * v - ', "v - ",
     "sgd_momentum", "momentum shrinks the old velocity"),
    (OPTIM, 'config["momentum"] * v - ', 'config["momentum"] * v + ',
     "sgd_momentum", "go downhill"),
    (OPTIM, "next_w = w + v", 'next_w = w - config["learning_rate"] * dw',
     "sgd_momentum", "w moves by the new velocity"),
    (OPTIM, 'config["velocity"] = v\n', 'config.setdefault("velocity", v * 0)\n',
     "sgd_momentum", "is the new velocity written back into config?"),
    (OPTIM, 'decay * config["cache"] + (1 - decay)', '(1 - decay) * config["cache"] + decay',
     "rmsprop", "decay_rate is the share of the old average"),
    (OPTIM, 'dw / (np.sqrt(config["cache"])', 'dw / (config["cache"]',
     "rmsprop", "divide by the root of the new cache"),
    (OPTIM, '    config["t"] += 1\n', "",
     "adam", "is the new t written back into config?"),
    (OPTIM, '    m_hat = config["m"] / (1 - beta1 ** config["t"])',
     '    config["t"] -= 1\n    m_hat = config["m"] / (1 - beta1 ** config["t"] + 1e-300)',
     "adam", "t grows before it is used"),
    (OPTIM, "m_hat / (np.sqrt(v_hat)", 'config["m"] / (np.sqrt(config["v"])',
     "adam", "is the bias corrected"),
    (OPTIM, 'beta1 * config["m"] + (1 - beta1)', '(1 - beta1) * config["m"] + beta1',
     "adam", "beta is the share of the old"),
    (OPTIM, "    m_hat = ", '    m_hat = config["m"] = ',
     "adam", "store uncorrected"),
    (NETS, "weight_scale * np.random.randn(hidden_dim", "np.random.randn(hidden_dim",
     "TwoLayerNet.__init__", "W2 has the wrong standard deviation"),
    (NETS, "weight_scale * np.random.randn(input_dim", "weight_scale + np.random.randn(input_dim",
     "TwoLayerNet.__init__", "mean 0, standard deviation weight_scale"),
    (NETS, "np.zeros(num_classes)", "np.random.randn(num_classes)",
     "TwoLayerNet.__init__", "they start at 0"),
    (NETS, 'self.params["b2"] =', 'self.params["B2"] =',
     "TwoLayerNet.__init__", "params should be W1, b1, W2, b2"),
    (NETS, "(np.sum(W1**2) + np.sum(W2**2))", "2 * (np.sum(W1**2) + np.sum(W2**2))",
     "TwoLayerNet.loss", "mind the factor 0.5"),
    (NETS, "np.sum(W1**2) + np.sum(W2**2)", "sum(np.sum(p**2) for p in self.params.values())",
     "TwoLayerNet.loss", "biases are not regularised"),
    (NETS, "dW2 + self.reg * W2", "dW2",
     "TwoLayerNet.loss", "the penalty has a gradient too"),
    (NETS, "        if y is None:\n", "        scores = abs(scores)\n        if y is None:\n",
     "TwoLayerNet.loss", "no ReLU"),
    (NETS, 'grads["W1"] = dW1 + self.reg * W1', "pass",
     "TwoLayerNet.loss", "grads lacks a parameter"),
    (NETS, "loss, dscores = softmax_loss(scores, y)", "loss, dscores = svm_loss(scores, y)",
     "TwoLayerNet.loss", "the softmax loss of the scores"),
    (NETS, 'self.params[f"W{i}"] = weight_scale', 'self.params[f"W{i}"] = weight_scale**(i < 3)',
     "FullyConnectedNet.__init__", "W3 has the wrong standard deviation"),
    (NETS, "for i in range(1, self.num_layers + 1):", "for i in range(1, self.num_layers):",
     "FullyConnectedNet.__init__", "params should be W1, b1, W2"),
    (NETS, '0.5 * self.reg * np.sum(params[f"W{i}"]', 'self.reg * np.sum(params[f"W{i}"]',
     "FullyConnectedNet.loss", "mind the factor 0.5"),
    (NETS, 'np.sum(params[f"W{i}"] ** 2)', 'sum(np.sum(params[f"{p}{i}"] ** 2) for p in "Wb")',
     "FullyConnectedNet.loss", "biases are not regularised"),
    (NETS, 'grads[f"W{i}"] += self.reg * params[f"W{i}"]', "pass",
     "FullyConnectedNet.loss", "the penalty has a gradient too"),
    (NETS, "out, relu = relu_forward(out)", "relu = relu_forward(out)[1]",
     "FullyConnectedNet.loss", "a ReLU after each affine layer but the last"),
    (NETS, "out, affine = affine_forward(out, params[f\"W{i}\"], params[f\"b{i}\"])",
     "out, affine = affine_forward(out, params[f\"W{i}\"], 0 * params[f\"b{i}\"])",
     "FullyConnectedNet.loss", "every bias counts"),
]  # fmt: skip

# Right, in unusual ways: each of these keeps passing.
UNUSUAL = {
    "loops": (LAYERS, "np.maximum(x, 0)", "np.array([max(v, 0) for v in x.flat]).reshape(x.shape)"),
    "dout in place": (LAYERS, "dx = dout * (x > 0)", "dout[x <= 0] = 0; dx = dout"),
    "gradient 1 at zero": (LAYERS, "dx = dout * (x > 0)", "dx = dout * (x >= 0)"),
    "scores in place": (LAYERS, "shifted = x - x.max(", "shifted = x; x -= x.max("),
    "w in place": (OPTIM, "next_w = w + v", "w += v; next_w = w"),
    "eps in the root": (OPTIM, '(np.sqrt(config["cache"]) + ', 'np.sqrt(config["cache"] + '),
    "eps in adam's root": (OPTIM, "(np.sqrt(v_hat) + ", "np.sqrt(v_hat + "),
    "t starts at 1": (OPTIM, 'config.setdefault("t", 0)', 'config.setdefault("t", 1)'),
    "another draw": (NETS, "weight_scale * np.random.randn(input_dim, hidden_dim)",
                     "np.random.normal(0, weight_scale, (2, input_dim, hidden_dim))[1]"),
    "a Python float": (NETS, "loss += 0.5 * self.reg * (",
                       "loss = float(loss)\n        loss += 0.5 * self.reg * ("),
    "prints": (LAYERS, "out = np.maximum(x, 0)", "out = np.maximum(x, 0); print(out)"),
    "matplotlib": (LAYERS, "import numpy as np", "import numpy as np, matplotlib.pyplot"),
}  # fmt: skip


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    return Workspace(tmp_path / "作业 2" / "my work", monkeypatch)


@pytest.fixture(scope="session")
def stand_in(tmp_path_factory):
    """The folder that DASECV_DATA names when it holds the stand-in."""
    folder = tmp_path_factory.mktemp("data")
    datasets.synthesize(folder / "cifar-10-batches-py")
    return folder


def verdicts(reports):
    return {name: report.verdict for name, report in reports.items()}


def test_the_solution_passes_every_check_of_a_function(workspace):
    assert verdicts(workspace.reports(*FUNCTIONS)) == dict.fromkeys(FUNCTIONS, "passed")


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: f"{slip[3]}: {slip[4]}")
def test_a_slip_is_caught_and_named(workspace, slip):
    file, old, new, exercise, words = slip
    workspace.edit(file, old, new)
    report = workspace.reports(exercise)[exercise]
    assert report.verdict == "failed"
    said = [f"{one.what} {one.detail} {one.hint}" for one in report.checks]
    assert any(words in text for text in said), said


@pytest.mark.parametrize("style", UNUSUAL)
def test_unusual_style_passes(workspace, style):
    workspace.edit(*UNUSUAL[style])
    assert verdicts(workspace.reports(*FUNCTIONS)) == dict.fromkeys(FUNCTIONS, "passed")


def test_a_cache_is_the_student_s_own_business(workspace):
    old = "    cache = (x, w, b)\n    return out, cache\n\n\ndef affine_backward"
    workspace.edit(LAYERS, old, old.replace("(x, w, b)", "{'w': w, 'x': x.copy()}"))
    old = "x, w, _ = cache\n    dx, dw, db"
    workspace.edit(LAYERS, old, old.replace("x, w, _ = cache", "x, w = cache['x'], cache['w']"))
    assert set(verdicts(workspace.reports(*FUNCTIONS)).values()) == {"passed"}


def test_every_check_says_in_both_languages_what_it_checks():
    for check in CHECKS:
        english, chinese = check.__doc__.split(" / ")
        assert english.isascii(), check
        assert any("\u4e00" <= c <= "\u9fff" for c in chinese), check


def test_a_check_has_ten_lines_at_most():
    for path in sorted((KIT / "checks").glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                assert node.end_lineno - node.lineno <= 10, f"{path.name}: {node.name}"


def test_no_check_holds_a_line_of_a_solution():
    secrets = set()
    for path in (KIT / LAYERS, KIT / OPTIM, KIT / NETS):
        secrets |= stubs.secret_lines(path.read_text(encoding="utf-8"), path.name)
    assert secrets
    for path in sorted((KIT / "checks").glob("*.py")):
        assert not stubs.leaks(path.read_text(encoding="utf-8"), path.name, secrets)


def test_a_student_has_the_modules_of_the_package():
    student = Student()
    assert student.fc_net.TwoLayerNet is TwoLayerNet
    assert student.fetch(3) == 3
    with pytest.raises(AttributeError, match="no module nonsense"):
        student.nonsense  # noqa: B018, looking it up is the test


def test_a_call_by_name_leaves_arguments_alone_and_shows_them_afterwards():
    w, dw = np.ones(2), np.ones(2)
    (next_w, _), (after,) = Student().call("optim.sgd", w, dw, {"learning_rate": 1.0}, after=[0])
    assert next_w.tolist() == after.tolist() == [0, 0]
    assert w.tolist() == [1, 1]


def task_message(workspace, name):
    (one,) = workspace.reports(name)[name].checks
    return one.verdict if one.verdict == "passed" else f"{one.what} {one.detail}"


def save(workspace, monkeypatch, name, **work):
    monkeypatch.chdir(workspace.folder)
    saving.save_work(name, **work)


@pytest.mark.parametrize("name", TASKS + OVERFIT)
def test_a_task_that_was_not_saved_is_named(workspace, name):
    assert f"saved/{name}.npz is not there" in task_message(workspace, name)


def test_missing_data_is_told_in_its_own_words(workspace, monkeypatch, tmp_path):
    monkeypatch.setenv("DASECV_DATA", str(tmp_path))
    save(
        workspace, monkeypatch, OVERFIT[0], arguments={"learning_rate": 1e-3, "weight_scale": 5e-2}
    )
    assert "python -m daseCV.datasets synthesize" in task_message(workspace, OVERFIT[0])


@pytest.mark.parametrize("value", [None, "0.1", True, -1.0, float("nan")])
def test_a_hyper_parameter_is_a_positive_number(workspace, monkeypatch, value):
    save(
        workspace, monkeypatch, OVERFIT[0], arguments={"learning_rate": value, "weight_scale": 1.0}
    )
    assert "learning_rate is not saved as a positive number" in task_message(workspace, OVERFIT[0])


@pytest.mark.parametrize("name", OVERFIT)
def test_hyper_parameters_are_tried(workspace, monkeypatch, stand_in, name):
    monkeypatch.setenv("DASECV_DATA", str(stand_in))
    save(workspace, monkeypatch, name, arguments={"learning_rate": 5e-3, "weight_scale": 5e-2})
    assert task_message(workspace, name) == "passed"
    save(workspace, monkeypatch, name, arguments={"learning_rate": 1e-7, "weight_scale": 1e-3})
    assert "in 20 epochs, it should reach 100%" in task_message(workspace, name)


@pytest.mark.parametrize("name", TASKS)
def test_a_model_is_judged_on_validation_images(workspace, monkeypatch, stand_in, name):
    monkeypatch.setenv("DASECV_DATA", str(stand_in))
    monkeypatch.chdir(workspace.folder)
    data = get_CIFAR10_data()
    np.random.seed(0)
    model = (
        TwoLayerNet(hidden_dim=50)
        if name.startswith("Two")
        else FullyConnectedNet([50], weight_scale=1e-3)
    )
    model.save(name)
    assert "it should reach 50%" in task_message(workspace, name)
    options = {"optim_config": {"learning_rate": 1e-3}, "num_epochs": 3, "num_train_samples": 10}
    Solver(model, data, update_rule="adam", verbose=False, **options).train()
    model.save(name)
    assert task_message(workspace, name) == "passed"


def test_a_model_of_other_data_is_told(workspace, monkeypatch, stand_in, tmp_path):
    monkeypatch.setenv("DASECV_DATA", str(tmp_path))
    monkeypatch.chdir(workspace.folder)
    TwoLayerNet().save(TASKS[0])
    monkeypatch.setenv("DASECV_DATA", str(stand_in))
    assert "trained on other data than is here" in task_message(workspace, TASKS[0])


def test_a_file_without_parameters_is_told(workspace, monkeypatch):
    save(workspace, monkeypatch, TASKS[0], arguments={})
    assert "holds no parameters" in task_message(workspace, TASKS[0])
