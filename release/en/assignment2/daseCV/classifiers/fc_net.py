"""Fully connected networks, put together from the functions in `layers`."""

import numpy as np

from daseCV.layer_utils import *
from daseCV.layers import *
from daseCV.saving import load_model, save_model


class TwoLayerNet:
    """Two-layer network with a ReLU: affine - relu - affine - softmax.

    The network has no gradient descent of its own: a `daseCV.solver.Solver` trains it.

    Parameters
    ----------
    input_dim : int
        Numbers per example, D.
    hidden_dim : int
        Units of the hidden layer, H.
    num_classes : int
        Classes, C.
    weight_scale : float
        Standard deviation of the initial weights.
    reg : float
        Strength of the L2 regularisation.

    Attributes
    ----------
    params : dict of str to ndarray
        ``W1`` (D, H), ``b1`` (H,), ``W2`` (H, C), ``b2`` (C,). Weights start as Gaussian draws of
        `np.random` with mean 0 and standard deviation ``weight_scale``, W1 first; biases start at
        0.
    reg : float
        As given; the loss reads it at every call.
    """

    def __init__(
        self, input_dim=3 * 32 * 32, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0
    ):
        self.params = {}
        self.reg = reg
        self.arguments = {
            "input_dim": input_dim,
            "hidden_dim": hidden_dim,
            "num_classes": num_classes,
            "weight_scale": weight_scale,
            "reg": reg,
        }
        # TODO: Fill self.params with W1, b1, W2 and b2, as the docstring of the class says.
        # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        raise NotImplementedError("TwoLayerNet.__init__")  # TODO: your code in place of this line
        # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****

    def loss(self, X, y=None):
        """Scores of a batch, or its loss and the gradients.

        Parameters
        ----------
        X : ndarray, shape (N, d_1, ..., d_k)
            A batch, ``d_1 * ... * d_k == D``.
        y : ndarray of int, shape (N,), optional
            Labels, ``0 <= y[i] < C``. Without them the network is tested, with them it is trained.

        Returns
        -------
        scores : ndarray, shape (N, C)
            Without labels: ``scores[i, c]`` is the score of class c for example i.
        loss, grads : float, dict of str to ndarray
            With labels: the softmax loss plus ``0.5 * reg`` times the sum of the squared entries of
            W1 and W2 (biases are not regularised; mind the factor 0.5), and the gradient of this
            loss with respect to every parameter, under its name and in its shape.
        """
        scores = None
        loss, grads = 0.0, {}
        # TODO: Compute the scores; return them if y is None.
        #       Else compute the loss, with its L2 regularisation, and the gradients, from the
        #       functions of layers and layer_utils.
        # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        raise NotImplementedError("TwoLayerNet.loss")  # TODO: your code in place of this line
        # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        return loss, grads

    def save(self, fname):
        """Save parameters and arguments as ``saved/<fname>.npz``, see `saving.save_model`."""
        save_model(self, fname)

    def load(self, fname):
        """Take over the parameters in ``saved/<fname>.npz``.

        Returns
        -------
        found : bool
            Whether there was such a file.

        Raises
        ------
        ValueError
            If the file is damaged, or holds the parameters of a network of another shape.
        """
        return load_model(self, fname)


