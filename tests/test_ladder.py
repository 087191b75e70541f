"""On the stand-in the ladder of the course holds, for what the solved notebooks train."""

import io
import itertools

import numpy as np
import pytest

from autograder import HOME, held_out, solution
from autograder.checks.tasks.models import rows
from daseCV import data_utils
from daseCV.classifiers import cnn, fc_net, k_nearest_neighbor, neural_net

IMAGES = 1000


def work(assignment, task):
    """What the solution cell of a task saved."""
    saved = solution.saved_work(assignment, HOME)[f"saved/{task}.npz"]
    return held_out.read_work(np.load(io.BytesIO(saved)))


def loaded(network, saved):
    """The network that was saved."""
    network = network(**saved.arguments)
    network.params = {name: saved.params[name] for name in network.params}
    for i, bn_param in enumerate(getattr(network, "bn_params", ()), start=1):
        for name in ("running_mean", "running_var"):
            bn_param[name] = saved.params[f"{name}{i}"]
    return network


@pytest.fixture(scope="module")
def reached():
    """Accuracy on images that nobody tuned on, by the kind of model: one or two of each."""
    digest = data_utils.data_digest(held_out.stand_in())
    data = held_out.data(digest)
    X, y = data["X_held_out"][:IMAGES], data["y_held_out"][:IMAGES]
    flat = rows(X)
    with_ones = np.hstack([flat, np.ones((len(flat), 1))])

    def share(scores):
        return np.mean(np.argmax(scores, axis=1) == y)

    def linear(task):
        return share(with_ones @ work("assignment1", task).params["W"])

    def network(kind, assignment, task):
        return share(loaded(kind, work(assignment, task)).loss(flat if kind is TWO else X))

    return {
        "nearest neighbour": [neighbours(digest)],
        "linear": [linear("LinearSVM.accuracy"), linear("Softmax.accuracy")],
        "two layers": [
            network(TWO, "assignment1", "neural_net.TwoLayerNet.accuracy"),
            network(fc_net.TwoLayerNet, "assignment2", "TwoLayerNet.accuracy"),
        ],
        "deep": [network(fc_net.FullyConnectedNet, "assignment2", "FullyConnectedNet.accuracy")],
        "convolutional": [network(cnn.BestConvNet, "assignment2", "BestConvNet.accuracy")],
    }


TWO = neural_net.TwoLayerNet


def neighbours(digest):
    """The best that nearest neighbours do, of the values of k that the notebook tries."""
    pixels = held_out.pixels(digest)
    classifier = k_nearest_neighbor.KNearestNeighbor()
    classifier.train(rows(pixels["X_train"]).astype(float), pixels["y_train"])
    X, y = rows(pixels["X_held_out"])[:IMAGES].astype(float), pixels["y_held_out"][:IMAGES]
    dists = classifier.compute_distances_no_loops(X)
    found = [classifier.predict_labels(dists, k) for k in (1, 5, 10, 20, 50, 100)]
    return max(np.mean(labels == y) for labels in found)


def test_each_kind_of_model_beats_the_one_before(reached):
    for (_, before), (_, after) in itertools.pairwise(reached.items()):
        assert max(before) < min(after), reached
