"""The models of the course; each is imported when it is asked for.

``from daseCV.classifiers import LinearSVM`` works in an assignment that ships that class. The two
classes named ``TwoLayerNet`` come from their modules, `fc_net` and `neural_net`.
"""

import importlib

_HOMES = {
    "KNearestNeighbor": "k_nearest_neighbor",
    "LinearClassifier": "linear_classifier",
    "LinearSVM": "linear_classifier",
    "Softmax": "linear_classifier",
}


def __getattr__(name):
    """Import a class on first use."""
    if name not in _HOMES:
        raise AttributeError(f"daseCV.classifiers has no {name}")
    return getattr(importlib.import_module(f"daseCV.classifiers.{_HOMES[name]}"), name)