class FullyConnectedNet:
    """Fully connected network of any depth.

    The architecture is {affine - [norm] - relu - [dropout]} x (L - 1) - affine - softmax.

    Parameters
    ----------
    hidden_dims : sequence of int
        Units of each hidden layer; with L - 1 of them the network has L affine layers.
    input_dim : int
        Numbers per example, D.
    num_classes : int
        Classes, C.
    dropout : float in (0, 1]
        Probability of *keeping* a unit; 1 means no dropout.
    normalization : None, 'batchnorm' or 'layernorm'
        What stands between each hidden affine layer and its ReLU.
    reg : float
        Strength of the L2 regularisation.
    weight_scale : float
        Standard deviation of the initial weights.
    dtype : NumPy dtype
        Of parameters and computation: float32 is faster, gradient checks want float64.
    seed : int, optional
        Makes the dropout layers deterministic, for gradient checks.
    dropout_keep_ratio : float, optional
        Another name for ``dropout``.

    Attributes
    ----------
    params : dict of str to ndarray
        ``W1``, ``b1`` ... ``WL``, ``bL``; with normalisation also ``gamma1``, ``beta1`` ... of the
        L - 1 hidden layers. Weights start as Gaussian draws of `np.random` with mean 0 and standard
        deviation ``weight_scale``, in the order W1, W2, ...; biases and beta start at 0, gamma at
        1.
    num_layers : int
        L.
    use_dropout : bool
        Whether there are dropout layers.
    dropout_param : dict
        Passed to every dropout layer; empty without dropout.
    bn_params : list of dict
        ``bn_params[0]`` is passed to the first normalisation layer, and so on; empty without.
    reg : float
        As given; the loss reads it at every call.

    Raises
    ------
    ValueError
        If ``dropout`` or ``normalization`` is none of the above.
    """

    def __init__(
        self,
        hidden_dims,
        input_dim=3 * 32 * 32,
        num_classes=10,
        dropout=1,
        normalization=None,
        reg=0.0,
        weight_scale=1e-2,
        dtype=np.float32,
        seed=None,
        *,
        dropout_keep_ratio=None,
    ):
        if dropout_keep_ratio is not None:
            dropout = dropout_keep_ratio
        if not 0 < dropout <= 1:
            raise ValueError(f"dropout is the probability of keeping, in (0, 1], not {dropout!r}")
        if normalization not in (None, "batchnorm", "layernorm"):
            raise ValueError(
                f"normalization must be None, 'batchnorm' or 'layernorm', not {normalization!r}"
            )
        self.params = {}
        self.reg = reg
        self.dtype = dtype
        self.normalization = normalization
        self.use_dropout = dropout != 1
        self.num_layers = 1 + len(hidden_dims)
        self.arguments = {
            "hidden_dims": list(hidden_dims),
            "input_dim": input_dim,
            "num_classes": num_classes,
            "dropout": dropout,
            "normalization": normalization,
            "reg": reg,
            "weight_scale": weight_scale,
            "dtype": np.dtype(dtype).name,
            "seed": seed,
        }
        # TODO: Fill self.params with the parameters of all layers, as the docstring of the class
        #       says. gamma and beta can wait until you come back for BatchNormalization.
        # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        raise NotImplementedError("FullyConnectedNet.__init__")  # TODO: your code in place of this line
        # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****

        # One dictionary for all dropout layers: they share the probability and the mode.
        self.dropout_param = {"mode": "train", "p": dropout} if self.use_dropout else {}
        if self.use_dropout and seed is not None:
            self.dropout_param["seed"] = seed

        # One dictionary for each normalisation layer: batch normalisation keeps running averages
        # there.
        self.bn_params = []
        if normalization == "batchnorm":
            self.bn_params = [{"mode": "train"} for _ in hidden_dims]
        elif normalization == "layernorm":
            self.bn_params = [{} for _ in hidden_dims]

        self.params = {name: value.astype(dtype) for name, value in self.params.items()}

    def loss(self, X, y=None):
        """Scores of a batch, or its loss and the gradients.

        Parameters
        ----------
        X : ndarray, shape (N, d_1, ..., d_k)
            A batch, ``d_1 * ... * d_k == D``.
        y : ndarray of int, shape (N,), optional
            Labels, ``0 <= y[i] < C``. Without them the network is tested, with them it is trained.

        Returns
        -------
        scores : ndarray, shape (N, C)
            Without labels: ``scores[i, c]`` is the score of class c for example i.
        loss, grads : float, dict of str to ndarray
            With labels: the softmax loss plus ``0.5 * reg`` times the sum of the squared entries of
            all weights W1 ... WL (biases, gamma and beta are not regularised; mind the factor 0.5),
            and the gradient of this loss with respect to every parameter, under its name and in its
            shape.
        """
        X = X.astype(self.dtype)
        mode = "test" if y is None else "train"
        if self.use_dropout:
            self.dropout_param["mode"] = mode
        if self.normalization == "batchnorm":
            for bn_param in self.bn_params:
                bn_param["mode"] = mode

        scores = None
        loss, grads = 0.0, {}
        # TODO: Compute the scores; return them in test mode.
        #       Else compute the loss, with its L2 regularisation, and the gradients, from the last
        #       layer to the first. Helpers of your own may stand in this file.
        #       You come back here for BatchNormalization (normalisation layer i takes
        #       self.bn_params[i - 1]) and Dropout (all its layers take self.dropout_param).
        # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        raise NotImplementedError("FullyConnectedNet.loss")  # TODO: your code in place of this line
        # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        return loss, grads

    def save(self, fname):
        """Save the network as ``saved/<fname>.npz``, see `saving.save_model`.

        The running averages of batch normalisation are saved with the parameters, as
        ``running_mean1``, ``running_var1``, ...
        """
        save_model(self, fname)

    def load(self, fname):
        """Take over the parameters, and running averages, in ``saved/<fname>.npz``.

        Returns
        -------
        found : bool
            Whether there was such a file.

        Raises
        ------
        ValueError
            If the file is damaged, or holds the parameters of a network of another shape.
        """
        return load_model(self, fname)
