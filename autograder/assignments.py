"""The table: what an assignment ships, gives away and judges; one home for each such fact."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

# Files of `daseCV/` that every release holds as they are: the student's loop and its data.
FRAME = (
    "__init__.py",
    "checks/__init__.py",
    "checks/live.py",
    "checks/process.py",
    "checks/run.py",
    "checks/work.py",
    "compare.py",
    "data_utils.py",
    "datasets/__init__.py",
    "datasets/__main__.py",
    "datasets/fetch.py",
    "datasets/folder.py",
    "datasets/get_datasets.sh",
    "datasets/synthetic.py",
    "gradient_check.py",
    "saving.py",
    "selfcheck.py",
    "submit.py",
    "vis_utils.py",
)


@dataclass(frozen=True)
class Rule:
    """What an exercise forbids.

    Attributes
    ----------
    loops : int or None
        How deep loops may nest; None when it does not matter. Recursion is a loop.
    names : tuple of str
        What may not be used, with full names: functions, and modules with all that is in them.
    """

    loops: int | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Assignment:
    """What one assignment is made of; file names are relative to `daseCV/`.

    Attributes
    ----------
    edited : tuple of str
        Modules that students write in: released as stubs, judged as handed in.
    provided : tuple of str
        Other modules that are released; judged with the kit's own copy.
    given : frozenset of str
        Functions that other arrangements of the course ask for and this one gives away: released
        with their solution, checked, not graded.
    tasks : mapping of str to str
        Each notebook task, and what it hands in: "model" (trained), "hyper-parameters" or "values"
        (`saved/<task>.npz`), "answer" (to a multiple-choice question) or "code" (both of its cell).
    under : mapping of str to tuple of str
        What an exercise stands on, as `module:name`, or `module:*` for all of a module. When it
        fails with the student's own, it is judged again with the kit's in their place.
    forbidden : mapping of str to Rule
        What an exercise may not use, beside numerical gradients, which none may.
    switches : mapping of str to str
        Exercises that are edits of a function, with that function.
    cells : mapping of str to tuple of str
        What runs for an exercise that lives in a notebook: solution cells, in order, the last its
        own. When it fails with the student's own, the others are run again as the kit has them.
    worlds : mapping of str to str
        Notebooks whose cells need more than NumPy: one of `sandbox.worlds.WORLDS`.
    libraries : tuple of str
        What students may import beside NumPy, ``"scipy"`` for example.
    seed : int
        Where the random inputs of the checks start from; recorded in each result.
    """

    name: str
    seed: int
    edited: tuple[str, ...]
    provided: tuple[str, ...]
    given: frozenset[str] = frozenset()
    tasks: Mapping[str, str] = field(default_factory=dict)
    under: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    forbidden: Mapping[str, Rule] = field(default_factory=dict)
    switches: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    worlds: Mapping[str, str] = field(default_factory=dict)
    libraries: tuple[str, ...] = ()

    @property
    def modules(self) -> tuple[str, ...]:
        """Every module of the release, sorted."""
        return tuple(sorted({*FRAME, *self.edited, *self.provided}))

    def rule(self, exercise: str) -> Rule:
        """What an exercise forbids."""
        own = self.forbidden.get(exercise, Rule())
        return replace(own, names=(*own.names, *_NUMERICAL))

    def function(self, exercise: str) -> str:
        """The function or method that an exercise is written in; its module is not named."""
        return ".".join(self.switches.get(exercise, exercise).split(".")[-2:])

    def world(self, exercise: str) -> str:
        """The world that an exercise is judged in."""
        return self.worlds.get(exercise.partition(".")[0], "numpy")


_NUMERICAL = tuple(
    f"daseCV.gradient_check.eval_numerical_gradient{kind}"
    for kind in ("", "_array", "_blobs", "_net")
)
_LAYERS = ("layers:*", "layer_utils:*")
_DEEP = "classifiers.fc_net:FullyConnectedNet.__init__"
_NEURAL_NET = "classifiers.neural_net:TwoLayerNet"
_KNN = "KNearestNeighbor"
_NORM = ("numpy.linalg.norm", "scipy")
_LINEAR = (
    "classifiers.linear_svm:svm_loss_vectorized",
    "classifiers.softmax:softmax_loss_vectorized",
)


def _naive(name: str) -> tuple[str, ...]:
    return (f"daseCV.classifiers.{name}_naive",)


def _fast(name: str) -> Rule:
    fast = (f"daseCV.fast_layers.{name}_{kind}" for kind in ("fast", "im2col"))
    return Rule(names=(*fast, "daseCV.im2col", "daseCV.im2col_cython", "torch", "scipy"))


ASSIGNMENTS = {
    "assignment1": Assignment(
        name="assignment1",
        seed=20261122,
        edited=(
            "classifiers/k_nearest_neighbor.py",
            "classifiers/linear_classifier.py",
            "classifiers/linear_svm.py",
            "classifiers/neural_net.py",
            "classifiers/softmax.py",
        ),
        provided=(
            "checks/test_k_nearest_neighbor.py",
            "checks/test_linear_classifier.py",
            "checks/test_linear_svm.py",
            "checks/test_neural_net.py",
            "checks/test_questions.py",
            "checks/test_softmax.py",
            "checks/test_tasks_knn.py",
            "checks/test_tasks_linear.py",
            "classifiers/__init__.py",
            "features.py",
        ),
        tasks={
            "KNearestNeighbor.folds": "values",
            "KNearestNeighbor.cross_validation": "values",
            "KNearestNeighbor.best_k": "values",
            "knn.Q2": "answer",
            "knn.Q3": "answer",
            "LinearSVM.accuracy": "model",
            "Softmax.accuracy": "model",
            "softmax.Q2": "answer",
            "neural_net.TwoLayerNet.accuracy": "model",
            "two_layer_net.Q2": "answer",
            "features.linear.accuracy": "model",
            "features.network.accuracy": "model",
        },
        under={
            "LinearClassifier.train": _LINEAR,
            "LinearClassifier.predict": _LINEAR,  # a broken file of losses must not break it
            "neural_net.TwoLayerNet.train": (
                f"{_NEURAL_NET}.loss",
                f"{_NEURAL_NET}.predict",
            ),
            "neural_net.TwoLayerNet.predict": (f"{_NEURAL_NET}.loss",),
        },
        forbidden={
            f"{_KNN}.compute_distances_two_loops": Rule(2, _NORM),
            f"{_KNN}.compute_distances_one_loop": Rule(1, _NORM),
            f"{_KNN}.compute_distances_no_loops": Rule(0, _NORM),
            "svm_loss_vectorized": Rule(0, _naive("linear_svm.svm_loss")),
            "softmax_loss_vectorized": Rule(0, _naive("softmax.softmax_loss")),
        },
    ),
    "assignment2": Assignment(
        name="assignment2",
        seed=20261121,
        edited=(
            "layers.py",
            "layer_utils.py",
            "optim.py",
            "classifiers/cnn.py",
            "classifiers/fc_net.py",
        ),
        provided=(
            "checks/test_cnn.py",
            "checks/test_fc_net.py",
            "checks/test_fc_net_switches.py",
            "checks/test_layer_utils.py",
            "checks/test_layers.py",
            "checks/test_layers_conv.py",
            "checks/test_layers_norm.py",
            "checks/test_layers_spatial.py",
            "checks/test_optim.py",
            "checks/test_pytorch.py",
            "checks/test_questions.py",
            "checks/test_solver.py",
            "checks/test_tasks.py",
            "classifiers/__init__.py",
            "fast_layers.py",
            "im2col.py",
            "im2col_cython.pyx",
            "pytorch.py",
            "setup.py",
            "solver.py",
        ),
        given=frozenset(
            {
                "affine_relu_backward",
                "affine_relu_forward",
                "conv_bn_relu_backward",
                "conv_bn_relu_forward",
                "conv_relu_backward",
                "conv_relu_forward",
                "conv_relu_pool_backward",
                "conv_relu_pool_forward",
                "sgd",
                "softmax_loss",
                "svm_loss",
            }
        ),
        tasks={
            "FullyConnectedNets.Q1": "answer",
            "TwoLayerNet.accuracy": "model",
            "FullyConnectedNet.overfit_three_layers": "hyper-parameters",
            "FullyConnectedNet.overfit_five_layers": "hyper-parameters",
            "FullyConnectedNet.accuracy": "model",
            "BatchNormalization.Q3": "answer",
            "BatchNormalization.Q4": "answer",
            "BestConvNet.accuracy": "model",
            "PyTorch.barebones": "code",
            "PyTorch.module_api": "code",
            "PyTorch.sequential_api": "code",
            "PyTorch.open_ended": "code",
        },
        under={
            "affine_backward": ("layers:affine_forward",),
            "relu_backward": ("layers:relu_forward",),
            "affine_relu_forward": ("layers:*",),
            "affine_relu_backward": ("layers:*",),
            "TwoLayerNet.loss": (*_LAYERS, "classifiers.fc_net:TwoLayerNet.__init__"),
            "FullyConnectedNet.loss": (*_LAYERS, _DEEP),
            "batchnorm_backward": ("layers:batchnorm_forward",),
            "batchnorm_backward_alt": ("layers:batchnorm_forward",),
            "layernorm_forward": ("layers:batchnorm_forward",),  # some call it, transposed
            "layernorm_backward": ("layers:layernorm_forward",),
            "dropout_backward": ("layers:dropout_forward",),
            "FullyConnectedNet.batchnorm": _LAYERS,  # its __init__ makes gamma and beta
            "FullyConnectedNet.layernorm": _LAYERS,  # its __init__ makes gamma and beta
            "FullyConnectedNet.dropout": (*_LAYERS, _DEEP),
            "conv_backward_naive": ("layers:conv_forward_naive",),
            "max_pool_backward_naive": ("layers:max_pool_forward_naive",),
            "conv_relu_forward": ("layers:*",),
            "conv_relu_backward": ("layers:*",),
            "conv_relu_pool_forward": ("layers:*",),
            "conv_relu_pool_backward": ("layers:*",),
            "conv_bn_relu_forward": ("layers:*",),
            "conv_bn_relu_backward": ("layers:*",),
            "ThreeLayerConvNet.loss": (*_LAYERS, "classifiers.cnn:ThreeLayerConvNet.__init__"),
            "spatial_batchnorm_forward": ("layers:batchnorm_forward",),
            "spatial_batchnorm_backward": (
                "layers:batchnorm_forward",
                "layers:batchnorm_backward",
                "layers:batchnorm_backward_alt",
                "layers:spatial_batchnorm_forward",
            ),
            "spatial_groupnorm_forward": ("layers:layernorm_forward",),  # some call it
            "spatial_groupnorm_backward": (
                "layers:layernorm_forward",
                "layers:layernorm_backward",
                "layers:spatial_groupnorm_forward",
            ),
            "BestConvNet.accuracy": _LAYERS,
        },
        switches={
            "FullyConnectedNet.batchnorm": "FullyConnectedNet.loss",
            "FullyConnectedNet.layernorm": "FullyConnectedNet.loss",
            "FullyConnectedNet.dropout": "FullyConnectedNet.loss",
        },
        forbidden={
            "batchnorm_backward_alt": Rule(names=("daseCV.layers.batchnorm_backward",)),
            "conv_forward_naive": _fast("conv_forward"),
            "conv_backward_naive": _fast("conv_backward"),
            "max_pool_forward_naive": _fast("max_pool_forward"),
            "max_pool_backward_naive": _fast("max_pool_backward"),
        },
        cells={
            "PyTorch.three_layer_convnet": ("PyTorch.three_layer_convnet",),
            "PyTorch.barebones": ("PyTorch.three_layer_convnet", "PyTorch.barebones"),
            "PyTorch.ThreeLayerConvNet.__init__": ("PyTorch.ThreeLayerConvNet",),
            "PyTorch.ThreeLayerConvNet.forward": ("PyTorch.ThreeLayerConvNet",),
            "PyTorch.module_api": ("PyTorch.ThreeLayerConvNet", "PyTorch.module_api"),
            "PyTorch.sequential_api": ("PyTorch.sequential_api",),
            "PyTorch.open_ended": ("PyTorch.open_ended",),
        },
        worlds={"PyTorch": "torch"},
    ),
}


def find(name: str) -> Assignment:
    """The assignment of that name.

    Raises
    ------
    KeyError
        There is none; the text lists those there are.
    """
    if name not in ASSIGNMENTS:
        raise KeyError(f"no assignment {name!r}; there are: {', '.join(sorted(ASSIGNMENTS))}")
    return ASSIGNMENTS[name]
