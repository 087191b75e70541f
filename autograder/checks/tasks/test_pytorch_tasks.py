"""Hidden checks of the training tasks of PyTorch.ipynb: the student's code, with what it learnt.

A model is built in the child by the code of the student's cell, gets the parameters that were
handed in, and is right on so many of 2000 images that nobody tuned on. What is asked is a bit below
what the notebook asks of the validation images, and less on the stand-in, whose epochs are short.
"""

import numpy as np
import pytest

from autograder import held_out
from autograder.checks.tasks.models import expect_reached
from daseCV.compare import expect, expect_shape
from daseCV.pytorch import normalize

STEPS = {  # shares of the images, on CIFAR-10 and on the stand-in; the notebook asks for
    "PyTorch.barebones": ([0.34, 0.37, 0.40], [0.14, 0.16, 0.18]),  # 0.42, 0.20
    "PyTorch.module_api": ([0.37, 0.40, 0.43], [0.14, 0.16, 0.18]),  # 0.45, 0.20
    "PyTorch.sequential_api": ([0.46, 0.50, 0.53], [0.14, 0.16, 0.18]),  # 0.55, 0.20
    "PyTorch.open_ended": ([0.60, 0.64, 0.68], [0.40, 0.44, 0.48]),  # 0.70, 0.50
}
SHAPE = "the cell makes a model of other parameters than were saved / 模型与保存的参数不符"


def _finite(handed_in):
    """The parameters that were handed in, when there are numbers in them."""
    for name, value in handed_in.params.items():
        sound = value.dtype.kind in "fiu" and np.isfinite(value).all()
        expect(sound, f"{name} has entries that are nan or inf / {name} 含有 nan 或 inf")
    return handed_in.params


def _share_right(scores, labels):
    expect_shape(scores, (len(labels), 10), "scores")
    return np.mean(scores.argmax(axis=1) == labels)


def _of_function(student, notebook, handed_in):
    """Share of the images that three_layer_convnet gets right."""
    data, params = held_out.pixels(handed_in.data), _finite(handed_in)
    expect(sorted(params) == [f"p{i}" for i in range(6)], SHAPE)
    weights = [params[name] for name in sorted(params)]
    X = normalize(data["X_held_out"])
    scores = student.pytorch.scores(notebook.three_layer_convnet, X, weights)
    return _share_right(scores, data["y_held_out"])


def _of_model(student, notebook, handed_in):
    """Share of the images that `model` gets right."""
    data, params = held_out.pixels(handed_in.data), _finite(handed_in)
    wanted = student.fetch(student.pytorch.parameters(notebook.model))
    shapes = [{name: np.shape(v) for name, v in some.items()} for some in (wanted, params)]
    hint = "run the whole part of the notebook again / 重新运行这一部分的所有单元格"
    expect(shapes[0] == shapes[1], SHAPE, hint)
    student.pytorch.load_parameters(notebook.model, params)
    scores = student.pytorch.scores(notebook.model, normalize(data["X_held_out"]))
    return _share_right(scores, data["y_held_out"])


def _expect_step(exercise, handed_in, reached, step):
    expect_reached(reached, STEPS[exercise][handed_in.data != held_out.OFFICIAL][step])


@pytest.mark.exercise("PyTorch.barebones")
@pytest.mark.parametrize("step", [0, 1, 2])
def test_barebones(student, notebook, handed_in, once, step):
    """The function recognises images nobody tuned on / 函数写成的网络能识别没有用来调参的图片"""
    reached = once(_of_function, student, notebook, handed_in)
    _expect_step("PyTorch.barebones", handed_in, reached, step)


@pytest.mark.exercise("PyTorch.module_api")
@pytest.mark.parametrize("step", [0, 1, 2])
def test_module(student, notebook, handed_in, once, step):
    """The module recognises images nobody tuned on / nn.Module 网络能识别没有用来调参的图片"""
    reached = once(_of_model, student, notebook, handed_in)
    _expect_step("PyTorch.module_api", handed_in, reached, step)


@pytest.mark.exercise("PyTorch.sequential_api")
@pytest.mark.parametrize("step", [0, 1, 2])
def test_sequential(student, notebook, handed_in, once, step):
    """The sequence recognises images nobody tuned on / nn.Sequential 能识别没有用来调参的图片"""
    reached = once(_of_model, student, notebook, handed_in)
    _expect_step("PyTorch.sequential_api", handed_in, reached, step)


@pytest.mark.exercise("PyTorch.open_ended")
@pytest.mark.parametrize("step", [0, 1, 2])
def test_open_ended(student, notebook, handed_in, once, step):
    """Your best model recognises images nobody tuned on / 你最好的模型能识别没有用来调参的图片"""
    reached = once(_of_model, student, notebook, handed_in)
    _expect_step("PyTorch.open_ended", handed_in, reached, step)
