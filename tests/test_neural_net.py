"""The network that trains itself: published numbers, gradients, training; its visible checks."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from workspace import Workspace

from autograder import slips
from daseCV.classifiers.neural_net import TwoLayerNet
from daseCV.gradient_check import eval_numerical_gradient

MODULE = "classifiers/neural_net.py"
LOSS, TRAIN, PREDICT = (f"neural_net.TwoLayerNet.{name}" for name in ("loss", "train", "predict"))
TOY_LABELS = np.array([0, 1, 2, 2, 1])


def toy():
    """The network and the images of neural_net.toy.*."""
    np.random.seed(1)
    X = 10 * np.random.randn(5, 4)
    np.random.seed(0)
    return TwoLayerNet(4, 10, 3, std=1e-1), X


def test_published_scores():  # neural_net.toy.scores
    net, X = toy()
    first_row = [-0.8123374131092695, -1.2765462405665546, -0.7033599477779823]
    assert_allclose(net.loss(X)[0], first_row, atol=1e-12)


def test_published_loss():  # neural_net.toy.loss.half
    net, X = toy()
    loss, grads = net.loss(X, TOY_LABELS, reg=0.1)
    assert loss == pytest.approx(1.3037878913298206, abs=1e-12)
    norms = {name: np.linalg.norm(value) for name, value in grads.items()}
    right = {"W1": 1.48133981, "b1": 0.04847024, "W2": 1.91756755, "b2": 0.26277352}
    assert norms == pytest.approx(right, abs=1e-8)


def test_published_training():  # neural_net.toy.train.half
    net, X = toy()
    options = {"learning_rate": 1e-1, "reg": 1e-5, "num_iters": 100}
    histories = net.train(X, TOY_LABELS, X, TOY_LABELS, **options)
    assert histories["loss_history"][-1] == pytest.approx(0.017149607938732093, abs=1e-9)
    assert {name: len(values) for name, values in histories.items()} == {
        "loss_history": 100, "train_acc_history": 100, "val_acc_history": 100,
    }  # fmt: skip
    assert histories["val_acc_history"][-1] == 1


@pytest.mark.parametrize("reg", [0.0, 0.7])
def test_gradients(reg):
    net, X = toy()
    net.params["b1"], net.params["b2"] = np.random.randn(10), np.random.randn(3)
    _, grads = net.loss(X, TOY_LABELS, reg)
    assert grads.keys() == net.params.keys()
    for name, w in net.params.items():
        slope = eval_numerical_gradient(lambda _: net.loss(X, TOY_LABELS, reg)[0], w, verbose=False)
        assert grads[name].shape == w.shape
        assert_allclose(grads[name], slope, atol=1e-7)


def test_scores_that_overflow_an_exponential():
    net, X = toy()
    net.params["W2"] *= 1e6
    loss, grads = net.loss(X, TOY_LABELS)
    assert np.isfinite(loss)
    assert all(np.isfinite(value).all() for value in grads.values())


def test_initial_parameters():
    np.random.seed(0)
    net = TwoLayerNet(400, 300, 200, std=1e-2)
    assert {name: value.shape for name, value in net.params.items()} == {
        "W1": (400, 300), "b1": (300,), "W2": (300, 200), "b2": (200,),
    }  # fmt: skip
    assert net.params["W1"].std() == pytest.approx(1e-2, rel=0.05)
    assert net.params["W2"].std() == pytest.approx(1e-2, rel=0.05)
    assert not net.params["b1"].any()
    assert not net.params["b2"].any()


@pytest.mark.parametrize(
    ("N", "batch_size", "measurements"),
    [(20, 5, 3), (20, 20, 12), (5, 200, 12), (23, 5, 3), (29, 10, 6)],
)
def test_accuracies_are_measured_once_per_epoch(N, batch_size, measurements):
    net, X = toy()
    X, y = np.resize(X, (N, 4)), np.resize(TOY_LABELS, N)
    histories = net.train(X, y, X, y, num_iters=12, batch_size=batch_size)
    assert len(histories["train_acc_history"]) == len(histories["val_acc_history"]) == measurements


def test_the_rate_decays_after_each_measurement():
    net, X = toy()
    X, y = np.tile(X[:1], (4, 1)), np.zeros(4, dtype=int)
    before = {name: value.copy() for name, value in net.params.items()}
    options = {"learning_rate": 0.5, "learning_rate_decay": 0.0, "num_iters": 5, "batch_size": 2}
    _, grads = net.loss(X[:2], y[:2], reg=5e-6)
    net.train(X, y, X, y, **options)
    for name, value in before.items():  # the first step only: the rate is zero after it
        assert_allclose(net.params[name], value - 0.5 * grads[name])


def test_progress_is_printed_when_asked_for(capsys):
    net, X = toy()
    net.train(X, TOY_LABELS, X, TOY_LABELS, num_iters=101)
    assert capsys.readouterr().out == ""
    history = net.train(X, TOY_LABELS, X, TOY_LABELS, num_iters=101, verbose=True)["loss_history"]
    assert capsys.readouterr().out == (
        f"iteration 0 / 101: loss {history[0]:f}\niteration 100 / 101: loss {history[100]:f}\n"
    )


def test_predictions_are_classes_of_the_highest_score():
    net, X = toy()
    assert net.predict(X).tolist() == [2, 0, 0, 0, 0]
    assert net.predict(X[:1]).shape == (1,)


def test_a_network_comes_back_from_its_file(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    net, X = toy()
    net.save("neural_net.TwoLayerNet.accuracy")
    again = TwoLayerNet(**net.arguments)
    assert again.load("neural_net.TwoLayerNet.accuracy") is True
    assert np.array_equal(again.loss(X), net.loss(X))
    assert capsys.readouterr().out.splitlines() == [
        "saved/neural_net.TwoLayerNet.accuracy.npz saved.",
        "saved/neural_net.TwoLayerNet.accuracy.npz loaded.",
    ]


def test_a_file_that_does_not_fit_or_is_not_there(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    TwoLayerNet(4, 10, 3).save("small.npy")
    with pytest.raises(ValueError, match=r"needs W1 of shape \(4, 11\), the file has .*\(4, 10"):
        TwoLayerNet(4, 11, 3).load("small")
    assert TwoLayerNet(4, 10, 3).load("nothing") is False
    assert "saved/nothing.npz not available." in capsys.readouterr().out


# --- the visible checks --------------------------------------------------------------------------

# What the student reads of a slip, in the exercise it is made in.
SAID = {
    "neural-relu-at-the-end": "a ReLU after the first layer, none after the second",
    "neural-no-relu": "a ReLU after the first layer, none after the second",
    "neural-no-first-bias": "b1 is added before the ReLU",
    "neural-no-relu-backward": "from the scores back, layer by layer",
    "neural-gradient-sum": "from the scores back, layer by layer",
    "neural-loss-sum": "the mean over the batch",
    "neural-db-mean": "from the scores back, layer by layer",
    "neural-own-class": "from the scores back, layer by layer",
    "neural-l2-factor": "0.5 * reg times the squares of W1 and W2, mind the factor",
    "neural-l2-no-gradient": "the penalty has a gradient too",
    "neural-l2-biases": "biases are not regularised",
    "neural-unshifted": "subtract the largest score of each row",
    "neural-uphill": "each parameter moves by -learning_rate times its gradient",
    "neural-weights-only": "params['b1'] has wrong values",
    "neural-fixed-rate": "the loss falls to 0.9",
    "neural-first-batch": "some rows are never drawn",
    "neural-one-batch-for-all": "some rows are never drawn",
    "neural-all-rows": "np.random.choice(num_train, batch_size)",
    "neural-labels-drawn-again": "the labels are those of the drawn rows",
    "neural-predict-axis": "argmax over the classes, in each row",
    "neural-predict-scores": "argmax over the classes, in each row",
    "neural-predict-hidden": "argmax over the classes, in each row",
    "neural-predict-relu": "argmax over the classes, in each row",
    "neural-predict-squeezed": "y_pred has the wrong shape",
}
SLIPS = [slip for slip in slips.SLIPS if slip.module == MODULE]
# Further ones that no hidden check needs: old, new, the exercise, words.
MORE = [
    ('grads["b2"] = dscores.sum(axis=0)', "pass", LOSS, "grads lacks a parameter"),
    ("y_batch = X[rows], y[rows]", "y_batch = X[rows[:3]], y[rows[:3]]", TRAIN,
     "a batch has not batch_size rows"),
    ('            "val_acc_history": val_acc_history,\n', "", TRAIN, "there is no val_acc_history"),
]  # fmt: skip


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    return Workspace(tmp_path / "作业 1" / "my work", monkeypatch)


def said(workspace, exercise):
    report = workspace.reports(exercise)[exercise]
    assert report.verdict == "failed"
    return " ".join(f"{one.what} {one.detail} {one.hint}" for one in report.checks)


def test_the_solution_passes(workspace):
    reports = workspace.reports(LOSS, TRAIN, PREDICT)
    assert [report.verdict for report in reports.values()] == ["passed"] * 3


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.name)
def test_a_slip_is_caught_and_named(workspace, slip):
    workspace.edit(MODULE, slip.old, slip.new)
    assert SAID[slip.name] in said(workspace, slip.exercise)


@pytest.mark.parametrize(("old", "new", "exercise", "words"), MORE)
def test_further_slips_are_caught_and_named(workspace, old, new, exercise, words):
    workspace.edit(MODULE, old, new)
    assert words in said(workspace, exercise)


def test_unusual_styles_pass(workspace):
    path = workspace.folder / "daseCV" / MODULE
    solution = path.read_text(encoding="utf-8")
    for style in slips.STYLES:
        if style.module == MODULE:
            path.write_text(style.apply(solution), encoding="utf-8")
            reports = workspace.reports(LOSS, TRAIN, PREDICT)
            assert [report.verdict for report in reports.values()] == ["passed"] * 3, style.name
