"""Visible checks of the norms, dropout and the switches: slips are named, unusual style passes."""

import pytest
from workspace import Workspace

from autograder.slips import fc_net_switches, layers_norm

SLIPS = {slip.name: slip for slip in (*layers_norm.SLIPS, *fc_net_switches.SLIPS)}
STYLES = (*layers_norm.STYLES, *fc_net_switches.STYLES)
LAYERS = "layers.py"
EXERCISES = (
    "batchnorm_forward", "batchnorm_backward", "batchnorm_backward_alt", "layernorm_forward",
    "layernorm_backward", "dropout_forward", "dropout_backward", "FullyConnectedNet.batchnorm",
    "FullyConnectedNet.layernorm", "FullyConnectedNet.dropout",
)  # fmt: skip

# What a student reads who made the slip.
WORDS = {
    "bn-pytorch-momentum": "running = momentum * running",
    "bn-unbiased": "divided by N, not by N - 1",
    "bn-no-gamma": "deviations has wrong values",
    "bn-deviation-kept": "running_var has wrong values",
    "bn-test-by-batch": "means at test time has wrong values",
    "bn-no-running": "running_mean has wrong values",
    "bn-over-features": "mean and variance over the batch",
    "bn-running-axis": "it is (1, 2), it should be (2,)",
    "bn-dx-without-mean": "itself, in the mean, in the variance",
    "bn-dx-without-variance": "itself, in the mean, in the variance",
    "bn-dvar-root": "itself, in the mean, in the variance",
    "bn-dx-variance-sum": "itself, in the mean, in the variance",
    "bn-dgamma-centred": "gamma multiplies what is normalised",
    "bn-dbeta-mean": "beta is added to every example",
    "bn-dgamma-axis": "it is (1, 5), it should be (5,)",
    "bn-alt-no-gamma": "itself, in the mean, in the variance",
    "bn-alt-no-n": "itself, in the mean, in the variance",
    "bn-alt-gamma-inside": "itself, in the mean, in the variance",
    "bn-alt-sign": "itself, in the mean, in the variance",
    "bn-alt-dgamma-axis": "it is (1, 5), it should be (5,)",
    "ln-over-batch": "mean and variance over the features",
    "ln-unbiased": "mean and variance over the features",
    "ln-not-centred": "mean and variance over the features",
    "ln-no-beta": "means has wrong values",
    "ln-dx-as-batchnorm": "the sums in dx run over the features",
    "ln-dx-no-gamma": "the sums in dx run over the features",
    "ln-dx-by-batch": "the sums in dx run over the features",
    "ln-dgamma-by-row": "it is (4,), it should be (5,)",
    "dropout-unscaled": "divide what is kept by p, in training only",
    "dropout-p-drops": "p is the probability of keeping a unit",
    "dropout-p-over-p": "divide what is kept by p, in training only",
    "dropout-test-scaled": "divide what is kept by p, in training only",
    "dropout-randn": "p is the probability of keeping a unit",
    "dropout-one-mask": "whole rows or columns are dropped",
    "dropout-no-mask": "use the mask of the forward pass",
    "dropout-scaled-twice": "use the mask of the forward pass",
    "dropout-mask-anew": "use the mask of the forward pass",
    "dropout-backward-unscaled": "use the mask of the forward pass",
    "dropout-test-stops": "nothing was dropped",
    "switch-norm-after-relu": "affine - norm - ReLU",
    "switch-batchnorm-ignored": "affine - norm - ReLU",
    "switch-batchnorm-on-scores": "no norm after the last affine",
    "switch-no-gamma": "gamma1 is not an array",
    "switch-gamma-zero": "gamma1 has wrong values",
    "switch-one-gamma": "operands could not be broadcast",
    "switch-wrong-cache": "ValueError",
    "switch-backward-order": "backwards: dropout, ReLU, norm, affine",
    "switch-gamma-regularised": "neither gamma nor beta is regularised",
    "switch-one-bn-param": "operands could not be broadcast",
    "switch-fresh-bn-param": "layer i takes self.bn_params[i - 1]",
    "switch-mode-train": "do the layers get the mode 'test'?",
    "switch-layernorm-ignored": "loss at reg 0.0 has a wrong value",
    "switch-layernorm-is-batchnorm": "crashed with KeyError",
    "switch-layernorm-backward": "grads['W1'] has wrong values",
    "switch-layernorm-no-gamma": "gamma1 is not an array",
    "switch-layernorm-training-only": "does the same in training and testing",
    "switch-dropout-ignored": "hidden layer 1 keeps another share",
    "switch-dropout-p-drops": "hidden layer 1 keeps another share",
    "switch-dropout-first-only": "hidden layer 2 keeps another share",
    "switch-dropout-on-input": "inputs are dropped",
    "switch-dropout-on-scores": "grads['W",
    "switch-dropout-no-backward": "backwards: dropout, ReLU, norm, affine",
    "switch-dropout-at-test-time": "do the layers get the mode 'test'?",
}


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    return Workspace(tmp_path / "作业 2" / "my work", monkeypatch)


def make(workspace, *edits):
    """Make these edits in the student's package."""
    for edit in edits:
        path = workspace.folder / "daseCV" / edit.module
        path.write_text(edit.apply(path.read_text(encoding="utf-8")), encoding="utf-8")


@pytest.mark.parametrize("name", WORDS)
def test_a_slip_is_caught_and_named(workspace, name):
    slip = SLIPS[name]
    make(workspace, slip)
    report = workspace.reports(slip.exercise)[slip.exercise]
    assert report.verdict in ("failed", "crashed")
    said = [f"{one.what} {one.detail} {one.hint}" for one in report.checks]
    assert any(WORDS[name] in text for text in said), said


def test_whatever_loses_more_than_a_little_is_caught_here_too():
    heavy = {n for n, slip in SLIPS.items() if slip.loses != "little"}
    assert {n for n in heavy if SLIPS[n].exercise in EXERCISES} <= set(WORDS)


@pytest.mark.parametrize("turn", range(3))
def test_unusual_style_passes(workspace, turn):
    first = {}
    for style in STYLES[::-1] if turn == 1 else STYLES[turn:]:
        first.setdefault(style.exercise, style)
    make(workspace, *first.values())
    verdicts = {name: report.verdict for name, report in workspace.reports(*EXERCISES).items()}
    assert verdicts == dict.fromkeys(EXERCISES, "passed")


def test_a_boolean_mask_scaled_later_passes(workspace):
    old = "mask = ((np.random.rand(*x.shape) < p) / p).astype(x.dtype)\n        out = x * mask"
    workspace.edit(LAYERS, old, "mask = np.random.rand(*x.shape) < p\n        out = x * mask / p")
    workspace.edit(LAYERS, "dout * mask if", 'dout * mask / dropout_param["p"] if')
    reports = workspace.reports("dropout_forward", "dropout_backward", "FullyConnectedNet.dropout")
    assert {report.verdict for report in reports.values()} == {"passed"}
