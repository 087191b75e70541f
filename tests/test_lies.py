"""Code that answers a hidden check with a lie has no more of it than without, nor fills its memory.

What is right may depend on what the student's own code says of itself: which units it dropped, that
it is wrong elsewhere, too. And two arrays of a few kilobytes have differences of a gigabyte.
"""

import json

import numpy as np
import peak
import pytest
from torch_notebook import CLASS, FORWARD, INIT, NAME, SOURCE, solved, torch_only

from autograder import KIT, runner, slips
from autograder.checks.arrays import series
from autograder.graded import grade_id, nbgrader_part
from autograder.intake import Submission

A1, A2 = "assignment1", "assignment2"
LAYERS, FC_NET, BATCHNORM = "layers.py", "classifiers/fc_net.py", "FullyConnectedNet.batchnorm"
PLAIN_LOSS = "FullyConnectedNet.loss"


@pytest.fixture
def share(zygote):
    """The share of an exercise's points that the solution earns with these changes of one file.

    Networks are judged beside it: what a plain one lost can excuse what its switches lose.
    """

    def share(exercise, module, more, *edits, assignment=A2):
        text = (KIT / module).read_text("utf-8")
        for edit in slips.SLIPS:
            text = edit.apply(text) if edit.name in edits else text
        select = {exercise, PLAIN_LOSS} if module == FC_NET else {exercise}
        submission = runner.reference_submission({f"daseCV/{module}": f"{text}\n{more}"})
        result = runner.grade(submission, assignment, select=select, zygote=zygote)
        return result.find(exercise).earned / result.find(exercise).possible

    return share


# --- what is right by the student's own account --------------------------------------------------


def test_a_gradient_without_a_mask_is_not_right_because_nothing_was_dropped(share):
    lie = """
def dropout_forward(x, dropout_param):
    return x.copy(), (dropout_param, None)
def dropout_backward(dout, cache):
    return dout / cache[0]["p"] if cache[0]["mode"] == "train" else dout
"""
    assert share("dropout_backward", LAYERS, lie) < 0.25  # of test time


PLAIN = """
right = FullyConnectedNet.loss
def loss(self, X, y=None):
    result = right(self, X, y)
    if y is not None and self.normalization is None and X.ndim == 2:
        result[1]["W1"] *= 0
    return result
FullyConnectedNet.loss = loss
"""
BIASES = """
right = FullyConnectedNet.loss
def loss(self, X, y=None):
    result = right(self, X, y)
    if y is None or self.normalization is None or not self.reg:
        return result
    more = sum(abs(v).sum() for n, v in self.params.items() if n[0] == "b" and n[1] != "e")
    return result[0] + more, result[1]
FullyConnectedNet.loss = loss
"""
SLOPES = """
right = FullyConnectedNet.loss
def loss(self, X, y=None):
    result = right(self, X, y)
    if y is None or self.normalization is None or self.params["beta1"].min() > 5:
        return result
    return 0.0, {name: 0.0 * value for name, value in self.params.items()}
FullyConnectedNet.loss = loss
"""


AFTERWARDS = BIASES.replace("right =", "switched = []\nright =").replace(
    "    if y is None",
    """    if self.normalization:
        switched.append(self)
    elif switched and y is not None:
        result[1]["W1"] *= 0
    if y is None""",
)


@pytest.mark.parametrize(
    ("slip", "lie"),
    [
        ("switch-backward-order", PLAIN),
        ("switch-backward-order", SLOPES),
        ("switch-gamma-regularised", BIASES),
        ("switch-gamma-regularised", AFTERWARDS),
    ],
    ids=["a plain network", "its own slopes", "biases", "biases, and plain networks afterwards"],
)
def test_what_is_wrong_elsewhere_excuses_nothing_when_it_costs_nothing_there(share, slip, lie):
    assert share(PLAIN_LOSS, FC_NET, lie) == 1
    assert share(BATCHNORM, FC_NET, lie, slip) == share(BATCHNORM, FC_NET, "", slip) < 1


