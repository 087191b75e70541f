"""Convolutional networks, put together from the functions in `layers` and the fast layers."""
# ruff: noqa: F403, F405 (published notebooks rely on the star imports)

import numpy as np

from daseCV.fast_layers import *
from daseCV.layer_utils import *
from daseCV.layers import *
from daseCV.saving import load_model, save_model


class ThreeLayerConvNet:
    """Three-layer network: conv - relu - 2x2 max pool - affine - relu - affine - softmax.

    Parameters
    ----------
    input_dim : tuple of int
        ``(C, H, W)`` of the images; H and W are even.
    num_filters : int
        Filters of the convolutional layer, F.
    filter_size : int
        Their height and width; odd.
    hidden_dim : int
        Units of the hidden affine layer, M.
    num_classes : int
        Classes, K.
    weight_scale : float
        Standard deviation of the initial weights.
    reg : float
        Strength of the L2 regularisation.
    dtype : NumPy dtype
        Of parameters and computation: float32 is faster, gradient checks want float64.

    Attributes
    ----------
    params : dict of str to ndarray
        ``W1`` (F, C, filter_size, filter_size) and ``b1`` (F,) of the convolution, ``W2``
        (F * H / 2 * W / 2, M) and ``b2`` (M,) of the hidden layer, ``W3`` (M, K) and ``b3`` (K,).
        Weights start as Gaussian draws of `np.random` with mean 0 and standard deviation
        ``weight_scale``, in the order W1, W2, W3; biases start at 0.
    reg : float
        As given; the loss reads it at every call.
    """

    def __init__(
        self,
        input_dim=(3, 32, 32),
        num_filters=32,
        filter_size=7,
        hidden_dim=100,
        num_classes=10,
        weight_scale=1e-3,
        reg=0.0,
        dtype=np.float32,
    ):
        self.params = {}
        self.reg = reg
        self.dtype = dtype
        self.arguments = {
            "input_dim": list(input_dim),
            "num_filters": num_filters,
            "filter_size": filter_size,
            "hidden_dim": hidden_dim,
            "num_classes": num_classes,
            "weight_scale": weight_scale,
            "reg": reg,
            "dtype": np.dtype(dtype).name,
        }
        # TODO: Fill self.params with W1, b1, W2, b2, W3 and b3, as the docstring of the class says.
        #       The convolution is padded so that it keeps height and width; the pooling halves
        #       them.
        # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        raise NotImplementedError("ThreeLayerConvNet.__init__")  # TODO: your code in place of this line
        # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****

        self.params = {name: value.astype(dtype) for name, value in self.params.items()}

    def loss(self, X, y=None):
        """Scores of a batch, or its loss and the gradients.

        Parameters
        ----------
        X : ndarray, shape (N, C, H, W)
            A batch of images.
        y : ndarray of int, shape (N,), optional
            Labels, ``0 <= y[i] < K``. Without them the network is tested, with them it is trained.

        Returns
        -------
        scores : ndarray, shape (N, K)
            Without labels: ``scores[i, k]`` is the score of class k for example i.
        loss, grads : float, dict of str to ndarray
            With labels: the softmax loss plus ``0.5 * reg`` times the sum of the squared entries of
            W1, W2 and W3 (biases are not regularised; mind the factor 0.5), and the gradient of
            this loss with respect to every parameter, under its name and in its shape.
        """
        X = X.astype(self.dtype)
        filter_size = self.params["W1"].shape[2]
        conv_param = {"stride": 1, "pad": (filter_size - 1) // 2}  # keeps height and width
        pool_param = {"pool_height": 2, "pool_width": 2, "stride": 2}

        scores = None
        loss, grads = 0.0, {}
        # TODO: Compute the scores; return them if y is None.
        #       Else compute the loss, with its L2 regularisation, and the gradients, from the
        #       functions of layers and layer_utils. Those of layer_utils use the fast convolution.
        # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        raise NotImplementedError("ThreeLayerConvNet.loss")  # TODO: your code in place of this line
        # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        return loss, grads

    def save(self, fname):
        """Save parameters and arguments as ``saved/<fname>.npz``, see `saving.save_model`."""
        save_model(self, fname)

    def load(self, fname):
        """Take over what is in ``saved/<fname>.npz``, see `saving.load_model`.

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


class BestConvNet:
    """A convolutional network of your own design.

    Any architecture will do, and the constructor may take any arguments. What others rely on, the
    Solver, `save`, `load` and whoever judges the saved network by its scores, is this:

    - ``BestConvNet(**arguments)`` makes the network again, where ``arguments`` are those it was
      made with: all have names, and numbers, strings or lists of such as values.
    - All that is learnt by gradient descent is in ``params``, and all that is kept from training
      beside it, the running averages of batch normalisation, in ``bn_params``.
    - ``loss(X)`` gives the scores of a batch; those of an image do not depend on the other images.

    Parameters
    ----------
    num_filters, filter_sizes : sequence of int
        Filters of each convolutional layer, and their height and width; these are even.
    hidden_dim : int
        Units of the hidden affine layer.
    dropout : float in (0, 1]
        Probability of *keeping* a unit; 1 means no dropout.
    input_dim : tuple of int
        ``(C, H, W)`` of the images.
    num_classes : int
        Classes, K.
    reg : float
        Strength of the L2 regularisation.
    dtype : NumPy dtype
        Of parameters and computation: float32 is faster, gradient checks want float64.

    Attributes
    ----------
    arguments : dict
        The constructor's arguments by name; if you change those of the constructor, change these.
    params : dict of str to ndarray
        Parameters, of any names.
    bn_params : list of dict
        ``bn_params[0]`` is passed to the first batch normalisation, and so on; may stay empty.
    reg : float
        As given; the loss reads it at every call.
    """

    def __init__(
        self,
        num_filters=(32, 64),
        filter_sizes=(8, 4),
        hidden_dim=128,
        dropout=1,
        input_dim=(3, 32, 32),
        num_classes=10,
        reg=0.0,
        dtype=np.float32,
    ):
        self.params = {}
        self.bn_params = []
        self.dropout = dropout
        self.reg = reg
        self.dtype = dtype
        self.arguments = {
            "num_filters": list(num_filters),
            "filter_sizes": list(filter_sizes),
            "hidden_dim": hidden_dim,
            "dropout": dropout,
            "input_dim": list(input_dim),
            "num_classes": num_classes,
            "reg": reg,
            "dtype": np.dtype(dtype).name,
        }
        # TODO: Fill self.params with the parameters of your network; and self.bn_params with a
        #       dictionary {"mode": "train"} for each batch normalisation, if it has any.
        # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        raise NotImplementedError("BestConvNet.__init__")  # TODO: your code in place of this line
        # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****

        self.params = {name: value.astype(dtype) for name, value in self.params.items()}

    def loss(self, X, y=None):
        """Scores of a batch, or its loss and the gradients.

        Parameters
        ----------
        X : ndarray, shape (N, C, H, W)
            A batch of images.
        y : ndarray of int, shape (N,), optional
            Labels, ``0 <= y[i] < K``. Without them the network is tested, with them it is trained.

        Returns
        -------
        scores : ndarray, shape (N, K)
            Without labels: ``scores[i, k]`` is the score of class k for example i.
        loss, grads : float, dict of str to ndarray
            With labels: the loss that is minimised, and its gradient with respect to every
            parameter, under its name and in its shape.
        """
        X = X.astype(self.dtype)
        mode = "test" if y is None else "train"
        for bn_param in self.bn_params:
            bn_param["mode"] = mode

        scores = None
        loss, grads = 0.0, {}
        # TODO: Compute the scores; return them if y is None. Else compute the loss and the
        #       gradients. Use the fast layers, of fast_layers and layer_utils, or it will take
        #       hours to train.
        # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        raise NotImplementedError("BestConvNet.loss")  # TODO: your code in place of this line
        # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        return loss, grads

    def save(self, fname):
        """Save the network as ``saved/<fname>.npz``, see `saving.save_model`."""
        save_model(self, fname)

    def load(self, fname):
        """Take over what is in ``saved/<fname>.npz``, see `saving.load_model`.

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
