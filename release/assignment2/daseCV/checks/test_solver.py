"""Visible check of the Solver, which is given: its transcript on a toy problem."""

import contextlib
import io

import numpy as np

from daseCV.checks import exercise
from daseCV.compare import expect, expect_close

# Source of the numbers: the course's Solver (CS231n, DaSE 2021) on this problem, seed 231.
TRAIN_ACCURACIES = [0.43333333333333335, 0.5, 0.6833333333333333, 0.8666666666666667]
VAL_ACCURACIES = [0.5, 0.55, 0.75, 0.95]
LINES = [
    "(Iteration 1 / 12) loss: 1.103865",
    "(Epoch 0 / 3) train acc: 0.433333; val_acc: 0.500000",
    "(Epoch 1 / 3) train acc: 0.500000; val_acc: 0.550000",
    "(Iteration 5 / 12) loss: 1.095618",
    "(Epoch 2 / 3) train acc: 0.683333; val_acc: 0.750000",
    "(Iteration 9 / 12) loss: 0.747773",
    "(Epoch 3 / 3) train acc: 0.866667; val_acc: 0.950000",
]


def toy_problem(student):
    """A model and its data; np.random is left where the drawing of them ends."""
    model = student.fc_net.TwoLayerNet(6, 8, 3, weight_scale=0.1, reg=1e-3)
    np.random.seed(231)
    y = np.random.randint(3, size=120)
    X = np.random.randn(120, 6) + 2 * np.eye(6)[y]
    model.params["W1"] = 0.1 * np.random.randn(6, 8)
    model.params["W2"] = 0.1 * np.random.randn(8, 3)
    return model, {"X_train": X[:100], "y_train": y[:100], "X_val": X[100:], "y_val": y[100:]}


def run_solver(student, model, data):
    """The solver after training, and the lines that it printed."""
    options = {"lr_decay": 0.9, "num_epochs": 3, "batch_size": 25, "print_every": 4}
    rate = {"learning_rate": 0.5}
    solver = student.solver.Solver(model, data, optim_config=rate, num_train_samples=60, **options)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        solver.train()
    return solver, [line for line in printed.getvalue().splitlines() if line.startswith("(")]


@exercise("Solver")
def test_solver_transcript(student, rng):
    """A training run goes as the course's does / 训练过程与课程一致"""
    solver, lines = run_solver(student, *toy_problem(student))
    expect(lines == LINES, "the printed lines differ / 打印的内容不同")
    expect_close(np.array(solver.train_acc_history), TRAIN_ACCURACIES, "train_acc_history")
    expect_close(np.array(solver.val_acc_history), VAL_ACCURACIES, "val_acc_history")
