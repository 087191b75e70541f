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
        ### BEGIN SOLUTION
        C, H, W = input_dim
        pooled = num_filters * (H // 2) * (W // 2)
        filters = np.random.randn(num_filters, C, filter_size, filter_size)
        self.params["W1"] = weight_scale * filters
        self.params["b1"] = np.zeros(num_filters)
        self.params["W2"] = weight_scale * np.random.randn(pooled, hidden_dim)
        self.params["b2"] = np.zeros(hidden_dim)
        self.params["W3"] = weight_scale * np.random.randn(hidden_dim, num_classes)
        self.params["b3"] = np.zeros(num_classes)
        ### END SOLUTION

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
        ### BEGIN SOLUTION
        W1, W2, W3 = self.params["W1"], self.params["W2"], self.params["W3"]
        b1, b2, b3 = self.params["b1"], self.params["b2"], self.params["b3"]
        pooled, conv_cache = conv_relu_pool_forward(X, W1, b1, conv_param, pool_param)
        hidden, hidden_cache = affine_relu_forward(pooled, W2, b2)  # (N, M)
        scores, scores_cache = affine_forward(hidden, W3, b3)  # (N, K)
        if y is None:
            return scores

        loss, dscores = softmax_loss(scores, y)
        loss += 0.5 * self.reg * (np.sum(W1**2) + np.sum(W2**2) + np.sum(W3**2))
        dhidden, dW3, grads["b3"] = affine_backward(dscores, scores_cache)
        dpooled, dW2, grads["b2"] = affine_relu_backward(dhidden, hidden_cache)
        _, dW1, grads["b1"] = conv_relu_pool_backward(dpooled, conv_cache)
        grads["W1"] = dW1 + self.reg * W1
        grads["W2"] = dW2 + self.reg * W2
        grads["W3"] = dW3 + self.reg * W3
        ### END SOLUTION
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
        ### BEGIN SOLUTION
        # {conv - batchnorm - relu} x B - dropout - affine - batchnorm - relu - dropout - affine.
        # The filters move by two pixels, so that each layer halves height and width. The standard
        # deviations of the weights are those of He et al., "Delving Deep into Rectifiers", ICCV
        # 2015.
        depth, height, width = input_dim
        shapes = []
        for filters, size in zip(num_filters, filter_sizes, strict=True):
            shapes.append((filters, depth, size, size))
            depth, height, width = filters, height // 2, width // 2
        shapes += [(depth * height * width, hidden_dim), (hidden_dim, num_classes)]

        for i, shape in enumerate(shapes, start=1):
            inputs, outputs = shape if len(shape) == 2 else (np.prod(shape[1:]), shape[0])
            self.params[f"W{i}"] = np.sqrt(2 / inputs) * np.random.randn(*shape)
            self.params[f"b{i}"] = np.zeros(outputs)
            if i < len(shapes):
                self.params[f"gamma{i}"] = np.ones(outputs)
                self.params[f"beta{i}"] = np.zeros(outputs)
                self.bn_params.append({"mode": "train"})
        ### END SOLUTION

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
        ### BEGIN SOLUTION
        params, last = self.params, len(self.bn_params) + 1
        dropout_param = {"mode": mode, "p": self.dropout}

        def of(i):
            return (params[f"{name}{i}"] for name in ("W", "b", "gamma", "beta"))

        out, convs = X, []
        for i in range(1, last - 1):
            W, b, gamma, beta = of(i)
            conv_param = {"stride": 2, "pad": W.shape[2] // 2 - 1}  # halves height and width
            bn_param = self.bn_params[i - 1]
            out, conv = conv_bn_relu_forward(out, W, b, gamma, beta, conv_param, bn_param)
            convs.append(conv)
        out, drop = dropout_forward(out, dropout_param)
        W, b, gamma, beta = of(last - 1)
        out, affine = affine_forward(out, W, b)  # (N, hidden_dim)
        out, norm = batchnorm_forward(out, gamma, beta, self.bn_params[-1])
        out, relu = relu_forward(out)
        out, hidden_drop = dropout_forward(out, dropout_param)
        scores, end = affine_forward(out, params[f"W{last}"], params[f"b{last}"])  # (N, K)
        if mode == "test":
            return scores

        loss, dout = softmax_loss(scores, y)
        dout, *of_end = affine_backward(dout, end)
        dout = relu_backward(dropout_backward(dout, hidden_drop), relu)
        dout, *of_norm = batchnorm_backward_alt(dout, norm)
        dout, *of_affine = affine_backward(dout, affine)
        dout = dropout_backward(dout, drop)
        found = {last: of_end, last - 1: of_affine + of_norm}
        for i in range(last - 2, 0, -1):
            dout, *found[i] = conv_bn_relu_backward(dout, convs[i - 1])
        for i, gradients in found.items():
            for name, gradient in zip(("W", "b", "gamma", "beta"), gradients, strict=False):
                grads[f"{name}{i}"] = gradient
            loss += 0.5 * self.reg * np.sum(params[f"W{i}"] ** 2)
            grads[f"W{i}"] += self.reg * params[f"W{i}"]
        ### END SOLUTION
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
