"""Hand-ins that call what the exercise shall build, or loop where it shall not."""

from forgery import Forgery

from autograder import syntax
from autograder.results import Verdict

REFUSED, CRASHED = Verdict.REFUSED, Verdict.CRASHED
CONV, HELPER = "daseCV/layers.py", "daseCV/tools.py"
SVM = "daseCV/classifiers/linear_svm.py"
KNN = "daseCV/classifiers/k_nearest_neighbor.py"


def conv(name, code, verdict=REFUSED, **files):
    """A convolution, the slow one, that is none."""
    files = {CONV: code, **{f"daseCV/{n}.py": text for n, text in files.items()}}
    return Forgery(name, verdict, files, "conv_forward_naive")


def svm(name, lines):
    """A loss, the one without loops, that has one."""
    inner = "\n    ".join(lines.strip().splitlines())
    code = f"import numpy as np\ndef svm_loss_naive(W, X, y, reg): return 0.0, W\n{inner}\n"
    code = code.replace("VECTORIZED", "def svm_loss_vectorized(W, X, y, reg):")
    return Forgery(name, REFUSED, {SVM: code}, "svm_loss_vectorized", "assignment1")


def knn(name, line):
    """Distances, those without loops, by what is not allowed."""
    code = (
        "import numpy as np\nclass KNearestNeighbor:\n    def train(self, X, y): self.X_train = X\n"
        f"    def compute_distances_no_loops(self, X):\n        {line}\n"
    )
    exercise = "KNearestNeighbor.compute_distances_no_loops"
    return Forgery(name, REFUSED, {KNN: code}, exercise, "assignment1")


GIVEN = "def conv_forward_naive(x, w, b, conv_param): return {}(x, w, b, conv_param)\n"
SHORTCUTS = (
    conv("call the fast one",
         "from daseCV.fast_layers import *\n" + GIVEN.format("conv_forward_fast")),
    conv("call it by its module",
         "import daseCV.fast_layers as f\n" + GIVEN.format("f.conv_forward_im2col")),
    conv("call it by another name",
         "from daseCV.fast_layers import conv_forward_fast as g\n" + GIVEN.format("g")),
    conv("call it in a helper", "from daseCV.tools import h\n" + GIVEN.format("h"),
         tools="from .fast_layers import conv_forward_fast as g\ndef h(*a): return g(*a)\n"),
    conv("find it by a name put together",
         "import importlib\nfast = importlib.import_module('daseCV.fast' + '_layers')\n"
         + GIVEN.format("getattr(fast, 'conv_forward' + '_fast')"), CRASHED),
    conv("hide it in a text",
         "exec('from daseCV.fast_layers import conv_forward' + '_fast as g')\n"
         + GIVEN.format("g"), CRASHED),
    conv("have another module call it",
         "import daseCV.layer_utils as u\n" + GIVEN.format("vars(u)['conv_forward' + '_fast']"),
         CRASHED),
    conv("use what the fast ones are made of",
         "from daseCV.im2col import im2col\n" + GIVEN.format("im2col")),
    conv("hide in a text what they are made of",
         "exec('from daseCV.im2' + 'col import im2col as g')\n" + GIVEN.format("g"), CRASHED),
    conv("call PyTorch", "import torch\n" + GIVEN.format("torch.nn.functional.conv2d")),
    conv("call PyTorch from within",
         "def conv_forward_naive(x, w, b, conv_param):\n"
         "    from torch.nn.functional import conv2d as g\n    return g(x, w, b)\n"),
    conv("call SciPy in a helper", "from daseCV.tools import *\n" + GIVEN.format("h"),
         tools="import scipy.signal\ndef h(x, w, *_): return scipy.signal.convolve(x, w)\n"),
    conv("call it in a helper too long to read",
         "from daseCV.tools import h\n" + GIVEN.format("h"),
         tools="def h(*a): pass\n" + "#" * syntax.LONGEST),
    svm("call the naive one", "VECTORIZED return svm_loss_naive(W, X, y, reg)"),
    svm("loop", "VECTORIZED\n        for row in X: pass\n        return 0.0, W"),
    svm("loop in a list", "VECTORIZED return sum([x.sum() for x in X]), W"),
    svm("loop in NumPy", "VECTORIZED return np.vectorize(float)(X).sum(), W"),
    svm("loop by recursion", "VECTORIZED return svm_loss_vectorized(W, X[1:], y[1:], reg)"),
    knn("call the norm", "return np.linalg.norm(X[:, None] - self.X_train, axis=2)"),
    knn("loop while", "while X is None: pass"),
)  # fmt: skip
