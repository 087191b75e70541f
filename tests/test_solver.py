"""The Solver draws, prints and keeps what it says."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose

from daseCV.classifiers.fc_net import FullyConnectedNet, TwoLayerNet
from daseCV.layers import affine_forward
from daseCV.solver import Solver

# solver.synthetic.transcript
LINES = """\
(Iteration 1 / 12) loss: 1.103865
(Epoch 0 / 3) train acc: 0.433333; val_acc: 0.500000
(Epoch 1 / 3) train acc: 0.500000; val_acc: 0.550000
(Iteration 5 / 12) loss: 1.095618
(Epoch 2 / 3) train acc: 0.683333; val_acc: 0.750000
(Iteration 9 / 12) loss: 0.747773
(Epoch 3 / 3) train acc: 0.866667; val_acc: 0.950000
"""
LOSSES = [1.1038646261872802, 1.0917627643422072, 1.0497983557675072, 1.0415379962157645]
ACCURACIES = [0.5, 0.55, 0.75, 0.95]


@pytest.fixture(autouse=True)
def _seed():
    np.random.seed(231)


def toy():
    """Data of the transcript."""
    y = np.random.randint(3, size=120)
    X = np.random.randn(120, 6) + 2 * np.eye(6)[y]
    return {"X_train": X[:100], "y_train": y[:100], "X_val": X[100:], "y_val": y[100:]}


def solver(data=None, model=None, **arguments):
    data = data or toy()
    model = model or TwoLayerNet(6, 8, 3, weight_scale=0.1, reg=1e-3)
    defaults = {"optim_config": {"learning_rate": 0.5}, "num_epochs": 3, "batch_size": 25}
    return Solver(model, data, **{**defaults, **arguments})


def test_transcript(capsys):
    made = solver(lr_decay=0.9, print_every=4, num_train_samples=60)
    made.train()
    assert capsys.readouterr().out == LINES
    assert len(made.loss_history) == 12
    assert_allclose(made.loss_history[:4], LOSSES, rtol=1e-7)
    assert made.loss_history[-1] == pytest.approx(0.6006490668437838, rel=1e-7)
    assert made.val_acc_history == ACCURACIES
    assert made.best_val_acc == 0.95


def test_quiet(capsys):
    solver(verbose=False).train()
    assert capsys.readouterr().out == ""


def test_an_epoch_of_one_step_is_measured_once():
    made = solver(batch_size=1000, verbose=False)  # more than there are images, too
    made.train()
    assert len(made.loss_history) == len(made.val_acc_history) == 3


def test_unknown_arguments_are_an_error():
    with pytest.raises(ValueError, match='^Unrecognized arguments "learning_rate", "epochs"$'):
        solver(learning_rate=1, epochs=2)


def test_an_unknown_rule_is_an_error():
    with pytest.raises(ValueError, match='^Invalid update_rule "adagrad"$'):
        solver(update_rule="adagrad")


def test_each_parameter_has_a_config_of_its_own():
    made = solver(update_rule="adam", optim_config={"learning_rate": 0.01}, verbose=False)
    made.train()
    assert {config["t"] for config in made.optim_configs.values()} == {12}
    assert made.optim_config == {"learning_rate": 0.01}


class Growing:
    """A model whose only parameter counts its steps, and whose scores are right at step 4."""

    right_at = 4

    def __init__(self):
        self.params = {"step": np.zeros(1)}

    def loss(self, X, y=None):
        if y is None:
            right = self.params["step"][0] == self.right_at
            return np.tile([0.0, 1.0] if right else [1.0, 0.0], (len(X), 1))
        return 0.0, {"step": -np.ones(1)}


def growing(**arguments):
    """A solver of a growing model: an epoch is two steps."""
    X, y = np.zeros((2, 1)), np.ones(2, dtype=int)
    data = {"X_train": X, "y_train": y, "X_val": X, "y_val": y}
    rate = {"learning_rate": 1.0}
    return solver(data, Growing(), batch_size=1, optim_config=rate, verbose=False, **arguments)


def test_the_best_parameters_are_kept():
    made = growing()
    made.train()
    assert made.val_acc_history == [0, 0, 1, 0]
    assert made.model.params == {"step": [4]}


def test_there_are_parameters_even_when_nothing_is_ever_right(monkeypatch):
    monkeypatch.setattr(Growing, "right_at", -1)
    made = growing()
    made.train()
    assert made.best_val_acc == 0
    assert list(made.model.params) == ["step"]


def test_running_averages_belong_to_the_best_parameters():
    data = toy()
    net = FullyConnectedNet([8], 6, 3, normalization="batchnorm", weight_scale=0.1)
    made = solver(data, net, num_epochs=8, optim_config={"learning_rate": 2.0}, verbose=False)
    made.train()
    assert max(made.val_acc_history) != made.val_acc_history[-1]
    assert made.check_accuracy(data["X_val"], data["y_val"]) == made.best_val_acc


def test_an_interrupt_keeps_the_best(capsys, monkeypatch):
    made = growing(num_epochs=10)
    step = made._step

    def interrupted():
        if len(made.loss_history) == 7:
            raise KeyboardInterrupt
        step()

    monkeypatch.setattr(made, "_step", interrupted)
    made.train()
    assert made.model.params == {"step": [4]}
    assert "Interrupted after 7 steps, the best parameters are kept" in capsys.readouterr().out


def test_an_interrupt_before_the_first_measurement_leaves_the_model(monkeypatch):
    made = growing()
    monkeypatch.setattr(made, "_measure", lambda: (_ for _ in ()).throw(KeyboardInterrupt))
    made.train()
    assert made.model.params == {"step": [1]}


def test_checkpoints(tmp_path, capsys):
    made = solver(checkpoint_name=str(tmp_path / "toy"), print_every=100)
    made.train()
    shown = capsys.readouterr().out
    for epoch in range(4):
        assert f'Saving checkpoint to "{tmp_path / "toy"}_epoch_{epoch}.pkl"' in shown
    with open(tmp_path / "toy_epoch_2.pkl", "rb") as file:
        checkpoint = pickle.load(file)
    assert set(checkpoint) == {
        "model", "update_rule", "lr_decay", "optim_config", "batch_size", "num_train_samples",
        "num_val_samples", "epoch", "loss_history", "train_acc_history", "val_acc_history",
    }  # fmt: skip
    assert checkpoint["epoch"] == 2
    assert checkpoint["val_acc_history"] == made.val_acc_history[:3]


def test_accuracy_in_batches_of_any_size():
    made = solver(verbose=False)
    expected = np.mean(made.model.loss(made.X_train).argmax(axis=1) == made.y_train)
    for batch_size in (1, 7, 100, 1000):
        found = made.check_accuracy(made.X_train, made.y_train, batch_size=batch_size)
        assert found == pytest.approx(expected)


def test_accuracy_of_a_sample_draws_only_when_there_is_more():
    made = solver(verbose=False)
    state = np.random.get_state()[2]
    made.check_accuracy(made.X_train, made.y_train, num_samples=100)
    assert np.random.get_state()[2] == state
    made.check_accuracy(made.X_train, made.y_train, num_samples=99)
    assert np.random.get_state()[2] != state


def test_any_model_with_params_and_loss_will_do():
    class Linear:
        params = {"W": np.zeros((6, 3)), "b": np.zeros(3)}  # noqa: RUF012

        def loss(self, X, y=None):
            scores, _ = affine_forward(X, self.params["W"], self.params["b"])
            return scores if y is None else (1.0, {"W": np.zeros((6, 3)), "b": np.zeros(3)})

    made = solver(model=Linear(), verbose=False)
    made.train()
    assert len(made.loss_history) == 12
