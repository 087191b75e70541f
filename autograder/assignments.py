"""The table: what an assignment ships, gives away and judges; one home for each such fact."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# Files of `daseCV/` that every release holds as they are: the student's loop and its data.
FRAME = (
    "__init__.py",
    "checks/__init__.py",
    "checks/process.py",
    "checks/run.py",
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
        Each notebook task, and what it hands in: "model" or "hyper-parameters".
    under : mapping of str to tuple of str
        What an exercise stands on, as `module:name`, or `module:*` for all of a module. When it
        fails with the student's own, it is judged again with the kit's in their place.
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

    @property
    def modules(self) -> tuple[str, ...]:
        """Every module of the release, sorted."""
        return tuple(sorted({*FRAME, *self.edited, *self.provided}))


_LAYERS = ("layers:*", "layer_utils:*")

ASSIGNMENTS = {
    "assignment2": Assignment(
        name="assignment2",
        seed=20261121,
        edited=("layers.py", "layer_utils.py", "optim.py", "classifiers/fc_net.py"),
        provided=(
            "checks/test_fc_net.py",
            "checks/test_layer_utils.py",
            "checks/test_layers.py",
            "checks/test_optim.py",
            "checks/test_solver.py",
            "checks/test_tasks.py",
            "classifiers/__init__.py",
            "solver.py",
        ),
        given=frozenset(
            {"affine_relu_backward", "affine_relu_forward", "sgd", "softmax_loss", "svm_loss"}
        ),
        tasks={
            "TwoLayerNet.accuracy": "model",
            "FullyConnectedNet.overfit_three_layers": "hyper-parameters",
            "FullyConnectedNet.overfit_five_layers": "hyper-parameters",
            "FullyConnectedNet.accuracy": "model",
        },
        under={
            "affine_backward": ("layers:affine_forward",),
            "relu_backward": ("layers:relu_forward",),
            "affine_relu_forward": ("layers:*",),
            "affine_relu_backward": ("layers:*",),
            "TwoLayerNet.loss": (*_LAYERS, "classifiers.fc_net:TwoLayerNet.__init__"),
            "FullyConnectedNet.loss": (*_LAYERS, "classifiers.fc_net:FullyConnectedNet.__init__"),
        },
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