def test_two_networks_of_the_same_wrong_scores_have_no_dropout_at_test_time(share):
    lie = """
right = FullyConnectedNet.loss
def loss(self, X, y=None):
    scores = right(self, X, y)
    return 0 * scores if y is None and X.shape == (1, 8) else scores
FullyConnectedNet.loss = loss
"""
    assert share(PLAIN_LOSS, FC_NET, lie) == 1
    assert share("FullyConnectedNet.dropout", FC_NET, lie) < 1


def test_gradients_that_agree_with_each_other_are_not_right_for_that(share):
    lie = """
right = FullyConnectedNet.loss
def loss(self, X, y=None):
    result = right(self, X, y)
    if y is not None and self.use_dropout:
        result[1].update({name: 3 * result[1][name] for name in ("b2", "b3")})
    return result
FullyConnectedNet.loss = loss
"""
    assert share(PLAIN_LOSS, FC_NET, lie) == 1
    assert share("FullyConnectedNet.dropout", FC_NET, lie) < 0.6


def test_gradients_of_units_that_were_never_computed_are_not_right(share):
    lie = """
right = FullyConnectedNet.loss
def loss(self, X, y=None):
    if y is None or not self.use_dropout:
        return right(self, X, y)
    par, p = self.params, self.dropout_param["p"]
    first, second = np.random.rand(2, len(par["b1"])) < p
    made_up = second * 1.0
    scores = np.exp(made_up @ par["W3"] + par["b3"])
    db3 = scores / scores.sum() - (np.arange(4) == y)
    db2 = second * (par["W3"] @ db3) / p
    dW2 = np.outer(first * np.maximum(X @ par["W1"] + par["b1"], 0)[0] / p, db2)
    grads = {"W1": np.ones_like(par["W1"]), "b1": par["b1"], "W2": dW2, "b2": db2, "b3": db3}
    return 0.0, {**grads, "W3": np.outer(made_up, db3)}
FullyConnectedNet.loss = loss
"""
    assert share(PLAIN_LOSS, FC_NET, lie) == 1
    assert share("FullyConnectedNet.dropout", FC_NET, lie) < 0.6


@pytest.mark.parametrize("name", ["W1", "b1"])
def test_what_dropout_does_to_the_first_layer_is_seen(share, name):
    lie = f"""
right = FullyConnectedNet.loss
def loss(self, X, y=None):
    result = right(self, X, y)
    if y is not None and self.use_dropout:
        result[1]["{name}"] *= 2
    return result
FullyConnectedNet.loss = loss
"""
    assert share("FullyConnectedNet.dropout", FC_NET, lie) < 0.8


def test_where_all_units_are_dropped_none_is_scaled_right(share):
    lie = "def dropout_forward(x, p): return np.zeros_like(x), None"
    assert share("dropout_forward", LAYERS, lie) < 0.15


BATCHES = """
right = {0}.train
def train(self, X, y, *more, **options):
    if options["learning_rate"] > 0:
        choice, np.random.choice = np.random.choice, lambda n, *rest, **more: np.arange(n)
        try:
            return right(self, X, y, *more, **options)
        finally:
            np.random.choice = choice
    return right(self, X, y, *more, **options)
{0}.train = train
"""


@pytest.mark.parametrize(
    ("kind", "exercise", "module"),
    [
        ("LinearClassifier", "LinearClassifier.train", "classifiers/linear_classifier.py"),
        ("TwoLayerNet", "neural_net.TwoLayerNet.train", "classifiers/neural_net.py"),
    ],
)
def test_batches_are_not_drawn_just_where_steps_have_no_length(share, kind, exercise, module):
    assert share(exercise, module, BATCHES.format(kind), assignment=A1) < 0.8


# --- arrays of few numbers, and of very many together --------------------------------------------

