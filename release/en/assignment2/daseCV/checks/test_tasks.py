"""Visible checks of the notebook's tasks: what is in ``saved/`` is whole and reaches its goal."""

import contextlib
import functools

import numpy as np

from daseCV.checks import exercise
from daseCV.checks.work import SAVE, SECONDS, expect_accuracy, saved, saved_parameters
from daseCV.compare import expect

SEEDS = (0, 1, 2)  # hyper-parameters should not owe their success to one draw of the weights


@functools.lru_cache(maxsize=1)
def cifar10(student):
    """The first fifty training images and all validation images, as in the notebook."""
    with contextlib.redirect_stdout(None):
        data = student.data_utils.get_CIFAR10_data()
    return {
        "X_train": data["X_train"][:50].copy(),
        "y_train": data["y_train"][:50],
        "X_val": data["X_val"],
        "y_val": data["y_val"],
    }


def saved_model(student, name, network):
    """The trained model, made from the arguments it was saved with."""
    work = saved_parameters(student, name)
    model = network(**work.arguments)
    with contextlib.redirect_stdout(None):
        model.load(name)
    return model


def validation_accuracy(student, model):
    """Share of the validation images that the model gets right."""
    data = cifar10(student)
    return np.mean(np.argmax(model.loss(data["X_val"]), axis=1) == data["y_val"])


def hyperparameters(student, name):
    """The learning rate and the weight scale that were found."""
    found = saved(student, name).arguments
    for key in ("learning_rate", "weight_scale"):
        what = f"{key} is not saved as a positive number / {key} 没有保存为正数"
        value = found.get(key)
        good = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < np.inf
        expect(good, what, SAVE)
    return found["learning_rate"], found["weight_scale"]


def best_training_accuracy(student, depth, learning_rate, weight_scale, seed):
    """Highest accuracy on fifty images within 20 epochs of SGD at batch 25."""
    np.random.seed(seed)
    data = cifar10(student) | {key: cifar10(student)[key][:50] for key in ("X_val", "y_val")}
    sizes = [100] * (depth - 1)
    model = student.fc_net.FullyConnectedNet(sizes, weight_scale=weight_scale, dtype=np.float64)
    options = {"num_epochs": 20, "batch_size": 25, "verbose": False}
    rate = {"learning_rate": learning_rate}
    solver = student.solver.Solver(model, data, update_rule="sgd", optim_config=rate, **options)
    solver.train()
    return max(solver.train_acc_history)


def expect_overfit(student, name, depth):
    """The saved hyper-parameters fit fifty images perfectly, from one of the seeds at least."""
    found = hyperparameters(student, name)
    best = 0.0
    for seed in SEEDS:
        with np.errstate(all="ignore"):  # a rate that is far too large overflows
            best = max(best, best_training_accuracy(student, depth, *found, seed))
        if best == 1:
            return
    what = f"training accuracy reaches {best:.0%} in 20 epochs, it should reach 100%"
    hint = "change learning_rate and weight_scale only / 只需调整 learning_rate 和 weight_scale"
    expect(False, f"{what} / 20 轮内训练准确率最高 {best:.0%}，应达到 100%", hint)


@exercise("TwoLayerNet.accuracy", seconds=SECONDS)
def test_two_layer_accuracy(student, rng):
    """The saved network reaches 50 % on validation images / 保存的网络在验证集上达到 50%"""
    model = saved_model(student, "TwoLayerNet.accuracy", student.fc_net.TwoLayerNet)
    expect_accuracy(validation_accuracy(student, model), 0.5)


@exercise("FullyConnectedNet.overfit_three_layers", seconds=SECONDS)
def test_three_layers_overfit(student, rng):
    """Three layers learn fifty images by heart in 20 epochs / 三层网络 20 轮内完全拟合 50 张图片"""
    expect_overfit(student, "FullyConnectedNet.overfit_three_layers", 3)


@exercise("FullyConnectedNet.overfit_five_layers", seconds=SECONDS)
def test_five_layers_overfit(student, rng):
    """Five layers learn fifty images by heart in 20 epochs / 五层网络 20 轮内完全拟合 50 张图片"""
    expect_overfit(student, "FullyConnectedNet.overfit_five_layers", 5)


@exercise("FullyConnectedNet.accuracy", seconds=SECONDS)
def test_fully_connected_accuracy(student, rng):
    """The saved network reaches 50 % on validation images / 保存的网络在验证集上达到 50%"""
    model = saved_model(student, "FullyConnectedNet.accuracy", student.fc_net.FullyConnectedNet)
    expect_accuracy(validation_accuracy(student, model), 0.5)
