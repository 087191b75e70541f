"""Between NumPy and PyTorch: images and parameters go in as arrays, scores come out as arrays.

PyTorch is imported when a function needs it, so this module can be imported without it.
"""

import importlib.util

import numpy as np

MEAN = (0.4914, 0.4822, 0.4465)  # of each colour channel of CIFAR-10, pixels from 0 to 1
STD = (0.2023, 0.1994, 0.2010)  # the usual figures: averages over images of their own deviation
INSTALL = "pip install torch==2.13.0"
MISSING = f"PyTorch is not installed / 未安装 PyTorch: `{INSTALL}`"


def skip_without_torch():
    """Where PyTorch is not installed, say so and skip all further cells of the notebook.

    Cells that begin with ``%pip`` or ``!pip`` still run; afterwards, restart the kernel.
    """
    if importlib.util.find_spec("torch"):
        return
    print(f"{MISSING}\nThe cells below are skipped. / 以下单元格都会跳过。")
    from IPython import get_ipython

    get_ipython().input_transformers_cleanup.insert(0, _skip)


def _skip(lines):
    """What IPython runs in place of a cell."""
    if lines and lines[0].startswith(("%pip", "!pip")):
        return lines
    return ['print("skipped: PyTorch is not installed / 已跳过：未安装 PyTorch")\n']


def normalize(images):
    """Images as the networks of the PyTorch notebook take them.

    Parameters
    ----------
    images : ndarray
        Shape (N, 3, H, W), pixels from 0 to 255, of any dtype.

    Returns
    -------
    X : ndarray
        float32, contiguous, the same shape: from 0 to 1, then `MEAN` subtracted, divided by `STD`.
    """
    X = images.astype(np.float32, order="C")
    X /= 255
    X -= np.array(MEAN, np.float32).reshape(3, 1, 1)
    X /= np.array(STD, np.float32).reshape(3, 1, 1)
    return X


def scores(model, X, params=None, batch_size=250):
    """Scores that a network gives to images; its parameters stay as they are.

    Parameters
    ----------
    model : torch.nn.Module or callable
        A module, taken in evaluation mode; or a function ``model(x, params)`` of tensors.
    X : ndarray
        Images, shape (N, C, H, W).
    params : list of ndarray, optional
        Parameters of a function.
    batch_size : int
        Images at a time.

    Returns
    -------
    scores : ndarray
        float32, shape (N, number of classes).

    Raises
    ------
    TypeError
        If the network returns something else than a tensor.
    """
    import torch

    device = "cpu"
    if params is None:
        device = next((value.device for value in model.parameters()), device)
        was_training = model.training
        model.eval()
    else:
        weights = [torch.tensor(value, dtype=torch.float32) for value in params]
    found = []
    with torch.no_grad():
        for start in range(0, len(X), batch_size):
            batch = np.array(X[start : start + batch_size], np.float32, order="C")
            x = torch.tensor(batch, device=device)
            out = model(x) if params is None else model(x, weights)
            if not isinstance(out, torch.Tensor):
                raise TypeError(f"the network returned a {type(out).__name__}, not a tensor")
            found.append(out)
    if params is None:
        model.train(was_training)
    return torch.cat(found).float().cpu().numpy()


def parameters(model):
    """Parameters of a network by name, running averages too, as arrays.

    Parameters
    ----------
    model : torch.nn.Module or list of torch.Tensor
        Tensors of a list are called p0, p1 and so on.

    Returns
    -------
    params : dict of str to ndarray
    """
    named = {f"p{i}": value for i, value in enumerate(model)} if isinstance(model, list) else None
    named = model.state_dict() if named is None else named
    return {name: value.detach().cpu().numpy().copy() for name, value in named.items()}


def load_parameters(model, params):
    """Give a network parameters that `parameters` has returned.

    Parameters
    ----------
    model : torch.nn.Module
    params : dict of str to ndarray

    Raises
    ------
    ValueError
        If a parameter is missing, too many, or of another shape.
    """
    import torch

    shapes = {name: value.shape for name, value in parameters(model).items()}
    given = {name: np.shape(value) for name, value in params.items()}
    for name in sorted({*shapes, *given}):
        if shapes.get(name) != given.get(name):
            raise ValueError(
                f"{name} has shape {shapes.get(name)} in the model, {given.get(name)} in what was "
                "saved: make the model as it was trained"
            )
    model.load_state_dict({name: torch.tensor(value) for name, value in params.items()})


def parameter_count(model):
    """How many numbers a network learns.

    Parameters
    ----------
    model : torch.nn.Module or list of torch.Tensor

    Returns
    -------
    count : int
    """
    values = model if isinstance(model, list) else model.parameters()
    return sum(value.numel() for value in values)