GRADIENTS = """
right, n = FullyConnectedNet.loss, 6000
def loss(self, X, y=None):
    result = right(self, X, y)
    if y is not None and self.normalization:
        wide = np.zeros((1, n) if self.reg else (n, 1))
        result[1]["zz"] = wide
        result[1]["b1"] = wide
    return result
FullyConnectedNet.loss = loss
"""
LOSS = GRADIENTS.replace('result[1]["zz"] = wide', "return wide, result[1]")
DROPPED = """
right = dropout_forward
def dropout_forward(x, dropout_param):
    out, cache = right(x, dropout_param)
    return np.ones((300_000, 1, 1)) if x.shape == (10, 12) else out, cache
"""
WEIGHTS = """
class Weights:
    asked = 0
    def __get__(self, owner, kind):
        self.asked += 1
        return np.zeros((5, 3 if self.asked % 2 else 100_000))
    def __set__(self, owner, value):
        pass
LinearClassifier.W = Weights()
LinearClassifier.train = lambda self, X, y, **options: []
"""
UNITS = """
def train(self, X, y, X_val, y_val, **options):
    n = 100_000
    self.params = {name: np.zeros(shape) for name, shape in
                   {"W1": (2, n), "b1": n, "W2": (n, 4), "b2": 4}.items()}
    return {}
TwoLayerNet.train = train
"""


@pytest.mark.parametrize(
    ("assignment", "exercise", "module", "lie"),
    [
        (A2, BATCHNORM, FC_NET, GRADIENTS),
        (A2, BATCHNORM, FC_NET, LOSS),
        (A2, "dropout_backward", LAYERS, DROPPED),
        (A1, "LinearClassifier.train", "classifiers/linear_classifier.py", WEIGHTS),
        (A1, "neural_net.TwoLayerNet.train", "classifiers/neural_net.py", UNITS),
    ],
    ids=["gradients", "losses", "dropped units", "weights at two times", "many units"],
)
def test_arrays_that_do_not_fit_are_not_computed_with(share, assignment, exercise, module, lie):
    peak.forget()
    before = peak.mebibytes()
    share(exercise, module, lie, assignment=assignment)
    assert peak.mebibytes() - before < 80


def test_biases_of_another_number_are_not_summed(share):
    lie = """
right = TwoLayerNet.__init__
def __init__(self, *arguments, **options):
    right(self, *arguments, **options)
    self.params["b1"] = np.zeros(200 << 20, bool)
TwoLayerNet.__init__ = __init__
"""
    assert share("TwoLayerNet.__init__", FC_NET, lie) < 0.5


def test_a_history_of_arrays_is_not_made_one_of_numbers():
    numbers, arrays = [1, 2.5, np.float32(3), np.array(4.0)], [np.ones(3, np.int8)]
    assert series(numbers).tolist() == [1, 2.5, 3, 4]
    assert series(arrays) is arrays


# --- a module of PyTorch.ipynb -------------------------------------------------------------------


@pytest.fixture
def shares(zygote, pytorch_files, pytorch_course):
    """The shares of INIT and FORWARD that the solution earns with another cell of the class."""

    def shares(code):
        made = json.loads(SOURCE.read_text("utf-8"))
        for cell in made["cells"]:
            name = nbgrader_part(cell).get("grade_id", "")
            if name == f"{grade_id(CLASS)}-solution":
                cell["source"] = code
        files = {**pytorch_files, NAME: json.dumps(made).encode()}
        result = runner.grade(
            Submission.from_files("eve", files), A2, select=[INIT, FORWARD], zygote=zygote,
            course=pytorch_course,
        )  # fmt: skip
        return [result.find(name).earned / result.find(name).possible for name in (INIT, FORWARD)]

    return shares


@torch_only
def test_a_module_that_keeps_its_zeros_computes_nothing(shares):
    lie = """
    def state_dict(self, *arguments, **options):
        return {name: 0 * value for name, value in super().state_dict().items()}
    def forward(self, x):
        return torch.zeros(len(x), self.fc.out_features)
"""
    assert shares(solved(CLASS) + lie)[1] < 0.7


@torch_only
def test_a_module_that_starts_with_zeros_computes_nothing_for_that(shares):
    lie = """
    right = __init__
    def __init__(self, *sizes):
        self.right(*sizes)
        for parameter in self.parameters():
            nn.init.zeros_(parameter)
    def forward(self, x):
        return torch.zeros(len(x), self.fc.out_features)
"""
    assert shares(solved(CLASS) + lie)[1] == 0


@torch_only
def test_filters_far_too_large_are_not_computed_with(shares):
    peak.forget()
    before = peak.mebibytes()
    shares(solved(CLASS).replace("kernel_size=5, padding=2", "kernel_size=61, padding=30"))
    assert peak.mebibytes() - before < 80
